/**
 * One decision whose candidates are followed: its record, and what is known so far of each. One thread.
 */
import {
  decisionCandidate as candidateAt,
  decisionCandidateSize,
  decisionHeader,
  decisionParts,
} from '../../domain/decision-record.ts'
import { reservationStatuses } from '../../domain/reservation.ts'
import type { CandidateOutcome, CounterfactualValues } from '../../journal/counterfactual-line.ts'
import type { Followed } from './followed-trades.ts'

const granted = reservationStatuses.indexOf('SUCCESS')

export class PendingEntry implements CounterfactualValues {
  /** The decision's, at 0. */
  readonly record: Float64Array
  readonly sequence: number
  /** By rank. */
  readonly outcomes: readonly CandidateOutcome[]
  /** Hypothetical trades that are not closed. */
  readonly followed = new Set<Followed>()
  /** Rejected events that would be entered when they complete. */
  waiting = 0
  /** Selected events of which the venue has not told the end. */
  awaited = 0

  /** @param record - Not touched any more. */
  constructor(record: Float64Array) {
    const parts = decisionParts(record, 0)
    const count = (parts.end - parts.candidates) / decisionCandidateSize
    this.record = record
    this.sequence = record[decisionHeader.sequence]!
    this.outcomes = Array.from({ length: count }, (_, rank) => {
      const isSelected = this.field(rank, 'rejection') < 0
      return { isSelected, isWritten: isSelected, outcome: null, simulated: null }
    })
    for (let rank = 0; rank < count; rank += 1) if (this.isGranted(rank)) this.awaited += 1
  }

  /** Everything that can be known is. */
  get isComplete(): boolean {
    return this.awaited === 0 && this.waiting === 0 && this.followed.size === 0
  }

  field(rank: number, name: keyof typeof candidateAt): number {
    const { candidates } = decisionParts(this.record, 0)
    return this.record[candidates + rank * decisionCandidateSize + candidateAt[name]]!
  }

  /** It was selected and its reservation granted: an order follows, or it is declined. */
  isGranted(rank: number): boolean {
    return this.field(rank, 'rejection') < 0 && this.field(rank, 'reservation') === granted
  }

  rankOf(handle: number): number {
    return this.outcomes.findIndex((_, rank) => this.field(rank, 'handle') === handle)
  }
}
