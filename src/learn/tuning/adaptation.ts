/**
 * What adaptation does next, from what the journal holds: nothing is kept between two looks, so that a run that is started anew goes on where the
 * last one was. Pure: seeded; any thread.
 */
import type { Challenge } from '../../domain/challenge.ts'
import type { Policy } from '../../domain/policy.ts'
import type { NumberedWeightSet } from '../../domain/weight-set.ts'
import { policyWeightsVersion } from '../../domain/weight-set.ts'
import type { EntryStore } from '../entry-store.ts'
import type { ArbitrationSet } from './arbitration-set.ts'
import { type Duel, duelOf } from './duel.ts'
import { type NextWeights, nextWeightsOf, policyWeightsOf } from './next-weights.ts'
import type { Tuning } from './tuning.ts'
import { answerOf, policyPercents, type TuningRequest, tuningRequestOf } from './tuning-request.ts'
import type { WholeWeights } from './weight-lattice.ts'

/** `manual`: a person decides. `gradual`: steps through the gates. `challenger`: what was found decides in shadow until it is known to be better. */
export const adaptationModes = ['manual', 'gradual', 'challenger'] as const
export type AdaptationMode = (typeof adaptationModes)[number]

export interface AdaptationState {
  readonly entries: EntryStore
  readonly policy: Policy
  readonly mode: AdaptationMode
  /** The journal's, oldest first. */
  readonly sets: readonly NumberedWeightSet[]
  /** The last that was not ended. */
  readonly challenge: Challenge | null
  /** Whether it is time to search again. */
  readonly isSearchDue: boolean
  /** Whether the last step is long enough ago for another one. */
  readonly isStepDue: boolean
}

/** Weights as shares of 1. */
export type AdaptationAction =
  | { readonly kind: 'wait' }
  | { readonly kind: 'give_up'; readonly duel: Duel; readonly isAdopted: boolean }
  | { readonly kind: 'promote'; readonly duel: Duel }
  | { readonly kind: 'keep'; readonly tuning: Tuning; readonly request: TuningRequest }
  | { readonly kind: 'step'; readonly tuning: Tuning; readonly request: TuningRequest; readonly next: NextWeights }
  | {
      readonly kind: 'challenge'
      readonly tuning: Tuning
      readonly request: TuningRequest
      readonly weights: Policy['weights']
    }

export function nextAction(state: AdaptationState): AdaptationAction {
  const { entries, policy, sets, mode, isSearchDue, isStepDue } = state
  const inForce = sets.at(-1) ?? null
  const request = tuningRequestOf(entries, 'grid', policy, inForce)
  const challenge = isOpen(state) ? state.challenge : null
  if (challenge !== null) {
    const duel = duelIn(request.set, challenge, policy)
    const isAdopted = challenge.kind === 'adopted'
    if (duel.verdict === 'give_up') return { kind: 'give_up', duel, isAdopted }
    if (duel.verdict === 'promote') return { kind: 'promote', duel }
    // A challenger is let finish, and the arbitrations of the last step would say the same again.
    if (!isAdopted || duel.arbitrations === 0) return { kind: 'wait' }
  }
  if (mode === 'manual' || !isSearchDue) return { kind: 'wait' }
  const tuning = answerOf(request)
  const next = mode === 'gradual' && isStepDue ? nextWeightsOf(tuning, inForce, policy.tuning) : null
  if (next !== null) return { kind: 'step', tuning, request, next }
  const { improvement, sample } = tuning.judgement.gates
  // Beside weights by regime, one set for all would not be compared with what decides.
  const isPlain = Object.keys(inForce?.byRegime ?? {}).length === 0
  if (mode === 'challenger' && isPlain && improvement.passed && sample.passed) {
    return { kind: 'challenge', tuning, request, weights: policyWeightsOf(sharesOf(tuning.search.weights)) }
  }
  return { kind: 'keep', tuning, request }
}

/** Whether what is compared is still what is in force: another set, or another policy under none, ends a comparison. */
function isOpen({ challenge, sets, policy }: AdaptationState): boolean {
  if (challenge === null) return false
  const inForce = sets.at(-1)
  if (inForce !== undefined) return challenge.version === inForce.version
  const { champion } = challenge
  const isPolicy = componentsOf(champion).every((weight, at) => weight === componentsOf(policy.weights)[at])
  return challenge.version === policyWeightsVersion && isPolicy
}

function componentsOf({ priorityScore, freshness, regimeAlignment, expectedValue }: Policy['weights']): number[] {
  return [priorityScore, freshness, regimeAlignment, expectedValue]
}

export function duelIn(set: ArbitrationSet, challenge: Challenge, policy: Policy): Duel {
  const { champion, challenger, afterNs, kind } = challenge
  const from = firstAfter(set, afterNs)
  return duelOf(set, from, policyPercents(champion), policyPercents(challenger), policy.tuning, kind === 'adopted')
}

/** The first arbitration later than a time. */
function firstAfter({ atSeconds, count }: ArbitrationSet, afterNs: bigint): number {
  // As the arbitrations' own seconds are made, so that none is later than itself.
  const seconds = Number(afterNs / 1_000_000_000n) + Number(afterNs % 1_000_000_000n) / 1e9
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (atSeconds[middle]! > seconds) high = middle
    else low = middle + 1
  }
  return low
}

export function sharesOf([priority, freshness, regime, expected]: WholeWeights): WholeWeights {
  return [priority / 100, freshness / 100, regime / 100, expected / 100]
}
