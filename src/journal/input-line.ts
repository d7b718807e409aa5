/**
 * One line of `inputs-NNNNNN.ndjson`: everything that a decision depended on, as a scenario: `arbitrate` on it gives the same
 * decision (CONTRACTS "Files"). What it cannot say is how much capital buys a lot, so a `risk_limit` is not repeated. Pure.
 */
import type { Scenario, ScenarioCandidate, ScenarioPosition } from '../domain/scenario.ts'
import { moneyText } from './json-number.ts'
import { list, quoted } from './json-text.ts'

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
    `,"open_positions":${list(scenario.openPositions, positionText)}` +
    `,"history":{"last_executed_type":${JSON.stringify(lastExecutedType)},"deficits":{${deficits.join(',')}}}` +
    `,"policy":${policyText}` +
    `,"candidates":${list(scenario.candidates, candidateText)}}}`
  )
}

function positionText(position: ScenarioPosition): string {
  return (
    `{"event_id":${quoted(position.eventId)},"event_type":${quoted(position.eventType)}` +
    `,"symbol":${quoted(position.symbol)},"capital":${moneyText(position.capitalMinor)}}`
  )
}

function candidateText(candidate: ScenarioCandidate): string {
  const { detectedAtNs, waitingSinceNs } = candidate
  // A bigint's digits are the dearest thing here, and the two are nearly always the same.
  const detectedText = detectedAtNs.toString()
  const waitingText = waitingSinceNs === detectedAtNs ? detectedText : waitingSinceNs.toString()
  return (
    `{"event_id":${quoted(candidate.eventId)},"event_type":${quoted(candidate.eventType)}` +
    `,"symbol":${quoted(candidate.symbol)},"side":${candidate.side === null ? 'null' : quoted(candidate.side)}` +
    `,"lifecycle_state":"${candidate.lifecycleState}","priority_score":${candidate.priorityScore}` +
    `,"detected_at_ns":${detectedText},"waiting_since_ns":${waitingText}` +
    `,"expires_at_ns":${candidate.expiresAtNs},"regime_alignment":${candidate.regimeAlignment}` +
    `,"expected_value":${candidate.expectedValue},"capital_required":${moneyText(candidate.capitalRequiredMinor)}}`
  )
}
