/**
 * The check for priority inversions (ERRATA E19, first sense): whether a decision left an admissible event behind a lower-ranked
 * selected one with no recorded reason. It asks the finished decision, not those who made it: ranks are compared anew by E10, and a
 * reason counts only where what it claims is so. Pure; used by the arbitration stage's health, allocates nothing.
 */
import { compareByteOrder } from '../../decide/byte-order.ts'
import type { CandidateSet } from '../../decide/candidate-set.ts'
import { maxWaitNsOf } from '../../decide/choice.ts'
import { type DecisionView, rejectionCode } from '../../decide/decision-view.ts'
import { Interlock } from '../../decide/interlock.ts'
import type { PositionSet } from '../../decide/position-set.ts'
import type { Policy } from '../../domain/policy.ts'

const lowerScore = rejectionCode('lower_score')
const lowerTier = rejectionCode('lower_tier')
const fairQueue = rejectionCode('fair_queue')
const starvationBound = rejectionCode('starvation_bound')
const interlocked = rejectionCode('interlocked')
const slotTaken = rejectionCode('slot_taken')
const maxOpenPositions = rejectionCode('max_open_positions')
const insufficientCapital = rejectionCode('insufficient_capital')
const riskLimit = rejectionCode('risk_limit')

export class InversionCheck {
  readonly #policy: Policy
  readonly #interlock: Interlock
  readonly #maxWaitNs: number

  constructor(policy: Policy, types: readonly string[]) {
    this.#policy = policy
    this.#interlock = new Interlock(policy, types)
    this.#maxWaitNs = maxWaitNsOf(policy)
  }

  /** True if somebody was left behind without a reason. */
  isInverted(view: DecisionView, candidates: CandidateSet, positions: PositionSet): boolean {
    if (view.memberCount === 0) return false
    let worst = view.members[0]!
    for (let index = 1; index < view.memberCount; index += 1) {
      const member = view.members[index]!
      if (ranksAbove(view, candidates, worst, member)) worst = member
    }
    for (let at = 0; at < view.count; at += 1) {
      if (view.admissible[at] === 0 || isMember(view, at) || !ranksAbove(view, candidates, at, worst)) continue
      if (!this.#isExplained(view, candidates, positions, at)) return true
    }
    return false
  }

  /** Whether the recorded reason is one for which the rules pass over a higher rank, and holds. */
  #isExplained(view: DecisionView, candidates: CandidateSet, positions: PositionSet, at: number): boolean {
    const { selection } = this.#policy
    const winner = view.winner
    const blocker = view.blockedByCandidate[at]!
    switch (view.rejection[at]) {
      case starvationBound:
        return (
          selection !== 'portfolio' &&
          blocker >= 0 &&
          view.waitNs[blocker]! > this.#maxWaitNs &&
          view.waitNs[blocker]! >= view.waitNs[at]!
        )
      case fairQueue:
        return (
          selection === 'score' &&
          this.#policy.fairQueue !== 'off' &&
          candidates.typeIndex[at] !== candidates.typeIndex[winner]
        )
      case lowerTier:
        return selection === 'hierarchy' && view.tier[at]! > view.tier[winner]!
      case lowerScore:
        // The rank is the score's; within a tier the hierarchy asks the priority score first.
        return (
          selection === 'hierarchy' &&
          view.tier[at] === view.tier[winner] &&
          candidates.priorityScore[at]! < candidates.priorityScore[winner]!
        )
      case interlocked:
        return selection === 'portfolio' && blocker >= 0 && this.#conflicts(candidates, at, blocker)
      case slotTaken:
        return (
          selection === 'portfolio' &&
          blocker >= 0 &&
          candidates.symbolIndex[blocker] === candidates.symbolIndex[at] &&
          positions.countOn(candidates.symbolIndex[at]!) + inSet(view, candidates, candidates.symbolIndex[at]!) >=
            this.#policy.maxPositionsPerSymbol
        )
      case maxOpenPositions:
        return (
          selection === 'portfolio' &&
          positions.count + inSet(view, candidates, anySymbol) >= this.#policy.maxOpenPositions
        )
      // It was in the set and the allocation let go of it.
      case insufficientCapital:
      case riskLimit:
        return true
      default:
        return false
    }
  }

  #conflicts(candidates: CandidateSet, a: number, b: number): boolean {
    return this.#interlock.conflict(
      candidates.typeIndex[a]!,
      candidates.symbolIndex[a]!,
      candidates.typeIndex[b]!,
      candidates.symbolIndex[b]!,
    )
  }
}

const anySymbol = -1

/** How many were in the set before the allocation, which is what the set's reasons were judged against; on one symbol or on any. */
function inSet(view: DecisionView, candidates: CandidateSet, symbolIndex: number): number {
  let count = 0
  for (let at = 0; at < view.count; at += 1) {
    if (view.admissible[at] === 0) continue
    if (symbolIndex !== anySymbol && candidates.symbolIndex[at] !== symbolIndex) continue
    const reason = view.rejection[at]
    if (isMember(view, at) || reason === insufficientCapital || reason === riskLimit) count += 1
  }
  return count
}

function isMember(view: DecisionView, candidate: number): boolean {
  for (let index = 0; index < view.memberCount; index += 1) if (view.members[index] === candidate) return true
  return false
}

/** ERRATA E10 said a second time, in its own words: the ranking's own comparison would vouch for itself. */
function ranksAbove(view: DecisionView, candidates: CandidateSet, a: number, b: number): boolean {
  // Below 2^53 equal quanta are a tie whatever the scores; beyond, different scores have different quanta.
  const isTie = view.q[a] === view.q[b] && view.q[a]! <= Number.MAX_SAFE_INTEGER
  const byScore = isTie ? 0 : view.q[a]! - view.q[b]! || view.score[a]! - view.score[b]!
  const order =
    byScore ||
    candidates.priorityScore[a]! - candidates.priorityScore[b]! ||
    view.tier[b]! - view.tier[a]! ||
    view.ageNs[a]! - view.ageNs[b]! ||
    candidates.detectedAtRestNs[b]! - candidates.detectedAtRestNs[a]! ||
    compareByteOrder(candidates.ids[b]!, candidates.ids[a]!)
  return order > 0
}
