/** Single wire messages that others keep as fixtures, in a session of one line; those with made-up times get a real one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordKinds } from '../../../../src/domain/market.ts'
import { describeWithShared } from '../../../support/shared.ts'
import { readLines } from './read-recording.ts'

describeWithShared('wire fixtures', (shared) => {
  const fixture = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(shared, 'data/wire-fixtures', `${name}.json`), 'utf8')) as Record<string, unknown>
  const binance = (stream: string): Record<string, unknown> => fixture(`binance__futures__market_data_json__${stream}`)
  const inSession = (message: unknown): readonly string[] => [`1723161255088169167 ${JSON.stringify(message)}`]
  const coarse = { BTC: { priceDecimals: 8, sizeDecimals: 3 } }

  test('wire fixtures: documentation’s own times are refused, and nothing else of these messages', async () => {
    for (const stream of ['trade_stream', 'agg_trade_stream', 'depth_update_stream']) {
      const { malformed } = await readLines(
        'session',
        [
          // A good message first: of one that is all malformed it would be said that it is no recording.
          ...inSession(binance('book_ticker_stream')),
          ...inSession(binance(stream)),
        ],
        { instruments: coarse },
      )
      expect(malformed, stream).toEqual([['bad_ts', 1]])
    }
  })

  test('wire fixtures: Binance’s messages become their records', async () => {
    const timed = { E: 1_723_161_256_322, T: 1_723_161_256_322 }
    const read = async (message: unknown) => {
      const reading = await readLines('session', inSession(message), { instruments: coarse })
      expect(reading.malformed).toEqual([])
      return reading
    }
    const { trade, liquidation, context, book } = recordKinds
    const told = { priceTicks: 100_000, quantityLots: 100_000, aggressor: -1 }
    expect((await read({ ...binance('trade_stream'), ...timed })).records).toMatchObject([{ kind: trade, ...told }])
    expect((await read({ ...binance('agg_trade_stream'), ...timed })).records).toMatchObject([{ kind: trade, ...told }])
    expect((await read({ ...binance('depth_update_stream'), ...timed })).records).toMatchObject([
      { kind: book, bidTicks: 240_000, bidLots: 10_000, askTicks: 260_000, askLots: 100_000, bidDepthLots: Number.NaN },
    ])
    const ticker = await read(binance('book_ticker_stream'))
    expect(ticker.symbols).toEqual(['BNB'])
    expect(ticker.records).toMatchObject([
      { kind: book, bidTicks: 2_535_190_000, bidLots: 3_121_000, askTicks: 2_536_520_000 },
    ])
    expect((await read(binance('liquidation_stream'))).records).toMatchObject([
      // 9,910.12345678 × 0.014 = 138.7417…
      { kind: liquidation, priceTicks: 991_012_345_678, quantityLots: 14, aggressor: -1, notionalMinor: 13_874 },
    ])
    expect((await read(binance('mark_price_stream'))).records).toMatchObject([
      { kind: context, markTicks: 1_179_415_000_000, oracleTicks: 1_178_462_659_091, fundingRate: 0.00038167 / 8 },
    ])
    for (const stream of ['kline_stream_open', 'kline_stream_closed', 'ticker_stream']) {
      expect(await read(binance(stream)), stream).toMatchObject({ records: [], leftOut: [['other_message', 1]] })
    }
  })

  test('wire fixtures: Hyperliquid’s book and trades become their records', async () => {
    const { records, malformed } = await readLines(
      'session',
      [
        ...inSession({ channel: 'l2Book', data: fixture('hyperliquid__ws_book_data') }),
        ...inSession({ channel: 'trades', data: fixture('hyperliquid__http_recent_trades_btc') }),
      ],
      { instruments: { BTC: { priceDecimals: 2, sizeDecimals: 5 } }, fromUnixMs: 1_760_000_000_000 },
    )
    expect(malformed).toEqual([])
    const trades = records.filter((record) => record.kind === recordKinds.trade)
    expect(trades.length).toBeGreaterThan(2)
    // Newest first as they were asked for, oldest first as they are told.
    expect(trades.map((record) => record.atNs)).toEqual(trades.map((record) => record.atNs).sort((a, b) => a - b))

    const book = await readLines(
      'session',
      inSession({ channel: 'l2Book', data: fixture('hyperliquid__ws_book_data') }),
      {
        instruments: { BTC: { priceDecimals: 2, sizeDecimals: 5 } },
      },
    )
    expect(book.malformed).toEqual([])
    expect(book.records).toMatchObject([
      {
        kind: recordKinds.book,
        bidTicks: 9_845_050,
        bidLots: 250_000,
        bidDepthLots: 935_000,
        askTicks: 9_845_100,
        askDepthLots: 900_000,
      },
    ])
  })
})
