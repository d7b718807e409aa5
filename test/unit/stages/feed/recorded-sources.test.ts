/** The recorded files of every format but trades and contexts, read whole; the expected sums are an independent reading's, in exact decimals. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { instrumentOf } from '../../../../src/domain/instrument.ts'
import { depthLevels, type MarketRecord, recordKinds } from '../../../../src/domain/market.ts'
import { type BookUpdate, LocalBook } from '../../../../src/stages/feed/binance/local-book.ts'
import { readSnapshot, readTop, readUpdate } from '../../../../src/stages/feed/binance/messages.ts'
import { openRecordings, type RecordedFeedOptions } from '../../../../src/stages/feed/recorded-feed.ts'
import { describeWithShared } from '../../../support/shared.ts'
import { copyOf } from './recordings.ts'

interface Totals {
  readonly kinds: Record<number, number>
  readonly sums: Record<string, number>
  readonly malformed: readonly (readonly [string, number])[]
  readonly leftOut: readonly (readonly [string, number])[]
  readonly symbols: number
  readonly backwards: number
  /** Of every record in order: kind, symbol, time and all that it tells. */
  readonly digest: string
  readonly last: MarketRecord
}

const summed = [
  'priceTicks',
  'quantityLots',
  'aggressor',
  'notionalMinor',
  'bidTicks',
  'bidLots',
  'askTicks',
  'askLots',
  'bidDepthLots',
  'askDepthLots',
] as const

async function read(paths: readonly string[], options: RecordedFeedOptions = {}): Promise<Totals> {
  const feed = await openRecordings(paths, options)
  const kinds: Record<number, number> = {}
  const sums = Object.fromEntries(summed.map((key) => [key, 0])) as Record<(typeof summed)[number], number>
  const digest = createHash('sha256')
  const row = new Float64Array(3 + summed.length)
  let backwards = 0
  let lastNs = 0
  let last: MarketRecord | null = null
  for (;;) {
    const { records, count } = await feed.nextBatch()
    if (count === 0) break
    for (const record of records.slice(0, count)) {
      kinds[record.kind] = (kinds[record.kind] ?? 0) + 1
      for (const key of summed) sums[key] += Number.isNaN(record[key]) ? 0 : record[key]
      const told = summed.map((key) => (Number.isNaN(record[key]) ? -99 : record[key]))
      row.set([record.kind, record.symbolIndex, record.atNs, ...told])
      digest.update(row)
      if (record.atNs < lastNs) backwards += 1
      lastNs = record.atNs
    }
    last = copyOf(records[count - 1]!)
  }
  await feed.close()
  const { malformed, leftOut, instruments } = feed
  return {
    kinds,
    sums,
    malformed: [...malformed],
    leftOut: [...leftOut],
    symbols: instruments.length,
    backwards,
    digest: digest.digest('hex'),
    last: last!,
  }
}

describeWithShared('recorded books', (shared) => {
  test.each([
    [
      'BTC_20260621',
      43_187,
      [27_684_142_590, 37_907_279_480, 27_684_586_320, 48_626_463_319, 426_772_324_067, 520_749_802_669],
    ],
    [
      'ETH_20260621',
      43_187,
      [7_464_170_670, 95_518_648_552, 7_464_608_350, 142_670_938_932, 4_214_336_441_591, 4_439_341_044_423],
    ],
    [
      'SOL_20260620',
      43_194,
      [30_854_931_260, 3_579_547_260, 30_855_556_550, 2_242_309_155, 47_788_681_569, 38_690_887_182],
    ],
    [
      'SOL_20260621',
      43_187,
      [31_759_678_280, 3_257_263_116, 31_760_262_440, 3_734_895_476, 43_932_902_952, 41_222_615_318],
    ],
  ])('recorded books: l2_%s has %i books, each whole, and tops and depths add up', async (name, books, sums) => {
    const totals = await read([join(shared, `data/hyperliquid/l2_${name}.jsonl.gz`)])
    expect(totals.kinds).toEqual({ [recordKinds.book]: books })
    const told = (['bidTicks', 'bidLots', 'askTicks', 'askLots', 'bidDepthLots', 'askDepthLots'] as const).map(
      (key) => totals.sums[key],
    )
    expect(told).toEqual(sums)
    expect([...totals.malformed, ...totals.leftOut]).toEqual([])
    expect(totals.backwards).toBe(0)
  })
})

describeWithShared('recorded forced orders and aggregated trades', (shared) => {
  const folder = (day: string): string => join(shared, `data/binance-liquidations-${day}`)

  test('forced orders: 3,510 rows of two recorders are 1,837 liquidations, and 2,045 of one are as many', async () => {
    const crash = await read([join(folder('20250127'), 'binance.csv.gz')])
    expect(crash).toMatchObject({
      kinds: { [recordKinds.liquidation]: 1_837 },
      malformed: [],
      leftOut: [['duplicate', 1_673]],
      symbols: 221,
      backwards: 0,
      // 609 shorts bought back, 1,228 longs sold.
      sums: {
        aggressor: 609 - 1_228,
        priceTicks: 63_366_409_908_845,
        quantityLots: 28_770_428_259_302,
        notionalMinor: 354_636_239,
      },
    })
    const quiet = await read([join(folder('20251227'), 'binance.csv.gz')])
    expect(quiet).toMatchObject({
      kinds: { [recordKinds.liquidation]: 2_045 },
      malformed: [],
      leftOut: [],
      symbols: 257,
      sums: {
        aggressor: 1_165 - 880,
        priceTicks: 7_223_455_406_053,
        quantityLots: 14_404_467_378_390,
        notionalMinor: 205_102_932,
      },
    })
    const big = await read([join(folder('20251227'), 'binance_big_liqs.csv.gz')])
    expect(big).toMatchObject({ kinds: { [recordKinds.liquidation]: 1 }, last: { priceTicks: 414_370, aggressor: 1 } })
  })

  test('aggregated trades: every number once, in the order of their times although they were written up to 15 s apart', async () => {
    expect(await read([join(folder('20250127'), 'binance_trades.csv.gz')])).toMatchObject({
      kinds: { [recordKinds.trade]: 16_440 },
      malformed: [],
      leftOut: [],
      symbols: 6,
      backwards: 0,
      sums: { aggressor: 7_784 - 8_656, priceTicks: 6_987_302_906_347, quantityLots: 181_286_548_137 },
    })
    expect(await read([join(folder('20251227'), 'binance_trades.csv.gz')])).toMatchObject({
      kinds: { [recordKinds.trade]: 4_686 },
      malformed: [],
      leftOut: [['duplicate', 21]],
      symbols: 13,
      backwards: 0,
      sums: { aggressor: 2_491 - 2_195, priceTicks: 17_505_471_491_797, quantityLots: 776_434_082_509 },
    })
  })

  test('forced orders and trades together: the order of the arguments changes nothing, and chosen symbols are all there is', async () => {
    const files = ['binance.csv.gz', 'binance_trades.csv.gz'].map((name) => join(folder('20250127'), name))
    expect(await read(files)).toEqual(await read([...files].reverse()))
    const chosen = await read(files, { symbols: ['BTC', 'ETH'] })
    expect(chosen.symbols).toBe(2)
    expect(chosen.kinds[recordKinds.trade]).toBeGreaterThan(5_000)
    expect(chosen.malformed).toEqual([])
  })
})

describeWithShared('recorded sessions', (shared) => {
  const session = (name: string): string => join(shared, `data/raw-sessions/${name}.gz`)

  test('binance session: every trade, every book that was new, none malformed, unbroken', async () => {
    // Lines: 66,089 bookTickers, 6,551 depth updates and one snapshot; 1,093 bookTickers came behind a newer depth update.
    expect(await read([session('binance-usdm-btcusdt-20240808')])).toMatchObject({
      kinds: { [recordKinds.trade]: 21_313, [recordKinds.book]: 66_089 - 1_093 + 6_551 + 1 },
      malformed: [],
      leftOut: [['stale_top', 1_093]],
      symbols: 1,
      backwards: 0,
    })
    expect(await read([session('binance-usdm-ethusdt-20240808')])).toMatchObject({
      kinds: { [recordKinds.trade]: 14_076, [recordKinds.book]: 53_992 - 416 + 6_586 + 1 },
      malformed: [],
      leftOut: [['stale_top', 416]],
    })
  })

  test('binance session: the other way of writing one, of four symbols', async () => {
    expect(await read([session('binance-futures-20210722')])).toMatchObject({
      kinds: { [recordKinds.trade]: 91, [recordKinds.book]: 613 + 764 },
      malformed: [],
      leftOut: [['other_message', 67]],
      symbols: 4,
      backwards: 0,
    })
  })

  test('hyperliquid session: 46 books and 64 trades, the oldest of them 49 s before the first book', async () => {
    const totals = await read([session('hyperliquid-btc-20250126')])
    expect(totals).toMatchObject({
      kinds: { [recordKinds.book]: 46, [recordKinds.trade]: 64 },
      malformed: [],
      leftOut: [],
      symbols: 1,
      backwards: 0,
    })
  })

  test.each([
    ['bitmex-20210722', 'www.bitmex.com'],
    ['bybit-v2-20210417', 'stream.bybit.com'],
    ['kraken-futures-20210722', 'futures.kraken.com'],
    ['okx-20220513', 'ws.okx.com:8443'],
  ])('session: %s is refused in one line that names the venue', async (name, host) => {
    await expect(openRecordings([session(name)])).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringContaining(`is a raw session of ${host}, which Signalbox does not read`),
    })
  })

  /** After every fourth update, if it is newer than the last best bid and offer: what the book tells, against maps that hold updates alone. */
  function compareWithMaps(name: string, symbol: string, spoil: (update: BookUpdate) => BookUpdate): number {
    const instrument = instrumentOf(symbol)
    const lines = gunzipSync(readFileSync(session(name)))
      .toString()
      .trimEnd()
      .split('\n')
    const book = new LocalBook()
    let maps: { bids: Map<number, number>; asks: Map<number, number> } | null = null
    let before: BookUpdate[] = []
    let topId = 0
    let updates = 0
    let compared = 0
    const apply = ({ bids, asks }: BookUpdate): void => {
      for (const [levels, map] of [
        [bids, maps!.bids],
        [asks, maps!.asks],
      ] as const) {
        for (let index = 0; index < levels.length; index += 2) {
          if (levels[index + 1] === 0) map.delete(levels[index]!)
          else map.set(levels[index]!, levels[index + 1]!)
        }
      }
    }
    for (const line of lines) {
      const message = JSON.parse(line.slice(line.indexOf(' ') + 1)) as { data?: Record<string, unknown> }
      const event = message.data ?? (message as Record<string, unknown>)
      if (event.e === 'bookTicker') {
        const top = readTop(instrument, event)
        if (typeof top === 'string') throw new Error(top)
        book.top(top)
        topId = Math.max(topId, top.updateId)
      } else if (event.e === 'depthUpdate') {
        const update = readUpdate(instrument, event)
        if (typeof update === 'string') throw new Error(update)
        expect(book.update(spoil(update))).toBeNull()
        if (maps === null) before.push(update)
        else {
          apply(update)
          updates += 1
          if (topId > update.updateId || updates % 4 !== 0) continue
          for (const [side, isBid] of [
            ['bids', true],
            ['asks', false],
          ] as const) {
            const best = [...maps[side]].sort(([a], [b]) => (isBid ? b - a : a - b)).slice(0, depthLevels)
            const { fields } = book
            const told = isBid
              ? [fields.bidTicks, fields.bidLots, fields.bidDepthLots]
              : [fields.askTicks, fields.askLots, fields.askDepthLots]
            expect(told).toEqual([...best[0]!, best.reduce((sum, [, lots]) => sum + lots, 0)])
          }
          compared += 1
        }
      } else if ('lastUpdateId' in event) {
        const snapshot = readSnapshot(instrument, event)
        if (typeof snapshot === 'string') throw new Error(snapshot)
        expect(book.snapshot(snapshot)).toBeNull()
        maps = { bids: new Map(), asks: new Map() }
        apply(snapshot)
        for (const update of before) if (update.updateId > snapshot.updateId) apply(update)
        before = []
      }
    }
    return compared
  }

  test('binance session: top and depth are those of a book kept in maps from the snapshot on', () => {
    expect(compareWithMaps('binance-usdm-ethusdt-20240808', 'ETH', (update) => update)).toBeGreaterThan(1_000)
  })

  test('binance session: canary: levels that are lost from one update in fifty are seen', () => {
    let updates = 0
    const spoil = (update: BookUpdate): BookUpdate => {
      updates += 1
      return updates % 50 === 0 ? { ...update, bids: update.bids.slice(0, -2), asks: update.asks.slice(2) } : update
    }
    expect(() => compareWithMaps('binance-usdm-ethusdt-20240808', 'ETH', spoil)).toThrow()
  })
})
