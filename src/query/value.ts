/** A value of an answer as text, as JSON and as JavaScript has it, without a digit lost. Pure; any thread. */

/** Values of SQL that JavaScript has no type for are objects of DuckDB, whose text is SQL's. */
interface Nested {
  readonly items?: readonly unknown[]
  readonly entries?: Readonly<Record<string, unknown>> | readonly { readonly key: unknown; readonly value: unknown }[]
}

export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue }

/** As a table or CSV shows it: SQL's text, lists and structures as JSON; null is null. */
export function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return isNested(value) ? jsonOf(value) : String(value)
}

/** As JSON: integers and decimals as bare digits, times in ISO 8601, what is no number in JSON (NaN, infinite) null. */
export function jsonOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null'
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (isNested(value)) {
    if (value.items !== undefined) return `[${value.items.map(jsonOf).join(',')}]`
    return `{${pairsOf(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${jsonOf(item)}`)
      .join(',')}}`
  }
  if (isDecimal(value)) return String(value)
  return JSON.stringify(isTimestamp(value) ? isoOf(String(value)) : String(value))
}

/** As JavaScript: integers of 64 bits and more are bigints, decimals and times strings that say all their digits. */
export function plainOf(value: unknown): PlainValue {
  if (value === null || value === undefined) return null
  if (typeof value !== 'object') return value as PlainValue
  if (!isNested(value)) return isTimestamp(value) ? isoOf(String(value)) : String(value)
  if (value.items !== undefined) return value.items.map(plainOf)
  return Object.fromEntries(pairsOf(value).map(([key, item]) => [key, plainOf(item)]))
}

function isNested(value: unknown): value is Nested {
  return typeof value === 'object' && value !== null && ('items' in value || 'entries' in value)
}

function pairsOf({ entries }: Nested): [string, unknown][] {
  if (Array.isArray(entries)) return entries.map(({ key, value }) => [textOf(key) ?? '', value])
  return Object.entries((entries ?? {}) as Readonly<Record<string, unknown>>)
}

function isDecimal(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'scale' in value && 'width' in value
}

const timestampKeys = ['nanos', 'micros', 'millis', 'milliseconds', 'seconds']

/** Times of a day and intervals have such keys too; a point in time has a date. */
function isTimestamp(value: object): boolean {
  return timestampKeys.some((key) => key in value) && /^\d{4,}-\d\d-\d\d \d\d:/.test(String(value))
}

/** The session's time zone is UTC. */
function isoOf(text: string): string {
  const [, date, time] = /^(\S+) ([\d:.]+)/.exec(text)!
  return `${date}T${time}Z`
}
