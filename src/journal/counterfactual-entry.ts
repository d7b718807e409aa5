/**
 * Reads of one line of `counterfactuals-NNNNNN.ndjson` what became, or would have become, of each event of a decision. Pure;
 * any thread.
 */
import { z } from 'zod'
import { parseEntry } from './entry-fields.ts'
import type { JournalLine } from './reader.ts'
import { outcomeSchema } from './trade-entry.ts'

const schema = z.looseObject({
  arbitration_id: z.string(),
  rejected: z.array(
    z.looseObject({
      event_id: z.string(),
      hypothetical_outcome: outcomeSchema.nullable(),
      opportunity_cost: z.number().nullable(),
      filtered: z.string().nullable(),
    }),
  ),
})

export type CounterfactualEntry = Readonly<z.infer<typeof schema>>

/** @throws {SignalboxError} `ERR_INPUT` naming file, line and key where the line is no counterfactual. */
export function counterfactualEntryOf(line: JournalLine): CounterfactualEntry {
  return parseEntry(schema, line)
}
