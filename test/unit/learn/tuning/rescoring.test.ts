/** The fast rescoring against the plain rule, over arbitrations that are awkward for it; and what its sums are. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { quantize } from '../../../../src/decide/quantum.ts'
import type { ArbitrationSet } from '../../../../src/learn/tuning/arbitration-set.ts'
import { Contenders, scoreOf } from '../../../../src/learn/tuning/contenders.ts'
import { choiceUnder, rescore, totalUnder } from '../../../../src/learn/tuning/rescoring.ts'
import {
  gridLattice,
  type Lattice,
  pointsOf,
  simplexLattice,
  type WholeWeights,
} from '../../../../src/learn/tuning/weight-lattice.ts'
import { madeUpKinds, madeUpSet } from '../../../support/arbitration-sets.ts'

/** The rule as it is written: the greatest quantum, of equal ones the first. */
function plainChoice(set: ArbitrationSet, arbitration: number, weights: WholeWeights): number {
  const [begin, end] = [set.first[arbitration]!, set.first[arbitration + 1]!]
  const quanta = Array.from({ length: end - begin }, (_, index) => quantize(scoreOf(set, begin + index, weights)))
  return quanta.indexOf(quanta.reduce((greatest, each) => (each > greatest ? each : greatest)))
}

/** How many choices are other than the plain rule's. */
function differences(set: ArbitrationSet, lattice: Lattice): number {
  const points = pointsOf(lattice)
  const choices = new Uint8Array(set.count * points.length)
  rescore(set, lattice, 0, set.count, choices)
  let count = 0
  for (let arbitration = 0; arbitration < set.count; arbitration += 1) {
    const at = arbitration * points.length
    for (let point = 0; point < points.length; point += 1) {
      if (choices[at + point] !== plainChoice(set, arbitration, points[point]!)) count += 1
    }
  }
  return count
}

/** In cents, summed in integers. */
function plainTotals(set: ArbitrationSet, lattice: Lattice): number[] {
  return pointsOf(lattice).map((weights) => {
    let cents = 0
    for (let arbitration = 0; arbitration < set.count; arbitration += 1) {
      cents += Math.round(100 * set.pnl[set.first[arbitration]! + plainChoice(set, arbitration, weights)]!)
    }
    return cents / 100
  })
}

afterEach(() => vi.restoreAllMocks())

describe('rescoring', () => {
  for (const kind of madeUpKinds) {
    it(`of candidates ${kind}: chooses at every point what the plain rule chooses, and adds up exactly`, () => {
      for (let seed = 1; seed <= 4; seed += 1) {
        const set = madeUpSet(kind, seed, 40)
        for (const lattice of [gridLattice, simplexLattice(20), simplexLattice(10), simplexLattice(5)]) {
          expect(differences(set, lattice), `seed ${seed}, ${lattice.size} points`).toBe(0)
        }
        expect([...rescore(set, gridLattice).totals]).toEqual(plainTotals(set, gridLattice))
      }
    })

    it(`of candidates ${kind}: the same at all 176,851 points of the finest simplex`, () => {
      const count = kind === 'many candidates' ? 1 : 4
      expect(differences(madeUpSet(kind, 9, count), simplexLattice(1))).toBe(0)
    })
  }

  it('of candidates at random: sums of the simplex are exact too', () => {
    const set = madeUpSet(madeUpKinds[1]!, 5, 60)
    expect([...rescore(set, simplexLattice(10)).totals]).toEqual(plainTotals(set, simplexLattice(10)))
  })

  it("under any weights, whole percents or not, the choice is the plain rule's", () => {
    const weights: WholeWeights[] = [
      [40, 30, 20, 10],
      [33.3, 33.3, 16.7, 16.7],
      [12.5, 0, 0, 87.5],
      [0, 100, 0, 0],
    ]
    for (const kind of madeUpKinds) {
      const set = madeUpSet(kind, 7, 100)
      for (const each of weights) {
        for (let arbitration = 0; arbitration < set.count; arbitration += 1) {
          expect(choiceUnder(set, arbitration, each)).toBe(plainChoice(set, arbitration, each))
        }
      }
    }
  })

  it('takes a part of the arbitrations, and parts add up to the whole', () => {
    const set = madeUpSet('at random', 3, 50)
    for (const lattice of [gridLattice, simplexLattice(10)]) {
      const whole = rescore(set, lattice).totals
      const [one, two] = [rescore(set, lattice, 0, 17).totals, rescore(set, lattice, 17, 50).totals]
      for (const [point, total] of whole.entries()) expect(one[point]! + two[point]!).toBeCloseTo(total, 9)
    }
  })

  it('equal choices have equal totals to the last bit, whatever the pnl are', () => {
    for (const size of ['huge', 'any'] as const) {
      const set = madeUpSet('at random', 4, 60, size)
      const points = pointsOf(gridLattice)
      const choices = new Uint8Array(set.count * points.length)
      const { totals } = rescore(set, gridLattice, 0, set.count, choices)
      const totalOf = new Map<string, number>()
      for (const [point, total] of totals.entries()) {
        const own = Array.from({ length: set.count }, (_, index) => choices[index * points.length + point]).join()
        expect(totalOf.get(own) ?? total).toBe(total)
        totalOf.set(own, total)
        expect(totalUnder(set, points[point]!)).toBe(total)
        const plain = Array.from(
          { length: set.count },
          (_, index) => set.pnl[set.first[index]! + choices[index * points.length + point]!]!,
        )
        const magnitude = plain.reduce((sum, each) => sum + Math.abs(each), 0)
        expect(Math.abs(total - plain.reduce((sum, each) => sum + each, 0))).toBeLessThan(1e-13 * magnitude)
      }
    }
  })

  it('canary: without the exact comparison of what lies near, some choice of each lattice is another', () => {
    // What the real one does, but for the last line.
    vi.spyOn(Contenders.prototype, 'winner').mockImplementation(function (
      this: Contenders,
      count,
      priority,
      freshness,
      regime,
    ) {
      const scoreOf = (at: number): number =>
        this.base[at]! +
        priority * this.byPriority[at]! +
        freshness * this.byFreshness[at]! +
        regime * this.byRegime[at]!
      let winner = 0
      for (let index = 1; index < count; index += 1) if (scoreOf(index) > scoreOf(winner)) winner = index
      return winner
    })
    const kind = madeUpKinds[1]!
    expect(differences(madeUpSet(kind, 1, 200), gridLattice)).toBeGreaterThan(0)
    expect(differences(madeUpSet(kind, 1, 200), simplexLattice(5))).toBeGreaterThan(0)
  })

  it('canary: with another margin, some choice of each lattice is another', () => {
    for (const margin of [-2, 0]) {
      vi.spyOn(Contenders.prototype, 'margin', 'get').mockReturnValue(margin)
      const kind = madeUpKinds[margin === 0 ? 1 : 2]!
      expect(differences(madeUpSet(kind, 1, 200), gridLattice)).toBeGreaterThan(0)
      expect(differences(madeUpSet(kind, 1, 200), simplexLattice(5))).toBeGreaterThan(0)
      vi.restoreAllMocks()
    }
  })
})
