/** Reads one line of `refusals-NNNNNN.ndjson`: an entry that the venue never filled. Pure. */
import { z } from 'zod'
import { entryRefusalReasons } from '../../domain/order.ts'
import { parseEntry, wholeNs } from '../../journal/entry-fields.ts'
import type { JournalLine } from '../../journal/reader.ts'
import { unitsText } from './figures.ts'

const schema = z.looseObject({
  event_id: z.string(),
  arbitration_id: z.string(),
  symbol: z.string(),
  side: z.enum(['long', 'short']),
  quantity: z.number(),
  capital: z.number(),
  at_ns: wholeNs,
  reason: z.enum(entryRefusalReasons),
  limit_price: z.number(),
  /** Where it would have been filled; null when it never arrived. */
  price: z.number().nullable(),
})

export type RefusalEntry = Readonly<z.infer<typeof schema>>

/** @throws {SignalboxError} `ERR_INPUT` naming file, line and key where the line is no refused entry. */
export function refusalEntryOf(line: JournalLine): RefusalEntry {
  return parseEntry(schema, line)
}

/** The refusal as an explanation has it. */
export interface RefusalJson {
  readonly arbitration_id: string
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
  const { arbitration_id, symbol, side, quantity, capital, at_ns, reason, limit_price, price } = entry
  return { arbitration_id, symbol, side, quantity, capital, at_ns, reason, limit_price, price }
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
