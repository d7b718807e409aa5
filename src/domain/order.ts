/** Plans and orders: what a strategy wants, and what the venue says to it (ERRATA E6). */
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

/** The venue's answer to an order. `unknown` keeps slot and capital until reconciled by client order id. */
export type VenueAnswer = 'accepted' | 'refused' | 'unknown'
