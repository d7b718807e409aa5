import { describe, expect, test } from 'vitest'
import { createMarketRecord, recordKinds } from '../../../../../src/domain/market.ts'
import { readLines } from '../read-recording.ts'
import { midnightMs } from '../recordings.ts'

type Event = Readonly<Record<string, unknown>>

const at = (offsetMs: number): number => midnightMs + offsetMs
/** The recorder's clock is behind the exchange's and counts for nothing. */
const line = (data: unknown): string => `1781650000000000000 ${JSON.stringify({ stream: 'btcusdt@any', data })}`

function trade(t: unknown, offsetMs: number, changes: Event = {}): Event {
  return {
    e: 'trade',
    E: at(offsetMs) + 2,
    T: at(offsetMs),
    s: 'BTCUSDT',
    t,
    p: '61800.30',
    q: '0.006',
    X: 'MARKET',
    m: false,
    ...changes,
  }
}
function aggTrade(a: unknown, offsetMs: number, changes: Event = {}): Event {
  return {
    e: 'aggTrade',
    E: at(offsetMs),
    T: at(offsetMs),
    s: 'BTCUSDT',
    a,
    p: '61800.30',
    q: '0.006',
    f: 1,
    l: 2,
    m: true,
    nq: '1',
    ...changes,
  }
}
function ticker(u: unknown, offsetMs: number, changes: Event = {}): Event {
  return {
    e: 'bookTicker',
    u,
    s: 'BTCUSDT',
    b: '61800.20',
    B: '2.507',
    a: '61800.30',
    A: '2.510',
    T: at(offsetMs),
    E: at(offsetMs),
    ...changes,
  }
}
function depth(u: unknown, pu: unknown, offsetMs: number, changes: Event = {}): Event {
  return { e: 'depthUpdate', E: at(offsetMs), T: at(offsetMs), s: 'BTCUSDT', U: 1, u, pu, b: [], a: [], ...changes }
}
function forced(offsetMs: number, changes: Event = {}): Event {
  const order = {
    s: 'BTCUSDT',
    S: 'SELL',
    o: 'LIMIT',
    f: 'IOC',
    q: '0.014',
    p: '61000',
    ap: '61700.16',
    X: 'FILLED',
    l: '0.010',
    z: '0.014',
    T: at(offsetMs),
  }
  return { e: 'forceOrder', E: at(offsetMs) + 5, o: { ...order, ...changes } }
}
function mark(offsetMs: number, changes: Event = {}): Event {
  return {
    e: 'markPriceUpdate',
    E: at(offsetMs),
    s: 'BTCUSDT',
    p: '61801.15',
    i: '61790.04',
    P: '0',
    r: '0.00008',
    T: at(28_800_000),
    ...changes,
  }
}
const levels = (best: number, step: number): [string, string][] =>
  Array.from({ length: 20 }, (_, index) => [(best + index * step).toFixed(2), '0.010'])

describe('binance session', () => {
  test('binance session: every kind of message becomes its record, at the exchange’s time', async () => {
    const { records, malformed, leftOut } = await readLines('recorded.txt', [
      line(ticker(1, 1)),
      line(trade(7, 2)),
      line(forced(3)),
      line(mark(4)),
      line(depth(2, 1, 5, { b: [['61800.10', '1.5']], a: [['61800.30', '0']] })),
      line({ e: 'kline', E: at(6), s: 'BTCUSDT', k: {} }),
    ])
    const { book, context, liquidation } = recordKinds
    expect(records.map((record) => [record.kind, record.atNs / 1e6])).toEqual([
      [book, 1],
      [recordKinds.trade, 2],
      [liquidation, 3],
      [context, 4],
      [book, 5],
    ])
    const empty = createMarketRecord()
    expect(records[0]).toEqual({
      ...empty,
      ...{ kind: book, atNs: 1e6, bidTicks: 618_002, bidLots: 250_700, askTicks: 618_003, askLots: 251_000 },
    })
    expect(records[1]).toMatchObject({ priceTicks: 618_003, quantityLots: 600, aggressor: 1 })
    expect(records[2]).toMatchObject({ priceTicks: 617_002, quantityLots: 1_400, aggressor: -1, notionalMinor: 86_380 })
    expect(records[3]).toEqual({
      ...empty,
      // A rate of eight hours, told by the hour; open interest is not told.
      ...{ kind: context, atNs: 4e6, markTicks: 618_012, oracleTicks: 617_900, fundingRate: 1e-5 },
    })
    expect(records[4]).toMatchObject({ bidTicks: 618_002, bidLots: 250_700, askTicks: Number.NaN, askLots: Number.NaN })
    expect(malformed).toEqual([])
    expect(leftOut).toEqual([['other_message', 1]])
  })

  test('binance session: messages without their stream’s name, and lists of them, are the same', async () => {
    const bare = (message: unknown): string => `1781650000000000000 ${JSON.stringify(message)}`
    const { records, symbols } = await readLines('recorded.txt', [
      bare(trade(7, 2)),
      line([mark(3), mark(3, { s: 'ETHUSDT', p: '2681.6', i: '2681.5' })]),
      bare({ result: null, id: 1 }),
    ])
    expect(symbols).toEqual(['BTC', 'ETH'])
    expect(records.map((record) => record.symbolIndex)).toEqual([0, 0, 1])
  })

  test('binance session: trades are read from one of the two streams, once each, and only those of the market', async () => {
    const { records, leftOut, malformed } = await readLines('recorded.txt', [
      line(aggTrade(1, 1)),
      line(trade(7, 1)),
      line(aggTrade(1, 1)),
      line(aggTrade(2, 2, { X: 'INSURANCE_FUND' })),
      line(aggTrade(3, 3, { X: 'ADL' })),
      line(trade(8, 4, { s: 'ETHUSDT', p: '2681.62', X: undefined })),
    ])
    expect(records.map((record) => [record.symbolIndex, record.atNs / 1e6, record.aggressor])).toEqual([
      [0, 1, -1],
      [1, 4, 1],
    ])
    expect(leftOut).toEqual([
      ['other_trade_stream', 1],
      ['duplicate', 1],
      ['off_book', 2],
    ])
    expect(malformed).toEqual([])
  })

  test('binance session: depth comes with a snapshot or with 20 levels a side, and a gap takes it away again', async () => {
    const whole = { lastUpdateId: 12, E: at(3), T: at(3), bids: levels(61_800, -0.1), asks: levels(61_800.1, 0.1) }
    const { records, leftOut, malformed } = await readLines('recorded.txt', [
      line(depth(11, 9, 1, { b: [['61700.00', '1']] })),
      line(depth(14, 11, 4, { a: [['61800.10', '0.030']] })),
      `1781650000000000000 ${JSON.stringify(whole)}`,
      line(ticker(13, 4)),
      line(depth(16, 14, 5, { b: [['61799.90', '0.020']] })),
      line(depth(19, 17, 6, { b: [['61799.90', '0.020']] })),
    ])
    const told = records.map(({ atNs, bidDepthLots, askDepthLots }) => [atNs / 1e6, bidDepthLots, askDepthLots])
    expect(told).toEqual([
      [1, Number.NaN, Number.NaN],
      [4, Number.NaN, Number.NaN],
      [4, 20_000, 22_000],
      [5, 21_000, 22_000],
      [6, Number.NaN, Number.NaN],
    ])
    expect(leftOut).toEqual([
      ['stale_top', 1],
      ['book_gap', 1],
    ])
    expect(malformed).toEqual([])
  })

  test('binance session: a snapshot says not whose it is, so among several books it is left out', async () => {
    const whole = { lastUpdateId: 12, E: at(3), T: at(3), bids: [], asks: [] }
    const { leftOut } = await readLines('recorded.txt', [
      line(whole),
      line(depth(11, 9, 1)),
      line(depth(11, 9, 1, { s: 'ETHUSDT' })),
      line(whole),
    ])
    expect(leftOut).toEqual([['unclaimed_book', 2]])
  })

  test('binance session: every malformed message is counted by its kind and skipped', async () => {
    for (const [kind, bad] of [
      ['bad_line', JSON.stringify(trade(9, 5))],
      ['json', '1781650000000000000 {"stream":'],
      ['bad_message', line('text')],
      ['bad_message', line({ s: 'BTCUSDT' })],
      ['bad_message', line({ e: 'forceOrder', E: at(5) })],
      ['missing_symbol', line(trade(9, 5, { s: undefined }))],
      ['bad_symbol', line(trade(9, 5, { s: 'BTC USDT' }))],
      ['missing_ts', line(trade(9, 5, { T: undefined, E: undefined }))],
      ['bad_ts', line(trade(9, 5, { T: 123_456_785 }))],
      ['missing_px', line(trade(9, 5, { p: null }))],
      ['off_grid_px', line(trade(9, 5, { p: '61800.33' }))],
      ['bad_sz', line(trade(9, 5, { q: '0' }))],
      ['missing_side', line(trade(9, 5, { m: undefined }))],
      ['bad_side', line(trade(9, 5, { m: 'true' }))],
      ['missing_tid', line(trade(undefined, 5))],
      ['bad_tid', line(trade('9', 5))],
      ['missing_update_id', line(ticker(undefined, 5))],
      ['bad_update_id', line(ticker('9', 5))],
      ['bad_px', line(ticker(9, 5, { b: '-1' }))],
      ['missing_sz', line(ticker(9, 5, { A: undefined }))],
      ['crossed_book', line(ticker(9, 5, { b: '61800.30' }))],
      ['missing_update_id', line(depth(9, undefined, 5))],
      ['missing_bids', line(depth(9, 8, 5, { b: undefined }))],
      ['bad_bids', line(depth(9, 8, 5, { b: [7] }))],
      ['bad_asks', line(depth(9, 8, 5, { a: {} }))],
      ['off_grid_px', line(depth(9, 8, 5, { a: [['61800.33', '1']] }))],
      ['bad_sz', line(depth(9, 8, 5, { a: [['61800.30', '-1']] }))],
      ['crossed_book', line(depth(9, 8, 5, { b: [['2', '1']], a: [['1', '1']] }))],
      ['bad_side', line(forced(5, { S: 'LONG' }))],
      ['bad_px', line(forced(5, { ap: '0' }))],
      ['missing_mark', line(mark(5, { p: undefined }))],
      ['bad_oracle', line(mark(5, { i: 'x' }))],
      ['bad_funding', line(mark(5, { r: '7' }))],
      ['late', line(trade(9, -60_001))],
    ] as const) {
      const lines = [line(trade(1, -1)), line(trade(2, 0)), line(trade(3, 60_002)), bad, line(trade(4, 60_003))]
      const { records, malformed } = await readLines('recorded.txt', lines)
      expect(malformed, bad).toEqual([[kind, 1]])
      expect(records, bad).toHaveLength(4)
    }
  })

  test('binance session: the other way of writing a session, between its connection’s lines, is read too', async () => {
    const { records, malformed } = await readLines('recorded', [
      'wss://fstream.binance.com/stream?streams=btcusdt@trade <-> 1626992740.179554',
      `1626992741.06217: ${JSON.stringify({ stream: 'btcusdt@trade', data: trade(1, 5) })}`,
      'wss://fstream.binance.com/stream <- 1626992742.5: {"method":"SUBSCRIBE"}',
      `1626992742.7: ${JSON.stringify({ stream: 'btcusdt@trade', data: trade(2, 6) })}`,
    ])
    expect(records.map((record) => record.atNs / 1e6)).toEqual([5, 6])
    expect(malformed).toEqual([])
  })
})
