/** Market records: what every feed yields, whatever its source. Plain numbers, so that they cross threads by codec. */

/** What a record tells. The numbers are the tie order of the merge: at one instant contexts apply before trades. */
export const recordKinds = { context: 1, trade: 2 } as const
export type RecordKind = (typeof recordKinds)[keyof typeof recordKinds]

/**
 * One record, one shape for all kinds (the fields of other kinds are NaN or 0), reused by the feed: a receiver that keeps a
 * record copies it.
 */
export interface MarketRecord {
  kind: RecordKind
  /** Index into the run's symbols. */
  symbolIndex: number
  /** Exchange time, nanoseconds since the timeline's epoch; never goes back within a run. */
  atNs: number
  /** Trade: price in ticks. Otherwise 0. */
  priceTicks: number
  /** Trade: quantity in lots. Otherwise 0. */
  quantityLots: number
  /** Trade: +1 the aggressor bought, −1 it sold. Otherwise 0. */
  aggressor: number
  /** Context: mark price in ticks. Otherwise NaN. */
  markTicks: number
  /** Context: oracle (index) price in ticks. Otherwise NaN. */
  oracleTicks: number
  /** Context: open interest in lots. Otherwise NaN. */
  openInterestLots: number
  /** Context: the current funding rate, fraction an hour (+1.25e-05: longs pay 0.00125 % an hour). Otherwise NaN. */
  fundingRate: number
}

export function createMarketRecord(): MarketRecord {
  return {
    kind: recordKinds.trade,
    symbolIndex: 0,
    atNs: 0,
    priceTicks: 0,
    quantityLots: 0,
    aggressor: 0,
    markTicks: Number.NaN,
    oracleTicks: Number.NaN,
    openInterestLots: Number.NaN,
    fundingRate: Number.NaN,
  }
}
