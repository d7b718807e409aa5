import { describe, expect, test } from 'vitest'
import { applyStep } from '../../../../src/cli/tune/application.ts'
import type { TuneResult } from '../../../../src/cli/tune/tune-result.ts'
import { appendWeightSet, rollbackWeightSet } from '../../../../src/journal/weight-appender.ts'
import { readWeightSets } from '../../../../src/journal/weight-sets.ts'
import { tunableEntries } from '../../../support/tunable-journal.ts'
import { folderOf, resultOf, type TuneCase } from '../../../support/tune-results.ts'

const dayMs = 86_400_000
const startMs = Date.UTC(2026, 5, 17)

/** A folder that recommends a step, and what `tune --apply` does there at a time. */
function setUp(entries = tunableEntries(1, 400, 1)) {
  const folder = folderOf(entries)
  const tuned = (options: TuneCase = {}): TuneResult =>
    resultOf(folder, { inForce: readWeightSets(folder).at(-1) ?? null, ...options })
  const apply = (atMs: number, result = tuned()) => applyStep(result, readWeightSets(folder), atMs)
  return { folder, tuned, apply }
}

describe('tune --apply', () => {
  test('apply: the first step is version 2, behind the weights that held before as version 1', () => {
    const { folder, apply } = setUp()
    expect(apply(startMs)).toMatchObject({ status: 'applied', set: { version: 2, at: '2026-06-17T00:00:00.000Z' } })
    const [first, second] = readWeightSets(folder)
    expect(first).toMatchObject({ version: 1, weights: { priorityScore: 0.4, freshness: 0.3 }, byRegime: {} })
    expect(second!.weights).toMatchObject({ priorityScore: 0.39, freshness: 0.305 })
    expect(Object.keys(second!.byRegime)).toEqual(['expansion', 'sideways'])
    expect(second!.reason).toMatch(
      /^tune: 10% of the way to the best of the grid, \+3,570\.74 in sample, \+2,949\.08 out/,
    )
  })

  test('apply: the next step is taken a week after the last one and not before, rolled back or not', () => {
    const { folder, apply } = setUp()
    expect(apply(startMs).status).toBe('applied')
    const early = apply(startMs + 7 * dayMs - 1)
    expect(early).toMatchObject({ status: 'refused', why: 'the last step is less than 7 days old' })
    expect((early as { remedy: string }).remedy).toContain('2026-06-24T00:00Z')
    rollbackWeightSet(folder, new Date(startMs + dayMs).toISOString())
    expect(apply(startMs + 2 * dayMs).status).toBe('refused')
    expect(readWeightSets(folder).map(({ version }) => version)).toEqual([1, 2, 3])
    expect(apply(startMs + 7 * dayMs)).toMatchObject({ status: 'applied', set: { version: 4 } })
  })

  test('apply: steps go on from the set in force and come nearer to what was found, each by less', () => {
    const { folder, tuned, apply } = setUp()
    for (let step = 0; step < 4; step += 1) apply(startMs + step * 7 * dayMs)
    const priorities = readWeightSets(folder).map(({ weights }) => weights.priorityScore)
    expect(tuned().tuning.search.weights[0]).toBe(30)
    expect(priorities).toEqual([0.4, 0.39, 0.381, 0.3729, 0.36561])
    for (const { weights } of readWeightSets(folder)) {
      expect(Object.values(weights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9)
    }
  })

  test('apply: a regime that does not step keeps the weights of its own', () => {
    const { folder, apply } = setUp()
    const own = { priorityScore: 0.7, freshness: 0.1, regimeAlignment: 0.1, expectedValue: 0.1 }
    const base = { priorityScore: 0.4, freshness: 0.3, regimeAlignment: 0.2, expectedValue: 0.1 }
    appendWeightSet(folder, { weights: base, byRegime: { trend: own }, at: '2026-01-01T00:00:00Z', reason: 'x', base })
    expect(apply(startMs).status).toBe('applied')
    expect(readWeightSets(folder).at(-1)!.byRegime).toMatchObject({ trend: own, expansion: { priorityScore: 0.39 } })
  })

  test('apply: nothing is written where the gates say keep, or the whole engine earned less', () => {
    const luck = setUp(tunableEntries(1, 400, 0))
    expect(luck.apply(startMs)).toMatchObject({
      status: 'refused',
      why: expect.stringMatching(/^walk-forward -284\.15/),
    })
    expect(readWeightSets(luck.folder)).toEqual([])
    const paying = setUp()
    const figures = {
      weights: [0.4, 0.3, 0.2, 0.1] as const,
      ...{ decisions: 1, selected: 1, trades: 1, pnl: 10, fees: 0, funding: 0, sharpe: null },
      equity: { start: 0, end: 0, max_drawdown: 0 },
    }
    const replayed = { files: 1, current: figures, found: { ...figures, pnl: 8 } }
    expect(paying.apply(startMs, { ...paying.tuned(), replayed })).toMatchObject({
      status: 'refused',
      why: 'over the recordings the whole engine earns 2.00 less with the found weights',
    })
    expect(readWeightSets(paying.folder)).toEqual([])
  })

  test('apply: a set that was appended while the search went on is not stepped over', () => {
    const { folder, tuned, apply } = setUp()
    const slow = tuned()
    expect(applyStep(slow, [], startMs).status).toBe('applied')
    expect(applyStep(slow, [], startMs)).toMatchObject({ why: 'another weight set was appended meanwhile' })
    expect(readWeightSets(folder)).toHaveLength(2)
    expect(apply(startMs + 7 * dayMs).status).toBe('applied')
  })

  test('apply: with --policy a step may follow at once', () => {
    const { tuned, apply } = setUp()
    for (const version of [2, 3, 4]) {
      expect(apply(startMs, tuned({ rules: { stepEveryDays: 0 } }))).toMatchObject({ set: { version } })
    }
  })
})
