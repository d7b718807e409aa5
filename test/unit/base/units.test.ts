/** The border's arithmetic (domain/units, domain/instrument) against exact integers. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  defaultInstrument,
  type Instrument,
  instrumentOf,
  notionalMinor,
  toPrice,
  toQuantity,
} from '../../../src/domain/instrument.ts'
import { requireExact, Timeline, toMoney, toNearestInteger, toScaledInteger } from '../../../src/domain/units.ts'

describe('timeline', () => {
  const midnightMs = 1_781_654_400_000

  it('is exact to the nanosecond both ways, for as long as a run may last', () => {
    const timeline = Timeline.atMidnightBefore(midnightMs + 1)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (atNs) => {
        const unixNs = timeline.toUnixNs(atNs)
        expect(unixNs).toBe(BigInt(midnightMs) * 1_000_000n + BigInt(atNs))
        expect(timeline.fromUnixNs(unixNs)).toBe(atNs)
        expect(timeline.toUnixMs(atNs)).toBe(Number(unixNs / 1_000_000n))
      }),
    )
  })

  it('begins at the UTC midnight at or before: midnight itself is 0', () => {
    expect(Timeline.atMidnightBefore(midnightMs).fromUnixMs(midnightMs)).toBe(0)
    expect(Timeline.atMidnightBefore(midnightMs - 1).fromUnixMs(midnightMs)).toBe(86_400_000 * 1e6)
    expect(Timeline.atMidnightBefore(midnightMs + 86_399_999).epochMs).toBe(midnightMs)
    expect(Timeline.atMidnightBefore(-1).epochMs).toBe(-86_400_000)
  })
})

describe('scaled integers', () => {
  it('a decimal number that lies on the grid comes out as exactly its integer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(10 ** 14), max: 10 ** 14 }),
        fc.integer({ min: 0, max: 8 }),
        (integer, decimals) => {
          const value = Number(`${integer}e-${decimals}`)
          expect(toScaledInteger(value, decimals)).toBe(integer)
          expect(toNearestInteger(value, decimals)).toBe(integer)
        },
      ),
    )
  })

  it('a decimal number with one digit more than the grid is refused', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(10 ** 12), max: 10 ** 12 }).filter((integer) => integer % 10 !== 0),
        fc.integer({ min: 0, max: 8 }),
        (integer, decimals) => {
          expect(toScaledInteger(Number(`${integer}e-${decimals + 1}`), decimals)).toBeNaN()
        },
      ),
    )
  })

  it('what is no number or passes 2^53 is refused', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53 + 2, -1e17]) {
      expect(toScaledInteger(value, 0)).toBeNaN()
      expect(toNearestInteger(value, 0)).toBeNaN()
    }
    expect(toScaledInteger(1e10, 8)).toBeNaN()
    expect(() => requireExact('x', 2 ** 53)).toThrow(expect.objectContaining({ code: 'ERR_INVARIANT', field: 'x' }))
    expect(requireExact('x', 2 ** 53 - 1)).toBe(2 ** 53 - 1)
  })

  it('money is the nearest double of its cents', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), (minor) => {
        expect(toMoney(minor)).toBe(Number(`${minor}e-2`))
      }),
    )
  })
})

describe('notional', () => {
  /** Rounded half away from zero, in integers. */
  function exactly({ priceDecimals, sizeDecimals }: Instrument, ticks: number, lots: number): bigint {
    const product = BigInt(ticks) * BigInt(lots) * 100n
    const divisor = 10n ** BigInt(priceDecimals + sizeDecimals)
    const magnitude = product < 0n ? -product : product
    const rounded = magnitude / divisor + ((magnitude % divisor) * 2n >= divisor ? 1n : 0n)
    return product < 0n ? -rounded : rounded
  }

  const grids = fc.record({
    symbol: fc.constant('X'),
    priceDecimals: fc.integer({ min: 0, max: 8 }),
    sizeDecimals: fc.integer({ min: 0, max: 8 }),
  })

  it('is exact to the minor unit, halves away from zero, whatever the size', () => {
    const sizes = fc.integer({ min: 0, max: 53 }).chain((bits) => fc.integer({ min: 0, max: 2 ** bits - 1 }))
    fc.assert(
      fc.property(grids, sizes, sizes, fc.boolean(), (instrument, ticks, lots, isNegative) => {
        const signed = isNegative ? -ticks : ticks
        const exact = exactly(instrument, signed, lots)
        fc.pre(exact <= BigInt(Number.MAX_SAFE_INTEGER) && exact >= -BigInt(Number.MAX_SAFE_INTEGER))
        const minor = notionalMinor(instrument, signed, lots)
        expect(BigInt(minor)).toBe(exact)
        expect(Object.is(minor, -0)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  it('halves go away from zero at the edge of what a double’s product holds', () => {
    const instrument = { symbol: 'X', priceDecimals: 2, sizeDecimals: 1 }
    for (const [ticks, lots] of [
      [5, 1],
      [4, 1],
      [-5, 1],
      [15, 1],
      [9_007_199_254_740, 10],
      [-9_007_199_254_745, 9],
    ] as const) {
      expect(BigInt(notionalMinor(instrument, ticks, lots))).toBe(exactly(instrument, ticks, lots))
    }
  })

  it('prices and quantities are shown as the nearest doubles', () => {
    const instrument = { symbol: 'X', priceDecimals: 1, sizeDecimals: 5 }
    expect(toPrice(instrument, 660_661)).toBe(66_066.1)
    expect(toQuantity(instrument, 123_456)).toBe(1.23456)
  })
})

describe('instrument', () => {
  it('a symbol that is called like a part of every object has the default grid', () => {
    for (const symbol of ['constructor', 'toString', 'valueOf']) {
      expect(instrumentOf(symbol)).toEqual({ symbol, ...defaultInstrument })
      expect(instrumentOf(symbol, {})).toEqual({ symbol, ...defaultInstrument })
    }
  })
})
