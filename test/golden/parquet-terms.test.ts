/**
 * What venue-terms.ts says of the recorded tables, read off the tables: that some stamps are the begin of the hour that a figure is the mean of,
 * how long a funding period is, that OKX counts in contracts, that Hyperliquid's liquidations do not tell their side.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { coinsPerUnit, isFundingKnownAtStamp } from '../../src/stages/feed/parquet/venue-terms.ts'
import { ask } from '../support/parquet.ts'
import { describeWithShared } from '../support/shared.ts'

describeWithShared('golden: terms of the hourly tables', (root) => {
  const from = (name: string): string => `read_parquet('${join(root, 'data/hourly-parquet', `${name}.parquet`)}')`

  /**
   * Rank correlation of the hourly change of a figure with the return of the hour after its stamp (Bybit's candles) by venue, all coins
   * together. A figure of an instant, or of the past, knows nothing of that hour: about 0 ± 2 ÷ √n.
   */
  async function knowledgeOfNextHour(figures: string, value: string): Promise<[string, number, number][]> {
    return await ask(`
      WITH figure AS (SELECT venue, coin, date_trunc('hour', timestamp + INTERVAL 1 MINUTE) AS stamp, ${value} AS value FROM ${from(figures)}),
      change AS (SELECT venue, coin, stamp, value - lag(value) OVER series AS change, stamp - lag(stamp) OVER series AS gap
        FROM figure WINDOW series AS (PARTITION BY venue, coin ORDER BY stamp)),
      both_of AS (SELECT change.venue AS venue, change.coin AS coin, change, ln(c / o) AS return FROM change
        JOIN ${from('candles')} candle ON candle.venue = 'bybit' AND candle.coin = change.coin AND candle.timestamp = stamp
        WHERE gap = INTERVAL 1 HOUR),
      ranked AS (SELECT venue, percent_rank() OVER (PARTITION BY venue, coin ORDER BY change) AS x,
        percent_rank() OVER (PARTITION BY venue, coin ORDER BY return) AS y FROM both_of)
      SELECT venue, corr(x, y), count(*)::DOUBLE FROM ranked GROUP BY venue ORDER BY venue`)
  }

  it('golden: hourly open interest knows the hour after its stamp, at every venue that has it', async () => {
    const venues = await knowledgeOfNextHour('open_interest', 'ln(oi_usd)')
    expect(venues.map(([venue]) => venue)).toEqual(['hyperliquid', 'lighter'])
    for (const [venue, correlation, count] of venues) {
      expect(correlation, venue).toBeGreaterThan(5 / Math.sqrt(count))
    }
  })

  it('golden: Hyperliquid’s funding knows the hour after its stamp, no other venue’s does', async () => {
    const venues = await knowledgeOfNextHour('funding_rates', 'funding_rate')
    expect(venues.map(([venue]) => venue)).toEqual(['dydx', 'hyperliquid', 'kraken', 'lighter'])
    for (const [venue, correlation, count] of venues) {
      const isKnowing = correlation > 5 / Math.sqrt(count)
      expect([venue, isKnowing]).toEqual([venue, !isFundingKnownAtStamp(venue)])
    }
  })

  it('golden: in contracts of the coins that are said, OKX trades as much as its peers; by any other power of ten it would not', async () => {
    const volumes = await ask<[string, number, number]>(`
      SELECT okx.coin, median(okx.v), median(binance.v) FROM ${from('candles')} okx
      JOIN ${from('candles')} binance ON binance.coin = okx.coin AND binance.timestamp = okx.timestamp
      WHERE okx.venue = 'okx' AND binance.venue = 'binance' GROUP BY okx.coin`)
    expect(volumes).toHaveLength(5)
    for (const [coin, contracts, coins] of volumes) {
      const share = (contracts * coinsPerUnit('okx', coin)!) / coins
      expect(share, coin).toBeGreaterThan(10 ** -0.5)
      expect(share, coin).toBeLessThan(10 ** 0.5)
    }
  })

  it('golden: OKX’s purchases lie above the hour’s middle and its sales below: a side is the order’s', async () => {
    const sides = await ask<[string, number]>(`
      SELECT side, avg((price > (h + l) / 2)::INT) FROM ${from('liquidations')} forced
      JOIN ${from('candles')} candle ON candle.venue = 'okx' AND candle.coin = forced.coin AND candle.timestamp = date_trunc('hour', forced.timestamp)
      WHERE forced.venue = 'okx' GROUP BY side ORDER BY side`)
    expect(sides.map(([side]) => side)).toEqual(['buy', 'sell'])
    expect(sides[0]![1]).toBeGreaterThan(0.7)
    expect(sides[1]![1]).toBeLessThan(0.3)
  })

  it('golden: Hyperliquid’s liquidations all say S, up a rise as down a fall', async () => {
    const side = await ask<[string]>(`SELECT DISTINCT side FROM ${from('liquidations')} WHERE venue = 'hyperliquid'`)
    expect(side).toEqual([['S']])
    // The hours with a hundred of them or more: first and last price.
    const hours = await ask<[number]>(`
      SELECT last(price ORDER BY timestamp) / first(price ORDER BY timestamp) - 1 FROM ${from('liquidations')}
      WHERE venue = 'hyperliquid' GROUP BY coin, date_trunc('hour', timestamp) HAVING count(*) >= 100`)
    expect(hours.some(([move]) => move > 0.01)).toBe(true)
    expect(hours.some(([move]) => move < -0.01)).toBe(true)
  })
})
