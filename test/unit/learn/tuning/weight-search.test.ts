/** The weight search: the worked vector, the grid, ties, and the places of entries. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/base/random.ts'
import { readCounterfactuals } from '../../../../src/learn/entry-reader.ts'
import { arbitrationSetOf } from '../../../../src/learn/tuning/arbitration-set.ts'
import { gridLattice, pointsOf, simplexLattice } from '../../../../src/learn/tuning/weight-lattice.ts'
import { searchWeights } from '../../../../src/learn/tuning/weight-search.ts'
import { madeUpSet } from '../../../support/arbitration-sets.ts'
import { counterfactualLine } from '../../../support/counterfactual-lines.ts'
import { describeWithShared, sharedRoot } from '../../../support/shared.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const specified = { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 }

describe('weight search', () => {
  it('the grid has 76 combinations, none with a negative weight, and the simplex 176,851 at one percent', () => {
    const points = pointsOf(gridLattice)
    expect([points.length, gridLattice.size, new Set(points.map(String)).size]).toEqual([76, 76, 76])
    for (const weights of points) {
      expect(Math.min(...weights)).toBeGreaterThanOrEqual(0)
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(100)
    }
    expect(points.filter(([, , , expected]) => expected === 0)).toHaveLength(6)
    expect(simplexLattice(1).size).toBe(176_851)
    expect(simplexLattice(20).size).toBe(56)
  })

  it('of equal totals the nearest to the current weights wins, then the smaller weights in their order', () => {
    const set = madeUpSet('at random', 1, 0)
    expect(searchWeights(set, gridLattice, specified).weights).toEqual([40, 30, 20, 10])
    const away = { priority_score: 0.425, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.075 }
    expect(searchWeights(set, gridLattice, away).weights).toEqual([40, 30, 20, 10])
  })

  it('does not depend on the places of entries, nor of the rejected in them: times and ids decide, and E10', () => {
    const random = new Random(11)
    const raw = (): number => random.integer(0, 10) / 10
    const event = (id: string) => {
      return {
        id,
        pnl: random.fraction() * 10 ** random.integer(0, 9),
        cost: 0,
        raw: [raw(), raw(), raw(), raw()] as const,
      }
    }
    const entries = Array.from({ length: 60 }, (_, index) => ({
      id: `arb_20260617_120000_${String(index + 1).padStart(6, '0')}`,
      // Some at the same instant.
      timestamp: `17816000${String(10 + random.integer(0, 20))}000000000`,
      selected: [event(`a_${index}`)],
      rejected: Array.from({ length: random.integer(1, 4) }, (_, at) => event(`b_${index}_${at}`)),
    }))
    const found = () => {
      const path = join(temporaryFolder(), 'counterfactuals-000001.ndjson')
      writeFileSync(path, entries.map((entry) => `${counterfactualLine(entry)}\n`).join(''))
      const set = arbitrationSetOf(readCounterfactuals(path).entries)
      expect(set.count).toBe(60)
      return [gridLattice, simplexLattice(5)].map((lattice) => searchWeights(set, lattice, specified))
    }
    const first = found()
    for (let round = 0; round < 5; round += 1) {
      for (const list of [entries, ...entries.map(({ rejected }) => rejected)] as unknown[][]) {
        for (let at = list.length - 1; at > 0; at -= 1) {
          const other = random.integer(0, at)
          ;[list[at], list[other]] = [list[other], list[at]]
        }
      }
      expect(found()).toEqual(first)
    }
  })
})

describeWithShared('the worked entries', () => {
  const path = join(sharedRoot ?? '', 'vectors', 'counterfactual', 'worked.ndjson')

  it('give the worked result of the grid', () => {
    const { tune } = JSON.parse(readFileSync(path.replace('.ndjson', '.expect.json'), 'utf8'))
    const { entries } = readCounterfactuals(path)
    const set = arbitrationSetOf(entries)
    const found = searchWeights(set, gridLattice, entries.weights(entries.count - 1))
    expect([set.count, set.leftOut, found.combinations]).toEqual([tune.entries, tune.left_out, tune.combinations])
    const { weights, total_pnl, current_total_pnl } = tune.in_sample
    const names = ['priority_score', 'freshness', 'regime_alignment', 'expected_value']
    expect(found.weights).toEqual(names.map((name) => Math.round(100 * weights[name])))
    expect(found.totalPnl).toBeCloseTo(total_pnl, 9)
    expect(found.currentTotalPnl).toBeCloseTo(current_total_pnl, 9)
  })
})
