/**
 * Which trades of one symbol were seen lately, by the venue's trade id: the live feed's memory against the trades that a
 * venue repeats after every subscription. Bounded: a ring of ids and the set of what is in it. One thread.
 */

/**
 * How many trades of a symbol are remembered. What a venue repeats are the newest 30 or so at the time of subscribing; all
 * of them that this feed has seen before are among its own newest 30, so the window is more than thirty times what is needed.
 */
export const tidWindowSize = 1_024

export class TidWindow {
  readonly #ring: Float64Array
  readonly #seen = new Set<number>()
  #next = 0

  constructor(size: number = tidWindowSize) {
    this.#ring = new Float64Array(size)
  }

  /** How many ids are remembered; at most the window's size. */
  get count(): number {
    return this.#seen.size
  }

  /** Remembers `tid` and forgets the oldest beyond the window. Returns false, and changes nothing, if it is in the window already. */
  add(tid: number): boolean {
    if (this.#seen.has(tid)) return false
    const isFull = this.#seen.size === this.#ring.length
    if (isFull) this.#seen.delete(this.#ring[this.#next]!)
    this.#ring[this.#next] = tid
    this.#seen.add(tid)
    this.#next = (this.#next + 1) % this.#ring.length
    return true
  }
}
