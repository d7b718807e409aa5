/**
 * The live feed: trades and asset contexts of Hyperliquid (or of the playback server, which speaks the same) over one
 * WebSocket, as market records in the order that {@link LiveSequence} keeps. Lives on an event loop; everything it calls back
 * is called from there, never nested, never after `stop()` has resolved.
 *
 * A connection is lost when it closes, fails, or is silent for `idleTimeoutMs` although it was pinged; the feed then connects
 * again, after a delay that doubles with every attempt that brought no market data, with jitter, for ever.
 */
import WebSocket from 'ws'
import { requireInteger, requireNumber } from '../../../base/assert.ts'
import { SignalboxError } from '../../../base/errors.ts'
import type { Random } from '../../../base/random.ts'
import { type Instrument, instrumentOf } from '../../../domain/instrument.ts'
import type { MarketRecord } from '../../../domain/market.ts'
import { nsPerMs, nsPerSecond, type Timeline } from '../../../domain/units.ts'
import { MalformedCounts, type MalformedKind } from '../malformed.ts'
import {
  createContextFields,
  createTradeFields,
  isMissing,
  isObject,
  isWithin,
  readContextFields,
  readTradeFields,
} from '../row-fields.ts'
import { closeSocket, normalClose } from './close-socket.ts'
import { LiveSequence, type LiveTrade, type SequenceCounters } from './live-sequence.ts'
import { parseVenueMessage, pingText, type SubscriptionType, subscribeText } from './messages.ts'

/** What `onStatus` tells. */
export type FeedStatus =
  /** A connection is being opened; `attempt` counts from 1 and starts anew after market data came. */
  | { readonly state: 'connecting'; readonly attempt: number }
  | { readonly state: 'connected' }
  /** The venue has confirmed every subscription. */
  | { readonly state: 'subscribed' }
  /** The venue has answered with an error message; the connection goes on. */
  | { readonly state: 'venue_error'; readonly message: string }
  | { readonly state: 'lost'; readonly reason: string }
  | { readonly state: 'reconnecting'; readonly inMs: number }
  /** Only with `endOnNormalClose`: the other side has closed with code 1000; there will be no more records. */
  | { readonly state: 'ended'; readonly reason: string }
  | { readonly state: 'stopped' }

export interface HyperliquidFeedOptions {
  /** `ws://…` or `wss://…`. */
  readonly url: string
  /** The run's symbols: a record's `symbolIndex` counts in this list. At least one, no two alike. */
  readonly symbols: readonly string[]
  /** Grids of symbols, before the known ones (`instrumentOf`). */
  readonly instruments?: Readonly<Record<string, Omit<Instrument, 'symbol'>>>
  /** The run's timeline; after a warm-up that of its recordings. */
  readonly timeline: Timeline
  /** The newest time that the run has seen before the feed (the warm-up's last record); default −∞. */
  readonly notBeforeNs?: number
  /** How far a trade may lag behind the newest record and still count, exchange time; ≥ 0, default 5 s. Times the time scale. */
  readonly lateToleranceNs?: number
  /** The current decision time on the timeline, an integer: the time of a context, which has none of its own. */
  nowNs(): number
  monotonicNs(): number
  /** For the jitter of reconnects. */
  readonly random: Random
  /** `records[0 … count − 1]`, valid during the call; `receivedMonotonicNs`: when the message that held them was received. */
  onBatch(records: readonly MarketRecord[], count: number, receivedMonotonicNs: number): void
  onStatus(status: FeedStatus): void
  /** How often the venue is pinged; it asks for every 50 s at least. 10 … 50,000, default 30,000. */
  readonly pingIntervalMs?: number
  /** After how much silence a connection counts as dead; 10 … 600,000, default 65,000: two pings unanswered. */
  readonly idleTimeoutMs?: number
  /** How long an opening (see {@link LiveSequence}) waits for every symbol's first message; 1 … 60,000, default 2,000. */
  readonly openingTimeoutMs?: number
  /** After attempt n without market data a random half to whole of min(maxMs, initialMs × 2^(n − 1)) passes; defaults 250 and 30,000. */
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number }
  /** A normal close (code 1000) by the other side is the end, as from a playback; default false: it is a loss like any other. */
  readonly endOnNormalClose?: boolean
}

export interface FeedCounters extends SequenceCounters {
  /** Messages received, of any kind. */
  messages: number
  /** Connections opened after the first. */
  reconnects: number
  /** Error messages of the venue. */
  errors: number
  /** By kind ({@link malformedMeanings}): messages, or trades within a message. */
  readonly malformed: Map<string, number>
}

const messageBytesMax = 16 * 1024 * 1024
const subscriptionTypes: readonly SubscriptionType[] = ['trades', 'activeAssetCtx']

export class HyperliquidFeed {
  readonly instruments: readonly Instrument[]
  readonly counters: FeedCounters

  readonly #options: HyperliquidFeedOptions
  readonly #malformed = new MalformedCounts()
  readonly #sequence: LiveSequence
  readonly #symbolIndices: ReadonlyMap<string, number>
  readonly #pingIntervalMs: number
  readonly #idleTimeoutMs: number
  readonly #openingTimeoutMs: number
  readonly #backoff: { readonly initialMs: number; readonly maxMs: number }
  readonly #trade = createTradeFields()
  readonly #context = createContextFields()
  readonly #unconfirmed = new Set<string>()

  #state: 'new' | 'running' | 'ended' | 'stopped' = 'new'
  #socket: WebSocket | null = null
  #attempt = 0
  #hasConnected = false
  #isPaused = false
  /** Why the socket that is about to close does. */
  #lossReason = ''
  /** The last sign of life of the connection being opened or open. */
  #aliveNs = 0
  #lastMessageNs = Number.NEGATIVE_INFINITY
  #pingTimer: NodeJS.Timeout | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #openingTimer: NodeJS.Timeout | undefined
  #reconnectTimer: NodeJS.Timeout | undefined

  /** @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the option that is out of its range. */
  constructor(options: HyperliquidFeedOptions) {
    this.#options = options
    requireUrl(options.url)
    if (options.symbols.length === 0 || new Set(options.symbols).size !== options.symbols.length) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', 'symbols must be at least one, no two alike', {
        field: 'symbols',
      })
    }
    this.#pingIntervalMs = requireInteger('pingIntervalMs', options.pingIntervalMs ?? 30_000, 10, 50_000)
    this.#idleTimeoutMs = requireInteger('idleTimeoutMs', options.idleTimeoutMs ?? 65_000, 10, 600_000)
    this.#openingTimeoutMs = requireInteger('openingTimeoutMs', options.openingTimeoutMs ?? 2_000, 1, 60_000)
    this.#backoff = options.backoff ?? { initialMs: 250, maxMs: 30_000 }
    requireInteger('backoff.initialMs', this.#backoff.initialMs, 1, 600_000)
    requireInteger('backoff.maxMs', this.#backoff.maxMs, this.#backoff.initialMs, 600_000)
    const lateToleranceNs = options.lateToleranceNs ?? 5 * nsPerSecond
    requireNumber('lateToleranceNs', lateToleranceNs, 0, Number.MAX_SAFE_INTEGER)
    this.instruments = HyperliquidFeed.instrumentsOf(options.symbols, options.instruments)
    this.#symbolIndices = new Map(options.symbols.map((symbol, index) => [symbol, index]))
    this.counters = {
      messages: 0,
      trades: 0,
      contexts: 0,
      duplicates: 0,
      late: 0,
      restamped: 0,
      reconnects: 0,
      errors: 0,
      malformed: this.#malformed.byKind,
    }
    this.#sequence = new LiveSequence({
      symbolCount: options.symbols.length,
      notBeforeNs: options.notBeforeNs ?? Number.NEGATIVE_INFINITY,
      lateToleranceNs,
      counters: this.counters,
      nowNs: () => options.nowNs(),
      onBatch: (records, count, receivedMonotonicNs) => options.onBatch(records, count, receivedMonotonicNs),
    })
  }

  /** The grids of the symbols, in their order. */
  static instrumentsOf(
    symbols: readonly string[],
    overrides: HyperliquidFeedOptions['instruments'] = {},
  ): readonly Instrument[] {
    return symbols.map((symbol) => instrumentOf(symbol, overrides))
  }

  /** When the last message of any kind came, pongs included, on the monotonic clock; −∞ before the first. */
  get lastMessageMonotonicNs(): number {
    return this.#lastMessageNs
  }

  /** Connects, and stays connected until `stop()`. @throws {SignalboxError} `ERR_CLOSED` when called again. */
  start(): void {
    if (this.#state !== 'new') throw new SignalboxError('ERR_CLOSED', 'a feed starts once')
    this.#state = 'running'
    this.#connect()
  }

  /** Closes the connection, within a second even if the other side is silent. What an opening still holds is dropped. Idempotent. */
  async stop(): Promise<void> {
    const wasRunning = this.#state === 'running'
    this.#state = 'stopped'
    this.#clearTimers()
    const socket = this.#socket
    this.#socket = null
    if (socket !== null && socket.readyState !== WebSocket.CLOSED) await closeSocket(socket)
    if (wasRunning) this.#options.onStatus({ state: 'stopped' })
  }

  #connect(): void {
    this.#attempt += 1
    this.#lossReason = ''
    this.#aliveNs = this.#options.monotonicNs()
    this.#options.onStatus({ state: 'connecting', attempt: this.#attempt })
    const socket = new WebSocket(this.#options.url, {
      perMessageDeflate: false,
      maxPayload: messageBytesMax,
      handshakeTimeout: this.#idleTimeoutMs,
    })
    this.#socket = socket
    const ifCurrent = (handle: () => void) => () => {
      if (socket === this.#socket) handle()
    }
    const isAlive = ifCurrent(() => this.#noteSignOfLife())
    socket.on(
      'open',
      ifCurrent(() => this.#subscribe(socket)),
    )
    socket.on('message', (data, isBinary) => {
      if (socket === this.#socket) this.#receive(isBinary ? null : data.toString())
    })
    socket.on('ping', isAlive)
    socket.on('pong', isAlive)
    // `close` follows every error.
    socket.on('error', (error) => {
      if (socket === this.#socket) this.#lossReason ||= error.message
    })
    socket.on('close', (code, reason) => {
      if (socket === this.#socket) this.#closed(code, reason.toString())
    })
    this.#idleTimer = setInterval(() => this.#checkIdle(socket), Math.max(1, Math.floor(this.#idleTimeoutMs / 4)))
  }

  #subscribe(socket: WebSocket): void {
    // While it connected a socket could not be held back.
    if (this.#isPaused) socket.pause()
    if (this.#hasConnected) this.counters.reconnects += 1
    this.#hasConnected = true
    this.#noteSignOfLife()
    this.#options.onStatus({ state: 'connected' })
    this.#sequence.beginOpening()
    this.#openingTimer = setTimeout(() => this.#sequence.endOpening(), this.#openingTimeoutMs)
    this.#pingTimer = setInterval(() => socket.send(pingText), this.#pingIntervalMs)
    this.#unconfirmed.clear()
    for (const type of subscriptionTypes) {
      for (const symbol of this.#options.symbols) {
        this.#unconfirmed.add(`${type} ${symbol}`)
        socket.send(subscribeText(type, symbol))
      }
    }
  }

  #noteSignOfLife(): void {
    this.#aliveNs = this.#options.monotonicNs()
  }

  /** Reads no more from the venue until {@link resume}: what it sends meanwhile waits in the connection. */
  pause(): void {
    this.#isPaused = true
    this.#socket?.pause()
  }

  /** Idempotent. */
  resume(): void {
    this.#isPaused = false
    this.#aliveNs = this.#options.monotonicNs()
    this.#socket?.resume()
  }

  #checkIdle(socket: WebSocket): void {
    // Who is not listened to cannot be silent.
    if (this.#isPaused) return
    if (this.#options.monotonicNs() - this.#aliveNs < this.#idleTimeoutMs * nsPerMs) return
    this.#lossReason = `silent for ${this.#idleTimeoutMs} ms`
    socket.terminate()
  }

  #closed(code: number, reason: string): void {
    this.#clearTimers()
    this.#socket = null
    this.#sequence.endOpening()
    if (code === normalClose && this.#options.endOnNormalClose === true) {
      this.#state = 'ended'
      this.#options.onStatus({ state: 'ended', reason })
      return
    }
    const told = this.#lossReason || `closed with code ${code}${reason === '' ? '' : ` (${reason})`}`
    this.#options.onStatus({ state: 'lost', reason: told })
    const wholeMs = Math.min(this.#backoff.maxMs, this.#backoff.initialMs * 2 ** Math.max(0, this.#attempt - 1))
    const inMs = Math.ceil(wholeMs * (0.5 + 0.5 * this.#options.random.fraction()))
    this.#options.onStatus({ state: 'reconnecting', inMs })
    // The callbacks above may have stopped the feed.
    if (this.#state === 'running') this.#reconnectTimer = setTimeout(() => this.#connect(), inMs)
  }

  #clearTimers(): void {
    clearInterval(this.#pingTimer)
    clearInterval(this.#idleTimer)
    clearTimeout(this.#openingTimer)
    clearTimeout(this.#reconnectTimer)
  }

  #receive(text: string | null): void {
    const receivedMonotonicNs = this.#options.monotonicNs()
    this.#aliveNs = receivedMonotonicNs
    this.#lastMessageNs = receivedMonotonicNs
    this.counters.messages += 1
    if (text === null) {
      this.#malformed.add('binary')
      return
    }
    const message = parseVenueMessage(text)
    switch (message.channel) {
      case 'trades':
        this.#receiveTrades(message.trades, receivedMonotonicNs)
        return
      case 'activeAssetCtx':
        this.#receiveContext(message.coin, message.context, receivedMonotonicNs)
        return
      case 'subscriptionResponse':
        if (this.#unconfirmed.delete(`${message.type} ${message.coin}`) && this.#unconfirmed.size === 0) {
          this.#options.onStatus({ state: 'subscribed' })
        }
        return
      case 'error':
        this.counters.errors += 1
        this.#options.onStatus({ state: 'venue_error', message: message.message })
        return
      case 'malformed':
        this.#malformed.add(message.kind)
        return
      case 'l2Book':
        this.#malformed.add('unknown_channel') // recordings have books, this feed does not ask for them
        return
      case 'greeting':
      case 'pong':
        return
    }
  }

  #receiveTrades(rows: readonly unknown[], receivedMonotonicNs: number): void {
    const trades: LiveTrade[] = []
    for (const row of rows) {
      const trade = this.#readTrade(row, receivedMonotonicNs)
      if (typeof trade === 'string') this.#malformed.add(trade)
      else trades.push(trade)
    }
    // A message of nothing but malformed trades is not a symbol's empty history.
    if (trades.length === 0 && rows.length > 0) return
    this.#attempt = 0
    this.#sequence.acceptTrades(trades, receivedMonotonicNs)
  }

  #readTrade(row: unknown, receivedMonotonicNs: number): LiveTrade | MalformedKind {
    if (!isObject(row)) return 'bad_message'
    const symbolIndex = typeof row.coin === 'string' ? this.#symbolIndices.get(row.coin) : undefined
    if (symbolIndex === undefined) return 'unknown_coin'
    const fields = this.#trade
    const malformed = readTradeFields(this.instruments[symbolIndex]!, row.time, row.px, row.sz, row.side, fields)
    if (malformed !== null) return malformed
    if (!isWithin(this.#options.timeline, fields.atMs)) return 'bad_ts'
    const { tid } = row
    if (isMissing(tid)) return 'missing_tid'
    if (typeof tid !== 'number' || !Number.isSafeInteger(tid)) return 'bad_tid'
    return {
      symbolIndex,
      atNs: this.#options.timeline.fromUnixMs(fields.atMs),
      priceTicks: fields.priceTicks,
      quantityLots: fields.quantityLots,
      aggressor: fields.aggressor,
      tid,
      receivedMonotonicNs,
    }
  }

  #receiveContext(coin: unknown, context: Record<string, unknown>, receivedMonotonicNs: number): void {
    const symbolIndex = typeof coin === 'string' ? this.#symbolIndices.get(coin) : undefined
    if (symbolIndex === undefined) {
      this.#malformed.add('unknown_coin')
      return
    }
    const { funding, openInterest, markPx, oraclePx } = context
    const instrument = this.instruments[symbolIndex]!
    const malformed = readContextFields(instrument, funding, openInterest, markPx, oraclePx, this.#context)
    if (malformed !== null) {
      this.#malformed.add(malformed)
      return
    }
    this.#attempt = 0
    this.#sequence.acceptContext(symbolIndex, this.#context, receivedMonotonicNs)
  }
}

function requireUrl(url: string): void {
  const isSocketUrl = URL.canParse(url) && ['ws:', 'wss:'].includes(new URL(url).protocol)
  if (!isSocketUrl) {
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `url must be ws://… or wss://…, got ${url}`, {
      field: 'url',
      value: url,
    })
  }
}
