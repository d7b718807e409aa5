/** Claims: what a strategy in a worker of its own asks for when it has won a reservation, and why it may get nothing. Pure. */
import type { TradePlan } from './order.ts'

/**
 * Why a claim was dismissed; if several apply, the first in this order.
 *
 * - `unknown_token`: the ledger has no RESERVED slot of this token, event and strategy (any more).
 * - `event_over`: the event has ended or expired since.
 * - `halted`, `stale_state`: new entries are not admitted now.
 * - `no_price`: its symbol has not traded yet.
 * - `bad_plan`: the plan makes no sense at the last price.
 * - `risk_limit`: capital or risk budget buy no lot.
 * - `lost`: the slot went while it was looked at.
 */
export const claimDismissals = [
  'unknown_token',
  'event_over',
  'halted',
  'stale_state',
  'no_price',
  'bad_plan',
  'risk_limit',
  'lost',
] as const
export type ClaimDismissal = (typeof claimDismissals)[number]

/** A strategy's worker → order: it holds the RESERVED slot of `token`, and this is how it would act. */
export interface StrategyClaim {
  readonly kind: 'claim'
  /** The strategy's name. */
  readonly strategy: string
  /** Its worker's attachment: the slot's owner, if the token is its own. */
  readonly participant: number
  readonly token: number
  readonly handle: number
  /** As it came: nobody has checked it. */
  readonly plan: TradePlan
  readonly atNs: number
}

/** Order → whoever watches: no order followed, and the slot, if it was the strategy's, is free again. The event lives on. */
export interface ClaimDismissed {
  readonly kind: 'dismissed'
  readonly claim: StrategyClaim
  readonly reason: ClaimDismissal
  /** What is wrong, where there is more to say than the reason; else ''. */
  readonly detail: string
}
