import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/base/random.ts'
import { defaultTuningRules } from '../../../../src/domain/tuning-rules.ts'
import { duelOf } from '../../../../src/learn/tuning/duel.ts'
import type { WholeWeights } from '../../../../src/learn/tuning/weight-lattice.ts'
import { arbitrationSet, roughlyNormal, twoSided } from '../../../support/made-up-arbitrations.ts'

const champion: WholeWeights = [60, 20, 10, 10]
const challenger: WholeWeights = [10, 20, 10, 60]

/** The champion takes the first of each, the challenger the second, which is so much better on average. */
function market(seed: number, count: number, advantage: (at: number) => number) {
  const random = new Random(seed)
  return arbitrationSet(
    Array.from({ length: count }, (_, at) => twoSided(roughlyNormal(random), roughlyNormal(random) + advantage(at))),
  )
}

describe('champion and challenger', () => {
  it('both decide the same candidates: totals, wins and what each missed are counted by hand', () => {
    const set = arbitrationSet([twoSided(10, 30), twoSided(-5, 0), twoSided(7, -7)])
    const duel = duelOf(set, 0, champion, challenger, defaultTuningRules)
    expect(duel.champion).toEqual({ totalPnl: 12, winRate: 2 / 3, opportunityCost: 20 + 5 + 0 })
    expect(duel.challenger).toEqual({ totalPnl: 23, winRate: 1 / 3, opportunityCost: 0 + 0 + 14 })
    expect([duel.verdict, duel.arbitrations, duel.changed]).toEqual(['undecided', 3, 3])
  })

  it('arbitrations before the duel say how much the two differ, and decide nothing', () => {
    const set = market(21, 300, (at) => (at < 200 ? 5 : 0))
    const duel = duelOf(set, 200, champion, challenger, defaultTuningRules)
    expect(duel.arbitrations).toBe(100)
    expect(duel.verdict).toBe('undecided')
  })

  it('a challenger that is much better is promoted, but not before the least sample', () => {
    const duel = duelOf(
      market(22, 500, () => 3),
      100,
      champion,
      challenger,
      defaultTuningRules,
    )
    expect(duel.verdict).toBe('promote')
    expect(duel.arbitrations).toBeGreaterThanOrEqual(defaultTuningRules.minEffective)
    expect(duel.p).toBeLessThanOrEqual(defaultTuningRules.falsePromotion)
  })

  it('the first verdict counts, whatever came after it', () => {
    const turning = market(22, 900, (at) => (at < 500 ? 3 : -9))
    const first = duelOf(
      market(22, 500, () => 3),
      100,
      champion,
      challenger,
      defaultTuningRules,
    )
    expect(duelOf(turning, 100, champion, challenger, defaultTuningRules)).toEqual(first)
  })

  it('a worse one is given up, and so is one of which nothing is found out', () => {
    const worse = duelOf(
      market(23, 600, () => -1),
      100,
      champion,
      challenger,
      defaultTuningRules,
    )
    expect(worse.verdict).toBe('give_up')
    expect(worse.arbitrations).toBeLessThan(100)
    const rules = { ...defaultTuningRules, challengeMax: 50, giveUpAt: 1e300 }
    const idle = duelOf(
      market(24, 600, () => 0),
      100,
      champion,
      challenger,
      rules,
    )
    expect([idle.verdict, idle.arbitrations]).toEqual(['give_up', 50])
  })

  it('an adopted set is only ever given up: it is not promoted again, and has no end of time', () => {
    const rules = { ...defaultTuningRules, challengeMax: 50 }
    const better = duelOf(
      market(25, 600, () => 3),
      100,
      champion,
      challenger,
      rules,
      true,
    )
    expect([better.verdict, better.arbitrations]).toEqual(['undecided', 500])
    expect(
      duelOf(
        market(26, 600, () => -1),
        100,
        champion,
        challenger,
        rules,
        true,
      ).verdict,
    ).toBe('give_up')
  })

  it('of no arbitrations it says nothing', () => {
    const duel = duelOf(arbitrationSet([]), 0, champion, challenger, defaultTuningRules)
    expect(duel).toEqual({
      ...{ verdict: 'undecided', arbitrations: 0, changed: 0, p: 1, against: 1 },
      champion: { totalPnl: 0, winRate: null, opportunityCost: 0 },
      challenger: { totalPnl: 0, winRate: null, opportunityCost: 0 },
    })
  })
})
