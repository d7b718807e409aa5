/** A small journal folder made of scenarios: what a run would have written, without detectors and market. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decideScenario } from '../../src/decide/from-scenario.ts'
import { arbitrationIdOf, type Decision } from '../../src/domain/decision.ts'
import type { LifecycleState } from '../../src/domain/event.ts'
import { mergePolicySources } from '../../src/domain/policy-codec.ts'
import { policyJsonText } from '../../src/domain/policy-json.ts'
import { openScenario, parseScenario } from '../../src/domain/scenario-codec.ts'
import { eventLine } from '../../src/journal/event-line.ts'
import { decisionText, inputText } from './journal-text.ts'

export interface EventOfJournal {
  readonly eventId: string
  readonly eventType: string
  readonly symbol: string
  readonly changes: readonly (readonly [LifecycleState, bigint, Readonly<Record<string, number>>])[]
}

/**
 * Writes `decisions-…`, `inputs-…`, `events-…` and `trades-…`.
 *
 * @param tradeLines - As they are.
 * @returns The decisions with their arbitration ids.
 */
export function writeJournal(
  folder: string,
  scenarios: readonly Record<string, unknown>[],
  events: readonly EventOfJournal[],
  tradeLines: readonly string[] = [],
): { readonly arbitrationId: string; readonly decision: Decision }[] {
  const decisions: string[] = []
  const inputs: string[] = []
  const written = scenarios.map((json, at) => {
    const raw = openScenario(json, '')
    const policy = mergePolicySources([{ override: raw.policy, path: 'policy' }])
    const scenario = parseScenario(raw, policy)
    const decision = decideScenario(scenario, policy)
    const sequence = at + 1
    const arbitrationId = arbitrationIdOf(scenario.nowNs, sequence)
    const reservations = decision.selected.map(() => 'SUCCESS' as const)
    const stamp = { timestampNs: scenario.nowNs, sequence, weightsVersion: 1, stateVersion: 1000 + at, reservations }
    decisions.push(decisionText(decision, stamp))
    // An expiry of none is no number; the engine's events always have one.
    inputs.push(inputText(arbitrationId, scenario, policyJsonText(policy)))
    return { arbitrationId, decision }
  })
  const lines = events.flatMap(({ changes, ...event }) =>
    changes.map(([state, atNs, evidence]) =>
      eventLine({ ...event, side: 'short', priorityScore: 0.5, evidence }, state, atNs),
    ),
  )
  const write = (series: string, texts: readonly string[]): void =>
    writeFileSync(join(folder, `${series}-000001.ndjson`), texts.map((text) => `${text}\n`).join(''))
  write('decisions', decisions)
  write('inputs', inputs)
  write('events', lines)
  write('trades', tradeLines)
  return written
}
