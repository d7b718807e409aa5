/**
 * Admission: for each candidate the first rule that keeps it out, and what blocks it (CONTRACTS, step 3). Pure; called by the
 * arbiter after ranking.
 */
import { isActionable } from '../domain/event.ts'
import type { Policy } from '../domain/policy.ts'
import type { AccountState } from './account.ts'
import type { CandidateSet } from './candidate-set.ts'
import type { CapitalPots } from './capital-pots.ts'
import type { DecisionView } from './decision-view.ts'
import { rejectionCode } from './decision-view.ts'
import type { Interlock } from './interlock.ts'
import type { PositionSet } from './position-set.ts'

const halted = rejectionCode('halted')
const staleState = rejectionCode('stale_state')
const notActionable = rejectionCode('not_actionable')
const expired = rejectionCode('expired')
const belowMinPriority = rejectionCode('below_min_priority')
const interlocked = rejectionCode('interlocked')
const slotTaken = rejectionCode('slot_taken')
const maxOpenPositions = rejectionCode('max_open_positions')
const slotBudgetExhausted = rejectionCode('slot_budget_exhausted')
const insufficientCapital = rejectionCode('insufficient_capital')

export class Admission {
  readonly #policy: Policy
  readonly #interlock: Interlock
  readonly #pots: CapitalPots

  constructor(policy: Policy, interlock: Interlock, pots: CapitalPots) {
    this.#policy = policy
    this.#interlock = interlock
    this.#pots = pots
  }

  /** Fills `admissible`, `rejection`, the blockers and `admissibleCount`; opens the pots for this decision. */
  admit(view: DecisionView, candidates: CandidateSet, positions: PositionSet, account: AccountState): void {
    const count = candidates.count
    const { rejection, admissible } = view
    const shut = this.#shut(account)
    for (let at = 0; at < count; at++) {
      rejection[at] = shut === 0 ? this.#refusedByRules(view, candidates, positions, account.nowNs, at) : shut
    }
    this.#pots.open(view, candidates, positions, account.capitalMinor)
    let admissibleCount = 0
    for (let at = 0; at < count; at++) {
      let reason = rejection[at]!
      if (reason === 0) {
        reason = this.#refusedByCapital(view, candidates, at)
        rejection[at] = reason
      }
      if (reason !== 0) continue
      admissible[at] = 1
      admissibleCount++
    }
    view.admissibleCount = admissibleCount
  }

  /** The rules that keep everybody out. */
  #shut(account: AccountState): number {
    if (account.tradingState !== 'ACTIVE') return halted
    return account.stateAgeMs > this.#policy.maxStateAgeMs ? staleState : 0
  }

  #refusedByRules(
    view: DecisionView,
    candidates: CandidateSet,
    positions: PositionSet,
    nowNs: number,
    at: number,
  ): number {
    if (!isActionable(candidates.lifecycle[at]!)) return notActionable
    if (candidates.expiresAtNs[at]! <= nowNs) return expired
    if (candidates.priorityScore[at]! < this.#policy.minPriorityScore) return belowMinPriority
    if (positions.count === 0) return 0
    return this.#refusedByPositions(view, candidates, positions, at)
  }

  #refusedByPositions(view: DecisionView, candidates: CandidateSet, positions: PositionSet, at: number): number {
    const typeIndex = candidates.typeIndex[at]!
    const symbolIndex = candidates.symbolIndex[at]!
    const eventId = candidates.ids[at]!
    let own = -1
    let firstOnSymbol = -1
    let countOnSymbol = 0
    for (let position = 0; position < positions.count; position++) {
      const positionSymbol = positions.symbolIndex[position]!
      if (this.#interlock.conflict(typeIndex, symbolIndex, positions.typeIndex[position]!, positionSymbol)) {
        view.blockedByPosition[at] = position
        return interlocked
      }
      if (own < 0 && positions.eventIds[position] === eventId) own = position
      if (positionSymbol !== symbolIndex) continue
      countOnSymbol++
      if (firstOnSymbol < 0) firstOnSymbol = position
    }
    if (own >= 0 || countOnSymbol >= this.#policy.maxPositionsPerSymbol) {
      view.blockedByPosition[at] = own >= 0 ? own : firstOnSymbol
      return slotTaken
    }
    return positions.count >= this.#policy.maxOpenPositions ? maxOpenPositions : 0
  }

  #refusedByCapital(view: DecisionView, candidates: CandidateSet, at: number): number {
    const requiredMinor = candidates.capitalRequiredMinor[at]!
    const budgetMinor = this.#pots.budgetOf(candidates.typeIndex[at]!)
    if (budgetMinor === 0 || budgetMinor < requiredMinor) return slotBudgetExhausted
    if (view.availableMinor === 0 || view.availableMinor < requiredMinor) return insufficientCapital
    return requiredMinor === 0 && this.#policy.allocation === 'need' ? insufficientCapital : 0
  }
}
