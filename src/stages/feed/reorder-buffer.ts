/**
 * Puts the rows of a recording in time order that were not written so: a venue's messages overtake each other, and history comes
 * after a subscription. Rows wait in a heap by (time, arrival) until the newest is more than a horizon of event time ahead of
 * them; beyond a number of rows the oldest goes at once. Deterministic: what comes out depends on the rows alone. One thread.
 */
import { RowBlock } from './row-block.ts'

export interface ReorderOptions {
  /** How much older than the newest a row may be and still find its place, milliseconds of event time. */
  readonly horizonMs: number
  /** Rows held beyond one line's; the memory is about 80 bytes each. */
  readonly rowsMax: number
}

/**
 * The horizon covers what is known: Hyperliquid's first trades after a subscription are up to 49 s old, Binance's recorded
 * trades up to 15.3 s. So many rows are ten thousand a second of them over several seconds, or a thousand a second over all of it.
 */
export const defaultReorder: ReorderOptions = { horizonMs: 60_000, rowsMax: 65_536 }

export class ReorderBuffer {
  readonly #options: ReorderOptions
  /** Rows at their places, in no order; free places are in #free. */
  readonly #rows = new RowBlock(Number.MAX_SAFE_INTEGER)
  #free: number[] = []
  #places = 0
  /** Heap of places by (time, arrival). */
  readonly #heap: number[] = []
  /** By place. */
  readonly #arrivals: number[] = []
  #arrived = 0
  #newestMs = Number.NEGATIVE_INFINITY
  #releasedMs = Number.NEGATIVE_INFINITY
  #isEnding = false

  constructor(options: ReorderOptions) {
    this.#options = options
  }

  /** Rows held. */
  get count(): number {
    return this.#heap.length
  }

  /** The time of the last row handed out: an older one has no place any more. */
  get releasedMs(): number {
    return this.#releasedMs
  }

  /** Takes a copy of `from`'s row; its time must not be before `releasedMs`. */
  take(from: RowBlock, row: number): void {
    const place = this.#free.pop() ?? this.#places++
    this.#rows.put(place, from, row)
    this.#arrivals[place] = this.#arrived
    this.#arrived += 1
    this.#newestMs = Math.max(this.#newestMs, this.#rows.atMs(place))
    this.#raise(this.#heap.length, place)
  }

  /** No row comes any more: all that are held are due. */
  end(): void {
    this.#isEnding = true
  }

  /** Moves what is due to `to`, oldest first, until it is full. */
  release(to: RowBlock): void {
    while (!to.isFull && this.#isDue()) {
      const place = this.#heap[0]!
      to.put(to.count, this.#rows, place)
      to.count += 1
      this.#releasedMs = this.#rows.atMs(place)
      this.#free.push(place)
      const last = this.#heap.pop()!
      if (this.#heap.length > 0) this.#sink(last)
    }
  }

  /** Lets go of the memory. */
  drop(): void {
    this.#heap.length = 0
    this.#free = []
    this.#arrivals.length = 0
    this.#places = 0
    this.#rows.drop()
  }

  #isDue(): boolean {
    if (this.#heap.length === 0) return false
    if (this.#isEnding || this.#heap.length > this.#options.rowsMax) return true
    return this.#newestMs - this.#rows.atMs(this.#heap[0]!) > this.#options.horizonMs
  }

  #raise(from: number, place: number): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#isBefore(place, this.#heap[parent]!)) break
      this.#heap[index] = this.#heap[parent]!
      index = parent
    }
    this.#heap[index] = place
  }

  #sink(place: number): void {
    const size = this.#heap.length
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= size) break
      if (child + 1 < size && this.#isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child += 1
      if (!this.#isBefore(this.#heap[child]!, place)) break
      this.#heap[index] = this.#heap[child]!
      index = child
    }
    this.#heap[index] = place
  }

  #isBefore(a: number, b: number): boolean {
    const aMs = this.#rows.atMs(a)
    const bMs = this.#rows.atMs(b)
    return aMs < bMs || (aMs === bMs && this.#arrivals[a]! < this.#arrivals[b]!)
  }
}
