/**
 * Units: how awkward numbers become integers, once, at the border (ERRATA E30, E33). Pure; any thread.
 *
 * Inside: price in ticks, quantity in lots, money in minor units (cents) of the quote currency, time in nanoseconds since
 * the {@link Timeline}'s epoch; all of them integers in a `number`, below 2^53.
 */
import { SignalboxError } from '../base/errors.ts'

export const nsPerMs = 1_000_000
export const nsPerSecond = 1_000_000_000
export const msPerDay = 86_400_000

/** Minor units in one unit of the quote currency: cents. */
export const minorPerUnit = 100

/** How many decimals money may have in JSON; the minor unit is 10^−2. */
export const moneyDecimals = 2

/** 10^n for n in 0 … 22, exact in a double. */
export const powersOfTen: readonly number[] = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/**
 * Maps between Unix time and the nanoseconds since an epoch that are used in memory. A replay's epoch is the UTC
 * midnight before its first record, so that the same input gives the same numbers.
 */
export class Timeline {
  /** Nanoseconds since the Unix epoch at which this timeline is 0. */
  readonly epochNs: bigint
  /** The same in milliseconds. */
  readonly epochMs: number

  /** @param epochMs - Unix milliseconds, an integer. */
  constructor(epochMs: number) {
    this.epochMs = epochMs
    this.epochNs = BigInt(epochMs) * 1_000_000n
  }

  /** The timeline whose epoch is the UTC midnight at or before `unixMs`. */
  static atMidnightBefore(unixMs: number): Timeline {
    return new Timeline(Math.floor(unixMs / msPerDay) * msPerDay)
  }

  fromUnixMs(unixMs: number): number {
    return (unixMs - this.epochMs) * nsPerMs
  }

  fromUnixNs(unixNs: bigint): number {
    return Number(unixNs - this.epochNs)
  }

  toUnixNs(atNs: number): bigint {
    return this.epochNs + BigInt(atNs)
  }

  /** Unix milliseconds, rounded down. */
  toUnixMs(atNs: number): number {
    return this.epochMs + Math.floor(atNs / nsPerMs)
  }
}

/**
 * `value` × 10^`decimals` as an integer, or NaN when `value` is not a finite number, has more decimals than that (to within
 * the double's own precision), or the result passes 2^53.
 */
export function toScaledInteger(value: number, decimals: number): number {
  const scaled = value * powersOfTen[decimals]!
  const rounded = Math.round(scaled)
  if (!(Math.abs(rounded) <= Number.MAX_SAFE_INTEGER)) return Number.NaN
  // The product of two doubles is within one unit in the last place; a real extra digit is orders of magnitude further off.
  return Math.abs(scaled - rounded) <= Math.abs(scaled) * 1e-15 + 1e-9 ? rounded : Number.NaN
}

/** The nearest integer to `value` × 10^`decimals` (for averages and other numbers that need not lie on the grid), or NaN beyond 2^53. */
export function toNearestInteger(value: number, decimals: number): number {
  const rounded = Math.round(value * powersOfTen[decimals]!)
  return Math.abs(rounded) <= Number.MAX_SAFE_INTEGER ? rounded : Number.NaN
}

/** Money in units of the quote currency: minor units ÷ 100. The nearest double: two decimals survive up to 2^45 units. */
export function toMoney(minor: number): number {
  return minor / minorPerUnit
}

/** Throws when an integer has left the exact range of a `number` (ERRATA E33). */
export function requireExact(what: string, value: number): number {
  if (!Number.isSafeInteger(value)) {
    throw new SignalboxError('ERR_INVARIANT', `${what} left the exact range of 2^53`, { field: what, value })
  }
  return value
}
