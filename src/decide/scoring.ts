/**
 * Scoring: freshness, weighted components, age bonus, score and its quanta (CONTRACTS, step 2). Pure; called by the arbiter.
 * Doubles throughout, summed in the order priority, freshness, regime, expected value; JavaScript never fuses a multiply-add.
 */
import type { Policy, Weights } from '../domain/policy.ts'
import { nsPerSecond } from '../domain/units.ts'
import type { CandidateSet } from './candidate-set.ts'
import type { DecisionView } from './decision-view.ts'
import { quantize } from './quantum.ts'

export class Scoring {
  #weights: Weights
  readonly #freshnessHorizonNs: number
  /** 0 when the bonus is off. */
  readonly #bonusCap: number
  readonly #bonusHorizonNs: number
  readonly #tierByType: Int32Array

  constructor(policy: Policy, tierByType: Int32Array) {
    this.#weights = policy.weights
    this.#freshnessHorizonNs = policy.freshnessHorizonS * nsPerSecond
    this.#bonusCap = policy.ageBoost?.cap ?? 0
    this.#bonusHorizonNs = (policy.ageBoost?.horizonS ?? 1) * nsPerSecond
    this.#tierByType = tierByType
  }

  useWeights(weights: Weights): void {
    this.#weights = weights
  }

  score(view: DecisionView, candidates: CandidateSet, nowNs: number): void {
    const { priorityScore, freshness, regimeAlignment, expectedValue } = this.#weights
    const freshnessHorizonNs = this.#freshnessHorizonNs
    const bonusCap = this.#bonusCap
    const bonusHorizonNs = this.#bonusHorizonNs
    const tierByType = this.#tierByType
    const count = candidates.count
    for (let at = 0; at < count; at++) {
      const ageNs = Math.max(0, nowNs - candidates.detectedAtNs[at]!)
      const waitNs = Math.max(0, nowNs - candidates.waitingSinceNs[at]!)
      const fresh = Math.max(0, 1 - ageNs / freshnessHorizonNs)
      const weightedPriority = priorityScore * candidates.priorityScore[at]!
      const weightedFreshness = freshness * fresh
      const weightedRegime = regimeAlignment * candidates.regimeAlignment[at]!
      const weightedExpected = expectedValue * candidates.expectedValue[at]!
      const base = weightedPriority + weightedFreshness + weightedRegime + weightedExpected
      const bonus = Math.min(bonusCap, waitNs / bonusHorizonNs)
      const score = base + bonus
      view.ageNs[at] = ageNs
      view.waitNs[at] = waitNs
      view.freshness[at] = fresh
      view.weightedPriority[at] = weightedPriority
      view.weightedFreshness[at] = weightedFreshness
      view.weightedRegime[at] = weightedRegime
      view.weightedExpected[at] = weightedExpected
      view.baseScore[at] = base
      view.ageBonus[at] = bonus
      view.score[at] = score
      view.q[at] = quantize(score)
      view.tier[at] = tierByType[candidates.typeIndex[at]!]!
    }
  }
}
