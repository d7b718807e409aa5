/**
 * A decision as index arrays: what the arbiter writes and everybody reads until its next call. By candidate index unless
 * said otherwise. Preallocated; an object belongs to one thread. `materialize.ts` makes objects of it for journal and people.
 */
import type { RejectionReason, SelectionReason } from '../domain/decision.ts'
import { rejectionReasons, selectionReasons } from '../domain/decision.ts'
import { defaultPolicy, type Weights } from '../domain/policy.ts'
import { scoreDifference } from './quantum.ts'

/** The number of a rejection reason in {@link DecisionView.rejection}; 0 means not rejected. */
export function rejectionCode(reason: RejectionReason): number {
  return rejectionReasons.indexOf(reason) + 1
}

export function rejectionOf(code: number): RejectionReason {
  return rejectionReasons[code - 1]!
}

/** The number of a selection reason in {@link DecisionView.selectionReason}. */
export function selectionCode(reason: SelectionReason): number {
  return selectionReasons.indexOf(reason)
}

export function selectionReasonOf(code: number): SelectionReason {
  return selectionReasons[code]!
}

/** The result of one decision on candidates 0 … `count` − 1. */
export class DecisionView {
  count = 0

  /** What the scores are weighted by. */
  weights: Weights = defaultPolicy.weights
  /** The regime whose own weights these are, into the regimes; −1: they are the overall ones. */
  weightsRegime = -1

  /** Candidate by rank (0-based), by E10, admissible or not. */
  readonly order: Int32Array
  /** Rank (0-based) by candidate. */
  readonly rankOf: Int32Array

  /** How long ago each was detected and has waited, ≥ 0: a time in the future counts as now. */
  readonly ageNs: Float64Array
  readonly waitNs: Float64Array
  readonly freshness: Float64Array
  /** The components times their weights. */
  readonly weightedPriority: Float64Array
  readonly weightedFreshness: Float64Array
  readonly weightedRegime: Float64Array
  readonly weightedExpected: Float64Array
  readonly baseScore: Float64Array
  readonly ageBonus: Float64Array
  readonly score: Float64Array
  /** The score's quanta, see `quantum.ts`. */
  readonly q: Float64Array
  readonly tier: Int32Array

  /** 1 for the admissible. */
  readonly admissible: Uint8Array
  /** {@link rejectionCode}; 0 for the selected. */
  readonly rejection: Uint8Array
  /** The candidate that blocks, or −1. */
  readonly blockedByCandidate: Int32Array
  /** The open position that blocks, or −1. */
  readonly blockedByPosition: Int32Array
  /** Minor units; 0 for all but the selected. */
  readonly allocationMinor: Float64Array

  admissibleCount = 0
  /** The selected candidates, best rank first: `members[0 … memberCount − 1]`. */
  readonly members: Int32Array
  memberCount = 0
  /** {@link selectionCode}. */
  selectionReason = 0

  /** `availableMinor` = `allocatedMinor` + `unallocatedMinor`. */
  availableMinor = 0
  allocatedMinor = 0
  unallocatedMinor = 0

  /** By type: the deficit queue's memory after this decision. Meaningful only when {@link deficitsChanged}. */
  readonly deficitsMinor: Float64Array
  /** By type: 1 where the queue saw an admissible candidate; those are printed. */
  readonly queued: Uint8Array
  /** True when the deficit queue chose. */
  deficitsChanged = false

  constructor(capacity: number, typeCount: number) {
    this.order = new Int32Array(capacity)
    this.rankOf = new Int32Array(capacity)
    this.ageNs = new Float64Array(capacity)
    this.waitNs = new Float64Array(capacity)
    this.freshness = new Float64Array(capacity)
    this.weightedPriority = new Float64Array(capacity)
    this.weightedFreshness = new Float64Array(capacity)
    this.weightedRegime = new Float64Array(capacity)
    this.weightedExpected = new Float64Array(capacity)
    this.baseScore = new Float64Array(capacity)
    this.ageBonus = new Float64Array(capacity)
    this.score = new Float64Array(capacity)
    this.q = new Float64Array(capacity)
    this.tier = new Int32Array(capacity)
    this.admissible = new Uint8Array(capacity)
    this.rejection = new Uint8Array(capacity)
    this.blockedByCandidate = new Int32Array(capacity)
    this.blockedByPosition = new Int32Array(capacity)
    this.allocationMinor = new Float64Array(capacity)
    this.members = new Int32Array(capacity)
    this.deficitsMinor = new Float64Array(typeCount)
    this.queued = new Uint8Array(typeCount)
  }

  /** Forgets the last decision's choice and makes room for `count` candidates. */
  reset(count: number): void {
    this.count = count
    // One loop: for a few candidates five calls of `fill` cost more than all the scoring.
    for (let at = 0; at < count; at++) {
      this.admissible[at] = 0
      this.rejection[at] = 0
      this.blockedByCandidate[at] = -1
      this.blockedByPosition[at] = -1
      this.allocationMinor[at] = 0
    }
    this.admissibleCount = 0
    this.memberCount = 0
    this.allocatedMinor = 0
    this.deficitsChanged = false
  }

  /** The best-ranked selected candidate, or −1. */
  get winner(): number {
    return this.memberCount === 0 ? -1 : this.members[0]!
  }

  /** Winner's score less its own, in quanta; null for the inadmissible, the selected and where nobody won. */
  scoreDiff(candidate: number): number | null {
    const winner = this.winner
    if (winner < 0 || this.admissible[candidate] === 0 || this.rejection[candidate] === 0) return null
    return scoreDifference(this.score[winner]!, this.q[winner]!, this.score[candidate]!, this.q[candidate]!)
  }
}
