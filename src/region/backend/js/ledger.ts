/**
 * The reservation ledger in TypeScript: the algorithm, invariants and labels of native/sync/reservation_ledger.hpp, where
 * the ordering argument stands. The copied block is private memory and is read with plain accesses.
 */
import { blockSlotsOffset, blockWords, layout, ledgerStatus, page } from '../../layout.ts'
import type { JsEventTable } from './event-table.ts'
import { loadWords, type SharedWords, storeWords } from './words.ts'

const blockMask = (1n << BigInt(layout.rootBlockBits)) - 1n
const nobody = 0xffff
const eventClaimed = 1
const interlocked = 2
const slotTaken = 3
const maxPositions = 4
const noCapital = 5

/** Amounts beyond it are none: see `kMinorMax` in the C++ block. */
const isAmount = (minor: number): boolean => Math.abs(minor) <= Number.MAX_SAFE_INTEGER
const wholePpm = 1_000_000

export interface LedgerGeometry {
  readonly base: number
  readonly participants: number
  readonly types: number
  readonly slotsMax: number
}

export class JsLedger {
  readonly #shared: SharedWords
  readonly #page: Float64Array<SharedArrayBuffer>
  readonly #events: JsEventTable
  readonly #owner: number
  readonly #types: number
  readonly #slotsMax: number
  readonly #rootAt: number
  readonly #blocksAt: number
  readonly #blockCount: number
  readonly #blockWords: number
  readonly #slotsAt: number
  readonly #words: BigInt64Array
  readonly #halves: Int32Array
  readonly #unsignedHalves: Uint32Array
  readonly #bytes: Uint8Array
  // What is left of each pot and of what idle pots lend, during one admission.
  readonly #budgets = new Float64Array(layout.potsMax)
  #available = 0
  #borrowable = 0

  constructor(
    shared: SharedWords,
    geometry: LedgerGeometry,
    callPage: Float64Array<SharedArrayBuffer>,
    owner: number,
    events: JsEventTable,
  ) {
    this.#shared = shared
    this.#page = callPage
    this.#events = events
    this.#owner = owner
    this.#types = geometry.types
    this.#slotsMax = geometry.slotsMax
    this.#rootAt = geometry.base + layout.ledgerRoot
    this.#blocksAt = geometry.base + layout.ledgerBlocks
    this.#blockCount = 1 + 2 * geometry.participants
    this.#blockWords = blockWords(geometry.types, geometry.slotsMax)
    this.#slotsAt = blockSlotsOffset(geometry.types)
    const copy = new ArrayBuffer(this.#blockWords * 8)
    this.#words = new BigInt64Array(copy)
    this.#halves = new Int32Array(copy)
    this.#unsignedHalves = new Uint32Array(copy)
    this.#bytes = new Uint8Array(copy)
  }

  reserve(): void {
    const callPage = this.#page
    const count = callPage[page.count]!
    const handles = Array.from({ length: count }, (_, index) => callPage[page.rows + index * 3]!)
    for (;;) {
      const root = this.#loadCopy()
      this.#beginAdmission(callPage[page.idlePots]!)
      let status: number = ledgerStatus.ok
      let index = 0
      while (index < count && status === ledgerStatus.ok) {
        const row = page.rows + index * 3
        status = this.#admit(row, handles[index]!, callPage[row + 1]!, callPage[row + 2]!)
        if (status === ledgerStatus.ok) index += 1
      }
      const isOver = status === ledgerStatus.ok ? this.#commit(root) : this.#isCurrent(root)
      if (!isOver) continue
      callPage[page.refused] = index
      callPage[page.status] = status
      return
    }
  }

  /** From slot state `from` to `to`: submit, open, close. */
  advance(from: number, to: number): void {
    const token = this.#page[page.token]!
    for (;;) {
      const root = this.#loadCopy()
      const slot = this.#slotOfToken(token)
      if (slot < 0 || this.#stateOf(slot) !== from) {
        if (!this.#isCurrent(root)) continue
        this.#page[page.status] = slot < 0 ? ledgerStatus.staleToken : ledgerStatus.illegalState
        return
      }
      const event = this.#eventOf(slot)
      this.#bytes[(slot + layout.slotPacked) * 8 + 3] = to
      if (!this.#commit(root)) continue
      if (to === layout.slotSubmitted) this.#events.spend(event)
      this.#page[page.status] = ledgerStatus.ok
      return
    }
  }

  release(): void {
    const callPage = this.#page
    const token = callPage[page.token]!
    const isSettled = callPage[page.settled] !== 0
    const change = BigInt(callPage[page.capital]!)
    for (;;) {
      const root = this.#loadCopy()
      const slot = this.#slotOfToken(token)
      const state = slot < 0 ? 0 : this.#stateOf(slot)
      const isRefused = slot < 0 || state === layout.slotOpen || (state !== layout.slotReserved && !isSettled)
      if (isRefused) {
        if (!this.#isCurrent(root)) continue
        callPage[page.status] = slot < 0 ? ledgerStatus.staleToken : ledgerStatus.illegalState
        return
      }
      const capital = this.#words[layout.blockCapital]! + change
      if (change !== 0n && !isAmount(Number(capital))) {
        if (!this.#isCurrent(root)) continue
        callPage[page.status] = ledgerStatus.capitalRange
        return
      }
      if (state !== layout.slotReserved) {
        if (!this.#isCurrent(root)) continue
        this.#events.spend(this.#eventOf(slot)) // (B2)
      }
      this.#remove(slot)
      this.#words[layout.blockCapital] = capital
      if (!this.#commit(root)) continue
      callPage[page.status] = ledgerStatus.ok
      return
    }
  }

  recover(nowNs: number, dead: number = nobody): void {
    for (;;) {
      const root = this.#loadCopy()
      let freed = 0
      for (let index = 0; index < this.#slotCount(); ) {
        const slot = this.#slotAt(index)
        const isOver = Number(this.#words[slot + layout.slotLease]) <= nowNs
        if (this.#stateOf(slot) === layout.slotReserved && (isOver || this.#ownerOf(slot) === dead)) {
          this.#remove(slot)
          freed += 1
        } else {
          index += 1
        }
      }
      if (freed === 0 ? this.#isCurrent(root) : this.#commit(root)) {
        this.#page[page.count] = freed
        return
      }
    }
  }

  setLimits(): void {
    const rows = this.#page.subarray(page.rows)
    for (;;) {
      const root = this.#loadCopy()
      const limitsHalf = layout.blockLimits * 2
      this.#words[layout.blockCapital] = BigInt(rows[0]!)
      this.#unsignedHalves[limitsHalf] = this.#slotCount() + rows[1]! * 2 ** layout.limitsMaxOpenShift
      this.#unsignedHalves[limitsHalf + 1] = rows[2]!
      this.#words[layout.blockFlags] = BigInt(rows[3]!)
      for (let type = 0; type < layout.typesMax; type += 1) {
        this.#bytes[layout.blockTypePots * 8 + type] = rows[4 + type]!
      }
      for (let pot = 0; pot < layout.potsMax; pot += 1) {
        this.#unsignedHalves[layout.blockPotShares * 2 + pot] = rows[4 + layout.typesMax + pot]!
      }
      const masks = 4 + layout.typesMax + layout.potsMax
      for (let half = 0; half < this.#types * 2; half += 1) {
        this.#unsignedHalves[layout.blockCompatible * 2 + half] = rows[masks + half]!
      }
      if (this.#commit(root)) return
    }
  }

  read(): void {
    while (!this.#isCurrent(this.#loadCopy()));
    const callPage = this.#page
    callPage[page.capital] = Number(this.#words[layout.blockCapital])
    callPage[page.token] = Number(this.#words[layout.blockNextToken])
    callPage[page.count] = this.#slotCount()
    for (let index = 0; index < this.#slotCount(); index += 1) {
      const slot = this.#slotAt(index)
      const row = page.rows + index * 8
      callPage[row] = Number(this.#words[slot + layout.slotToken])
      callPage[row + 1] = Number(this.#words[slot + layout.slotEvent])
      callPage[row + 2] = Number(this.#words[slot + layout.slotCapital])
      callPage[row + 3] = this.#symbolOf(slot)
      callPage[row + 4] = this.#typeOf(slot)
      callPage[row + 5] = this.#stateOf(slot)
      callPage[row + 6] = this.#ownerOf(slot)
      callPage[row + 7] = Number(this.#words[slot + layout.slotLease])
    }
  }

  #beginAdmission(idlePots: number): void {
    const whole = Number(this.#words[layout.blockCapital])
    const capital = isAmount(whole) ? whole : 0
    const usesPots = this.#hasFlag(layout.flagPots)
    const budgets = this.#budgets
    // Amounts that are none were spoilt, or the copy is torn: nothing is given away on them. Sums of all others that come near to 0
    // are exact.
    this.#available = isAmount(whole) ? whole : Number.NEGATIVE_INFINITY
    this.#borrowable = 0
    for (let pot = 0; pot < layout.potsMax; pot += 1) {
      const share = Math.min(this.#unsignedHalves[layout.blockPotShares * 2 + pot]!, wholePpm)
      budgets[pot] = usesPots ? shareOf(capital, share) : 0
    }
    for (let index = 0; index < this.#slotCount(); index += 1) {
      const slot = this.#slotAt(index)
      const amount = Number(this.#words[slot + layout.slotCapital])
      const held = amount >= 0 && isAmount(amount) ? amount : Number.POSITIVE_INFINITY
      this.#available -= held
      const pot = this.#potOf(this.#typeOf(slot))
      if (pot >= 0) budgets[pot]! -= held
    }
    for (let pot = 0; pot < layout.potsMax; pot += 1) {
      budgets[pot] = Math.max(0, budgets[pot]!)
      if (((idlePots >>> pot) & 1) === 1) {
        this.#borrowable += budgets[pot]!
        budgets[pot] = 0
      }
    }
  }

  #admit(row: number, handle: number, capitalMinor: number, leaseUntilNs: number): number {
    const packed = this.#events.mayReserve(handle) // (B1)
    if (packed < 0) return eventClaimed
    const type = packed % layout.typesMax
    const symbol = Math.floor(packed / layout.typesMax)
    const count = this.#slotCount()
    const maskHalf = (layout.blockCompatible + type) * 2
    const isPerSymbol = this.#hasFlag(layout.flagInterlockBySymbol)
    let onSymbol = 0
    let isClaimed = false
    let isInterlocked = false
    for (let index = 0; index < count; index += 1) {
      const slot = this.#slotAt(index)
      const isSameSymbol = this.#symbolOf(slot) === symbol
      const other = this.#typeOf(slot) & 63
      const mask = this.#unsignedHalves[maskHalf + (other >> 5)]!
      if (Number(this.#words[slot + layout.slotEvent]) === handle) isClaimed = true
      if (isSameSymbol) onSymbol += 1
      if (((mask >>> (other & 31)) & 1) === 0 && (isSameSymbol || !isPerSymbol)) isInterlocked = true
    }
    const maxOpen = this.#unsignedHalves[layout.blockLimits * 2]! >>> layout.limitsMaxOpenShift
    const maxPerSymbol = this.#unsignedHalves[layout.blockLimits * 2 + 1]! & 0xffff
    if (isClaimed) return eventClaimed
    if (isInterlocked && this.#hasFlag(layout.flagInterlock)) return interlocked
    if (onSymbol >= maxPerSymbol) return slotTaken
    if (count >= maxOpen || count >= this.#slotsMax) return maxPositions
    if (!this.#spendBudget(type, capitalMinor)) return noCapital
    const token = this.#words[layout.blockNextToken]!
    this.#words[layout.blockNextToken] = token + 1n
    const slot = this.#slotAt(count)
    this.#words[slot + layout.slotToken] = token
    this.#words[slot + layout.slotEvent] = BigInt(handle)
    this.#words[slot + layout.slotCapital] = BigInt(capitalMinor)
    this.#unsignedHalves[(slot + layout.slotPacked) * 2] =
      symbol + type * 2 ** layout.packedTypeShift + layout.slotReserved * 2 ** layout.packedStateShift
    this.#unsignedHalves[(slot + layout.slotPacked) * 2 + 1] = this.#owner
    this.#words[slot + layout.slotLease] = BigInt(leaseUntilNs)
    this.#unsignedHalves[layout.blockLimits * 2]! += 1
    this.#page[row] = Number(token)
    return ledgerStatus.ok
  }

  #spendBudget(type: number, wanted: number): boolean {
    if (wanted > this.#available) return false
    if (this.#hasFlag(layout.flagPots)) {
      const pot = this.#potOf(type)
      if (pot < 0) return false
      const own = Math.min(wanted, this.#budgets[pot]!)
      if (wanted - own > this.#borrowable) return false
      this.#budgets[pot]! -= own
      this.#borrowable -= wanted - own
    }
    this.#available -= wanted
    return true
  }

  #hasFlag(flag: number): boolean {
    return (this.#halves[layout.blockFlags * 2]! & flag) !== 0
  }

  #potOf(type: number): number {
    const pot = this.#bytes[layout.blockTypePots * 8 + (type & 63)]!
    return pot > layout.potsMax ? -1 : pot - 1
  }

  #slotCount(): number {
    return Math.min(this.#halves[layout.blockLimits * 2]! & 0xffff, this.#slotsMax)
  }

  #slotAt(index: number): number {
    return this.#slotsAt + index * layout.slotWords
  }

  #stateOf(slot: number): number {
    return this.#bytes[(slot + layout.slotPacked) * 8 + 3]!
  }

  #typeOf(slot: number): number {
    return this.#bytes[(slot + layout.slotPacked) * 8 + 2]!
  }

  #eventOf(slot: number): number {
    return Number(BigInt.asUintN(64, this.#words[slot + layout.slotEvent]!))
  }

  #symbolOf(slot: number): number {
    return this.#unsignedHalves[(slot + layout.slotPacked) * 2]! & 0xffff
  }

  #ownerOf(slot: number): number {
    return this.#unsignedHalves[(slot + layout.slotPacked) * 2 + 1]! & 0xffff
  }

  #slotOfToken(token: number): number {
    for (let index = 0; index < this.#slotCount(); index += 1) {
      const slot = this.#slotAt(index)
      if (Number(this.#words[slot + layout.slotToken]) === token) return slot
    }
    return -1
  }

  #remove(slot: number): void {
    const last = this.#slotCount() - 1
    this.#words.copyWithin(slot, slot + layout.slotWords, this.#slotAt(last) + layout.slotWords)
    const limitsHalf = layout.blockLimits * 2
    this.#unsignedHalves[limitsHalf] = (this.#unsignedHalves[limitsHalf]! & 0xffff0000) | last
  }

  #loadCopy(): bigint {
    const root = Atomics.load(this.#shared.control, this.#rootAt) // (A1)
    // A root that was spoilt from outside must not lead out of the region.
    const named = Number(root & blockMask)
    const block = this.#blocksAt + (named < this.#blockCount ? named : 0) * this.#blockWords
    loadWords(this.#halves, 0, this.#shared, block, this.#slotsAt) // (A2)
    loadWords(this.#halves, this.#slotsAt, this.#shared, block + this.#slotsAt, this.#slotCount() * layout.slotWords)
    return root
  }

  #isCurrent(root: bigint): boolean {
    return Atomics.load(this.#shared.control, this.#rootAt) === root // (A3), (A4)
  }

  #commit(root: bigint): boolean {
    const first = 1 + 2 * this.#owner
    const mine = Number(root & blockMask) === first ? first + 1 : first
    const words = this.#slotsAt + this.#slotCount() * layout.slotWords
    storeWords(this.#shared, this.#blocksAt + mine * this.#blockWords, this.#halves, 0, words) // (A6)
    const sequence = (root >> BigInt(layout.rootBlockBits)) + 1n
    const next = BigInt.asUintN(64, (sequence << BigInt(layout.rootBlockBits)) | BigInt(mine))
    return Atomics.compareExchange(this.#shared.control, this.#rootAt, root, next) === root // (A5)
  }
}

/** ⌊capital × share ÷ 10⁶⌋, exactly: the product would pass 2^53, its two parts do not. */
function shareOf(capital: number, sharePpm: number): number {
  if (capital <= 0) return 0
  const millions = Math.floor(capital / wholePpm)
  return millions * sharePpm + Math.floor(((capital - millions * wholePpm) * sharePpm) / wholePpm)
}
