/**
 * The order of the merge: a binary heap of sources by (time of the next row, rank). The rank is the source's place among
 * the files (kind, symbol, name), so that equal times have one order whatever the order of the arguments. One thread.
 */
export class MergeHeap {
  /** Ranks, heap-ordered. */
  readonly #ranks: Int32Array
  /** Time of the next row, by rank. */
  readonly #heads: Float64Array
  #size = 0

  constructor(sourceCount: number) {
    this.#ranks = new Int32Array(sourceCount)
    this.#heads = new Float64Array(sourceCount)
  }

  /** The rank whose next row comes first; −1 when no source is left. */
  get top(): number {
    return this.#size === 0 ? -1 : this.#ranks[0]!
  }

  /** The rank that comes second; −1 when there is none. Until its head the top may be read without asking again. */
  get runnerUp(): number {
    if (this.#size < 2) return -1
    const left = this.#ranks[1]!
    if (this.#size === 2) return left
    const right = this.#ranks[2]!
    return this.#isBefore(right, left) ? right : left
  }

  headOf(rank: number): number {
    return this.#heads[rank]!
  }

  push(rank: number, head: number): void {
    this.#heads[rank] = head
    let index = this.#size
    this.#size += 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#isBefore(rank, this.#ranks[parent]!)) break
      this.#ranks[index] = this.#ranks[parent]!
      index = parent
    }
    this.#ranks[index] = rank
  }

  /** The top's next row has another time now. */
  replaceTop(head: number): void {
    const rank = this.#ranks[0]!
    this.#heads[rank] = head
    this.#sink(rank)
  }

  /** The top has no row left. */
  popTop(): void {
    this.#size -= 1
    if (this.#size > 0) this.#sink(this.#ranks[this.#size]!)
  }

  #sink(rank: number): void {
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#isBefore(this.#ranks[child + 1]!, this.#ranks[child]!)) child += 1
      if (!this.#isBefore(this.#ranks[child]!, rank)) break
      this.#ranks[index] = this.#ranks[child]!
      index = child
    }
    this.#ranks[index] = rank
  }

  #isBefore(a: number, b: number): boolean {
    const headA = this.#heads[a]!
    const headB = this.#heads[b]!
    return headA < headB || (headA === headB && a < b)
  }
}
