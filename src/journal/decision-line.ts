/**
 * One decision as one line of the journal (CONTRACTS "Journal entry"): the specification's arbitration log with what the
 * E-numbers add, keys in that order. Written from the decision's record; pure. Called on the journal's thread and by `arbitrate`.
 */
import { rejectionReasons, selectionReasons } from '../domain/decision.ts'
import {
  decisionCandidate as candidateAt,
  decisionCandidateSize,
  decisionHeaderSize,
  decisionParts,
  decisionPositionSize,
  decisionHeader as headerAt,
  decisionPosition as positionAt,
} from '../domain/decision-record.ts'
import { reservationStatuses } from '../domain/reservation.ts'
import { type LineBytes, token } from './line-bytes.ts'
import type { LineNames } from './line-names.ts'

const tokens = {
  timestamp: token('{"timestamp":'),
  arbitrationId: token(',"arbitration_id":"'),
  sequence: token('","sequence":'),
  weightsVersion: token(',"weights_version":'),
  stateVersion: token(',"state_version":'),
  candidates: token(',"candidates":['),
  admissibleCount: token('],"admissible_count":'),
  selected: token(',"selected":['),
  selectionReason: token('],"selection_reason":'),
  rejectedEvents: token(',"rejected_events":['),
  allocations: token('],"allocations":['),
  capitalAllocated: token('],"capital_allocated":'),
  capitalUnallocated: token(',"capital_unallocated":'),
  deficits: token(',"deficits":{'),
  reservationStatus: token(',"reservation_status":'),
  endObject: token('}'),

  priorityScore: token(',"priority_score":'),
  freshness: token(',"freshness":'),
  regimeAlignment: token(',"regime_alignment":'),
  expectedValue: token(',"expected_value":'),
  weightedPriority: token(',"components":{"priority_score":'),
  weightedRegime: token(',"regime":'),
  weightedExpected: token(',"ev":'),
  baseScore: token('},"base_score":'),
  ageBonus: token(',"age_bonus":'),
  score: token(',"score":'),
  tier: token(',"tier":'),
  rank: token(',"rank":'),

  eventId: token('{"event_id":'),
  reason: token(',"reason":'),
  isAdmissible: token(',"admissible":true,"score_diff":'),
  isNotAdmissible: token(',"admissible":false,"score_diff":'),
  null: token('null'),
  blockedBy: token(',"blocked_by":'),
  capital: token(',"capital":'),
}
const selectionReasonTokens = selectionReasons.map((reason) => token(`"${reason}"`))
const rejectionReasonTokens = rejectionReasons.map((reason) => token(`"${reason}"`))
const reservationTokens = reservationStatuses.map((status) => token(`"${status}"`))
const notAttempted = token('"NOT_ATTEMPTED"')

/**
 * Writes the entry as JSON behind what `line` holds, without the line's end. Scores and components are rounded to 12 significant
 * digits, money and integers are not.
 *
 * @param values - Has the decision's record at `start`.
 */
export function writeDecisionLine(line: LineBytes, values: Float64Array, start: number, names: LineNames): void {
  const atNs = values[start + headerAt.atNs]!
  const sequence = values[start + headerAt.sequence]!
  const { positions, candidates: first, end } = decisionParts(values, start)
  line.token(tokens.timestamp)
  names.writeTime(line, atNs)
  line.token(tokens.arbitrationId)
  names.writeArbitrationId(line, atNs, sequence)
  line.token(tokens.sequence)
  line.exact(sequence)
  line.token(tokens.weightsVersion)
  line.exact(values[start + headerAt.weightsVersion]!)
  line.token(tokens.stateVersion)
  line.exact(values[start + headerAt.stateVersion]!)
  line.token(tokens.candidates)
  for (let at = first; at < end; at += decisionCandidateSize) {
    if (at > first) line.comma()
    writeCandidate(line, values, start, at, (at - first) / decisionCandidateSize + 1, names)
  }
  line.token(tokens.admissibleCount)
  line.exact(values[start + headerAt.admissibleCount]!)
  line.token(tokens.selected)
  let status = notAttempted
  let written = 0
  for (let at = first; at < end; at += decisionCandidateSize) {
    if (!isSelected(values, at)) continue
    if (written > 0) line.comma()
    else status = reservationTokens[values[at + candidateAt.reservation]!]!
    written++
    line.token(names.eventId(values[at + candidateAt.handle]!))
  }
  line.token(tokens.selectionReason)
  line.token(selectionReasonTokens[values[start + headerAt.selectionReason]!]!)
  line.token(tokens.rejectedEvents)
  written = 0
  for (let at = first; at < end; at += decisionCandidateSize) {
    if (isSelected(values, at)) continue
    if (written++ > 0) line.comma()
    writeRejected(line, values, at, positions, first, names)
  }
  line.token(tokens.allocations)
  written = 0
  for (let at = first; at < end; at += decisionCandidateSize) {
    if (!isSelected(values, at)) continue
    if (written++ > 0) line.comma()
    writeAllocation(line, values, at, names)
  }
  line.token(tokens.capitalAllocated)
  line.money(values[start + headerAt.allocatedMinor]!)
  line.token(tokens.capitalUnallocated)
  line.money(values[start + headerAt.unallocatedMinor]!)
  if (values[start + headerAt.deficitsChanged] === 1) {
    // Those after the decision, of the types that the queue looked at.
    const typeCount = values[start + headerAt.typeCount]!
    line.token(tokens.deficits)
    names.writeMoneyByType(line, values, start + decisionHeaderSize + typeCount, typeCount)
    line.token(tokens.endObject)
  }
  line.token(tokens.reservationStatus)
  line.token(status)
  line.token(tokens.endObject)
}

function isSelected(values: Float64Array, at: number): boolean {
  return values[at + candidateAt.rejection]! < 0
}

function writeCandidate(
  line: LineBytes,
  values: Float64Array,
  start: number,
  at: number,
  rank: number,
  names: LineNames,
): void {
  const typeIndex = values[at + candidateAt.typeIndex]!
  const symbolIndex = values[at + candidateAt.symbolIndex]!
  const priorityScore = values[at + candidateAt.priorityScore]!
  const freshness = values[at + candidateAt.freshness]!
  const regimeAlignment = values[at + candidateAt.regimeAlignment]!
  const expectedValue = values[at + candidateAt.expectedValue]!
  line.token(names.eventHead(values[at + candidateAt.handle]!, typeIndex, symbolIndex))
  line.token(tokens.priorityScore)
  line.significant12(priorityScore)
  line.token(tokens.freshness)
  line.significant12(freshness)
  line.token(tokens.regimeAlignment)
  line.significant12(regimeAlignment)
  line.token(tokens.expectedValue)
  line.significant12(expectedValue)
  // The same products as in the decision: one multiplication of the same two doubles.
  line.token(tokens.weightedPriority)
  line.significant12(values[start + headerAt.weightPriority]! * priorityScore)
  line.token(tokens.freshness)
  line.significant12(values[start + headerAt.weightFreshness]! * freshness)
  line.token(tokens.weightedRegime)
  line.significant12(values[start + headerAt.weightRegime]! * regimeAlignment)
  line.token(tokens.weightedExpected)
  line.significant12(values[start + headerAt.weightExpected]! * expectedValue)
  line.token(tokens.baseScore)
  line.significant12(values[at + candidateAt.baseScore]!)
  line.token(tokens.ageBonus)
  line.significant12(values[at + candidateAt.ageBonus]!)
  line.token(tokens.score)
  line.significant12(values[at + candidateAt.score]!)
  line.token(tokens.tier)
  line.exact(values[at + candidateAt.tier]!)
  line.token(tokens.rank)
  line.exact(rank)
  line.token(tokens.endObject)
}

function writeRejected(
  line: LineBytes,
  values: Float64Array,
  at: number,
  positions: number,
  firstCandidate: number,
  names: LineNames,
): void {
  const scoreDiff = values[at + candidateAt.scoreDiff]!
  const blockedByRank = values[at + candidateAt.blockedByRank]!
  const blockedByPosition = values[at + candidateAt.blockedByPosition]!
  line.token(tokens.eventId)
  line.token(names.eventId(values[at + candidateAt.handle]!))
  line.token(tokens.reason)
  line.token(rejectionReasonTokens[values[at + candidateAt.rejection]!]!)
  line.token(values[at + candidateAt.admissible] === 1 ? tokens.isAdmissible : tokens.isNotAdmissible)
  if (Number.isNaN(scoreDiff)) line.token(tokens.null)
  else line.significant12(scoreDiff)
  line.token(tokens.blockedBy)
  if (blockedByRank >= 0) {
    line.token(names.eventId(values[firstCandidate + blockedByRank * decisionCandidateSize + candidateAt.handle]!))
  } else if (blockedByPosition >= 0) {
    line.token(names.eventId(values[positions + blockedByPosition * decisionPositionSize + positionAt.handle]!))
  } else {
    line.token(tokens.null)
  }
  line.token(tokens.endObject)
}

function writeAllocation(line: LineBytes, values: Float64Array, at: number, names: LineNames): void {
  line.token(tokens.eventId)
  line.token(names.eventId(values[at + candidateAt.handle]!))
  line.token(tokens.capital)
  line.money(values[at + candidateAt.allocationMinor]!)
  line.token(tokens.reservationStatus)
  line.token(reservationTokens[values[at + candidateAt.reservation]!]!)
  line.token(tokens.endObject)
}
