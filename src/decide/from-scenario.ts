/**
 * Decides a scenario: fills the arbiter's arrays from it and takes the decision. Pure; cold (`arbitrate`, `explain`, tests).
 *
 * The arrays' epoch is the scenario's `now`, so that ages are exact doubles up to 2^53 ns (104 days); of older times the rest
 * is kept beside the nearest double, and their order stays exact.
 */
import { SignalboxError } from '../base/errors.ts'
import type { Decision } from '../domain/decision.ts'
import { decisionRecordSize } from '../domain/decision-record.ts'
import { lifecycle } from '../domain/event.ts'
import type { Policy } from '../domain/policy.ts'
import { eventTypesOf } from '../domain/policy.ts'
import { regimes } from '../domain/regime.ts'
import type { Scenario } from '../domain/scenario.ts'
import type { AccountState } from './account.ts'
import { Arbiter } from './arbiter.ts'
import { CandidateSet } from './candidate-set.ts'
import type { DecisionView } from './decision-view.ts'
import { writeDecisionRecord } from './decision-writer.ts'
import type { DecisionNames } from './materialize.ts'
import { materialize } from './materialize.ts'
import { PositionSet } from './position-set.ts'

/** A scenario as the arbiter takes it. */
export interface ScenarioInput {
  readonly candidates: CandidateSet
  readonly positions: PositionSet
  readonly account: AccountState
  readonly names: DecisionNames
}

/** The decision on one scenario under the policy with which it was read. */
export function decideScenario(scenario: Scenario, policy: Policy): Decision {
  const { candidates, positions, names, view } = viewScenario(scenario, policy)
  return materialize(view, candidates, positions, names)
}

/** The same with the arrays that it was taken on and the view, which then belong to the caller. */
export function viewScenario(scenario: Scenario, policy: Policy): ScenarioInput & { readonly view: DecisionView } {
  const input = inputOf(scenario, eventTypesOf(policy))
  const arbiter = new Arbiter(policy, input.names.types, input.candidates.capacity)
  return { ...input, view: arbiter.decide(input.candidates, input.positions, input.account) }
}

/** A decision's record, and what its numbers mean. */
export interface RecordedDecision {
  readonly record: Float64Array
  readonly names: DecisionNames
  /** Unix nanoseconds at which the record's times are 0. */
  readonly epochNs: bigint
  /** The events' ids by handle. */
  readonly eventIds: ReadonlyMap<number, string>
}

/** The decision on one scenario as the record that the engine would send to its journal: sequence 1, nothing reserved. */
export function recordScenario(scenario: Scenario, policy: Policy): RecordedDecision {
  const { candidates, positions, account, names, view } = viewScenario(scenario, policy)
  const eventIds = new Map<number, string>()
  for (let at = 0; at < candidates.count; at++) eventIds.set(candidates.handle[at]!, candidates.ids[at]!)
  for (let at = 0; at < positions.count; at++) eventIds.set(positions.handle[at]!, positions.eventIds[at]!)
  const record = new Float64Array(decisionRecordSize(names.types.length, positions.count, candidates.count))
  const regime = scenario.regime === null ? -1 : regimes.indexOf(scenario.regime)
  const stamp = { sequence: 1, weightsVersion: 1, stateVersion: 0, weights: policy.weights, regime }
  const length = writeDecisionRecord(record, 0, view, candidates, positions, account, stamp)
  return { record: record.subarray(0, length), names, epochNs: scenario.nowNs, eventIds }
}

function inputOf(scenario: Scenario, types: readonly string[]): ScenarioInput {
  const symbols: string[] = []
  const symbolIndexes = new Map<string, number>()
  const symbolIndexOf = (symbol: string): number => {
    const known = symbolIndexes.get(symbol)
    if (known !== undefined) return known
    symbolIndexes.set(symbol, symbols.length)
    return symbols.push(symbol) - 1
  }
  const typeIndexes = new Map(types.map((type, index) => [type, index]))
  const typeIndexOf = (type: string): number => {
    const index = typeIndexes.get(type)
    if (index !== undefined) return index
    throw new SignalboxError(
      'ERR_INVALID_ARGUMENT',
      `the scenario was read with another policy: it has no type ${type}`,
    )
  }

  const candidates = new CandidateSet(Math.max(1, scenario.candidates.length))
  for (const candidate of scenario.candidates) {
    const detected = sinceNow(scenario.nowNs, candidate.detectedAtNs)
    const waiting = sinceNow(scenario.nowNs, candidate.waitingSinceNs)
    const index = candidates.add({
      handle: candidates.count,
      side: candidate.side === null ? 0 : candidate.side === 'long' ? 1 : -1,
      eventId: candidate.eventId,
      typeIndex: typeIndexOf(candidate.eventType),
      symbolIndex: symbolIndexOf(candidate.symbol),
      lifecycleState: lifecycle[candidate.lifecycleState],
      priorityScore: candidate.priorityScore,
      regimeAlignment: candidate.regimeAlignment,
      expectedValue: candidate.expectedValue,
      detectedAtNs: detected.nearestNs,
      waitingSinceNs: waiting.nearestNs,
      // The sign of the difference survives its rounding, and the sign is all that is asked of it.
      expiresAtNs: candidate.expiresAtNs === null ? Infinity : Number(candidate.expiresAtNs - scenario.nowNs),
      capitalRequiredMinor: candidate.capitalRequiredMinor,
      lotCapitalMinor: candidate.lotCapitalMinor,
    })
    candidates.detectedAtRestNs[index] = detected.restNs
    candidates.waitingSinceRestNs[index] = waiting.restNs
  }

  const positions = new PositionSet(scenario.openPositions.length)
  for (const position of scenario.openPositions) {
    const { eventId, eventType, symbol, capitalMinor } = position
    const handle = candidates.count + positions.count
    positions.add(eventId, typeIndexOf(eventType), symbolIndexOf(symbol), capitalMinor, handle)
  }
  return {
    candidates,
    positions,
    account: {
      nowNs: 0,
      capitalMinor: scenario.capitalMinor,
      tradingState: scenario.tradingState,
      stateAgeMs: scenario.stateAgeMs,
      lastExecutedTypeIndex: scenario.lastExecutedType === null ? -1 : typeIndexOf(scenario.lastExecutedType),
      deficitsMinor: Float64Array.from(types, (type) => scenario.deficitsMinor.get(type) ?? 0),
    },
    names: { types, symbols },
  }
}

/** `atNs` − `nowNs` as a double and what the double leaves out; a time in the future is now. */
function sinceNow(nowNs: bigint, atNs: bigint): { readonly nearestNs: number; readonly restNs: number } {
  const exact = atNs < nowNs ? atNs - nowNs : 0n
  const nearestNs = Number(exact)
  return { nearestNs, restNs: Number(exact - BigInt(nearestNs)) }
}
