import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { moneyText, significant12 } from '../../../src/journal/json-number.ts'
import { LineBytes, token } from '../../../src/journal/line-bytes.ts'

function written(write: (line: LineBytes) => void): string {
  const line = new LineBytes()
  write(line)
  return line.toString()
}

describe('line bytes', () => {
  test('line bytes: 12 significant digits, the text that the platform would take a detour to', () => {
    const any = fc.oneof(
      { weight: 4, arbitrary: fc.double({ min: 0, max: 10, noNaN: true }) },
      { weight: 2, arbitrary: fc.double({ min: -1, max: 1e-5, noNaN: true }) },
      { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.integer({ min: -20_000, max: 20_000 }), fc.integer({ min: 0, max: 12 }))
          .map(([n, e]) => n / 10 ** e),
      },
      // Just around the numbers where a digit more or less is needed, and around halves of the last digit.
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.integer({ min: -13, max: 13 }), fc.integer({ min: -60, max: 60 }))
          .map(([e, ulps]) => 10 ** e * (1 + ulps * 2 ** -52)),
      },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 1e12 }).map((digits) => (digits + 0.5) / 1e12) },
    )
    fc.assert(
      fc.property(any, (value) => {
        expect(written((line) => line.significant12(value))).toBe(significant12(value))
      }),
      { numRuns: 20_000 },
    )
  })

  test('line bytes: Unix nanoseconds digit by digit, in this century and in others', () => {
    const seconds = fc.oneof(fc.constantFrom(0, 1, 999_999_999, 1e9, 9_999_999_999, 1e10), fc.nat({ max: 2 ** 40 }))
    fc.assert(
      fc.property(seconds, fc.nat({ max: 999_999_999 }), (whole, restNs) => {
        const expected = String(BigInt(whole) * 1_000_000_000n + BigInt(restNs))
        expect(written((line) => line.nanoseconds(whole, restNs))).toBe(expected)
      }),
      { numRuns: 5_000 },
    )
  })

  test('line bytes: it grows as it is needed and begins anew when it is cleared', () => {
    const line = new LineBytes()
    const long = 'x'.repeat(50_000)
    line.ascii(long)
    line.token(token('“é”'))
    for (let at = 0; at < 30_000; at++) line.comma()
    expect(line.toString()).toBe(`${long}“é”${','.repeat(30_000)}`)
    expect(line.bytes.length).toBe(line.length)
    line.clear()
    line.exact(0.1 + 0.2)
    expect(line.toString()).toBe('0.30000000000000004')
  })

  test('line bytes: money is exact for every integer of cents', () => {
    expect([0, 1, 10, 99, 100, 605_351, -1, -250].map(moneyText)).toEqual([
      '0',
      '0.01',
      '0.1',
      '0.99',
      '1',
      '6053.51',
      '-0.01',
      '-2.5',
    ])
    fc.assert(
      fc.property(fc.maxSafeInteger(), (minor) => {
        const text = written((line) => line.money(minor))
        const [units, cents = ''] = text.replace('-', '').split('.')
        expect(BigInt(units + cents.padEnd(2, '0'))).toBe(BigInt(Math.abs(minor)))
        expect(text.startsWith('-')).toBe(minor < 0)
      }),
    )
  })
})
