/** One side of an order book, best level first, bounded: beyond so many levels the worst is forgotten. One thread; allocates nothing. */

/** Levels a side. What is told of a book are its best 20; the rest is where they come from when the price moves. */
export const sideLevelsMax = 1_024

export class BookSide {
  /** +1: ascending prices are worse (asks); −1: descending (bids). */
  readonly #direction: 1 | -1
  /** Price in ticks × direction, ascending. */
  readonly #keys = new Float64Array(sideLevelsMax)
  readonly #lots = new Float64Array(sideLevelsMax)
  #count = 0

  constructor(side: 'bids' | 'asks') {
    this.#direction = side === 'bids' ? -1 : 1
  }

  get levels(): number {
    return this.#count
  }

  /** NaN while the side is empty. */
  get bestTicks(): number {
    return this.#count === 0 ? Number.NaN : this.#keys[0]! * this.#direction
  }

  get bestLots(): number {
    return this.#count === 0 ? Number.NaN : this.#lots[0]!
  }

  /** Sets what lies at a price; 0 lots remove it. */
  set(ticks: number, lots: number): void {
    const key = ticks * this.#direction
    const index = this.#indexOf(key)
    const isThere = index < this.#count && this.#keys[index] === key
    if (isThere && lots > 0) this.#lots[index] = lots
    else if (isThere) this.#remove(index, 1)
    else if (lots > 0 && index < sideLevelsMax) this.#insert(index, key, lots)
  }

  /** Makes a price the best one: what was better is gone. NaN ticks: the side is empty. */
  setBest(ticks: number, lots: number): void {
    if (Number.isNaN(ticks)) {
      this.clear()
      return
    }
    this.#remove(0, this.#indexOf(ticks * this.#direction))
    this.set(ticks, lots)
  }

  /** The lots on the best `levels`; NaN when not so many are known. */
  depthLots(levels: number): number {
    if (this.#count < levels) return Number.NaN
    let sum = 0
    for (let index = 0; index < levels; index += 1) sum += this.#lots[index]!
    return sum
  }

  clear(): void {
    this.#count = 0
  }

  /** The first level that is not better than `key`. */
  #indexOf(key: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#keys[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }

  #insert(index: number, key: number, lots: number): void {
    const end = Math.min(this.#count, sideLevelsMax - 1)
    this.#keys.copyWithin(index + 1, index, end)
    this.#lots.copyWithin(index + 1, index, end)
    this.#keys[index] = key
    this.#lots[index] = lots
    this.#count = end + 1
  }

  #remove(index: number, count: number): void {
    this.#keys.copyWithin(index, index + count, this.#count)
    this.#lots.copyWithin(index, index + count, this.#count)
    this.#count -= count
  }
}
