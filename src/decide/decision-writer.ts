/**
 * Writes a decision as its binary record (domain/decision-record.ts). Pure; allocates nothing; on the thread of the arbiter, into
 * whatever the caller sends it by: a ring's claimed payload or an array of its own.
 */
import { tradingStates } from '../domain/decision.ts'
import {
  decisionCandidate as candidateAt,
  decisionCandidateSize,
  decisionHeaderSize,
  decisionPositionSize,
  decisionHeader as headerAt,
  decisionPosition as positionAt,
} from '../domain/decision-record.ts'
import type { Weights } from '../domain/policy.ts'
import type { AccountState } from './account.ts'
import type { CandidateSet } from './candidate-set.ts'
import type { DecisionView } from './decision-view.ts'
import type { PositionSet } from './position-set.ts'
import { scoreDifference } from './quantum.ts'

/** What identifies the decision beside its account. The caller may reuse one object. */
export interface RecordStamp {
  readonly sequence: number
  readonly weightsVersion: number
  readonly stateVersion: number
  readonly weights: Weights
  /** Index into the regimes of the best-ranked candidate; −1: none. */
  readonly regime: number
}

/**
 * Writes the record at `out[start]` and on; `out` has room for `decisionRecordSize` of the types, positions and candidates.
 *
 * @param view - As the arbiter returned it for these candidates, positions and account.
 * @returns Its length in doubles.
 */
export function writeDecisionRecord(
  out: Float64Array,
  start: number,
  view: DecisionView,
  candidates: CandidateSet,
  positions: PositionSet,
  account: AccountState,
  stamp: RecordStamp,
): number {
  writeHeader(out, start, view, positions, account, stamp)
  let at = writeDeficits(out, start + decisionHeaderSize, view, account)
  for (let position = 0; position < positions.count; position++) {
    out[at + positionAt.handle] = positions.handle[position]!
    out[at + positionAt.capitalMinor] = positions.capitalMinor[position]!
    out[at + positionAt.typeIndex] = positions.typeIndex[position]!
    out[at + positionAt.symbolIndex] = positions.symbolIndex[position]!
    at += decisionPositionSize
  }
  return writeCandidates(out, at, view, candidates) - start
}

function writeHeader(
  out: Float64Array,
  start: number,
  view: DecisionView,
  positions: PositionSet,
  account: AccountState,
  stamp: RecordStamp,
): void {
  const { weights } = stamp
  out[start + headerAt.sequence] = stamp.sequence
  out[start + headerAt.atNs] = account.nowNs
  out[start + headerAt.weightsVersion] = stamp.weightsVersion
  out[start + headerAt.stateVersion] = stamp.stateVersion
  out[start + headerAt.stateAgeMs] = account.stateAgeMs
  out[start + headerAt.capitalMinor] = account.capitalMinor
  out[start + headerAt.allocatedMinor] = view.allocatedMinor
  out[start + headerAt.unallocatedMinor] = view.unallocatedMinor
  out[start + headerAt.weightPriority] = weights.priorityScore
  out[start + headerAt.weightFreshness] = weights.freshness
  out[start + headerAt.weightRegime] = weights.regimeAlignment
  out[start + headerAt.weightExpected] = weights.expectedValue
  out[start + headerAt.selectionReason] = view.selectionReason
  out[start + headerAt.tradingState] = tradingStates.indexOf(account.tradingState)
  out[start + headerAt.regime] = stamp.regime
  out[start + headerAt.lastExecutedType] = account.lastExecutedTypeIndex
  out[start + headerAt.admissibleCount] = view.admissibleCount
  out[start + headerAt.typeCount] = view.deficitsMinor.length
  out[start + headerAt.deficitsChanged] = view.deficitsChanged ? 1 : 0
  out[start + headerAt.positionCount] = positions.count
  out[start + headerAt.candidateCount] = view.count
}

/** Before the decision, then after it where the queue chose. Returns where the positions begin. */
function writeDeficits(out: Float64Array, start: number, view: DecisionView, account: AccountState): number {
  const typeCount = view.deficitsMinor.length
  for (let type = 0; type < typeCount; type++) out[start + type] = account.deficitsMinor?.[type] ?? 0
  if (!view.deficitsChanged) return start + typeCount
  for (let type = 0; type < typeCount; type++) {
    out[start + typeCount + type] = view.queued[type] === 1 ? view.deficitsMinor[type]! : Number.NaN
  }
  return start + 2 * typeCount
}

/** In rank order. Returns where the record ends. The arrays are taken out of their objects once, not once a candidate. */
function writeCandidates(out: Float64Array, start: number, view: DecisionView, candidates: CandidateSet): number {
  const { count, order, winner } = view
  const { rankOf, freshness, baseScore, ageBonus, score, q, tier, admissible, rejection } = view
  const { blockedByCandidate, blockedByPosition, allocationMinor } = view
  const { handle, typeIndex, symbolIndex, lifecycle, side, priorityScore, regimeAlignment, expectedValue } = candidates
  const { detectedAtNs, waitingSinceNs, expiresAtNs, capitalRequiredMinor, lotCapitalMinor } = candidates
  let at = start
  for (let rank = 0; rank < count; rank++) {
    const index = order[rank]!
    const ownRejection = rejection[index]!
    const blockedBy = blockedByCandidate[index]!
    out[at + candidateAt.handle] = handle[index]!
    out[at + candidateAt.typeIndex] = typeIndex[index]!
    out[at + candidateAt.symbolIndex] = symbolIndex[index]!
    out[at + candidateAt.lifecycle] = lifecycle[index]!
    out[at + candidateAt.side] = side[index]!
    out[at + candidateAt.priorityScore] = priorityScore[index]!
    out[at + candidateAt.freshness] = freshness[index]!
    out[at + candidateAt.regimeAlignment] = regimeAlignment[index]!
    out[at + candidateAt.expectedValue] = expectedValue[index]!
    out[at + candidateAt.detectedAtNs] = detectedAtNs[index]!
    out[at + candidateAt.waitingSinceNs] = waitingSinceNs[index]!
    out[at + candidateAt.expiresAtNs] = expiresAtNs[index]!
    out[at + candidateAt.capitalRequiredMinor] = capitalRequiredMinor[index]!
    out[at + candidateAt.lotCapitalMinor] = lotCapitalMinor[index]!
    out[at + candidateAt.baseScore] = baseScore[index]!
    out[at + candidateAt.ageBonus] = ageBonus[index]!
    out[at + candidateAt.score] = score[index]!
    out[at + candidateAt.tier] = tier[index]!
    // As `view.scoreDiff`, which would box each number that it returns.
    out[at + candidateAt.scoreDiff] =
      winner >= 0 && admissible[index] === 1 && ownRejection !== 0
        ? scoreDifference(score[winner]!, q[winner]!, score[index]!, q[index]!)
        : Number.NaN
    // The codes of the view begin at 1; 0 is the selected.
    out[at + candidateAt.rejection] = ownRejection - 1
    out[at + candidateAt.admissible] = admissible[index]!
    out[at + candidateAt.blockedByRank] = blockedBy < 0 ? -1 : rankOf[blockedBy]!
    out[at + candidateAt.blockedByPosition] = blockedByPosition[index]!
    out[at + candidateAt.allocationMinor] = allocationMinor[index]!
    out[at + candidateAt.reservation] = 0
    at += decisionCandidateSize
  }
  return at
}
