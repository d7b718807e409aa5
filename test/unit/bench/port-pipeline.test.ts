import { afterEach, describe, expect, it } from 'vitest'
import { PortPipeline } from '../../../bench/pipeline/port-pipeline.mjs'
import { FlowEngine } from '../../../bench/pipeline/way.mjs'

const detectors = new URL('../../../bench/pipeline/drill.mjs', import.meta.url)

describe('what the pipeline bench compares', () => {
  let opened: { end(): Promise<void> } | undefined
  afterEach(async () => {
    await opened?.end()
    opened = undefined
  })

  it.each([
    { name: 'the engine', Kind: FlowEngine, topology: 'compact' },
    { name: 'the engine', Kind: FlowEngine, topology: 'spread' },
    { name: 'the same stages on ports', Kind: PortPipeline, topology: 'compact' },
    { name: 'the same stages on ports', Kind: PortPipeline, topology: 'spread' },
  ] as const)('$name, $topology: goes all the way from records to reservations', async ({ Kind, topology }) => {
    const pipeline = await Kind.open(topology, detectors)
    opened = pipeline
    await pipeline.flood(2_000)
    const { count } = await pipeline.paced(0, 0.2, 500_000)
    expect(count).toBeGreaterThan(0)
  })
})
