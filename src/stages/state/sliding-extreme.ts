/**
 * The highest (or lowest) of the last n seconds, in O(1) amortised: a monotonic queue in a ring. Owned by one
 * {@link SymbolState}; one thread; bounded by the window.
 *
 * A value stays only while no later one beats it, so the oldest kept is the extreme.
 */
const mask = 511

export class SlidingExtreme {
  readonly #seconds: number
  /** +1 keeps the highest, −1 the lowest. */
  readonly #sign: number
  readonly #values = new Float64Array(mask + 1)
  readonly #at = new Float64Array(mask + 1)
  #head = 0
  #tail = 0

  /** @param seconds - The window, 1 … 511. */
  constructor(seconds: number, kind: 'highest' | 'lowest') {
    this.#seconds = seconds
    this.#sign = kind === 'highest' ? 1 : -1
  }

  /** A completed second's own extreme; seconds only grow. */
  push(second: number, value: number): void {
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
    return this.#tail > this.#head ? this.#values[this.#head & mask]! : Number.NaN
  }

  clear(): void {
    this.#head = 0
    this.#tail = 0
  }

  #expire(second: number): void {
    while (this.#tail > this.#head && this.#at[this.#head & mask]! <= second - this.#seconds) this.#head += 1
    // Positions grow and are masked on access; a whole turn is taken off both, so that they stay small integers.
    if (this.#head > mask) {
      this.#head -= mask + 1
      this.#tail -= mask + 1
    }
  }
}
