/**
 * A comparison of two weight sets that goes on while new arbitrations come, as lines of a journal's `weights.ndjson`:
 * `{challenger, champion, kind, in_force, after_ns, at, reason}` begins one and ends what was open, `{challenger: null, verdict, in_force, at,
 * reason}` ends it. Pure; any thread; cold.
 */
import { z } from 'zod'
import { inputError } from '../base/errors.ts'
import { integerIn, numberIn, objectOf, parseAt } from './border.ts'
import type { Weights } from './policy.ts'
import { weightsJson } from './policy-json.ts'

export interface Challenge {
  /** `shadow`: the challenger decides beside the champion. `adopted`: it is, or leads the way of, the set in force, and is watched. */
  readonly kind: 'shadow' | 'adopted'
  readonly champion: Weights
  readonly challenger: Weights
  /** The set in force when it began; another one ends it. */
  readonly version: number
  /** Of the newest arbitration then, Unix nanoseconds: only later ones count. */
  readonly afterNs: bigint
  /** ISO 8601. */
  readonly at: string
  readonly reason: string
}

const weight = numberIn(0, 1e9)
const weights = objectOf({
  priority_score: weight,
  freshness: weight,
  regime_alignment: weight,
  expected_value: weight,
})
const beginning = objectOf({
  challenger: weights,
  champion: weights,
  kind: z.enum(['shadow', 'adopted']),
  in_force: integerIn(1, Number.MAX_SAFE_INTEGER),
  after_ns: z.union([z.bigint(), z.int()]).transform(BigInt),
  at: z.string(),
  reason: z.string(),
})

export function challengeLine({ kind, champion, challenger, version, afterNs, at, reason }: Challenge): string {
  const head = { challenger: weightsJson(challenger), champion: weightsJson(champion), kind, in_force: version }
  const tail = { at, reason }
  return `${JSON.stringify(head).slice(0, -1)},"after_ns":${afterNs},${JSON.stringify(tail).slice(1)}`
}

/** Ends the challenge that began under this set, and no other. */
export function challengeEndLine({ version }: Challenge, at: string, reason: string): string {
  return JSON.stringify({ challenger: null, verdict: 'given_up', in_force: version, at, reason })
}

const ending = z.looseObject({ in_force: integerIn(1, Number.MAX_SAFE_INTEGER) })

export type ChallengeLine =
  | { readonly kind: 'begin'; readonly challenge: Challenge }
  | { readonly kind: 'end'; readonly version: number }

/**
 * @param json - From `parseLossless`: a line with a `challenger`.
 * @throws {SignalboxError} `ERR_INPUT` naming the key.
 */
export function parseChallenge(json: Readonly<Record<string, unknown>>, path: string): ChallengeLine {
  if (json.challenger === null) return { kind: 'end', version: parseAt(ending, json, path).in_force }
  const { challenger, champion, kind, in_force: version, after_ns, at, reason } = parseAt(beginning, json, path)
  const [one, other] = [weightsOf(champion), weightsOf(challenger)]
  for (const [key, given] of Object.entries({ champion: one, challenger: other })) {
    if (Object.values(given).every((value) => value === 0))
      throw inputError(`${path}${key}`, 'one of the weights must be above 0')
  }
  const challenge = { kind, champion: one, challenger: other, version, afterNs: after_ns, at, reason }
  return { kind: 'begin', challenge }
}

function weightsOf(json: z.infer<typeof weights>): Weights {
  return {
    priorityScore: json.priority_score,
    freshness: json.freshness,
    regimeAlignment: json.regime_alignment,
    expectedValue: json.expected_value,
  }
}
