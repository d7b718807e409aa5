/**
 * Numbers in journal lines: 12 significant digits, no trailing zeros (CONTRACTS "Journal entry"). Pure; any thread. The text
 * is that of `String(Number(value.toPrecision(12)))`, which costs about a microsecond; a line has some hundred of them.
 */
import { minorPerUnit, powersOfTen } from '../domain/units.ts'

/** 000 … 999; and the same without trailing zeros. */
const threeDigits: readonly string[] = Array.from({ length: 1000 }, (_, group) => String(group).padStart(3, '0'))
const threeDigitsStripped: readonly string[] = threeDigits.map((digits) => digits.replace(/0+$/, ''))

/** What stands before the twelve digits of a number below 1, by the zeros behind its point. */
const leadingZeros: readonly string[] = Array.from({ length: 6 }, (_, zeros) => `0.${'0'.repeat(zeros)}`)

/** The shortest text of the finite `value` rounded to 12 significant digits. */
export function significant12(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e12) return String(value)
  return value < 0 ? `-${positive(-value)}` : positive(value)
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

function positive(value: number): string {
  let zeros = 0
  if (value < 1) {
    let bound = 0.1
    while (value < bound && zeros < leadingZeros.length) bound = 1 / powersOfTen[++zeros + 1]!
    if (zeros === leadingZeros.length) return slowly(value)
  } else if (value >= 10) {
    return slowly(value)
  }
  // The powers are exact, so the product is off by half a unit in its last place: less than 10⁻⁴ below 10¹².
  const scaled = value * powersOfTen[value < 1 ? 12 + zeros : 11]!
  const floor = Math.floor(scaled)
  const fraction = scaled - floor
  if (Math.abs(fraction - 0.5) < 0.001) return slowly(value)
  const digits = fraction > 0.5 ? floor + 1 : floor
  // Rounded up to one digit more, or (a bound that is no double) one digit short: rare, and not worth cases of their own.
  if (digits >= 1e12 || digits < 1e11) return slowly(value)
  if (value < 1) return leadingZeros[zeros]! + strippedDigits(digits)
  const integer = Math.floor(digits / 1e11)
  const behindPoint = strippedDigits((digits - integer * 1e11) * 10)
  return behindPoint === '' ? String(integer) : `${integer}.${behindPoint}`
}

function slowly(value: number): string {
  return String(Number(value.toPrecision(12)))
}

/** An integer below 10¹² as twelve digits, less the zeros at its end. */
function strippedDigits(digits: number): string {
  const high = Math.floor(digits / 1e6)
  const low = digits - high * 1e6
  const a = (high / 1000) | 0
  const b = high - a * 1000
  const c = (low / 1000) | 0
  const d = low - c * 1000
  if (d !== 0) return threeDigits[a]! + threeDigits[b]! + threeDigits[c]! + threeDigitsStripped[d]!
  if (c !== 0) return threeDigits[a]! + threeDigits[b]! + threeDigitsStripped[c]!
  if (b !== 0) return threeDigits[a]! + threeDigitsStripped[b]!
  return threeDigitsStripped[a]!
}
