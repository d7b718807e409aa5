/**
 * Recordings as a tape: it is wound to an instant of event time, and the messages that fall due before it come off in order,
 * in the venue's format. It also knows what a venue tells at every subscription: the latest trades, the latest context.
 * For the playback server; one thread.
 *
 * Consecutive trades of one coin become one message, as the venue sends a block's. A new message begins with every other coin,
 * so that time never goes back from message to message. The contexts that fell due go last: a receiver stamps them with its
 * own decision time, and a trade of the same stretch behind them would seem to be late. Books and liquidations are not played:
 * nobody subscribes to them here.
 *
 * A tape may be played several times over. Each loop's times are those of the recordings plus a shift: none in the first loop, then as
 * much as puts the loop's begin one millisecond behind the last record of the loop before. So time strictly goes on, a loop is as long
 * as the stretch that it plays and one millisecond, and full hours fall elsewhere in each. Trades are numbered on through all loops: no
 * tid comes twice. What a late subscriber is told are the last trades and contexts that were played, whichever the loop. While one
 * loop is played the recordings are opened for the next, so that its begin does not wait for the disk.
 */
import { inputError } from '../../../base/errors.ts'
import type { Instrument } from '../../../domain/instrument.ts'
import { type MarketRecord, recordKinds } from '../../../domain/market.ts'
import { openRecordings, type RecordedFeedOptions } from '../recorded-feed.ts'
import { isWithin } from '../row-fields.ts'
import { contextText, type TapeContext, type TapeTrade, tradesText } from './messages.ts'
import { TapeReading } from './reading.ts'

/** How many trades a venue repeats at a subscription. */
export const recentTradesMax = 30

export type TapeChannel = 'trades' | 'activeAssetCtx'

/** Where messages go. */
export type TapeSend = (channel: TapeChannel, coin: string, text: string) => void

export interface TapeOptions {
  readonly files: readonly string[]
  /** Where the playback begins, Unix milliseconds; default: the first record. */
  readonly fromUnixMs?: number | undefined
  readonly instruments?: RecordedFeedOptions['instruments'] | undefined
  /** How often it is played, an integer of at least 1 or Infinity; default 1. */
  readonly loops?: number | undefined
  /** Where every loop after the first begins, Unix milliseconds; default: where the first does. */
  readonly loopFromUnixMs?: number | undefined
}

export class PlaybackTape {
  /** The recordings' symbols in byte order. */
  readonly symbols: readonly string[]
  /** Event time of the playback's begin and of the last record, Unix milliseconds; both of the first loop. */
  readonly startUnixMs: number
  readonly endUnixMs: number

  readonly #options: TapeOptions
  readonly #instruments: readonly Instrument[]
  readonly #recent: readonly TapeTrade[][]
  readonly #contexts: (TapeContext | null)[]
  readonly #loops: number
  readonly #loopFromUnixMs: number
  #reading: TapeReading
  /** The next loop's, wound to the begin; null where there is none, or not yet. */
  #following: Promise<TapeReading> | null = null
  #loop = 0
  #shiftMs = 0
  #tradeCount = 0
  #playedUnixMs: number

  private constructor(options: TapeOptions, reading: TapeReading, startUnixMs: number, endUnixMs: number) {
    this.#options = options
    this.#reading = reading
    this.#instruments = reading.feed.instruments
    this.#loops = options.loops ?? 1
    this.symbols = this.#instruments.map((instrument) => instrument.symbol)
    this.startUnixMs = startUnixMs
    this.endUnixMs = endUnixMs
    this.#loopFromUnixMs = options.loopFromUnixMs ?? startUnixMs
    this.#playedUnixMs = startUnixMs
    this.#recent = this.symbols.map(() => [])
    this.#contexts = this.symbols.map(() => null)
  }

  /**
   * Reads the recordings once through, then winds a second reading to the begin.
   * @throws {SignalboxError} `ERR_INPUT` as `openRecordings`, for recordings without a row, and for a begin behind the last.
   */
  static async open(options: TapeOptions): Promise<PlaybackTape> {
    const { files, fromUnixMs, loopFromUnixMs } = options
    const extent = await openRecordings(files, feedOptionsOf(options))
    while ((await extent.nextBatch()).count > 0);
    await extent.close()
    if (extent.firstNs === null || extent.lastNs === null) throw inputError(files.join(' '), 'holds nothing to play')
    const firstUnixMs = Number(extent.firstNs / 1_000_000n)
    const endUnixMs = Number(extent.lastNs / 1_000_000n)
    const startUnixMs = fromUnixMs ?? firstUnixMs
    for (const [field, beginUnixMs] of Object.entries({ fromUnixMs, loopFromUnixMs })) {
      if (beginUnixMs === undefined || beginUnixMs <= endUnixMs) continue
      throw inputError(field, 'the playback would begin after its last record', beginUnixMs)
    }

    const reading = await TapeReading.open(files, feedOptionsOf(options))
    const tape = new PlaybackTape(options, reading, startUnixMs, endUnixMs)
    await reading.windTo(startUnixMs, (record, recordMs) => {
      if (record.kind === recordKinds.context) tape.#noteContext(record)
      else if (record.kind === recordKinds.trade) tape.#noteTrade(record, recordMs)
    })
    return tape
  }

  /** How far it has been played, Unix milliseconds; goes on through all loops. */
  get playedUnixMs(): number {
    return this.#playedUnixMs
  }

  /** How much of the loop that is being played has been: 0 … 1. */
  get progress(): number {
    const beginUnixMs = this.#loop === 0 ? this.startUnixMs : this.#loopFromUnixMs
    const loopMs = this.endUnixMs - beginUnixMs
    return loopMs === 0 ? 0 : Math.min(1, Math.max(0, (this.#playedUnixMs - this.#shiftMs - beginUnixMs) / loopMs))
  }

  instrumentOf(coin: string): Instrument {
    return this.#instruments[this.symbols.indexOf(coin)]!
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
   * @returns `behind` when more is due, `level` when not, `end` when the tape has run out for the last time.
   * @throws {SignalboxError} `ERR_INPUT` when the recordings cannot be read any more.
   */
  async play(untilUnixMs: number, send: TapeSend): Promise<'behind' | 'level' | 'end'> {
    if (!(await this.#reading.advance()) && !(await this.#beginLoop())) return 'end'
    this.#following ??= this.#hasAnotherLoop() ? this.#openFollowing() : null
    const contextsDue: { coin: string; text: string }[] = []
    let run: TapeTrade[] = []
    let runSymbol = -1
    const endRun = (): void => {
      if (run.length > 0) send('trades', this.symbols[runSymbol]!, tradesText(this.#instruments[runSymbol]!, run))
      run = []
    }
    let isLevel = false
    for (let record = this.#reading.next; record !== null; record = this.#reading.next) {
      const unixMs = this.#reading.unixMsOf(record) + this.#shiftMs
      if (unixMs > untilUnixMs) {
        isLevel = true
        break
      }
      this.#reading.skip()
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
    await this.#reading.close()
    // One that failed has nothing to close; whoever plays on is told.
    const following = await this.#following?.catch(() => null)
    await following?.close()
  }

  /** A run's times are below 2^53 ns: a loop that would pass 104 days after the recordings' first midnight is not begun. */
  #hasAnotherLoop(): boolean {
    if (this.#loop + 1 >= this.#loops) return false
    const endOfNextMs = 2 * this.endUnixMs - this.#loopFromUnixMs + this.#shiftMs + 1
    return isWithin(this.#reading.feed.timeline, endOfNextMs)
  }

  #openFollowing(): Promise<TapeReading> {
    const following = this.#reread()
    // Its failure is heard when it is wanted, and must not end the process before.
    following.catch(() => {})
    return following
  }

  async #reread(): Promise<TapeReading> {
    const { files } = this.#options
    const reading = await TapeReading.open(files, feedOptionsOf(this.#options))
    const holdsMore = await reading.windTo(this.#loopFromUnixMs, () => {})
    if (holdsMore) return reading
    await reading.close()
    throw inputError(files.join(' '), 'holds nothing to play any more')
  }

  /** Goes on with the recordings' begin. False: this was the last loop. */
  async #beginLoop(): Promise<boolean> {
    if (this.#following === null) return false
    const reading = await this.#following
    await this.#reading.close()
    this.#following = null
    this.#reading = reading
    this.#shiftMs = Math.floor(this.#playedUnixMs - this.#loopFromUnixMs) + 1
    this.#loop += 1
    return true
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

function feedOptionsOf({ instruments }: TapeOptions): RecordedFeedOptions {
  return instruments === undefined ? {} : { instruments }
}
