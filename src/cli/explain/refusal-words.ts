/** A refused entry as an explanation has it, and in words. Pure. */
import type { RefusalEntry } from '../../journal/refusal-entry.ts'
import { unitsText } from './figures.ts'

/** The refusal as an explanation has it. */
export interface RefusalJson {
  /** Null: `strategy` claimed it by itself. */
  readonly arbitration_id: string | null
  readonly strategy?: string
  readonly symbol: string
  readonly side: string
  readonly quantity: number
  readonly capital: number
  readonly at_ns: bigint
  readonly reason: string
  readonly limit_price: number
  readonly price: number | null
}

export function refusalJson(entry: RefusalEntry): RefusalJson {
  const { arbitration_id, strategy, symbol, side, quantity, capital, at_ns, reason, limit_price, price } = entry
  const by = strategy === undefined ? { arbitration_id } : { arbitration_id, strategy }
  return { ...by, symbol, side, quantity, capital, at_ns, reason, limit_price, price }
}

/** Why it was never filled, with the numbers; no capital letter and no full stop, to go on with. */
export function refusalText({
  reason,
  limit_price: limit,
  price,
  quantity,
  capital,
  side,
  symbol,
}: RefusalEntry): string {
  switch (reason) {
    case 'beyond_limit':
      return `the entry was refused: market ${price} beyond its limit ${limit}`
    case 'beyond_margin':
      return `the entry was refused: ${side} ${quantity} ${symbol} at ${price} was worth more than its margin of ${unitsText(capital)} carries`
    case 'end_of_data':
      return `the entry (limit ${limit}) never arrived: the data ended before`
  }
}
