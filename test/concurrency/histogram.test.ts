/**
 * A region's histogram under worker threads: one records, one looks, and no look is torn or goes back. For both harnesses a canary: a count
 * that is written in two halves is seen to tear, and two who record at once are seen to lose counts.
 */
import { afterEach, expect, it } from 'vitest'
import { layout } from '../../src/region/layout.ts'
import { Region } from '../../src/region/region.ts'
import type { RegionSchema } from '../../src/region/schema.ts'
import { createGate, runJob } from '../support/worker-jobs.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? 20_260_617)
const schema = {
  snapshots: [],
  events: { types: ['CASCADE'], fields: ['score'], capacity: 64 },
  positionsMax: 4,
  participantsMax: 4,
  histograms: ['other', 'one'],
} satisfies RegionSchema

/** From here to twice as many every second count changes both halves of its double. */
const from = 2 ** 21
const records = 2_000_000

const open: Region[] = []
afterEach(() => {
  for (const region of open.splice(0)) region.close()
})

/** A region whose histogram `one` has counted `from` values of 1,000 already. */
function made(): { region: Region; words: Float64Array; countAt: number } {
  const region = Region.create(schema, { backend: 'js' }) as Region
  open.push(region)
  const { bytes } = region.descriptor
  const countAt = Number(new BigUint64Array(bytes)[layout.headerHistogramsOffset]) + layout.histogramWords
  const words = new Float64Array(bytes, countAt * 8, layout.histogramWords)
  region.histogram('one').record(1_000)
  for (const [index, word] of words.entries()) if (word === 1) words[index] = from
  return { region, words, countAt }
}

it.each([
  ['native', 'native'],
  ['js', 'js'],
  ['native', 'js'],
] as const)(
  `histogram: one thread records on %s while another looks on %s, and in the end both count the same, seed ${seed}`,
  async (one, other) => {
    const { region, words, countAt } = made()
    const options = { parties: 2, records, from, countAt }
    const setup = { descriptor: region.descriptor, seed, options, shared: { gate: createGate() } }
    const [, seen] = await Promise.all([
      runJob({ ...setup, backend: one, job: 'recordValues' }, region),
      runJob({ ...setup, backend: other, job: 'lookAtHistogram' }, region),
    ])
    expect(seen).toMatchObject({ faults: 0, last: from + records })
    const counted = words.subarray(layout.histogramBuckets).reduce((sum, count) => sum + count, 0)
    expect([region.histogram('one').count, counted]).toEqual([from + records, from + records])
    expect(region.histogram('other').count).toBe(0)
  },
)

it('canary: a count that is written in two halves is seen to tear', async () => {
  const { region, countAt } = made()
  const options = { parties: 2, records: 50, from, countAt }
  const setup = { descriptor: region.descriptor, backend: 'js' as const, seed, options, shared: { gate: createGate() } }
  const [, seen] = await Promise.all([
    runJob({ ...setup, job: 'recordInHalves' }),
    runJob({ ...setup, job: 'lookAtHistogram' }),
  ])
  expect(seen.faults).toBeGreaterThan(0)
})

it('canary: a second thread that records beside the writer is seen to lose counts', async () => {
  const { region, countAt } = made()
  const options = { parties: 2, records, countAt }
  const setup = { descriptor: region.descriptor, backend: 'js' as const, seed, options, shared: { gate: createGate() } }
  const recorded = await Promise.all([
    runJob({ ...setup, job: 'recordValues' }),
    runJob({ ...setup, job: 'recordBeside' }),
  ])
  const said = recorded.reduce((sum, job) => sum + job.recorded, from)
  expect(region.histogram('one').count).toBeLessThan(said)
})
