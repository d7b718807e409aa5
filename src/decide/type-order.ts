/** Types by tier, then in byte order: the order of pots and queues. Pure; any thread. */
import { type Policy, tierOf } from '../domain/policy.ts'
import { compareByteOrder } from './byte-order.ts'

/** The tier of each type. @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a type without one. */
export function tiersOf(policy: Policy, types: readonly string[]): Int32Array {
  return Int32Array.from(types, (type) => tierOf(policy, type))
}

/** Type indices in that order. */
export function typeOrderOf(types: readonly string[], tiers: Int32Array): Int32Array {
  return Int32Array.from(types.keys()).sort(
    (one, other) => tiers[one]! - tiers[other]! || compareByteOrder(types[one]!, types[other]!),
  )
}
