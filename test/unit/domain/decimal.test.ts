import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exactScaled, isSameDecimal } from '../../../src/domain/decimal.ts'

describe('decimal', () => {
  test('decimal: money is read digit by digit, where a double no longer tells the cents too', () => {
    const amounts: [string, number][] = [
      ['0', 0],
      ['-0.00', 0],
      ['1', 100],
      ['1.5', 150],
      ['0.29', 29],
      ['-0.5', -50],
      ['1e2', 10_000],
      ['12.5e-1', 125],
      ['0.0100e2', 100],
      ['40000000000000.50', 4_000_000_000_000_050],
      ['40000000000000.01', 4_000_000_000_000_001],
      ['80000000000000.01', 8_000_000_000_000_001],
      ['80000000000000.02', 8_000_000_000_000_002],
      ['90071992547409.91', Number.MAX_SAFE_INTEGER],
    ]
    for (const [text, minor] of amounts) expect([text, exactScaled(text, 2)]).toEqual([text, minor])
    for (const text of ['0.001', '1.0000000000000001', '90071992547409.92', '1e14', '1e-400', '1e999999999']) {
      expect([text, exactScaled(text, 2)]).toEqual([text, Number.NaN])
    }
  })

  test('decimal: any cents are read back, however they are written', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: -30, max: 30 }), (minor, power) => {
        const size = BigInt(Math.abs(minor))
        const sign = minor < 0 ? '-' : ''
        const plain = `${sign}${size / 100n}.${String(size % 100n).padStart(2, '0')}`
        expect(exactScaled(plain, 2)).toBe(minor + 0)
        expect(exactScaled(`${minor}e-2`, 2)).toBe(minor + 0)
        const moved = power >= 0 ? `${minor}${'0'.repeat(power)}e-${power + 2}` : `${plain}${'0'.repeat(-power)}E+0`
        expect(exactScaled(moved, 2)).toBe(minor + 0)
        expect(isSameDecimal(plain, moved)).toBe(true)
      }),
    )
  })

  test('decimal: a double is the number that it is printed as, and its neighbour is not', () => {
    expect(isSameDecimal('0.1', '1e-1')).toBe(true)
    expect(isSameDecimal('-0', '0')).toBe(true)
    expect(isSameDecimal('0.1', '0.10000000000000000555')).toBe(false)
    expect(isSameDecimal('1', '-1')).toBe(false)
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(isSameDecimal(String(value), value.toExponential())).toBe(true)
      }),
    )
  })
})
