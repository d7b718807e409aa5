import { describe, expect, it } from 'vitest'
import { Histogram } from '../../../src/base/histogram.ts'
import { Random } from '../../../src/base/random.ts'

describe('histogram', () => {
  it('a percentile is never below the sorted values’ own and at most 1.6 % above', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = new Random(seed)
      const histogram = new Histogram()
      const count = random.integer(1, 3_000)
      const values = Array.from({ length: count }, () => Math.floor(2 ** (random.fraction() * 46)))
      for (const value of values) histogram.record(value)
      values.sort((one, other) => one - other)
      for (const fraction of [0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1]) {
        const exact = values[Math.max(0, Math.ceil(fraction * count) - 1)]!
        const said = histogram.percentile(fraction)
        expect(said, `seed ${seed}, ${fraction}`).toBeGreaterThanOrEqual(exact)
        expect(said, `seed ${seed}, ${fraction}`).toBeLessThanOrEqual(exact * 1.016)
      }
      expect(histogram.count).toBe(count)
      expect(histogram.max).toBe(values.at(-1))
      expect(histogram.percentile(1)).toBe(values.at(-1))
    }
  })

  it('values around every power of two lie in a bucket that holds them', () => {
    for (let exponent = 0; exponent < 47; exponent += 1) {
      for (const value of [2 ** exponent - 1, 2 ** exponent, 2 ** exponent + 1]) {
        const histogram = new Histogram()
        histogram.record(value)
        histogram.record(2 ** 47 - 1)
        const said = histogram.percentile(0.5)
        expect(said, `${value}`).toBeGreaterThanOrEqual(value)
        expect(said, `${value}`).toBeLessThanOrEqual(Math.max(value, value * 1.016))
      }
    }
  })

  it('below 64 it is exact', () => {
    for (let value = 0; value < 64; value += 1) {
      const histogram = new Histogram()
      for (let lower = 0; lower <= value; lower += 1) histogram.record(lower)
      histogram.record(1_000)
      expect(histogram.percentile((value + 1) / (value + 2))).toBe(value)
    }
  })

  it('nothing recorded is 0, the negative counts as 0, what is beyond the range is kept as its maximum', () => {
    const histogram = new Histogram()
    expect(histogram.percentile(0.5)).toBe(0)
    histogram.record(-5)
    histogram.record(Number.NaN)
    expect(histogram.percentile(1)).toBe(0)
    histogram.record(2 ** 52)
    expect(histogram.max).toBe(2 ** 52)
    expect(histogram.count).toBe(3)
    expect(histogram.percentile(1)).toBeGreaterThanOrEqual(2 ** 46)
  })
})
