/**
 * One line of `inputs-NNNNNN.ndjson`: everything that a decision depended on, as a scenario: `arbitrate` on it gives the same
 * decision (CONTRACTS "Files"). What it cannot say is how much capital buys a lot, so a `risk_limit` is not repeated. Pure.
 */
import type { Scenario, ScenarioCandidate, ScenarioPosition } from '../domain/scenario.ts'
import { moneyText } from './json-number.ts'

/**
 * The line, without its end. Numbers are written in full: a rounded input would be another input.
 *
 * @param policyText - The whole policy as JSON text.
 */
export function inputLine(arbitrationId: string, scenario: Scenario, policyText: string): string {
  const { regime, lastExecutedType, deficitsMinor } = scenario
  const deficits = [...deficitsMinor].map(([type, minor]) => `${JSON.stringify(type)}:${moneyText(minor)}`)
  return (
    `{"arbitration_id":"${arbitrationId}","scenario":{"now_ns":${scenario.nowNs}` +
    `,"capital":${moneyText(scenario.capitalMinor)}` +
    `,"regime":${JSON.stringify(regime)}` +
    `,"trading_state":"${scenario.tradingState}"` +
    `,"state_age_ms":${scenario.stateAgeMs}` +
    `,"open_positions":[${scenario.openPositions.map(positionText).join(',')}]` +
    `,"history":{"last_executed_type":${JSON.stringify(lastExecutedType)},"deficits":{${deficits.join(',')}}}` +
    `,"policy":${policyText}` +
    `,"candidates":[${scenario.candidates.map(candidateText).join(',')}]}}`
  )
}

function positionText(position: ScenarioPosition): string {
  return (
    `{"event_id":${JSON.stringify(position.eventId)},"event_type":${JSON.stringify(position.eventType)}` +
    `,"symbol":${JSON.stringify(position.symbol)},"capital":${moneyText(position.capitalMinor)}}`
  )
}

function candidateText(candidate: ScenarioCandidate): string {
  return (
    `{"event_id":${JSON.stringify(candidate.eventId)},"event_type":${JSON.stringify(candidate.eventType)}` +
    `,"symbol":${JSON.stringify(candidate.symbol)},"side":${JSON.stringify(candidate.side)}` +
    `,"lifecycle_state":"${candidate.lifecycleState}","priority_score":${candidate.priorityScore}` +
    `,"detected_at_ns":${candidate.detectedAtNs},"waiting_since_ns":${candidate.waitingSinceNs}` +
    `,"expires_at_ns":${candidate.expiresAtNs},"regime_alignment":${candidate.regimeAlignment}` +
    `,"expected_value":${candidate.expectedValue},"capital_required":${moneyText(candidate.capitalRequiredMinor)}}`
  )
}
