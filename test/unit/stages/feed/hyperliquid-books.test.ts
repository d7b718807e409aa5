import { describe, expect, test } from 'vitest'
import { createMarketRecord, depthLevels, recordKinds } from '../../../../src/domain/market.ts'
import { readLines } from './read-recording.ts'
import { midnightMs } from './recordings.ts'

type Levels = readonly (readonly (number | string)[])[]

function bookLine(offsetMs: number, bids: Levels, asks: Levels): string {
  return JSON.stringify({ ts: midnightMs + offsetMs, bids, asks })
}
const bids: Levels = [
  [64_275, 0.0544],
  [64_274, 0.03929],
]
const asks: Levels = [
  [64_276, 9.90592],
  [64_277, 1.67202],
]

describe('recorded books', () => {
  test('recorded books: top and depth of each side; what else a record could tell is empty', async () => {
    const { records, malformed } = await readLines('l2_BTC_1.jsonl', [bookLine(5, bids, asks)])
    expect(records).toEqual([
      {
        ...createMarketRecord(),
        kind: recordKinds.book,
        symbolIndex: 0,
        atNs: 5e6,
        ...{ bidTicks: 642_750, bidLots: 5_440, bidDepthLots: 9_369 },
        ...{ askTicks: 642_760, askLots: 990_592, askDepthLots: 1_157_794 },
      },
    ])
    expect(malformed).toEqual([])
  })

  test('recorded books: written otherwise, with further keys and columns, or as texts, they tell the same', async () => {
    const quoted = (levels: Levels): string[][] => levels.map(([px, sz]) => [`${px}.0`, `${sz}`, '3'])
    const ts = midnightMs + 5
    const { records } = await readLines('l2_BTC_1.jsonl.gz', [
      bookLine(5, bids, asks),
      JSON.stringify({ asks: quoted(asks), ts: `${ts}`, venue: 'x', bids: quoted(bids) }),
      ` ${bookLine(5, bids, asks).replaceAll(',', ' , ')} `,
    ])
    expect(records).toHaveLength(3)
    expect(records[1]).toEqual(records[0])
    expect(records[2]).toEqual(records[0])
  })

  test('recorded books: a side without a level is NaN', async () => {
    const { records, malformed } = await readLines('l2_BTC_1.jsonl', [
      bookLine(5, [], asks),
      bookLine(6, bids, []),
      ` ${bookLine(7, [], [])}`,
    ])
    const noBid = { bidTicks: Number.NaN, bidLots: Number.NaN, bidDepthLots: Number.NaN }
    const noAsk = { askTicks: Number.NaN, askLots: Number.NaN, askDepthLots: Number.NaN }
    expect(records[0]).toMatchObject({ ...noBid, askTicks: 642_760 })
    expect(records[1]).toMatchObject({ bidTicks: 642_750, ...noAsk })
    expect(records[2]).toMatchObject({ ...noBid, ...noAsk })
    expect(malformed).toEqual([])
  })

  test('recorded books: depth counts the best 20 levels, and what is wrong behind them is not looked at', async () => {
    const many: Levels = Array.from({ length: depthLevels + 1 }, (_, level) => [65_000 - level, 0.00001])
    const { records, malformed } = await readLines('l2_BTC_1.jsonl', [
      bookLine(5, many, []),
      bookLine(6, [...many.slice(0, -1), ['none', -1]], []),
    ])
    expect(records.map(({ bidDepthLots }) => bidDepthLots)).toEqual([depthLevels, depthLevels])
    expect(malformed).toEqual([])
  })

  test('recorded books: every malformed row is counted by its kind and skipped', async () => {
    const good = bookLine(5, bids, asks)
    const ts = midnightMs + 5
    for (const [kind, line] of [
      ['json', good.slice(0, -1)],
      ['missing_ts', '{"bids":[],"asks":[]}'],
      ['bad_ts', '{"ts":1781999997,"bids":[],"asks":[]}'],
      ['missing_bids', `{"ts":${ts},"asks":[]}`],
      ['missing_asks', `{"ts":${ts},"bids":[],"asks":null}`],
      ['bad_bids', `{"ts":${ts},"bids":{},"asks":[]}`],
      ['bad_bids', `{"ts":${ts},"bids":[7],"asks":[]}`],
      ['bad_asks', `{"ts":${ts},"bids":[],"asks":7}`],
      ['bad_px', bookLine(5, [[0, 1]], asks)],
      ['bad_px', bookLine(5, [[]], asks)],
      ['off_grid_px', bookLine(5, bids, [[64_276.05, 1]])],
      ['bad_sz', bookLine(5, [[64_275, 0]], asks)],
      ['off_grid_sz', bookLine(5, [[64_275, 0.000001]], asks)],
      ['unsorted_book', bookLine(5, [...bids].reverse(), asks)],
      ['unsorted_book', bookLine(5, bids, [...asks].reverse())],
      ['unsorted_book', bookLine(5, [bids[0]!, bids[0]!], asks)],
      ['crossed_book', bookLine(5, bids, [[64_275, 1]])],
      ['crossed_book', bookLine(5, bids, [[64_274.9, 1]])],
      ['late', bookLine(2, bids, asks)],
    ] as const) {
      const { records, malformed } = await readLines('l2_BTC_1.jsonl', [
        bookLine(3, bids, asks),
        line,
        bookLine(7, bids, asks),
      ])
      expect(malformed, line).toEqual([[kind, 1]])
      expect(records.map((record) => record.atNs)).toEqual([3e6, 7e6])
    }
  })
})
