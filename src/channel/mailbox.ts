/**
 * Mailboxes: a channel that conflates. A key has three boxes: the sender writes into its own, the receiver reads its own, and the
 * third lies between them. Sending exchanges the sender's box for the one between, receiving the receiver's. Nobody ever waits, and
 * nobody ever touches a box that the other may look at: a record is whole without being validated.
 *
 * A key's word says whose each box is and whether the one between is fresh; it changes by one compare-and-swap, so whoever dies leaves
 * it right, and the next one finds its box there. A second word of bits tells the receiver which keys to look at.
 *
 * **Ordering** (sequentially consistent in JavaScript; acquire and release are needed):
 *   (B1) the sender's compare-and-swap of the key's word, after the record; synchronizes-with (B2): the record is whole.
 *   (B2) the receiver's, before it reads; after its last reads of the box that it gives back; synchronizes-with (B1) of the
 *        sender that gets that box, so nothing is written under the reads.
 *   (B3) the key's bit is set after (B1) and cleared before (B2): a bit may be set for nothing, but none is missing for long.
 *   (B4) the lane's HEAD counts sends, after (B3): who sees it move finds the bit.
 *
 * CHAN-4  The receiver gets of each key the newest record that was sent before it looked, and each at most once.
 *
 * Progress: wait-free on both sides. A compare-and-swap of the sender fails only if the receiver took what was fresh, which it can do
 * once a send; one of the receiver only if the sender sent, and then it takes the newer one at the next try or leaves it for the next
 * batch.
 */
import { type ChannelMemory, keyWordsAt, laneWord, laneWordAt } from './channel-memory.ts'

// A key's word: the sender's box, the one between, the receiver's (two bits each), and whether the one between is fresh.
const betweenShift = 2
const receiverShift = 4
const freshBit = 1 << 6
const boxMask = 3
const boxes = 3

/** Every key: box 0 is the sender's, box 1 lies between, box 2 is the receiver's; nothing is fresh. */
export function initialiseKeys({ words, options }: ChannelMemory): void {
  const at = keyWordsAt(options)
  words.fill((1 << betweenShift) | (2 << receiverShift), at, at + options.keys)
}

/** The sending side. One thread. */
export class MailboxWriter {
  readonly #words: Int32Array
  readonly #keysAt: number
  readonly #bitsAt: number
  readonly #headAt: number
  readonly #stride: number
  #head: number

  constructor({ words, options, stride }: ChannelMemory) {
    this.#words = words
    this.#keysAt = keyWordsAt(options)
    this.#bitsAt = this.#keysAt + options.keys
    this.#headAt = laneWordAt(0, laneWord.head)
    this.#stride = stride
    this.#head = Atomics.load(words, this.#headAt)
  }

  /** Where the next record of `key` is written, in the payload. */
  at(key: number): number {
    const box = Atomics.load(this.#words, this.#keysAt + key) & boxMask
    return (key * boxes + box) * this.#stride
  }

  /** Sends what was written at {@link at}. @returns True if it took the place of one that nobody had received. */
  publish(key: number): boolean {
    const at = this.#keysAt + key
    let word = Atomics.load(this.#words, at)
    for (;;) {
      const between = (word >> betweenShift) & boxMask
      const next = between | ((word & boxMask) << betweenShift) | (word & (boxMask << receiverShift)) | freshBit
      const found = Atomics.compareExchange(this.#words, at, word, next) // (B1)
      if (found === word) break
      word = found
    }
    Atomics.or(this.#words, this.#bitsAt + (key >> 5), 1 << (key & 31)) // (B3)
    this.#head = (this.#head + 1) | 0
    Atomics.store(this.#words, this.#headAt, this.#head) // (B4)
    return (word & freshBit) !== 0
  }
}

/** The receiving side. One thread. */
export class MailboxReader {
  readonly #words: Int32Array
  readonly #keysAt: number
  readonly #bitsAt: number
  readonly #bitWords: number
  readonly #headAt: number
  readonly #stride: number
  /** Bits that were cleared over there and not looked at yet. */
  readonly #bits: Int32Array
  #headSeen: number
  /** Where the search for the next key goes on: from the word after the last, so that none is always last. */
  #next = 0

  constructor({ words, options, stride }: ChannelMemory) {
    this.#words = words
    this.#keysAt = keyWordsAt(options)
    this.#bitWords = Math.ceil(options.keys / 32)
    this.#bitsAt = this.#keysAt + options.keys
    this.#headAt = laneWordAt(0, laneWord.head)
    this.#stride = stride
    this.#bits = new Int32Array(this.#bitWords)
    // A receiver before this one may have cleared bits and not looked.
    for (let key = 0; key < options.keys; key += 1) this.#bits[key >> 5]! |= 1 << (key & 31)
    this.#headSeen = (Atomics.load(words, this.#headAt) - 1) | 0
  }

  /** True if something may be there. Moves nothing. */
  hasNews(): boolean {
    if (Atomics.load(this.#words, this.#headAt) !== this.#headSeen) return true
    return this.#bits.some((bits) => bits !== 0)
  }

  /**
   * The next key that has a fresh record, in the order of the keys, round and round.
   * @returns Where its record lies in the payload, until the next call; −1: there is none.
   */
  take(): number {
    for (let round = 0; round < 2; round += 1) {
      for (let step = 0; step <= this.#bitWords; step += 1) {
        while (this.#bits[this.#next] !== 0) {
          const at = this.#takeFrom(this.#next)
          if (at >= 0) return at
        }
        this.#next = this.#next + 1 < this.#bitWords ? this.#next + 1 : 0
      }
      if (round === 1 || !this.#collect()) return -1
    }
    return -1
  }

  /** Brings the bits over. @returns False: nothing was sent since. */
  #collect(): boolean {
    const head = Atomics.load(this.#words, this.#headAt)
    if (head === this.#headSeen) return false
    this.#headSeen = head
    for (let word = 0; word < this.#bitWords; word += 1) {
      this.#bits[word]! |= Atomics.exchange(this.#words, this.#bitsAt + word, 0)
    }
    return true
  }

  #takeFrom(bitWord: number): number {
    const bits = this.#bits[bitWord]!
    const bit = 31 - Math.clz32(bits & -bits)
    this.#bits[bitWord] = bits & (bits - 1)
    const key = bitWord * 32 + bit
    const at = this.#keysAt + key
    let word = Atomics.load(this.#words, at)
    while ((word & freshBit) !== 0) {
      const between = (word >> betweenShift) & boxMask
      const receivers = (word >> receiverShift) & boxMask
      const next = (word & boxMask) | (receivers << betweenShift) | (between << receiverShift)
      const found = Atomics.compareExchange(this.#words, at, word, next) // (B2)
      if (found === word) return (key * boxes + between) * this.#stride
      word = found
    }
    return -1
  }
}
