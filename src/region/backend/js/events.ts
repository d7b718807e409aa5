/**
 * The event table in TypeScript: the algorithm, invariants and labels of native/sync/event_table.hpp, where the ordering
 * argument stands. State words fit 52 bits and are handled as numbers; link words use all 64 and stay bigints.
 */
import {
  bitmapWords,
  entryWords,
  eventBucketsOffset,
  eventEntriesOffset,
  eventLiveOffset,
  eventStatus,
  handleIndexCount,
  layout,
  page,
} from '../../layout.ts'
import { encodeId, hashId, idBytes, idHalves } from './event-id.ts'
import { loadWords, type SharedWords, storeWords } from './words.ts'

const none = -1
const derailed = -2
const markBit = 1n << BigInt(layout.linkMarkShift)
const tagOne = 1n << BigInt(layout.linkTagShift)
const tagMask = BigInt.asUintN(64, -tagOne)
const indexMask = (1n << BigInt(layout.linkIndexBits)) - 1n
const generationUnit = 2 ** layout.stateGenerationShift
const generationCount = 2 ** layout.stateGenerationBits

const phaseOf = (state: number): number => ((state >>> 0) >>> layout.statePhaseShift) & 15
const ownerOf = (state: number): number => ((state >>> 0) >>> layout.stateOwnerShift) & 255
const lifecycleOf = (state: number): number => (state >>> 0) & 7
const isSpent = (state: number): boolean => (((state >>> 0) >>> layout.stateSpentShift) & 1) === 1
const isFilled = (state: number): boolean =>
  phaseOf(state) === layout.phaseLive || phaseOf(state) === layout.phasePending
const generationOf = (state: number): number => Math.floor(state / generationUnit)
const stateWord = (generation: number, phase: number, owner: number): number =>
  generation * generationUnit + owner * 2 ** layout.stateOwnerShift + phase * 2 ** layout.statePhaseShift
const nextTag = (link: bigint, index: bigint): bigint => BigInt.asUintN(64, (link & tagMask) + tagOne) | index

export interface EventTableGeometry {
  readonly base: number
  readonly capacity: number
  readonly types: number
  readonly buckets: number
  readonly recordWords: number
  readonly transitions: bigint
  readonly actionable: bigint
}

export class JsEventTable {
  readonly #shared: SharedWords
  readonly #control: BigUint64Array<SharedArrayBuffer>
  readonly #page: Float64Array<SharedArrayBuffer>
  readonly #pageHalves: Int32Array<SharedArrayBuffer>
  readonly #geometry: EventTableGeometry
  readonly #owner: number
  readonly #liveAt: number
  readonly #bucketsAt: number
  readonly #entriesAt: number
  readonly #entryWords: number
  /** State of the entry that the last `#find` returned. */
  #foundState = 0

  constructor(
    shared: SharedWords,
    geometry: EventTableGeometry,
    callPage: Float64Array<SharedArrayBuffer>,
    owner: number,
  ) {
    const { base, capacity, types, buckets, recordWords } = geometry
    this.#shared = shared
    this.#control = shared.control
    this.#page = callPage
    this.#pageHalves = new Int32Array(callPage.buffer, callPage.byteOffset, callPage.length * 2)
    this.#geometry = geometry
    this.#owner = owner
    this.#liveAt = base + eventLiveOffset(capacity)
    this.#bucketsAt = base + eventBucketsOffset(capacity, types)
    this.#entriesAt = base + eventEntriesOffset(capacity, types, buckets)
    this.#entryWords = entryWords(recordWords)
  }

  register(id: string): void {
    const callPage = this.#page
    const size = encodeId(id)
    if (size === 0) {
      callPage[page.status] = eventStatus.badId
      return
    }
    const hash = hashId(idBytes, size)
    const type = callPage[page.type]!
    const bucket = this.#bucketOf(hash)
    let mine = none
    let pending = 0
    for (;;) {
      const head = Atomics.load(this.#control, bucket) // (G1)
      const found = this.#find(head, hash, size)
      if (found === derailed) continue
      if (found !== none) {
        const state = this.#foundState
        if (Atomics.load(this.#control, bucket) !== head || !this.#makeLive(found, state)) continue
        if (mine !== none) this.#abandon(mine)
        callPage[page.handle] = generationOf(state) * handleIndexCount + found
        callPage[page.status] = eventStatus.exists
        return
      }
      if (mine === none) {
        mine = this.#claim()
        if (mine === none) {
          if (Atomics.load(this.#control, bucket) !== head) continue
          callPage[page.status] = eventStatus.full
          return
        }
        pending = this.#fill(mine, hash, size, type, callPage[page.symbol]!)
        Atomics.or(this.#control, this.#liveBitAt(type, mine), bitOf(mine)) // (G5)
      }
      const nextAt = this.#entryAt(mine) + layout.entryNext
      const next = Atomics.load(this.#control, nextAt)
      Atomics.store(this.#control, nextAt, nextTag(next, head & indexMask))
      const linked = nextTag(head, BigInt(mine + 1))
      if (Atomics.compareExchange(this.#control, bucket, head, linked) === head) {
        // (G4)
        this.#makeLive(mine, pending)
        callPage[page.handle] = generationOf(pending) * handleIndexCount + mine
        callPage[page.status] = eventStatus.ok
        return
      }
    }
  }

  get(): void {
    const handle = this.#page[page.handle]!
    const index = handle % handleIndexCount
    const whole =
      index < this.#geometry.capacity && this.#copy(index, Math.floor(handle / handleIndexCount), page.record)
    this.#page[page.status] = whole ? eventStatus.ok : eventStatus.gone
  }

  getById(id: string): void {
    const size = encodeId(id)
    if (size === 0) {
      this.#page[page.status] = eventStatus.badId
      return
    }
    const hash = hashId(idBytes, size)
    const bucket = this.#bucketOf(hash)
    for (;;) {
      const head = Atomics.load(this.#control, bucket)
      const found = this.#find(head, hash, size)
      if (found === derailed) continue
      const state = this.#foundState
      if (found !== none && (Atomics.load(this.#control, bucket) !== head || !this.#makeLive(found, state))) continue
      const whole = found !== none && this.#copy(found, generationOf(state), page.record)
      if (Atomics.load(this.#control, bucket) !== head) continue
      this.#page[page.status] = whole ? eventStatus.ok : eventStatus.gone
      return
    }
  }

  idOf(): void {
    const handle = this.#page[page.handle]!
    const index = handle % handleIndexCount
    this.#page[page.idBytes] = 0
    if (index >= this.#geometry.capacity || !this.#isLive(this.#stateOf(index), handle)) return
    const entry = this.#entryAt(index)
    const meta = Atomics.load(this.#control, entry + layout.entryMeta)
    loadWords(this.#pageHalves, page.id, this.#shared, entry + layout.entryId, layout.idWords)
    if (this.#isLive(this.#stateOf(index), handle)) {
      this.#page[page.idBytes] = Number(meta >> BigInt(layout.metaIdBytesShift))
    }
  }

  transition(): void {
    const handle = this.#page[page.handle]!
    const to = this.#page[page.to]! & 7
    this.#page[page.lifecycle] = 0
    this.#page[page.status] = this.#change(handle, (state) => {
      this.#page[page.lifecycle] = lifecycleOf(state)
      const allowed = (this.#geometry.transitions >> BigInt(lifecycleOf(state) * 8 + to)) & 1n
      return allowed === 1n ? state - lifecycleOf(state) + to : null
    })
  }

  /** See `spend` in the C++ table; called by the ledger. */
  spend(handle: number): void {
    this.#change(handle, (state) => (isSpent(state) ? state : state + 2 ** layout.stateSpentShift))
  }

  /** Type + 64 × symbol of the event if it may be reserved, otherwise −1. */
  mayReserve(handle: number): number {
    const index = handle % handleIndexCount
    if (index >= this.#geometry.capacity) return -1
    if (!this.#isLive(this.#stateOf(index), handle)) return -1
    const meta = Atomics.load(this.#control, this.#entryAt(index) + layout.entryMeta)
    const state = this.#stateOf(index)
    if (!this.#isLive(state, handle) || isSpent(state)) return -1
    if (((this.#geometry.actionable >> BigInt(lifecycleOf(state))) & 1n) === 0n) return -1
    return typeOf(meta) + symbolOf(meta) * layout.typesMax
  }

  retire(): void {
    const handle = this.#page[page.handle]!
    const status = this.#change(handle, (state) => stateWord(generationOf(state), layout.phaseRetired, this.#owner)) // (T1)
    if (status === eventStatus.ok) this.#dispose(handle % handleIndexCount)
    this.#page[page.status] = status
  }

  scan(): void {
    const { capacity, types, recordWords } = this.#geometry
    const callPage = this.#page
    const wanted = callPage[page.type]!
    const rowWords = 4 + recordWords
    let found = 0
    for (let word = 0; word < capacity / 64; word += 1) {
      // All types at once: an entry that is reused under another type meanwhile is looked at once only.
      let bits = 0n
      for (let type = Math.max(wanted, 0); type < (wanted < 0 ? types : wanted + 1); type += 1) {
        bits |= Atomics.load(this.#control, this.#liveBitAt(type, word * 64)) // (S1)
      }
      if (bits === 0n) continue
      const low = Number(bits & 0xffffffffn)
      const high = Number(bits >> 32n)
      for (let bit = 0; bit < 64; bit += 1) {
        if (((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) === 0) continue
        const row = page.rows + found * rowWords
        if (!this.#copy(word * 64 + bit, none, row + 4)) continue
        const type = callPage[page.type]!
        if (wanted >= 0 && type !== wanted) continue
        callPage[row] = callPage[page.handle]!
        callPage[row + 1] = callPage[page.lifecycle]!
        callPage[row + 2] = callPage[page.spent]!
        callPage[row + 3] = type + callPage[page.symbol]! * layout.typesMax
        found += 1
      }
    }
    callPage[page.count] = found
  }

  countLive(): void {
    let live = 0
    for (let index = 0; index < this.#geometry.capacity; index += 1) {
      if (phaseOf(this.#stateOf(index)) === layout.phaseLive) live += 1
    }
    this.#page[page.count] = live
  }

  /** Finishes what the dead participant `owner` left half done. See `recover` in the C++ table. */
  recover(owner: number): void {
    for (let index = 0; index < this.#geometry.capacity; index += 1) {
      const state = this.#stateOf(index)
      const phase = phaseOf(state)
      if (phase === layout.phaseFree) this.#hint(index)
      if (ownerOf(state) !== owner) continue
      if (phase === layout.phaseWriting) this.#abandon(index)
      if (phase === layout.phaseRetired) this.#dispose(index)
      if (phase !== layout.phasePending) continue
      if (this.#isLinked(index)) this.#makeLive(index, state)
      // Still pending: nobody found it while we looked, so it never was in a chain. Otherwise it lives a life of its own.
      else if (this.#swapState(index, state, stateWord(generationOf(state), layout.phaseWriting, owner))) {
        this.#abandon(index)
      }
    }
  }

  #entryAt(index: number): number {
    return this.#entriesAt + index * this.#entryWords
  }

  #bucketOf(hash: number): number {
    return this.#bucketsAt + (hash & (this.#geometry.buckets - 1))
  }

  #liveBitAt(type: number, index: number): number {
    return this.#liveAt + type * bitmapWords(this.#geometry.capacity) + Math.floor(index / 64)
  }

  #stateOf(index: number): number {
    return Number(Atomics.load(this.#control, this.#entryAt(index) + layout.entryState))
  }

  #swapState(index: number, from: number, to: number): boolean {
    const at = this.#entryAt(index) + layout.entryState
    return Atomics.compareExchange(this.#control, at, BigInt(from), BigInt(to)) === BigInt(from)
  }

  #isLive(state: number, handle: number): boolean {
    return phaseOf(state) === layout.phaseLive && generationOf(state) === Math.floor(handle / handleIndexCount)
  }

  /** Replaces the live state of `handle` by what `next` makes of it, until the CAS holds; null: an illegal transition. */
  #change(handle: number, next: (state: number) => number | null): number {
    const index = handle % handleIndexCount
    if (index >= this.#geometry.capacity) return eventStatus.gone
    for (;;) {
      const state = this.#stateOf(index)
      if (!this.#isLive(state, handle)) return eventStatus.gone
      const changed = next(state)
      if (changed === null) return eventStatus.illegal
      if (this.#swapState(index, state, changed)) return eventStatus.ok
    }
  }

  #find(head: bigint, hash: number, size: number): number {
    const capacity = this.#geometry.capacity
    let at = Number(head & indexMask)
    for (let steps = 0; steps <= capacity; steps += 1) {
      if (at === 0) return none
      if (at > capacity) return derailed
      const index = at - 1
      const next = Atomics.load(this.#control, this.#entryAt(index) + layout.entryNext)
      const state = this.#stateOf(index)
      if (isFilled(state) && this.#isId(index, hash, size)) {
        const again = this.#stateOf(index)
        this.#foundState = again
        if (isFilled(again) && generationOf(again) === generationOf(state)) return index
      }
      at = Number(next & indexMask)
    }
    return derailed
  }

  #isId(index: number, hash: number, size: number): boolean {
    const entry = this.#entryAt(index)
    const meta = Atomics.load(this.#control, entry + layout.entryMeta)
    if (Number(meta & 0xffffffffn) !== hash || Number(meta >> BigInt(layout.metaIdBytesShift)) !== size) return false
    for (let half = 0; half * 4 < size; half += 1) {
      if (Atomics.load(this.#shared.halves, (entry + layout.entryId) * 2 + half) !== idHalves[half]) return false
    }
    return true
  }

  /** Copies the record to word `to` of the page and the rest into the control words; false if not live (any more). */
  #copy(index: number, generation: number, to: number): boolean {
    const entry = this.#entryAt(index)
    const before = this.#stateOf(index) // (V1)
    if (phaseOf(before) !== layout.phaseLive) return false
    if (generation !== none && generationOf(before) !== generation) return false
    const meta = Atomics.load(this.#control, entry + layout.entryMeta)
    loadWords(this.#pageHalves, to, this.#shared, entry + layout.entryRecord, this.#geometry.recordWords)
    const after = this.#stateOf(index) // (V2), (V3)
    if (phaseOf(after) !== layout.phaseLive || generationOf(after) !== generationOf(before)) return false
    const callPage = this.#page
    callPage[page.handle] = generationOf(after) * handleIndexCount + index
    callPage[page.lifecycle] = lifecycleOf(after)
    callPage[page.spent] = isSpent(after) ? 1 : 0
    callPage[page.type] = typeOf(meta)
    callPage[page.symbol] = symbolOf(meta)
    return true
  }

  #claim(): number {
    const base = this.#geometry.base
    for (let word = 0; word < this.#geometry.capacity / 64; word += 1) {
      let hints = Atomics.load(this.#control, base + word)
      while (hints !== 0n) {
        const bit = lowestBit(hints)
        const mask = 1n << BigInt(bit)
        hints = Atomics.and(this.#control, base + word, ~mask)
        const index = word * 64 + bit
        const state = this.#stateOf(index)
        if ((hints & mask) !== 0n && phaseOf(state) === layout.phaseFree) {
          const generation = (generationOf(state) + 1) % generationCount
          if (this.#swapState(index, state, stateWord(generation, layout.phaseWriting, this.#owner))) return index // (G7)
        }
        hints &= ~mask
      }
    }
    return none
  }

  /** Makes an entry that is certainly linked live, if `seen` says that it is not yet; false if it was retired since. */
  #makeLive(index: number, seen: number): boolean {
    if (phaseOf(seen) === layout.phaseLive) return true
    const live = stateWord(generationOf(seen), layout.phaseLive, ownerOf(seen))
    if (this.#swapState(index, seen, live)) return true // (G8)
    return this.#isLive(this.#stateOf(index), generationOf(seen) * handleIndexCount + index)
  }

  #fill(index: number, hash: number, size: number, type: number, symbol: number): number {
    const entry = this.#entryAt(index)
    const state = this.#stateOf(index)
    const meta =
      BigInt(hash) |
      (BigInt(symbol) << BigInt(layout.metaSymbolShift)) |
      (BigInt(type) << BigInt(layout.metaTypeShift)) |
      (BigInt(size) << BigInt(layout.metaIdBytesShift))
    Atomics.store(this.#control, entry + layout.entryMeta, meta)
    storeWords(this.#shared, entry + layout.entryId, idHalves, 0, layout.idWords)
    storeWords(this.#shared, entry + layout.entryRecord, this.#pageHalves, page.record, this.#geometry.recordWords)
    const pending = stateWord(generationOf(state), layout.phasePending, this.#owner)
    Atomics.store(this.#control, entry + layout.entryState, BigInt(pending)) // (G6)
    return pending
  }

  #abandon(index: number): void {
    const meta = Atomics.load(this.#control, this.#entryAt(index) + layout.entryMeta)
    Atomics.and(this.#control, this.#liveBitAt(typeOf(meta), index), ~bitOf(index))
    const state = this.#stateOf(index)
    const free = BigInt(stateWord(generationOf(state), layout.phaseFree, ownerOf(state)))
    Atomics.store(this.#control, this.#entryAt(index) + layout.entryState, free)
    this.#hint(index)
  }

  #hint(index: number): void {
    Atomics.or(this.#control, this.#geometry.base + Math.floor(index / 64), bitOf(index))
  }

  #dispose(index: number): void {
    const entry = this.#entryAt(index)
    const meta = Atomics.load(this.#control, entry + layout.entryMeta)
    Atomics.and(this.#control, this.#liveBitAt(typeOf(meta), index), ~bitOf(index))
    Atomics.or(this.#control, entry + layout.entryNext, markBit) // (T2)
    const bucket = this.#bucketOf(Number(meta & 0xffffffffn))
    while (!this.#unlink(bucket));
    Atomics.add(this.#control, bucket, tagOne) // (T4)
    const generation = generationOf(this.#stateOf(index))
    const free = BigInt(stateWord(generation, layout.phaseFree, this.#owner))
    Atomics.store(this.#control, entry + layout.entryState, free) // (T5)
    this.#hint(index)
  }

  #unlink(bucket: number): boolean {
    const capacity = this.#geometry.capacity
    let head = Atomics.load(this.#control, bucket)
    let beforeAt = bucket
    let beforeWord = head
    let at = Number(head & indexMask)
    for (let steps = 0; at !== 0; steps += 1) {
      if (at > capacity || steps > capacity) return false
      const nextAt = this.#entryAt(at - 1) + layout.entryNext
      const next = Atomics.load(this.#control, nextAt)
      if ((next & markBit) !== 0n) {
        const shortened = nextTag(beforeWord, next & indexMask)
        if (Atomics.compareExchange(this.#control, beforeAt, beforeWord, shortened) !== beforeWord) return false // (T3)
        beforeWord = shortened
        if (beforeAt === bucket) head = shortened
      } else {
        beforeAt = nextAt
        beforeWord = next
      }
      at = Number(next & indexMask)
    }
    return Atomics.load(this.#control, bucket) === head
  }

  #isLinked(wanted: number): boolean {
    const capacity = this.#geometry.capacity
    const meta = Atomics.load(this.#control, this.#entryAt(wanted) + layout.entryMeta)
    const bucket = this.#bucketOf(Number(meta & 0xffffffffn))
    for (;;) {
      const head = Atomics.load(this.#control, bucket)
      let at = Number(head & indexMask)
      let steps = 0
      while (at !== 0 && at <= capacity && at - 1 !== wanted && steps <= capacity) {
        at = Number(Atomics.load(this.#control, this.#entryAt(at - 1) + layout.entryNext) & indexMask)
        steps += 1
      }
      if (at <= capacity && steps <= capacity && Atomics.load(this.#control, bucket) === head) return at !== 0
    }
  }
}

function bitOf(index: number): bigint {
  return 1n << BigInt(index % 64)
}

function lowestBit(word: bigint): number {
  const low = Number(word & 0xffffffffn)
  if (low !== 0) return 31 - Math.clz32(low & -low)
  const high = Number(word >> 32n)
  return 63 - Math.clz32(high & -high)
}

function typeOf(meta: bigint): number {
  return Number((meta >> BigInt(layout.metaTypeShift)) & 255n)
}

function symbolOf(meta: bigint): number {
  return Number((meta >> BigInt(layout.metaSymbolShift)) & 65535n)
}
