/**
 * An entry of the event table: where its words lie and what its state and meta words say, as native/sync/event_entry.hpp.
 * State words fit 52 bits and are handled as numbers; meta words stay bigints.
 */
import { handleIndexCount, layout } from '../../layout.ts'
import type { SharedWords } from './words.ts'

/** An index that is no entry's. */
export const noEntry = -1

const generationUnit = 2 ** layout.stateGenerationShift
const generationCount = 2 ** layout.stateGenerationBits

/** Above every state word that anybody writes. */
const stateCount = generationUnit * generationCount
/** Stands for a word that is none: of no phase, so that nobody takes it for live or free, and no participant's. */
const spoiltState = generationUnit - 1

// The state word: generation, owner, phase, spent, lifecycle.

export const generationOf = (state: number): number => Math.floor(state / generationUnit)
export const phaseOf = (state: number): number => ((state >>> 0) >>> layout.statePhaseShift) & 15
export const ownerOf = (state: number): number => ((state >>> 0) >>> layout.stateOwnerShift) & 255
export const lifecycleOf = (state: number): number => (state >>> 0) & 7
export const isSpent = (state: number): boolean => (((state >>> 0) >>> layout.stateSpentShift) & 1) === 1
export const stateWord = (generation: number, phase: number, owner: number): number =>
  generation * generationUnit + owner * 2 ** layout.stateOwnerShift + phase * 2 ** layout.statePhaseShift
export const nextGeneration = (state: number): number => (generationOf(state) + 1) % generationCount
/** LIVE, or PENDING: then it is an event if the walk that met it counts. */
export const isFilled = (state: number): boolean =>
  phaseOf(state) === layout.phaseLive || phaseOf(state) === layout.phasePending

// A handle: an entry's index and its generation. It is void with the generation (REG-5).

export const indexOfHandle = (handle: number): number => handle % handleIndexCount
export const generationOfHandle = (handle: number): number => Math.floor(handle / handleIndexCount)
export const handleOf = (index: number, state: number): number => generationOf(state) * handleIndexCount + index
export const isLive = (state: number, handle: number): boolean =>
  phaseOf(state) === layout.phaseLive && generationOf(state) === generationOfHandle(handle)

// The meta word: the id's hash and size, the event's type and symbol.

export const metaWord = (hash: number, idSize: number, type: number, symbol: number): bigint =>
  BigInt(hash) |
  (BigInt(symbol) << BigInt(layout.metaSymbolShift)) |
  (BigInt(type) << BigInt(layout.metaTypeShift)) |
  (BigInt(idSize) << BigInt(layout.metaIdBytesShift))
export const hashOf = (meta: bigint): number => Number(meta & 0xffffffffn)
export const idSizeOf = (meta: bigint): number => Number(meta >> BigInt(layout.metaIdBytesShift))
export const typeOf = (meta: bigint): number => Number((meta >> BigInt(layout.metaTypeShift)) & 255n)
export const symbolOf = (meta: bigint): number => Number((meta >> BigInt(layout.metaSymbolShift)) & 65535n)

/** The entries by index, 0 … capacity − 1. Every access is sequentially consistent: see words.ts. */
export class EventEntries {
  readonly capacity: number
  readonly #control: BigUint64Array<SharedArrayBuffer>
  readonly #base: number
  readonly #words: number

  constructor(shared: SharedWords, base: number, capacity: number, words: number) {
    this.#control = shared.control
    this.#base = base
    this.capacity = capacity
    this.#words = words
  }

  /** The word at which entry `index` begins. */
  at(index: number): number {
    return this.#base + index * this.#words
  }

  stateOf(index: number): number {
    const state = Number(Atomics.load(this.#control, this.at(index) + layout.entryState))
    return state < stateCount ? state : spoiltState
  }

  /** The CAS of a state word. */
  swapState(index: number, from: number, to: number): boolean {
    const at = this.at(index) + layout.entryState
    return Atomics.compareExchange(this.#control, at, BigInt(from), BigInt(to)) === BigInt(from)
  }

  /** The store of a state word, by its only owner. */
  storeState(index: number, state: number): void {
    Atomics.store(this.#control, this.at(index) + layout.entryState, BigInt(state))
  }

  metaOf(index: number): bigint {
    return Atomics.load(this.#control, this.at(index) + layout.entryMeta)
  }
}
