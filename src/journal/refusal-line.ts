/** One entry that the venue never filled as one line of `refusals-NNNNNN.ndjson`. Pure; any thread. */
import type { Side } from '../domain/event.ts'
import { type Instrument, toPrice, toQuantity } from '../domain/instrument.ts'
import type { EntryOrder, EntryRefusal } from '../domain/order.ts'
import { moneyText } from './json-number.ts'
import { strategyText } from './trade-line.ts'

/** A refused entry and where it came from. */
export interface RefusedEntry {
  readonly eventId: string
  /** The decision that selected it; null: `strategy` claimed it by itself. */
  readonly arbitrationId: string | null
  readonly strategy?: string | undefined
  readonly instrument: Instrument
  readonly side: Side
  /** What the decision allocated or the strategy reserved, minor units; free again at `atNs`. */
  readonly capitalMinor: number
  readonly order: EntryOrder
  readonly refusal: EntryRefusal
  /** Unix nanoseconds of the refusal. */
  readonly atNs: bigint
}

/** The refusal as JSON on one line, without the line's end; its `price` is null when the entry never arrived. */
export function refusalLine(entry: RefusedEntry): string {
  const { instrument, order, refusal } = entry
  const price = Number.isNaN(refusal.priceTicks) ? null : toPrice(instrument, refusal.priceTicks)
  return (
    `{"event_id":${JSON.stringify(entry.eventId)}` +
    `,"arbitration_id":${JSON.stringify(entry.arbitrationId)}${strategyText(entry.strategy)}` +
    `,"symbol":${JSON.stringify(instrument.symbol)}` +
    `,"side":"${entry.side}"` +
    `,"quantity":${toQuantity(instrument, order.quantityLots)}` +
    `,"capital":${moneyText(entry.capitalMinor)}` +
    `,"at_ns":${entry.atNs}` +
    `,"reason":"${refusal.reason}"` +
    `,"limit_price":${toPrice(instrument, order.limitTicks)}` +
    `,"price":${price}}`
  )
}
