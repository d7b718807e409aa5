import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Instrument, instrumentOf } from '../../../../../src/domain/instrument.ts'
import { notScanned, RowScanner } from '../../../../../src/stages/feed/hyperliquid/row-scanner.ts'
import {
  createContextFields,
  createTradeFields,
  readContextFields,
  readTradeFields,
  readUnixMs,
} from '../../../../../src/stages/feed/row-fields.ts'

const instruments = [...['BTC', 'ETH', 'SOL', 'DOGE', 'AVAX', 'OTHER'].map((symbol) => instrumentOf(symbol))]
const anyInstrument = fc.constantFrom(...instruments)

/** Integers of every length, with trailing zeros often enough that off-grid decimals may still be on the grid. */
const integerText = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 17n }), fc.integer({ min: 0, max: 16 }), fc.integer({ min: 0, max: 4 }))
  .map(([value, cut, zeros]) => String(value).slice(0, cut + 1) + '0'.repeat(zeros))

/** The same sort of number in every form that could be met, most of them legal JSON. */
const numberText = fc
  .tuple(
    fc.constantFrom('', '', '', '', '-', '+'),
    integerText,
    fc.option(integerText, { nil: null }),
    fc.option(fc.tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '-', '+'), fc.integer({ min: 0, max: 30 })), {
      nil: null,
      freq: 3,
    }),
    fc.constantFrom('', '', '"'),
  )
  .map(([sign, whole, fraction, exponent, quote]) => {
    const shape = `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : exponent.join('')}`
    return `${quote}${shape}${quote}`
  })

/** A number of few decimals in one of the forms that mean it. */
const gridText = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 10_000_000 }), fc.bigInt({ min: 1n, max: 10n ** 16n }).map(Number)),
    fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 4, 5, 6),
    fc.constantFrom('plain', 'padded', 'exponent', 'quoted'),
  )
  .map(([integer, decimals, form]) => {
    const value = integer / 10 ** decimals
    if (form === 'padded') return value.toFixed(decimals + 3)
    if (form === 'exponent') return value.toExponential()
    return form === 'quoted' ? `"${value}"` : String(value)
  })
const anyNumber = fc.oneof(
  { weight: 16, arbitrary: gridText },
  { weight: 3, arbitrary: numberText },
  { weight: 1, arbitrary: fc.double().map(String) },
  { weight: 1, arbitrary: fc.constantFrom('null', 'true', '""', '0', '-0.0', '.5', '5.', '00.5') },
)
const anyTime = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }).map(String) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 99_999_999_999_999 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"1781654400032"', '1781654400032.0', '1.781654400032e12', '0781654400032', 'null'),
  },
)
const anySide = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('"B"', '"A"') },
  { weight: 1, arbitrary: fc.constantFrom('"C"', '""', 'null', '"BA"') },
)
const lineEnd = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('}\n', '}\r\n') },
  { weight: 1, arbitrary: fc.constantFrom(' }\n', '},\n', ',"tid":7}\n', '}}\n') },
)

/** Line by line: what the scanner accepts, JSON and the field rules accept with the very same numbers. */
function scanTrade(instrument: Instrument, line: string): { hit: boolean } {
  const bytes = Buffer.from(line)
  const fast = createTradeFields()
  const next = new RowScanner().scanTrade(bytes, 0, instrument, fast)
  if (next === notScanned) return { hit: false }
  expect(next).toBe(bytes.length)
  const slow = createTradeFields()
  const row = JSON.parse(line) as Record<string, unknown>
  expect(readTradeFields(instrument, row.ts, row.px, row.sz, row.side, slow)).toBeNull()
  expect(fast).toEqual(slow)
  return { hit: true }
}

function scanContext(instrument: Instrument, line: string): { hit: boolean } {
  const bytes = Buffer.from(line)
  const fast = createContextFields()
  const next = new RowScanner().scanContext(bytes, 0, instrument, fast)
  if (next === notScanned) return { hit: false }
  expect(next).toBe(bytes.length)
  const slow = createContextFields()
  const row = JSON.parse(line) as Record<string, unknown>
  slow.atMs = readUnixMs(row.ts)
  expect(readContextFields(instrument, row.funding, row.oi, row.mark, row.oracle, slow)).toBeNull()
  expect(fast).toEqual(slow)
  return { hit: true }
}

describe('row scanner', () => {
  test('row scanner: whatever it accepts as a trade, JSON accepts with the same numbers', () => {
    let hits = 0
    fc.assert(
      fc.property(
        anyInstrument,
        anyTime,
        anyNumber,
        anyNumber,
        anySide,
        lineEnd,
        (instrument, ts, px, sz, side, end) => {
          if (scanTrade(instrument, `{"ts":${ts},"px":${px},"sz":${sz},"side":${side}${end}`).hit) hits += 1
        },
      ),
      { seed: 1, numRuns: 30_000 },
    )
    // The property is empty if nothing is ever accepted.
    expect(hits).toBeGreaterThan(2_000)
  })

  test('row scanner: whatever it accepts as a context, JSON accepts with the same numbers', () => {
    let hits = 0
    const rateText = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.integer({ min: 0, max: 10 ** 9 }),
        fc.integer({ min: 9, max: 15 }),
        fc.boolean(),
      )
      .map(([sign, digits, decimals, isPlain]) => {
        const rate = digits / 10 ** decimals
        return sign + (isPlain ? rate.toFixed(decimals) : String(rate))
      })
    const funding = fc.oneof(
      { weight: 12, arbitrary: rateText },
      { weight: 1, arbitrary: fc.double({ min: -1.5, max: 1.5, noNaN: true }).map(String) },
      { weight: 1, arbitrary: numberText },
    )
    fc.assert(
      fc.property(
        anyInstrument,
        anyTime,
        funding,
        anyNumber,
        anyNumber,
        anyNumber,
        lineEnd,
        (instrument, ts, rate, oi, mark, oracle, end) => {
          const line = `{"ts":${ts},"funding":${rate},"oi":${oi},"mark":${mark},"oracle":${oracle}${end}`
          if (scanContext(instrument, line).hit) hits += 1
        },
      ),
      { seed: 2, numRuns: 30_000 },
    )
    expect(hits).toBeGreaterThan(2_000)
  })

  test('row scanner: every row on the grid that is written as the recordings are takes the fast path', () => {
    fc.assert(
      fc.property(
        anyInstrument,
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.boolean(),
        (instrument, ticks, lots, isQuoted) => {
          const quote = isQuoted ? '"' : ''
          const px = `${quote}${ticks / 10 ** instrument.priceDecimals}${quote}`
          const sz = `${quote}${lots / 10 ** instrument.sizeDecimals}${quote}`
          const line = `{"ts":1781654400032,"px":${px},"sz":${sz},"side":"B"}\n`
          expect(scanTrade(instrument, line).hit, line).toBe(true)
        },
      ),
      { seed: 3, numRuns: 5_000 },
    )
  })

  test('row scanner: it never reads past the newline that ends the line', () => {
    const line = '{"ts":1781654400032,"px":65640.0,"sz":0.5,"side":"B"}\n'
    const scanner = new RowScanner()
    for (let cut = 0; cut < line.length - 1; cut += 1) {
      // What follows the newline would complete the row.
      const bytes = Buffer.from(`${line.slice(0, cut)}\n${line.slice(cut)}`)
      expect(scanner.scanTrade(bytes, 0, instruments[0]!, createTradeFields()), `cut at ${cut}`).toBe(notScanned)
    }
  })

  test('row scanner: canary: the comparison sees a number that is off by one tick', () => {
    const line = '{"ts":1781654400032,"px":65640.0,"sz":0.5,"side":"B"}\n'
    const otherGrid: Instrument = { symbol: 'BTC', priceDecimals: 2, sizeDecimals: 5 }
    const fast = createTradeFields()
    const slow = createTradeFields()
    new RowScanner().scanTrade(Buffer.from(line), 0, instruments[0]!, fast)
    readTradeFields(otherGrid, 1_781_654_400_032, 65_640, 0.5, 'B', slow)
    expect(() => expect(fast).toEqual(slow)).toThrow()
  })
})
