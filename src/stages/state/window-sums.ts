/**
 * One quantity summed over the five windows (1 s, 5 s, 15 s, 60 s, 5 min), in O(1) amortised a value. Owned by one
 * {@link SymbolState}; one thread; bounded by the windows.
 *
 * The sums stand in the row, side by side in the order of the windows, and are running ones of integers: doubles add and subtract
 * those exactly, so nothing drifts. The two short windows consist of buckets of 100 ms, the others of 1 s.
 */
import { hotWindowNames } from '../../domain/hot-state.ts'

// Powers of two above the longest window (50 tenths, 300 seconds), so that what leaves is still in the ring.
const tenthMask = 63
const secondMask = 511

export class WindowSums {
  readonly #row: Float64Array
  /** Where the five sums begin in the row. */
  readonly #first: number
  readonly #tenths = new Float64Array(tenthMask + 1)
  readonly #seconds = new Float64Array(secondMask + 1)
  /** Nothing was ever added: the sums are NaN. */
  #isUnknown = true

  constructor(row: Float64Array, first: number) {
    this.#row = row
    this.#first = first
  }

  /** Empties the windows; `isKnown`: from here on no value means 0, else it means NaN until the first. */
  begin(isKnown: boolean): void {
    this.#tenths.fill(0)
    this.#seconds.fill(0)
    this.#isUnknown = !isKnown
    this.#row.fill(isKnown ? 0 : Number.NaN, this.#first, this.#first + hotWindowNames.length)
  }

  /** Adds an integer to the running buckets. */
  add(tenth: number, second: number, value: number): void {
    const row = this.#row
    const first = this.#first
    if (this.#isUnknown) this.begin(true)
    row[first]! += value
    row[first + 1]! += value
    row[first + 2]! += value
    row[first + 3]! += value
    row[first + 4]! += value
    this.#tenths[tenth & tenthMask]! += value
    this.#seconds[second & secondMask]! += value
  }

  /** A bucket of 100 ms begins: what is 1 s and 5 s old leaves. */
  openTenth(tenth: number): void {
    if (this.#isUnknown) return
    const row = this.#row
    const ring = this.#tenths
    row[this.#first]! -= ring[(tenth - 10) & tenthMask]!
    row[this.#first + 1]! -= ring[(tenth - 50) & tenthMask]!
    ring[tenth & tenthMask] = 0
  }

  /** A second begins: what is 15 s, 60 s and 5 min old leaves. */
  openSecond(second: number): void {
    if (this.#isUnknown) return
    const row = this.#row
    const ring = this.#seconds
    row[this.#first + 2]! -= ring[(second - 15) & secondMask]!
    row[this.#first + 3]! -= ring[(second - 60) & secondMask]!
    row[this.#first + 4]! -= ring[(second - 300) & secondMask]!
    ring[second & secondMask] = 0
  }

  /** What the second's bucket holds so far. */
  ofSecond(second: number): number {
    return this.#seconds[second & secondMask]!
  }
}
