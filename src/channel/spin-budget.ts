/**
 * How long a wait spins before it parks. A spin pays where what is waited for comes before the whole budget is spent; it does harm where the
 * other end is slow, or has no core because we spin on it. So each wait that parked tells how long it took, whatever of it was spun:
 *
 * - what came within the whole budget, and long after the spin had ended, came by itself: the next one spins four times as long;
 * - what came just after it did perhaps come because the spin had ended: the next one spins half as long;
 * - what came later than the whole budget is worth no spin: half as long, and less than a least share is none.
 *
 * Beside an end on the same core it stays within twice what a wake-up takes, beside a fast one on its own core it is back within a few waits
 * after a stall. Pure; one waiter.
 */

/** A budget below this share of the whole is none. */
const leastShare = 1 / 64

export class SpinBudget {
  readonly #wholeNs: number
  #ns: number

  /** @param wholeNs - At most; 0: never. */
  constructor(wholeNs: number) {
    this.#wholeNs = wholeNs
    this.#ns = wholeNs
  }

  /** How long the next wait spins. */
  get ns(): number {
    return this.#ns
  }

  get isNever(): boolean {
    return this.#wholeNs === 0
  }

  /** A spin ended with what was waited for. */
  paid(): void {
    this.#ns = Math.min(this.#wholeNs, this.#ns * 2)
  }

  /** It did not, or there was none: the wait parked, and took so long in all. */
  parked(waitedNs: number): void {
    const leastNs = this.#wholeNs * leastShare
    if (waitedNs <= this.#wholeNs && waitedNs >= 2 * this.#ns) {
      this.#ns = Math.min(this.#wholeNs, Math.max(leastNs, this.#ns * 4))
    } else this.#ns = this.#ns / 2 < leastNs ? 0 : this.#ns / 2
  }
}
