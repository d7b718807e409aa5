/** The made-up markets of the evidence bench are what they are said to be, and its rows can fail. */
import { describe, expect, it } from 'vitest'
import * as markets from '../../../bench/evidence/market.mjs'
import { verdictOf } from '../../../bench/evidence/verdict.mjs'
import { Moments } from '../../../src/learn/statistics.ts'
import type { ArbitrationSet } from '../../../src/learn/tuning/arbitration-set.ts'
import { pnlUnder } from '../../../src/learn/tuning/trial-series.ts'
import type { WholeWeights } from '../../../src/learn/tuning/weight-lattice.ts'

const { noises, plant, plantedWeights, truths } = markets
const currentWeights = markets.currentWeights as unknown as WholeWeights
const nullMarket = (seed: number, count: number, noise: object) =>
  markets.nullMarket(seed, count, noise as typeof noises.normal) as unknown as ArbitrationSet & {
    readonly pairVariance: number
  }
const better = plantedWeights[0] as WholeWeights

/** Mean of the paired difference in its standard deviations. */
function advantage(set: ArbitrationSet, one: WholeWeights, other: WholeWeights): number {
  const moments = new Moments()
  const others = pnlUnder(set, other)
  for (const [at, pnl] of pnlUnder(set, one).entries()) moments.add(pnl - others[at]!)
  return moments.mean! / moments.spread!
}

describe('evidence', () => {
  it('without anything planted no weights are better; planted they are by the signal that is stated', () => {
    for (const noise of Object.values(noises)) {
      const none = nullMarket(1, 60_000, noise)
      expect(Math.abs(advantage(none, better, currentWeights))).toBeLessThan(0.02)
      for (const truth of truths) {
        const market = nullMarket(2, 60_000, noise)
        plant(market, [...better], [...currentWeights], truth, 0.15)
        expect(Math.abs(advantage(market, better, currentWeights) - 0.15)).toBeLessThan(0.03)
      }
    }
  })

  it('one seed, one market', () => {
    expect(nullMarket(3, 50, noises.autocorrelated)).toEqual(nullMarket(3, 50, noises.autocorrelated))
    expect(nullMarket(3, 50, noises.normal).pnl).not.toEqual(nullMarket(4, 50, noises.normal).pnl)
  })

  it('who always keeps fails the planted rows, who always steps the null ones: the tuner does neither', () => {
    let planted = 0
    let none = 0
    for (let seed = 1; seed <= 8; seed += 1) {
      const market = nullMarket(seed, 500, noises.normal)
      if (verdictOf(market).isStep) none += 1
      plant(market, [...better], [...currentWeights], 'choice', 0.25)
      if (verdictOf(market).isStep) planted += 1
    }
    expect([none, planted]).toEqual([0, 8])
  })
})
