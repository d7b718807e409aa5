/** A decision: what was weighed, what was chosen and why. What the arbiter returns and the journal writes. */

import type { Weights } from './policy.ts'
import type { ReservationStatus } from './reservation.ts'

export const selectionReasons = [
  'highest_score',
  'highest_tier',
  'only_candidate',
  'portfolio',
  'fair_queue',
  'starvation_bound',
  'none_admissible',
] as const
export type SelectionReason = (typeof selectionReasons)[number]

export const rejectionReasons = [
  'lower_score',
  'lower_tier',
  'interlocked',
  'slot_taken',
  'max_open_positions',
  'insufficient_capital',
  'slot_budget_exhausted',
  'not_actionable',
  'expired',
  'below_min_priority',
  'stale_state',
  'fair_queue',
  'starvation_bound',
  'halted',
  'risk_limit',
] as const
export type RejectionReason = (typeof rejectionReasons)[number]

export const tradingStates = ['ACTIVE', 'REDUCING', 'HALTED'] as const
export type TradingState = (typeof tradingStates)[number]

/** A candidate with its score, in rank order. `base` components are raw, `weighted` their products with the weights (ERRATA E32). */
export interface RankedCandidate {
  readonly eventId: string
  readonly eventType: string
  readonly symbol: string
  readonly raw: Weights
  readonly weighted: Weights
  readonly baseScore: number
  readonly ageBonus: number
  readonly score: number
  readonly tier: number
  /** From 1. */
  readonly rank: number
}

export interface RejectedEvent {
  readonly eventId: string
  readonly reason: RejectionReason
  readonly admissible: boolean
  /** Winner's score less its own, both rounded to 10^−12; null for the inadmissible and where nobody won. */
  readonly scoreDiff: number | null
  /** The event or position that blocks, where there is one. */
  readonly blockedBy: string | null
}

export interface Allocation {
  readonly eventId: string
  readonly capitalMinor: number
}

/** One decision on one set of candidates. Candidates and rejected events are in rank order; so are the selected. */
export interface Decision {
  readonly candidates: readonly RankedCandidate[]
  readonly admissibleCount: number
  readonly selected: readonly string[]
  readonly selectionReason: SelectionReason
  readonly rejected: readonly RejectedEvent[]
  readonly allocations: readonly Allocation[]
  readonly capitalAllocatedMinor: number
  readonly capitalUnallocatedMinor: number
  /** After this decision, of the types with an admissible candidate; only when the deficit queue chose. */
  readonly deficitsMinor?: Readonly<Record<string, number>>
}

/** What identifies a decision in the journal, and what became of its reservation. */
export interface DecisionStamp {
  /** Unix nanoseconds of the decision. */
  readonly timestampNs: bigint
  /** From 1, never reused in one journal. */
  readonly sequence: number
  readonly weightsVersion: number
  /** Market records applied to the state that the decision saw. */
  readonly stateVersion: number
  /** By selected event, in the order of `Decision.selected`. */
  readonly reservations: readonly ReservationStatus[]
}

/** `arb_<UTC yyyymmdd>_<hhmmss>_<sequence>`, the sequence zero-padded to 6 digits at least (ERRATA E31). */
export function arbitrationIdOf(timestampNs: bigint, sequence: number): string {
  return arbitrationIdHead(Number(timestampNs / 1_000_000n)) + String(sequence).padStart(6, '0')
}

/** The id up to its sequence, the same for a whole second. @param unixMs - Unix milliseconds. */
export function arbitrationIdHead(unixMs: number): string {
  const iso = new Date(unixMs).toISOString()
  return `arb_${iso.slice(0, 10).replaceAll('-', '')}_${iso.slice(11, 19).replaceAll(':', '')}_`
}
