/** One closed trade as one line of `trades-NNNNNN.ndjson` (CONTRACTS "Journal entry"). Pure; any thread. */
import type { Side } from '../domain/event.ts'
import { type Instrument, toPrice, toQuantity } from '../domain/instrument.ts'
import type { TradeOutcome } from '../domain/outcome.ts'
import { nsPerMs } from '../domain/units.ts'
import { moneyText } from './json-number.ts'

/** A closed trade and where it came from. */
export interface ClosedTrade {
  readonly eventId: string
  /** The decision that selected it; null: `strategy` claimed it by itself. */
  readonly arbitrationId: string | null
  readonly strategy?: string | undefined
  readonly instrument: Instrument
  readonly side: Side
  /** What the decision allocated or the strategy reserved, minor units. */
  readonly capitalMinor: number
  readonly outcome: TradeOutcome
}

/** The trade as JSON on one line, without the line's end; its `pnl` is after `fees` (≥ 0) and `funding` (received +, paid −). */
export function tradeLine(trade: ClosedTrade): string {
  const { instrument, outcome } = trade
  return (
    `{"event_id":${JSON.stringify(trade.eventId)}` +
    `,"arbitration_id":${JSON.stringify(trade.arbitrationId)}${strategyText(trade.strategy)}` +
    `,"symbol":${JSON.stringify(instrument.symbol)}` +
    `,"side":"${trade.side}"` +
    `,"quantity":${toQuantity(instrument, outcome.quantityLots)}` +
    `,"capital":${moneyText(trade.capitalMinor)}` +
    `,"fees":${moneyText(outcome.feesMinor)}` +
    `,"funding":${moneyText(outcome.fundingMinor)}` +
    `,"outcome":${outcomeText(instrument, outcome)}}`
  )
}

/** The key of the strategy that claimed it by itself; '' where a decision selected it. */
export function strategyText(strategy: string | undefined): string {
  return strategy === undefined ? '' : `,"strategy":${JSON.stringify(strategy)}`
}

/** An outcome as JSON, in trades and counterfactuals alike. The hold time is in whole milliseconds, rounded down. */
export function outcomeText(instrument: Instrument, outcome: TradeOutcome): string {
  return (
    `{"entry_price":${toPrice(instrument, outcome.entryTicks)}` +
    `,"exit_price":${toPrice(instrument, outcome.exitTicks)}` +
    `,"pnl":${moneyText(outcome.pnlMinor)}` +
    `,"hold_time_ms":${Math.floor((outcome.exitAtNs - outcome.entryAtNs) / nsPerMs)}` +
    `,"exit_reason":"${outcome.exitReason}"}`
  )
}
