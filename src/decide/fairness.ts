/**
 * The fair queue: whose turn it is among the types (ERRATA E18; CONTRACTS, step 4). Round robin as the specification writes
 * it, or deficit round robin by capital. Pure: the memory comes in with the account and goes out in the view.
 */
import type { Policy } from '../domain/policy.ts'
import { toMillionths } from '../domain/policy-codec.ts'
import type { AccountState } from './account.ts'
import type { CandidateSet } from './candidate-set.ts'
import { millionthsOf } from './capital-pots.ts'
import { bestAdmissible, rejectOthers, setWinner } from './choice.ts'
import type { DecisionView } from './decision-view.ts'
import { rejectionCode, selectionCode } from './decision-view.ts'

const passedOver = rejectionCode('fair_queue')
const selectedFair = selectionCode('fair_queue')
const selectedOnly = selectionCode('only_candidate')
const selectedScore = selectionCode('highest_score')

export class FairQueue {
  readonly kind: Policy['fairQueue']
  readonly #quantumMillionths: number
  /** Types by tier, then in byte order. */
  readonly #typeOrder: Int32Array

  constructor(policy: Policy, typeOrder: Int32Array) {
    this.kind = policy.fairQueue
    this.#quantumMillionths = toMillionths(policy.fairQueueQuantum)
    this.#typeOrder = typeOrder
  }

  /** Serves one type and within it the best-ranked. At least one candidate is admissible. */
  choose(view: DecisionView, candidates: CandidateSet, account: AccountState): void {
    view.queued.fill(0)
    for (let at = 0; at < view.count; at++) {
      if (view.admissible[at] === 1) view.queued[candidates.typeIndex[at]!] = 1
    }
    const served =
      this.kind === 'deficit'
        ? this.#greatestDeficit(view, account)
        : this.#nextInTurn(view, account.lastExecutedTypeIndex)
    const winner = bestAdmissible(view, candidates, served)
    const winnerRank = view.rankOf[winner]!
    let passedOverCount = 0
    for (let rank = 0; rank < winnerRank; rank++) {
      const at = view.order[rank]!
      if (view.admissible[at] === 0) continue
      // The winner is the best of its own type, so whoever ranks higher is of another one.
      view.rejection[at] = passedOver
      passedOverCount++
    }
    const without = view.admissibleCount === 1 ? selectedOnly : selectedScore
    setWinner(view, winner, passedOverCount > 0 ? selectedFair : without)
    rejectOthers(view)
  }

  /** What the served type was allocated is taken off its deficit. */
  pay(view: DecisionView, candidates: CandidateSet): void {
    if (!view.deficitsChanged) return
    if (view.memberCount === 0) {
      view.deficitsChanged = false
      return
    }
    const served = candidates.typeIndex[view.winner]!
    view.deficitsMinor[served] = view.deficitsMinor[served]! - view.allocatedMinor
  }

  /** Cyclic, beginning after the last executed type, which itself comes last. */
  #nextInTurn(view: DecisionView, lastTypeIndex: number): number {
    const order = this.#typeOrder
    const after = order.indexOf(lastTypeIndex) + 1
    for (let step = 0; step < order.length; step++) {
      const type = order[(after + step) % order.length]!
      if (view.queued[type] === 1) return type
    }
    return -1
  }

  #greatestDeficit(view: DecisionView, account: AccountState): number {
    const gainMinor = millionthsOf(account.capitalMinor, this.#quantumMillionths)
    const deficits = view.deficitsMinor
    let greatest = -1
    for (const type of this.#typeOrder) {
      deficits[type] = view.queued[type] === 1 ? (account.deficitsMinor?.[type] ?? 0) + gainMinor : 0
      if (view.queued[type] === 1 && (greatest < 0 || deficits[type]! > deficits[greatest]!)) greatest = type
    }
    view.deficitsChanged = true
    return greatest
  }
}
