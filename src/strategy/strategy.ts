/**
 * The interface of a strategy: how one would act on an event. Public: a person may write their own. Called from the thread of the
 * order stage, one call at a time.
 */
import type { MarketEvent } from '../domain/event.ts'
import type { HotRow } from '../domain/hot-state.ts'
import type { Decline, TradePlan } from '../domain/order.ts'

/** What a strategy may look at beside the event. */
export interface StrategyMarket {
  /** The price of the last trade of the event's symbol, ticks. */
  readonly lastTicks: number
  /** The symbol's hot state; valid during the call. A field that is not known yet is NaN. */
  readonly row: HotRow
  /** Decision time, nanoseconds since the epoch. */
  readonly nowNs: number
}

export interface Strategy {
  /** Names it in journals and messages. */
  readonly name: string
  /** The types that it answers; at least one, and no other strategy answers them. */
  readonly eventTypes: readonly string[]
  /**
   * How to act on `event` now, or why not to: `{ declined: 'spread 8 bp, at most 5' }`, up to 200 characters on one line; null
   * declines without a reason. Pure: the same arguments, the same answer, so that a replay repeats it; the decision that asks
   * has already chosen the event, and a declined one is not entered. Must not wait, nor change the event, which others have too.
   *
   * Between detection and decision the price has moved: a plan is judged against `market.lastTicks`, not against the event's
   * reference.
   */
  onEvent(event: MarketEvent, market: StrategyMarket): TradePlan | Decline | null
}

/**
 * Distance to the event's target ÷ distance to its stop from where the price is now: what is left of its reward-to-risk.
 * 0 when the target is reached or the stop is crossed: there is nothing left to act on.
 */
export function rewardRiskLeft(
  event: Pick<MarketEvent, 'side' | 'targetTicks' | 'stopTicks'>,
  lastTicks: number,
): number {
  const direction = event.side === 'long' ? 1 : -1
  const reward = direction * (event.targetTicks - lastTicks)
  const risk = direction * (lastTicks - event.stopTicks)
  return reward > 0 && risk > 0 ? reward / risk : 0
}
