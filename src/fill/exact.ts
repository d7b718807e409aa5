/**
 * a × b ÷ c of integers, exactly: in a double while the product stays below 2^53, in a bigint beyond. Pure; any thread.
 * The remainder of two integers below 2^53 is exact in a double; a rounded quotient is not relied on.
 */
import { requireExact } from '../domain/units.ts'

/** ⌊a × b ÷ c⌋ for integers a, b ≥ 0 and c > 0; `Infinity` when the result passes 2^53. */
export function multiplyDivideFloor(a: number, b: number, c: number): number {
  const product = a * b
  if (product <= Number.MAX_SAFE_INTEGER) return (product - (product % c)) / c
  return exactOrInfinity((BigInt(a) * BigInt(b)) / BigInt(c))
}

/** ⌈a × b ÷ c⌉ for integers a, b ≥ 0 and c > 0; `Infinity` when the result passes 2^53. */
export function multiplyDivideCeil(a: number, b: number, c: number): number {
  const product = a * b
  if (product <= Number.MAX_SAFE_INTEGER) {
    const remainder = product % c
    return (product - remainder) / c + (remainder > 0 ? 1 : 0)
  }
  const divisor = BigInt(c)
  return exactOrInfinity((BigInt(a) * BigInt(b) + divisor - 1n) / divisor)
}

/** The integer nearest to numerator ÷ denominator (> 0), halves away from zero. Throws `ERR_INVARIANT` beyond 2^53. */
export function divideNearest(numerator: bigint, denominator: bigint): number {
  const magnitude = numerator < 0n ? -numerator : numerator
  const rounded = requireExact('quotient', Number((magnitude * 2n + denominator) / (denominator * 2n)))
  return numerator < 0n && rounded !== 0 ? -rounded : rounded
}

function exactOrInfinity(value: bigint): number {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : Number.POSITIVE_INFINITY
}
