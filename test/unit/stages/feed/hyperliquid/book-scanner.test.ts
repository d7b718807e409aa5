import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Instrument, instrumentOf } from '../../../../../src/domain/instrument.ts'
import { readBookFields } from '../../../../../src/stages/feed/book-fields.ts'
import { BookScanner } from '../../../../../src/stages/feed/hyperliquid/book-scanner.ts'
import { notScanned } from '../../../../../src/stages/feed/hyperliquid/row-scanner.ts'
import { createBookFields } from '../../../../../src/stages/feed/row-fields.ts'

const instruments = ['BTC', 'ETH', 'SOL', 'DOGE', 'AVAX', 'OTHER'].map((symbol) => instrumentOf(symbol))
const anyInstrument = fc.constantFrom(...instruments)

/** What the scanner accepts, JSON and the field rules accept with the very same numbers. */
function scan(instrument: Instrument, line: string): boolean {
  const bytes = Buffer.from(line)
  const fast = createBookFields()
  const next = new BookScanner().scan(bytes, 0, instrument, fast)
  if (next === notScanned) return false
  expect(next).toBe(bytes.length)
  const slow = createBookFields()
  const row = JSON.parse(line) as Record<string, unknown>
  expect(readBookFields(instrument, row.ts, row.bids, row.asks, 'list', slow)).toBeNull()
  expect(fast).toEqual(slow)
  return true
}

/** Numbers that are mostly on a grid, now and then written in ways that only JSON knows, or not at all. */
const oddNumber = fc.constantFrom(
  '0',
  '0.0',
  '-1.5',
  '1e5',
  '5e-05',
  '01.5',
  '.5',
  '5.',
  '"7.5"',
  'null',
  '1.23456789012345',
  '9007199254740993',
)

/** Levels of one side as the recordings write them, on the instrument's grid. */
const levelsFrom = (instrument: Instrument, direction: 1 | -1, levelsMax: number) =>
  fc
    .array(
      fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 10 ** 7 }), fc.integer({ min: 0, max: 2 })),
      { maxLength: levelsMax },
    )
    .map((steps) => {
      let ticks = 640_000
      return steps.map(([step, lots, zeros]) => {
        ticks += direction * step
        const px = (ticks / 10 ** instrument.priceDecimals).toFixed(Math.max(1, instrument.priceDecimals))
        const sz = (lots / 10 ** instrument.sizeDecimals).toFixed(Math.max(1, instrument.sizeDecimals))
        return `[${px}${'0'.repeat(zeros)},${sz}]`
      })
    })

function rarely<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })
}

/** A line in the recordings' form; sometimes one piece is replaced by something else. */
const anyLine = anyInstrument.chain((instrument) =>
  fc
    .tuple(
      levelsFrom(instrument, -1, 22),
      levelsFrom(instrument, 1, 22),
      rarely(fc.tuple(fc.nat(), oddNumber)),
      rarely(fc.tuple(fc.nat(), fc.nat())),
      fc.constantFrom('}\n', '}\n', '}\n', '}\n', '}\r\n', ' }\n', ',"n":1}\n'),
    )
    .map(([bids, asks, odd, swap, end]) => {
      const sides = [...bids, ...asks]
      if (odd !== null && sides.length > 0) {
        const [at, text] = odd
        const level = at % sides.length
        sides[level] = at % 2 === 0 ? `[${text},1]` : sides[level]!.replace(/,.*/, `,${text}]`)
      }
      if (swap !== null && sides.length > 1) {
        const [one, other] = [swap[0] % sides.length, swap[1] % sides.length]
        ;[sides[one], sides[other]] = [sides[other]!, sides[one]!]
      }
      const line = `{"ts":1781999997890,"bids":[${sides.slice(0, bids.length)}],"asks":[${sides.slice(bids.length)}]${end}`
      return { instrument, line }
    }),
)

describe('book scanner', () => {
  test('book scanner: whatever it accepts, JSON accepts with the same numbers', () => {
    let hits = 0
    let misses = 0
    fc.assert(
      fc.property(anyLine, ({ instrument, line }) => {
        if (scan(instrument, line)) hits += 1
        else misses += 1
      }),
      { seed: 41, numRuns: 6_000 },
    )
    // The property is empty if nothing is ever accepted, and weak if everything is.
    expect(hits).toBeGreaterThan(1_500)
    expect(misses).toBeGreaterThan(1_500)
  })

  test('book scanner: every book on the grid that is written as the recordings are takes the fast path', () => {
    const anyBook = anyInstrument.chain((instrument) =>
      fc.tuple(fc.constant(instrument), levelsFrom(instrument, -1, 20), levelsFrom(instrument, 1, 20)),
    )
    fc.assert(
      fc.property(anyBook, ([instrument, bids, asks]) => {
        const line = `{"ts":1781999997890,"bids":[${bids}],"asks":[${asks}]}\n`
        expect(scan(instrument, line), line).toBe(true)
      }),
      { seed: 42, numRuns: 2_000 },
    )
  })

  const line =
    '{"ts":1781999997890,"bids":[[64275.0,0.0544],[64274.0,0.03929]],"asks":[[64276.0,9.90592],[64277.0,1.67202]]}\n'
  const btc = instruments[0]!

  test('book scanner: best level and depth of each side', () => {
    const book = createBookFields()
    expect(new BookScanner().scan(Buffer.from(line), 0, btc, book)).toBe(line.length)
    expect(book).toEqual({
      atMs: 1_781_999_997_890,
      bidTicks: 642_750,
      bidLots: 5_440,
      bidDepthLots: 5_440 + 3_929,
      askTicks: 642_760,
      askLots: 990_592,
      askDepthLots: 990_592 + 167_202,
    })
  })

  test('book scanner: a time of fewer digits and zeros behind a point goes the way of JSON, which refuses it', () => {
    const ts = (text: string): string => line.replace('1781999997890', text)
    for (const text of ['17819999978.0', '1.00000000000']) {
      expect(new BookScanner().scan(Buffer.from(ts(text)), 0, btc, createBookFields()), text).toBe(notScanned)
      const row = JSON.parse(ts(text)) as Record<string, unknown>
      expect(readBookFields(btc, row.ts, row.bids, row.asks, 'list', createBookFields())).toBe('bad_ts')
    }
  })

  test('book scanner: it never reads past the newline that ends the line', () => {
    const scanner = new BookScanner()
    for (let cut = 0; cut < line.length - 1; cut += 1) {
      // What follows the newline would complete the row.
      const bytes = Buffer.from(`${line.slice(0, cut)}\n${line.slice(cut)}`)
      expect(scanner.scan(bytes, 0, btc, createBookFields()), `cut at ${cut}`).toBe(notScanned)
    }
  })

  test('book scanner: canary: the comparison sees a depth that lacks a level', () => {
    const fast = createBookFields()
    const slow = createBookFields()
    new BookScanner().scan(Buffer.from(line), 0, btc, fast)
    const row = JSON.parse(line) as { ts: number; bids: unknown[]; asks: unknown[] }
    readBookFields(btc, row.ts, row.bids.slice(1), row.asks, 'list', slow)
    expect(() => expect(fast).toEqual(slow)).toThrow()
  })
})
