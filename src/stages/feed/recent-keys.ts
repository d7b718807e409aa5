/** Which of the last rows were seen before, by what identifies them. Bounded: a ring of keys and the set of what is in it. One thread. */
export class RecentKeys<Key extends string | number> {
  readonly #size: number
  readonly #ring: Key[] = []
  readonly #seen = new Set<Key>()
  #next = 0

  /** @param size - How many keys are remembered. */
  constructor(size: number) {
    this.#size = size
  }

  /** How many keys are remembered; at most the window's size. */
  get count(): number {
    return this.#seen.size
  }

  /** Remembers `key` and forgets the oldest beyond the window. Returns false, and changes nothing, if it is in the window already. */
  add(key: Key): boolean {
    if (this.#seen.has(key)) return false
    if (this.#seen.size === this.#size) this.#seen.delete(this.#ring[this.#next]!)
    this.#ring[this.#next] = key
    this.#seen.add(key)
    this.#next = (this.#next + 1) % this.#size
    return true
  }
}
