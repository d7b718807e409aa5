/**
 * The event table's index by id: the algorithm and labels of native/sync/id_index.hpp, where the rule behind REG-1 stands.
 * Link words use all 64 bits and stay bigints. Used by the event table alone.
 */
import { SignalboxError } from '../../../base/errors.ts'
import { layout } from '../../layout.ts'
import { type EventEntries, generationOf, hashOf, idSizeOf, isFilled, noEntry } from './event-entry.ts'
import { idHalves } from './event-id.ts'
import type { SharedWords } from './words.ts'

/** The walk left its chain. If it counts all the same, which is what {@link IdIndex.find} then says, the bytes are spoilt. */
export const derailed = -2

/** What a call throws that met a chain which breaks REG-1 and which no race can have made: see id_index.hpp, "Spoilt bytes". */
export function spoiltChain(): SignalboxError {
  return new SignalboxError(
    'ERR_INVARIANT',
    "REG-1: the region's bytes are spoilt: an id's chain leads to no entry or in a circle",
  )
}

const markBit = 1n << BigInt(layout.linkMarkShift)
const tagOne = 1n << BigInt(layout.linkTagShift)
const tagMask = BigInt.asUintN(64, -tagOne)
const indexMask = (1n << BigInt(layout.linkIndexBits)) - 1n
const nextTag = (link: bigint, index: bigint): bigint => BigInt.asUintN(64, (link & tagMask) + tagOne) | index

export class IdIndex {
  /** The bucket as it was when the last {@link find} began. */
  head = 0n
  /** State of the entry that the last {@link find} returned. */
  foundState = 0
  readonly #shared: SharedWords
  readonly #control: BigUint64Array<SharedArrayBuffer>
  readonly #bucketsAt: number
  readonly #bucketMask: number
  readonly #entries: EventEntries

  /** `buckets`: a power of two, from word `bucketsAt`. */
  constructor(shared: SharedWords, bucketsAt: number, buckets: number, entries: EventEntries) {
    this.#shared = shared
    this.#control = shared.control
    this.#bucketsAt = bucketsAt
    this.#bucketMask = buckets - 1
    this.#entries = entries
  }

  /** The word of the bucket of `hash`. */
  bucketOf(hash: number): number {
    return this.#bucketsAt + (hash & this.#bucketMask)
  }

  /**
   * Walks the chain of `bucket` for a filled entry of the encoded id (event-id.ts). Returns its index, {@link noEntry} or
   * {@link derailed}: spoilt; leaves `head` and `foundState`.
   */
  find(bucket: number, hash: number, size: number): number {
    for (;;) {
      const found = this.#walk(bucket, hash, size)
      if (found !== derailed || this.counts(bucket)) return found
    }
  }

  #walk(bucket: number, hash: number, size: number): number {
    const entries = this.#entries
    const capacity = entries.capacity
    this.head = Atomics.load(this.#control, bucket) // (G1)
    let at = Number(this.head & indexMask)
    for (let steps = 0; steps <= capacity; steps += 1) {
      if (at === 0) return noEntry
      if (at > capacity) return derailed
      const index = at - 1
      // An acquire, with (G9): who steps onto a reused link sees the raised tag in `counts`.
      const next = Atomics.load(this.#control, entries.at(index) + layout.entryNext)
      const state = entries.stateOf(index)
      if (isFilled(state) && this.#isId(index, hash, size)) {
        const again = entries.stateOf(index)
        this.foundState = again
        if (isFilled(again) && generationOf(again) === generationOf(state)) return index
      }
      at = Number(next & indexMask)
    }
    return derailed
  }

  /** True if what the last walk of `bucket` found counts: nothing joined or left the chain since it began. */
  counts(bucket: number): boolean {
    return Atomics.load(this.#control, bucket) === this.head
  }

  /** Links the filled entry `index` in front of what the last walk of `bucket` saw; false if the walk does not count. */
  tryInsert(bucket: number, index: number): boolean {
    const head = this.head
    const nextAt = this.#entries.at(index) + layout.entryNext
    const next = Atomics.load(this.#control, nextAt)
    Atomics.store(this.#control, nextAt, nextTag(next, head & indexMask)) // (G9)
    const linked = nextTag(head, BigInt(index + 1))
    return Atomics.compareExchange(this.#control, bucket, head, linked) === head // (G4)
  }

  /**
   * Takes the retired entry `index`, whose id's hash is `hash`, out of its chain. Each step may be repeated after a death. False if the
   * chain is spoilt: then the entry may be linked still.
   */
  remove(index: number, hash: number): boolean {
    Atomics.or(this.#control, this.#entries.at(index) + layout.entryNext, markBit) // (T2)
    const bucket = this.bucketOf(hash)
    let chain = this.#unlink(bucket)
    while (chain === 'changed') chain = this.#unlink(bucket)
    if (chain === 'spoilt') return false
    Atomics.add(this.#control, bucket, tagOne) // (T4)
    return true
  }

  /** Whether the entry `wanted`, whose id's hash is `hash`, is in its chain; unknown: the chain is spoilt. */
  placeOf(wanted: number, hash: number): 'linked' | 'notLinked' | 'unknown' {
    const capacity = this.#entries.capacity
    const bucket = this.bucketOf(hash)
    for (;;) {
      const head = Atomics.load(this.#control, bucket)
      let at = Number(head & indexMask)
      let steps = 0
      while (at !== 0 && at <= capacity && at - 1 !== wanted && steps <= capacity) {
        at = Number(Atomics.load(this.#control, this.#entries.at(at - 1) + layout.entryNext) & indexMask)
        steps += 1
      }
      if (Atomics.load(this.#control, bucket) !== head) continue
      if (at > capacity || steps > capacity) return 'unknown'
      return at === 0 ? 'notLinked' : 'linked'
    }
  }

  #isId(index: number, hash: number, size: number): boolean {
    const meta = this.#entries.metaOf(index)
    if (hashOf(meta) !== hash || idSizeOf(meta) !== size) return false
    const idAt = (this.#entries.at(index) + layout.entryId) * 2
    for (let half = 0; half * 4 < size; half += 1) {
      if (Atomics.load(this.#shared.halves, idAt + half) !== idHalves[half]) return false
    }
    return true
  }

  /** One walk that unlinks every marked entry it meets: see `unlink` in the C++ index. */
  #unlink(bucket: number): 'clean' | 'changed' | 'spoilt' {
    const capacity = this.#entries.capacity
    let head = Atomics.load(this.#control, bucket)
    let beforeAt = bucket
    let beforeWord = head
    let at = Number(head & indexMask)
    let isDerailed = false
    for (let steps = 0; at !== 0; steps += 1) {
      isDerailed = at > capacity || steps > capacity
      if (isDerailed) break
      const nextAt = this.#entries.at(at - 1) + layout.entryNext
      const next = Atomics.load(this.#control, nextAt)
      if ((next & markBit) !== 0n) {
        const shortened = nextTag(beforeWord, next & indexMask)
        if (Atomics.compareExchange(this.#control, beforeAt, beforeWord, shortened) !== beforeWord) return 'changed' // (T3)
        beforeWord = shortened
        if (beforeAt === bucket) head = shortened
      } else {
        beforeAt = nextAt
        beforeWord = next
      }
      at = Number(next & indexMask)
    }
    if (Atomics.load(this.#control, bucket) !== head) return 'changed'
    return isDerailed ? 'spoilt' : 'clean'
  }
}
