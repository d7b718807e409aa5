/** Reads one line of `trades-NNNNNN.ndjson`: one closed trade. Money in units of the quote currency. Pure; any thread. */
import { z } from 'zod'
import { parseEntry } from './entry-fields.ts'
import type { JournalLine } from './reader.ts'

/** What a trade, real or hypothetical, came to. */
export const outcomeSchema = z.looseObject({
  entry_price: z.number(),
  exit_price: z.number(),
  pnl: z.number(),
  hold_time_ms: z.number(),
  exit_reason: z.string(),
})

const schema = z.looseObject({
  event_id: z.string(),
  /** Null: `strategy` claimed it by itself. */
  arbitration_id: z.string().nullable(),
  strategy: z.string().optional(),
  symbol: z.string(),
  side: z.enum(['long', 'short']),
  quantity: z.number(),
  capital: z.number(),
  fees: z.number(),
  funding: z.number(),
  outcome: outcomeSchema,
})

export type TradeEntry = Readonly<z.infer<typeof schema>>

/** @throws {SignalboxError} `ERR_INPUT` naming file, line and key where the line is no closed trade. */
export function tradeEntryOf(line: JournalLine): TradeEntry {
  return parseEntry(schema, line)
}
