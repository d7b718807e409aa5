import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/base/random.ts'
import { defaultTuningRules } from '../../../../src/domain/tuning-rules.ts'
import { gateNames } from '../../../../src/learn/tuning/judgement.ts'
import { type Tuning, tuningOf } from '../../../../src/learn/tuning/tuning.ts'
import { gridLattice, type WholeWeights } from '../../../../src/learn/tuning/weight-lattice.ts'
import { searchFrom } from '../../../../src/learn/tuning/weight-search.ts'
import { stepTowards } from '../../../../src/learn/tuning/weight-step.ts'
import { arbitrationSet, type MadeUpArbitration, roughlyNormal } from '../../../support/made-up-arbitrations.ts'

const current: WholeWeights = [40, 30, 20, 10]

/** The first wins under the current weights; under those of the other corner of the grid the second does. */
function contested(random: Random, advantage: number, regime: string): MadeUpArbitration {
  const near = (value: number): number => value + (random.fraction() - 0.5) * 0.1
  return {
    candidates: [
      { raw: [near(0.7), near(0.5), near(0.5), near(0.4)], pnl: 10 * roughlyNormal(random) },
      { raw: [near(0.4), near(0.6), near(0.5), near(0.7)], pnl: 10 * (roughlyNormal(random) + advantage) },
    ],
    regime,
  }
}

function tuned(arbitrations: readonly MadeUpArbitration[]): Tuning {
  const set = arbitrationSet(arbitrations)
  const search = searchFrom(set, gridLattice, current)
  return tuningOf(set, search, gridLattice, current, () => current, { ...defaultTuningRules, resamples: 400 })
}

function made(seed: number, count: number, advantage: (at: number) => number, regime = (_: number) => 'trend') {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, at) => contested(random, advantage(at), regime(at)))
}

describe('tuning', () => {
  it('weights that are clearly better are a step, through all gates, of a tenth of the way', () => {
    const tuning = tuned(made(31, 400, () => 0.6))
    expect(gateNames.filter((name) => !tuning.judgement.gates[name].passed)).toEqual([])
    expect(tuning.recommendation).toBe('step')
    expect(tuning.next).toEqual(stepTowards(current, tuning.search.weights, defaultTuningRules))
  })

  it('where nothing is better the answer is to keep, with the first gate that was not passed', () => {
    const tuning = tuned(made(32, 400, () => 0))
    expect([tuning.recommendation, tuning.next]).toEqual(['keep', null])
    const failed = gateNames.filter((name) => !tuning.judgement.gates[name].passed)
    expect(tuning.judgement.decidedBy).toBe(failed[0])
  })

  it('where the current weights are the best, nothing would be gained', () => {
    const tuning = tuned(made(33, 400, () => -2))
    expect(tuning.judgement.decidedBy).toBe('improvement')
    expect(tuning.search.weights).toEqual(current)
  })

  it('of few arbitrations nothing is believed, however good they look', () => {
    const tuning = tuned(made(34, 25, () => 3))
    expect([tuning.recommendation, tuning.judgement.decidedBy]).toEqual(['keep', 'sample'])
    for (const count of [0, 1, 2, 7]) {
      const few = tuned(made(35, count, () => 3))
      expect(few.recommendation).toBe('keep')
      expect(few.judgement.realityP).toBeNull()
    }
  })

  it('a regime steps by itself only where its own arbitrations say so, and all together do', () => {
    const inTrend = tuned(
      made(
        36,
        600,
        (at) => (at % 2 === 0 ? 0.8 : 0),
        (at) => (at % 2 === 0 ? 'trend' : 'sideways'),
      ),
    )
    expect(inTrend.recommendation).toBe('step')
    expect(inTrend.byRegime.trend!.tuned!.recommendation).toBe('step')
    expect(inTrend.byRegime.sideways!.tuned!.recommendation).toBe('keep')
    // What one regime gains another loses: all together say keep, and so nobody steps.
    const torn = tuned(
      made(
        37,
        600,
        (at) => (at % 2 === 0 ? 0.8 : -0.8),
        (at) => (at % 2 === 0 ? 'trend' : 'sideways'),
      ),
    )
    expect(torn.recommendation).toBe('keep')
    expect(torn.byRegime.trend!.tuned!.judgement.decidedBy).toBeNull()
    expect(torn.byRegime.trend!.tuned!.recommendation).toBe('keep')
  })

  it('a regime with few arbitrations is not searched', () => {
    const tuning = tuned(
      made(
        38,
        300,
        () => 0.6,
        (at) => (at < 20 ? 'expansion' : 'trend'),
      ),
    )
    expect(tuning.byRegime.expansion).toMatchObject({ entries: 20, tuned: null })
  })

  it('what is paid in the smallest of numbers is summed like the rest, and nothing becomes no number', () => {
    for (const unit of [1e-300, 5e-324, 1e-170]) {
      const arbitrations = made(41, 60, () => 0.6).map(({ candidates, ...one }) => ({
        ...one,
        candidates: candidates.map(({ raw, pnl }) => ({ raw, pnl: pnl * unit })),
      }))
      const { search, judgement } = tuned(arbitrations)
      expect(Number.isFinite(search.totalPnl) && Number.isFinite(search.currentTotalPnl)).toBe(true)
      expect(Number.isFinite(judgement.effective)).toBe(true)
    }
  })

  it('the same arbitrations give the same answer to the last digit', () => {
    expect(tuned(made(39, 200, () => 0.3))).toEqual(tuned(made(39, 200, () => 0.3)))
  })
})

describe('gradual step', () => {
  it("goes a tenth of the way: the specification's 40 % to 35 % is 39.5 %", () => {
    expect(stepTowards(current, [35, 35, 20, 10], defaultTuningRules)).toEqual([0.395, 0.305, 0.2, 0.1])
  })

  it('no weight changes by more than the cap, and all sum to 1', () => {
    const rules = { ...defaultTuningRules, step: 1, stepCap: 0.05 }
    const step = stepTowards(current, [0, 0, 0, 100], rules)
    // Nine tenths is the widest way: it goes by the cap, the others in proportion.
    expect(step).toEqual(
      [0.4 - 0.4 / 18, 0.3 - 0.3 / 18, 0.2 - 0.2 / 18, 0.15].map((weight) => Number(weight.toFixed(12))),
    )
  })

  it('weights that do not sum to 1 are brought to it, and those that are all 0 have no proportions to keep', () => {
    expect(stepTowards([80, 60, 40, 20], [40, 30, 20, 10], defaultTuningRules)).toEqual([0.4, 0.3, 0.2, 0.1])
    expect(stepTowards([0, 0, 0, 0], [25, 25, 25, 25], defaultTuningRules)).toEqual([0.25, 0.25, 0.25, 0.25])
  })

  it('never leaves the simplex', () => {
    const random = new Random(40)
    for (let at = 0; at < 2_000; at += 1) {
      const from = Array.from({ length: 4 }, () => random.integer(0, 100)) as unknown as WholeWeights
      const cut = Array.from({ length: 3 }, () => random.integer(0, 100)).sort((one, other) => one - other)
      const found: WholeWeights = [cut[0]!, cut[1]! - cut[0]!, cut[2]! - cut[1]!, 100 - cut[2]!]
      const step = stepTowards(from, found, { ...defaultTuningRules, step: random.fraction() || 1 })
      expect(Math.min(...step)).toBeGreaterThanOrEqual(0)
      expect(step.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9)
    }
  })
})
