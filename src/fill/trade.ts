/**
 * One trade from the order to its outcome, by the fill model: the same for a real (paper) and a hypothetical one
 * (ERRATA E21). One thread; no clock: time is what the calls say, in event time.
 *
 * - **Entry**: a limit order, immediate or cancel. It cannot be recalled once sent. When it arrives, `latencyNs` after it was
 *   submitted, it meets the last price then moved against us: at or better than its limit it is filled there, taker fee, and
 *   stop and target stand at the venue from then on; else it is refused, and so it is when at that price it would be worth
 *   more than its margin carries. A refused entry is closed without outcome: no fill, no fee.
 * - **Stop**: triggered by a trade at or through it, or at the entry's arrival when the last price is there already; becomes
 *   a market order that arrives `latencyNs` later and is filled at the last price then, moved against us; taker fee.
 * - **Target**: a limit order that rests at the venue, filled at its price by the first trade at or through it; maker fee.
 * - **Time stop** and **end of the event** (completed, invalidated): a market order that arrives `latencyNs` later. When the
 *   event ends before the entry has arrived, the exit is sent at the entry's arrival.
 * - Once an exit is on its way its reason stands, and the target is not filled any more.
 * - **Funding** is booked at every full UTC hour strictly after the entry and up to the exit, that instant included.
 *
 * Of what falls due at one instant: the entry's arrival, funding, the exit's arrival, the time stop.
 *
 * FILL-1, FILL-2 (sizing.ts): kept here by filling nothing beyond the order's limit and nothing beyond its margin.
 * FILL-3: pnl = (exit − entry) × side × quantity, exactly and rounded once, − fees + funding, to the minor unit.
 * FILL-4: what fell due runs at its due time, before anything later is shown to the trade; a closed trade has one
 *   outcome or one refusal, and its exit is not before its entry.
 */
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { type Instrument, notionalMinor } from '../domain/instrument.ts'
import type { EntryOrder, EntryRefusal, EntryRefusalReason, TradePlan } from '../domain/order.ts'
import type { ExitReason, TradeOutcome } from '../domain/outcome.ts'
import { requireExact, type Timeline } from '../domain/units.ts'
import { feeMinor } from './fees.ts'
import { FundingAccount, fundingHourAfter, fundingIntervalNs } from './funding.ts'
import type { FillModel } from './model.ts'
import { marketEntryTicks, marketExitTicks } from './slippage.ts'
import { worthOf } from './worth.ts'

export type TradeState = 'entering' | 'open' | 'exiting' | 'closed'

/** What the market shows at a due time: the newest values at or before it. */
export interface MarketView {
  /** The last traded price; an integer ≥ 1. */
  readonly lastTicks: number
  /** NaN when unknown, like the rate (a fraction an hour): that hour's funding is then not booked, but counted. */
  readonly oracleTicks: number
  readonly fundingRate: number
}

export class SimulatedTrade {
  readonly instrument: Instrument
  readonly plan: TradePlan
  readonly order: EntryOrder
  readonly submittedAtNs: number
  readonly #model: FillModel
  readonly #timeline: Timeline
  readonly #isLong: boolean
  readonly #funding = new FundingAccount()

  #state: TradeState = 'entering'
  /** The latest time that the trade was shown. */
  #nowNs: number
  #nextDueNs: number
  #fundingDueNs = Number.POSITIVE_INFINITY
  #exitDueNs = Number.POSITIVE_INFINITY
  #timeStopDueNs = Number.POSITIVE_INFINITY
  /** Why the exit was sent; while entering: why it will be. */
  #exitReason: ExitReason | null = null
  #entryTicks = Number.NaN
  #entryAtNs = Number.NaN
  #entryFeeMinor = 0
  #outcome: TradeOutcome | null = null
  #refusal: EntryRefusal | null = null

  /**
   * @param order - From `entryOrderOf()` of sizing.ts; its numbers are integers ≥ 1.
   * @param submittedAtNs - When the entry was sent, on the timeline.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` outside the ranges, or when the stop is not on the losing side of the
   *   target.
   */
  constructor(
    instrument: Instrument,
    model: FillModel,
    plan: TradePlan,
    order: EntryOrder,
    submittedAtNs: number,
    timeline: Timeline,
  ) {
    requireInteger('targetTicks', plan.targetTicks, 1, Number.MAX_SAFE_INTEGER)
    requireInteger('stopTicks', plan.stopTicks, 1, Number.MAX_SAFE_INTEGER)
    requireInteger('timeStopNs', plan.timeStopNs, 1, Number.MAX_SAFE_INTEGER)
    if (plan.side === 'long' ? plan.stopTicks >= plan.targetTicks : plan.stopTicks <= plan.targetTicks) {
      throw new SignalboxError(
        'ERR_INVALID_ARGUMENT',
        `a ${plan.side} plan has its stop on the losing side of its target, got stop ${plan.stopTicks}, target ${plan.targetTicks}`,
        { field: 'stopTicks', value: plan.stopTicks },
      )
    }
    this.instrument = instrument
    this.plan = plan
    requireInteger('quantityLots', order.quantityLots, 1, Number.MAX_SAFE_INTEGER)
    requireInteger('limitTicks', order.limitTicks, 1, Number.MAX_SAFE_INTEGER)
    requireInteger('notionalMaxMinor', order.notionalMaxMinor, 1, Number.MAX_SAFE_INTEGER)
    this.order = order
    this.submittedAtNs = requireInteger('submittedAtNs', submittedAtNs, 0, Number.MAX_SAFE_INTEGER)
    this.#model = model
    this.#timeline = timeline
    this.#isLong = plan.side === 'long'
    this.#nowNs = submittedAtNs
    this.#nextDueNs = requireExact('entry arrival', this.submittedAtNs + model.latencyNs)
  }

  get state(): TradeState {
    return this.#state
  }

  /** When `onDue` wants to be called: the earliest arrival, funding hour or time stop; `Infinity` when nothing is due any more. */
  get nextDueNs(): number {
    return this.#nextDueNs
  }

  /** Price and time of the entry's fill; NaN while it is on its way, and for good when it is refused. */
  get entryTicks(): number {
    return this.#entryTicks
  }

  get entryAtNs(): number {
    return this.#entryAtNs
  }

  /** Full hours in the position for which oracle price or rate were unknown. */
  get unknownFundingHours(): number {
    return this.#funding.unknownHours
  }

  /** The outcome once it is closed. Null before, and for good when the entry was refused. */
  get outcome(): TradeOutcome | null {
    return this.#outcome
  }

  /** Why the entry was never filled; null while it may be, and once it was. */
  get refusal(): EntryRefusal | null {
    return this.#refusal
  }

  /**
   * Runs the one thing that is due at `nextDueNs`, at that time. The caller repeats it while `nextDueNs` is not after the
   * record that it is about to show, earliest trade first.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` when nothing is due or no last price is known.
   */
  onDue(market: MarketView): void {
    const atNs = this.#nextDueNs
    if (atNs === Number.POSITIVE_INFINITY) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', 'nothing is due in this trade', {
        field: 'nextDueNs',
        value: atNs,
      })
    }
    this.#nowNs = atNs
    if (this.#state === 'entering') this.#enter(market.lastTicks, atNs)
    else if (this.#fundingDueNs === atNs) {
      this.#funding.book(market.oracleTicks, market.fundingRate)
      this.#fundingDueNs += fundingIntervalNs
    } else if (this.#exitDueNs === atNs) {
      this.#closeAtMarket(market.lastTicks, atNs, this.#exitReason!)
    } else {
      this.#sendExit('time_stop', atNs)
    }
    this.#schedule()
  }

  /** A trade printed: triggers the stop or fills the target. Does nothing unless open. */
  onTrade(priceTicks: number, atNs: number): void {
    this.#advance(atNs)
    if (this.#state !== 'open') return
    const { stopTicks, targetTicks } = this.plan
    if (this.#isLong ? priceTicks <= stopTicks : priceTicks >= stopTicks) {
      this.#sendExit('stop_hit', atNs)
      this.#schedule()
    } else if (this.#isLong ? priceTicks >= targetTicks : priceTicks <= targetTicks) {
      this.#close(targetTicks, atNs, 'target_hit', this.#model.makerFeePpm)
    }
  }

  /** The event that was acted on has ended. Does nothing once an exit is on its way. */
  onEventEnded(reason: 'event_completed' | 'invalidated', atNs: number): void {
    this.#advance(atNs)
    if (this.#state === 'open') {
      this.#sendExit(reason, atNs)
      this.#schedule()
    } else if (this.#state === 'entering') {
      this.#exitReason ??= reason
    }
  }

  /**
   * The data has ended: an open position (one with an exit on its way too) is closed at the last price moved against us,
   * with reason `end_of_data`; an entry that has not arrived never was: refused for the same reason, without outcome.
   */
  finish(atNs: number, lastTicks: number): void {
    this.#advance(atNs)
    if (this.#state === 'open' || this.#state === 'exiting') this.#closeAtMarket(lastTicks, atNs, 'end_of_data')
    else if (this.#state === 'entering') this.#refuse('end_of_data', atNs, Number.NaN)
  }

  #enter(lastTicks: number, atNs: number): void {
    requireInteger('lastTicks', lastTicks, 1, Number.MAX_SAFE_INTEGER)
    const { limitTicks, quantityLots, notionalMaxMinor } = this.order
    const fillTicks = marketEntryTicks(this.#model, this.plan.side, lastTicks)
    if (this.#isLong ? fillTicks > limitTicks : fillTicks < limitTicks) {
      this.#refuse('beyond_limit', atNs, fillTicks)
      return
    }
    if (worthOf(this.instrument, fillTicks, quantityLots) > notionalMaxMinor) {
      this.#refuse('beyond_margin', atNs, fillTicks)
      return
    }
    this.#entryTicks = fillTicks
    this.#entryAtNs = atNs
    this.#entryFeeMinor = feeMinor(this.instrument, fillTicks, quantityLots, this.#model.takerFeePpm)
    this.#fundingDueNs = fundingHourAfter(this.#timeline, atNs)
    this.#state = 'open'
    if (this.#exitReason !== null) this.#sendExit(this.#exitReason, atNs)
    else if (this.#isLong ? lastTicks <= this.plan.stopTicks : lastTicks >= this.plan.stopTicks) {
      this.#sendExit('stop_hit', atNs)
    } else this.#timeStopDueNs = atNs + this.plan.timeStopNs
  }

  #refuse(reason: EntryRefusalReason, atNs: number, priceTicks: number): void {
    this.#state = 'closed'
    this.#nextDueNs = Number.POSITIVE_INFINITY
    this.#refusal = Object.freeze({ reason, atNs, priceTicks })
  }

  #sendExit(reason: ExitReason, atNs: number): void {
    this.#state = 'exiting'
    this.#exitReason = reason
    this.#exitDueNs = atNs + this.#model.latencyNs
    this.#timeStopDueNs = Number.POSITIVE_INFINITY
  }

  #closeAtMarket(lastTicks: number, atNs: number, reason: ExitReason): void {
    requireInteger('lastTicks', lastTicks, 1, Number.MAX_SAFE_INTEGER)
    this.#close(marketExitTicks(this.#model, this.plan.side, lastTicks), atNs, reason, this.#model.takerFeePpm)
  }

  #close(exitTicks: number, atNs: number, reason: ExitReason, feePpm: number): void {
    const { instrument, plan } = this
    const { quantityLots } = this.order
    const moveTicks = this.#isLong ? exitTicks - this.#entryTicks : this.#entryTicks - exitTicks
    const feesMinor = this.#entryFeeMinor + feeMinor(instrument, exitTicks, quantityLots, feePpm)
    const fundingMinor = this.#funding.totalMinor(instrument, plan.side, quantityLots)
    const grossMinor = notionalMinor(instrument, moveTicks, quantityLots)
    this.#state = 'closed'
    this.#nextDueNs = Number.POSITIVE_INFINITY
    this.#outcome = Object.freeze({
      entryTicks: this.#entryTicks,
      exitTicks,
      entryAtNs: this.#entryAtNs,
      exitAtNs: atNs,
      quantityLots,
      feesMinor: requireExact('feesMinor', feesMinor),
      fundingMinor,
      pnlMinor: requireExact('pnlMinor', grossMinor - feesMinor + fundingMinor),
      exitReason: reason,
    })
  }

  #schedule(): void {
    if (this.#state === 'closed') return
    this.#nextDueNs = Math.min(this.#fundingDueNs, this.#exitDueNs, this.#timeStopDueNs)
  }

  /** Time goes forward only, and never past something that is due (FILL-4). */
  #advance(atNs: number): void {
    if (atNs < this.#nowNs || atNs > this.#nextDueNs) {
      throw new SignalboxError(
        'ERR_INVALID_ARGUMENT',
        `a trade at ${this.#nowNs} with something due at ${this.#nextDueNs} was shown ${atNs}`,
        { field: 'atNs', value: atNs },
      )
    }
    this.#nowNs = atNs
  }
}
