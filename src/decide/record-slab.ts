/**
 * Room for the records of decisions, cut from larger pieces: a typed array with memory of its own takes a microsecond to make and its
 * garbage collection as long again, a view of a piece a fifth of it. One thread.
 */

/** Of a piece: some forty records of eight candidates. */
const slabDoubles = 8_192

export class RecordSlab {
  #slab = new Float64Array(slabDoubles)
  #used = 0

  /** `length` doubles that nobody else has, all 0. Whoever keeps them keeps their piece; to a port go copies, since a view's whole piece goes. */
  take(length: number): Float64Array {
    if (this.#used + length > this.#slab.length) {
      this.#slab = new Float64Array(Math.max(slabDoubles, length))
      this.#used = 0
    }
    const taken = this.#slab.subarray(this.#used, this.#used + length)
    this.#used += length
    return taken
  }
}
