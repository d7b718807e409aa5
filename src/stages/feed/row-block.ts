/**
 * Rows of recordings as words: what a market record tells, before the run's epoch is known, so with its time in Unix
 * milliseconds. Rows of all kinds have one width, so that whoever only moves them need not know their kind. One thread.
 */
import { clearRecord, type MarketRecord, type RecordKind, recordKinds } from '../../domain/market.ts'
import { nsPerMs } from '../../domain/units.ts'
import type { BookFields, ContextFields, LiquidationFields, TradeFields } from './row-fields.ts'

/** Doubles a row: time, kind, symbol index, and the six that the fullest kind tells. */
export const rowWords = 9
const kindWord = 1
const symbolWord = 2
const toldWord = 3

/** Fewest rows that memory is allocated for. */
const growthRowsMin = 64

/** Places for rows, at most `capacity`. Memory grows with the rows, by doubling, and is let go of by `drop`. */
export class RowBlock {
  readonly capacity: number
  /** Rows held, in 0 … count − 1. */
  count = 0
  #words = new Float64Array(0)

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get isFull(): boolean {
    return this.count === this.capacity
  }

  /** Unix milliseconds. */
  atMs(row: number): number {
    return this.#words[row * rowWords]!
  }

  symbolIndex(row: number): number {
    return this.#words[row * rowWords + symbolWord]!
  }

  pushTrade(symbolIndex: number, row: Readonly<TradeFields>): void {
    const at = this.#claim(recordKinds.trade, symbolIndex, row.atMs)
    const words = this.#words
    words[at] = row.priceTicks
    words[at + 1] = row.quantityLots
    words[at + 2] = row.aggressor
  }

  pushLiquidation(symbolIndex: number, row: Readonly<LiquidationFields>): void {
    const at = this.#claim(recordKinds.liquidation, symbolIndex, row.atMs)
    const words = this.#words
    words[at] = row.priceTicks
    words[at + 1] = row.quantityLots
    words[at + 2] = row.aggressor
    words[at + 3] = row.notionalMinor
  }

  pushContext(symbolIndex: number, row: Readonly<ContextFields>): void {
    const at = this.#claim(recordKinds.context, symbolIndex, row.atMs)
    const words = this.#words
    words[at] = row.markTicks
    words[at + 1] = row.oracleTicks
    words[at + 2] = row.openInterestLots
    words[at + 3] = row.fundingRate
  }

  pushBook(symbolIndex: number, row: Readonly<BookFields>): void {
    const at = this.#claim(recordKinds.book, symbolIndex, row.atMs)
    const words = this.#words
    words[at] = row.bidTicks
    words[at + 1] = row.bidLots
    words[at + 2] = row.askTicks
    words[at + 3] = row.askLots
    words[at + 4] = row.bidDepthLots
    words[at + 5] = row.askDepthLots
  }

  /** Copies `from`'s row `fromRow` to `row`, which may be any place, also behind `count`. */
  put(row: number, from: RowBlock, fromRow: number): void {
    if ((row + 1) * rowWords > this.#words.length) this.#grow(row + 1)
    const source = from.#words
    const target = this.#words
    const sourceAt = fromRow * rowWords
    const targetAt = row * rowWords
    for (let word = 0; word < rowWords; word += 1) target[targetAt + word] = source[sourceAt + word]!
  }

  /** Writes a row as the record that the run sees, on the timeline whose epoch is `epochMs`. */
  writeTo(record: MarketRecord, row: number, epochMs: number): void {
    const words = this.#words
    const at = row * rowWords
    const kind = (words[at + kindWord]! | 0) as RecordKind
    clearRecord(record, kind, words[at + symbolWord]! | 0, (words[at]! - epochMs) * nsPerMs)
    const told = at + toldWord
    switch (kind) {
      case recordKinds.trade:
        record.priceTicks = words[told]!
        record.quantityLots = words[told + 1]!
        record.aggressor = words[told + 2]!
        return
      case recordKinds.liquidation:
        record.priceTicks = words[told]!
        record.quantityLots = words[told + 1]!
        record.aggressor = words[told + 2]!
        record.notionalMinor = words[told + 3]!
        return
      case recordKinds.context:
        record.markTicks = words[told]!
        record.oracleTicks = words[told + 1]!
        record.openInterestLots = words[told + 2]!
        record.fundingRate = words[told + 3]!
        return
      case recordKinds.book:
        record.bidTicks = words[told]!
        record.bidLots = words[told + 1]!
        record.askTicks = words[told + 2]!
        record.askLots = words[told + 3]!
        record.bidDepthLots = words[told + 4]!
        record.askDepthLots = words[told + 5]!
        return
    }
  }

  /** Lets go of the memory. */
  drop(): void {
    this.count = 0
    this.#words = new Float64Array(0)
  }

  /** The next row's place: where what it tells begins. The block must not be full. */
  #claim(kind: RecordKind, symbolIndex: number, atMs: number): number {
    const at = this.count * rowWords
    if (at === this.#words.length) this.#grow(this.count + 1)
    const words = this.#words
    this.count += 1
    words[at] = atMs
    words[at + kindWord] = kind
    words[at + symbolWord] = symbolIndex
    return at + toldWord
  }

  #grow(rows: number): void {
    const held = this.#words
    const places = Math.min(this.capacity, Math.max(growthRowsMin, rows, (2 * held.length) / rowWords))
    this.#words = new Float64Array(places * rowWords)
    this.#words.set(held)
  }
}
