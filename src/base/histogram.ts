/**
 * A latency histogram with logarithmic buckets: 64 per power of two, so a percentile is at most 1.6 % too high.
 * Recording is a few integer operations and allocates nothing.
 *
 * Its words are its own, or somebody's view of shared memory; then one thread records and any thread reads, at any time, without a lock.
 * What such a reader may see, and why that suffices:
 *   - Each word whole. The language lets a double tear that is stored without `Atomics`; the machine does not: the view is aligned to 8
 *     bytes, so on x64 and on arm64 V8 stores it by one instruction, and that is single-copy atomic on both, floating-point registers
 *     included. (On a machine of 32 bits one look could show the halves of two neighbouring counts; the next look does not.)
 *   - Each word as it was at some time, since then perhaps out of date. There is one writer, so no increment is lost, and no word goes
 *     back: it is one place in memory, which both machines keep coherent.
 *   - The words of different times beside each other: stores may become visible in any order, on arm64 more than on x64. So nothing is
 *     concluded from one word about another. A percentile counts the buckets that it sees, and never meets `count` in them; it may leave
 *     out what was recorded during the look, and is the percentile of all the rest.
 *   - All of it, exactly, by whoever synchronized with the writer after its last `record` (a message, a baton, its end).
 *
 * Source: the bucket layout of HdrHistogram (Tene).
 */
import { SignalboxError } from './errors.ts'

const subBucketBits = 6
const subBuckets = 1 << subBucketBits
const powers = 42
const bucketCount = (powers + 1) * subBuckets
/** What divides by 2^0, 2^1, … exactly. */
const scales = Float64Array.from({ length: powers }, (_, power) => 2 ** -power)
/** From here on all values share the last bucket. */
const highMax = 2 ** (powers + subBucketBits - 32)

/** Where a histogram's numbers lie, in words of 8 bytes, each a double: a line of its own for the head, then the buckets. */
export const histogramLayout = { count: 0, max: 1, buckets: 8, bucketCount, words: 8 + bucketCount } as const

const { count: countAt, max: maxAt, buckets: bucketsAt } = histogramLayout

/**
 * Counts of integer values from 0 to 2^47 (39 hours in nanoseconds). Private memory: one thread. A view of shared memory: `record` on
 * one thread, everything else on any.
 */
export class Histogram {
  readonly #words: Float64Array

  /**
   * @param words - Where its numbers are, `histogramLayout.words` of them: all 0, or those of a histogram. Default: memory of its own.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a view of another length.
   */
  constructor(words: Float64Array = new Float64Array(histogramLayout.words)) {
    if (!(words instanceof Float64Array) || words.length !== histogramLayout.words) {
      const message = `words must be a Float64Array of ${histogramLayout.words}`
      throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: 'words', value: words })
    }
    this.#words = words
  }

  /** How many values were recorded. */
  get count(): number {
    return this.#words[countAt]!
  }

  /** The largest of them; 0 when nothing was recorded. */
  get max(): number {
    return this.#words[maxAt]!
  }

  /** Adds one value; negative values and NaN count as 0, values over the range as its end. Allocates nothing, waits for nobody. */
  record(value: number): void {
    const words = this.#words
    const clamped = value > 0 ? Math.floor(value) : 0
    if (clamped > words[maxAt]!) words[maxAt] = clamped
    words[countAt]! += 1
    words[bucketsAt + bucketOf(clamped)]! += 1
  }

  /** As it stands now, in memory of its own. Any thread. */
  copy(): Histogram {
    return new Histogram(this.#words.slice())
  }

  /**
   * What was recorded since a {@link copy} of this histogram was made, in memory of its own. Its `max` is the upper end of the last bucket
   * that grew, or this one's if that is less.
   */
  since(earlier: Histogram): Histogram {
    const words = this.#words.slice()
    let last = -1
    let counted = 0
    for (let index = 0; index < bucketCount; index += 1) {
      words[bucketsAt + index]! -= earlier.#words[bucketsAt + index]!
      counted += words[bucketsAt + index]!
      if (words[bucketsAt + index]! > 0) last = index
    }
    words[countAt] = counted
    words[maxAt] = last < 0 ? 0 : Math.min(upperEnd(last), this.max)
    return new Histogram(words)
  }

  /** The value that `fraction` (0 … 1) of the recorded values do not pass; 0 when nothing was recorded. */
  percentile(fraction: number): number {
    const words = this.#words
    let counted = 0
    for (let index = 0; index < bucketCount; index += 1) counted += words[bucketsAt + index]!
    if (counted === 0) return 0
    const target = Math.max(1, Math.ceil(fraction * counted))
    let seen = 0
    let last = 0
    for (let index = 0; index < bucketCount && seen < target; index += 1) {
      if (words[bucketsAt + index] === 0) continue
      seen += words[bucketsAt + index]!
      last = index
    }
    // A maximum that is older than the bucket is below it, and says nothing of it.
    const { max } = this
    return max >= lowerEnd(last) ? Math.min(upperEnd(last), max) : upperEnd(last)
  }
}

/** Without a power or a logarithm: on Node 20 each is a call of some 50 ns. */
function bucketOf(value: number): number {
  if (value < subBuckets) return value
  const high = Math.floor(value * scales[32]!)
  if (high >= highMax) return bucketCount - 1
  const bits = high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(value)
  const power = bits - subBucketBits
  return (power + 1) * subBuckets + Math.floor(value * scales[power]!) - subBuckets
}

function lowerEnd(index: number): number {
  return index === 0 ? 0 : upperEnd(index - 1) + 1
}

function upperEnd(index: number): number {
  if (index < subBuckets) return index
  const power = Math.floor(index / subBuckets) - 1
  return ((index % subBuckets) + subBuckets + 1) * 2 ** power - 1
}
