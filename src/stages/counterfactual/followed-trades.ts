/**
 * Trades that are followed to their end on the market as the order stage's thread saw it, by the fill model of `fill/trade.ts`: many of
 * them at once, several an event. One thread; no clock.
 *
 * The same steps at the same times as the paper venue's: what fell due before a record runs first, then the record is shown. Trades do
 * not touch each other, so of a selected event the outcome is that of the venue (`test/simulation/counterfactual.test.ts`).
 */
import type { Instrument } from '../../domain/instrument.ts'
import type { EntryOrder, TradePlan } from '../../domain/order.ts'
import type { Timeline } from '../../domain/units.ts'
import type { FillModel } from '../../fill/model.ts'
import { type MarketView, SimulatedTrade } from '../../fill/trade.ts'
import { DueHeap } from './due-heap.ts'
import type { EventEndReason } from './tracking-frames.ts'

/** One that is followed. */
export interface Followed {
  readonly trade: SimulatedTrade
  readonly symbolIndex: number
  readonly handle: number
  /** Told once, when it is closed: by an outcome, or never filled. */
  readonly onClosed: (trade: SimulatedTrade) => void
  /** Nobody wants to know any more. */
  isDropped: boolean
}

/** A symbol's newest prices, and what is followed there. */
interface Market extends MarketView {
  lastTicks: number
  oracleTicks: number
  fundingRate: number
  followed: Followed[]
  /** No open trade reacts to a price strictly between these. */
  belowTicks: number
  aboveTicks: number
}

const dueSpare = 1_024

export class FollowedTrades {
  readonly #instruments: readonly Instrument[]
  readonly #model: FillModel
  readonly #timeline: Timeline
  readonly #markets: readonly Market[]
  readonly #byHandle = new Map<number, Followed[]>()
  #due = new DueHeap<Followed>()
  #nowNs = 0
  #size = 0

  constructor(instruments: readonly Instrument[], model: FillModel, timeline: Timeline) {
    this.#instruments = instruments
    this.#model = model
    this.#timeline = timeline
    this.#markets = instruments.map(() => ({
      ...{ lastTicks: Number.NaN, oracleTicks: Number.NaN, fundingRate: Number.NaN },
      ...{ followed: [], belowTicks: Number.NEGATIVE_INFINITY, aboveTicks: Number.POSITIVE_INFINITY },
    }))
  }

  /** Trades that are not closed yet. */
  get size(): number {
    return this.#size
  }

  /** The symbol's last traded price in ticks; NaN before the first trade. */
  lastTicks(symbolIndex: number): number {
    return this.#markets[symbolIndex]!.lastTicks
  }

  /** Follows an order that was, or would have been, sent now. @param onClosed - See {@link Followed.onClosed}. */
  follow(
    symbolIndex: number,
    handle: number,
    plan: TradePlan,
    order: EntryOrder,
    onClosed: Followed['onClosed'],
  ): Followed {
    const trade = new SimulatedTrade(
      this.#instruments[symbolIndex]!,
      this.#model,
      plan,
      order,
      this.#nowNs,
      this.#timeline,
    )
    const followed: Followed = { trade, symbolIndex, handle, onClosed, isDropped: false }
    this.#markets[symbolIndex]!.followed.push(followed)
    const ofEvent = this.#byHandle.get(handle)
    if (ofEvent === undefined) this.#byHandle.set(handle, [followed])
    else ofEvent.push(followed)
    this.#due.push(followed, trade.nextDueNs)
    this.#size += 1
    return followed
  }

  /** Lets go of one that is not closed. */
  drop(followed: Followed): void {
    if (followed.isDropped) return
    this.#remove(followed)
    this.#bound(followed.symbolIndex)
  }

  /** Time comes to `atNs`, unless it is there: what fell due meanwhile runs, each at its own time. */
  passTo(atNs: number): void {
    while (this.#due.firstNs <= atNs) {
      const dueNs = this.#due.firstNs
      const followed = this.#due.pop()!
      // What reacted to a price since has another time.
      if (followed.isDropped || followed.trade.nextDueNs !== dueNs) continue
      this.#nowNs = Math.max(this.#nowNs, dueNs)
      followed.trade.onDue(this.#markets[followed.symbolIndex]!)
      this.#moved(followed)
    }
    this.#nowNs = Math.max(this.#nowNs, atNs)
  }

  /** A trade printed at `atNs`. */
  onTrade(symbolIndex: number, priceTicks: number, atNs: number): void {
    this.passTo(atNs)
    const market = this.#markets[symbolIndex]!
    market.lastTicks = priceTicks
    if (priceTicks > market.belowTicks && priceTicks < market.aboveTicks) return
    for (const followed of [...market.followed]) {
      const before = followed.trade.state
      followed.trade.onTrade(priceTicks, this.#nowNs)
      if (followed.trade.state !== before) this.#moved(followed)
    }
  }

  /** A context was told at `atNs`; NaN: it says nothing of that. */
  onContext(symbolIndex: number, oracleTicks: number, fundingRate: number, atNs: number): void {
    this.passTo(atNs)
    const market = this.#markets[symbolIndex]!
    if (!Number.isNaN(oracleTicks)) market.oracleTicks = oracleTicks
    if (!Number.isNaN(fundingRate)) market.fundingRate = fundingRate
  }

  /** The event of `handle` has ended at `atNs`, by its detector. */
  onEventEnded(handle: number, reason: EventEndReason, atNs: number): void {
    this.passTo(atNs)
    for (const followed of [...(this.#byHandle.get(handle) ?? [])]) {
      const before = followed.trade.state
      followed.trade.onEventEnded(reason, this.#nowNs)
      if (followed.trade.state !== before) this.#moved(followed)
    }
  }

  /** A trade took a step: it is closed, or due at another time; its symbol's bounds are others. */
  #moved(followed: Followed): void {
    const { trade } = followed
    if (trade.state === 'closed') {
      this.#remove(followed)
      followed.onClosed(trade)
    } else this.#due.push(followed, trade.nextDueNs)
    this.#bound(followed.symbolIndex)
  }

  /** What is due of trades that are closed stays in the heap until then: not more of it than of the others. */
  #tidy(): void {
    if (this.#due.size <= dueSpare + 2 * this.#size) return
    this.#due = new DueHeap()
    for (const { followed: ofSymbol } of this.#markets) {
      for (const followed of ofSymbol) this.#due.push(followed, followed.trade.nextDueNs)
    }
  }

  #remove(followed: Followed): void {
    followed.isDropped = true
    this.#size -= 1
    this.#tidy()
    const { followed: ofSymbol } = this.#markets[followed.symbolIndex]!
    ofSymbol.splice(ofSymbol.indexOf(followed), 1)
    const ofEvent = this.#byHandle.get(followed.handle)!
    ofEvent.splice(ofEvent.indexOf(followed), 1)
    if (ofEvent.length === 0) this.#byHandle.delete(followed.handle)
  }

  /** Between which prices nothing happens on a symbol: no open trade's stop or target is there. */
  #bound(symbolIndex: number): void {
    const market = this.#markets[symbolIndex]!
    let below = Number.NEGATIVE_INFINITY
    let above = Number.POSITIVE_INFINITY
    for (const { trade } of market.followed) {
      if (trade.state !== 'open') continue
      const { targetTicks, stopTicks } = trade.plan
      below = Math.max(below, Math.min(targetTicks, stopTicks))
      above = Math.min(above, Math.max(targetTicks, stopTicks))
    }
    market.belowTicks = below
    market.aboveTicks = above
  }
}
