/**
 * Capital pots: the guaranteed shares of `capital_slots` (ERRATA E17) as budgets of one decision. A pot belongs to a named
 * type, or `*` to all the others; without `capital_slots` there is one pot for everybody, bounded by `available` alone.
 * An object belongs to one arbiter.
 */
import type { Policy } from '../domain/policy.ts'
import { millionthsPerUnit, otherTypesSlot, toMillionths } from '../domain/policy-codec.ts'
import type { CandidateSet } from './candidate-set.ts'
import type { DecisionView } from './decision-view.ts'
import type { PositionSet } from './position-set.ts'

/** ⌊`amountMinor` × `millionths` ÷ 10⁶⌋, exact for every amount below 2^53 and millionths up to 10⁶. */
export function millionthsOf(amountMinor: number, millionths: number): number {
  const whole = Math.floor(amountMinor / millionthsPerUnit)
  const rest = amountMinor - whole * millionthsPerUnit
  // rest × millionths < 10¹²; its quotient is no integer's nearest double unless it is that integer.
  return whole * millionths + Math.floor((rest * millionths) / millionthsPerUnit)
}

export class CapitalPots {
  /** False: `capital_slots` is null. There is one pot then, without a budget of its own. */
  readonly divided: boolean
  readonly count: number
  /** Pot by type; −1 where a type has none. */
  readonly potOf: Int32Array
  readonly #borrowIdle: boolean
  readonly #millionths: Float64Array
  /** This decision's budgets: the guarantee less what the pot's open positions hold. */
  readonly #budgetMinor: Float64Array
  readonly #busy: Uint8Array
  /** What may still be borrowed: the budgets of the pots with nothing to do. */
  #idleMinor = 0

  /** @param typeOrder - The types by tier, then in byte order; pots are numbered in that order, `*` last. */
  constructor(policy: Policy, types: readonly string[], typeOrder: Int32Array) {
    const slots = policy.capitalSlots
    this.divided = slots !== null
    this.#borrowIdle = policy.capitalSlotsBorrow === 'idle'
    this.potOf = new Int32Array(types.length)
    const millionths: number[] = []
    if (slots !== null) {
      const hasOther = Object.hasOwn(slots, otherTypesSlot)
      const named = [...typeOrder].filter((type) => Object.hasOwn(slots, types[type]!))
      this.potOf.fill(hasOther ? named.length : -1)
      for (const [pot, type] of named.entries()) {
        this.potOf[type] = pot
        millionths.push(toMillionths(slots[types[type]!]!))
      }
      if (hasOther) millionths.push(toMillionths(slots[otherTypesSlot]!))
    }
    this.count = this.divided ? millionths.length : 1
    this.#millionths = Float64Array.from(millionths)
    this.#budgetMinor = new Float64Array(this.count)
    this.#busy = new Uint8Array(this.count)
  }

  /**
   * Works out the budgets of one decision.
   *
   * @param view - Candidates without a rejection so far passed every rule before the budgets: their pots are not idle.
   */
  open(view: DecisionView, candidates: CandidateSet, positions: PositionSet, capitalMinor: number): void {
    if (!this.divided) return
    const budget = this.#budgetMinor
    for (let pot = 0; pot < this.count; pot++) budget[pot] = millionthsOf(capitalMinor, this.#millionths[pot]!)
    for (let at = 0; at < positions.count; at++) {
      const pot = this.potOf[positions.typeIndex[at]!]!
      if (pot >= 0) budget[pot] = Math.max(0, budget[pot]! - positions.capitalMinor[at]!)
    }
    this.#idleMinor = 0
    if (!this.#borrowIdle) return
    this.#busy.fill(0)
    for (let at = 0; at < candidates.count; at++) {
      const pot = this.potOf[candidates.typeIndex[at]!]!
      if (view.rejection[at] === 0 && pot >= 0) this.#busy[pot] = 1
    }
    for (let pot = 0; pot < this.count; pot++) if (this.#busy[pot] === 0) this.#idleMinor += budget[pot]!
  }

  /** What a type may use at most, its pot's loan included; Infinity with one pot, 0 without a pot. */
  budgetOf(typeIndex: number): number {
    if (!this.divided) return Number.POSITIVE_INFINITY
    const pot = this.potOf[typeIndex]!
    return pot < 0 ? 0 : this.budgetOfPot(pot)
  }

  budgetOfPot(pot: number): number {
    return this.divided ? this.#budgetMinor[pot]! + this.#idleMinor : Number.POSITIVE_INFINITY
  }

  /** A pot has spent: its own budget first; what it borrowed no later pot can borrow. */
  spend(pot: number, amountMinor: number): void {
    if (this.divided) this.#idleMinor -= Math.max(0, amountMinor - this.#budgetMinor[pot]!)
  }
}
