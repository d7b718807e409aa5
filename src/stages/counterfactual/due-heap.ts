/** What falls due next, of many: a binary heap by time, ties in the order of pushing. One thread. */

export class DueHeap<Item> {
  readonly #items: Item[] = []
  readonly #dueNs: number[] = []
  readonly #order: number[] = []
  #pushed = 0

  /** When the first falls due; Infinity: there is none. */
  get firstNs(): number {
    return this.#dueNs[0] ?? Number.POSITIVE_INFINITY
  }

  get size(): number {
    return this.#items.length
  }

  push(item: Item, dueNs: number): void {
    let at = this.#items.length
    this.#place(at, item, dueNs, this.#pushed)
    this.#pushed += 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  /** Takes the first one out. @returns undefined: there is none. */
  pop(): Item | undefined {
    const first = this.#items[0]
    const last = this.#items.length - 1
    if (last < 0) return undefined
    this.#swap(0, last)
    this.#items.pop()
    this.#dueNs.pop()
    this.#order.pop()
    this.#sink()
    return first
  }

  #sink(): void {
    for (let at = 0; ; ) {
      let least = at
      for (let child = 2 * at + 1; child <= 2 * at + 2; child += 1) {
        if (child < this.#items.length && this.#isBefore(child, least)) least = child
      }
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #isBefore(one: number, other: number): boolean {
    const difference = this.#dueNs[one]! - this.#dueNs[other]!
    return difference < 0 || (difference === 0 && this.#order[one]! < this.#order[other]!)
  }

  #swap(one: number, other: number): void {
    const [item, dueNs, order] = [this.#items[one]!, this.#dueNs[one]!, this.#order[one]!]
    this.#place(one, this.#items[other]!, this.#dueNs[other]!, this.#order[other]!)
    this.#place(other, item, dueNs, order)
  }

  #place(at: number, item: Item, dueNs: number, order: number): void {
    this.#items[at] = item
    this.#dueNs[at] = dueNs
    this.#order[at] = order
  }
}
