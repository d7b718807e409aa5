/**
 * The interface of a strategy in a worker of its own. Public: a person may write their own. It reads the hot state and the live events
 * out of shared memory, and races every other one, and the arbiter, for the reservation of an event: the ledger lets one of them have it.
 *
 * A module's default export is such an object, or a function `(context) => strategy` (or a promise of one):
 *
 * ```js
 * export default ({ data }) => ({
 *   name: 'early-cascade',
 *   types: ['LIQUIDATION_CASCADE'],
 *   act(event, market) {
 *     if (event.priorityScore < data.least) return null
 *     const { side, targetTicks, stopTicks } = event
 *     return { capitalMinor: 200_000, plan: { side, targetTicks, stopTicks, sizeFraction: 1, timeStopNs: 120e9 } }
 *   },
 * })
 * ```
 *
 * Threads: everything of a strategy runs on its worker, one call at a time. Between two turns of it the worker's event loop turns once, so
 * timers and promises of one's own go on, about ten times a second. A worker that does not come round within its time budget is ended.
 */
import type { LifecycleState, MarketEvent } from '../domain/event.ts'
import type { HotRow } from '../domain/hot-state.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { TradePlan } from '../domain/order.ts'
import type { SlotState } from '../domain/reservation.ts'

/** What a module's function is given, once. */
export interface StrategyContext {
  /** As the configuration calls it; null: it is to name itself. */
  readonly name: string | null
  /** The configuration's `data`, as it is; undefined where there is none. */
  readonly data: unknown
  /** By symbol index: what ticks and lots mean. */
  readonly instruments: readonly Instrument[]
  /** The run's event types. */
  readonly eventTypes: readonly string[]
}

/**
 * One live event that may be acted on: actionable, not expired and not spent when the registry was read. Prices in ticks, times in
 * nanoseconds since the run's epoch, money in minor units. Without its evidence, which does not stand in shared memory.
 */
export interface StrategyEvent extends Omit<MarketEvent, 'evidence'> {
  /** TRIGGERED, ACTIVE or COMPLETING. */
  readonly state: LifecycleState
}

/** One used slot of the ledger, whoever holds it: a strategy, or the arbiter's order stage. */
export interface StrategyPosition {
  readonly symbol: string
  readonly eventType: string
  readonly capitalMinor: number
  readonly state: SlotState
  /** This strategy reserved it. */
  readonly isOwn: boolean
}

/** What a strategy may look at beside the event. Valid during the call. */
export interface WorkerMarket {
  /** The price of the last trade of the event's symbol, ticks; NaN before the first. */
  readonly lastTicks: number
  /** The symbol's hot state (`hotFieldIndex`). A field that is not known yet is NaN. */
  readonly row: HotRow
  /** Every symbol's, by symbol index, of the same instant. */
  readonly rows: readonly HotRow[]
  /** Event time of the newest record, nanoseconds since the run's epoch. */
  readonly nowNs: number
  /** The account's capital, and what of it nobody holds; minor units. Both may have changed by the time of a reservation. */
  readonly capitalMinor: number
  readonly freeMinor: number
  /** In the order of admission. */
  readonly positions: readonly StrategyPosition[]
}

/** What a strategy asks for. */
export interface Claim {
  /** To reserve, minor units, an integer ≥ 1. All of it is held until the position is settled. */
  readonly capitalMinor: number
  /** How it acts; sized, limited and filled exactly as a plan for a decision's grant. */
  readonly plan: TradePlan
}

export interface WorkerStrategy {
  /** Names it in journals, figures and messages: 1 … 63 bytes of UTF-8 on one line; the configuration's `name` goes before it. */
  readonly name: string
  /** The event types that it is asked about; default: every one. Several strategies may answer one type: that is what the race is for. */
  readonly types?: readonly string[]
  /**
   * Whether to go for `event`, and how. Must answer at once.
   *
   * @returns A claim: its capital is reserved, and if the ledger grants that, its plan goes to the order stage; if the ledger refuses, it is
   *   asked again when the ledger has changed. Null: no, and it is asked again when the event has moved on in its life. `'later'`: not
   *   now, and it is asked again when the market has moved. Once a claim of it was granted it is never asked about that event again.
   */
  act(event: StrategyEvent, market: WorkerMarket): Claim | null | 'later'
}

/** Only to have a module's default export checked by TypeScript. */
export function defineStrategy(
  strategy: WorkerStrategy | ((context: StrategyContext) => WorkerStrategy | Promise<WorkerStrategy>),
): typeof strategy {
  return strategy
}
