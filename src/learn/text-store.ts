/**
 * Texts by number, kept as their bytes: a text of n bytes costs n + 4. {@link TextIndex} finds a text's number again. Texts
 * are UTF-8, at most {@link textBytesMax} bytes. One thread.
 */
import { IntColumn } from './columns.ts'

export const textBytesMax = 255

const blockBytes = 1 << 20
const hashSeed = 0x811c9dc5
const hashPrime = 0x01000193

/** Texts in the order in which they came, none of them looked for. */
export class TextStore {
  readonly #blocks: Buffer[] = []
  /** Where each begins: its length stands before it. Wraps at 4 GiB, which the row count never reaches. */
  readonly #starts = new IntColumn()
  #end = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Takes `bytes[start … end − 1]`. @returns Its number: 0 for the first. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const size = end - start
    if ((this.#end & (blockBytes - 1)) + size + 1 > blockBytes) this.#end = (this.#end | (blockBytes - 1)) + 1
    let block = this.#blocks[this.#end >>> 20]
    if (block === undefined) block = this.#blocks[this.#end >>> 20] = Buffer.allocUnsafeSlow(blockBytes)
    let at = this.#end & (blockBytes - 1)
    block[at++] = size
    for (let from = start; from < end; from++) block[at++] = bytes[from]!
    this.#starts.set(this.#count, this.#end)
    this.#end += size + 1
    return this.#count++
  }

  /** Forgets the texts from `count` on. */
  truncate(count: number): void {
    if (count >= this.#count) return
    this.#end = this.#starts.get(count) >>> 0
    this.#count = count
  }

  text(number: number): string {
    const start = this.#starts.get(number) >>> 0
    const at = start & (blockBytes - 1)
    const block = this.#blocks[start >>> 20]!
    return block.toString('utf8', at + 1, at + 1 + block[at]!)
  }

  /** Negative when text `one` comes before text `other` in byte order (ERRATA E10). */
  compare(one: number, other: number): number {
    const [left, right] = [this.#starts.get(one) >>> 0, this.#starts.get(other) >>> 0]
    const [leftBlock, rightBlock] = [this.#blocks[left >>> 20]!, this.#blocks[right >>> 20]!]
    const [leftAt, rightAt] = [left & (blockBytes - 1), right & (blockBytes - 1)]
    return leftBlock.compare(
      rightBlock,
      rightAt + 1,
      rightAt + 1 + rightBlock[rightAt]!,
      leftAt + 1,
      leftAt + 1 + leftBlock[leftAt]!,
    )
  }

  /** The same for equal texts; 32 bits. */
  hash(number: number): number {
    const start = this.#starts.get(number) >>> 0
    const at = start & (blockBytes - 1)
    const block = this.#blocks[start >>> 20]!
    return hashOf(block, at + 1, at + 1 + block[at]!)
  }

  isSame(number: number, bytes: Uint8Array, from: number, end: number): boolean {
    const start = this.#starts.get(number) >>> 0
    const block = this.#blocks[start >>> 20]!
    let at = start & (blockBytes - 1)
    if (block[at++] !== end - from) return false
    for (let other = from; other < end; other++) if (block[at++] !== bytes[other]) return false
    return true
  }
}

/** Each text once: open addressing over the texts' hashes, at most half full. */
export class TextIndex {
  readonly #texts = new TextStore()
  /** Number + 1; 0: free. */
  #slots = new Int32Array(1024)

  get count(): number {
    return this.#texts.count
  }

  /** The number of `bytes[start … end − 1]`, which is that of its first time; new ones are numbered on. */
  numberOf(bytes: Uint8Array, start: number, end: number): number {
    const slot = this.#slotOf(bytes, start, end)
    const found = this.#slots[slot]!
    if (found !== 0) return found - 1
    const number = this.#texts.add(bytes, start, end)
    this.#slots[slot] = number + 1
    if (number * 2 >= this.#slots.length) this.#grow()
    return number
  }

  /** The number of a text that is there, or −1. */
  find(text: string): number {
    const bytes = Buffer.from(text)
    return bytes.length > textBytesMax ? -1 : this.#slots[this.#slotOf(bytes, 0, bytes.length)]! - 1
  }

  text(number: number): string {
    return this.#texts.text(number)
  }

  /** Where the text is, or the free place where it would be. */
  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = hashOf(bytes, start, end) & mask
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (this.#texts.isSame(found - 1, bytes, start, end)) break
      slot = (slot + 1) & mask
    }
    return slot
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    this.#slots = slots
    for (let number = 0; number < this.count; number++) {
      const bytes = Buffer.from(this.text(number))
      slots[this.#slotOf(bytes, 0, bytes.length)] = number + 1
    }
  }
}

/** FNV-1a, its low bits mixed once more. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = hashSeed
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, hashPrime)
  return hash ^ (hash >>> 15)
}
