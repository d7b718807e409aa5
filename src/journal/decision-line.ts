/**
 * One decision as one line of the journal (CONTRACTS "Journal entry"): the specification's arbitration log with what the
 * E-numbers add, keys in that order. Pure; called on the journal's thread and by `arbitrate`.
 */
import { SignalboxError } from '../base/errors.ts'
import type { Allocation, Decision, DecisionStamp, RankedCandidate, RejectedEvent } from '../domain/decision.ts'
import { arbitrationIdOf } from '../domain/decision.ts'
import type { Weights } from '../domain/policy.ts'
import type { ReservationStatus } from '../domain/reservation.ts'
import { moneyText, significant12 } from './json-number.ts'
import { list, quoted } from './json-text.ts'

/**
 * The entry as JSON on one line, without the line's end.
 *
 * The timestamp is written digit by digit from its bigint (ERRATA E30); scores and components are rounded to 12 significant
 * digits, money and integers are not.
 *
 * @param arbitrationId - Of the stamp; who has it already need not have it made again.
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` when the stamp has not one reservation for each selected event.
 */
export function decisionLine(
  decision: Decision,
  stamp: DecisionStamp,
  arbitrationId = arbitrationIdOf(stamp.timestampNs, stamp.sequence),
): string {
  const { reservations } = stamp
  if (reservations.length !== decision.selected.length) {
    throw new SignalboxError(
      'ERR_INVALID_ARGUMENT',
      'a decision needs one reservation status for each selected event',
      {
        field: 'reservations',
        value: reservations.length,
      },
    )
  }
  return (
    `{"timestamp":${stamp.timestampNs}` +
    `,"arbitration_id":"${arbitrationId}"` +
    `,"sequence":${stamp.sequence}` +
    `,"weights_version":${stamp.weightsVersion}` +
    `,"state_version":${stamp.stateVersion}` +
    `,"candidates":${list(decision.candidates, candidateText)}` +
    `,"admissible_count":${decision.admissibleCount}` +
    `,"selected":${list(decision.selected, quoted)}` +
    `,"selection_reason":"${decision.selectionReason}"` +
    `,"rejected_events":${list(decision.rejected, rejectedText)}` +
    `,"allocations":${list(decision.allocations, (allocation, at) => allocationText(allocation, reservations[at]!))}` +
    `,"capital_allocated":${moneyText(decision.capitalAllocatedMinor)}` +
    `,"capital_unallocated":${moneyText(decision.capitalUnallocatedMinor)}` +
    deficitsText(decision) +
    `,"reservation_status":"${reservations[0] ?? 'NOT_ATTEMPTED'}"}`
  )
}

function candidateText(candidate: RankedCandidate): string {
  return (
    `{"event_id":${quoted(candidate.eventId)}` +
    `,"event_type":${quoted(candidate.eventType)}` +
    `,"symbol":${quoted(candidate.symbol)}` +
    rawText(candidate.raw) +
    componentsText(candidate.weighted) +
    `,"base_score":${significant12(candidate.baseScore)}` +
    `,"age_bonus":${significant12(candidate.ageBonus)}` +
    `,"score":${significant12(candidate.score)}` +
    `,"tier":${candidate.tier},"rank":${candidate.rank}}`
  )
}

function rawText(raw: Weights): string {
  return (
    `,"priority_score":${significant12(raw.priorityScore)}` +
    `,"freshness":${significant12(raw.freshness)}` +
    `,"regime_alignment":${significant12(raw.regimeAlignment)}` +
    `,"expected_value":${significant12(raw.expectedValue)}`
  )
}

function componentsText(weighted: Weights): string {
  return (
    `,"components":{"priority_score":${significant12(weighted.priorityScore)}` +
    `,"freshness":${significant12(weighted.freshness)}` +
    `,"regime":${significant12(weighted.regimeAlignment)}` +
    `,"ev":${significant12(weighted.expectedValue)}}`
  )
}

function rejectedText(rejected: RejectedEvent): string {
  return (
    `{"event_id":${quoted(rejected.eventId)}` +
    `,"reason":"${rejected.reason}"` +
    `,"admissible":${rejected.admissible}` +
    `,"score_diff":${rejected.scoreDiff === null ? 'null' : significant12(rejected.scoreDiff)}` +
    `,"blocked_by":${rejected.blockedBy === null ? 'null' : quoted(rejected.blockedBy)}}`
  )
}

function allocationText(allocation: Allocation, status: ReservationStatus): string {
  return (
    `{"event_id":${quoted(allocation.eventId)}` +
    `,"capital":${moneyText(allocation.capitalMinor)}` +
    `,"reservation_status":"${status}"}`
  )
}

function deficitsText(decision: Decision): string {
  if (decision.deficitsMinor === undefined) return ''
  const entries = Object.entries(decision.deficitsMinor)
  return `,"deficits":{${entries.map(([type, minor]) => `${quoted(type)}:${moneyText(minor)}`).join(',')}}`
}
