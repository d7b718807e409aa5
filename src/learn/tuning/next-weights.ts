/**
 * The weight set that a step leads to: from what is in force towards what a search found, overall and in each regime that may step. Pure; any
 * thread.
 */
import type { Policy } from '../../domain/policy.ts'
import { type Regime, regimes } from '../../domain/regime.ts'
import type { TuningRules } from '../../domain/tuning-rules.ts'
import type { WeightSet } from '../../domain/weight-set.ts'
import type { Tuning } from './tuning.ts'
import { policyPercents } from './tuning-request.ts'
import type { WholeWeights } from './weight-lattice.ts'
import { stepTowards } from './weight-step.ts'

/** Shares of 1. */
export interface NextWeights {
  readonly weights: WholeWeights
  /** Of regimes that step; others keep their own weights, if they have some. */
  readonly byRegime: Readonly<Partial<Record<Regime, WholeWeights>>>
}

/**
 * Null: the current weights are kept. A regime that the engine does not know has no weights of its own.
 *
 * @param inForce - What the step begins from; null: the weights that the tuning calls current.
 */
export function nextWeightsOf(tuning: Tuning, inForce: WeightSet | null, rules: TuningRules): NextWeights | null {
  if (tuning.recommendation === 'keep') return null
  const overall = inForce === null ? tuning.current : policyPercents(inForce.weights)
  const stepping = regimes.flatMap((regime) => {
    const tuned = Object.hasOwn(tuning.byRegime, regime) ? tuning.byRegime[regime]!.tuned : null
    if (tuned?.recommendation !== 'step') return []
    const own = inForce?.byRegime[regime]
    return [
      [regime, stepTowards(own === undefined ? overall : policyPercents(own), tuned.search.weights, rules)] as const,
    ]
  })
  return { weights: stepTowards(overall, tuning.search.weights, rules), byRegime: Object.fromEntries(stepping) }
}

/** The whole set: regimes that do not step keep what they have. */
export function setAfter({ weights, byRegime }: NextWeights, inForce: WeightSet | null): Omit<WeightSet, 'version'> {
  const stepped = Object.entries(byRegime).map(([regime, shares]) => [regime, policyWeightsOf(shares)])
  return { weights: policyWeightsOf(weights), byRegime: { ...inForce?.byRegime, ...Object.fromEntries(stepped) } }
}

/** @param shares - Of 1, in the order of the components. */
export function policyWeightsOf([
  priorityScore,
  freshness,
  regimeAlignment,
  expectedValue,
]: WholeWeights): Policy['weights'] {
  return { priorityScore, freshness, regimeAlignment, expectedValue }
}
