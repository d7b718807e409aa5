/** Whether V8's helper threads take part in collections, told by its own trace. */
import { expect, it } from 'vitest'
import { succeeds } from '../../support/run.ts'

const garbage = `
  const kept = []
  for (let round = 0; round < 60; round += 1) {
    for (let index = 0; index < 20_000; index += 1) kept[index % 40_000] = { index, more: [round, index] }
    for (let index = 0; index < 200_000; index += 1) globalThis.last = { index, more: [index] }
  }`

/** Milliseconds of helpers' work in each collection of the young generation. */
async function helped(before: string): Promise<number[]> {
  const program = `import { collectAlone } from './dist/base/collections.js'; ${before}; ${garbage}`
  const trace = await succeeds(process.execPath, ['--trace-gc-nvp', '--input-type=module', '--eval', program])
  const lines = trace.split('\n').filter((line) => line.includes(' gc=s '))
  return lines.map((line) => Number(/background\.scavenge\.parallel=([\d.]+)/.exec(line)![1]))
}

it('collected alone, no helper takes part in a collection; else they do', async () => {
  const alone = await helped('collectAlone()')
  expect(alone.length).toBeGreaterThan(20)
  expect(alone.filter((ms) => ms > 0)).toEqual([])
  expect((await helped('void collectAlone')).filter((ms) => ms > 0).length).toBeGreaterThan(5)
})
