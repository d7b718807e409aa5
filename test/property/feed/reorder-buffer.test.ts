/** The reorder buffer against a sort: what is late is decided by a naive rule, and the rest comes out as sorting gives it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ReorderBuffer, type ReorderOptions } from '../../../src/stages/feed/reorder-buffer.ts'
import { RowBlock } from '../../../src/stages/feed/row-block.ts'

interface Row {
  readonly atMs: number
  readonly id: number
}

/** Hands `rows` in by arrival and takes what comes out by blocks of `blockRows`; a row behind the handed-out is not taken. */
function through(rows: readonly Row[], options: ReorderOptions, blockRows: number): { out: Row[]; countMax: number } {
  const buffer = new ReorderBuffer(options)
  const desk = new RowBlock(1)
  const block = new RowBlock(blockRows)
  const out: Row[] = []
  let countMax = 0
  const empty = (): void => {
    for (let row = 0; row < block.count; row += 1) out.push({ atMs: block.atMs(row), id: block.symbolIndex(row) })
    block.count = 0
  }
  for (const { atMs, id } of rows) {
    if (atMs < buffer.releasedMs) continue
    desk.count = 0
    desk.pushTrade(id, { atMs, priceTicks: 1, quantityLots: 1, aggressor: 1 })
    buffer.take(desk, 0)
    for (buffer.release(block); block.isFull; buffer.release(block)) empty()
    countMax = Math.max(countMax, buffer.count)
  }
  buffer.end()
  do {
    empty()
    buffer.release(block)
  } while (block.count > 0)
  return { out, countMax }
}

/** The same by definition: after each arrival everything out of the horizon, or beyond the number, goes, smallest first. */
function oracle(rows: readonly Row[], { horizonMs, rowsMax }: ReorderOptions): { kept: Row[]; late: number } {
  const kept: Row[] = []
  let held: Row[] = []
  let late = 0
  let newestMs = Number.NEGATIVE_INFINITY
  for (const row of rows) {
    if (kept.length > 0 && row.atMs < kept.at(-1)!.atMs) {
      late += 1
      continue
    }
    newestMs = Math.max(newestMs, row.atMs)
    held.push(row)
    held.sort((a, b) => a.atMs - b.atMs || a.id - b.id)
    while (held.length > 0 && (newestMs - held[0]!.atMs > horizonMs || held.length > rowsMax)) kept.push(held.shift()!)
  }
  kept.push(...held)
  held = []
  return { kept, late }
}

const anyRows = fc
  .array(fc.integer({ min: 0, max: 400 }), { maxLength: 120 })
  .map((times) => times.map((atMs, id): Row => ({ atMs, id })))

/** Times that go forward on the whole and back by no more than `disorderMs`. */
const nearlySorted = (disorderMs: number) =>
  fc
    .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: disorderMs })), { maxLength: 200 })
    .map((steps) => {
      let nowMs = 1_000
      return steps.map(([stepMs, backMs], id): Row => {
        nowMs += stepMs
        return { atMs: nowMs - backMs, id }
      })
    })

describe('reorder buffer', () => {
  test('reorder buffer: disorder within the horizon comes out as a stable sort by time, and nothing is lost', () => {
    fc.assert(
      fc.property(nearlySorted(60), fc.integer({ min: 1, max: 7 }), (rows, blockRows) => {
        const { out } = through(rows, { horizonMs: 60, rowsMax: 1_000 }, blockRows)
        expect(out).toEqual([...rows].sort((a, b) => a.atMs - b.atMs || a.id - b.id))
      }),
      { seed: 31, numRuns: 400 },
    )
  })

  test('reorder buffer: any rows come out as the definition says, whatever the horizon, the bound and the block', () => {
    let late = 0
    fc.assert(
      fc.property(
        anyRows,
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (rows, horizonMs, rowsMax, blockRows) => {
          const options = { horizonMs, rowsMax }
          const expected = oracle(rows, options)
          const { out, countMax } = through(rows, options, blockRows)
          expect(out).toEqual(expected.kept)
          expect(countMax).toBeLessThanOrEqual(rowsMax)
          late += expected.late
        },
      ),
      { seed: 32, numRuns: 600 },
    )
    // The property says little if nothing ever comes too late.
    expect(late).toBeGreaterThan(500)
  })

  test('reorder buffer: canary: with a horizon that is too short the comparison with a sort fails', () => {
    const rows = fc.sample(nearlySorted(60), { seed: 33, numRuns: 1 })[0]!
    const { out } = through(rows, { horizonMs: 5, rowsMax: 1_000 }, 4)
    expect(out).not.toEqual([...rows].sort((a, b) => a.atMs - b.atMs || a.id - b.id))
  })

  test('reorder buffer: a million rows leave no more than the bound in memory', () => {
    const buffer = new ReorderBuffer({ horizonMs: 60_000, rowsMax: 1_000 })
    const desk = new RowBlock(1)
    const block = new RowBlock(64)
    for (let id = 0; id < 1_000_000; id += 1) {
      desk.count = 0
      desk.pushTrade(0, { atMs: Math.floor(id / 100), priceTicks: 1, quantityLots: 1, aggressor: 1 })
      buffer.take(desk, 0)
      buffer.release(block)
      if (block.isFull) block.count = 0
    }
    expect(buffer.count).toBe(1_000)
  })
})
