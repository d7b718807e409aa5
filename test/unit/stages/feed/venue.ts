/** A venue on loopback that does what a test tells it to, and a feed that writes down what it is told. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { monotonicNs } from '../../../../src/base/clock.ts'
import { Random } from '../../../../src/base/random.ts'
import type { MarketRecord } from '../../../../src/domain/market.ts'
import { Timeline } from '../../../../src/domain/units.ts'
import {
  type FeedStatus,
  HyperliquidFeed,
  type HyperliquidFeedOptions,
} from '../../../../src/stages/feed/hyperliquid/live-feed.ts'
import { copyOf, midnightMs, until } from './recordings.ts'

export class ScriptedVenue {
  readonly received: string[] = []
  readonly sockets: WebSocket[] = []
  answersPing = true
  answersSubscription = true
  readonly #server: WebSocketServer

  private constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (socket) => {
      this.sockets.push(socket)
      socket.on('message', (data) => this.#answer(socket, data.toString()))
      socket.send('Websocket connection established.')
    })
  }

  static async start(): Promise<ScriptedVenue> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
    return new ScriptedVenue(server)
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The connection that was opened last. */
  get socket(): WebSocket {
    return this.sockets.at(-1)!
  }

  send(...messages: unknown[]): void {
    for (const message of messages) this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  async subscribed(subscriptions: number): Promise<void> {
    await until(
      () => this.received.filter((text) => text.includes('"subscribe"')).length >= subscriptions,
      'all is subscribed',
    )
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #answer(socket: WebSocket, text: string): void {
    this.received.push(text)
    const { method, subscription } = JSON.parse(text)
    if (method === 'ping' && this.answersPing) socket.send('{"channel":"pong"}')
    if (method === 'subscribe' && this.answersSubscription) {
      socket.send(JSON.stringify({ channel: 'subscriptionResponse', data: { method, subscription } }))
    }
  }
}

export interface Listener {
  readonly feed: HyperliquidFeed
  readonly records: MarketRecord[]
  readonly statuses: FeedStatus[]
  readonly states: () => string[]
}

export function listen(
  url: string,
  symbols: readonly string[],
  options: Partial<HyperliquidFeedOptions> = {},
): Listener {
  const records: MarketRecord[] = []
  const statuses: FeedStatus[] = []
  const feed = new HyperliquidFeed({
    url,
    symbols,
    timeline: new Timeline(midnightMs),
    nowNs: () => records.at(-1)?.atNs ?? 0,
    monotonicNs,
    random: new Random(1),
    backoff: { initialMs: 1, maxMs: 5 },
    openingTimeoutMs: 60_000,
    onBatch: (batch, count) => {
      for (const record of batch.slice(0, count)) records.push(copyOf(record))
    },
    onStatus: (status) => statuses.push(status),
    ...options,
  })
  return { feed, records, statuses, states: () => statuses.map(({ state }) => state) }
}

export interface WireTrade {
  coin: string
  side: string
  px: string
  sz: string
  time: number
  tid: number
  hash: string
  users: string[]
}

export function wireTrade(coin: string, offsetMs: number, tid: number, px = '100.0', sz = '2.0'): WireTrade {
  const hash = `0x${'0'.repeat(64)}`
  return { coin, side: 'B', px, sz, time: midnightMs + offsetMs, hash, tid, users: ['0xa', '0xb'] }
}

export function tradesMessage(...data: unknown[]): unknown {
  return { channel: 'trades', data }
}

export function contextMessage(coin: string, over: Record<string, unknown> = {}): unknown {
  const ctx = {
    funding: '0.0000052974',
    openInterest: '36295.80812',
    prevDayPx: '77759.0',
    dayNtlVlm: '1.0',
    premium: null,
    oraclePx: '80684.7',
    markPx: '80640.0',
    midPx: null,
    impactPxs: null,
    dayBaseVlm: '1.0',
    ...over,
  }
  return { channel: 'activeAssetCtx', data: { coin, ctx } }
}
