/**
 * The hot kinds on the wire: market records and the state's updates. Written by hand, and allocating nothing on either side. Of a record
 * its kind's own fields cross, mostly one cache line; the others are what `clearRecord` makes of them (domain/market.ts).
 *
 * | double | trade | liquidation | context | book | state |
 * |---|---|---|---|---|---|
 * | 0 | kind | kind | kind | kind | kind |
 * | 1, 2 | symbol, time | symbol, time | symbol, time | symbol, time | symbol, time |
 * | 3 … | price, quantity, aggressor | the same, notional | mark, oracle, open interest, funding | bid, ask, their depths | version |
 */
import { invariant } from '../base/assert.ts'
import { clearRecord, type MarketRecord, type RecordKind, recordKinds } from '../domain/market.ts'
import type { StateUpdate } from '../domain/message.ts'

/** Of a book, the longest. */
export const marketDoubles = 9

export function writeRecord(record: MarketRecord, values: Float64Array, at: number): void {
  const { kind } = record
  values[at] = kind
  values[at + 1] = record.symbolIndex
  values[at + 2] = record.atNs
  if (kind === recordKinds.trade) {
    values[at + 3] = record.priceTicks
    values[at + 4] = record.quantityLots
    values[at + 5] = record.aggressor
  } else if (kind === recordKinds.book) {
    values[at + 3] = record.bidTicks
    values[at + 4] = record.bidLots
    values[at + 5] = record.askTicks
    values[at + 6] = record.askLots
    values[at + 7] = record.bidDepthLots
    values[at + 8] = record.askDepthLots
  } else if (kind === recordKinds.context) {
    values[at + 3] = record.markTicks
    values[at + 4] = record.oracleTicks
    values[at + 5] = record.openInterestLots
    values[at + 6] = record.fundingRate
  } else {
    invariant(kind === recordKinds.liquidation, 'WIRE-1', 'a market record is of no known kind')
    values[at + 3] = record.priceTicks
    values[at + 4] = record.quantityLots
    values[at + 5] = record.aggressor
    values[at + 6] = record.notionalMinor
  }
}

/** Fills `record` anew. @param kind - As the slot says: 1 … 4. */
export function readRecord(kind: RecordKind, values: Float64Array, at: number, record: MarketRecord): void {
  clearRecord(record, kind, values[at + 1]! | 0, values[at + 2]!)
  if (kind === recordKinds.trade) {
    record.priceTicks = values[at + 3]!
    record.quantityLots = values[at + 4]!
    record.aggressor = values[at + 5]!
  } else if (kind === recordKinds.book) {
    record.bidTicks = values[at + 3]!
    record.bidLots = values[at + 4]!
    record.askTicks = values[at + 5]!
    record.askLots = values[at + 6]!
    record.bidDepthLots = values[at + 7]!
    record.askDepthLots = values[at + 8]!
  } else if (kind === recordKinds.context) {
    record.markTicks = values[at + 3]!
    record.oracleTicks = values[at + 4]!
    record.openInterestLots = values[at + 5]!
    record.fundingRate = values[at + 6]!
  } else {
    record.priceTicks = values[at + 3]!
    record.quantityLots = values[at + 4]!
    record.aggressor = values[at + 5]!
    record.notionalMinor = values[at + 6]!
  }
}

export function writeState(update: StateUpdate, values: Float64Array, at: number): void {
  values[at + 1] = update.symbolIndex
  values[at + 2] = update.atNs
  values[at + 3] = update.stateVersion
}

/** Fills `update` anew. */
export function readState(values: Float64Array, at: number, update: StateUpdate): void {
  update.symbolIndex = values[at + 1]! | 0
  update.atNs = values[at + 2]!
  update.stateVersion = values[at + 3]!
}
