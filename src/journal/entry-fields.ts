/**
 * What the readers of journal entries share: fields of a line as values, and the place in messages. Unknown keys are accepted:
 * a journal may be younger than its reader. Pure; any thread.
 */
import { z } from 'zod'
import { parseAt } from '../domain/border.ts'
import { minorPerUnit } from '../domain/units.ts'
import type { JournalLine } from './reader.ts'

/** Integers that may have passed 2^53, as bigints. */
export const wholeNs = z
  .union([z.bigint(), z.number().int()], { error: 'must be an integer of nanoseconds' })
  .transform((value) => BigInt(value))

/**
 * Money as minor units: the nearest, for what our own writer wrote is exact below 2^46 units, and beyond them a double no longer
 * tells every cent.
 */
export const wholeMinor = z.number().transform((value) => Math.round(value * minorPerUnit))

/** The line as the schema says. @throws {SignalboxError} `ERR_INPUT` naming file, line and key. */
export function parseEntry<Output>(schema: z.ZodType<Output>, line: JournalLine): Output {
  return parseAt(schema, line.value, `${line.file}:${line.line}: `)
}
