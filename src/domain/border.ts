/**
 * What every codec at the border shares: zod schemas whose messages are ours, and the one line in which a person reads
 * what is wrong (`scenario.json: candidates[1].priority_score: must be a number in 0 … 1, got 1.2`). Pure; any thread; cold.
 */
import { z } from 'zod'
import { inputError } from '../base/errors.ts'
import { minorPerUnit, moneyDecimals, toMoney, toScaledInteger } from './units.ts'

/** The greatest amount of money whose minor units a `number` holds exactly (ERRATA E33). */
const moneyMax = toMoney(Number.MAX_SAFE_INTEGER)

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
  const result = schema.safeParse(json)
  if (result.success) return result.data
  // An unknown key first: it is most often the misspelt name of one that is missed.
  const { issues } = result.error
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!
  if (issue.code === 'unrecognized_keys')
    throw inputError(keyPath(path, [...issue.path, issue.keys[0]!]), 'unknown key')
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

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = json
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  return value
}

/** A value as a message shows it: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'bigint' || typeof value === 'number') return String(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`
}

/** A leaf: `what` names what it must be, and `accepts` says whether a value is that. */
function leaf<Value>(what: string, accepts: (value: unknown) => boolean): z.ZodType<Value> {
  return z.custom<Value>(accepts, { error: (issue) => `must be ${what}, got ${show(issue.input)}` })
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
 * Money ≥ 0, as minor units. A number has at most two decimals exactly when its cents give it back; from 2^45 units on a double
 * does not surely tell one cent from the next, so there it must be whole.
 */
export function money(): z.ZodType<number> {
  return moneyAtLeast(0)
}

/** Money of either sign, as minor units. */
export function signedMoney(): z.ZodType<number> {
  return moneyAtLeast(-moneyMax)
}

function moneyAtLeast(min: number): z.ZodType<number> {
  return leaf<number>(`money in ${min} … ${moneyMax} with at most ${moneyDecimals} decimals`, (value) => {
    if (typeof value !== 'number' || !(value >= min)) return false
    if (toScaledInteger(value, moneyDecimals) / minorPerUnit !== value) return false
    return Number.isInteger(value) || Math.abs(value) < 2 ** 45
  }).transform((value) => toScaledInteger(value, moneyDecimals) + 0)
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
    error: (issue) => (issue.code === 'invalid_type' ? `must be an object, got ${show(issue.input)}` : undefined),
  })
}

/** An object with free keys, all of whose values are of one kind. */
export function tableOf<Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string(), value, { error: (issue) => `must be an object, got ${show(issue.input)}` })
}

/** A list. */
export function listOf<Value extends z.ZodType>(value: Value): z.ZodArray<Value> {
  return z.array(value, { error: (issue) => `must be a list, got ${show(issue.input)}` })
}
