/**
 * How strategies hear that something has happened in the region: one count in shared memory, for any number of waiters.
 *
 * **No lost news.** A waiter (B1) looks at the count, (B2) looks at the region, and (B3) waits for as long as the count is what (B1)
 * saw. Who has changed the region (A1) counts up (A2) and notifies (A3). Sequentially consistent atomics have one order: either (A1)
 * comes before (B2) and is seen, or (A2), behind (A1), comes after (B1), and (B3) finds another count or is notified.
 *
 * A change that nobody announces is seen when the wait's time is over.
 */
export class StrategyBell {
  readonly #words: Int32Array
  readonly #at: number

  constructor(words: Int32Array, at: number) {
    this.#words = words
    this.#at = at
  }

  /** (B1) */
  look(): number {
    return Atomics.load(this.#words, this.#at)
  }

  /** (B3) Blocks the thread until something was announced since `seen`, at most `timeoutMs`. */
  wait(seen: number, timeoutMs: number): void {
    Atomics.wait(this.#words, this.#at, seen, timeoutMs)
  }

  /** (A2), (A3). Any thread; wakes all who wait. */
  announce(): void {
    Atomics.add(this.#words, this.#at, 1)
    Atomics.notify(this.#words, this.#at)
  }
}
