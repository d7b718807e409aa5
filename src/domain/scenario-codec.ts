/**
 * Reads a scenario from JSON (snake_case) and refuses what is wrong by key (CONTRACTS "The decision, exactly", step 1).
 * Pure; any thread; cold. In two steps, because the policy that the scenario carries may be overridden before it says which
 * types there are.
 */
import type { z } from 'zod'
import { inputError } from '../base/errors.ts'
import {
  keyPath,
  listOf,
  money,
  nameOf,
  numberFrom,
  numberIn,
  objectOf,
  parseAt,
  show,
  signedMoney,
  tableOf,
  timeNs,
  wordOf,
} from './border.ts'
import { tradingStates } from './decision.ts'
import { eventIdBytesMax, lifecycleNames } from './event.ts'
import type { Policy } from './policy.ts'
import { eventTypesOf, expectedValueOf } from './policy.ts'
import type { PolicyOverride } from './policy-codec.ts'
import { parsePolicyOverride } from './policy-codec.ts'
import type { Regime } from './regime.ts'
import { regimes } from './regime.ts'
import type { Scenario, ScenarioCandidate, ScenarioPosition } from './scenario.ts'
import { toMoney } from './units.ts'

const eventId = nameOf(eventIdBytesMax)
const name = nameOf(255)
const fraction = numberIn(0, 1)

const candidateSchema = objectOf({
  event_id: eventId,
  event_type: name,
  symbol: name,
  side: wordOf(['long', 'short']).nullish(),
  lifecycle_state: wordOf(lifecycleNames),
  priority_score: fraction,
  detected_at_ns: timeNs(),
  waiting_since_ns: timeNs().nullish(),
  expires_at_ns: timeNs().nullish(),
  regime_alignment: fraction.nullish(),
  expected_value: fraction.nullish(),
  reward_risk: numberFrom(0).nullish(),
  win_rate: fraction.nullish(),
  capital_required: money().nullish(),
  lot_capital: money().nullish(),
})

const positionSchema = objectOf({ event_id: eventId, event_type: name, symbol: name, capital: money() })

const scenarioSchema = objectOf({
  now_ns: timeNs(0n),
  capital: money(),
  regime: wordOf(regimes).nullish(),
  trading_state: wordOf(tradingStates).nullish(),
  state_age_ms: numberFrom(0).nullish(),
  open_positions: listOf(positionSchema).nullish(),
  history: objectOf({
    last_executed_type: name.nullish(),
    deficits: tableOf(signedMoney().nullish()).nullish(),
  }).nullish(),
  candidates: listOf(candidateSchema),
})

type CandidateJson = z.infer<typeof candidateSchema>

/** A scenario whose policy was taken out and whose other keys were not looked at yet. */
export interface RawScenario {
  readonly policy: PolicyOverride
  readonly body: Readonly<Record<string, unknown>>
  /** Where the scenario stands, for messages. */
  readonly path: string
}

/**
 * The scenario's policy, checked by itself, and the rest as it was.
 *
 * @param json - From {@link parseLossless}: timestamps beyond 2^53 must be `bigint`.
 * @param path - '' or a file name followed by `: `.
 * @throws {SignalboxError} `ERR_INPUT` naming the key.
 */
export function openScenario(json: unknown, path: string): RawScenario {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw inputError(keyPath(path, []), `must be an object, got ${show(json)}`, json)
  }
  const { policy, ...body } = json as Record<string, unknown>
  return { policy: parsePolicyOverride(policy, keyPath(path, ['policy'])), body, path }
}

/**
 * The scenario under the policy that finally holds.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming the key.
 * @see design/CONTRACTS.md, "Scenario"
 */
export function parseScenario(raw: RawScenario, policy: Policy): Scenario {
  const json = parseAt(scenarioSchema, raw.body, raw.path)
  const types = new Set(eventTypesOf(policy))
  const place = (keys: readonly PropertyKey[]): string => keyPath(raw.path, keys)
  const requireType = (type: string, keys: readonly PropertyKey[]): void => {
    if (!types.has(type)) throw inputError(place(keys), `${show(type)} is not an event type of the policy`, type)
  }

  const openPositions: ScenarioPosition[] = []
  for (const [index, position] of (json.open_positions ?? []).entries()) {
    requireType(position.event_type, ['open_positions', index, 'event_type'])
    openPositions.push({
      eventId: position.event_id,
      eventType: position.event_type,
      symbol: position.symbol,
      capitalMinor: position.capital,
    })
  }
  requireUniqueIds(openPositions, 'open_positions', place)

  const candidates: ScenarioCandidate[] = []
  for (const [index, candidate] of json.candidates.entries()) {
    requireType(candidate.event_type, ['candidates', index, 'event_type'])
    candidates.push({
      eventId: candidate.event_id,
      eventType: candidate.event_type,
      symbol: candidate.symbol,
      side: candidate.side ?? null,
      lifecycleState: candidate.lifecycle_state,
      priorityScore: candidate.priority_score,
      regimeAlignment: regimeAlignmentOf(candidate, json.regime ?? null, policy, (key) =>
        place(['candidates', index, key]),
      ),
      expectedValue: expectedValueFrom(candidate, policy, (key) => place(['candidates', index, key])),
      detectedAtNs: candidate.detected_at_ns,
      waitingSinceNs: candidate.waiting_since_ns ?? candidate.detected_at_ns,
      expiresAtNs: candidate.expires_at_ns ?? null,
      capitalRequiredMinor: candidate.capital_required ?? 0,
      lotCapitalMinor: lotCapitalOf(candidate.lot_capital ?? 0),
    })
  }
  requireUniqueIds(candidates, 'candidates', place)

  const deficitsMinor = new Map<string, number>()
  for (const [type, deficit] of Object.entries(json.history?.deficits ?? {})) {
    const keys = ['history', 'deficits', type]
    requireType(type, keys)
    if (deficit == null) continue
    // One decision of the deficit queue adds at most the capital and takes at most the capital.
    if (policy.fairQueue === 'deficit' && !Number.isSafeInteger(Math.abs(deficit) + json.capital)) {
      throw inputError(place(keys), `with the capital it leaves the exact range, got ${toMoney(deficit)}`, deficit)
    }
    deficitsMinor.set(type, deficit)
  }
  const last = json.history?.last_executed_type ?? null
  return {
    nowNs: json.now_ns,
    capitalMinor: json.capital,
    regime: json.regime ?? null,
    tradingState: json.trading_state ?? 'ACTIVE',
    stateAgeMs: json.state_age_ms ?? 0,
    openPositions,
    candidates,
    lastExecutedType: last !== null && types.has(last) ? last : null,
    deficitsMinor,
  }
}

/** The greatest amount says that no allocation buys a lot: JSON has no infinity. */
function lotCapitalOf(minor: number): number {
  return minor === Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : minor
}

function requireUniqueIds(
  events: readonly { readonly eventId: string }[],
  list: string,
  place: (keys: readonly PropertyKey[]) => string,
): void {
  const indexOf = new Map<string, number>()
  for (const [index, { eventId: id }] of events.entries()) {
    const first = indexOf.get(id)
    if (first !== undefined) {
      throw inputError(place([list, index, 'event_id']), `${show(id)} is the id of ${list}[${first}] already`, id)
    }
    indexOf.set(id, index)
  }
}

function regimeAlignmentOf(
  candidate: CandidateJson,
  regime: Regime | null,
  policy: Policy,
  place: (key: string) => string,
): number {
  if (candidate.regime_alignment != null) return candidate.regime_alignment
  const field = place('regime_alignment')
  if (regime === null) throw inputError(field, 'must be given, or the scenario must have a regime')
  const row = policy.regimeTable[candidate.event_type]
  const value = row?.[regime]
  if (value === undefined) {
    throw inputError(field, `must be given: the policy's regime_table has no ${regime} for ${candidate.event_type}`)
  }
  return value
}

function expectedValueFrom(candidate: CandidateJson, policy: Policy, place: (key: string) => string): number {
  if (candidate.expected_value != null) return candidate.expected_value
  const { reward_risk: rewardRisk, win_rate: winRate } = candidate
  if (rewardRisk == null || winRate == null) {
    const missing =
      rewardRisk == null && winRate == null ? 'expected_value' : rewardRisk == null ? 'reward_risk' : 'win_rate'
    throw inputError(place(missing), 'an event needs its expected_value, or reward_risk and win_rate')
  }
  return expectedValueOf(policy.expectedValue, rewardRisk, winRate)
}
