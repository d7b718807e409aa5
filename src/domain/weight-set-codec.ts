/**
 * A weight set as a line of `weights.ndjson` (CONTRACTS "tune --json"): `{version, weights, by_regime, at, reason}`, and `returns_to` of a
 * rollback. Reads it strictly: refuses what is wrong by key. Pure; any thread; cold.
 */
import { z } from 'zod'
import { inputError } from '../base/errors.ts'
import { integerIn, keyPath, numberIn, objectOf, parseAt, show } from './border.ts'
import type { Weights } from './policy.ts'
import { weightsJson } from './policy-json.ts'
import type { NumberedWeightSet, WeightSet } from './weight-set.ts'

/** A weight, so that no score overflows whatever the policy's age bonus is: the greatest double takes this much without a change. */
export const weightMax = 1e9
export const reasonBytesMax = 500

const weight = numberIn(0, weightMax)
const weightsSchema = objectOf({
  priority_score: weight,
  freshness: weight,
  regime_alignment: weight,
  expected_value: weight,
})
const own = weightsSchema.nullish()

const setSchema = objectOf({
  version: integerIn(1, Number.MAX_SAFE_INTEGER),
  weights: weightsSchema,
  by_regime: objectOf({ expansion: own, contraction: own, trend: own, sideways: own }).nullish(),
  at: textOf('a time as 2026-06-17T18:00:00Z', isTime),
  reason: textOf(`text of 1 … ${reasonBytesMax} bytes of UTF-8 without control characters`, isReason),
  returns_to: integerIn(1, Number.MAX_SAFE_INTEGER).nullish(),
})

const claimingKeys = ['version', 'weights', 'by_regime', 'returns_to']
const otherKeys = ['in_sample', 'challenger']

/**
 * Whether a line means to be a set: it has a key of one, and none of the other lines of the file (a result of `tune`, a word on a
 * challenger).
 */
export function claimsToBeSet(line: Readonly<Record<string, unknown>>): boolean {
  const has = (key: string): boolean => Object.hasOwn(line, key)
  return claimingKeys.some(has) && !otherKeys.some(has)
}

/**
 * @param json - From `parseLossless`.
 * @param path - Where it stands, for messages: a file, a line and `: `.
 * @throws {SignalboxError} `ERR_INPUT` naming the key.
 */
export function parseWeightSet(json: unknown, path: string): NumberedWeightSet {
  const { version, weights, by_regime, at, reason, returns_to } = parseAt(setSchema, json, path)
  const byRegime: Record<string, Weights> = {}
  for (const [regime, given] of Object.entries(by_regime ?? {})) {
    if (given != null) byRegime[regime] = weightsOf(given, keyPath(path, ['by_regime', regime]))
  }
  if (returns_to != null && returns_to >= version) {
    throw inputError(keyPath(path, ['returns_to']), `must be an earlier version than ${version}, got ${returns_to}`)
  }
  const overall = weightsOf(weights, keyPath(path, ['weights']))
  return { version, weights: overall, byRegime, at, reason, returnsTo: returns_to ?? null }
}

/** What {@link parseWeightSet} reads back as the same set. */
export function weightSetJson(set: NumberedWeightSet): Readonly<Record<string, unknown>> {
  const { version, weights, byRegime, at, reason, returnsTo } = set
  return {
    version,
    weights: weightsJson(weights),
    by_regime: byRegimeJson(byRegime),
    at,
    reason,
    ...(returnsTo === null ? {} : { returns_to: returnsTo }),
  }
}

/** The same as text, on one line. */
export function weightSetLine(set: NumberedWeightSet): string {
  return JSON.stringify(weightSetJson(set))
}

function byRegimeJson(byRegime: WeightSet['byRegime']): Readonly<Record<string, unknown>> {
  const given = Object.entries(byRegime).filter(([, weights]) => weights !== undefined)
  return Object.fromEntries(given.map(([regime, weights]) => [regime, weightsJson(weights)]))
}

function weightsOf(json: z.infer<typeof weightsSchema>, place: string): Weights {
  const weights = {
    // −0 is 0: a score must not be negative.
    priorityScore: json.priority_score + 0,
    freshness: json.freshness + 0,
    regimeAlignment: json.regime_alignment + 0,
    expectedValue: json.expected_value + 0,
  }
  if (Object.values(weights).some((value) => value > 0)) return weights
  throw inputError(place, 'one of the weights must be above 0')
}

function textOf(what: string, accepts: (text: string) => boolean): z.ZodType<string> {
  return z.custom<string>((value) => typeof value === 'string' && accepts(value), {
    error: ({ input }) => `must be ${what}, got ${show(input)}`,
  })
}

const timePattern = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/

function isTime(text: string): boolean {
  const day = timePattern.exec(text)?.[1]
  if (day === undefined || Number.isNaN(Date.parse(text))) return false
  // The language takes 30 February for 2 March.
  return new Date(Date.parse(`${day}T00:00:00Z`)).toISOString().startsWith(day)
}

/** It is shown on terminals and stands on one line. */
function isReason(text: string): boolean {
  return (
    text.trim() !== '' && !/[\p{Cc}\p{Surrogate}\u2028\u2029]/u.test(text) && Buffer.byteLength(text) <= reasonBytesMax
  )
}
