import { describe, expect, test } from 'vitest'
import { createMarketRecord, recordKinds } from '../../../../../src/domain/market.ts'
import { readLines } from '../read-recording.ts'
import { midnightMs } from '../recordings.ts'

const at = (offsetMs: number): number => midnightMs + offsetMs

function forcedOrder(offsetMs: number, changes: Partial<Record<number, string>> = {}): string {
  const columns = [
    'BTC',
    'SELL',
    'LIMIT',
    'IOC',
    '0.5',
    '99000.0',
    '99233.456',
    'FILLED',
    '0.2',
    '0.5',
    `${at(offsetMs)}`,
  ]
  return [...columns, '49616.728'].map((column, index) => changes[index] ?? column).join(',')
}

function aggTrade(id: number, offsetMs: number, changes: Partial<Record<number, string>> = {}): string {
  const columns = [`${at(offsetMs) + 3}`, 'BTCUSDT', `${id}`, '99233.5', '0.150', `${at(offsetMs)}`, 'False']
  return columns.map((column, index) => changes[index] ?? column).join(', ')
}

describe('forced orders', () => {
  test('forced orders: a sale liquidates a long, at the average price to the nearest tick, for what was filled', async () => {
    const { records, malformed } = await readLines('orders.csv', [
      forcedOrder(5),
      forcedOrder(6, { 1: 'BUY', 9: '0.25' }),
    ])
    expect(records[0]).toEqual({
      ...createMarketRecord(),
      kind: recordKinds.liquidation,
      symbolIndex: 0,
      atNs: 5e6,
      priceTicks: 992_335,
      quantityLots: 50_000,
      aggressor: -1,
      // 99,233.5 × 0.5 = 49,616.75: rounded once, whatever the recorder made of it.
      notionalMinor: 4_961_675,
    })
    expect(records[1]).toMatchObject({ aggressor: 1, quantityLots: 25_000, notionalMinor: 2_480_838 })
    expect(malformed).toEqual([])
  })

  test('forced orders: rows of two recorders count once, whatever they put behind the eleventh column', async () => {
    const { records, malformed, leftOut } = await readLines('binance.csv', [
      forcedOrder(5),
      forcedOrder(5, { 11: '49616.7' }),
      `${forcedOrder(5)},100`,
      ` ${forcedOrder(5).replaceAll(',', ' , ')} `,
      forcedOrder(5, { 8: '0.3' }),
    ])
    expect(records).toHaveLength(2)
    expect(leftOut).toEqual([['duplicate', 3]])
    expect(malformed).toEqual([])
  })

  test('forced orders: several symbols, with USDT or without; what was not filled is left out', async () => {
    const { records, symbols, leftOut } = await readLines('binance.csv', [
      forcedOrder(1, { 0: 'BTCUSDT' }),
      forcedOrder(2, { 0: '1000PEPE', 6: '0.0041437', 9: '30499373' }),
      forcedOrder(3, { 0: '币安人生', 6: '0.1' }),
      forcedOrder(4),
      forcedOrder(5, { 9: '0' }),
    ])
    expect(symbols).toEqual(['1000PEPE', 'BTC', '币安人生'])
    expect(records.map((record) => record.symbolIndex)).toEqual([1, 0, 2, 1])
    expect(records[1]).toMatchObject({
      priceTicks: 414_370,
      quantityLots: 3_049_937_300_000,
      notionalMinor: 12_638_025,
    })
    expect(leftOut).toEqual([['unfilled', 1]])
  })

  test('forced orders: every malformed row is counted by its kind and skipped', async () => {
    for (const [kind, line] of [
      ['columns', 'BTC,SELL,LIMIT,IOC,0.5,99000.0,99233.456,FILLED,0.2,0.5'],
      ['missing_symbol', forcedOrder(5, { 0: '' })],
      ['bad_symbol', forcedOrder(5, { 0: 'SEVENTEENLETTERSX' })],
      ['bad_symbol', forcedOrder(5, { 0: 'B TC' })],
      ['bad_symbol', forcedOrder(5, { 0: '\u202eCTB' })],
      ['bad_symbol', forcedOrder(5, { 0: 'B\u200bTC' })],
      ['missing_ts', forcedOrder(5, { 10: '' })],
      ['bad_ts', forcedOrder(5, { 10: '1781654400' })],
      ['missing_side', forcedOrder(5, { 1: '' })],
      ['bad_side', forcedOrder(5, { 1: 'sell' })],
      ['missing_px', forcedOrder(5, { 6: '' })],
      ['bad_px', forcedOrder(5, { 6: '0' })],
      ['bad_px', forcedOrder(5, { 6: 'NaN' })],
      ['missing_sz', forcedOrder(5, { 9: '' })],
      ['bad_sz', forcedOrder(5, { 9: '-0.5' })],
      ['bad_sz', forcedOrder(5, { 9: '0.000001' })],
      ['late', forcedOrder(0)],
    ] as const) {
      const lines = [forcedOrder(1), forcedOrder(2, { 9: '0.1' }), forcedOrder(60_003), line, forcedOrder(60_004)]
      const { records, malformed } = await readLines('binance.csv', lines)
      expect(malformed, line).toEqual([[kind, 1]])
      expect(records, line).toHaveLength(4)
    }
  })
})

describe('aggregated trades', () => {
  test('aggregated trades: where the buyer was the maker the aggressor sold; true and false in any letters', async () => {
    const { records, malformed } = await readLines('trades of binance.csv', [
      aggTrade(1, 5),
      aggTrade(2, 6, { 6: 'True' }),
      aggTrade(3, 7, { 6: 'true' }),
      aggTrade(4, 8, { 6: 'false' }),
    ])
    expect(records[0]).toEqual({
      ...createMarketRecord(),
      kind: recordKinds.trade,
      symbolIndex: 0,
      atNs: 5e6,
      priceTicks: 992_335,
      quantityLots: 15_000,
      aggressor: 1,
    })
    expect(records.map((record) => record.aggressor)).toEqual([1, -1, -1, 1])
    expect(malformed).toEqual([])
  })

  test('aggregated trades: a number counts once a symbol; further columns and missing spaces are no faults', async () => {
    const { records, leftOut, malformed } = await readLines('binance_trades.csv', [
      aggTrade(1, 5),
      aggTrade(1, 5),
      `${aggTrade(1, 5).replaceAll(' ', '')}, 14885.02, 25`,
      aggTrade(1, 5, { 1: 'ETHUSDT', 3: '2939.85' }),
    ])
    expect(records).toHaveLength(2)
    expect(leftOut).toEqual([['duplicate', 2]])
    expect(malformed).toEqual([])
  })

  test('aggregated trades: times out of order up to a minute find their place, equal ones in the order of the file', async () => {
    const offsets = [30_000, 15_000, 60_000, 15_000, 1_000, 60_000]
    const { records, malformed } = await readLines(
      'binance_trades.csv',
      offsets.map((offsetMs, index) => aggTrade(index + 1, offsetMs, { 4: `0.00${index + 1}` })),
    )
    expect(records.map((record) => [record.atNs / 1e6, record.quantityLots / 100])).toEqual([
      [1_000, 5],
      [15_000, 2],
      [15_000, 4],
      [30_000, 1],
      [60_000, 3],
      [60_000, 6],
    ])
    expect(malformed).toEqual([])
  })

  test('aggregated trades: with a shorter horizon, or fewer rows that may wait, what comes later than that is late', async () => {
    const lines = [aggTrade(1, 2_000), aggTrade(2, 3_001), aggTrade(3, 1_999), aggTrade(4, 2_500)]
    const short = await readLines('binance_trades.csv', lines, { reorder: { horizonMs: 1_000, rowsMax: 100 } })
    expect([short.records.length, short.malformed]).toEqual([3, [['late', 1]]])
    const narrow = await readLines('binance_trades.csv', lines, { reorder: { horizonMs: 60_000, rowsMax: 1 } })
    expect([narrow.records.map(({ atNs }) => atNs / 1e6), narrow.malformed]).toEqual([
      [2_000, 2_500, 3_001],
      [['late', 1]],
    ])
  })

  test('aggregated trades: every malformed row is counted by its kind and skipped', async () => {
    for (const [kind, line] of [
      ['columns', 'BTCUSDT, 1, 99233.5'],
      ['missing_symbol', aggTrade(9, 5, { 1: '' })],
      ['bad_symbol', aggTrade(9, 5, { 1: '"BTCUSDT"' })],
      ['missing_ts', aggTrade(9, 5, { 5: ' ' })],
      ['bad_ts', aggTrade(9, 5, { 5: 'yesterday' })],
      ['missing_px', aggTrade(9, 5, { 3: '' })],
      ['bad_px', aggTrade(9, 5, { 3: '0' })],
      ['off_grid_px', aggTrade(9, 5, { 3: '99233.55' })],
      ['missing_sz', aggTrade(9, 5, { 4: '' })],
      ['bad_sz', aggTrade(9, 5, { 4: '-1' })],
      ['off_grid_sz', aggTrade(9, 5, { 4: '0.000001' })],
      ['missing_side', aggTrade(9, 5, { 6: '' })],
      ['bad_side', aggTrade(9, 5, { 6: 'B' })],
      ['bad_side', aggTrade(9, 5, { 6: 'yes' })],
      ['missing_tid', aggTrade(9, 5, { 2: '' })],
      ['bad_tid', aggTrade(9, 5, { 2: '7.5' })],
      ['late', aggTrade(9, 0)],
    ] as const) {
      const lines = [aggTrade(1, 1), aggTrade(2, 2), aggTrade(3, 60_003), line, aggTrade(4, 60_004)]
      const { records, malformed } = await readLines('binance_trades.csv', lines)
      expect(malformed, line).toEqual([[kind, 1]])
      expect(records, line).toHaveLength(4)
    }
  })
})

describe('files of many symbols', () => {
  const lines = ['BTC', 'ETH', 'SOL'].map((symbol, index) => forcedOrder(index, { 0: symbol }))

  test('symbols: given ones make the index, and rows of others are passed over, neither malformed nor left out', async () => {
    const { records, malformed, leftOut, symbols } = await readLines('binance.csv', lines, { symbols: ['SOL', 'BTC'] })
    expect(symbols).toEqual(['SOL', 'BTC'])
    expect(records.map((record) => [record.symbolIndex, record.atNs])).toEqual([
      [1, 0],
      [0, 2e6],
    ])
    expect([...malformed, ...leftOut]).toEqual([])
  })

  test('symbols: of a range of time only those that have a row in it are the run’s', async () => {
    const { symbols } = await readLines('binance.csv', lines, { fromUnixMs: at(1), untilUnixMs: at(2) })
    expect(symbols).toEqual(['ETH'])
  })

  test('symbols: of one without a single good row the bad ones are counted, unless it was not asked for', async () => {
    const bad = [...lines, forcedOrder(3, { 0: 'DOGE', 6: '0' })]
    const all = await readLines('binance.csv', bad)
    expect([all.symbols, all.malformed]).toEqual([['BTC', 'ETH', 'SOL'], [['bad_px', 1]]])
    const chosen = await readLines('binance.csv', bad, { symbols: ['BTC'] })
    expect([chosen.records.length, chosen.malformed]).toEqual([1, []])
  })

  test('symbols: strict has nothing against a duplicate, and names the line of a malformed row', async () => {
    expect((await readLines('binance.csv', [lines[0]!, lines[0]!], { strict: true })).records).toHaveLength(1)
    const bad = [lines[0]!, lines[1]!, forcedOrder(3, { 6: '0' })]
    await expect(readLines('binance.csv', bad, { strict: true })).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringMatching(/binance\.csv:3: bad_px: /),
    })
  })
})
