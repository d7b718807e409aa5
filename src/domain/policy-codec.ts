/**
 * Reads a policy from JSON (snake_case): refuses what is wrong by key, merges key by key with what it overrides. Pure; any
 * thread; cold. Used by the scenario's `policy`, by `--policy` files and by the engine's configuration.
 */
import { z } from 'zod'
import { inputError } from '../base/errors.ts'
import {
  integerIn,
  keyPath,
  listOf,
  nameOf,
  numberAbove,
  numberFrom,
  numberIn,
  objectOf,
  parseAt,
  show,
  tableOf,
  wordOf,
} from './border.ts'
import { builtInEventTypes, eventTypesMax } from './event.ts'
import type { Policy } from './policy.ts'
import { defaultPolicy, eventTypesOf } from './policy.ts'
import type { Regime } from './regime.ts'
import { mergeTuningRules, tuningSchema } from './tuning-codec.ts'

/** The pot of a policy's `capital_slots` for every type that has none of its own. */
export const otherTypesSlot = '*'

/** Shares are taken in whole millionths: `round(share × 10⁶)`, halves up. */
export const millionthsPerUnit = 1_000_000

export function toMillionths(share: number): number {
  return Math.floor(share * millionthsPerUnit + 0.5)
}

const countMin1 = integerIn(1, Number.MAX_SAFE_INTEGER).nullish()
const tier = integerIn(1, 1_000_000).nullish()
const share = numberIn(0, 1).nullish()
const typeName = nameOf(63)

const overrideSchema = objectOf({
  selection: wordOf(['score', 'hierarchy', 'portfolio']).nullish(),
  weights: objectOf({
    priority_score: numberFrom(0).nullish(),
    freshness: numberFrom(0).nullish(),
    regime_alignment: numberFrom(0).nullish(),
    expected_value: numberFrom(0).nullish(),
  }).nullish(),
  freshness_horizon_s: numberAbove(0).nullish(),
  expected_value: wordOf(['payoff', 'expectancy']).nullish(),
  tiers: tableOf(tier).nullish(),
  interlock: objectOf({
    scope: wordOf(['account', 'symbol']).nullish(),
    compatible: listOf(z.tuple([typeName, typeName], { error: 'must be a list of two event types' })).nullish(),
  }).nullish(),
  max_open_positions: countMin1,
  max_positions_per_symbol: countMin1,
  age_boost: objectOf({ cap: numberFrom(0).nullish(), horizon_s: numberAbove(0).nullish() }).nullish(),
  max_wait_s: numberFrom(0).nullish(),
  fair_queue: wordOf(['off', 'round_robin', 'deficit']).nullish(),
  fair_queue_quantum: numberAbove(0, 1).nullish(),
  capital_slots: tableOf(share).nullish(),
  capital_slots_borrow: wordOf(['none', 'idle']).nullish(),
  allocation: wordOf(['proportional', 'floor', 'need']).nullish(),
  risk_per_trade: numberAbove(0, 1).nullish(),
  leverage: numberFrom(1).nullish(),
  min_priority_score: numberIn(0, 1).nullish(),
  entry: wordOf(['decision', 'completing']).nullish(),
  max_state_age_ms: numberFrom(0).nullish(),
  decision_interval_ms: numberAbove(0).nullish(),
  types: tableOf(objectOf({ tier }).nullish()).nullish(),
  regime_table: tableOf(
    objectOf({ expansion: share, contraction: share, trend: share, sideways: share }).nullish(),
  ).nullish(),
  tuning: tuningSchema.nullish(),
})

/** The keys of a policy that somebody wrote down, each valid by itself; see {@link mergePolicy}. */
export type PolicyOverride = z.infer<typeof overrideSchema>

/** One override and where it was read, for messages. */
export interface PolicySource {
  readonly override: PolicyOverride
  /** `policy`, or a file name followed by `: `. */
  readonly path: string
}

/**
 * The policy that `json` describes over the defaults. `undefined` and null are the defaults.
 *
 * @param path - Where it stands, for messages: `policy` by default, or a file name followed by `: `.
 * @throws {SignalboxError} `ERR_INPUT` naming the key.
 * @see design/CONTRACTS.md, "Policy"
 */
export function parsePolicy(json: unknown, path = 'policy'): Policy {
  return mergePolicySources([{ override: parsePolicyOverride(json, path), path }])
}

/**
 * The keys of one policy object, each checked by itself. What one key says of another (a tier of a declared type) is checked
 * once everything is merged.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming the key.
 */
export function parsePolicyOverride(json: unknown, path: string): PolicyOverride {
  return parseAt(overrideSchema, json ?? {}, path)
}

/**
 * The defaults, overridden by each source in turn, and checked as a whole.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming the key, in the last source that has it.
 */
export function mergePolicySources(sources: readonly PolicySource[]): Policy {
  const policy = sources.reduce((base, source) => mergePolicy(base, source.override), defaultPolicy)
  requireConsistent(policy, (keys) => policyPlace(sources, keys))
  return policy
}

/** Where a key of the merged policy was written, for messages: in the last source that has it. */
export function policyPlace(sources: readonly PolicySource[], keys: readonly string[]): string {
  const source = sources.findLast(({ override }) => Object.hasOwn(override, keys[0]!)) ?? sources.at(-1)
  return keyPath(source?.path ?? '', keys)
}

/**
 * `base` with the keys of `override`. Nested objects merge key by key; an object over null merges with the defaults;
 * `capital_slots` and `compatible` replace. Null is left out, except where it is a value (it turns `interlock`, `age_boost`,
 * `max_wait_s` and `capital_slots` off). Not checked as a whole: {@link mergePolicySources} does that.
 */
export function mergePolicy(base: Policy, override: PolicyOverride): Policy {
  const { interlock, age_boost: ageBoost, capital_slots: slots } = override
  const baseInterlock = base.interlock ?? defaultPolicy.interlock!
  const baseAgeBoost = base.ageBoost ?? defaultPolicy.ageBoost!
  const ownTiers = Object.entries(override.types ?? {}).map(([type, own]) => [type, own?.tier] as const)
  const tiers = mergeTable(mergeTable(base.tiers, Object.fromEntries(ownTiers)), override.tiers)
  const ownTypes = { ...base.types, ...withoutNull(override.types) }
  return {
    selection: override.selection ?? base.selection,
    weights: {
      priorityScore: override.weights?.priority_score ?? base.weights.priorityScore,
      freshness: override.weights?.freshness ?? base.weights.freshness,
      regimeAlignment: override.weights?.regime_alignment ?? base.weights.regimeAlignment,
      expectedValue: override.weights?.expected_value ?? base.weights.expectedValue,
    },
    freshnessHorizonS: override.freshness_horizon_s ?? base.freshnessHorizonS,
    expectedValue: override.expected_value ?? base.expectedValue,
    tiers,
    interlock: overrideOrOff(base.interlock, interlock, (given) => ({
      scope: given.scope ?? baseInterlock.scope,
      compatible: given.compatible ?? baseInterlock.compatible,
    })),
    maxOpenPositions: override.max_open_positions ?? base.maxOpenPositions,
    maxPositionsPerSymbol: override.max_positions_per_symbol ?? base.maxPositionsPerSymbol,
    ageBoost: overrideOrOff(base.ageBoost, ageBoost, (given) => ({
      cap: given.cap ?? baseAgeBoost.cap,
      horizonS: given.horizon_s ?? baseAgeBoost.horizonS,
    })),
    maxWaitS: overrideOrOff(base.maxWaitS, override.max_wait_s, (given) => given),
    fairQueue: override.fair_queue ?? base.fairQueue,
    fairQueueQuantum: override.fair_queue_quantum ?? base.fairQueueQuantum,
    capitalSlots: overrideOrOff(base.capitalSlots, slots, withoutNull),
    capitalSlotsBorrow: override.capital_slots_borrow ?? base.capitalSlotsBorrow,
    allocation: override.allocation ?? base.allocation,
    riskPerTrade: override.risk_per_trade ?? base.riskPerTrade,
    leverage: override.leverage ?? base.leverage,
    minPriorityScore: override.min_priority_score ?? base.minPriorityScore,
    entry: override.entry ?? base.entry,
    maxStateAgeMs: override.max_state_age_ms ?? base.maxStateAgeMs,
    decisionIntervalMs: override.decision_interval_ms ?? base.decisionIntervalMs,
    // A declared type's tier has two places to be written; both then say the same.
    types: Object.fromEntries(
      Object.keys(ownTypes).map((type) => [type, { tier: ownEntry(tiers, type) ?? Number.NaN }]),
    ),
    regimeTable: mergeRegimeTable(base.regimeTable, override.regime_table),
    tuning: mergeTuningRules(base.tuning, override.tuning),
  }
}

type Left<Value> = Value | null | undefined

/** Null turns off; left out keeps the base; else what `merge` makes of the given. */
function overrideOrOff<Given, Result>(
  base: Result | null,
  given: Left<Given>,
  merge: (given: Given) => Result,
): Result | null {
  if (given === undefined) return base
  return given === null ? null : merge(given)
}

/** The entries that are there. */
function withoutNull<Value>(table: Left<Readonly<Record<string, Left<Value>>>>): Record<string, Value> {
  const entries = Object.entries(table ?? {}).filter((entry): entry is [string, Value & {}] => entry[1] != null)
  return Object.fromEntries(entries)
}

/** A type may be called `constructor`: what a plain object inherits is not an entry of the table. */
function ownEntry<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

function mergeTable<Value>(
  base: Readonly<Record<string, Value>>,
  override: Left<Readonly<Record<string, Left<Value>>>>,
): Record<string, Value> {
  return { ...base, ...withoutNull(override) }
}

function mergeRegimeTable(
  base: Policy['regimeTable'],
  override: PolicyOverride['regime_table'],
): Policy['regimeTable'] {
  const result: Record<string, Readonly<Partial<Record<Regime, number>>>> = { ...base }
  for (const [type, row] of Object.entries(withoutNull(override)))
    result[type] = mergeTable(ownEntry(base, type) ?? {}, row)
  return result
}

/** What one key says of another. `place` names a key in the source that has it. */
function requireConsistent(policy: Policy, place: (keys: readonly string[]) => string): void {
  const types = new Set(eventTypesOf(policy))
  const requireType = (type: string, keys: readonly string[]): void => {
    if (!types.has(type)) throw inputError(place(keys), `${show(type)} is not an event type of this policy`, type)
  }

  for (const type of Object.keys(policy.types)) {
    const field = place(['types', type])
    if ((builtInEventTypes as readonly string[]).includes(type)) {
      throw inputError(field, `${type} is built in; its tier is set by tiers.${type}`)
    }
    if (type === otherTypesSlot || !typeName.safeParse(type).success) {
      throw inputError(field, 'the name of a type is text of 1 … 63 bytes of UTF-8 and not "*"')
    }
    if (Number.isNaN(policy.types[type]!.tier)) throw inputError(place(['types', type, 'tier']), 'the type has no tier')
  }
  if (types.size > eventTypesMax) {
    const message = `a policy has at most ${eventTypesMax} types, the ${builtInEventTypes.length} built-in ones included`
    throw inputError(place(['types']), `${message}; got ${types.size}`)
  }
  for (const type of Object.keys(policy.tiers)) requireType(type, ['tiers', type])
  for (const type of Object.keys(policy.regimeTable)) requireType(type, ['regime_table', type])
  for (const type of policy.interlock?.compatible.flat() ?? []) requireType(type, ['interlock', 'compatible'])

  const { priorityScore, freshness, regimeAlignment, expectedValue } = policy.weights
  const scoreMax = priorityScore + freshness + regimeAlignment + expectedValue + (policy.ageBoost?.cap ?? 0)
  if (scoreMax === Infinity)
    throw inputError(place(['weights']), 'the weights and age_boost.cap must have a finite sum')

  if (policy.capitalSlots === null) return
  let millionths = 0
  for (const [type, part] of Object.entries(policy.capitalSlots)) {
    if (type !== otherTypesSlot) requireType(type, ['capital_slots', type])
    millionths += toMillionths(part)
  }
  if (millionths > millionthsPerUnit) {
    throw inputError(
      place(['capital_slots']),
      `the shares must sum to at most 1, got ${millionths / millionthsPerUnit}`,
    )
  }
}
