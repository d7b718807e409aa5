/** Reads one line of `events-NNNNNN.ndjson`: one lifecycle change of an event. Pure; any thread. */
import { z } from 'zod'
import { lifecycleNames } from '../domain/event.ts'
import { parseEntry, wholeNs } from './entry-fields.ts'
import type { JournalLine } from './reader.ts'

const schema = z.looseObject({
  event_id: z.string(),
  event_type: z.string(),
  symbol: z.string(),
  side: z.enum(['long', 'short']),
  state: z.enum(lifecycleNames),
  at_ns: wholeNs,
  priority_score: z.number(),
  /** A number that could not be known is null. */
  evidence: z.record(z.string(), z.number().nullable()),
  /** Why nothing was ordered on it; only with the end of one that was declined. */
  reason: z.string().optional(),
})

export type EventEntry = Readonly<z.infer<typeof schema>>

/** @throws {SignalboxError} `ERR_INPUT` naming file, line and key where the line is no lifecycle change. */
export function eventEntryOf(line: JournalLine): EventEntry {
  return parseEntry(schema, line)
}
