import { describe, expect, test } from 'vitest'
import { createMarketRecord, recordKinds } from '../../../../../src/domain/market.ts'
import { readLines } from '../read-recording.ts'
import { midnightMs } from '../recordings.ts'

const line = (message: unknown): string =>
  `1781654401000000000 ${typeof message === 'string' ? message : JSON.stringify(message)}`

function trade(tid: unknown, offsetMs: number, changes: object = {}) {
  return {
    coin: 'BTC',
    side: 'B',
    px: '65640.5',
    sz: '0.00219',
    time: midnightMs + offsetMs,
    hash: '0x0',
    tid,
    ...changes,
  }
}
const trades = (...data: unknown[]): string => line({ channel: 'trades', data })

function book(offsetMs: number, changes: object = {}): string {
  const level = (px: number): object => ({ px: px.toFixed(1), sz: '0.5', n: 3 })
  const levels = [
    Array.from({ length: 20 }, (_, index) => level(65_640 - index)),
    Array.from({ length: 20 }, (_, index) => level(65_641 + index)),
  ]
  return line({ channel: 'l2Book', data: { coin: 'BTC', time: midnightMs + offsetMs, levels, ...changes } })
}

function context(changes: object = {}): string {
  const ctx = {
    funding: '0.0000125',
    openInterest: '31663.5',
    markPx: '65668.0',
    oraclePx: '65703.0',
    premium: null,
    ...changes,
  }
  return line({ channel: 'activeAssetCtx', data: { coin: 'BTC', ctx } })
}

describe('hyperliquid session', () => {
  test('hyperliquid session: trades, books and contexts become records; what only keeps the connection is no fault', async () => {
    const { records, malformed, leftOut, symbols } = await readLines('session.txt', [
      line('Websocket connection established.'),
      line({ channel: 'subscriptionResponse', data: { subscription: { type: 'trades', coin: 'BTC' } } }),
      book(10),
      trades(trade(1, 20), trade(2, 21, { side: 'A' })),
      context(),
      line({ channel: 'pong' }),
      line({ channel: 'candle', data: {} }),
    ])
    expect(symbols).toEqual(['BTC'])
    expect(records.map((record) => [record.kind, record.atNs / 1e6])).toEqual([
      [recordKinds.book, 10],
      [recordKinds.trade, 20],
      [recordKinds.trade, 21],
      // Without a time of its own it counts at the newest that the session has told.
      [recordKinds.context, 21],
    ])
    expect(records[0]).toEqual({
      ...createMarketRecord(),
      kind: recordKinds.book,
      atNs: 10e6,
      bidTicks: 656_400,
      bidLots: 50_000,
      bidDepthLots: 1_000_000,
      askTicks: 656_410,
      askLots: 50_000,
      askDepthLots: 1_000_000,
    })
    expect(records[1]).toMatchObject({ priceTicks: 656_405, quantityLots: 219, aggressor: 1 })
    expect(records[3]).toMatchObject({ markTicks: 656_680, openInterestLots: 3_166_350_000, fundingRate: 1.25e-5 })
    expect(malformed).toEqual([])
    expect(leftOut).toEqual([['other_message', 1]])
  })

  test('hyperliquid session: history after a subscription finds its place, and no trade counts twice', async () => {
    const { records, leftOut, malformed } = await readLines('session.txt', [
      book(49_000),
      trades(trade(1, 0), trade(2, 10), trade(3, 48_990)),
      trades(trade(3, 48_990), trade(4, 49_001)),
    ])
    expect(records.map((record) => record.atNs / 1e6)).toEqual([0, 10, 48_990, 49_000, 49_001])
    expect(leftOut).toEqual([['duplicate', 1]])
    expect(malformed).toEqual([])
  })

  test('hyperliquid session: a context before the first time is left out', async () => {
    const { records, leftOut } = await readLines('session.txt', [context(), book(5), context()])
    expect(records.map((record) => record.kind)).toEqual([recordKinds.book, recordKinds.context])
    expect(leftOut).toEqual([['untimed', 1]])
  })

  test('hyperliquid session: every malformed row is counted by its kind and skipped', async () => {
    for (const [kind, bad] of [
      ['bad_line', '{"channel":"trades","data":[]}'],
      ['bad_line', 'yesterday {"channel":"trades","data":[]}'],
      ['json', line('{"channel":"trades"')],
      ['bad_message', line({ channel: 'trades', data: {} })],
      ['bad_message', line({ channel: 'l2Book', data: { coin: 'BTC', time: midnightMs } })],
      ['bad_message', trades('no trade')],
      ['missing_symbol', trades(trade(9, 5, { coin: null }))],
      ['bad_symbol', trades(trade(9, 5, { coin: 7 }))],
      ['bad_symbol', trades(trade(9, 5, { coin: '\ud800' }))],
      ['missing_ts', trades(trade(9, 5, { time: undefined }))],
      ['bad_px', trades(trade(9, 5, { px: '-1' }))],
      ['off_grid_px', trades(trade(9, 5, { px: '65640.55' }))],
      ['bad_sz', trades(trade(9, 5, { sz: 'all' }))],
      ['bad_side', trades(trade(9, 5, { side: 'buy' }))],
      ['missing_tid', trades(trade(undefined, 5))],
      ['bad_tid', trades(trade('9', 5))],
      ['missing_ts', book(5, { time: null })],
      ['missing_asks', book(5, { levels: [[]] })],
      ['bad_bids', book(5, { levels: [7, []] })],
      ['bad_bids', book(5, { levels: [[7], []] })],
      ['bad_px', book(5, { levels: [[{ sz: '1' }], []] })],
      ['off_grid_sz', book(5, { levels: [[], [{ px: '1.0', sz: '0.000001' }]] })],
      [
        'unsorted_book',
        book(5, {
          levels: [
            [
              { px: '1', sz: '1' },
              { px: '2', sz: '1' },
            ],
            [],
          ],
        }),
      ],
      ['crossed_book', book(5, { levels: [[{ px: '2', sz: '1' }], [{ px: '2', sz: '1' }]] })],
      ['bad_funding', context({ funding: 'much' })],
      ['missing_oi', context({ openInterest: null })],
      ['late', trades(trade(9, -60_001))],
    ] as const) {
      const lines = [book(0), book(60_002), bad, book(60_003)]
      const { records, malformed } = await readLines('session.txt', [book(-1), ...lines])
      expect(malformed, bad.slice(0, 200)).toEqual([[kind, 1]])
      expect(records, bad.slice(0, 200)).toHaveLength(4)
    }
  })

  test('hyperliquid session: a side without a level is NaN and no fault', async () => {
    const { records, malformed } = await readLines('session.txt', [
      book(5, { levels: [[], [{ px: '65641.0', sz: '0.5', n: 1 }]] }),
    ])
    expect(records[0]).toMatchObject({
      bidTicks: Number.NaN,
      bidLots: Number.NaN,
      bidDepthLots: Number.NaN,
      askTicks: 656_410,
      askDepthLots: 50_000,
    })
    expect(malformed).toEqual([])
  })
})
