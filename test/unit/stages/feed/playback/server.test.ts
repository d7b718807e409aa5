import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { monotonicNs } from '../../../../../src/base/clock.ts'
import type { MarketRecord } from '../../../../../src/domain/market.ts'
import { plainDecimal, scaledText } from '../../../../../src/stages/feed/playback/messages.ts'
import {
  clientBufferBytesMax,
  type PlaybackServer,
  type PlaybackServerOptions,
  startPlaybackServer,
} from '../../../../../src/stages/feed/playback/server.ts'
import { openRecordings } from '../../../../../src/stages/feed/recorded-feed.ts'
import { contextLine, drain, midnightMs, RecordingFolder, tradeLine, until } from '../recordings.ts'
import { listen } from '../venue.ts'

let folder: RecordingFolder
const servers: PlaybackServer[] = []

beforeEach(() => {
  folder = new RecordingFolder()
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  folder.remove()
})

async function play(options: Partial<PlaybackServerOptions> & { files: readonly string[] }): Promise<PlaybackServer> {
  const server = await startPlaybackServer({ timeScale: 1_000, clock: monotonicNs, ...options })
  servers.push(server)
  return server
}

/** A client that keeps every text it gets. */
class Client {
  readonly texts: string[] = []
  closed: { code: number; reason: string } | null = null
  readonly socket: WebSocket

  constructor(url: string) {
    this.socket = new WebSocket(url)
    this.socket.on('message', (data) => this.texts.push(data.toString()))
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
    })
    this.socket.on('error', () => {})
  }

  get messages(): { channel: string; data: unknown }[] {
    return this.texts.slice(1).map((text) => JSON.parse(text))
  }

  async opened(): Promise<this> {
    await once(this.socket, 'open')
    return this
  }

  send(request: unknown): void {
    this.socket.send(typeof request === 'string' ? request : JSON.stringify(request))
  }

  subscribe(type: string, coin: string): void {
    this.send({ method: 'subscribe', subscription: { type, coin } })
  }

  async until(count: number): Promise<void> {
    await until(() => this.texts.length >= count, `${count} messages came`)
  }
}

const fiveRows = (): string[] => [
  folder.write('trades_BTC_1.jsonl', [
    tradeLine(0, 100, 1),
    tradeLine(0, 100.5, 2, 'A'),
    tradeLine(20, 101, '0.00003'),
  ]),
  folder.write('ctx_BTC_1.jsonl', [contextLine(10, -2.1921e-6, 31_663.5884, 65_668, 65_703.5)]),
  folder.write('trades_ETH_1.jsonl', [tradeLine(0, 2_000.25, 1)]),
]

describe('playback', () => {
  test('playback: it speaks the venue’s protocol, word for word', async () => {
    const server = await play({ files: fiveRows() })
    expect(server.symbols).toEqual(['BTC', 'ETH'])
    expect([server.startUnixMs, server.endUnixMs]).toEqual([midnightMs, midnightMs + 20])
    const client = await new Client(server.url).opened()
    client.send({ method: 'ping' })
    client.subscribe('activeAssetCtx', 'BTC')
    client.subscribe('trades', 'BTC')
    client.subscribe('trades', 'ETH')
    await server.finished
    await until(() => client.closed !== null, 'the client is closed')
    expect(client.closed).toEqual({ code: 1_000, reason: 'end of the recording' })
    expect(client.texts[0]).toBe('Websocket connection established.')
    const confirmation = (type: string, coin: string): unknown => ({
      channel: 'subscriptionResponse',
      data: { method: 'subscribe', subscription: { type, coin } },
    })
    const trade = (coin: string, side: string, px: string, sz: string, offsetMs: number, ordinal: number): unknown => ({
      coin,
      side,
      px,
      sz,
      time: midnightMs + offsetMs,
      hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      tid: 1e12 + ordinal,
      users: [expect.stringMatching(/^0x[0-9a-f]{40}$/), expect.stringMatching(/^0x[0-9a-f]{40}$/)],
    })
    expect(client.messages).toEqual([
      { channel: 'pong' },
      confirmation('activeAssetCtx', 'BTC'),
      confirmation('trades', 'BTC'),
      { channel: 'trades', data: [] },
      confirmation('trades', 'ETH'),
      { channel: 'trades', data: [] },
      { channel: 'trades', data: [trade('BTC', 'B', '100.0', '1.0', 0, 0), trade('BTC', 'A', '100.5', '2.0', 0, 1)] },
      { channel: 'trades', data: [trade('ETH', 'B', '2000.25', '1.0', 0, 2)] },
      expect.objectContaining({ channel: expect.stringMatching(/activeAssetCtx|trades/) }),
      expect.objectContaining({ channel: expect.stringMatching(/activeAssetCtx|trades/) }),
    ])
    // A context comes behind the trades that fell due in the same tick.
    const rest = client.messages.slice(-2)
    expect(rest).toContainEqual({ channel: 'trades', data: [trade('BTC', 'B', '101.0', '0.00003', 20, 3)] })
    expect(rest).toContainEqual({
      channel: 'activeAssetCtx',
      data: {
        coin: 'BTC',
        ctx: {
          funding: '-0.0000021921',
          openInterest: '31663.5884',
          prevDayPx: null,
          dayNtlVlm: null,
          premium: null,
          oraclePx: '65703.5',
          markPx: '65668.0',
          midPx: null,
          impactPxs: null,
          dayBaseVlm: null,
        },
      },
    })
    expect(server.progress()).toBe(1)
  })

  test('playback: a request that it does not know is answered with an error', async () => {
    const server = await play({ files: fiveRows() })
    const client = await new Client(server.url).opened()
    client.send('hello')
    client.subscribe('l2Book', 'BTC')
    client.subscribe('trades', 'XRP')
    client.subscribe('activeAssetCtx', 'BTC')
    client.subscribe('activeAssetCtx', 'BTC')
    client.send({ method: 'unsubscribe', subscription: { type: 'trades', coin: 'BTC' } })
    client.send({ method: 'unsubscribe', subscription: { type: 'activeAssetCtx', coin: 'BTC' } })
    await client.until(8)
    expect(client.messages.map((message) => message.channel)).toEqual([
      'error',
      'error',
      'error',
      'subscriptionResponse',
      'error',
      'error',
      'subscriptionResponse',
    ])
    expect(server.progress()).toBe(0)
  })

  test('playback: it waits for every expected symbol, or for the first subscription, or for nothing', async () => {
    const files = fiveRows()
    const waiting = await play({ files, expectedSymbols: ['ETH'] })
    const client = await new Client(waiting.url).opened()
    client.subscribe('trades', 'BTC')
    client.send({ method: 'ping' })
    await client.until(4)
    expect(waiting.progress()).toBe(0)
    client.subscribe('trades', 'ETH')
    await waiting.finished
    const first = await play({ files, startWhen: 'first-subscription' })
    const other = await new Client(first.url).opened()
    other.subscribe('activeAssetCtx', 'ETH')
    await first.finished
    const immediate = await play({ files, startWhen: 'immediately' })
    await immediate.finished
    // Who comes after the end is told so.
    const late = new Client(immediate.url)
    await until(() => late.closed !== null, 'the late client is closed')
    expect(late.closed).toEqual({ code: 1_000, reason: 'end of the recording' })
  })

  test('playback: begun later it has the thirty trades and the context before, as the first messages', async () => {
    const lines = Array.from({ length: 50 }, (_, row) => tradeLine(row, 100 + row))
    const files = [
      folder.write('trades_BTC_1.jsonl.gz', lines),
      folder.write('ctx_BTC_1.jsonl', [contextLine(1), contextLine(9, 0.5)]),
    ]
    let ended = 0
    const server = await play({ files, fromUnixMs: midnightMs + 40, onEnd: () => (ended += 1) })
    expect(server.startUnixMs).toBe(midnightMs + 40)
    const client = await new Client(server.url).opened()
    client.subscribe('activeAssetCtx', 'BTC')
    client.subscribe('trades', 'BTC')
    await server.finished
    await until(() => client.closed !== null, 'the end')
    const { messages } = client
    expect(messages[1]).toMatchObject({ channel: 'activeAssetCtx', data: { ctx: { funding: '0.5' } } })
    const tids = messages
      .filter((message) => message.channel === 'trades')
      .map((message) =>
        (message.data as { tid: number; time: number }[]).map(({ tid, time }) => [tid - 1e12, time - midnightMs]),
      )
    expect(tids[0]).toEqual(Array.from({ length: 30 }, (_, index) => [index + 10, index + 10]))
    expect(tids.slice(1).flat()).toEqual(Array.from({ length: 10 }, (_, index) => [index + 40, index + 40]))
    expect(ended).toBe(1)
  })

  test('playback: trades fall due when the clock has come to them, and not before', async () => {
    let nowNs = 5_000
    let reads = 0
    const clock = (): number => {
      reads += 1
      return nowNs
    }
    const ticks = async (): Promise<void> => {
      const before = reads
      await until(() => reads >= before + 3, 'the server has looked at the clock a few times')
    }
    const files = [folder.write('trades_BTC_1.jsonl', [tradeLine(0), tradeLine(6_000), tradeLine(12_000)])]
    const server = await play({ files, timeScale: 60, clock })
    const client = await new Client(server.url).opened()
    const times = (): number[] =>
      client.messages.flatMap((message) =>
        message.channel === 'trades' ? (message.data as { time: number }[]).map(({ time }) => time - midnightMs) : [],
      )
    client.subscribe('trades', 'BTC')
    await until(() => times().length === 1, 'the first trade')
    nowNs += 99_990_000 // 5,999.4 ms of event time
    await ticks()
    client.send({ method: 'ping' })
    await until(() => client.messages.some((message) => message.channel === 'pong'), 'a round trip')
    expect(times()).toEqual([0])
    nowNs += 10_000
    await until(() => times().length === 2, 'the second trade')
    expect(server.progress()).toBe(0.5)
    nowNs += 100_000_000
    await server.finished
    await until(() => times().length === 3, 'the last trade')
  })

  test('playback: to the live feed a recording comes as it is, through every part of the protocol', async () => {
    const files = ['BTC', 'ETH', 'SOL'].flatMap((symbol, index) => [
      folder.write(
        `trades_${symbol}_1.jsonl.gz`,
        Array.from({ length: 3_000 }, (_, row) =>
          tradeLine(row * 10 - (row % 3) + 7 * index, 1 + (row % 100), 1 + row, row % 2 === 0 ? 'B' : 'A'),
        ).sort((a, b) => JSON.parse(a).ts - JSON.parse(b).ts),
      ),
      folder.write(`ctx_${symbol}_1.jsonl`, [contextLine(9_000 + index), contextLine(19_000 + index, 0.25)]),
    ])
    const recorded = await drain(await openRecordings(files))
    const server = await play({ files, timeScale: 100 })
    const { feed, records, states } = listen(server.url, server.symbols, { endOnNormalClose: true })
    feed.start()
    await until(() => states().includes('ended'), 'the end')
    const perSymbol = (all: readonly MarketRecord[]): unknown[] =>
      server.symbols.map((_, symbolIndex) => {
        const own = all.filter((record) => record.symbolIndex === symbolIndex)
        return {
          trades: own.filter((r) => r.aggressor !== 0),
          contexts: own.filter((r) => r.aggressor === 0).map((r) => ({ ...r, atNs: 0 })),
        }
      })
    expect(perSymbol(records)).toEqual(perSymbol(recorded))
    expect(feed.counters).toMatchObject({ duplicates: 0, late: 0, restamped: 0, errors: 0, reconnects: 0 })
    expect([...feed.counters.malformed]).toEqual([])
    await feed.stop()
  })

  test('playback: a client that does not read holds the tape up, within bounds, and is then cut off', async () => {
    const rows = 60_000
    const lines = Array.from({ length: rows }, (_, row) => tradeLine(row, 1 + (row % 1_000)))
    const files = [folder.write('trades_BTC_1.jsonl.gz', lines), folder.write('trades_ETH_1.jsonl', [tradeLine(0)])]
    let nowNs = 0
    let reads = 0
    const clock = (): number => {
      reads += 1
      return nowNs
    }
    const server = await play({ files, timeScale: 1e6, clientStallMs: 200, clock })
    const reading = await new Client(server.url).opened()
    const stalled = await new Client(server.url).opened()
    stalled.subscribe('trades', 'BTC')
    await stalled.until(3)
    const { _socket } = stalled.socket as unknown as { _socket: Socket }
    _socket.pause()
    reading.subscribe('trades', 'BTC')
    reading.subscribe('trades', 'ETH')
    await until(() => reads > 0, 'the playback runs')
    nowNs = 1e9 // All of it is due; then the clock stands still.
    let played = 0
    let readsThen = 0
    const isHeldUp = (): boolean => {
      if (server.progress() !== played) {
        played = server.progress()
        readsThen = reads
      }
      return played > 0 && reads > readsThen + 20
    }
    await until(isHeldUp, 'the tape is held up')
    expect(played).toBeLessThan(1)
    nowNs += 201e6
    await server.finished
    await until(() => reading.closed !== null, 'the reading client is done')
    const count = reading.messages.reduce(
      (sum, message) => sum + (message.channel === 'trades' ? (message.data as unknown[]).length : 0),
      0,
    )
    expect(count).toBe(rows + 1)
    const bytes = reading.texts.reduce((sum, text) => sum + text.length, 0)
    expect(bytes).toBeGreaterThan(8 * clientBufferBytesMax)
    _socket.resume()
    await until(() => stalled.closed !== null, 'the stalled client is cut')
    expect(stalled.closed).toMatchObject({ code: 1_006 })
    expect(stalled.texts.length).toBeLessThan(reading.texts.length)
  })

  test('playback: stop ends it at once, before and during the playback', async () => {
    const files = [folder.write('trades_BTC_1.jsonl', [tradeLine(0), tradeLine(3_600_000)])]
    const unstarted = await play({ files })
    await unstarted.stop()
    await unstarted.finished
    let ended = 0
    const server = await play({ files, timeScale: 1, onEnd: () => (ended += 1) })
    const client = await new Client(server.url).opened()
    client.subscribe('trades', 'BTC')
    await client.until(4)
    await server.stop()
    await server.finished
    await until(() => client.closed !== null, 'the client is cut')
    expect(ended).toBe(0)
  })

  test('playback: nothing to play, a begin behind the end, a bad scale and a taken port are refused', async () => {
    const empty = folder.write('trades_BTC_1.jsonl', '')
    await expect(play({ files: [empty] })).rejects.toMatchObject({ code: 'ERR_INPUT' })
    const file = folder.write('trades_ETH_1.jsonl', [tradeLine(0)])
    await expect(play({ files: [file], fromUnixMs: midnightMs + 1 })).rejects.toMatchObject({
      code: 'ERR_INPUT',
      field: 'fromUnixMs',
    })
    await expect(play({ files: [file], timeScale: 0 })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      field: 'timeScale',
    })
    const server = await play({ files: [file] })
    const port = Number(new URL(server.url).port)
    await expect(play({ files: [file], port })).rejects.toMatchObject({
      code: 'ERR_IO',
      message: expect.stringContaining('EADDRINUSE'),
    })
  })
})

describe('playback messages', () => {
  test('playback messages: integers are written as the venue writes them', () => {
    expect(
      [
        [656_400, 1],
        [656_405, 1],
        [162, 5],
        [699, 0],
        [87_129, 6],
        [0, 2],
        [Number.MAX_SAFE_INTEGER, 8],
      ].map(([integer, decimals]) => scaledText(integer!, decimals!)),
    ).toEqual(['65640.0', '65640.5', '0.00162', '699.0', '0.087129', '0.0', '90071992.54740991'])
  })

  test('playback messages: a rate is written without exponent and read back as the same number', () => {
    for (const rate of [1.25e-5, -2.1921e-6, 5e-10, -1.5e-7, 0, 0.25, -1, 1 / 3, 1e-300, 4.35e-5]) {
      const text = plainDecimal(rate)
      expect(text).toMatch(/^-?\d+\.\d+$/)
      expect(Number(text)).toBe(rate)
    }
  })
})
