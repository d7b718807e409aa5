/**
 * The highest (or lowest) of the last n seconds, in O(1) amortised: a monotonic queue in a ring. Owned by one
 * {@link SymbolState}; one thread; bounded by the window.
 *
 * A value stays only while no later one beats it, so the oldest kept is the extreme.
 */
import { requireInteger } from '../../base/assert.ts'

export class SlidingExtreme {
  readonly #seconds: number
  /** +1 keeps the highest, −1 the lowest. */
  readonly #sign: number
  /** A power of two above the window, less one. */
  readonly #mask: number
  readonly #values: Float64Array
  readonly #at: Float64Array
  #head = 0
  #tail = 0

  /** @param seconds - The window, 1 … 86,400. */
  constructor(seconds: number, kind: 'highest' | 'lowest') {
    this.#seconds = requireInteger('seconds', seconds, 1, 86_400)
    this.#sign = kind === 'highest' ? 1 : -1
    this.#mask = 2 ** Math.ceil(Math.log2(seconds + 1)) - 1
    this.#values = new Float64Array(this.#mask + 1)
    this.#at = new Float64Array(this.#mask + 1)
  }

  /** A completed second's own extreme; seconds only grow. */
  push(second: number, value: number): void {
    const mask = this.#mask
    this.#expire(second)
    while (this.#tail > this.#head && this.#sign * (value - this.#values[(this.#tail - 1) & mask]!) >= 0) {
      this.#tail -= 1
    }
    this.#values[this.#tail & mask] = value
    this.#at[this.#tail & mask] = second
    this.#tail += 1
  }

  /** The extreme of the completed seconds in the window whose newest bucket is `second`; NaN when nothing traded in them. */
  valueAt(second: number): number {
    this.#expire(second)
    return this.#tail > this.#head ? this.#values[this.#head & this.#mask]! : Number.NaN
  }

  clear(): void {
    this.#head = 0
    this.#tail = 0
  }

  #expire(second: number): void {
    const mask = this.#mask
    while (this.#tail > this.#head && this.#at[this.#head & mask]! <= second - this.#seconds) this.#head += 1
    // Positions grow and are masked on access; a whole turn is taken off both, so that they stay small integers.
    if (this.#head > mask) {
      this.#head -= mask + 1
      this.#tail -= mask + 1
    }
  }
}
