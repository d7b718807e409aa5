/** What became of a trade. Money in minor units, prices in ticks. */

export const exitReasons = [
  'target_hit',
  'stop_hit',
  'event_completed',
  'invalidated',
  'time_stop',
  'end_of_data',
] as const
export type ExitReason = (typeof exitReasons)[number]

/** A finished trade, real (paper) or hypothetical. */
export interface TradeOutcome {
  readonly entryTicks: number
  readonly exitTicks: number
  readonly entryAtNs: number
  readonly exitAtNs: number
  readonly quantityLots: number
  /** All fees, ≥ 0. */
  readonly feesMinor: number
  /** Funding received (+) or paid (−). */
  readonly fundingMinor: number
  /** Price difference × quantity, less fees, plus funding. */
  readonly pnlMinor: number
  readonly exitReason: ExitReason
}
