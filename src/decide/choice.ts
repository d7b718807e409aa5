/**
 * Choice of one among the admissible: starvation bound, `score`, `hierarchy` (CONTRACTS, step 4). The fair queue and the
 * portfolio have files of their own. Pure; called by the arbiter after admission.
 */
import type { Policy } from '../domain/policy.ts'
import { nsPerSecond } from '../domain/units.ts'
import type { CandidateSet } from './candidate-set.ts'
import type { DecisionView } from './decision-view.ts'
import { rejectionCode, selectionCode } from './decision-view.ts'

const lowerScore = rejectionCode('lower_score')
const lowerTier = rejectionCode('lower_tier')
const starvationBound = rejectionCode('starvation_bound')
const selectedStarving = selectionCode('starvation_bound')
const selectedOnly = selectionCode('only_candidate')
const selectedScore = selectionCode('highest_score')
const selectedTier = selectionCode('highest_tier')

/**
 * `max_wait_s` in nanoseconds; Infinity: no bound. Ages are whole nanoseconds and must be strictly greater, so a fraction is
 * cut off, unless it is only the rounding of the product (1.1 s is 1,100,000,000 ns).
 */
export function maxWaitNsOf(policy: Policy): number {
  if (policy.maxWaitS === null) return Number.POSITIVE_INFINITY
  const product = policy.maxWaitS * nsPerSecond
  const nearest = Math.round(product)
  return Math.abs(product - nearest) <= product * Number.EPSILON ? nearest : Math.floor(product)
}

/** The admissible candidate that has waited longest, strictly longer than the bound, then E10; −1: none. */
export function longestOverdue(view: DecisionView, candidates: CandidateSet, maxWaitNs: number): number {
  let longest = -1
  for (let rank = 0; rank < view.count; rank++) {
    const at = view.order[rank]!
    if (view.admissible[at] === 0) continue
    const waitNs = view.waitNs[at]!
    // A time's rest is what its double is too large by: less of it is earlier, so longer ago.
    const restNs = candidates.waitingSinceRestNs[at]!
    if (waitNs < maxWaitNs || (waitNs === maxWaitNs && restNs >= 0)) continue
    if (longest >= 0) {
      const longestNs = view.waitNs[longest]!
      if (waitNs < longestNs) continue
      if (waitNs === longestNs && restNs >= candidates.waitingSinceRestNs[longest]!) continue
    }
    longest = at
  }
  return longest
}

/** The overdue one wins before every other reason. */
export function chooseOverdue(view: DecisionView, overdue: number): void {
  setWinner(view, overdue, selectedStarving)
  for (let at = 0; at < view.count; at++) {
    if (view.admissible[at] === 0 || at === overdue) continue
    view.rejection[at] = starvationBound
    view.blockedByCandidate[at] = overdue
  }
}

/** The best-ranked admissible candidate. At least one is. */
export function chooseByScore(view: DecisionView): void {
  setWinner(view, bestAdmissible(view), view.admissibleCount === 1 ? selectedOnly : selectedScore)
  rejectOthers(view)
}

/** The lowest tier number, then the priority score, then E10. At least one is admissible. */
export function chooseByHierarchy(view: DecisionView, candidates: CandidateSet): void {
  let winner = -1
  for (let rank = 0; rank < view.count; rank++) {
    const at = view.order[rank]!
    if (view.admissible[at] === 0) continue
    const better =
      winner < 0 ||
      view.tier[at]! < view.tier[winner]! ||
      (view.tier[at] === view.tier[winner] && candidates.priorityScore[at]! > candidates.priorityScore[winner]!)
    if (better) winner = at
  }
  setWinner(view, winner, view.admissibleCount === 1 ? selectedOnly : selectedTier)
  for (let at = 0; at < view.count; at++) {
    if (view.admissible[at] === 0 || at === winner) continue
    view.rejection[at] = view.tier[at]! > view.tier[winner]! ? lowerTier : lowerScore
  }
}

/** The first in rank order, of one type where that is given; −1: none. */
export function bestAdmissible(view: DecisionView, candidates?: CandidateSet, typeIndex = -1): number {
  for (let rank = 0; rank < view.count; rank++) {
    const at = view.order[rank]!
    if (view.admissible[at] === 1 && (candidates === undefined || candidates.typeIndex[at] === typeIndex)) return at
  }
  return -1
}

export function setWinner(view: DecisionView, winner: number, reason: number): void {
  view.members[0] = winner
  view.memberCount = 1
  view.selectionReason = reason
}

/** Every admissible loser without a reason of its own has a lower score. */
export function rejectOthers(view: DecisionView): void {
  const winner = view.winner
  for (let at = 0; at < view.count; at++) {
    if (view.admissible[at] === 1 && at !== winner && view.rejection[at] === 0) view.rejection[at] = lowerScore
  }
}
