/**
 * What stages say to each other, beside market records (domain/market.ts), decisions (decision-made.ts) and detection signals. Plain values: a stage knows
 * these and never the stage on the other side.
 */
import type { ClaimDismissed, StrategyClaim } from './claim.ts'
import type { DecisionMade, SelectedMember } from './decision-made.ts'
import type { DetectionSignal, Evidence } from './detection-signal.ts'
import type { LifecycleState, MarketEvent } from './event.ts'
import type { EntryOrder, EntryRefusal, TradePlan } from './order.ts'
import type { TradeOutcome } from './outcome.ts'
import type { ReservationStatus } from './reservation.ts'

/** State → detection: one symbol's row is fresh. Reused by its sender: valid during the call. */
export interface StateUpdate {
  readonly kind: 'state'
  symbolIndex: number
  atNs: number
  /** Market records applied so far: the decision's `state_version`. */
  stateVersion: number
}

/** Why an event moved: its detector said so, its time was over, or its strategy declined to act on it. */
export type EventChangeCause = 'detector' | 'expiry' | 'declined'

/** Registry → arbitration, order, journal: an event was registered or moved. */
export interface EventChange {
  readonly kind: 'event'
  readonly event: MarketEvent
  readonly handle: number
  readonly state: LifecycleState
  readonly atNs: number
  readonly cause: EventChangeCause
  /** With `declined`: why nothing was ordered. */
  readonly reason?: string
  readonly evidence: Evidence
}

/** One reservation that was granted: whoever holds it owes a submit or a release. */
export interface Grant {
  readonly member: SelectedMember
  readonly token: number
  /** The decision that selected it: its sequence and time make its arbitration id. Of a claim: 0, and when it was taken. */
  readonly sequence: number
  readonly decidedAtNs: number
  /** The strategy that claimed it by itself, in a worker of its own; absent: a decision selected it. */
  readonly strategy?: string
}

/** Reservation → order, arbitration, journal: what became of a decision. */
export interface DecisionReserved {
  readonly kind: 'reserved'
  readonly decision: DecisionMade
  readonly statuses: readonly ReservationStatus[]
  readonly grants: readonly Grant[]
}

/** Order → registry: the strategy declined; the reservation was released unspent. */
export interface EventDeclined {
  readonly kind: 'declined'
  readonly handle: number
  readonly eventId: string
  readonly atNs: number
  readonly reason: string
}

/** One position from its order to its end. */
export interface Position {
  readonly grant: Grant
  readonly plan: TradePlan
  readonly order: EntryOrder
}

/** Order → outcome: how a position goes on. `refused`: the venue never filled it. */
export interface PositionChange {
  readonly kind: 'position'
  readonly position: Position
  readonly to: 'submitted' | 'open' | 'closing' | 'closed' | 'refused'
  readonly atNs: number
  /** With `closed`. */
  readonly outcome: TradeOutcome | null
  /** With `refused`. */
  readonly refusal: EntryRefusal | null
}

/** Outcome → arbitration, registry, journal: a slot is free again and the capital may have changed. */
export interface PositionSettled {
  readonly kind: 'settled'
  readonly position: Position
  /** Of a position that was opened; else its entry's refusal is there. */
  readonly outcome: TradeOutcome | null
  readonly refusal: EntryRefusal | null
  readonly atNs: number
}

/** Reservation, order → arbitration: leases ended, or claims were dismissed; the slots are free. */
export interface LeasesRecovered {
  readonly kind: 'recovered'
  readonly count: number
}

/** Everything that stages say to each other, told apart by `kind`. */
export type PipelineMessage =
  | StateUpdate
  | DetectionSignal
  | EventChange
  | DecisionMade
  | DecisionReserved
  | LeasesRecovered
  | EventDeclined
  | PositionChange
  | PositionSettled
  | StrategyClaim
  | ClaimDismissed
