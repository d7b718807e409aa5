/** Checks that stay in production: numbered invariants and argument ranges. Any thread. */
import { SignalboxError } from './errors.ts'

/**
 * Throws `ERR_INVARIANT` naming the numbered invariant (`RES-1`, `SNAP-2`, …) when `condition` is false.
 * A caller that catches it halts new entries; nothing else may swallow it.
 */
export function invariant(condition: boolean, name: string, message: string): asserts condition {
  if (!condition) throw new SignalboxError('ERR_INVARIANT', `${name} is broken: ${message}`, { field: name })
}

/** Throws `ERR_INVALID_ARGUMENT` unless `value` is an integer in `min … max` (NaN and −0 are refused too). */
export function requireInteger(field: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max || Object.is(value, -0)) {
    throw new SignalboxError(
      'ERR_INVALID_ARGUMENT',
      `${field} must be an integer in ${min} … ${max}, got ${shown(value)}`,
      {
        field,
        value,
      },
    )
  }
  return value
}

/** Throws `ERR_INVALID_ARGUMENT` unless `value` is a finite number in `min … max`. */
export function requireNumber(field: string, value: number, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new SignalboxError(
      'ERR_INVALID_ARGUMENT',
      `${field} must be a number in ${min} … ${max}, got ${shown(value)}`,
      {
        field,
        value,
      },
    )
  }
  return value
}

/** JavaScript may hand over anything, and not everything has a text. */
function shown(value: unknown): string {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? typeof value === 'object'
      ? 'an object'
      : 'a function'
    : String(value)
}
