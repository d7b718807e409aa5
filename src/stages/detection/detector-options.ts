/**
 * Options of the detectors as data: each with unit, range and default, so that the configuration, `--help` and the documents
 * read one table. Pure; any thread.
 */
import { inputError } from '../../base/errors.ts'
import { doubleOf, keyPath, money, parseAt, show } from '../../domain/border.ts'
import { toMoney } from '../../domain/units.ts'

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

const isMoney = (name: string): boolean => name.endsWith('Minor')

/** The key of an option in JSON: `moveSigmas` is `move_sigmas`; money is in units there, so `capitalRequiredMinor` is `capital_required`. */
export function optionKeyOf(name: string): string {
  return name.replace(/Minor$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** An option's value as JSON has it: money in units. */
export function optionValueOf(name: string, value: number): number {
  return isMoney(name) ? toMoney(value) : value
}

/** A unit as a person reads it beside the JSON keys: one that names another option names its key. */
function unitOf(name: string, spec: OptionSpec): string {
  if (isMoney(name)) return 'quote currency'
  return spec.unit.replace(/\b[a-z]+[A-Z][A-Za-z]*\b/g, optionKeyOf)
}

/** Each option of a table as JSON has it: its key, default and range (money in units), unit, and what it is about. */
export function optionLines(table: OptionTable): string[] {
  const rows = Object.entries(table).map(([name, spec]) => {
    const shown = (value: number): number => optionValueOf(name, value)
    const range = `${shown(spec.min)} … ${shown(spec.max)}`
    return [optionKeyOf(name), `${shown(spec.default)}`, range, `${unitOf(name, spec)}: ${spec.about}`] as const
  })
  const widthOf = (column: 0 | 1 | 2): number => Math.max(...rows.map((row) => row[column].length))
  const widths = [widthOf(0), widthOf(1), widthOf(2)] as const
  return rows.map(([key, value, range, about]) =>
    [key.padEnd(widths[0]), value.padEnd(widths[1]), range.padEnd(widths[2]), about].join('  '),
  )
}

/**
 * Options from JSON under their names inside, money in minor units; null is left out.
 *
 * @param path - Where they stand, for the message: `engine.json: detectors.cascade`.
 * @throws {SignalboxError} `ERR_INPUT` for an unknown key or a value outside its range, naming path and key.
 */
export function optionsFromJson(
  path: string,
  table: OptionTable,
  json: Readonly<Record<string, unknown>>,
): Record<string, number> {
  const nameOf = new Map(Object.keys(table).map((name) => [optionKeyOf(name), name]))
  const values: Record<string, number> = {}
  for (const [key, value] of Object.entries(json)) {
    const place = keyPath(path, [key])
    const name = nameOf.get(key)
    if (name === undefined) throw inputError(place, `unknown option; known: ${[...nameOf.keys()].join(', ')}`, value)
    if (value !== null) values[name] = optionFromJson(place, name, table[name]!, value)
  }
  return values
}

function optionFromJson(place: string, name: string, spec: OptionSpec, json: unknown): number {
  const value = isMoney(name) ? parseAt(money(), json, place) : doubleOf(json)
  if (typeof value === 'number' && value >= spec.min && value <= spec.max) return value
  const [min, max] = isMoney(name) ? [toMoney(spec.min), toMoney(spec.max)] : [spec.min, spec.max]
  throw inputError(place, `must be a number in ${min} … ${max} (${unitOf(name, spec)}), got ${show(json)}`, json)
}
