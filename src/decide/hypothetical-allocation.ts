/**
 * What a rejected candidate would have been given: step 6 of the decision (CONTRACTS, "Allocation") with it among the members, read from
 * the decision's record. An object belongs to one thread.
 *
 * - An admissible one takes the place of the worst-ranked selected event, which is what it would have displaced; where none was selected it
 *   is the only member. Capital and pots are as the decision found them.
 * - An inadmissible one was kept out by a rule. It is the only member, as if no position were open: what the rule cost is not made smaller
 *   by the capital that the blocking position holds.
 */
import {
  decisionCandidate as candidateAt,
  decisionCandidateSize,
  decisionParts,
  decisionPositionSize,
  decisionHeader as headerAt,
  decisionPosition as positionAt,
} from '../domain/decision-record.ts'
import type { Policy } from '../domain/policy.ts'
import { Allocation } from './allocation.ts'
import { CandidateSet } from './candidate-set.ts'
import { CapitalPots } from './capital-pots.ts'
import { DecisionView, rejectionCode } from './decision-view.ts'
import { PositionSet } from './position-set.ts'
import { tiersOf, typeOrderOf } from './type-order.ts'

/** Any rule before the pots: such a candidate keeps no pot busy. */
const keptOut = rejectionCode('not_actionable')
const nothingOpen = new PositionSet(0)

export class HypotheticalAllocation {
  readonly #pots: CapitalPots
  readonly #allocation: Allocation
  readonly #candidates: CandidateSet
  readonly #view: DecisionView
  readonly #positions: PositionSet
  #capitalMinor = 0
  #availableMinor = 0
  /** Of the decision at hand: the selected, by rank. */
  #selected: number[] = []

  /**
   * @param types - What type indices in records mean.
   * @param capacity - The most candidates of a decision.
   * @param positionsMax - The most open positions.
   */
  constructor(policy: Policy, types: readonly string[], capacity: number, positionsMax: number) {
    this.#pots = new CapitalPots(policy, types, typeOrderOf(types, tiersOf(policy, types)))
    this.#allocation = new Allocation(policy, this.#pots, capacity)
    this.#candidates = new CandidateSet(capacity)
    this.#view = new DecisionView(capacity, types.length)
    this.#positions = new PositionSet(positionsMax)
  }

  /** Takes the decision whose record begins at `values[start]`; {@link capitalOf} is about it from then on. */
  load(values: Float64Array, start: number): void {
    const parts = decisionParts(values, start)
    const [candidates, view, positions] = [this.#candidates, this.#view, this.#positions]
    this.#capitalMinor = values[start + headerAt.capitalMinor]!
    this.#availableMinor = this.#capitalMinor
    positions.clear()
    for (let at = parts.positions; at < parts.candidates; at += decisionPositionSize) {
      const capitalMinor = values[at + positionAt.capitalMinor]!
      positions.add('', values[at + positionAt.typeIndex]!, values[at + positionAt.symbolIndex]!, capitalMinor)
      this.#availableMinor = Math.max(0, this.#availableMinor - capitalMinor)
    }
    this.#selected = []
    candidates.count = (parts.end - parts.candidates) / decisionCandidateSize
    for (let rank = 0; rank < candidates.count; rank += 1) {
      const at = parts.candidates + rank * decisionCandidateSize
      candidates.typeIndex[rank] = values[at + candidateAt.typeIndex]!
      candidates.capitalRequiredMinor[rank] = values[at + candidateAt.capitalRequiredMinor]!
      // Whether it buys a lot is a question of the order.
      candidates.lotCapitalMinor[rank] = 0
      view.score[rank] = values[at + candidateAt.score]!
      view.admissible[rank] = values[at + candidateAt.admissible]!
      if (values[at + candidateAt.rejection]! < 0) this.#selected.push(rank)
    }
  }

  /** What the candidate of `rank` (from 0) would have been given, minor units; 0: nothing. */
  capitalOf(rank: number): number {
    const [candidates, view] = [this.#candidates, this.#view]
    const isAdmissible = view.admissible[rank] === 1
    const positions = isAdmissible ? this.#positions : nothingOpen
    view.count = candidates.count
    for (let at = 0; at < view.count; at += 1) {
      view.rejection[at] = view.admissible[at] === 1 ? 0 : keptOut
      view.allocationMinor[at] = 0
    }
    view.rejection[rank] = 0
    const members = isAdmissible ? [...this.#selected.slice(0, -1), rank].sort((one, other) => one - other) : [rank]
    view.members.set(members)
    view.memberCount = members.length
    view.availableMinor = isAdmissible ? this.#availableMinor : this.#capitalMinor
    this.#pots.open(view, candidates, positions, this.#capitalMinor)
    this.#allocation.allocate(view, candidates, -1)
    return view.allocationMinor[rank]!
  }
}
