import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BookSide, sideLevelsMax } from '../../../../../src/stages/feed/binance/book-side.ts'
import {
  type BookTop,
  type BookUpdate,
  keptUpdatesMax,
  LocalBook,
} from '../../../../../src/stages/feed/binance/local-book.ts'

/** Twenty levels a side around 1,000: bids 999 … 980, asks 1,001 … 1,020, one lot each. */
const bids = Array.from({ length: 20 }, (_, level) => [999 - level, 1]).flat()
const asks = Array.from({ length: 20 }, (_, level) => [1_001 + level, 1]).flat()

function update(updateId: number, previousId: number, changes: Partial<BookUpdate> = {}): BookUpdate {
  return { atMs: updateId, updateId, previousId, bids: [], asks: [], ...changes }
}

function top(updateId: number, bidTicks: number, askTicks: number, lots = 7): BookTop {
  return { atMs: updateId, updateId, bidTicks, bidLots: lots, askTicks, askLots: lots }
}

describe('book side', () => {
  test('book side: any changes leave what a sorted map of them holds', () => {
    const anyChange = fc.record({
      ticks: fc.integer({ min: 1, max: 30 }),
      lots: fc.integer({ min: 0, max: 3 }),
      isBest: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.constantFrom('bids', 'asks'), fc.array(anyChange, { maxLength: 80 }), (name, changes) => {
        const side = new BookSide(name as 'bids' | 'asks')
        const better = (a: number, b: number): boolean => (name === 'bids' ? a > b : a < b)
        const oracle = new Map<number, number>()
        for (const { ticks, lots, isBest } of changes) {
          if (isBest) {
            side.setBest(ticks, lots)
            for (const other of [...oracle.keys()]) if (better(other, ticks)) oracle.delete(other)
          } else side.set(ticks, lots)
          if (lots === 0) oracle.delete(ticks)
          else oracle.set(ticks, lots)
          const levels = [...oracle].sort(([a], [b]) => (better(a, b) ? -1 : 1))
          expect(side.levels).toBe(levels.length)
          expect([side.bestTicks, side.bestLots]).toEqual(levels[0] ?? [Number.NaN, Number.NaN])
          const three = levels.slice(0, 3).reduce((sum, [, atLevel]) => sum + atLevel, 0)
          expect(side.depthLots(3)).toBe(levels.length < 3 ? Number.NaN : three)
        }
      }),
      { seed: 51, numRuns: 400 },
    )
  })

  test('book side: beyond its levels the worst is forgotten, and a worse one is not taken', () => {
    const side = new BookSide('asks')
    for (let ticks = 2_000; ticks > 2_000 - sideLevelsMax; ticks -= 1) side.set(ticks, 1)
    side.set(5_000, 1)
    side.set(1, 4)
    expect([side.levels, side.bestTicks, side.bestLots]).toEqual([sideLevelsMax, 1, 4])
    expect(side.depthLots(sideLevelsMax)).toBe(4 + sideLevelsMax - 1)
  })
})

describe('local book', () => {
  test('local book: depth is not known before 20 levels of a side are, and then counts the best 20', () => {
    const book = new LocalBook()
    expect(book.update(update(10, 9, { bids: bids.slice(2), asks }))).toBeNull()
    expect(book.fields).toMatchObject({ bidTicks: 998, bidDepthLots: Number.NaN, askTicks: 1_001, askDepthLots: 20 })
    expect(book.update(update(11, 10, { bids: [999, 5] }))).toBeNull()
    expect(book.fields).toMatchObject({ bidTicks: 999, bidLots: 5, bidDepthLots: 24 })
    expect(book.update(update(12, 11, { bids: [1_000, 2] }))).toBeNull()
    // The twentieth is now 981; what lies at 980 is behind it.
    expect(book.fields).toMatchObject({ bidTicks: 1_000, bidDepthLots: 25 })
  })

  test('local book: a best bid and offer newer than the book is its first level, and what was better is gone', () => {
    const book = new LocalBook()
    book.update(update(10, 9, { bids, asks }))
    expect(book.top(top(12, 997, 1_000))).toBeNull()
    expect(book.fields).toMatchObject({ bidTicks: 997, bidLots: 7, askTicks: 1_000, askLots: 7, atMs: 12 })
    // 18 bids are left.
    expect(book.fields.bidDepthLots).toBeNaN()
    expect(book.fields.askDepthLots).toBe(7 + 19)
  })

  test('local book: the top is never older than the depth, in whatever order the two arrive (BOOK-1)', () => {
    const late = new LocalBook()
    late.update(update(10, 9, { bids, asks }))
    expect(late.top(top(9, 998, 1_002))).toBe('stale_top')
    expect(late.top(top(10, 998, 1_002))).toBe('stale_top')
    expect(late.fields).toMatchObject({ bidTicks: 999, askTicks: 1_001 })

    const early = new LocalBook()
    early.update(update(10, 9, { bids, asks }))
    early.top(top(15, 998, 1_001))
    // An older update says that 999 still has a bid; the newer best bid has said that it has not.
    expect(early.update(update(13, 10, { bids: [999, 3], asks: [1_001, 9] }))).toBeNull()
    expect(early.fields).toMatchObject({ bidTicks: 998, bidLots: 7, askTicks: 1_001, askLots: 7 })
    // No record tells what was not known at its time.
    expect(early.fields.atMs).toBe(15)
    // A newer update has the last word.
    expect(early.update(update(16, 13, { bids: [998, 0], asks: [1_001, 0] }))).toBeNull()
    expect(early.fields).toMatchObject({ bidTicks: 997, askTicks: 1_002, atMs: 16 })
  })

  test('local book: a repeated best bid and offer, and a repeated update, change nothing', () => {
    const book = new LocalBook()
    book.update(update(10, 9, { bids, asks }))
    book.top(top(12, 999, 1_001))
    expect(book.top(top(12, 990, 1_010))).toBe('stale_top')
    expect(book.update(update(10, 9, { bids: [999, 0] }))).toBe('stale_book')
    expect(book.fields).toMatchObject({ bidTicks: 999, bidLots: 7 })
  })

  test('local book: an update that does not follow begins the book anew, and says so', () => {
    const book = new LocalBook()
    book.update(update(10, 9, { bids, asks }))
    book.top(top(11, 999, 1_001))
    expect(book.update(update(14, 12, { bids: [995, 2] }))).toBe('book_gap')
    expect(book.fields).toMatchObject({ bidTicks: 995, bidLots: 2, bidDepthLots: Number.NaN, askTicks: Number.NaN })
    // Where nothing was lost since the best bid and offer, it holds on.
    expect(book.top(top(16, 996, 1_000))).toBeNull()
    expect(book.update(update(18, 15, { asks: [1_000, 1] }))).toBe('book_gap')
    expect(book.fields).toMatchObject({ bidTicks: 996, askTicks: 1_000, askLots: 1 })
  })

  test('local book: a snapshot older than the updates behind it has them applied to it again', () => {
    const book = new LocalBook()
    book.update(update(10, 9, { bids: [999, 4] }))
    book.update(update(12, 10, { bids: [998, 0], asks: [1_001, 6] }))
    book.update(update(14, 12, { asks: [1_020, 0, 1_021, 3] }))
    expect(book.snapshot(update(11, 11, { atMs: 11, bids, asks }))).toBeNull()
    // 999 as the snapshot has it: it is newer than update 10. 998 is gone, 1,001 has 6, 1,021 has taken 1,020's place.
    expect(book.fields).toMatchObject({
      bidTicks: 999,
      bidLots: 1,
      askTicks: 1_001,
      askLots: 6,
      askDepthLots: 6 + 18 + 3,
    })
    expect(book.fields.bidDepthLots).toBeNaN()
    expect(book.update(update(15, 14, { bids: [979, 1] }))).toBeNull()
    expect(book.fields.bidDepthLots).toBe(20)
  })

  test('local book: a snapshot that the updates do not reach back to is not used', () => {
    const book = new LocalBook()
    for (let id = 10; id < 10 + keptUpdatesMax + 1; id += 1) book.update(update(id, id - 1, { bids: [999, id] }))
    expect(book.snapshot(update(9, 9, { bids, asks }))).toBe('stale_book')
    expect(book.snapshot(update(10, 10, { bids, asks }))).toBeNull()
    expect(book.fields).toMatchObject({
      bidTicks: 999,
      bidLots: 10 + keptUpdatesMax,
      bidDepthLots: 19 + 10 + keptUpdatesMax,
    })
  })

  test('local book: updates and bests of one exchange, delayed at random, always tell the exchange’s own top', () => {
    const anyChange = fc.record({
      isBid: fc.boolean(),
      distance: fc.integer({ min: 0, max: 6 }),
      lots: fc.integer({ min: 0, max: 3 }),
      /** A message after this change: an update of all since the last one, a best bid and offer, or none yet. */
      message: fc.constantFrom('update', 'top', 'none'),
      delay: fc.integer({ min: 0, max: 6 }),
    })
    let told = 0
    fc.assert(
      fc.property(fc.array(anyChange, { minLength: 30, maxLength: 80 }), (changes) => {
        const truth = { bids: new BookSide('bids'), asks: new BookSide('asks') }
        const truths = new Map<number, [number, number]>()
        const queue: { due: number; deliver: (book: LocalBook) => [boolean, number] }[] = []
        let previousId = 0
        let pending: { bids: number[]; asks: number[] } = { bids: [], asks: [] }
        const set = (name: 'bids' | 'asks', ticks: number, lots: number): void => {
          truth[name].set(ticks, lots)
          pending[name].push(ticks, lots)
        }
        let lastUpdateDue = 0
        let lastTopDue = 0
        for (const [index, { isBid, distance, lots, message, delay }] of changes.entries()) {
          const id = index + 1
          set(isBid ? 'bids' : 'asks', isBid ? 999 - distance : 1_001 + distance, lots)
          truths.set(id, [truth.bids.bestTicks, truth.asks.bestTicks])
          if (message === 'update') {
            // Messages of one stream do not overtake each other.
            lastUpdateDue = Math.max(lastUpdateDue, id + delay)
            const whole = update(id, previousId, pending)
            queue.push({ due: lastUpdateDue, deliver: (book) => [book.update(whole) === null, id] })
            previousId = id
            pending = { bids: [], asks: [] }
          } else if (message === 'top') {
            lastTopDue = Math.max(lastTopDue, id + delay)
            const best = {
              ...top(id, truth.bids.bestTicks, truth.asks.bestTicks),
              bidLots: truth.bids.bestLots,
              askLots: truth.asks.bestLots,
            }
            queue.push({ due: lastTopDue, deliver: (book) => [book.top(best) === null, id] })
          }
        }
        const book = new LocalBook()
        let newest = 0
        for (const { deliver } of queue.sort((a, b) => a.due - b.due)) {
          const [isTold, id] = deliver(book)
          newest = Math.max(newest, id)
          if (!isTold) continue
          told += 1
          expect([book.fields.bidTicks, book.fields.askTicks]).toEqual(truths.get(newest))
        }
      }),
      { seed: 52, numRuns: 300 },
    )
    expect(told).toBeGreaterThan(2_000)
  })
})
