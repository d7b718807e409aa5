/** The weight search: the worked vector, the grid, and the fast rescoring against the plain one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/base/random.ts'
import { readCounterfactuals } from '../../../../src/learn/entry-reader.ts'
import { type ArbitrationSet, arbitrationSetOf } from '../../../../src/learn/tuning/arbitration-set.ts'
import { choiceUnder, rescore } from '../../../../src/learn/tuning/rescoring.ts'
import { gridLattice, pointsOf, simplexLattice } from '../../../../src/learn/tuning/weight-lattice.ts'
import { searchWeights } from '../../../../src/learn/tuning/weight-search.ts'
import { describeWithShared, sharedRoot } from '../../../support/shared.ts'

const specified = { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 }

/** Arbitrations made up at random; values are often equal, so that scores tie. */
function madeUpSet(seed: number, count: number): ArbitrationSet {
  const random = new Random(seed)
  const sizes = Array.from({ length: count }, () => random.integer(2, 6))
  const first = Int32Array.from([
    0,
    ...sizes.map((_, at) => sizes.slice(0, at + 1).reduce((sum, size) => sum + size, 0)),
  ])
  const rows = first.at(-1)!
  const coarse = (): Float64Array => Float64Array.from({ length: rows }, () => random.integer(0, 10) / 10)
  return {
    ...{ count, first, raw: [coarse(), coarse(), coarse(), coarse()] },
    ageBonus: Float64Array.from({ length: rows }, () => (random.fraction() < 0.5 ? 0 : random.integer(0, 12) / 40)),
    pnl: Float64Array.from({ length: rows }, () => random.integer(-20_000, 20_000) / 100),
    ...{
      selected: new Int32Array(count),
      atSeconds: new Float64Array(count),
      endsSeconds: new Float64Array(count),
      regime: new Uint16Array(count),
    },
    ...{ regimes: ['trend'], leftOut: 0 },
  }
}

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

  it('chooses at every point what the plain rule chooses, ties included', () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const set = madeUpSet(seed, 60)
      for (const lattice of [gridLattice, simplexLattice(5)]) {
        const points = pointsOf(lattice)
        const choices = new Uint8Array(set.count * points.length)
        const { totals } = rescore(set, lattice, 0, set.count, choices)
        const plain = new Float64Array(points.length)
        for (let arbitration = 0; arbitration < set.count; arbitration += 1) {
          for (const [point, weights] of points.entries()) {
            const choice = choiceUnder(set, arbitration, weights)
            expect(choices[arbitration * points.length + point]).toBe(choice)
            plain[point] = plain[point]! + set.pnl[set.first[arbitration]! + choice]!
          }
        }
        expect(totals).toEqual(plain)
      }
    }
  })

  it('canary: without the exact comparison of what lies near, some choice is another', () => {
    let differs = 0
    for (let seed = 1; seed <= 6; seed += 1) {
      const set = madeUpSet(seed, 60)
      for (const weights of pointsOf(gridLattice)) {
        for (let arbitration = 0; arbitration < set.count; arbitration += 1) {
          const [begin, end] = [set.first[arbitration]!, set.first[arbitration + 1]!]
          const sum = (row: number): number =>
            100 * set.raw[3][row]! +
            100 * set.ageBonus[row]! +
            [0, 1, 2].reduce((all, at) => all + weights[at]! * (set.raw[at]![row]! - set.raw[3][row]!), 0)
          let best = begin
          for (let row = begin + 1; row < end; row += 1) if (sum(row) > sum(best)) best = row
          if (best - begin !== choiceUnder(set, arbitration, weights)) differs += 1
        }
      }
    }
    expect(differs).toBeGreaterThan(0)
  })

  it('of equal totals the nearest to the current weights wins, then the smaller weights in their order', () => {
    const set = madeUpSet(1, 0)
    expect(searchWeights(set, gridLattice, specified).weights).toEqual([40, 30, 20, 10])
    const away = { priority_score: 0.425, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.075 }
    expect(searchWeights(set, gridLattice, away).weights).toEqual([40, 30, 20, 10])
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
