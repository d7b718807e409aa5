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
    throw outOfRange(field, 'an integer', value, min, max)
  }
  return value
}

/** Throws `ERR_INVALID_ARGUMENT` unless `value` is a finite number in `min … max`. */
export function requireNumber(field: string, value: number, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) throw outOfRange(field, 'a number', value, min, max)
  return value
}

/** Apart from the checks: V8 inlines so many bytes of code into a caller and no more, and a reservation has five checks. */
function outOfRange(field: string, what: string, value: unknown, min: number, max: number): SignalboxError {
  const message = `${field} must be ${what} in ${min} … ${max}, got ${shownAsNumber(value)}`
  return new SignalboxError('ERR_INVALID_ARGUMENT', message, { field, value })
}

/** How a message shows any value: JavaScript may hand over anything, and not everything has a text. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return Object.is(value, -0) ? '-0' : String(value)
}

function shownAsNumber(value: unknown): string {
  return `${shown(value)}${typeof value === 'bigint' ? ' (a bigint; a number is expected)' : ''}`
}
