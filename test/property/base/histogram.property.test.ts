/** A histogram over shared memory is the private one, whatever is recorded; and its buckets are those of the definition. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Histogram, histogramLayout } from '../../../src/base/histogram.ts'

const value = fc.oneof(
  fc.integer({ min: -10, max: 10_000 }),
  fc.double({ min: 0, max: 2 ** 50, noNaN: true }),
  fc.nat({ max: 52 }).chain((power) => fc.constantFrom(2 ** power - 1, 2 ** power, 2 ** power + 1)),
  fc.constantFrom(Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
)

const sharedWords = (): Float64Array => new Float64Array(new SharedArrayBuffer(histogramLayout.words * 8))

/** Where a value belongs: below 64 by itself, else by its leading seven bits. The slow way. */
function bucketBy(recorded: number): number {
  const whole = recorded > 0 ? BigInt(Math.floor(Math.min(recorded, 2 ** 60))) : 0n
  const bits = whole.toString(2).length
  if (bits <= 6) return Number(whole)
  const power = Math.min(bits - 7, 42)
  return power === 42 ? 43 * 64 - 1 : (power + 1) * 64 + Number(whole >> BigInt(power)) - 64
}

it('histogram: over shared memory it says what the private one says', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 300 }), (values) => {
      const one = new Histogram()
      const words = sharedWords()
      const other = new Histogram(words)
      for (const recorded of values) {
        one.record(recorded)
        other.record(recorded)
      }
      const again = new Histogram(words)
      for (const fraction of [0, 0.01, 0.5, 0.9, 0.99, 1]) {
        expect(other.percentile(fraction)).toBe(one.percentile(fraction))
        expect(again.percentile(fraction)).toBe(one.percentile(fraction))
      }
      expect([again.count, again.max]).toEqual([one.count, one.max])
    }),
  )
})

it('histogram: every value is counted once, in its bucket', () => {
  fc.assert(
    fc.property(value, (recorded) => {
      const words = sharedWords()
      new Histogram(words).record(recorded)
      const buckets = [...words.subarray(histogramLayout.buckets)]
      expect([buckets.indexOf(1), buckets.filter((count) => count !== 0)]).toEqual([bucketBy(recorded), [1]])
    }),
    { numRuns: 1_000 },
  )
})

it('histogram: what was recorded since a copy is what a new one would say, its maximum to a bucket; and the copy stays', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 100 }), fc.array(value, { maxLength: 100 }), (before, after) => {
      const histogram = new Histogram(sharedWords())
      for (const recorded of before) histogram.record(recorded)
      const copy = histogram.copy()
      const later = new Histogram()
      for (const recorded of after) {
        histogram.record(recorded)
        later.record(recorded)
      }
      const since = histogram.since(copy)
      expect([since.count, copy.count]).toEqual([after.length, before.length])
      expect(bucketBy(since.max)).toBe(bucketBy(later.max))
      for (const fraction of [0, 0.5, 0.99, 1]) {
        expect(bucketBy(since.percentile(fraction))).toBe(bucketBy(later.percentile(fraction)))
      }
    }),
    { seed: 20_261_126 },
  )
})
