/** The policy's capital slots as numbered pots, as the ledger enforces them. Pure; any thread. */
import type { Policy } from './policy.ts'

/** The pot of every type that has none of its own. */
const otherTypes = '*'

export interface Pots {
  /** Parts per million of the capital, by pot. */
  readonly sharesPpm: readonly number[]
  /** The pot of each type index; −1: none. */
  readonly ofType: readonly number[]
}

/** Null when the policy has one pot for all. Pots are numbered in the order in which the policy names them. */
export function potsOf(policy: Policy, types: readonly string[]): Pots | null {
  const slots = policy.capitalSlots
  if (slots === null) return null
  const names = Object.keys(slots)
  return {
    sharesPpm: names.map((name) => Math.floor(slots[name]! * 1_000_000 + 0.5)),
    ofType: types.map((type) => names.indexOf(Object.hasOwn(slots, type) ? type : otherTypes)),
  }
}
