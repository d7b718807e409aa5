import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Random } from '../../../../../src/base/random.ts'
import { createMarketRecord, recordKinds } from '../../../../../src/domain/market.ts'
import { Timeline } from '../../../../../src/domain/units.ts'
import type { HyperliquidFeed, HyperliquidFeedOptions } from '../../../../../src/stages/feed/hyperliquid/live-feed.ts'
import { describeWithShared } from '../../../../support/shared.ts'
import { midnightMs, until } from '../recordings.ts'
import { contextMessage, type Listener, listen, ScriptedVenue, tradesMessage, wireTrade } from '../venue.ts'

let venue: ScriptedVenue
const running: HyperliquidFeed[] = []

beforeEach(async () => {
  venue = await ScriptedVenue.start()
})
afterEach(async () => {
  for (const feed of running.splice(0)) await feed.stop()
  await venue.stop()
})

function start(symbols: readonly string[], options: Partial<HyperliquidFeedOptions> = {}): Listener {
  const listener = listen(venue.url, symbols, options)
  running.push(listener.feed)
  listener.feed.start()
  return listener
}

describe('hyperliquid feed', () => {
  test('hyperliquid feed: it subscribes trades and contexts of every symbol and says when all are confirmed', async () => {
    const { feed, states } = start(['BTC', 'ETH'])
    await until(() => states().includes('subscribed'), 'subscribed')
    expect(states()).toEqual(['connecting', 'connected', 'subscribed'])
    expect(venue.received.map((text) => JSON.parse(text))).toEqual(
      [
        { type: 'trades', coin: 'BTC' },
        { type: 'trades', coin: 'ETH' },
        { type: 'activeAssetCtx', coin: 'BTC' },
        { type: 'activeAssetCtx', coin: 'ETH' },
      ].map((subscription) => ({ method: 'subscribe', subscription })),
    )
    expect([...feed.counters.malformed]).toEqual([])
    // The greeting and four confirmations.
    expect(feed.counters.messages).toBe(5)
    expect(feed.lastMessageMonotonicNs).toBeGreaterThan(0)
  })

  test('hyperliquid feed: held back while it connects, it reads nothing until it is let go', async () => {
    const { feed, states } = start(['BTC'])
    feed.pause()
    await venue.subscribed(2)
    const other = start(['BTC'])
    await until(() => other.states().includes('subscribed'), 'a later one is subscribed')
    expect(states()).toEqual(['connecting', 'connected'])
    feed.resume()
    await until(() => states().includes('subscribed'), 'subscribed')
  })

  test('hyperliquid feed: a trade and a context become records on their grids', async () => {
    const { feed, records } = start(['ETH', 'BTC'])
    await venue.subscribed(4)
    venue.send(
      tradesMessage(),
      tradesMessage({ ...wireTrade('BTC', 5, 121_451_470_284_048, '105056.0', '0.00219'), side: 'A', extra: [1] }),
      contextMessage('ETH', { markPx: '2640.25', oraclePx: 2_641, openInterest: '7.00004' }),
    )
    await until(() => records.length === 2, 'two records')
    expect(records).toEqual([
      {
        ...createMarketRecord(),
        kind: recordKinds.trade,
        symbolIndex: 1,
        atNs: 5e6,
        priceTicks: 1_050_560,
        quantityLots: 219,
        aggressor: -1,
        markTicks: Number.NaN,
        oracleTicks: Number.NaN,
        openInterestLots: Number.NaN,
        fundingRate: Number.NaN,
      },
      {
        ...createMarketRecord(),
        kind: recordKinds.context,
        symbolIndex: 0,
        atNs: 5e6,
        priceTicks: 0,
        quantityLots: 0,
        aggressor: 0,
        markTicks: 264_025,
        oracleTicks: 264_100,
        openInterestLots: 70_000,
        fundingRate: 5.2974e-6,
      },
    ])
    expect(feed.counters).toMatchObject({ trades: 1, contexts: 1, duplicates: 0 })
  })

  test('hyperliquid feed: what a reconnection repeats comes once, what was missed comes too', async () => {
    const { feed, records, states } = start(['BTC'])
    await venue.subscribed(2)
    venue.send(tradesMessage(wireTrade('BTC', 1, 11), wireTrade('BTC', 2, 12)))
    await until(() => records.length === 2, 'two trades')
    venue.socket.terminate()
    await venue.subscribed(4)
    venue.send(
      tradesMessage(wireTrade('BTC', 1, 11), wireTrade('BTC', 2, 12), wireTrade('BTC', 3, 13), wireTrade('BTC', 3, 14)),
    )
    await until(() => feed.counters.trades === 4, 'the missed trades')
    expect(records.map((record) => record.atNs)).toEqual([1e6, 2e6, 3e6, 3e6])
    expect(feed.counters).toMatchObject({ duplicates: 2, reconnects: 1, late: 0 })
    await until(() => states().filter((state) => state === 'subscribed').length === 2, 'subscribed again')
    expect(states()).toEqual([
      'connecting',
      'connected',
      'subscribed',
      'lost',
      'reconnecting',
      'connecting',
      'connected',
      'subscribed',
    ])
  })

  test('hyperliquid feed: canary: the same repetition under new tids is counted twice', async () => {
    const { feed } = start(['BTC'])
    await venue.subscribed(2)
    venue.send(tradesMessage(wireTrade('BTC', 2, 11)), tradesMessage(wireTrade('BTC', 2, 12)))
    await until(() => feed.counters.trades === 2, 'both')
  })

  test('hyperliquid feed: everything unusable is counted by its kind, and the feed goes on', async () => {
    const { feed, records } = start(['BTC'])
    await venue.subscribed(2)
    const good = wireTrade('BTC', 1, 1)
    venue.send(
      'some other text',
      '[1]',
      { channel: 'candle', data: [] },
      { channel: 'trades', data: {} },
      { channel: 'activeAssetCtx', data: { coin: 'BTC' } },
      { channel: 'subscriptionResponse', data: null },
      tradesMessage(
        { ...good, coin: 'XRP' },
        { ...good, coin: 7 },
        null,
        { ...good, px: '100.05' },
        { ...good, sz: '-1' },
      ),
      tradesMessage(
        { ...good, tid: undefined },
        { ...good, tid: 1.5 },
        { ...good, tid: '1' },
        { ...good, time: midnightMs - 1 },
      ),
      contextMessage('XRP'),
      contextMessage('BTC', { markPx: null }),
    )
    venue.socket.send(Buffer.from('{"channel":"pong"}'), { binary: true })
    venue.send(tradesMessage(good))
    await until(() => records.length === 1, 'the good trade')
    expect(Object.fromEntries(feed.counters.malformed)).toEqual({
      json: 2,
      unknown_channel: 1,
      bad_message: 4,
      unknown_coin: 3,
      off_grid_px: 1,
      bad_sz: 1,
      missing_tid: 1,
      bad_tid: 2,
      bad_ts: 1,
      missing_mark: 1,
      binary: 1,
    })
  })

  test('hyperliquid feed: an error message of the venue is counted and told', async () => {
    const { feed, statuses } = start(['BTC'])
    await venue.subscribed(2)
    venue.send({ channel: 'error', data: 'Invalid subscription {"coin":"BTC"}' })
    await until(() => feed.counters.errors === 1, 'the error')
    expect(statuses.at(-1)).toEqual({ state: 'venue_error', message: 'Invalid subscription {"coin":"BTC"}' })
    expect(venue.sockets).toHaveLength(1)
  })

  test('hyperliquid feed: it pings, and a connection that answers pings is not dead however quiet the market', async () => {
    const pings = (): number => venue.received.filter((text) => text === '{"method":"ping"}').length
    // 400 ms of the feed's own clock pass with every ping: three that were not answered would be the end.
    const { states } = start(['BTC'], { pingIntervalMs: 10, idleTimeoutMs: 1_000, monotonicNs: () => pings() * 400e6 })
    // The idle check runs every 250 ms of real time.
    await until(() => pings() >= 100, 'many pings')
    expect(states()).not.toContain('lost')
  })

  test('hyperliquid feed: a connection silent for the idle timeout, pongs included, is dropped and opened again', async () => {
    venue.answersPing = false
    const { feed, statuses } = start(['BTC'], { pingIntervalMs: 10, idleTimeoutMs: 100 })
    await until(() => feed.counters.reconnects >= 1, 'another connection')
    expect(statuses).toContainEqual({ state: 'lost', reason: 'silent for 100 ms' })
  })

  test('hyperliquid feed: reconnects wait twice as long each time, with jitter, until market data have come', async () => {
    const { statuses, records } = start(['BTC'], { backoff: { initialMs: 2, maxMs: 16 } })
    for (let connection = 1; connection <= 6; connection += 1) {
      await until(() => venue.sockets.length === connection, `connection ${connection}`)
      await venue.subscribed(2 * connection)
      venue.socket.terminate()
    }
    await venue.subscribed(14)
    venue.send(tradesMessage(wireTrade('BTC', 1, 1)))
    await until(() => records.length === 1, 'a trade')
    venue.socket.terminate()
    await until(() => venue.sockets.length === 8, 'the last connection')
    const waits = statuses.flatMap((status) => (status.state === 'reconnecting' ? [status.inMs] : []))
    const whole = [2, 4, 8, 16, 16, 16, 2]
    expect(waits).toHaveLength(whole.length)
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(whole[index]! / 2)
      expect(wait).toBeLessThanOrEqual(whole[index]!)
    }
    // The same seed gives the same jitter.
    const random = new Random(1)
    expect(waits).toEqual(whole.map((ms) => Math.ceil(ms * (0.5 + 0.5 * random.fraction()))))
  })

  test('hyperliquid feed: a venue that is not there is tried again, and the reason is told', async () => {
    const { url } = venue
    await venue.stop()
    const listener = listen(url, ['BTC'])
    running.push(listener.feed)
    listener.feed.start()
    await until(() => listener.states().filter((state) => state === 'connecting').length >= 3, 'three attempts')
    expect(listener.statuses[1]).toMatchObject({ state: 'lost', reason: expect.stringContaining('ECONNREFUSED') })
    expect(listener.statuses).toContainEqual({ state: 'connecting', attempt: 3 })
    venue = await ScriptedVenue.start()
  })

  test('hyperliquid feed: a normal close is the end only where that was asked for', async () => {
    const ending = start(['BTC'], { endOnNormalClose: true })
    await venue.subscribed(2)
    venue.send(tradesMessage(wireTrade('BTC', 1, 1)))
    venue.socket.close(1_000, 'end of the recording')
    await until(() => ending.states().includes('ended'), 'the end')
    expect(ending.statuses.at(-1)).toEqual({ state: 'ended', reason: 'end of the recording' })
    expect(ending.records).toHaveLength(1)
    const going = start(['BTC'])
    await venue.subscribed(4)
    venue.socket.close(1_000)
    await venue.subscribed(6)
    expect(going.states()).not.toContain('ended')
    expect(venue.sockets).toHaveLength(3)
  })

  test('hyperliquid feed: an opening that a symbol leaves unanswered ends by its timeout or with the connection', async () => {
    const timed = start(['BTC', 'ETH'], { openingTimeoutMs: 50 })
    await venue.subscribed(4)
    venue.send(tradesMessage(wireTrade('BTC', 1, 1)))
    await until(() => timed.records.length === 1, 'the held trade')
    const cut = start(['BTC', 'ETH'])
    await venue.subscribed(8)
    venue.send(tradesMessage(wireTrade('BTC', 1, 1)))
    await until(() => cut.feed.counters.messages === 6, 'the message')
    expect(cut.records).toHaveLength(0)
    venue.socket.terminate()
    await until(() => cut.records.length === 1, 'the held trade')
  })

  test('hyperliquid feed: after stop nothing is called back and nothing is opened again', async () => {
    const { feed, records, statuses } = start(['BTC'])
    await venue.subscribed(2)
    const stopped = feed.stop()
    venue.send(tradesMessage(wireTrade('BTC', 1, 1)))
    await stopped
    const told = statuses.length
    expect(statuses.at(-1)).toEqual({ state: 'stopped' })
    await until(() => venue.socket.readyState === venue.socket.CLOSED, 'the connection is closed')
    await feed.stop()
    expect(records).toEqual([])
    expect(statuses).toHaveLength(told)
    expect(venue.sockets).toHaveLength(1)
    expect(() => feed.start()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }))
  })

  test('hyperliquid feed: stop works while a connection is being opened, and while one is waited for', async () => {
    const { url } = venue
    const early = listen(url, ['BTC'])
    early.feed.start()
    await early.feed.stop()
    expect(early.states()).toEqual(['connecting', 'stopped'])
    await venue.stop()
    const waiting = listen(url, ['BTC'], { backoff: { initialMs: 600_000, maxMs: 600_000 } })
    waiting.feed.start()
    await until(() => waiting.states().includes('reconnecting'), 'waiting')
    await waiting.feed.stop()
    expect(waiting.states().at(-1)).toBe('stopped')
    venue = await ScriptedVenue.start()
  })

  test('hyperliquid feed: options outside their ranges are refused by name', () => {
    for (const [field, over] of [
      ['url', { url: 'https://example.org' }],
      ['url', { url: 'nonsense' }],
      ['symbols', { symbols: [] }],
      ['symbols', { symbols: ['BTC', 'BTC'] }],
      ['pingIntervalMs', { pingIntervalMs: 50_001 }],
      ['idleTimeoutMs', { idleTimeoutMs: 1 }],
      ['openingTimeoutMs', { openingTimeoutMs: 0 }],
      ['backoff.maxMs', { backoff: { initialMs: 10, maxMs: 9 } }],
      ['lateToleranceNs', { lateToleranceNs: -1 }],
    ] as const) {
      const refused = expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field })
      expect(() => listen('ws://127.0.0.1:1', ['BTC'], over as Partial<HyperliquidFeedOptions>), field).toThrow(refused)
    }
  })
})

describeWithShared('hyperliquid feed on a recorded session', (shared) => {
  test('hyperliquid feed: a recorded session gives each of its trades once, in order', async () => {
    const session = gunzipSync(readFileSync(join(shared, 'data/raw-sessions/hyperliquid-btc-20250126.gz'))).toString()
    const messages = session.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(line.indexOf(' ') + 1)]))
    const trades = messages.map((text) => JSON.parse(text)).filter((message) => message.channel === 'trades')
    const times: number[] = trades.flatMap((message) => message.data.map((trade: { time: number }) => trade.time))
    const { feed, records } = start(['BTC'], { timeline: Timeline.atMidnightBefore(times[0]!) })
    await venue.subscribed(2)
    venue.send(...messages, ...messages)
    await until(() => feed.counters.messages === 3 + 2 * messages.length, 'all messages')
    expect(records.map((record) => record.atNs / 1e6 + Timeline.atMidnightBefore(times[0]!).epochMs)).toEqual(times)
    expect(feed.counters).toMatchObject({ trades: times.length, duplicates: times.length, late: 0, restamped: 0 })
    // Nobody subscribed to the books of this session.
    expect([...feed.counters.malformed]).toEqual([['unknown_channel', 2 * (messages.length - trades.length)]])
  })
})
