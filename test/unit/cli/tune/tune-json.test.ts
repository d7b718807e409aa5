import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../../src/base/random.ts'
import { tuneJson } from '../../../../src/cli/tune/tune-json.ts'
import { losslessText } from '../../../../src/domain/lossless-text.ts'
import type { NumberedWeightSet } from '../../../../src/domain/weight-set.ts'
import { gateNames } from '../../../../src/learn/tuning/judgement.ts'
import { drawnEntries, entryLine, linesText, rejectedLine, selectedLine } from '../../../support/counterfactuals.ts'
import { firstDifference } from '../../../support/near.ts'
import { describeWithShared } from '../../../support/shared.ts'
import { temporaryFolder } from '../../../support/temporary.ts'
import { tunableEntries } from '../../../support/tunable-journal.ts'
import { folderOf, resultOf } from '../../../support/tune-results.ts'

type Json = Record<string, unknown>

const contractKeys = [
  ...['current', 'in_sample', 'entries', 'left_out', 'combinations', 'walk_forward', 'bootstrap', 'pbo'],
  ...['deflated_sharpe', 'by_regime', 'gates', 'recommendation', 'next'],
]
const componentKeys = ['priority_score', 'freshness', 'regime_alignment', 'expected_value']

function jsonOf(...call: Parameters<typeof resultOf>): Json {
  return JSON.parse(losslessText(tuneJson(resultOf(...call)))) as Json
}

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(numbersIn)
}

describeWithShared('tune --json and the worked journal', (root) => {
  const vectors = join(root, 'vectors', 'counterfactual')

  test('tune json: the worked journal gives the figures that were worked out, to 1e-9', () => {
    const { tune } = JSON.parse(readFileSync(join(vectors, 'worked.expect.json'), 'utf8')) as {
      tune: Json & { in_sample: Json }
    }
    const got = jsonOf(join(vectors, 'worked.ndjson')) as Json & { in_sample: Json }
    const picked = (keys: readonly string[], from: Json): Json =>
      Object.fromEntries(keys.map((key) => [key, from[key]]))
    const compared = {
      ...picked(Object.keys(tune), got),
      in_sample: picked(Object.keys(tune.in_sample), got.in_sample),
    }
    expect(firstDifference(compared, tune)).toBeNull()
  })

  test('tune json: the order of the lines decides nothing but which entry is the last', () => {
    const text = readFileSync(join(vectors, 'worked.ndjson'), 'utf8').trimEnd()
    // A later line of the same arbitration replaces an earlier one: which is which is no order.
    const byId = text.split('\n').map((line) => [/"arbitration_id": ?"([^"]+)"/.exec(line)![1], line] as const)
    const lines = [...new Map(byId).values()]
    const last = lines.at(-1)!
    const random = new Random(7)
    for (let round = 0; round < 3; round += 1) {
      const shuffled = lines.slice(0, -1)
      for (let at = shuffled.length - 1; at > 0; at -= 1) {
        const other = random.integer(0, at)
        ;[shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!]
      }
      const file = join(temporaryFolder(), 'worked.ndjson')
      writeFileSync(file, `${[...shuffled, last].join('\n')}\n`)
      expect(jsonOf(file)).toEqual(jsonOf(join(vectors, 'worked.ndjson')))
    }
  })
})

describe('tune json', () => {
  const paying = folderOfOnce(() => tunableEntries(1, 400, 1))

  test('tune json: has the keys of the contract in its order, then what else is known', () => {
    const json = jsonOf(paying())
    expect(Object.keys(json).slice(0, contractKeys.length)).toEqual(contractKeys)
    expect(Object.keys(json.current as Json)).toEqual(componentKeys)
    expect(Object.keys(json.in_sample as Json)).toEqual(['weights', 'total_pnl', 'current_total_pnl', 'improvement'])
    expect(Object.keys(json.gates as Json)).toEqual([...gateNames])
    const { folds, ...forward } = json.walk_forward as { folds: Json[] }
    expect(Object.keys(forward)).toEqual(['arbitrations', 'current_total_pnl', 'improvement'])
    expect(folds).toHaveLength(5)
    expect(Object.keys(json.bootstrap as Json)).toEqual(['ci95', 'block_length', 'resamples', 'seed'])
    expect(json).toMatchObject({ search: 'grid', combinations: 76, decided_by: null, recommendation: 'step' })
    expect(json.rules).toMatchObject({ step: 0.1, step_cap: 0.05, min_effective: 30, max_pbo: 0.1 })
  })

  test('tune json: a step goes a tenth of the way, overall and in each regime that may', () => {
    const {
      next,
      by_regime: regimes,
      in_sample: best,
    } = jsonOf(paying()) as {
      next: { weights: Json; by_regime: Record<string, Json> }
      by_regime: Record<string, { next: { weights: Json } }>
      in_sample: { weights: Record<string, number> }
    }
    expect(best.weights).toMatchObject({ priority_score: 0.3, freshness: 0.35 })
    expect(next.weights).toMatchObject({ priority_score: 0.39, freshness: 0.305 })
    expect(Object.keys(next.by_regime).sort()).toEqual(['expansion', 'sideways'])
    for (const [regime, weights] of Object.entries(next.by_regime))
      expect(regimes[regime]!.next.weights).toEqual(weights)
  })

  test('tune json: a step begins at the set in force, whose regimes have their own', () => {
    const weights = { priorityScore: 0.5, freshness: 0.2, regimeAlignment: 0.2, expectedValue: 0.1 }
    const inForce: NumberedWeightSet = {
      ...{ version: 3, weights, at: '2026-06-17T18:00:00Z', reason: 'by hand', returnsTo: null },
      byRegime: { expansion: { ...weights, priorityScore: 0.4, freshness: 0.3 } },
    }
    const json = jsonOf(paying(), { inForce }) as {
      current: Json
      next: { weights: Json; by_regime: Record<string, Json> }
      by_regime: Record<string, { current: Json }>
      in_force: Json
    }
    expect(json.current).toMatchObject({ priority_score: 0.4 })
    expect(json.by_regime.expansion!.current).toMatchObject({ priority_score: 0.4, freshness: 0.3 })
    expect(json.next.weights).toMatchObject({ priority_score: 0.48, freshness: 0.215 })
    expect(json.next.by_regime.expansion).toMatchObject({ priority_score: 0.39, freshness: 0.305 })
    expect(json.in_force).toMatchObject({ version: 3 })
  })

  test('tune json: a change is never greater than its cap', () => {
    const { next, current } = jsonOf(paying(), { rules: { step: 1, stepCap: 0.02 } }) as {
      next: { weights: Record<string, number> }
      current: Record<string, number>
    }
    const changes = componentKeys.map((key) => Math.abs(next.weights[key]! - current[key]!))
    expect(Math.max(...changes)).toBeCloseTo(0.02, 9)
  })

  test('tune json: without entries the policy’s weights are the current ones, and all is kept', () => {
    const json = jsonOf(folderOf([]).concat('/counterfactuals-000001.ndjson'))
    expect(json).toMatchObject({
      ...{ entries: 0, left_out: 0, recommendation: 'keep', next: null, by_regime: {}, days: null },
      current: { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 },
      in_sample: { weights: { priority_score: 0.4, freshness: 0.3 }, total_pnl: 0, improvement: 0 },
      decided_by: 'improvement',
    })
  })

  test.each([
    ['no entries', []],
    ['one', [entryLine(1, [selectedLine('a', 10)], [rejectedLine('b', 60, 10)])]],
    ['none that takes part', [entryLine(1, [selectedLine('a', null)], [rejectedLine('b', 60, null)])]],
    ['outcomes that are all the same', tunableEntries(3, 60, 0).map(evenOutcomes)],
    ['the awkward kind', drawnEntries(5, 300)],
    ['luck', tunableEntries(2, 60, 0)],
  ])('tune json: %s: no number is none', (_, entries) => {
    const text = losslessText(tuneJson(resultOf(folderOf(entries))))
    expect(text).not.toMatch(/NaN|Infinity|undefined|-0[,}\]]/)
    for (const number of numbersIn(tuneJson(resultOf(folderOf(entries))))) expect(Number.isFinite(number)).toBe(true)
  })

  test('tune json: the simplex is searched in whole percents, and finds no less than the grid', () => {
    const folder = folderOf(tunableEntries(4, 60, 1))
    const [grid, simplex] = (['grid', 'simplex'] as const).map(
      (search) => jsonOf(folder, { search }) as { combinations: number; in_sample: { total_pnl: number } },
    )
    expect([grid!.combinations, simplex!.combinations]).toEqual([76, 176_851])
    expect(simplex!.in_sample.total_pnl).toBeGreaterThanOrEqual(grid!.in_sample.total_pnl)
  })
})

/** Every candidate of an entry earned the same. */
function evenOutcomes(entry: ReturnType<typeof tunableEntries>[number]): typeof entry {
  const outcome = { pnl: 5, exit_reason: 'target_hit' }
  return {
    ...entry,
    selected: entry.selected.map((line) => ({ ...line, outcome })),
    rejected: entry.rejected.map((line) => ({ ...line, hypothetical_outcome: outcome })),
  }
}

/** Written anew for each test that asks, since it is gone with the test. */
function folderOfOnce(entries: () => readonly unknown[]): () => string {
  let text: string | null = null
  return () => {
    text ??= linesText(entries())
    const file = join(temporaryFolder(), 'counterfactuals-000001.ndjson')
    writeFileSync(file, text)
    return file
  }
}
