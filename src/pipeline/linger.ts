/**
 * When a thread that cannot spin should wait to be woken. Waking somebody costs the sender microseconds, many times a send; a thread that
 * is woken again as soon as it has parked takes a core's time from its sender and gives it nothing. So one that finds news that soon rests a
 * little before it parks: nobody has to wake it meanwhile, and what came waits for it, or conflates. One thread.
 */

/** News that come sooner than so long after the wait began come too often. */
const soonNs = 100_000
const restMs = 0.05

export class Linger {
  readonly #pillow = new Int32Array(new SharedArrayBuffer(4))
  #isBusy = false

  /** Before a wait for news: rests, where they have come too often. */
  rest(): void {
    if (this.#isBusy) Atomics.wait(this.#pillow, 0, 0, restMs)
  }

  /** After it. @param waitedNs - How long it took; @param hasNews - What it returned. */
  waited(waitedNs: number, hasNews: boolean): void {
    this.#isBusy = hasNews && waitedNs < soonNs
  }
}
