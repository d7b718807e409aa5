/** Makes objects of a decision's index arrays, for the journal, for `arbitrate` and for people. Pure; allocates. */
import type { Allocation, Decision, RankedCandidate, RejectedEvent } from '../domain/decision.ts'
import type { CandidateSet } from './candidate-set.ts'
import type { DecisionView } from './decision-view.ts'
import { rejectionOf, selectionReasonOf } from './decision-view.ts'
import type { PositionSet } from './position-set.ts'

/** What the indices in a candidate set mean. */
export interface DecisionNames {
  readonly types: readonly string[]
  readonly symbols: readonly string[]
}

/** The decision as values of its own: it outlives the view. The sets are those that were decided on, unchanged since. */
export function materialize(
  view: DecisionView,
  candidates: CandidateSet,
  positions: PositionSet,
  names: DecisionNames,
): Decision {
  const ranked: RankedCandidate[] = []
  const rejected: RejectedEvent[] = []
  for (let rank = 0; rank < view.count; rank++) {
    const at = view.order[rank]!
    ranked.push(rankedCandidate(view, candidates, names, at))
    if (view.rejection[at] === 0) continue
    rejected.push({
      eventId: candidates.ids[at]!,
      reason: rejectionOf(view.rejection[at]!),
      admissible: view.admissible[at] === 1,
      scoreDiff: view.scoreDiff(at),
      blockedBy: blockerOf(view, candidates, positions, at),
    })
  }
  const allocations: Allocation[] = []
  for (let index = 0; index < view.memberCount; index++) {
    const member = view.members[index]!
    allocations.push({ eventId: candidates.ids[member]!, capitalMinor: view.allocationMinor[member]! })
  }
  return {
    candidates: ranked,
    admissibleCount: view.admissibleCount,
    selected: allocations.map((allocation) => allocation.eventId),
    selectionReason: selectionReasonOf(view.selectionReason),
    rejected,
    allocations,
    capitalAllocatedMinor: view.allocatedMinor,
    capitalUnallocatedMinor: view.unallocatedMinor,
    ...(view.deficitsChanged ? { deficitsMinor: deficitsOf(view, names.types) } : {}),
  }
}

function rankedCandidate(
  view: DecisionView,
  candidates: CandidateSet,
  names: DecisionNames,
  at: number,
): RankedCandidate {
  return {
    eventId: candidates.ids[at]!,
    eventType: names.types[candidates.typeIndex[at]!]!,
    symbol: names.symbols[candidates.symbolIndex[at]!]!,
    raw: {
      priorityScore: candidates.priorityScore[at]!,
      freshness: view.freshness[at]!,
      regimeAlignment: candidates.regimeAlignment[at]!,
      expectedValue: candidates.expectedValue[at]!,
    },
    weighted: {
      priorityScore: view.weightedPriority[at]!,
      freshness: view.weightedFreshness[at]!,
      regimeAlignment: view.weightedRegime[at]!,
      expectedValue: view.weightedExpected[at]!,
    },
    baseScore: view.baseScore[at]!,
    ageBonus: view.ageBonus[at]!,
    score: view.score[at]!,
    tier: view.tier[at]!,
    rank: view.rankOf[at]! + 1,
  }
}

function blockerOf(view: DecisionView, candidates: CandidateSet, positions: PositionSet, at: number): string | null {
  const candidate = view.blockedByCandidate[at]!
  if (candidate >= 0) return candidates.ids[candidate]!
  const position = view.blockedByPosition[at]!
  return position >= 0 ? positions.eventIds[position]! : null
}

function deficitsOf(view: DecisionView, types: readonly string[]): Record<string, number> {
  const deficits: Record<string, number> = {}
  for (const [type, name] of types.entries()) if (view.queued[type] === 1) deficits[name] = view.deficitsMinor[type]!
  return deficits
}
