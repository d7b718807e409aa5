/**
 * Allocation: how the capital is shared among the members of a decision, in whole minor units (ERRATA E15; CONTRACTS, step 6).
 * Pure; called by the arbiter last. Members may be dropped here; what is left in the view is final.
 *
 * ALLOC-1: allocated + unallocated = available, to the minor unit, always.
 */
import { invariant } from '../base/assert.ts'
import type { Policy } from '../domain/policy.ts'
import type { CandidateSet } from './candidate-set.ts'
import type { CapitalPots } from './capital-pots.ts'
import type { DecisionView } from './decision-view.ts'
import { rejectionCode, selectionCode } from './decision-view.ts'
import { quantizeExactly } from './quantum.ts'

const insufficientCapital = rejectionCode('insufficient_capital')
const riskLimit = rejectionCode('risk_limit')
const noneAdmissible = selectionCode('none_admissible')

export class Allocation {
  readonly #rule: Policy['allocation']
  readonly #pots: CapitalPots
  /** The members of the pot at hand, best rank first, and their shares. */
  readonly #inPot: Int32Array
  readonly #shareMinor: Float64Array
  #size = 0

  constructor(policy: Policy, pots: CapitalPots, capacity: number) {
    this.#rule = policy.allocation
    this.#pots = pots
    this.#inPot = new Int32Array(capacity)
    this.#shareMinor = new Float64Array(capacity)
  }

  /** @param overdue - The longest-waiting overdue member, whose pot is first and which is dropped last; or −1. */
  allocate(view: DecisionView, candidates: CandidateSet, overdue: number): void {
    let leftMinor = view.availableMinor
    const first = overdue < 0 ? -1 : this.#potOf(candidates, overdue)
    if (first >= 0) leftMinor -= this.#allocatePot(view, candidates, first, leftMinor, overdue)
    for (let pot = 0; pot < this.#pots.count; pot++) {
      if (pot !== first) leftMinor -= this.#allocatePot(view, candidates, pot, leftMinor, overdue)
    }
    this.#keepRemaining(view)
    view.unallocatedMinor = leftMinor
    view.allocatedMinor = view.availableMinor - leftMinor
    if (view.memberCount === 0) view.selectionReason = noneAdmissible
  }

  #potOf(candidates: CandidateSet, at: number): number {
    return this.#pots.divided ? this.#pots.potOf[candidates.typeIndex[at]!]! : 0
  }

  /** Shares one pot among its members; returns what it spent. */
  #allocatePot(view: DecisionView, candidates: CandidateSet, pot: number, leftMinor: number, overdue: number): number {
    this.#size = 0
    for (let index = 0; index < view.memberCount; index++) {
      const member = view.members[index]!
      if (this.#potOf(candidates, member) === pot) this.#inPot[this.#size++] = member
    }
    if (this.#size === 0) return 0
    const potMinor = Math.min(this.#pots.budgetOfPot(pot), leftMinor)
    for (;;) {
      if (this.#size === 0) return 0
      if (!this.#share(view, candidates, potMinor)) {
        this.#drop(view, this.#worst(overdue), insufficientCapital)
        continue
      }
      const belowLot = this.#worstBelowLot(candidates)
      if (belowLot < 0) break
      this.#drop(view, belowLot, riskLimit)
    }
    let spentMinor = 0
    for (let index = 0; index < this.#size; index++) {
      view.allocationMinor[this.#inPot[index]!] = this.#shareMinor[index]!
      spentMinor += this.#shareMinor[index]!
    }
    invariant(spentMinor <= potMinor, 'ALLOC-1', `${spentMinor} of ${potMinor} minor units were allocated`)
    this.#pots.spend(pot, spentMinor)
    return spentMinor
  }

  /** Takes the shares anew; false when the members cannot all be served. */
  #share(view: DecisionView, candidates: CandidateSet, potMinor: number): boolean {
    const shares = this.#shareMinor
    let restMinor = potMinor
    for (let index = 0; index < this.#size; index++) {
      restMinor -= candidates.capitalRequiredMinor[this.#inPot[index]!]!
      if (restMinor < 0) return false
    }
    if (this.#rule === 'need') shares.fill(0, 0, this.#size)
    else this.#shareInProportion(view, this.#rule === 'floor' ? restMinor : potMinor)
    for (let index = 0; index < this.#size; index++) {
      const requiredMinor = candidates.capitalRequiredMinor[this.#inPot[index]!]!
      if (this.#rule !== 'proportional') shares[index] = shares[index]! + requiredMinor
      if (shares[index] === 0 || shares[index]! < requiredMinor) return false
    }
    return true
  }

  /** amount × q ÷ Σ q, rounded down, the rest one by one to the largest remainders, on a tie to the better rank. */
  #shareInProportion(view: DecisionView, amountMinor: number): void {
    const size = this.#size
    if (size === 1) {
      this.#shareMinor[0] = amountMinor
      return
    }
    const amount = BigInt(amountMinor)
    let quanta: bigint[] = []
    let sum = 0n
    for (let index = 0; index < size; index++) {
      const quantum = quantizeExactly(view.score[this.#inPot[index]!]!)
      quanta.push(quantum)
      sum += quantum
    }
    if (sum === 0n) {
      quanta = quanta.fill(1n)
      sum = BigInt(size)
    }
    const remainders: bigint[] = []
    let restMinor = amountMinor
    for (let index = 0; index < size; index++) {
      const product = amount * quanta[index]!
      this.#shareMinor[index] = Number(product / sum)
      remainders.push(product % sum)
      restMinor -= this.#shareMinor[index]!
    }
    const byRemainder = Array.from(remainders.keys()).sort(
      (a, b) => compareDescending(remainders[a]!, remainders[b]!) || a - b,
    )
    for (const index of byRemainder.slice(0, restMinor)) this.#shareMinor[index] = this.#shareMinor[index]! + 1
  }

  /** The index in the pot of the worst-ranked member; the overdue one only when it is alone. */
  #worst(overdue: number): number {
    const last = this.#size - 1
    return last > 0 && this.#inPot[last] === overdue ? last - 1 : last
  }

  /** The index in the pot of the worst-ranked member whose share buys no lot, or −1. */
  #worstBelowLot(candidates: CandidateSet): number {
    for (let index = this.#size - 1; index >= 0; index--) {
      if (this.#shareMinor[index]! < candidates.lotCapitalMinor[this.#inPot[index]!]!) return index
    }
    return -1
  }

  #drop(view: DecisionView, index: number, reason: number): void {
    view.rejection[this.#inPot[index]!] = reason
    for (let next = index + 1; next < this.#size; next++) this.#inPot[next - 1] = this.#inPot[next]!
    this.#size--
  }

  #keepRemaining(view: DecisionView): void {
    let kept = 0
    for (let index = 0; index < view.memberCount; index++) {
      const member = view.members[index]!
      if (view.rejection[member] === 0) view.members[kept++] = member
    }
    view.memberCount = kept
  }
}

function compareDescending(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a > b ? -1 : 1
}
