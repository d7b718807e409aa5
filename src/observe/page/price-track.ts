/**
 * One symbol's price, flow and contexts over a run of any length, in buckets of equal width and bounded memory: when there are
 * too many, neighbours become one and the width doubles. Lowest and highest trade of a bucket survive that, so a spike of one
 * trade is still there at any width. One thread; adding a record allocates nothing but when the columns grow.
 */
import { requireInteger } from '../../base/assert.ts'

/** Columns of a bucket. `flow` is the sample furthest from 0; of the others but the lowest and highest trade, the last. */
const trackColumns = ['low', 'high', 'last', 'flow', 'openInterest', 'funding'] as const
type TrackColumn = (typeof trackColumns)[number]
const columnCount = trackColumns.length
const [low, high, last, flow, openInterest, funding] = [0, 1, 2, 3, 4, 5]

const firstCapacity = 1024

/** One bucket, or several in one. A column of what never happened in it is NaN. */
export type MergedBucket = Readonly<Record<TrackColumn, number>> & { readonly at: number; readonly width: number }

export class PriceTrack {
  readonly #bucketsMax: number
  #width: number
  /** Bucket number (time ÷ width) and columns, in time order; buckets without records are not stored. */
  #numbers = new Float64Array(firstCapacity)
  #values = new Float64Array(firstCapacity * columnCount)
  #count = 0

  /**
   * @param width - Of the first buckets, in the unit of the times: ≥ 1.
   * @param bucketsMax - 2 … 2^24; a bucket takes 56 bytes.
   */
  constructor(width: number, bucketsMax: number) {
    requireInteger('width', width, 1, Number.MAX_SAFE_INTEGER)
    requireInteger('bucketsMax', bucketsMax, 2, 2 ** 24)
    this.#width = width
    this.#bucketsMax = bucketsMax
  }

  get count(): number {
    return this.#count
  }

  /** Of a bucket now: the first width, doubled as often as it took. */
  get width(): number {
    return this.#width
  }

  /**
   * Adds a trade.
   * @param at - Never goes back.
   * @param flowNow - The signed flow as of this trade; NaN when it is not known.
   */
  addTrade(at: number, price: number, flowNow: number): void {
    const base = this.#bucketAt(at) * columnCount
    const values = this.#values
    if (!(price >= values[base + low]!)) values[base + low] = price
    if (!(price <= values[base + high]!)) values[base + high] = price
    values[base + last] = price
    if (!Number.isNaN(flowNow) && !(Math.abs(flowNow) <= Math.abs(values[base + flow]!))) values[base + flow] = flowNow
  }

  /** Adds a context; what it does not tell is NaN. */
  addContext(at: number, openInterestNow: number, fundingNow: number): void {
    const base = this.#bucketAt(at) * columnCount
    if (!Number.isNaN(openInterestNow)) this.#values[base + openInterest] = openInterestNow
    if (!Number.isNaN(fundingNow)) this.#values[base + funding] = fundingNow
  }

  /**
   * Buckets `from` … `until` − 1 with `factor` neighbours in one, in time order. `at` is the middle of the wide bucket, or what of
   * the range comes closest to it: so ranges that adjoin give ascending times, whatever their factors.
   */
  *merged(from: number, until: number, factor: number): Generator<MergedBucket> {
    const numbers = this.#numbers
    let first = from
    while (first < until) {
      const wide = Math.floor(numbers[first]! / factor)
      const values = this.#values.slice(first * columnCount, (first + 1) * columnCount)
      let next = first + 1
      while (next < until && Math.floor(numbers[next]! / factor) === wide) {
        mergeInto(values, this.#values.subarray(next * columnCount, (next + 1) * columnCount))
        next += 1
      }
      const middle = wide * factor + Math.floor(factor / 2)
      const number = Math.min(Math.max(middle, numbers[first]!), numbers[next - 1]!)
      yield {
        at: number * this.#width,
        width: factor * this.#width,
        low: values[low]!,
        high: values[high]!,
        last: values[last]!,
        flow: values[flow]!,
        openInterest: values[openInterest]!,
        funding: values[funding]!,
      }
      first = next
    }
  }

  /** How many buckets `merged` would give. */
  countMerged(from: number, until: number, factor: number): number {
    let count = 0
    let before = Number.NaN
    for (let index = from; index < until; index += 1) {
      const wide = Math.floor(this.#numbers[index]! / factor)
      if (wide !== before) count += 1
      before = wide
    }
    return count
  }

  /** Index of the first bucket whose number is at least that of `at`. */
  indexFrom(at: number): number {
    const number = Math.floor(at / this.#width)
    let least = 0
    let most = this.#count
    while (least < most) {
      const middle = (least + most) >> 1
      if (this.#numbers[middle]! < number) least = middle + 1
      else most = middle
    }
    return least
  }

  /** Index of the newest bucket, which is the one of `at`; a fresh one if need be. */
  #bucketAt(at: number): number {
    let number = Math.floor(at / this.#width)
    const newest = this.#count - 1
    if (newest >= 0 && this.#numbers[newest]! >= number) return newest
    while (this.#count === this.#bucketsMax) {
      this.#halve()
      number = Math.floor(at / this.#width)
      if (this.#numbers[this.#count - 1] === number) return this.#count - 1
    }
    if (this.#count === this.#numbers.length) this.#grow()
    this.#numbers[this.#count] = number
    this.#values.fill(Number.NaN, this.#count * columnCount, (this.#count + 1) * columnCount)
    this.#count += 1
    return this.#count - 1
  }

  /** Doubles the width. Sparse buckets may stay apart, so the caller repeats it while there is no room. */
  #halve(): void {
    this.#width *= 2
    let kept = 0
    for (let index = 0; index < this.#count; index += 1) {
      const number = Math.floor(this.#numbers[index]! / 2)
      const values = this.#values.subarray(index * columnCount, (index + 1) * columnCount)
      if (kept > 0 && this.#numbers[kept - 1] === number) {
        mergeInto(this.#values.subarray((kept - 1) * columnCount, kept * columnCount), values)
        continue
      }
      this.#numbers[kept] = number
      this.#values.set(values, kept * columnCount)
      kept += 1
    }
    this.#count = kept
  }

  #grow(): void {
    const capacity = Math.min(this.#bucketsMax, this.#numbers.length * 2)
    const numbers = new Float64Array(capacity)
    numbers.set(this.#numbers)
    this.#numbers = numbers
    const values = new Float64Array(capacity * columnCount)
    values.set(this.#values)
    this.#values = values
  }
}

/** Lays the later bucket over the earlier one. */
function mergeInto(into: Float64Array, later: Float64Array): void {
  if (!(later[low]! >= into[low]!) && !Number.isNaN(later[low]!)) into[low] = later[low]!
  if (!(later[high]! <= into[high]!) && !Number.isNaN(later[high]!)) into[high] = later[high]!
  if (!(Math.abs(later[flow]!) <= Math.abs(into[flow]!)) && !Number.isNaN(later[flow]!)) into[flow] = later[flow]!
  for (const column of [last, openInterest, funding]) {
    if (!Number.isNaN(later[column]!)) into[column] = later[column]!
  }
}
