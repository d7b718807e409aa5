/** Reads one line of `refusals-NNNNNN.ndjson`: an entry that the venue never filled. Pure; any thread. */
import { z } from 'zod'
import { entryRefusalReasons } from '../domain/order.ts'
import { parseEntry, wholeNs } from './entry-fields.ts'
import type { JournalLine } from './reader.ts'

const schema = z.looseObject({
  event_id: z.string(),
  /** Null: `strategy` claimed it by itself. */
  arbitration_id: z.string().nullable(),
  strategy: z.string().optional(),
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
