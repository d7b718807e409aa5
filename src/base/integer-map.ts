/**
 * Values by integers, for what comes and goes all the time. V8 makes a `Map`'s table anew where it shrinks, and where places of deleted entries
 * fill it: at each entry for one that has few. A table that it left behind lives until a full collection once one of them has grown old,
 * with all that was in it, and each small collection copies that. This map keeps its memory: it allocates only to grow, and where most of what
 * was much has gone.
 *
 * Open addressing with linear probing, at most half full; a deletion closes its gap. In no order that anything may rest on. One thread.
 *
 * Source: Knuth, The Art of Computer Programming 3, 6.4, algorithms L and R.
 */

/** No key: its place is free. */
const free = -1
const placesMin = 16
/** So many are kept, however few are used: what comes and goes within them allocates nothing. */
const keptPlaces = 512

export class IntegerMap<Value> {
  #keys = new Float64Array(placesMin).fill(free)
  #values: (Value | undefined)[] = new Array(placesMin).fill(undefined)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** @param key - An integer, 0 … 2^53 − 1, as everywhere here. */
  get(key: number): Value | undefined {
    return this.#values[this.#placeOf(key)]
  }

  has(key: number): boolean {
    return this.#keys[this.#placeOf(key)] === key
  }

  set(key: number, value: Value): void {
    let place = this.#placeOf(key)
    if (this.#keys[place] !== key) {
      if (2 * (this.#size + 1) > this.#keys.length) {
        this.#resize(2 * this.#keys.length)
        place = this.#placeOf(key)
      }
      this.#keys[place] = key
      this.#size += 1
    }
    this.#values[place] = value
  }

  /** @returns False: it was not there. */
  delete(key: number): boolean {
    const keys = this.#keys
    const values = this.#values
    const mask = keys.length - 1
    let gap = this.#placeOf(key)
    if (keys[gap] !== key) return false
    for (let at = (gap + 1) & mask; keys[at] !== free; at = (at + 1) & mask) {
      // What is between its own place and this one, with the gap in between, is looked for across the gap: it moves into it.
      if (((at - homeOf(keys[at]!, mask)) & mask) < ((at - gap) & mask)) continue
      keys[gap] = keys[at]!
      values[gap] = values[at]
      gap = at
    }
    keys[gap] = free
    values[gap] = undefined
    this.#size -= 1
    if (keys.length > keptPlaces && 16 * this.#size < keys.length) this.#resize(keys.length / 4)
    return true
  }

  clear(): void {
    if (this.#size === 0) return
    this.#keys.fill(free)
    this.#values.fill(undefined)
    this.#size = 0
  }

  /** Shows each to `see`, which must not change the map. */
  visit(see: (value: Value, key: number) => void): void {
    for (let place = 0; place < this.#keys.length; place += 1) {
      const key = this.#keys[place]!
      if (key !== free) see(this.#values[place]!, key)
    }
  }

  /** Those that are there now. */
  keys(): number[] {
    const keys: number[] = []
    for (let place = 0; place < this.#keys.length; place += 1) {
      if (this.#keys[place] !== free) keys.push(this.#keys[place]!)
    }
    return keys
  }

  /** Where the key is, or would be put. */
  #placeOf(key: number): number {
    const keys = this.#keys
    const mask = keys.length - 1
    let place = homeOf(key, mask)
    while (keys[place] !== key && keys[place] !== free) place = (place + 1) & mask
    return place
  }

  #resize(places: number): void {
    const [keys, values] = [this.#keys, this.#values]
    this.#keys = new Float64Array(places).fill(free)
    this.#values = new Array(places).fill(undefined)
    for (let from = 0; from < keys.length; from += 1) {
      if (keys[from] === free) continue
      const place = this.#placeOf(keys[from]!)
      this.#keys[place] = keys[from]!
      this.#values[place] = values[from]
    }
  }
}

/** All 53 bits take part: handles differ in their highest and lowest ones. */
function homeOf(key: number, mask: number): number {
  const high = Math.floor(key * 2 ** -32) | 0
  const mixed = Math.imul((key | 0) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) & mask
}
