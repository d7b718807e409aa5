/** Market records: what every feed yields, whatever its source. Plain numbers, so that they cross threads by codec. */

/**
 * What a record tells. The numbers are the tie order of the merge: at one instant contexts apply before trades, trades before the
 * liquidations among them, and the book that they left behind comes last.
 */
export const recordKinds = { context: 1, trade: 2, liquidation: 3, book: 4 } as const
export type RecordKind = (typeof recordKinds)[keyof typeof recordKinds]

/**
 * One record, one shape for all kinds (the fields of other kinds are NaN or 0, as after {@link clearRecord}), reused by the
 * feed: a receiver that keeps a record copies it.
 */
export interface MarketRecord {
  kind: RecordKind
  /** Index into the run's symbols. */
  symbolIndex: number
  /** Exchange time, nanoseconds since the timeline's epoch; never goes back within a run. */
  atNs: number
  /** Trade: price in ticks. Liquidation: its average fill price. Otherwise 0. */
  priceTicks: number
  /** Trade, liquidation: quantity in lots. Otherwise 0. */
  quantityLots: number
  /** Trade: +1 the aggressor bought, −1 it sold. Liquidation: +1 a short was bought back, −1 a long was sold. Otherwise 0. */
  aggressor: number
  /** Liquidation: what was filled is worth, minor units. A tape may tell fewer than there were. Otherwise 0. */
  notionalMinor: number
  /** Context: mark price in ticks. Otherwise NaN, as where a context does not tell it. */
  markTicks: number
  /** Context: oracle (index) price in ticks. Otherwise NaN. */
  oracleTicks: number
  /** Context: open interest in lots. Otherwise NaN. */
  openInterestLots: number
  /** Context: the current funding rate, fraction an hour (+1.25e-05: longs pay 0.00125 % an hour). Otherwise NaN. */
  fundingRate: number
  /** Book: best bid and ask, ticks, and what lies there, lots. NaN where that side is empty. Otherwise NaN. */
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
  /** Book: lots on the best 20 levels of a side, or on all when there are fewer. NaN where the source tells only the top. Otherwise NaN. */
  bidDepthLots: number
  askDepthLots: number
}

/** How many levels of a side {@link MarketRecord.bidDepthLots} adds up, at most. */
export const depthLevels = 20

export function createMarketRecord(): MarketRecord {
  return {
    kind: recordKinds.trade,
    symbolIndex: 0,
    atNs: 0,
    priceTicks: 0,
    quantityLots: 0,
    aggressor: 0,
    notionalMinor: 0,
    markTicks: Number.NaN,
    oracleTicks: Number.NaN,
    openInterestLots: Number.NaN,
    fundingRate: Number.NaN,
    bidTicks: Number.NaN,
    bidLots: Number.NaN,
    askTicks: Number.NaN,
    askLots: Number.NaN,
    bidDepthLots: Number.NaN,
    askDepthLots: Number.NaN,
  }
}

/** Makes a reused record one of `kind` that tells nothing yet. */
export function clearRecord(record: MarketRecord, kind: RecordKind, symbolIndex: number, atNs: number): void {
  record.kind = kind
  record.symbolIndex = symbolIndex
  record.atNs = atNs
  record.priceTicks = 0
  record.quantityLots = 0
  record.aggressor = 0
  record.notionalMinor = 0
  record.markTicks = Number.NaN
  record.oracleTicks = Number.NaN
  record.openInterestLots = Number.NaN
  record.fundingRate = Number.NaN
  record.bidTicks = Number.NaN
  record.bidLots = Number.NaN
  record.askTicks = Number.NaN
  record.askLots = Number.NaN
  record.bidDepthLots = Number.NaN
  record.askDepthLots = Number.NaN
}
