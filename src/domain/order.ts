/** Plans and orders: what a strategy wants, what is sent for it, and what the venue says to it (ERRATA E6). */
import type { Side } from './event.ts'

/** A strategy's answer to an event: how it would act on it. Prices in ticks. */
export interface TradePlan {
  readonly side: Side
  /** Multiplies the quantity that capital and risk allow (ERRATA E16); in (0, 1]. */
  readonly sizeFraction: number
  readonly targetTicks: number
  readonly stopTicks: number
  /** The position is closed at the market when it has been open for so long; > 0. */
  readonly timeStopNs: number
}

/** A strategy's answer to an event that it does not act on. */
export interface Decline {
  /** Why, on one line, with the numbers that decided it: journal and screen put the strategy's name before it. */
  readonly declined: string
}

/**
 * An entry as it is sent: a limit order, immediate or cancel. At its arrival the venue fills it whole at the market, or refuses
 * it whole; it never rests.
 */
export interface EntryOrder {
  readonly quantityLots: number
  /** The worst price at which it may be filled: the highest of a buy, the lowest of a sale. */
  readonly limitTicks: number
  /** The most that it may be worth at its fill, minor units: what its margin carries, allocation × leverage. */
  readonly notionalMaxMinor: number
}

/**
 * Why an entry was never filled: the market was worse than its limit at its arrival; it was worth more than its margin
 * carries (a short, sold higher than foreseen); the data ended before it arrived. The first that applies.
 */
export const entryRefusalReasons = ['beyond_limit', 'beyond_margin', 'end_of_data'] as const
export type EntryRefusalReason = (typeof entryRefusalReasons)[number]

/** An entry that expired unfilled: no position, no fee, nothing owed. Its event is spent all the same (ERRATA E5). */
export interface EntryRefusal {
  readonly reason: EntryRefusalReason
  readonly atNs: number
  /** Where it would have been filled, ticks; NaN when it never arrived. */
  readonly priceTicks: number
}

/** The venue's answer to an order. `unknown` keeps slot and capital until reconciled by client order id. */
export type VenueAnswer = 'accepted' | 'refused' | 'unknown'
