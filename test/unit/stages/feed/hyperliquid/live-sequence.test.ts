import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { type MarketRecord, recordKinds } from '../../../../../src/domain/market.ts'
import {
  LiveSequence,
  type LiveTrade,
  liveBatchRecordsMax,
  openingTradesMax,
  type SequenceCounters,
} from '../../../../../src/stages/feed/hyperliquid/live-sequence.ts'
import type { ContextFields } from '../../../../../src/stages/feed/row-fields.ts'
import { copyOf } from '../recordings.ts'

const context: ContextFields = { atMs: 0, markTicks: 10, oracleTicks: 11, openInterestLots: 12, fundingRate: 1e-5 }
let counters: SequenceCounters
let records: MarketRecord[]
let receipts: number[]
let nowNs: number
let tids: number

beforeEach(() => {
  counters = { trades: 0, contexts: 0, duplicates: 0, late: 0, restamped: 0 }
  records = []
  receipts = []
  nowNs = 0
  tids = 0
})

function sequenceOf(symbolCount: number, notBeforeNs = Number.NEGATIVE_INFINITY, lateToleranceNs = 100): LiveSequence {
  return new LiveSequence({
    symbolCount,
    notBeforeNs,
    lateToleranceNs,
    counters,
    nowNs: () => nowNs,
    onBatch: (batch, count, receivedMonotonicNs) => {
      receipts.push(receivedMonotonicNs)
      for (const record of batch.slice(0, count)) records.push(copyOf(record))
    },
  })
}

function trade(symbolIndex: number, atNs: number, tid?: number, receivedMonotonicNs = 0): LiveTrade {
  tids += 1
  return {
    symbolIndex,
    atNs,
    priceTicks: 1,
    quantityLots: 1,
    aggressor: 1,
    tid: tid ?? 1_000_000 + tids,
    receivedMonotonicNs,
  }
}

function told(): string[] {
  return records.map((r) => `${r.kind === recordKinds.trade ? 'trade' : 'context'} ${r.symbolIndex} at ${r.atNs}`)
}

describe('live sequence', () => {
  test('live sequence: a trade that is not older than the newest record keeps its time, within a message in order of time', () => {
    const sequence = sequenceOf(2)
    sequence.acceptTrades([trade(0, 20), trade(1, 10), trade(0, 20)], 1)
    sequence.acceptTrades([trade(1, 20)], 2)
    expect(told()).toEqual(['trade 1 at 10', 'trade 0 at 20', 'trade 0 at 20', 'trade 1 at 20'])
    expect(receipts).toEqual([1, 2])
    expect(counters).toEqual({ trades: 4, contexts: 0, duplicates: 0, late: 0, restamped: 0 })
  })

  test('live sequence: a trade a little out of step gets the newest time, one beyond the tolerance is late', () => {
    const sequence = sequenceOf(2)
    sequence.acceptTrades([trade(0, 1_000)], 1)
    sequence.acceptTrades([trade(1, 900)], 2)
    sequence.acceptTrades([trade(1, 899)], 3)
    expect(told()).toEqual(['trade 0 at 1000', 'trade 1 at 1000'])
    expect(counters).toMatchObject({ trades: 2, restamped: 1, late: 1 })
  })

  test('live sequence: a seen tid of the same symbol is a duplicate, of another symbol it is a trade', () => {
    const sequence = sequenceOf(2)
    sequence.acceptTrades([trade(0, 10, 7), trade(0, 11, 7), trade(1, 12, 7)], 1)
    sequence.acceptTrades([trade(0, 13, 7)], 2)
    expect(told()).toEqual(['trade 0 at 10', 'trade 1 at 12'])
    expect(counters).toMatchObject({ trades: 2, duplicates: 2 })
  })

  test('live sequence: a context has the decision time, or the newest record’s where that is later', () => {
    const sequence = sequenceOf(2)
    sequence.acceptTrades([trade(0, 1_000)], 1)
    nowNs = 990
    sequence.acceptContext(1, context, 2)
    nowNs = 1_050
    sequence.acceptContext(0, context, 3)
    sequence.acceptTrades([trade(0, 1_040)], 4)
    expect(told()).toEqual(['trade 0 at 1000', 'context 1 at 1000', 'context 0 at 1050', 'trade 0 at 1050'])
    expect(records[1]).toMatchObject({
      markTicks: 10,
      oracleTicks: 11,
      openInterestLots: 12,
      fundingRate: 1e-5,
      priceTicks: 0,
    })
    expect(counters).toMatchObject({ contexts: 2, restamped: 1 })
  })

  test('opening: the first messages of several symbols do not make each other late', () => {
    const sequence = sequenceOf(3)
    sequence.beginOpening()
    nowNs = 60_000
    sequence.acceptContext(0, { ...context, markTicks: 1 }, 1)
    sequence.acceptContext(0, { ...context, markTicks: 2 }, 2)
    sequence.acceptTrades([trade(0, 49_000, 1, 3), trade(0, 50_000, 2, 3)], 3)
    sequence.acceptTrades([trade(0, 50_500, 3, 4)], 4)
    sequence.acceptTrades([trade(1, 1_000, 4, 5), trade(1, 49_000, 5, 5)], 5)
    expect(records).toEqual([])
    sequence.acceptTrades([trade(2, 30_000, 6, 6)], 6)
    expect(told()).toEqual([
      'trade 1 at 1000',
      'trade 2 at 30000',
      'trade 0 at 49000',
      'trade 1 at 49000',
      'trade 0 at 50000',
      'trade 0 at 50500',
      'context 0 at 60000',
    ])
    expect(records.at(-1)!.markTicks).toBe(2)
    expect(counters).toMatchObject({ late: 0, restamped: 0, trades: 6, contexts: 1 })
    // The receipts of the newest trade and of the context.
    expect(receipts).toEqual([4, 2])
  })

  test('opening: canary: without it the same messages lose the quiet symbol’s trades', () => {
    const sequence = sequenceOf(2)
    sequence.acceptTrades([trade(0, 49_000), trade(0, 50_000)], 1)
    sequence.acceptTrades([trade(1, 1_000), trade(1, 49_000)], 2)
    expect(counters.late).toBe(2)
  })

  test('opening: a symbol without a trade answers with an empty message; the owner may end it before all have answered', () => {
    const answered = sequenceOf(2)
    answered.beginOpening()
    answered.acceptTrades([], 1)
    expect(answered.isOpening).toBe(true)
    answered.acceptTrades([trade(0, 5)], 2)
    expect(answered.isOpening).toBe(false)
    const ended = sequenceOf(2)
    ended.beginOpening()
    ended.acceptTrades([trade(0, 5)], 1)
    ended.endOpening()
    expect(told()).toEqual(['trade 0 at 5', 'trade 0 at 5'])
  })

  test('opening: after a loss the trades between come in, what was seen does not, what is long past is late', () => {
    const sequence = sequenceOf(2)
    sequence.beginOpening()
    sequence.acceptTrades([trade(0, 1_000, 1)], 1)
    sequence.acceptTrades([trade(1, 1_010, 2)], 2)
    sequence.beginOpening()
    sequence.acceptTrades([trade(0, 1_000, 1), trade(0, 1_005, 3), trade(0, 2_000, 4)], 3)
    sequence.acceptTrades([trade(1, 700, 5), trade(1, 1_010, 2), trade(1, 1_900, 6)], 4)
    expect(told()).toEqual([
      'trade 0 at 1000',
      'trade 1 at 1010',
      'trade 0 at 1010',
      'trade 1 at 1900',
      'trade 0 at 2000',
    ])
    expect(counters).toMatchObject({ duplicates: 2, late: 1, restamped: 1 })
  })

  test('opening: what the warm-up had is late, however little', () => {
    const sequence = sequenceOf(1, 1_000)
    sequence.beginOpening()
    sequence.acceptTrades([trade(0, 990), trade(0, 1_000), trade(0, 1_001)], 1)
    expect(told()).toEqual(['trade 0 at 1001'])
    expect(counters).toMatchObject({ late: 2 })
  })

  test('opening: it holds a bounded number of trades', () => {
    const sequence = sequenceOf(2)
    sequence.beginOpening()
    for (let count = 0; count < openingTradesMax; count += 1) sequence.acceptTrades([trade(0, count)], 1)
    expect(records).toEqual([])
    sequence.acceptTrades([trade(0, openingTradesMax)], 1)
    expect(records).toHaveLength(openingTradesMax + 1)
    expect(receipts).toHaveLength(Math.ceil((openingTradesMax + 1) / liveBatchRecordsMax))
  })

  test('live sequence: time never goes back and no unseen recent trade is lost, whatever comes', () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('trades'),
          symbol: fc.nat(2),
          at: fc.array(fc.nat(400), { maxLength: 5 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('context'),
          symbol: fc.nat(2),
          at: fc.array(fc.nat(400), { minLength: 1, maxLength: 1 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constantFrom('begin', 'end'),
          symbol: fc.constant(0),
          at: fc.constant([] as number[]),
        }),
      },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(0, 50, 400), (steps, lateToleranceNs) => {
        counters = { trades: 0, contexts: 0, duplicates: 0, late: 0, restamped: 0 }
        records = []
        const sequence = sequenceOf(3, -1, lateToleranceNs)
        let sent = 0
        for (const { kind, symbol, at } of steps) {
          if (kind === 'begin') sequence.beginOpening()
          else if (kind === 'end') sequence.endOpening()
          else if (kind === 'context') {
            nowNs = at[0]!
            sequence.acceptContext(symbol, context, 0)
          } else {
            sent += at.length
            sequence.acceptTrades(
              at.map((atNs) => trade(symbol, atNs)),
              0,
            )
          }
        }
        sequence.endOpening()
        for (const [index, record] of records.entries()) {
          if (index > 0) expect(record.atNs).toBeGreaterThanOrEqual(records[index - 1]!.atNs)
        }
        expect(records.filter((record) => record.kind === recordKinds.trade)).toHaveLength(counters.trades)
        expect(counters.trades + counters.late).toBe(sent)
        if (lateToleranceNs === 400) expect(counters.late).toBe(0)
      }),
      { seed: 6, numRuns: 500 },
    )
  })
})
