/**
 * What every codec at the border shares: zod schemas whose messages are ours, and the one line in which a person reads
 * what is wrong (`scenario.json: candidates[1].priority_score: must be a number in 0 … 1, got 1.2`). Pure; any thread; cold.
 */
import { z } from 'zod'
import { inputError } from '../base/errors.ts'
import { meantBy } from '../base/spelling.ts'
import { exactScaled } from './decimal.ts'
import { LongNumber } from './lossless-json.ts'
import { moneyDecimals } from './units.ts'

/** The greatest amount of money whose minor units a `number` holds exactly (ERRATA E33), in units: 2^53 − 1 of them. */
const moneyMaxText = '90071992547409.91'

/** Nanosecond times are what a signed 64-bit integer holds: the years 1677 … 2262. */
const timeNsMin = -(2n ** 63n)
const timeNsMax = 2n ** 63n - 1n

/**
 * `json` as the schema says, or the first thing that is wrong with it.
 *
 * @param path - Where the value stands, before its own keys: `policy`, or a file name followed by `: `; '' for nowhere.
 * @throws {SignalboxError} `ERR_INPUT` naming the key.
 */
export function parseAt<Output>(schema: z.ZodType<Output>, json: unknown, path: string): Output {
  refusePrototype(json, path)
  const result = schema.safeParse(json)
  if (result.success) return result.data
  // An unknown key first: it is most often the misspelt name of one that is missed.
  const { issues } = result.error
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!
  if (issue.code === 'unrecognized_keys')
    throw inputError(keyPath(path, [...issue.path, issue.keys[0]!]), issue.message)
  throw inputError(keyPath(path, issue.path), issue.message, valueAt(json, issue.path))
}

/** `candidates`, 1, `symbol` under `policy` is `policy.candidates[1].symbol`. Odd keys are quoted: the line stays one line. */
export function keyPath(path: string, keys: readonly PropertyKey[]): string {
  let result = path
  for (const key of keys) {
    if (typeof key === 'number') result += `[${key}]`
    else if (!/^[\w*-]{1,63}$/.test(String(key))) result += `[${show(String(key))}]`
    else if (result === '' || result.endsWith(': ')) result += String(key)
    else result += `.${String(key)}`
  }
  if (result === '') return 'input'
  return result.endsWith(': ') ? result.slice(0, -2) : result
}

/** A key `__proto__`, which only a parsed text can have, would be lost in silence. `parseLossless` refuses it before. */
function refusePrototype(json: unknown, path: string): void {
  if (typeof json !== 'object' || json === null) return
  for (const key of Object.keys(json)) {
    const place = keyPath(path, [Array.isArray(json) ? Number(key) : key])
    if (key === '__proto__') throw inputError(place, 'the key is not allowed')
    refusePrototype((json as Record<string, unknown>)[key], place)
  }
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = json
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  return value
}

/** A value as a message shows it: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'bigint' || typeof value === 'number') return String(value)
  if (value instanceof LongNumber) return value.text
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`
}

/** A leaf: `what` names what it must be, and `accepts` says whether a value is that. A long number is its double. */
function leaf<Value>(what: string, accepts: (value: unknown) => boolean): z.ZodType<Value> {
  return z
    .custom<Value | LongNumber>((value) => accepts(doubleOf(value)), {
      error: (issue) => `must be ${what}, got ${show(issue.input)}`,
    })
    .transform((value) => doubleOf(value) as Value)
}

/** A long number as its double; anything else as it is. */
export function doubleOf(value: unknown): unknown {
  return value instanceof LongNumber ? value.value : value
}

/** A finite number in `min … max`. */
export function numberIn(min: number, max: number): z.ZodType<number> {
  return leaf(`a number in ${min} … ${max}`, (value) => typeof value === 'number' && value >= min && value <= max)
}

/** A finite number ≥ `min`. */
export function numberFrom(min: number): z.ZodType<number> {
  return leaf(`a number ≥ ${min}`, (value) => typeof value === 'number' && value >= min && value < Infinity)
}

/** A finite number > `min`, and ≤ `max` where that is given. */
export function numberAbove(min: number, max = Infinity): z.ZodType<number> {
  const what = max === Infinity ? `a number > ${min}` : `a number > ${min} and ≤ ${max}`
  return leaf(what, (value) => typeof value === 'number' && value > min && value <= max && value < Infinity)
}

/** An integer in `min … max`. */
export function integerIn(min: number, max: number): z.ZodType<number> {
  const what = max === Number.MAX_SAFE_INTEGER ? `an integer ≥ ${min}` : `an integer in ${min} … ${max}`
  return leaf(what, (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max)
}

/** One of a closed list of words. */
export function wordOf<const Words extends readonly string[]>(words: Words): z.ZodType<Words[number]> {
  return leaf(`one of ${words.join(', ')}`, (value) => typeof value === 'string' && words.includes(value))
}

/** A name: text of 1 … `sizeMax` bytes of UTF-8. A lone surrogate has no UTF-8. */
export function nameOf(sizeMax: number): z.ZodType<string> {
  return leaf(
    `text of 1 … ${sizeMax} bytes of UTF-8`,
    (value) =>
      typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value) && Buffer.byteLength(value) <= sizeMax,
  )
}

/**
 * Money ≥ 0, as minor units, read digit by digit: from 2^46 units on a double no longer tells one cent from the next. A number that
 * was not read from text counts as what it is printed as.
 */
export function money(): z.ZodType<number> {
  return moneyIn(`0 … ${moneyMaxText}`, (minor) => minor >= 0)
}

/** Money of either sign, as minor units. */
export function signedMoney(): z.ZodType<number> {
  return moneyIn(`-${moneyMaxText} … ${moneyMaxText}`, (minor) => !Number.isNaN(minor))
}

function moneyIn(range: string, accepts: (minor: number) => boolean): z.ZodType<number> {
  const what = `money in ${range} with at most ${moneyDecimals} decimals`
  return z
    .custom<number | LongNumber>((value) => accepts(minorOf(value)), {
      error: (issue) => `must be ${what}, got ${show(issue.input)}`,
    })
    .transform((value) => minorOf(value))
}

/** Minor units, or NaN for what is no money. */
function minorOf(value: unknown): number {
  if (value instanceof LongNumber) return exactScaled(value.text, moneyDecimals)
  return typeof value === 'number' && Number.isFinite(value) ? exactScaled(String(value), moneyDecimals) : Number.NaN
}

/**
 * A time in nanoseconds: an integer, or the decimal text of one. A number with a fraction or an exponent that passed 2^53
 * has lost digits on its way here, so it is refused.
 */
export function timeNs(min: bigint = timeNsMin): z.ZodType<bigint> {
  return leaf<number | bigint | string>(`an integer of nanoseconds in ${min} … ${timeNsMax}`, (value) => {
    if (
      typeof value === 'string'
        ? !/^-?\d{1,19}$/.test(value)
        : typeof value !== 'bigint' && !Number.isSafeInteger(value)
    ) {
      return false
    }
    const time = BigInt(value as number | bigint | string)
    return time >= min && time <= timeNsMax
  }).transform((value) => BigInt(value))
}

/** An object with these keys and no other. Say `.nullish()` on what may be left out: null means that too. */
export function objectOf<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? unknownKey(issue.keys[0]!, Object.keys(shape))
        : `must be an object, got ${show(issue.input)}`,
  })
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = meantBy(key, known)
  return meant === null ? `unknown key; known: ${known.join(', ')}` : `unknown key; ${meant} is one`
}

/** An object with free keys, all of whose values are of one kind. */
export function tableOf<Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string(), value, { error: (issue) => `must be an object, got ${show(issue.input)}` })
}

/** A list. */
export function listOf<Value extends z.ZodType>(value: Value): z.ZodArray<Value> {
  return z.array(value, { error: (issue) => `must be a list, got ${show(issue.input)}` })
}
