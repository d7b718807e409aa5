/**
 * Plays recordings as a local exchange: a WebSocket server that speaks Hyperliquid's protocol and sends what fell due, at
 * `timeScale` × real time. For the demonstration, and for tests that want the live feed without the network. One event loop.
 *
 * Trades keep their recorded time, so a receiver whose decision time runs at the same scale stays within the recording. Each
 * client may subscribe to what it likes when it likes; the tape runs once, for all of them. A client that reads slowly holds the
 * tape up (recorded time does not change by it, so nothing is lost); one that reads nothing for `clientStallMs` is cut off. The tape may
 * run several times over (`loops`; tape.ts says what becomes of times and trade ids).
 */
import { once } from 'node:events'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import WebSocket, { WebSocketServer } from 'ws'
import { requireInteger, requireNumber } from '../../../base/assert.ts'
import { messageOf, SignalboxError } from '../../../base/errors.ts'
import { nsPerMs } from '../../../domain/units.ts'
import { greetingText } from '../hyperliquid/messages.ts'
import type { RecordedFeedOptions } from '../recorded-feed.ts'
import { isObject } from '../row-fields.ts'
import { PlaybackTape, type TapeChannel } from './tape.ts'

/** When the tape starts to run. */
export type PlaybackStart =
  /** When one client is subscribed to the trades of every expected symbol. */
  | 'subscribed'
  /** At the first subscription to anything. */
  | 'first-subscription'
  /** At once. */
  | 'immediately'

export interface PlaybackServerOptions {
  readonly files: readonly string[]
  /** Event time ÷ real time; 0.001 … 1,000,000. */
  readonly timeScale: number
  /** 0 (default): any free one. */
  readonly port?: number
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string
  /** Default `subscribed`. */
  readonly startWhen?: PlaybackStart
  /** For `subscribed`; default: every symbol of the recordings. */
  readonly expectedSymbols?: readonly string[]
  /** The monotonic clock, nanoseconds. */
  clock(): number
  /** Event time at which to begin; what lies before feeds the first messages of subscriptions. Default: the first record. */
  readonly fromUnixMs?: number
  readonly instruments?: RecordedFeedOptions['instruments']
  /**
   * How often the recordings are played, an integer of at least 1, or Infinity: until `stop()`; default 1. Whatever is asked, no loop
   * begins that would pass 104 days after the recordings' first midnight: that is more than a run holds.
   */
  readonly loops?: number
  /** Event time in the recordings at which every loop after the first begins. Default: where the first does. */
  readonly loopFromUnixMs?: number
  /** After how long without progress a client that does not read is cut off; 10 … 600,000, default 5,000. */
  readonly clientStallMs?: number
  /** Once, when the last record has been sent and every client closed. Not after `stop()`. */
  onEnd?(): void
}

export interface PlaybackServer {
  /** `ws://host:port` */
  readonly url: string
  /** The recordings' symbols, byte order. */
  readonly symbols: readonly string[]
  /** Event time, Unix milliseconds; of the first loop. */
  readonly startUnixMs: number
  readonly endUnixMs: number
  /** How much of the event time has been played: 0 … 1; of several loops, of the one that is being played. */
  progress(): number
  /** Resolves when everything has been played, or after `stop()`; rejects when the recordings cannot be read any more. */
  readonly finished: Promise<void>
  /** Ends the playback, cuts every connection and stops listening. Idempotent. */
  stop(): Promise<void>
}

/** How often the tape is wound on. */
const tickMs = 5
/** The tape waits while more than this lies unsent for a client: its bound of memory is this and one batch of messages. */
export const clientBufferBytesMax = 1024 * 1024
const clientStallDefaultMs = 5_000
const requestBytesMax = 16 * 1024
const endOfRecording = 'end of the recording'

/**
 * Starts the server. When the tape has run out, each client's connection is closed with code 1000, and so is one that comes later.
 *
 * @throws {SignalboxError} `ERR_INPUT` as `openRecordings`, and for recordings with nothing to play; `ERR_INVALID_ARGUMENT` outside
 *   the ranges; `ERR_IO` when the port cannot be had.
 */
export async function startPlaybackServer(options: PlaybackServerOptions): Promise<PlaybackServer> {
  requireNumber('timeScale', options.timeScale, 0.001, 1e6)
  requireInteger('clientStallMs', options.clientStallMs ?? clientStallDefaultMs, 10, 600_000)
  const { loops = 1 } = options
  if (loops !== Number.POSITIVE_INFINITY) requireInteger('loops', loops, 1, Number.MAX_SAFE_INTEGER)
  const port = requireInteger('port', options.port ?? 0, 0, 65_535)
  const host = options.host ?? '127.0.0.1'
  const tape = await PlaybackTape.open(options)
  const server = new WebSocketServer({ host, port, perMessageDeflate: false, maxPayload: requestBytesMax })
  try {
    await once(server, 'listening')
  } catch (error) {
    await tape.close()
    throw new SignalboxError('ERR_IO', `the playback cannot listen on ${host}:${port} (${messageOf(error)})`, {
      field: 'port',
      value: port,
      cause: error,
    })
  }
  return new RunningPlayback(options, tape, server)
}

interface Client {
  readonly socket: WebSocket
  /** `trades BTC`, … */
  readonly subscriptions: Set<string>
  /** Since when its buffer has been over the bound without shrinking, monotonic; and how large it was then. */
  stalledSinceNs: number
  stalledBytes: number
}

class RunningPlayback implements PlaybackServer {
  readonly url: string
  readonly symbols: readonly string[]
  readonly startUnixMs: number
  readonly endUnixMs: number
  readonly finished: Promise<void>

  readonly #options: PlaybackServerOptions
  readonly #tape: PlaybackTape
  readonly #server: WebSocketServer
  readonly #clients = new Set<Client>()
  readonly #stopping = new AbortController()
  readonly #start: () => void
  readonly #clientStallMs: number
  #hasEnded = false

  constructor(options: PlaybackServerOptions, tape: PlaybackTape, server: WebSocketServer) {
    this.#options = options
    this.#tape = tape
    this.#server = server
    this.#clientStallMs = options.clientStallMs ?? clientStallDefaultMs
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const host = options.host ?? '127.0.0.1'
    this.url = `ws://${host.includes(':') ? `[${host}]` : host}:${port}`
    this.symbols = tape.symbols
    this.startUnixMs = tape.startUnixMs
    this.endUnixMs = tape.endUnixMs
    let start = (): void => {}
    const started = new Promise<void>((resolve) => {
      start = resolve
    })
    this.#start = start
    this.#stopping.signal.addEventListener('abort', start)
    this.finished = started.then(() => this.#run())
    // Who does not ask for the end is told of a failure by the closed connection; who does, by the promise.
    this.finished.catch(() => {})
    server.on('connection', (socket) => this.#welcome(socket))
    if (options.startWhen === 'immediately') start()
  }

  progress(): number {
    return this.#hasEnded ? 1 : this.#tape.progress
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.finished.catch(() => {})
    for (const client of this.#clients) client.socket.terminate()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  async #run(): Promise<void> {
    const { clock, timeScale } = this.#options
    const startedNs = clock()
    try {
      while (!this.#stopping.signal.aborted) {
        const dueUnixMs = this.startUnixMs + ((clock() - startedNs) / nsPerMs) * timeScale
        const outcome = await this.#tape.play(dueUnixMs, (channel, coin, text) => this.#send(channel, coin, text))
        if (outcome === 'end') {
          this.#hasEnded = true
          break
        }
        // A turn of the event loop lets the sockets take what was written.
        if (outcome === 'behind') await nextTurn()
        else await this.#pause()
        await this.#waitForClients()
      }
    } catch (error) {
      await this.#closeClients(1_011, messageOf(error).slice(0, 100))
      throw error
    } finally {
      await this.#tape.close()
    }
    if (this.#hasEnded) {
      await this.#closeClients(1_000, endOfRecording)
      this.#options.onEnd?.()
    }
  }

  /** A tick, or less when stopped. */
  async #pause(): Promise<void> {
    try {
      await delay(tickMs, undefined, { signal: this.#stopping.signal })
    } catch {
      // Aborted: the loop's condition sees it.
    }
  }

  async #waitForClients(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const slow = [...this.#clients].filter((client) => client.socket.bufferedAmount > clientBufferBytesMax)
      if (slow.length === 0) return
      for (const client of slow) this.#judgeStall(client)
      await this.#pause()
    }
  }

  #judgeStall(client: Client): void {
    const nowNs = this.#options.clock()
    const bytes = client.socket.bufferedAmount
    if (bytes !== client.stalledBytes) {
      client.stalledBytes = bytes
      client.stalledSinceNs = nowNs
    } else if (nowNs - client.stalledSinceNs > this.#clientStallMs * nsPerMs) {
      client.socket.terminate()
      this.#clients.delete(client)
    }
  }

  #send(channel: TapeChannel, coin: string, text: string): void {
    const subscription = `${channel} ${coin}`
    for (const client of this.#clients) if (client.subscriptions.has(subscription)) client.socket.send(text)
  }

  #welcome(socket: WebSocket): void {
    const client: Client = { socket, subscriptions: new Set(), stalledSinceNs: 0, stalledBytes: 0 }
    // A broken connection closes; there is nothing else to do about it.
    socket.on('error', () => {})
    socket.send(greetingText)
    if (this.#hasEnded) {
      socket.close(1_000, endOfRecording)
      return
    }
    this.#clients.add(client)
    socket.on('close', () => this.#clients.delete(client))
    socket.on('message', (data, isBinary) => this.#answer(client, isBinary ? '' : data.toString()))
  }

  #answer(client: Client, text: string): void {
    const { socket, subscriptions } = client
    let request: unknown
    try {
      request = JSON.parse(text)
    } catch {
      request = null // refused below
    }
    if (!isObject(request)) {
      refuse(socket, `Error parsing JSON into valid websocket request: ${text}`)
      return
    }
    const { method } = request
    if (method === 'ping') {
      socket.send('{"channel":"pong"}')
      return
    }
    const wanted = isObject(request.subscription) ? request.subscription : {}
    const { type, coin } = wanted
    const isKnown = (type === 'trades' || type === 'activeAssetCtx') && this.symbols.some((symbol) => symbol === coin)
    if (!isKnown || (method !== 'subscribe' && method !== 'unsubscribe')) {
      refuse(socket, `Invalid subscription ${text}`)
      return
    }
    const subscription = `${type} ${coin}`
    const isNew = !subscriptions.has(subscription)
    if (method === 'subscribe' ? !isNew : isNew) {
      refuse(socket, `${isNew ? 'Already unsubscribed' : 'Already subscribed'}: ${JSON.stringify(wanted)}`)
      return
    }
    socket.send(JSON.stringify({ channel: 'subscriptionResponse', data: { method, subscription: { type, coin } } }))
    if (method === 'unsubscribe') {
      subscriptions.delete(subscription)
      return
    }
    this.#greetSubscription(client, type, String(coin))
  }

  #greetSubscription(client: Client, type: TapeChannel, coin: string): void {
    client.subscriptions.add(`${type} ${coin}`)
    const first = type === 'trades' ? this.#tape.recentTradesText(coin) : this.#tape.latestContextText(coin)
    if (first !== null) client.socket.send(first)
    const expected = this.#options.expectedSymbols ?? this.symbols
    const isComplete = expected.every((symbol) => client.subscriptions.has(`trades ${symbol}`))
    if (isComplete || this.#options.startWhen === 'first-subscription') this.#start()
  }

  /** Closes every connection behind what it still has to read; one that does not close within `clientStallMs` is cut. */
  async #closeClients(code: number, reason: string): Promise<void> {
    const closing = [...this.#clients].map(async ({ socket }) => {
      const timer = setTimeout(() => socket.terminate(), this.#clientStallMs)
      socket.close(code, reason)
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close')
      clearTimeout(timer)
    })
    await Promise.all(closing)
  }
}

function refuse(socket: WebSocket, message: string): void {
  socket.send(JSON.stringify({ channel: 'error', data: message }))
}
