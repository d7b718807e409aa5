/** The recorded hourly tables, counted and looked up by SQL that does not go through the code under test. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hotFieldIndex, silenceSecondsMax } from '../../src/domain/hot-state.ts'
import { type MarketRecord, recordKinds } from '../../src/domain/market.ts'
import { openRecordings, type RecordedFeedOptions } from '../../src/stages/feed/recorded-feed.ts'
import { MarketState } from '../../src/stages/state/market-state.ts'
import { signalbox } from '../support/command.ts'
import { ask } from '../support/parquet.ts'
import { describeWithShared } from '../support/shared.ts'

describeWithShared('golden: hourly tables', (root) => {
  const folder = join(root, 'data/hourly-parquet')
  const tables = ['candles', 'funding_rates', 'open_interest', 'liquidations'].map((name) =>
    join(folder, `${name}.parquet`),
  )
  const from = (name: string): string => `read_parquet('${join(folder, `${name}.parquet`)}')`
  const at = (iso: string): string => `epoch_ms(TIMESTAMPTZ '${iso.replace('T', ' ').replace('Z', '+00')}')`

  interface Heard {
    readonly symbol: string
    readonly unixMs: number
    readonly record: MarketRecord
  }

  async function hear(options: RecordedFeedOptions, hearer: (heard: Heard) => void, paths = tables) {
    const feed = await openRecordings(paths, options)
    try {
      for (;;) {
        const { records, count } = await feed.nextBatch()
        if (count === 0) break
        for (const record of records.slice(0, count)) {
          hearer({
            symbol: feed.instruments[record.symbolIndex]!.symbol,
            unixMs: feed.timeline.toUnixMs(record.atNs),
            record,
          })
        }
      }
      return { malformed: Object.fromEntries(feed.malformed), leftOut: Object.fromEntries(feed.leftOut) }
    } finally {
      await feed.close()
    }
  }

  const window = (sourceVenue: string, begin: string, end: string): RecordedFeedOptions => ({
    sourceVenue,
    fromUnixMs: Date.parse(begin),
    untilUnixMs: Date.parse(end),
  })

  it.each([
    ['hyperliquid', '2025-04-01T00:00:00Z', '2025-06-15T00:00:00Z'],
    ['binance', '2025-10-01T00:00:00Z', '2025-10-20T00:00:00Z'],
    ['okx', '2026-02-01T00:00:00Z', '2026-03-08T00:00:00Z'],
    ['dydx', '2026-01-20T00:00:00Z', '2026-03-08T00:00:00Z'],
  ])('golden: %s from %s to %s has as many records of each kind and coin as SQL counts', async (venue, begin, end) => {
    const counts = new Map<string, number>()
    let lastMs = 0
    const add = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
    const { malformed, leftOut } = await hear(window(venue, begin, end), ({ symbol, unixMs, record }) => {
      expect(unixMs).toBeGreaterThanOrEqual(lastMs)
      lastMs = unixMs
      const figure = Number.isNaN(record.fundingRate) ? 'interest' : 'funding'
      add(`${symbol} ${record.kind === recordKinds.context ? figure : record.kind}`)
    })
    const within = (shown: string): string => `${shown} >= ${at(begin)} AND ${shown} < ${at(end)}`
    const hourLate = 'epoch_ms(timestamp) + 3600000'
    const fundingAt = venue === 'hyperliquid' ? hourLate : 'epoch_ms(timestamp)'
    const interestAt = `CASE WHEN minute(timestamp) + second(timestamp) = 0 THEN ${hourLate} ELSE epoch_ms(timestamp) + 1 END`
    const expected = await ask<[string, number]>(`
      SELECT coin || ' ${recordKinds.trade}', 4 * count(*) FROM ${from('candles')}
        WHERE venue = '${venue}' AND v > 0 AND ${within(hourLate)} GROUP BY coin
      UNION ALL SELECT coin || ' funding', count(*) FROM ${from('funding_rates')}
        WHERE venue = '${venue}' AND ${within(fundingAt)} GROUP BY coin
      UNION ALL SELECT coin || ' interest', count(*) FROM ${from('open_interest')} o
        WHERE venue = '${venue}' AND ${within(interestAt)}
          AND EXISTS (SELECT 1 FROM ${from('candles')} c WHERE c.coin = o.coin
            AND c.timestamp + INTERVAL 1 HOUR <= o.timestamp + INTERVAL 1 HOUR AND c.timestamp > o.timestamp - INTERVAL 24 HOUR)
        GROUP BY coin
      UNION ALL SELECT coin || ' ${recordKinds.liquidation}', count(*) FROM ${from('liquidations')}
        WHERE venue = '${venue}' AND side <> 'S' AND ${within('epoch_ms(timestamp)')} GROUP BY coin`)
    expect([...counts].sort()).toEqual(expected.sort())
    expect(counts.size).toBeGreaterThanOrEqual(10)
    expect(malformed).toEqual({})
    const [[untraded]] = (await ask<[number]>(
      `SELECT count(*) FROM ${from('candles')} WHERE venue = '${venue}' AND v = 0 AND ${within(hourLate)}`,
    )) as [[number]]
    const leftOutOf: Record<string, Record<string, number>> = {
      hyperliquid: { unsided: 2243 },
      binance: {},
      okx: { no_price: 5 },
      dydx: { no_price: 5, untraded },
    }
    expect(untraded > 0).toBe(venue === 'dydx')
    expect(leftOut).toEqual(leftOutOf[venue])
  })

  it('golden: on 2025-10-10 BTC falls to 101,516.5 on Binance, and its candle is told when it is over', async () => {
    const lows: [string, number][] = []
    await hear(
      { ...window('binance', '2025-10-10T20:00:00Z', '2025-10-10T23:00:01Z'), symbols: ['BTC'] },
      ({ unixMs, record }) => lows.push([new Date(unixMs).toISOString(), record.priceTicks / 10]),
    )
    expect(lows).toContainEqual(['2025-10-10T22:00:00.000Z', 101_516.5])
    expect(Math.min(...lows.map(([, price]) => price))).toBe(101_516.5)
  })

  it('golden: on 2025-10-10 Hyperliquid’s BTC open interest falls by half, in coins too', async () => {
    const coins: number[] = []
    await hear(
      { ...window('hyperliquid', '2025-10-10T21:00:00Z', '2025-10-10T23:00:01Z'), symbols: ['BTC'] },
      ({ record }) => {
        if (!Number.isNaN(record.openInterestLots)) coins.push(record.openInterestLots / 1e5)
      },
    )
    // Hours 20, 21 and 22: $4.43 bn, $3.00 bn, $2.19 bn.
    expect(coins).toHaveLength(3)
    expect(coins[0]).toBeCloseTo(4_425_234_272.05 / 114_198, -2)
    expect(coins[2]! / coins[0]!).toBeGreaterThan(0.45)
    expect(coins[2]! / coins[0]!).toBeLessThan(0.55)
  })

  it('golden: the hot state holds the last funding, open interest and price, and its windows are empty', async () => {
    const state = new MarketState(5)
    const seen = new Map<string, MarketRecord>()
    await hear(window('hyperliquid', '2025-03-20T00:00:00Z', '2025-04-10T12:00:01Z'), ({ symbol, record }) => {
      state.apply(record)
      const figure = Number.isNaN(record.fundingRate) ? 'interest' : 'funding'
      if (symbol === 'BTC') seen.set(record.kind === recordKinds.trade ? 'trade' : figure, { ...record })
    })
    const row = state.row(0)
    expect(row[hotFieldIndex.fundingRate]).toBe(seen.get('funding')!.fundingRate)
    expect(row[hotFieldIndex.openInterestLots]).toBe(seen.get('interest')!.openInterestLots)
    expect(row[hotFieldIndex.lastTicks]).toBe(seen.get('trade')!.priceTicks)
    // An hour is a silence: nothing is compared across it.
    expect(silenceSecondsMax).toBeLessThan(3600)
    for (const field of ['return5m', 'volatility60s', 'volatility60sLong', 'openInterestChange5m', 'regime'] as const) {
      expect([field, row[hotFieldIndex[field]]]).toEqual([field, Number.NaN])
    }
    expect(row[hotFieldIndex.markTicks]).toBeNaN()
  })

  it('golden: two runs, with the files named in another order, are the same to the bit', async () => {
    const digest = async (paths: readonly string[]): Promise<string> => {
      const hash = createHash('sha256')
      await hear(
        window('okx', '2026-02-01T00:00:00Z', '2026-03-08T00:00:00Z'),
        ({ symbol, record }) => hash.update(symbol).update(Float64Array.from(Object.values(record))),
        [...paths],
      )
      return hash.digest('hex')
    }
    expect(await digest(tables)).toBe(await digest(tables.toReversed()))
  })

  it('golden: replay of 90 days of everything stays below 400 MB', () => {
    const span = ['--source-venue', 'binance', '--from', '2025-12-01', '--to', '2026-03-01']
    const run = signalbox(['replay', ...tables, ...span, '--json'])
    expect([run.status, run.stderr]).toEqual([0, ''])
    const summary = JSON.parse(run.stdout) as { records: number; peak_rss_mb: number; malformed: object }
    expect(summary.records).toBeGreaterThan(40_000)
    expect(summary.peak_rss_mb).toBeLessThan(400)
    expect(summary.malformed).toEqual({})
  })

  it('golden: a selection longer than 90 days, an unknown venue and an unknown coin end with 2 and one line', () => {
    const refusals: [string[], string][] = [
      [
        [],
        '--from, --to: the Parquet rows span 366 days (2025-03-06T12:00Z to 2026-03-07T09:00Z), a run at most 90: choose a part with --from and --to',
      ],
      [
        ['--source-venue', 'ftx'],
        '--source-venue: no Parquet file has rows of "ftx"; known: binance, bybit, dydx, hyperliquid, kraken, lighter, okx',
      ],
      [['--symbols', 'BTC,PEPE'], '--symbols: hyperliquid has no rows of "PEPE"; known: BTC, DOGE, ETH, HYPE, SOL'],
    ]
    for (const [options, said] of refusals) {
      const run = signalbox(['replay', ...tables, ...options])
      expect([run.status, run.stdout, run.stderr]).toEqual([2, '', `signalbox: ${said}\n`])
    }
  })
})
