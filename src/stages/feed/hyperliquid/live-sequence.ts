/**
 * Puts what a live venue sends into the one order that a run has: a record's time never goes back, although trades of several
 * symbols arrive a little out of step and every subscription begins with history. Pure but for the callback; one thread.
 *
 * The rule, for each trade that was not seen before (by its tid, per symbol; a seen one counts as `duplicates`):
 *   1. Its time is not after `notBeforeNs`, the last record of the warm-up: it is dropped (`late`). The warm-up had it, and its
 *      rows carry no tids that would tell.
 *   2. Its time is not before the newest record handed out: it keeps its time.
 *   3. It is older by at most `lateToleranceNs`: it is handed out with the newest record's time (`restamped`). Price, size and
 *      side of a trade that arrives a moment after another symbol's are worth more than its exact millisecond.
 *   4. It is older than that: it is dropped (`late`). It is history that would distort the present.
 * Within a message trades are sorted by time. A context has no time of its own: it gets the decision time, or the newest
 * record's if that is later.
 *
 * The opening. After every (re)subscription each symbol's first message holds its last 30 or so trades, seconds old for a
 * busy symbol, a minute for a quiet one. Handed out as they come, the first would make the others late. So from
 * {@link LiveSequence.beginOpening} on trades are held until every symbol has sent its first message (the owner ends it
 * earlier when that takes too long), and then handed out as one message sorted by (time, symbol, arrival), the latest context of
 * each symbol after them.
 */
import { clearRecord, createMarketRecord, type MarketRecord, recordKinds } from '../../../domain/market.ts'
import type { ContextFields } from '../row-fields.ts'
import { TidWindow } from './tid-window.ts'

/** Records in one call of `onBatch`, at most; more are split. */
export const liveBatchRecordsMax = 1_024

/** How many trades an opening holds; at one more it ends. */
export const openingTradesMax = 8_192

/** A checked trade with its place in the run. */
export interface LiveTrade {
  readonly symbolIndex: number
  readonly atNs: number
  readonly priceTicks: number
  readonly quantityLots: number
  readonly aggressor: number
  readonly tid: number
  readonly receivedMonotonicNs: number
}

/** What became of the records; counts only grow. */
export interface SequenceCounters {
  /** Trades handed out. */
  trades: number
  /** Contexts handed out (in an opening only the latest of each symbol is). */
  contexts: number
  /** Trades left out because their tid was seen before. */
  duplicates: number
  /** Trades left out by rules 1 and 4. */
  late: number
  /** Trades handed out under a later time by rule 3. */
  restamped: number
}

export interface LiveSequenceOptions {
  readonly symbolCount: number
  /** The newest time that the run has seen before the feed (its warm-up), or −∞. */
  readonly notBeforeNs: number
  readonly lateToleranceNs: number
  readonly counters: SequenceCounters
  nowNs(): number
  onBatch(records: readonly MarketRecord[], count: number, receivedMonotonicNs: number): void
}

interface HeldContext {
  fields: ContextFields
  receivedMonotonicNs: number
}

export class LiveSequence {
  readonly #options: LiveSequenceOptions
  readonly #windows: readonly TidWindow[]
  readonly #records: readonly MarketRecord[] = Array.from({ length: liveBatchRecordsMax }, createMarketRecord)
  #count = 0
  #newestNs: number
  #isOpening = false
  /** Symbols whose first message has come, in the opening. */
  readonly #answered = new Set<number>()
  /** First messages without a trade: they do not say whose they are. */
  #emptyAnswers = 0
  #heldTrades: LiveTrade[] = []
  readonly #heldContexts = new Map<number, HeldContext>()

  constructor(options: LiveSequenceOptions) {
    this.#options = options
    this.#newestNs = options.notBeforeNs
    this.#windows = Array.from({ length: options.symbolCount }, () => new TidWindow())
  }

  /** The time of the newest record handed out. */
  get newestNs(): number {
    return this.#newestNs
  }

  get isOpening(): boolean {
    return this.#isOpening
  }

  /** A connection subscribes: what follows begins with history. What an interrupted opening held is handed out first. */
  beginOpening(): void {
    this.endOpening()
    this.#isOpening = true
    this.#answered.clear()
    this.#emptyAnswers = 0
  }

  /** One message's trades, in the order received; sorted here. An empty message is an answer too. */
  acceptTrades(trades: LiveTrade[], receivedMonotonicNs: number): void {
    const fresh: LiveTrade[] = []
    for (const trade of trades) {
      if (this.#windows[trade.symbolIndex]!.add(trade.tid)) fresh.push(trade)
      else this.#options.counters.duplicates += 1
    }
    if (!this.#isOpening) {
      fresh.sort(byTime)
      this.#handOutTrades(fresh)
      this.#flush(receivedMonotonicNs)
      this.#handOutHeldContexts()
      return
    }
    for (const trade of fresh) this.#heldTrades.push(trade)
    for (const trade of trades) this.#answered.add(trade.symbolIndex)
    if (trades.length === 0) this.#emptyAnswers += 1
    const isAnswered = this.#answered.size + this.#emptyAnswers >= this.#options.symbolCount
    if (isAnswered || this.#heldTrades.length > openingTradesMax) this.endOpening()
  }

  /** A context; `fields.atMs` is not read. */
  acceptContext(symbolIndex: number, fields: ContextFields, receivedMonotonicNs: number): void {
    // A context has no time of its own, and before the first trade nobody knows the exchange's.
    if (this.#isOpening || this.#newestNs === Number.NEGATIVE_INFINITY) {
      this.#heldContexts.set(symbolIndex, { fields: { ...fields }, receivedMonotonicNs })
      return
    }
    this.#handOutContext(symbolIndex, fields, receivedMonotonicNs)
  }

  /** Hands out what the opening held. Does nothing outside one. */
  endOpening(): void {
    if (!this.#isOpening) return
    this.#isOpening = false
    const trades = this.#heldTrades.sort((a, b) => a.atNs - b.atNs || a.symbolIndex - b.symbolIndex)
    this.#heldTrades = []
    this.#handOutTrades(trades)
    // The newest trade's receipt: from it the run counts what has passed since.
    this.#flush(trades.at(-1)?.receivedMonotonicNs ?? 0)
    this.#handOutHeldContexts()
  }

  #handOutHeldContexts(): void {
    if (this.#heldContexts.size === 0 || this.#newestNs === Number.NEGATIVE_INFINITY) return
    const contexts = [...this.#heldContexts].sort(([a], [b]) => a - b)
    this.#heldContexts.clear()
    for (const [symbolIndex, held] of contexts) {
      this.#handOutContext(symbolIndex, held.fields, held.receivedMonotonicNs)
    }
  }

  #handOutTrades(trades: readonly LiveTrade[]): void {
    const { counters, lateToleranceNs, notBeforeNs } = this.#options
    for (const trade of trades) {
      const lagNs = this.#newestNs - trade.atNs
      if (trade.atNs <= notBeforeNs || lagNs > lateToleranceNs) {
        counters.late += 1
        continue
      }
      if (lagNs > 0) counters.restamped += 1
      else this.#newestNs = trade.atNs
      counters.trades += 1
      const record = this.#nextRecord(trade.receivedMonotonicNs)
      clearRecord(record, recordKinds.trade, trade.symbolIndex, this.#newestNs)
      record.priceTicks = trade.priceTicks
      record.quantityLots = trade.quantityLots
      record.aggressor = trade.aggressor
    }
  }

  #handOutContext(symbolIndex: number, fields: ContextFields, receivedMonotonicNs: number): void {
    this.#newestNs = Math.max(this.#options.nowNs(), this.#newestNs)
    this.#options.counters.contexts += 1
    const record = this.#nextRecord(receivedMonotonicNs)
    clearRecord(record, recordKinds.context, symbolIndex, this.#newestNs)
    record.markTicks = fields.markTicks
    record.oracleTicks = fields.oracleTicks
    record.openInterestLots = fields.openInterestLots
    record.fundingRate = fields.fundingRate
    this.#flush(receivedMonotonicNs)
  }

  #nextRecord(receivedMonotonicNs: number): MarketRecord {
    if (this.#count === liveBatchRecordsMax) this.#flush(receivedMonotonicNs)
    const record = this.#records[this.#count]!
    this.#count += 1
    return record
  }

  #flush(receivedMonotonicNs: number): void {
    if (this.#count === 0) return
    const count = this.#count
    this.#count = 0
    this.#options.onBatch(this.#records, count, receivedMonotonicNs)
  }
}

function byTime(a: LiveTrade, b: LiveTrade): number {
  return a.atNs - b.atNs
}
