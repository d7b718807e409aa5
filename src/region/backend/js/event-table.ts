/**
 * The event table in TypeScript: the algorithm, invariants and labels of native/sync/event_table.hpp, where the ordering
 * argument stands.
 */
import {
  bitmapWords,
  entryWords,
  eventBucketsOffset,
  eventEntriesOffset,
  eventLiveOffset,
  eventStatus,
  layout,
  page,
} from '../../layout.ts'
import {
  EventEntries,
  generationOf,
  generationOfHandle,
  handleOf,
  hashOf,
  idSizeOf,
  indexOfHandle,
  isLive,
  isSpent,
  lifecycleOf,
  metaWord,
  nextGeneration,
  noEntry,
  ownerOf,
  phaseOf,
  stateWord,
  symbolOf,
  typeOf,
} from './event-entry.ts'
import { encodeId, hashId, idBytes, idHalves } from './event-id.ts'
import { derailed, IdIndex, spoiltChain } from './id-index.ts'
import { loadWords, type SharedWords, storeWords } from './words.ts'

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
  readonly #entries: EventEntries
  readonly #index: IdIndex

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
    const entriesAt = base + eventEntriesOffset(capacity, types, buckets)
    this.#entries = new EventEntries(shared, entriesAt, capacity, entryWords(recordWords))
    this.#index = new IdIndex(shared, base + eventBucketsOffset(capacity, types), buckets, this.#entries)
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
    const index = this.#index
    const bucket = index.bucketOf(hash)
    let mine = noEntry
    let pending = 0
    for (;;) {
      const found = index.find(bucket, hash, size) // (G1)
      if (found === derailed) {
        if (mine !== noEntry) this.#abandon(mine)
        throw spoiltChain()
      }
      if (found !== noEntry) {
        const state = index.foundState
        if (!index.counts(bucket) || !this.#makeLive(found, state)) continue
        if (mine !== noEntry) this.#abandon(mine)
        callPage[page.handle] = handleOf(found, state)
        callPage[page.status] = eventStatus.exists
        return
      }
      if (mine === noEntry) {
        mine = this.#claim()
        if (mine === noEntry) {
          if (!index.counts(bucket)) continue
          callPage[page.status] = eventStatus.full
          return
        }
        pending = this.#fill(mine, hash, size, type, callPage[page.symbol]!)
        Atomics.or(this.#control, this.#liveBitAt(type, mine), bitOf(mine)) // (G5)
      }
      if (index.tryInsert(bucket, mine)) {
        // (G9), (G4)
        this.#makeLive(mine, pending)
        callPage[page.handle] = handleOf(mine, pending)
        callPage[page.status] = eventStatus.ok
        return
      }
    }
  }

  get(): void {
    const handle = this.#page[page.handle]!
    const index = indexOfHandle(handle)
    const whole = index < this.#geometry.capacity && this.#copy(index, generationOfHandle(handle), page.record)
    this.#page[page.status] = whole ? eventStatus.ok : eventStatus.gone
  }

  getById(id: string): void {
    const size = encodeId(id)
    if (size === 0) {
      this.#page[page.status] = eventStatus.badId
      return
    }
    const hash = hashId(idBytes, size)
    const index = this.#index
    const bucket = index.bucketOf(hash)
    for (;;) {
      const found = index.find(bucket, hash, size)
      if (found === derailed) throw spoiltChain()
      const state = index.foundState
      const isFound = found !== noEntry
      if (isFound && (!index.counts(bucket) || !this.#makeLive(found, state))) continue
      const whole = isFound && this.#copy(found, generationOf(state), page.record)
      if (!index.counts(bucket)) continue
      this.#page[page.status] = whole ? eventStatus.ok : eventStatus.gone
      return
    }
  }

  idOf(): void {
    const handle = this.#page[page.handle]!
    const index = indexOfHandle(handle)
    this.#page[page.idBytes] = 0
    if (index >= this.#geometry.capacity || !isLive(this.#entries.stateOf(index), handle)) return
    const entry = this.#entries.at(index)
    const meta = this.#entries.metaOf(index)
    loadWords(this.#pageHalves, page.id, this.#shared, entry + layout.entryId, layout.idWords)
    if (isLive(this.#entries.stateOf(index), handle)) {
      this.#page[page.idBytes] = idSizeOf(meta)
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
    const index = indexOfHandle(handle)
    if (index >= this.#geometry.capacity) return -1
    if (!isLive(this.#entries.stateOf(index), handle)) return -1
    const meta = this.#entries.metaOf(index)
    const state = this.#entries.stateOf(index)
    if (!isLive(state, handle) || isSpent(state)) return -1
    if (((this.#geometry.actionable >> BigInt(lifecycleOf(state))) & 1n) === 0n) return -1
    return typeOf(meta) < this.#geometry.types ? typeOf(meta) + symbolOf(meta) * layout.typesMax : -1
  }

  retire(): void {
    const handle = this.#page[page.handle]!
    const status = this.#change(handle, (state) => stateWord(generationOf(state), layout.phaseRetired, this.#owner)) // (T1)
    if (status === eventStatus.ok && !this.#dispose(indexOfHandle(handle))) throw spoiltChain()
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
        if (!this.#copy(word * 64 + bit, noEntry, row + 4)) continue
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
      if (phaseOf(this.#entries.stateOf(index)) === layout.phaseLive) live += 1
    }
    this.#page[page.count] = live
  }

  /** Finishes what the dead participant `owner` left half done. See `recover` in the C++ table. */
  recover(owner: number): void {
    for (let index = 0; index < this.#geometry.capacity; index += 1) {
      const state = this.#entries.stateOf(index)
      const phase = phaseOf(state)
      if (phase === layout.phaseFree) this.#hint(index)
      if (ownerOf(state) !== owner) continue
      if (phase === layout.phaseWriting) this.#abandon(index)
      if (phase === layout.phaseRetired) this.#dispose(index)
      if (phase !== layout.phasePending) continue
      const place = this.#index.placeOf(index, hashOf(this.#entries.metaOf(index)))
      if (place === 'linked') this.#makeLive(index, state)
      if (place !== 'notLinked') continue
      // Still pending: nobody found it while we looked, so it never was in a chain. Otherwise it lives a life of its own.
      if (this.#entries.swapState(index, state, stateWord(generationOf(state), layout.phaseWriting, owner))) {
        this.#abandon(index)
      }
    }
  }

  #liveBitAt(type: number, index: number): number {
    return this.#liveAt + type * bitmapWords(this.#geometry.capacity) + Math.floor(index / 64)
  }

  #clearLiveBit(meta: bigint, index: number): void {
    if (typeOf(meta) < this.#geometry.types) {
      // One read-modify-write: neighbours' bits in the word are others' affair. Behind (T1), or never linked: no live event has it.
      Atomics.and(this.#control, this.#liveBitAt(typeOf(meta), index), ~bitOf(index))
    }
  }

  /** Replaces the live state of `handle` by what `next` makes of it, until the CAS holds; null: an illegal transition. */
  #change(handle: number, next: (state: number) => number | null): number {
    const index = indexOfHandle(handle)
    if (index >= this.#geometry.capacity) return eventStatus.gone
    for (;;) {
      const state = this.#entries.stateOf(index)
      if (!isLive(state, handle)) return eventStatus.gone
      const changed = next(state)
      if (changed === null) return eventStatus.illegal
      if (this.#entries.swapState(index, state, changed)) return eventStatus.ok
    }
  }

  /** Copies the record to word `to` of the page and the rest into the control words; false if not live (any more). */
  #copy(index: number, generation: number, to: number): boolean {
    const entry = this.#entries.at(index)
    const before = this.#entries.stateOf(index) // (V1)
    if (phaseOf(before) !== layout.phaseLive) return false
    if (generation !== noEntry && generationOf(before) !== generation) return false
    const meta = this.#entries.metaOf(index)
    loadWords(this.#pageHalves, to, this.#shared, entry + layout.entryRecord, this.#geometry.recordWords)
    const after = this.#entries.stateOf(index) // (V2), (V3)
    if (phaseOf(after) !== layout.phaseLive || generationOf(after) !== generationOf(before)) return false
    const callPage = this.#page
    callPage[page.handle] = handleOf(index, after)
    callPage[page.lifecycle] = lifecycleOf(after)
    callPage[page.spent] = isSpent(after) ? 1 : 0
    callPage[page.type] = typeOf(meta)
    callPage[page.symbol] = symbolOf(meta)
    // Callers take the type for an index: an event whose type is none, in bytes that somebody spoilt, is none either.
    return typeOf(meta) < this.#geometry.types
  }

  #claim(): number {
    const base = this.#geometry.base
    for (let word = 0; word < this.#geometry.capacity / 64; word += 1) {
      let hints = Atomics.load(this.#control, base + word)
      while (hints !== 0n) {
        const bit = lowestBit(hints)
        const mask = 1n << BigInt(bit)
        // What the word was is the answer, so two claimers cannot both believe in one hint; (G7) decides all the same.
        hints = Atomics.and(this.#control, base + word, ~mask)
        const index = word * 64 + bit
        const state = this.#entries.stateOf(index)
        if ((hints & mask) !== 0n && phaseOf(state) === layout.phaseFree) {
          const writing = stateWord(nextGeneration(state), layout.phaseWriting, this.#owner)
          if (this.#entries.swapState(index, state, writing)) return index // (G7)
        }
        hints &= ~mask
      }
    }
    return noEntry
  }

  /** Makes an entry that is certainly linked live, if `seen` says that it is not yet; false if it was retired since. */
  #makeLive(index: number, seen: number): boolean {
    if (phaseOf(seen) === layout.phaseLive) return true
    const live = stateWord(generationOf(seen), layout.phaseLive, ownerOf(seen))
    if (this.#entries.swapState(index, seen, live)) return true // (G8)
    return isLive(this.#entries.stateOf(index), handleOf(index, seen))
  }

  #fill(index: number, hash: number, size: number, type: number, symbol: number): number {
    const entry = this.#entries.at(index)
    const state = this.#entries.stateOf(index)
    // (G2) is the compareExchange of (G7); every store from here on is a release behind it, which is (G3).
    Atomics.store(this.#control, entry + layout.entryMeta, metaWord(hash, size, type, symbol))
    storeWords(this.#shared, entry + layout.entryId, idHalves, 0, layout.idWords)
    storeWords(this.#shared, entry + layout.entryRecord, this.#pageHalves, page.record, this.#geometry.recordWords)
    const pending = stateWord(generationOf(state), layout.phasePending, this.#owner)
    this.#entries.storeState(index, pending) // (G6)
    return pending
  }

  #abandon(index: number): void {
    const meta = this.#entries.metaOf(index)
    this.#clearLiveBit(meta, index)
    const state = this.#entries.stateOf(index)
    this.#entries.storeState(index, stateWord(generationOf(state), layout.phaseFree, ownerOf(state)))
    this.#hint(index)
  }

  /** Behind the store of FREE, which a claimer reads after the hint: a hint that is seen too early is only a wrong one. */
  #hint(index: number): void {
    Atomics.or(this.#control, this.#geometry.base + Math.floor(index / 64), bitOf(index))
  }

  /** False, and it stays RETIRED, if its chain is spoilt. */
  #dispose(index: number): boolean {
    const meta = this.#entries.metaOf(index)
    this.#clearLiveBit(meta, index)
    if (!this.#index.remove(index, hashOf(meta))) return false // (T2), (T3), (T4)
    const generation = generationOf(this.#entries.stateOf(index))
    this.#entries.storeState(index, stateWord(generation, layout.phaseFree, this.#owner)) // (T5)
    this.#hint(index)
    return true
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
