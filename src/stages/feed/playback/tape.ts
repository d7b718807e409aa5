/**
 * Recordings as a tape: it is wound to an instant of event time, and the messages that fall due before it come off in order,
 * in the venue's format. It also knows what a venue tells at every subscription: the latest trades, the latest context.
 * For the playback server; one thread.
 *
 * Consecutive trades of one coin become one message, as the venue sends a block's. A new message begins with every other coin,
 * so that time never goes back from message to message. The contexts that fell due go last: a receiver stamps them with its
 * own decision time, and a trade of the same stretch behind them would seem to be late. Books and liquidations are not played:
 * nobody subscribes to them here.
 */
import { inputError } from '../../../base/errors.ts'
import type { Instrument } from '../../../domain/instrument.ts'
import { type MarketRecord, recordKinds } from '../../../domain/market.ts'
import { openRecordings, type RecordBatch, type RecordedFeed, type RecordedFeedOptions } from '../recorded-feed.ts'
import { contextText, type TapeContext, type TapeTrade, tradesText } from './messages.ts'

/** How many trades a venue repeats at a subscription. */
export const recentTradesMax = 30

export type TapeChannel = 'trades' | 'activeAssetCtx'

/** Where messages go. */
export type TapeSend = (channel: TapeChannel, coin: string, text: string) => void

export class PlaybackTape {
  /** The recordings' symbols in byte order. */
  readonly symbols: readonly string[]
  /** Event time of the playback's begin and of the last record, Unix milliseconds. */
  readonly startUnixMs: number
  readonly endUnixMs: number

  readonly #feed: RecordedFeed
  readonly #recent: readonly TapeTrade[][]
  readonly #contexts: (TapeContext | null)[]
  #batch: RecordBatch
  #cursor = 0
  #tradeCount = 0
  #playedUnixMs: number

  private constructor(feed: RecordedFeed, batch: RecordBatch, startUnixMs: number, endUnixMs: number) {
    this.#feed = feed
    this.#batch = batch
    this.symbols = feed.instruments.map((instrument) => instrument.symbol)
    this.startUnixMs = startUnixMs
    this.endUnixMs = endUnixMs
    this.#playedUnixMs = startUnixMs
    this.#recent = this.symbols.map(() => [])
    this.#contexts = this.symbols.map(() => null)
  }

  /**
   * Reads the recordings once through, then winds a second reading to `fromUnixMs` (default: the first record).
   * @throws {SignalboxError} `ERR_INPUT` as `openRecordings`, for recordings without a row, and for a begin behind the last.
   */
  static async open(
    files: readonly string[],
    fromUnixMs: number | undefined,
    instruments: RecordedFeedOptions['instruments'],
  ): Promise<PlaybackTape> {
    const options: RecordedFeedOptions = instruments === undefined ? {} : { instruments }
    const extent = await openRecordings(files, options)
    while ((await extent.nextBatch()).count > 0);
    await extent.close()
    if (extent.firstNs === null || extent.lastNs === null) throw inputError(files.join(' '), 'holds nothing to play')
    const firstUnixMs = Number(extent.firstNs / 1_000_000n)
    const endUnixMs = Number(extent.lastNs / 1_000_000n)
    const startUnixMs = fromUnixMs ?? firstUnixMs
    if (startUnixMs > endUnixMs)
      throw inputError('fromUnixMs', 'the playback would begin after its last record', fromUnixMs)

    const feed = await openRecordings(files, options)
    const tape = new PlaybackTape(feed, await feed.nextBatch(), startUnixMs, endUnixMs)
    await tape.#windTo(startUnixMs)
    return tape
  }

  /** How far it has been played, Unix milliseconds. */
  get playedUnixMs(): number {
    return this.#playedUnixMs
  }

  instrumentOf(coin: string): Instrument {
    return this.#feed.instruments[this.symbols.indexOf(coin)]!
  }

  /** The first message after a subscription to a coin's trades; without a trade before there was one. */
  recentTradesText(coin: string): string {
    return tradesText(this.instrumentOf(coin), this.#recent[this.symbols.indexOf(coin)]!)
  }

  /** The coin's latest context, or null before its first. */
  latestContextText(coin: string): string | null {
    const context = this.#contexts[this.symbols.indexOf(coin)]!
    return context === null ? null : contextText(this.instrumentOf(coin), context)
  }

  /**
   * Sends what falls due up to and including `untilUnixMs`, at most about a batch of records.
   * @returns `behind` when more is due, `level` when not, `end` when the tape has run out.
   */
  async play(untilUnixMs: number, send: TapeSend): Promise<'behind' | 'level' | 'end'> {
    if (this.#cursor === this.#batch.count) {
      this.#batch = await this.#feed.nextBatch()
      this.#cursor = 0
      if (this.#batch.count === 0) return 'end'
    }
    const contextsDue: { coin: string; text: string }[] = []
    let run: TapeTrade[] = []
    let runSymbol = -1
    const endRun = (): void => {
      if (run.length > 0) send('trades', this.symbols[runSymbol]!, tradesText(this.#feed.instruments[runSymbol]!, run))
      run = []
    }
    let isLevel = false
    while (this.#cursor < this.#batch.count) {
      const record = this.#batch.records[this.#cursor]!
      const unixMs = this.#feed.timeline.toUnixMs(record.atNs)
      if (unixMs > untilUnixMs) {
        isLevel = true
        break
      }
      this.#cursor += 1
      this.#playedUnixMs = unixMs
      if (record.kind === recordKinds.context) {
        this.#noteContext(record)
        const coin = this.symbols[record.symbolIndex]!
        contextsDue.push({ coin, text: this.latestContextText(coin)! })
        continue
      }
      if (record.kind !== recordKinds.trade) continue
      if (record.symbolIndex !== runSymbol) endRun()
      runSymbol = record.symbolIndex
      run.push(this.#noteTrade(record, unixMs))
    }
    endRun()
    for (const { coin, text } of contextsDue) send('activeAssetCtx', coin, text)
    return isLevel ? 'level' : 'behind'
  }

  async close(): Promise<void> {
    await this.#feed.close()
  }

  async #windTo(unixMs: number): Promise<void> {
    while (this.#batch.count > 0) {
      for (; this.#cursor < this.#batch.count; this.#cursor += 1) {
        const record = this.#batch.records[this.#cursor]!
        const recordMs = this.#feed.timeline.toUnixMs(record.atNs)
        if (recordMs >= unixMs) return
        if (record.kind === recordKinds.context) this.#noteContext(record)
        else if (record.kind === recordKinds.trade) this.#noteTrade(record, recordMs)
      }
      this.#batch = await this.#feed.nextBatch()
      this.#cursor = 0
    }
  }

  #noteTrade(record: MarketRecord, unixMs: number): TapeTrade {
    const trade: TapeTrade = {
      unixMs,
      priceTicks: record.priceTicks,
      quantityLots: record.quantityLots,
      aggressor: record.aggressor,
      ordinal: this.#tradeCount,
    }
    this.#tradeCount += 1
    const recent = this.#recent[record.symbolIndex]!
    if (recent.length === recentTradesMax) recent.shift()
    recent.push(trade)
    return trade
  }

  #noteContext(record: MarketRecord): void {
    const { markTicks, oracleTicks, openInterestLots, fundingRate } = record
    this.#contexts[record.symbolIndex] = { markTicks, oracleTicks, openInterestLots, fundingRate }
  }
}
