/** Numbers in journal lines: 12 significant digits, no trailing zeros (CONTRACTS "Journal entry"). Pure; any thread. */
import { minorPerUnit } from '../domain/units.ts'

/** The shortest text of the finite `value` rounded to 12 significant digits. `LineBytes` writes the same faster. */
export function significant12(value: number): string {
  return String(Number(value.toPrecision(12)))
}

/**
 * Money in units from an integer of minor units, exact for all of them: from 2^46 units on, neighbouring doubles are further
 * apart than cents, so the quotient's own text would not do.
 */
export function moneyText(minor: number): string {
  const size = Math.abs(minor)
  const units = Math.floor(size / minorPerUnit)
  const cents = size - units * minorPerUnit
  const sign = minor < 0 ? '-' : ''
  if (cents === 0) return `${sign}${units}`
  return `${sign}${units}.${cents % 10 === 0 ? cents / 10 : String(cents).padStart(2, '0')}`
}
