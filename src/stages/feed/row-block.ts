/** A block of parsed rows of one recording: preallocated columns, refilled over and over. One thread. */
import { type RecordKind, recordKinds } from '../../domain/market.ts'
import type { ContextFields, TradeFields } from './row-fields.ts'

export class RowBlock {
  readonly capacity: number
  /** Rows held: columns are valid in 0 … count − 1. */
  count = 0
  /** Unix milliseconds. */
  readonly atMs: Float64Array
  /** Trades only; empty otherwise. */
  readonly priceTicks: Float64Array
  readonly quantityLots: Float64Array
  readonly aggressor: Int8Array
  /** Contexts only; empty otherwise. */
  readonly markTicks: Float64Array
  readonly oracleTicks: Float64Array
  readonly openInterestLots: Float64Array
  readonly fundingRate: Float64Array

  constructor(kind: RecordKind, capacity: number) {
    const trades = kind === recordKinds.trade ? capacity : 0
    const contexts = capacity - trades
    this.capacity = capacity
    this.atMs = new Float64Array(capacity)
    this.priceTicks = new Float64Array(trades)
    this.quantityLots = new Float64Array(trades)
    this.aggressor = new Int8Array(trades)
    this.markTicks = new Float64Array(contexts)
    this.oracleTicks = new Float64Array(contexts)
    this.openInterestLots = new Float64Array(contexts)
    this.fundingRate = new Float64Array(contexts)
  }

  pushTrade(row: TradeFields): void {
    const index = this.count
    this.atMs[index] = row.atMs
    this.priceTicks[index] = row.priceTicks
    this.quantityLots[index] = row.quantityLots
    this.aggressor[index] = row.aggressor
    this.count = index + 1
  }

  pushContext(row: ContextFields): void {
    const index = this.count
    this.atMs[index] = row.atMs
    this.markTicks[index] = row.markTicks
    this.oracleTicks[index] = row.oracleTicks
    this.openInterestLots[index] = row.openInterestLots
    this.fundingRate[index] = row.fundingRate
    this.count = index + 1
  }
}
