/** Hourly Parquet files as recordings, on files made for each test. */
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMarketRecord, type MarketRecord, recordKinds } from '../../../../../src/domain/market.ts'
import { LeftOutCounts } from '../../../../../src/stages/feed/left-out.ts'
import { MalformedCounts } from '../../../../../src/stages/feed/malformed.ts'
import { ParquetSelection } from '../../../../../src/stages/feed/parquet/selection.ts'
import {
  blockRows,
  openRecordings,
  type RecordedFeed,
  type RecordedFeedOptions,
} from '../../../../../src/stages/feed/recorded-feed.ts'
import { findRecordings } from '../../../../../src/stages/feed/recording-file.ts'
import { RunSymbols } from '../../../../../src/stages/feed/run-symbols.ts'
import { type Cell, hourlyTables, tableOf, writeParquet } from '../../../../support/parquet.ts'
import { temporaryFolder } from '../../../../support/temporary.ts'
import { drain, midnightMs } from '../recordings.ts'

const hourMs = 3_600_000
const hour = (hours: number): Date => new Date(midnightMs + hours * hourMs)

type Table = keyof typeof hourlyTables
const write = (table: Table, rows: readonly (readonly Cell[])[], name = `${table}.parquet`): Promise<string> =>
  writeParquet(temporaryFolder(), name, tableOf(hourlyTables[table], rows))

interface Told {
  readonly records: MarketRecord[]
  readonly malformed: Record<string, number>
  readonly leftOut: Record<string, number>
  readonly feed: RecordedFeed
}

async function told(paths: readonly string[], options: RecordedFeedOptions = {}): Promise<Told> {
  const feed = await openRecordings(paths, { sourceVenue: 'binance', ...options })
  try {
    const records = await drain(feed)
    const { malformed, leftOut } = feed
    return { records, malformed: Object.fromEntries(malformed), leftOut: Object.fromEntries(leftOut), feed }
  } finally {
    await feed.close()
  }
}

const hoursOf = ({ records }: Told): number[] => records.map(({ atNs }) => atNs / 1e6 / hourMs)
const btc = (hours: number, ...values: Cell[]): Cell[] => [hour(hours), 'binance', 'BTC', ...values]
const candle = (hours: number, close = 100, volume = 8): Cell[] => btc(hours, 100, 110, 90, close, volume)

describe('parquet: candles', () => {
  it('parquet: nothing of a candle is told before its end', async () => {
    const all = await told([await write('candles', [candle(1, 105), candle(2, 95)])])
    expect(hoursOf(all)).toEqual([2, 2, 2, 2, 3, 3, 3, 3])
    expect(all.records.map(({ kind }) => kind)).toEqual(Array.from({ length: 8 }, () => recordKinds.trade))
    expect(all.records.map(({ priceTicks }) => priceTicks / 10)).toEqual([100, 90, 110, 105, 100, 110, 90, 95])
    expect(all.records.reduce((sum, { quantityLots }) => sum + quantityLots, 0)).toBe(16 * 1e5)
  })

  it('parquet: a candle is as long as the median distance of its series', async () => {
    const rows = [0, 1, 2, 3, 9].map((hours) => candle(hours * 4))
    expect(new Set(hoursOf(await told([await write('candles', rows)])))).toEqual(new Set([4, 8, 12, 16, 40]))
  })

  it('parquet: OKX counts candles in contracts; of a coin whose contract nobody has described none are taken', async () => {
    const rows = [
      [hour(1), 'okx', 'BTC', 100, 110, 90, 100, 800],
      [hour(1), 'okx', 'AVAX', 100, 110, 90, 100, 800],
    ]
    const all = await told([await write('candles', rows)], { sourceVenue: 'okx' })
    expect(all.records.reduce((sum, { quantityLots }) => sum + quantityLots, 0)).toBe(8 * 1e5)
    expect(all.leftOut).toEqual({ unknown_contract: 1 })
  })
})

describe('parquet: funding', () => {
  it('parquet: a rate is turned from its period, the median distance of its rows, into a fraction an hour', async () => {
    // Every eight hours, a few milliseconds late, one row missing.
    const rows = [0, 8, 16, 32].map((hours) => [new Date(midnightMs + hours * hourMs + 12), 'binance', 'BTC', 0.0008])
    const all = await told([await write('funding', rows)])
    expect(all.records.map(({ fundingRate }) => fundingRate)).toEqual([0.0001, 0.0001, 0.0001, 0.0001])
    expect(all.records.every(({ markTicks, openInterestLots }) => Number.isNaN(markTicks + openInterestLots))).toBe(
      true,
    )
    expect(hoursOf(all).map((hours) => Math.floor(hours))).toEqual([0, 8, 16, 32])
  })

  it('parquet: Hyperliquid’s, and that of a venue that nobody has described, is the mean of the hour that begins at its stamp', async () => {
    for (const venue of ['hyperliquid', 'another']) {
      const rows = [0, 1, 2].map((hours) => [hour(hours), venue, 'BTC', 0.0001])
      expect(hoursOf(await told([await write('funding', rows)], { sourceVenue: venue }))).toEqual([1, 2, 3])
    }
  })

  it('parquet: the rate of a series of one row has no period', async () => {
    const all = await told([await write('funding', [btc(0, 0.0001)])])
    expect(all.records).toEqual([])
    expect(all.leftOut).toEqual({ unknown_period: 1 })
  })
})

describe('parquet: open interest', () => {
  const interest = (rows: Cell[][]): Promise<string> => write('openInterest', rows)
  const coins = ({ records }: Told): number[] =>
    records.filter(({ kind }) => kind === recordKinds.context).map(({ openInterestLots }) => openInterestLots / 1e5)

  it('parquet: an hour’s is told at the hour’s end, in coins at the last close until then, and never at a later one', async () => {
    const files = [
      await interest([btc(1, 8000), btc(2, 8000), btc(3, 8000)]),
      await write('candles', [candle(1, 100), candle(2, 200).with(4, 210), candle(3, 80).with(5, 70)] as Cell[][]),
    ]
    const all = await told(files)
    expect(coins(all)).toEqual([80, 40, 100])
    expect(hoursOf(all).filter((_, index) => all.records[index]!.kind === recordKinds.context)).toEqual([2, 3, 4])
  })

  it('parquet: one between two hours is an instant’s, and is told then', async () => {
    const files = [await interest([btc(2.56, 8000)]), await write('candles', [candle(1, 100)])]
    const all = await told(files)
    expect(coins(all)).toEqual([80])
    expect(all.records.at(-1)!.atNs / 1e6).toBe(2.56 * hourMs)
  })

  it('parquet: where the venue has no candle the median of the others’ closes is taken', async () => {
    const others = ['bybit', 'kraken', 'okx'].map((venue, index) => candle(1, 100 + index).with(1, venue))
    expect(coins(await told([await interest([btc(1, 1010)]), await write('candles', others as Cell[][])]))).toEqual([
      10,
    ])
  })

  it('parquet: without a close of the day before it is left out', async () => {
    const without = await told([await interest([btc(1, 8000)])])
    expect([without.records, without.leftOut]).toEqual([[], { no_price: 1 }])
    const old = await told([await interest([btc(26, 8000), btc(25, 8000)]), await write('candles', [candle(1)])])
    expect([coins(old), old.leftOut]).toEqual([[80], { no_price: 1 }])
  })
})

describe('parquet: liquidations', () => {
  it('parquet: a purchase ends a short, a sale a long; the quantity is what the dollars bought', async () => {
    const rows = [
      [new Date(midnightMs + 7), 'binance', 'BTC', 'buy', 1000, 100],
      [new Date(midnightMs + 8), 'binance', 'BTC', 'S', 500, 100],
    ]
    const { records } = await told([await write('liquidations', rows)])
    expect(records.map((r) => [r.atNs / 1e6, r.kind, r.aggressor, r.quantityLots / 1e5, r.notionalMinor])).toEqual([
      [7, recordKinds.liquidation, 1, 10, 100_000],
      [8, recordKinds.liquidation, -1, 5, 50_000],
    ])
  })

  it('parquet: OKX’s dollars lack the contract value, which is put in', async () => {
    const rows = ['buy', 'sell'].map((side, index) => [hour(index), 'okx', 'BTC', side, 100_000, 100])
    const { records } = await told([await write('liquidations', rows)], { sourceVenue: 'okx' })
    expect(records.map(({ notionalMinor }) => notionalMinor)).toEqual([100_000, 100_000])
  })

  it('parquet: a venue that names one side for all of them tells none', async () => {
    const rows = [0, 1, 2].map((hours) => btc(hours, 'S', 100, 100))
    const all = await told([await write('liquidations', rows)])
    expect([all.records, all.leftOut]).toEqual([[], { unsided: 3 }])
  })
})

describe('parquet: order and memory', () => {
  it('parquet: at one instant contexts come before trades and trades before liquidations, whatever the files are called', async () => {
    const files = [
      await write('liquidations', [btc(2, 'buy', 1000, 100), btc(4, 'sell', 1000, 100)], 'a.parquet'),
      await write('candles', [candle(1)], 'b.parquet'),
      await write('openInterest', [btc(1, 8000)], 'c.parquet'),
      await write('funding', [btc(2, 0.0001), btc(10, 0.0001)], 'd.parquet'),
    ]
    const one = await told(files)
    expect(one.records.slice(0, 7).map(({ kind }) => kind)).toEqual([1, 1, 2, 2, 2, 2, 3])
    expect(one.records[0]!.fundingRate).toBe(0.0001 / 8)
    const other = await told(files.toReversed())
    expect(other.records).toEqual(one.records)
  })

  it('parquet: rows come in the order of time over many chunks and blocks, also when the file holds them in none', async () => {
    const count = 3 * blockRows
    const path = await writeParquet(
      temporaryFolder(),
      'liquidations.parquet',
      `SELECT make_timestamptz(${midnightMs * 1000} + ((i * 7919) % ${count}) * 1000) AS timestamp, 'binance' AS venue,
        'BTC' AS coin, CASE i % 2 WHEN 0 THEN 'buy' ELSE 'sell' END AS side, 1000.0 AS size_usd, 100.0 AS price
       FROM range(${count}) AS rows(i)`,
    )
    const { records } = await told([path])
    expect(records.map(({ atNs }) => atNs)).toEqual(Array.from({ length: count }, (_, index) => index * 1e6))
  })

  it('parquet: the four trades of a candle go over the edge of a block', async () => {
    const files = await findRecordings([await write('candles', [candle(1, 100), candle(2, 105)])])
    const all = { venue: 'binance', symbols: null, requiredSymbols: [], fromUnixMs: 0, untilUnixMs: 1e14 }
    const selection = (await ParquetSelection.open(files, all))!
    const source = selection.sourceOf(files[0]!, {
      ...all,
      symbols: new RunSymbols(['BTC'], undefined, false),
      symbolCount: 1,
      timeline: null,
      strict: true,
      malformed: new MalformedCounts(),
      leftOut: new LeftOutCounts(),
      blockRows: 3,
    })
    const blocks: number[][] = []
    const record = createMarketRecord()
    do {
      await source.fill()
      const prices: number[] = []
      for (let row = 0; row < source.block.count; row += 1) {
        source.block.writeTo(record, row, midnightMs)
        prices.push(record.priceTicks / 10)
      }
      blocks.push(prices)
    } while (source.block.count > 0)
    await source.close()
    selection.close()
    expect(blocks).toEqual([[100, 90, 110], [100, 100, 90], [110, 105], []])
    expect(source.bytesRead).toBe(source.sizeBytes)
  })

  it('parquet: a candle of fewer lots than four is left out', async () => {
    const all = await told([
      await write('candles', [candle(0, 100, 0.00003), candle(1, 100, 0.00004), candle(2, 100, 0)]),
    ])
    expect(all.records.map(({ quantityLots }) => quantityLots)).toEqual([1, 1, 1, 1])
    expect(all.leftOut).toEqual({ untraded: 2 })
  })

  it('parquet: the range is one of told times', async () => {
    const path = await write(
      'candles',
      [1, 2, 3, 4].map((hours) => candle(hours)),
    )
    const range = { fromUnixMs: hour(3).getTime(), untilUnixMs: hour(5).getTime() }
    expect(new Set(hoursOf(await told([path], range)))).toEqual(new Set([3, 4]))
  })
})

describe('parquet: bad input', () => {
  it('parquet: every kind of malformed row is counted and skipped', async () => {
    const good = [candle(1), candle(2)]
    const bad: Cell[][] = [
      [null, 'binance', 'BTC', 100, 110, 90, 100, 8],
      [hour(3), null, 'BTC', 100, 110, 90, 100, 8],
      [hour(3), 'binance', null, 100, 110, 90, 100, 8],
      [hour(3), 'binance', 'A COIN', 100, 110, 90, 100, 8],
      btc(3, null, 110, 90, 100, 8),
      btc(3, 100, 99, 90, 100, 8),
      btc(3, 100, 110, 0, 100, 8),
      btc(3, Number.NaN, 110, 90, 100, 8),
      btc(3, 100, 1e300, 90, 100, 8),
      btc(3, 100, 110, 90, 100, null),
      btc(3, 100, 110, 90, 100, -1),
      [new Date(1), 'binance', 'BTC', 100, 110, 90, 100, 8],
    ]
    const all = await told([await write('candles', [...good, ...bad])])
    expect(all.records).toHaveLength(8)
    expect(all.malformed).toEqual({
      missing_ts: 1,
      bad_ts: 1,
      missing_symbol: 1,
      bad_symbol: 1,
      missing_venue: 1,
      missing_px: 1,
      bad_candle: 3,
      bad_px: 1,
      missing_sz: 1,
      bad_sz: 1,
    })
    const funding = await told([await write('funding', [btc(0, 0.1), btc(8, 2), btc(16, null), btc(24, 0.1)])])
    expect(funding.malformed).toEqual({ bad_funding: 1, missing_funding: 1 })
    const placeless: Cell[][] = [
      [null, 'binance', 'BTC', 8],
      [hour(3), null, 'BTC', 8],
      [hour(3), 'binance', null, 8],
    ]
    const interest = await told([
      await write('openInterest', [btc(1, -1), btc(2, null), btc(3, 8), ...placeless]),
      await write('candles', good),
    ])
    expect(interest.malformed).toEqual({ bad_oi: 1, missing_oi: 1, missing_ts: 1, missing_venue: 1, missing_symbol: 1 })
    const sides = [btc(1, 'buy', 1, 1), btc(2, 'sell', 1, 1), btc(3, 'up', 1, 1), btc(4, null, 1, 1)]
    const amounts = [btc(5, 'buy', null, 1), btc(6, 'buy', 1, null), btc(7, 'buy', 0, 1), btc(8, 'buy', 1, -1)]
    const liquidations = await told([await write('liquidations', [...sides, ...amounts])])
    expect(liquidations.malformed).toEqual({
      bad_side: 1,
      missing_side: 1,
      missing_sz: 1,
      missing_px: 1,
      bad_sz: 1,
      bad_px: 1,
    })
  })

  it('parquet: of one figure given twice for a stamp the first in the file counts', async () => {
    const all = await told([await write('candles', [candle(1, 100), candle(1, 105), candle(2)])])
    expect(all.records.map(({ priceTicks }) => priceTicks / 10).slice(0, 4)).toEqual([100, 90, 110, 100])
    expect(all.leftOut).toEqual({ duplicate: 1 })
  })

  it('parquet: strict names file and row', async () => {
    const path = await write('candles', [candle(1), candle(2), btc(3, 100, 110, 90, 100, -1)])
    await expect(told([path], { strict: true })).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringMatching(/candles\.parquet:3: bad_sz/),
    })
  })

  it('parquet: a file that is none, a broken one and one of other columns or types are named', async () => {
    const folder = temporaryFolder()
    const text = join(folder, 'text.parquet')
    writeFileSync(text, 'timestamp,venue,coin\n')
    await expect(told([text])).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringMatching(/text\.parquet: cannot be read as Parquet \(.+\)$/),
    })
    const cut = await write('candles', [candle(1)])
    truncateSync(cut, 100)
    await expect(told([cut])).rejects.toMatchObject({ code: 'ERR_INPUT', message: expect.stringContaining(cut) })
    const other = await writeParquet(folder, 'other.parquet', 'SELECT 1 AS a, 2 AS b')
    await expect(told([other])).rejects.toMatchObject({
      message: `${other}: its columns (a b) are none of the known tables; expected timestamp venue coin and one of: o h l c v; funding_rate; oi_usd; side size_usd price`,
    })
    const typed = await writeParquet(
      folder,
      'typed.parquet',
      `SELECT 1 AS timestamp, 'a' AS venue, 'b' AS coin, 1 AS oi_usd`,
    )
    await expect(told([typed])).rejects.toMatchObject({
      message: `${typed}: its column timestamp is INTEGER, expected TIMESTAMP`,
    })
  })

  it('parquet: a path is a path, whatever it means in SQL or in a pattern', async () => {
    const path = await writeParquet(
      temporaryFolder(),
      "it's [a] file?*.parquet",
      tableOf(hourlyTables.candles, [candle(1)]),
    )
    expect((await told([path])).records).toHaveLength(4)
  })

  it('parquet: an unknown venue or symbol is refused with the known ones', async () => {
    const path = await write('candles', [candle(1), [hour(1), 'kraken', 'ETH', 100, 110, 90, 100, 8]])
    await expect(told([path], { sourceVenue: 'hyperliquid' })).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: '--source-venue: no Parquet file has rows of "hyperliquid"; known: binance, kraken',
    })
    await expect(told([path], { symbols: ['BTC', 'ETH'] })).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: '--symbols: binance has no rows of "ETH"; known: BTC',
    })
  })

  it('parquet: 90 days are a run, a minute more is refused with the span and the options', async () => {
    const funding = (days: number): Promise<string> =>
      write('funding', [btc(0, 0.1), btc(24, 0.1), btc(days * 24, 0.1)])
    expect((await told([await funding(90)])).records).toHaveLength(3)
    const long = await funding(90 + 1 / 1440)
    await expect(told([long])).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringMatching(
        /^--from, --to: the Parquet rows span 91 days \(.+Z to .+Z\), a run at most 90: choose a part with --from and --to$/,
      ),
    })
    expect((await told([long], { untilUnixMs: hour(48).getTime() })).records).toHaveLength(2)
    expect((await told([long], { fromUnixMs: hour(1).getTime() })).records).toHaveLength(2)
  })
})

describe('parquet: no look-ahead', () => {
  /** What is told up to hour 48 of tables whose rows from the hour on that ends after it are changed. */
  async function toldBefore(cutHours: number, factor: number): Promise<Told> {
    const hours = Array.from({ length: 72 }, (_, index) => index)
    const by = (at: number): number => (at >= cutHours ? factor : 1)
    const files = [
      await write(
        'candles',
        hours.map((at) => btc(at, 100, 110 * by(at), 90, 100 * by(at), 8 * by(at))),
      ),
      await write(
        'openInterest',
        hours.map((at) => btc(at, 8000 * by(at))),
      ),
      await write(
        'funding',
        hours.map((at) => [hour(at), 'binance', 'BTC', 0.0001 * by(at)]),
      ),
    ]
    return told(files, { untilUnixMs: hour(48).getTime() })
  }

  it('parquet: rows of hours that are not over change nothing that is told before', async () => {
    // Told before hour 48 is what ends before it: the rows stamped 48 and later, and the hour stamped 47, may be anything.
    expect((await toldBefore(48, 1.05)).records).toEqual((await toldBefore(48, 1)).records)
    const before = (await toldBefore(47, 1.05)).records.filter(({ fundingRate }) => Number.isNaN(fundingRate))
    expect(before).toEqual((await toldBefore(47, 1)).records.filter(({ fundingRate }) => Number.isNaN(fundingRate)))
  })

  it('parquet: the check above sees a change that is told before', async () => {
    expect((await toldBefore(46, 1.05)).records).not.toEqual((await toldBefore(46, 1)).records)
  })
})
