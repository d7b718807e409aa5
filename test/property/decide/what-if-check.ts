/**
 * What may be demanded of a what-if, judged by the oracle alone: a second arbiter that shares no code with the first. The
 * judge knows no lever: it moves the values of a scenario by itself.
 */
import type fc from 'fast-check'
import type { Change, WhatIf } from '../../../src/decide/what-if.ts'
import { parseLossless } from '../../../src/domain/lossless-json.ts'
import type { Policy } from '../../../src/domain/policy.ts'
import { mergePolicySources } from '../../../src/domain/policy-codec.ts'
import { policyJsonText } from '../../../src/domain/policy-json.ts'
import type { Scenario, ScenarioCandidate } from '../../../src/domain/scenario.ts'
import { openScenario, parseScenario } from '../../../src/domain/scenario-codec.ts'
import { inputText } from '../../support/journal-text.ts'
import { oracle } from './oracle.ts'
import { type ScenarioJson, scenarios } from './scenarios.ts'

type LeverName = Change['lever']

export interface Case {
  readonly scenario: Scenario
  readonly policy: Policy
}

/** Random scenarios as the core takes them, each with its policy. */
export function cases(candidatesMax: number): fc.Arbitrary<Case> {
  return scenarios(candidatesMax).map(caseOf)
}

/** Those where one event is chosen and nothing is open: where most searches are exact. */
export function singleChoices(candidatesMax: number): fc.Arbitrary<Case> {
  return scenarios(candidatesMax).map((json) => {
    const { policy } = json
    const selection = policy.selection === 'hierarchy' ? 'hierarchy' : 'score'
    return caseOf({ ...json, open_positions: [], policy: { ...policy, selection } })
  })
}

function caseOf(json: ScenarioJson): Case {
  const raw = openScenario(json, '')
  const policy = mergePolicySources([{ override: raw.policy, path: 'policy' }])
  return { scenario: parseScenario(raw, policy), policy }
}

/** The scenario with one value set, whatever it was. */
export function moved(scenario: Scenario, eventId: string, lever: LeverName, value: number | bigint): Scenario {
  const set = (change: Partial<ScenarioCandidate>): Scenario => ({
    ...scenario,
    candidates: scenario.candidates.map((one) => (one.eventId === eventId ? { ...one, ...change } : one)),
  })
  switch (lever) {
    case 'priority_score':
      return set({ priorityScore: Number(value) })
    case 'regime_alignment':
      return set({ regimeAlignment: Number(value) })
    case 'expected_value':
      return set({ expectedValue: Number(value) })
    case 'freshness':
      return set({ detectedAtNs: BigInt(value) })
    case 'waiting_time':
      return set({ waitingSinceNs: BigInt(value) })
    case 'capital_required':
      return set({ capitalRequiredMinor: Number(value) })
    case 'decision_time':
      return { ...scenario, nowNs: BigInt(value) }
    case 'capital':
      return { ...scenario, capitalMinor: Number(value) }
  }
}

/** Whether the oracle selects the event. */
export function oracleSelects(scenario: Scenario, policy: Policy, eventId: string): boolean {
  const line = parseLossless(inputText('arb', scenario, policyJsonText(policy))) as { scenario: unknown }
  const json = line.scenario as ScenarioJson
  // The oracle knows no null: what never expires has no such key.
  for (const candidate of json.candidates) if (candidate.expires_at_ns === null) delete candidate.expires_at_ns
  return oracle(json).selected.includes(eventId)
}

/** Above it the oracle's own cents are no longer exact. */
const capitalMinorMax = 2 ** 45

/** Values of a lever to try by force: coarse, in both directions, those of the rivals among them. */
function valuesOf(scenario: Scenario, own: ScenarioCandidate, lever: LeverName): (number | bigint)[] {
  const fractions = [0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.9, 1]
  const offsets = [1n, 1_000n, 1_000_000_000n, 20_000_000_000n, 59_000_000_000n, 121_000_000_000n]
  const rivals = scenario.candidates
  switch (lever) {
    case 'priority_score':
      return [...fractions, ...rivals.map((rival) => rival.priorityScore)]
    case 'regime_alignment':
    case 'expected_value':
      return fractions
    case 'freshness':
      return [
        scenario.nowNs,
        ...offsets.map((ns) => scenario.nowNs - ns),
        ...rivals.map((rival) => rival.detectedAtNs - 1n),
      ]
    case 'waiting_time':
      return [
        scenario.nowNs,
        ...offsets.map((ns) => scenario.nowNs - ns),
        ...rivals.map((rival) => rival.waitingSinceNs - 1n),
      ]
    case 'capital_required':
      return [1, 100, 50_000, 250_000, own.capitalRequiredMinor + 1, ...(own.capitalRequiredMinor > 0 ? [0] : [])]
    case 'decision_time':
      return offsets.map((ns) => scenario.nowNs + ns)
    case 'capital':
      return [1.5, 2, 5].map((factor) => Math.round(scenario.capitalMinor * factor) + 1)
  }
}

/** Whether the second lies on the way from the first to the third, ends included. */
function isBetween(from: number | bigint, value: number | bigint, to: number | bigint): boolean {
  return (from <= value && value <= to) || (to <= value && value <= from)
}

/**
 * What is untrue of `found`, as sentences; none where it holds.
 *
 * - A change wins, and one step less of it does not.
 * - Where the search was exact, no value tried by force wins nearer, and where it found nothing, none wins at all.
 */
export function untruths(scenario: Scenario, policy: Policy, found: WhatIf): string[] {
  const { eventId } = found
  const own = scenario.candidates.find((one) => one.eventId === eventId)!
  const wins = (lever: LeverName, value: number | bigint): boolean =>
    oracleSelects(moved(scenario, eventId, lever, value), policy, eventId)
  const faults: string[] = []
  for (const { lever, to, short } of found.changes) {
    if (lever === 'capital' && Number(to) > capitalMinorMax) continue
    if (!wins(lever, to)) faults.push(`${lever} ${to} does not win`)
    if (wins(lever, short)) faults.push(`${lever} ${short} wins already`)
  }
  for (const change of found.changes) {
    const { lever, from, to, short, search } = change
    if (search === 'scan') continue
    for (const value of valuesOf(scenario, own, lever)) {
      const isNearer = isBetween(from, value, short)
      const isBeyond = isBetween(from, to, value) && value !== to
      // Behind: the other way. Only an older detection may win there, by a tie.
      const isBehind = lever !== 'freshness' && isBetween(value, from, to) && value !== from
      const won = (isNearer || isBeyond || isBehind) && wins(lever, value)
      if (isBehind && won) faults.push(`${lever} ${value} is the other way from ${to} and wins`)
      if (isNearer && won) faults.push(`${lever} ${value} is nearer than ${to} and wins`)
      if (isBeyond && !won) faults.push(`${lever} ${value} is beyond ${to} and loses`)
    }
  }
  for (const { lever, search } of found.futile) {
    if (search === 'scan') continue
    for (const value of valuesOf(scenario, own, lever)) {
      if (wins(lever, value)) faults.push(`${lever} ${value} wins, though none was to win (${search})`)
    }
  }
  for (const { kind, gone, key, wins: claims, scenario: changed, policy: changedPolicy } of found.remedies) {
    if (oracleSelects(changed, changedPolicy, eventId) !== claims) faults.push(`${kind} ${gone} ${key}: not ${claims}`)
  }
  return faults
}
