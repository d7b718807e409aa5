import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quantize, quantizeExactly, scoreDifference } from '../../../src/decide/quantum.ts'

/** round(score × 10¹²), halves up, of the double itself: every double is an integer over 2^1074. */
function exactly(score: number): bigint {
  let exponent = 0
  let mantissa = score
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    exponent++
  }
  const product = BigInt(mantissa) * 10n ** 12n * 2n
  const divisor = 1n << BigInt(exponent)
  return (product + divisor) / (2n * divisor)
}

describe('quantum', () => {
  test('quantum: decimal halves go up', () => {
    expect(quantize(0.0000000000005)).toBe(1)
    expect(quantize(0.9000000000005)).toBe(900_000_000_001)
    expect(quantize(0.9000000000004)).toBe(900_000_000_000)
    expect(quantize(1.5e-12)).toBe(2)
  })

  test('quantum: a product without room for a half is not rounded twice', () => {
    // 4503.6 … 9007 × 10¹² has no binary digit behind the point: adding 0.5 to an odd one goes up to the even.
    const scores = Array.from({ length: 1000 }, (_, at) => 5000 + at * 2 ** -40)
    const naivelyWrong = scores.filter((score) => BigInt(Math.floor(score * 1e12 + 0.5)) !== exactly(score))
    expect(naivelyWrong.length).toBeGreaterThan(100)
    expect(scores.map((score) => BigInt(quantize(score)))).toEqual(scores.map(exactly))
    // Ends in .5, which its double product has lost.
    expect(quantize(5000.0001220703125)).toBe(5_000_000_122_070_313)
  })

  test('quantum: sums that are equal on paper are equal', () => {
    expect(0.1 + 0.2).not.toBe(0.3)
    expect(quantize(0.1 + 0.2)).toBe(quantize(0.3))
  })

  test('quantum: exact from 2^52 on, however great the weights', () => {
    fc.assert(
      fc.property(fc.double({ min: 4503.6, max: 1e300, noNaN: true }), (score) => {
        expect(quantizeExactly(score)).toBe(exactly(score))
      }),
    )
    expect(quantizeExactly(1e300)).toBe(BigInt(1e300) * 10n ** 12n)
  })

  test('quantum: below it within a quantum’s rounding of the exact product, and never off when that is clear', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4503, noNaN: true }), (score) => {
        const distance = quantizeExactly(score) - exactly(score)
        expect(distance >= -1n && distance <= 1n).toBe(true)
        const fraction = (score * 1e12) % 1
        if (score < 10 && Math.abs(fraction - 0.5) > 0.01) expect(distance).toBe(0n)
      }),
      { numRuns: 2000 },
    )
  })

  test('quantum: monotone, across both borders', () => {
    const pairs = fc.tuple(
      fc.oneof(fc.double({ min: 4503, max: 4504, noNaN: true }), fc.double({ min: 9007, max: 9008, noNaN: true })),
      fc.double({ min: 0, max: 1e-10, noNaN: true }),
    )
    fc.assert(
      fc.property(pairs, ([score, more]) => {
        expect(quantizeExactly(score + more) >= quantizeExactly(score)).toBe(true)
        // Beyond 2^53 the scores decide where the doubles of q are equal: then the exact q must differ too.
        if (score > 9007.2 && score + more !== score)
          expect(quantizeExactly(score + more)).not.toBe(quantizeExactly(score))
      }),
      { numRuns: 2000 },
    )
  })

  test('quantum: a difference is that of the quanta', () => {
    const diff = (a: number, b: number): number => scoreDifference(a, quantize(a), b, quantize(b))
    expect(diff(0.905, 0.59)).toBe(0.315)
    expect(diff(0.59, 0.905)).toBe(-0.315)
    expect(diff(1e6 + 0.25, 1e6)).toBe(0.25)
    expect(diff(1e300, 0)).toBe(1e300)
  })
})
