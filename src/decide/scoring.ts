/**
 * Scoring: freshness, weighted components, age bonus, score and its quanta (CONTRACTS, step 2). Pure; called by the arbiter.
 * A user's own scorer has a pass of its own after the built-in one: without one, that one runs as if there were none.
 * Doubles throughout, summed in the order priority, freshness, regime, expected value; JavaScript never fuses a multiply-add.
 */
import { SignalboxError } from '../base/errors.ts'
import type { Policy, Weights } from '../domain/policy.ts'
import { nsPerSecond } from '../domain/units.ts'
import type { AccountState } from './account.ts'
import type { CandidateSet } from './candidate-set.ts'
import type { DecisionView } from './decision-view.ts'
import { quantize } from './quantum.ts'
import { type Scorer, ScorerCall } from './scorer.ts'

export class Scoring {
  readonly #freshnessHorizonNs: number
  /** 0 when the bonus is off. */
  readonly #bonusCap: number
  readonly #bonusHorizonNs: number
  readonly #tierByType: Int32Array
  readonly #own: ScorerCall | null

  /** @param scorer - In place of the weighted sum; null: the sum. */
  constructor(policy: Policy, tierByType: Int32Array, scorer: Scorer | null) {
    this.#freshnessHorizonNs = policy.freshnessHorizonS * nsPerSecond
    this.#bonusCap = policy.ageBoost?.cap ?? 0
    this.#bonusHorizonNs = (policy.ageBoost?.horizonS ?? 1) * nsPerSecond
    this.#tierByType = tierByType
    this.#own = scorer === null ? null : new ScorerCall(scorer)
  }

  /**
   * Takes the account for its time: handed over by itself, a number beyond 2^31 would be boxed at each call.
   *
   * @throws {SignalboxError} What `isScorerFault` tells: the view then holds no scores.
   */
  score(view: DecisionView, candidates: CandidateSet, account: AccountState, weights: Weights): void {
    this.#weigh(view, candidates, account, weights)
    if (this.#own !== null) this.#askOwn(this.#own, view, candidates, weights)
  }

  #weigh(view: DecisionView, candidates: CandidateSet, { nowNs }: AccountState, weights: Weights): void {
    const { priorityScore, freshness, regimeAlignment, expectedValue } = weights
    const freshnessHorizonNs = this.#freshnessHorizonNs
    const bonusCap = this.#bonusCap
    const bonusHorizonNs = this.#bonusHorizonNs
    const tierByType = this.#tierByType
    const { count, detectedAtNs, waitingSinceNs, typeIndex } = candidates
    // Out of their objects once, not once a candidate.
    const priorities = candidates.priorityScore
    const alignments = candidates.regimeAlignment
    const expectations = candidates.expectedValue
    const { weightedPriority, weightedFreshness, weightedRegime, weightedExpected } = view
    for (let at = 0; at < count; at++) {
      const ageNs = Math.max(0, nowNs - detectedAtNs[at]!)
      const waitNs = Math.max(0, nowNs - waitingSinceNs[at]!)
      const fresh = Math.max(0, 1 - ageNs / freshnessHorizonNs)
      const partPriority = priorityScore * priorities[at]!
      const partFreshness = freshness * fresh
      const partRegime = regimeAlignment * alignments[at]!
      const partExpected = expectedValue * expectations[at]!
      const base = partPriority + partFreshness + partRegime + partExpected
      const bonus = Math.min(bonusCap, waitNs / bonusHorizonNs)
      const score = base + bonus
      view.ageNs[at] = ageNs
      view.waitNs[at] = waitNs
      view.freshness[at] = fresh
      weightedPriority[at] = partPriority
      weightedFreshness[at] = partFreshness
      weightedRegime[at] = partRegime
      weightedExpected[at] = partExpected
      view.baseScore[at] = base
      view.ageBonus[at] = bonus
      view.score[at] = score
      view.q[at] = quantize(score)
      const tier = tierByType[typeIndex[at]!]
      if (tier === undefined) throw unknownType(typeIndex[at]!)
      view.tier[at] = tier
    }
  }

  /** Puts the scorer's base scores in place of the weighted sums; the weighted components stay, to be told. */
  #askOwn(own: ScorerCall, view: DecisionView, candidates: CandidateSet, weights: Weights): void {
    const { components, context } = own
    for (let at = 0; at < candidates.count; at++) {
      components.priorityScore = candidates.priorityScore[at]!
      components.freshness = view.freshness[at]!
      components.regimeAlignment = candidates.regimeAlignment[at]!
      components.expectedValue = candidates.expectedValue[at]!
      context.typeIndex = candidates.typeIndex[at]!
      context.tier = view.tier[at]!
      context.symbolIndex = candidates.symbolIndex[at]!
      context.ageNs = view.ageNs[at]!
      context.waitNs = view.waitNs[at]!
      const bonus = view.ageBonus[at]!
      // −0 is 0: it must not reach the journal as a negative score.
      const base = own.baseScore(candidates.ids[at]!, weights, bonus) + 0
      const score = base + bonus
      view.baseScore[at] = base
      view.score[at] = score
      view.q[at] = quantize(score)
    }
  }
}

function unknownType(typeIndex: number): SignalboxError {
  return new SignalboxError('ERR_INVALID_ARGUMENT', `the arbiter was made without a type ${typeIndex}`, {
    field: 'typeIndex',
    value: typeIndex,
  })
}
