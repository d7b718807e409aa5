/**
 * The portfolio: of all permitted sets of admissible candidates the one with the greatest Σ q, on a tie the one whose sorted
 * ranks come first (ERRATA E13; CONTRACTS, step 5). Exact for any number of candidates. Pure; called by the arbiter.
 *
 * A permitted set is pairwise compatible in scope, holds at most the free slots of each symbol and of the account, and
 * contains the longest-waiting overdue candidate, where there is one.
 *
 * **By types.** Where the scope is the account, the types of a set form a clique of the compatibility graph. Within one
 * maximal clique only the two limits are left; they are a truncated partition matroid, in which taking candidates greedily by
 * rank gives the greatest sum and, as the order of the weights is the order of the ranks, the first set by rank. So: one
 * greedy pass a maximal clique, the best of them. The interlock turned off is one clique of all types, and so is scope
 * `symbol` with one position a symbol, where no two members can meet.
 *
 * **By symbols.** Where the scope is the symbol and a symbol may hold several, the passes are made symbol by symbol for each
 * number of members, and a knapsack over the symbols shares out the account's slots.
 *
 * A candidate with q = 0 adds nothing; after the last member it would only make the set a longer one with the same beginning,
 * which comes later. So such candidates take part only before an overdue one, or when there is nothing else.
 */
import type { Policy } from '../domain/policy.ts'
import type { CandidateSet } from './candidate-set.ts'
import { maximalCliques } from './cliques.ts'
import type { DecisionView } from './decision-view.ts'
import { rejectionCode, selectionCode } from './decision-view.ts'
import type { Interlock } from './interlock.ts'
import type { PositionSet } from './position-set.ts'
import { quantizeExactly } from './quantum.ts'
import { bestBySymbol } from './symbol-knapsack.ts'

const lowerScore = rejectionCode('lower_score')
const interlocked = rejectionCode('interlocked')
const slotTaken = rejectionCode('slot_taken')
const maxOpenPositions = rejectionCode('max_open_positions')
const selectedStarving = selectionCode('starvation_bound')
const selectedOnly = selectionCode('only_candidate')
const selectedPortfolio = selectionCode('portfolio')

export class Portfolio {
  readonly #interlock: Interlock
  readonly #maxOpenPositions: number
  readonly #maxPositionsPerSymbol: number
  /** True where the knapsack is needed. */
  readonly #bySymbol: boolean
  readonly #cliques: readonly Uint8Array[]
  /** The candidates that take part, best rank first. */
  readonly #eligible: Int32Array
  #eligibleCount = 0
  /** By candidate: its symbol as a number from 0 that is small; and by that number: the free slots, and those a pass used. */
  readonly #symbolOf: Int32Array
  readonly #symbols: Int32Array
  readonly #freeOn: Int32Array
  readonly #usedOn: Int32Array
  #symbolCount = 0
  /** The set of the pass at hand. */
  readonly #trial: Int32Array

  constructor(policy: Policy, interlock: Interlock, capacity: number) {
    this.#interlock = interlock
    this.#maxOpenPositions = policy.maxOpenPositions
    this.#maxPositionsPerSymbol = policy.maxPositionsPerSymbol
    this.#bySymbol = interlock.scope === 'symbol' && policy.maxPositionsPerSymbol > 1
    const typesMeet = interlock.scope === 'account' || this.#bySymbol
    this.#cliques = maximalCliques(interlock.typeCount, (a, b) => !typesMeet || interlock.areCompatible(a, b))
    this.#eligible = new Int32Array(capacity)
    this.#symbolOf = new Int32Array(capacity)
    this.#symbols = new Int32Array(capacity)
    this.#freeOn = new Int32Array(capacity)
    this.#usedOn = new Int32Array(capacity)
    this.#trial = new Int32Array(capacity)
  }

  /** @param overdue - The longest-waiting overdue candidate, or −1. At least one candidate is admissible. */
  choose(view: DecisionView, candidates: CandidateSet, positions: PositionSet, overdue: number): void {
    const slots = Math.min(this.#maxOpenPositions - positions.count, view.count)
    this.#numberSymbols(view, candidates, positions)
    this.#gather(view, overdue)
    view.selectionReason = this.#reason(view, overdue)
    if (this.#bySymbol) this.#chooseBySymbol(view, candidates, slots, overdue)
    else this.#chooseByTypes(view, candidates, slots, overdue)
    this.#rejectOthers(view, candidates, slots)
  }

  #reason(view: DecisionView, overdue: number): number {
    if (overdue >= 0) return selectedStarving
    return view.admissibleCount === 1 ? selectedOnly : selectedPortfolio
  }

  #numberSymbols(view: DecisionView, candidates: CandidateSet, positions: PositionSet): void {
    this.#symbolCount = 0
    for (let at = 0; at < view.count; at++) {
      if (view.admissible[at] === 0) continue
      const symbolIndex = candidates.symbolIndex[at]!
      let symbol = 0
      while (symbol < this.#symbolCount && this.#symbols[symbol] !== symbolIndex) symbol++
      if (symbol === this.#symbolCount) {
        this.#symbols[symbol] = symbolIndex
        // Never more than the candidates that there are: the limit itself may pass 2^31.
        this.#freeOn[symbol] = Math.min(this.#maxPositionsPerSymbol - positions.countOn(symbolIndex), view.count)
        this.#symbolCount++
      }
      this.#symbolOf[at] = symbol
    }
  }

  #gather(view: DecisionView, overdue: number): void {
    this.#eligibleCount = 0
    let first = -1
    const zerosUntil = overdue < 0 ? -1 : view.rankOf[overdue]!
    for (let rank = 0; rank < view.count; rank++) {
      const at = view.order[rank]!
      if (view.admissible[at] === 0) continue
      if (first < 0) first = at
      if (view.q[at]! > 0 || rank <= zerosUntil) this.#eligible[this.#eligibleCount++] = at
    }
    if (this.#eligibleCount === 0) this.#eligible[this.#eligibleCount++] = first
  }

  #chooseByTypes(view: DecisionView, candidates: CandidateSet, slots: number, overdue: number): void {
    let greatest: number | bigint = -1
    for (const clique of this.#cliques) {
      if (overdue >= 0 && clique[candidates.typeIndex[overdue]!] === 0) continue
      const size = this.#greedy(candidates, clique, slots, overdue)
      if (size === 0) continue
      const sum = sumOfQuanta(view, this.#trial, size)
      if (sum > greatest || (sum === greatest && this.#precedesBest(view, size))) {
        greatest = sum
        for (let at = 0; at < size; at++) view.members[at] = this.#trial[at]!
        view.memberCount = size
      }
    }
  }

  /** One pass in rank order into `#trial`; the slots of the overdue one are kept for it. Returns the size of the set. */
  #greedy(candidates: CandidateSet, clique: Uint8Array, slots: number, overdue: number): number {
    const used = this.#usedOn
    used.fill(0, 0, this.#symbolCount)
    let free = slots
    if (overdue >= 0) {
      used[this.#symbolOf[overdue]!] = 1
      free--
    }
    let size = 0
    for (let next = 0; next < this.#eligibleCount; next++) {
      const at = this.#eligible[next]!
      if (at === overdue) {
        this.#trial[size++] = at
        continue
      }
      const symbol = this.#symbolOf[at]!
      if (free === 0 || clique[candidates.typeIndex[at]!] === 0 || used[symbol]! >= this.#freeOn[symbol]!) continue
      used[symbol] = used[symbol]! + 1
      free--
      this.#trial[size++] = at
    }
    return size
  }

  /** Whether the trial's sorted ranks come before those of the best set so far. Both have the same sum. */
  #precedesBest(view: DecisionView, size: number): boolean {
    const shorter = Math.min(size, view.memberCount)
    for (let at = 0; at < shorter; at++) {
      const rank = view.rankOf[this.#trial[at]!]!
      const bestRank = view.rankOf[view.members[at]!]!
      if (rank !== bestRank) return rank < bestRank
    }
    // Two cliques gave the same set: neither is a mere beginning of the other, which would have the smaller sum.
    return false
  }

  #chooseBySymbol(view: DecisionView, candidates: CandidateSet, slots: number, overdue: number): void {
    const groups = Array.from({ length: this.#symbolCount }, (_, symbol) => ({
      free: this.#freeOn[symbol]!,
      members: [...this.#eligible.subarray(0, this.#eligibleCount)].filter((at) => this.#symbolOf[at] === symbol),
    }))
    const members = bestBySymbol(groups, this.#cliques, slots, overdue, {
      rankOf: (at) => view.rankOf[at]!,
      typeOf: (at) => candidates.typeIndex[at]!,
      quantaOf: (at) => quantizeExactly(view.score[at]!),
    })
    view.members.set(members)
    view.memberCount = members.length
  }

  /** Why the others are not in the set, the first that applies. */
  #rejectOthers(view: DecisionView, candidates: CandidateSet, slots: number): void {
    this.#usedOn.fill(0, 0, this.#symbolCount)
    for (let member = 0; member < view.memberCount; member++) {
      const symbol = this.#symbolOf[view.members[member]!]!
      this.#usedOn[symbol] = this.#usedOn[symbol]! + 1
    }
    let nextMember = 0
    for (let rank = 0; rank < view.count; rank++) {
      const at = view.order[rank]!
      if (nextMember < view.memberCount && view.members[nextMember] === at) nextMember++
      else if (view.admissible[at] === 1) this.#reject(view, candidates, slots, at)
    }
  }

  #reject(view: DecisionView, candidates: CandidateSet, slots: number, at: number): void {
    const type = candidates.typeIndex[at]!
    const symbol = candidates.symbolIndex[at]!
    const symbolIsFull = this.#usedOn[this.#symbolOf[at]!]! >= this.#freeOn[this.#symbolOf[at]!]!
    let onSymbol = -1
    for (let index = 0; index < view.memberCount; index++) {
      const member = view.members[index]!
      const memberSymbol = candidates.symbolIndex[member]!
      if (this.#interlock.conflict(type, symbol, candidates.typeIndex[member]!, memberSymbol)) {
        view.rejection[at] = interlocked
        view.blockedByCandidate[at] = member
        return
      }
      if (onSymbol < 0 && memberSymbol === symbol) onSymbol = member
    }
    if (symbolIsFull) {
      view.rejection[at] = slotTaken
      view.blockedByCandidate[at] = onSymbol
      return
    }
    view.rejection[at] = view.memberCount === slots ? maxOpenPositions : lowerScore
  }
}

/** Σ q, exact: a number where every sum on the way is one, else an integer of any size. */
function sumOfQuanta(view: DecisionView, members: Int32Array, size: number): number | bigint {
  let sum = 0
  for (let at = 0; at < size; at++) sum += view.q[members[at]!]!
  if (sum <= Number.MAX_SAFE_INTEGER) return sum
  let exact = 0n
  for (let at = 0; at < size; at++) exact += quantizeExactly(view.score[members[at]!]!)
  return exact
}
