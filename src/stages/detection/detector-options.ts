/**
 * Options of the detectors as data: each with unit, range and default, so that the configuration, `--help` and the documents
 * read one table. Pure; any thread.
 */
import { inputError } from '../../base/errors.ts'

export interface OptionSpec {
  readonly default: number
  readonly min: number
  readonly max: number
  readonly unit: string
  readonly about: string
}

export type OptionTable = Readonly<Record<string, OptionSpec>>
export type OptionValues<Table extends OptionTable> = Readonly<Record<keyof Table, number>>

/**
 * The table's defaults with what a person gave laid over them.
 *
 * @param path - Where the options stand in the configuration, for the message: `detectors.cascade`.
 * @throws {SignalboxError} `ERR_INPUT` for a key that is not in the table or a value outside its range, naming the key.
 */
export function resolveOptions<Table extends OptionTable>(
  path: string,
  table: Table,
  given: Readonly<Record<string, number | undefined>>,
): OptionValues<Table> {
  const values: Record<string, number> = {}
  for (const [name, spec] of Object.entries(table)) values[name] = spec.default
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (!Object.hasOwn(table, name)) {
      throw inputError(`${path}.${name}`, `unknown option; known: ${Object.keys(table).join(', ')}`, value)
    }
    const { min, max, unit } = table[name]!
    if (typeof value !== 'number' || !(value >= min && value <= max)) {
      throw inputError(`${path}.${name}`, `must be a number in ${min} … ${max} (${unit}), got ${value}`, value)
    }
    values[name] = value
  }
  return values as OptionValues<Table>
}
