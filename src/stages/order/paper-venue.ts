/**
 * The paper venue: fills orders against the market records by the fill model. It sees every record, keeps each symbol's last
 * prices, and says how each position goes on. One thread; no clock: time is the records' and what falls due between them.
 */

import type { Instrument } from '../../domain/instrument.ts'
import { type MarketRecord, recordKinds } from '../../domain/market.ts'
import type { Position, PositionChange } from '../../domain/message.ts'
import type { Timeline } from '../../domain/units.ts'
import type { FillModel } from '../../fill/model.ts'
import { type MarketView, SimulatedTrade } from '../../fill/trade.ts'

interface OpenTrade {
  readonly position: Position
  readonly trade: SimulatedTrade
  /** How far the position was announced. */
  announced: 'submitted' | 'open' | 'closing'
}

/** A symbol's newest prices, as the fill model wants them. */
interface Quote extends MarketView {
  lastTicks: number
  oracleTicks: number
  fundingRate: number
}

export class PaperVenue {
  readonly #instruments: readonly Instrument[]
  readonly #model: FillModel
  readonly #timeline: Timeline
  readonly #quotes: readonly Quote[]
  readonly #announce: (change: PositionChange) => void
  /** In the order of submission: ties of due times go by it. */
  readonly #trades: OpenTrade[] = []
  #nextDueNs = Number.POSITIVE_INFINITY

  constructor(
    instruments: readonly Instrument[],
    model: FillModel,
    timeline: Timeline,
    announce: (change: PositionChange) => void,
  ) {
    this.#instruments = instruments
    this.#model = model
    this.#timeline = timeline
    this.#announce = announce
    this.#quotes = instruments.map(() => ({
      lastTicks: Number.NaN,
      oracleTicks: Number.NaN,
      fundingRate: Number.NaN,
    }))
  }

  /** When the next arrival, funding hour or time stop is due; Infinity: none. */
  get nextDueNs(): number {
    return this.#nextDueNs
  }

  /** The symbol's last traded price in ticks; NaN before the first trade. */
  lastTicks(symbolIndex: number): number {
    return this.#quotes[symbolIndex]!.lastTicks
  }

  /** Takes the order of a position whose reservation is SUBMITTED. */
  submit(position: Position, atNs: number): void {
    const { symbolIndex } = position.grant.member.event
    const trade = new SimulatedTrade(
      this.#instruments[symbolIndex]!,
      this.#model,
      position.plan,
      position.order,
      atNs,
      this.#timeline,
    )
    this.#announce({ kind: 'position', position, to: 'submitted', atNs, outcome: null, refusal: null })
    this.#trades.push({ position, trade, announced: 'submitted' })
    this.#schedule()
  }

  /**
   * Shows one market record to the venue, in time order, after everything that was due before it.
   * @param atNs - The venue's time: the record's, or later where it came late.
   */
  onRecord(record: MarketRecord, atNs = record.atNs): void {
    const quote = this.#quotes[record.symbolIndex]!
    if (record.kind === recordKinds.context) {
      // A context may tell only some of these; what it does not tell stays.
      if (!Number.isNaN(record.oracleTicks)) quote.oracleTicks = record.oracleTicks
      if (!Number.isNaN(record.fundingRate)) quote.fundingRate = record.fundingRate
      return
    }
    if (record.kind !== recordKinds.trade) return
    quote.lastTicks = record.priceTicks
    if (this.#trades.length === 0) return
    let isTouched = false
    for (const open of this.#trades) {
      if (open.position.grant.member.event.symbolIndex !== record.symbolIndex) continue
      const before = open.trade.state
      open.trade.onTrade(record.priceTicks, atNs)
      if (open.trade.state !== before) {
        isTouched = true
        this.#tell(open, atNs)
      }
    }
    if (isTouched) this.#drop()
  }

  /** Runs what is due at or before `nowNs`, earliest first, ties in the order of submission. */
  onDue(nowNs: number): void {
    while (this.#nextDueNs <= nowNs) {
      const dueNs = this.#nextDueNs
      const open = this.#trades.find((candidate) => candidate.trade.nextDueNs === dueNs)!
      open.trade.onDue(this.#quotes[open.position.grant.member.event.symbolIndex]!)
      this.#tell(open, dueNs)
      this.#drop()
    }
  }

  /** The event of `handle` has ended; its position, if any, goes to the market. */
  onEventEnded(handle: number, reason: 'event_completed' | 'invalidated', atNs: number): void {
    const open = this.#trades.find((candidate) => candidate.position.grant.member.handle === handle)
    if (open === undefined) return
    open.trade.onEventEnded(reason, atNs)
    this.#tell(open, atNs)
    this.#drop()
  }

  /** The data has ended: every position is closed at the last price. */
  finish(atNs: number): void {
    for (const open of this.#trades) {
      open.trade.finish(atNs, this.#quotes[open.position.grant.member.event.symbolIndex]!.lastTicks)
      this.#tell(open, atNs)
    }
    this.#drop()
  }

  /** Announces every step that the trade took since the last announcement, none left out. */
  #tell(open: OpenTrade, atNs: number): void {
    const { trade } = open
    if (trade.refusal !== null) {
      this.#say(open, 'refused', atNs)
      return
    }
    if (open.announced === 'submitted' && trade.state !== 'entering') {
      open.announced = 'open'
      this.#say(open, 'open', atNs)
    }
    if (open.announced === 'open' && (trade.state === 'exiting' || trade.state === 'closed')) {
      open.announced = 'closing'
      this.#say(open, 'closing', atNs)
    }
    if (trade.state === 'closed') this.#say(open, 'closed', atNs)
  }

  #say({ position, trade }: OpenTrade, to: PositionChange['to'], atNs: number): void {
    const outcome = to === 'closed' ? trade.outcome : null
    this.#announce({ kind: 'position', position, to, atNs, outcome, refusal: trade.refusal })
  }

  #drop(): void {
    // In place: each step of each trade comes here.
    let left = 0
    for (const open of this.#trades) {
      if (open.trade.state === 'closed') continue
      this.#trades[left] = open
      left += 1
    }
    this.#trades.length = left
    this.#schedule()
  }

  #schedule(): void {
    let next = Number.POSITIVE_INFINITY
    for (const open of this.#trades) next = Math.min(next, open.trade.nextDueNs)
    this.#nextDueNs = next
  }
}
