/** How figures read in an explanation. Pure. */
import { toMoney } from '../../domain/units.ts'

/** A score or component as it is read. */
export function scoreText(value: number): string {
  return value.toFixed(4)
}

/** Two scores or components with as many digits as tell them apart, if they are not the same to twelve. */
export function apartTexts(a: number, b: number): readonly [string, string] {
  let digits = 4
  while (digits < 12 && a !== b && a.toFixed(digits) === b.toFixed(digits)) digits++
  return [a.toFixed(digits), b.toFixed(digits)]
}

/** A component to the step of its lever, 10⁻⁹. */
export function exactScoreText(value: number): string {
  return value.toFixed(9).replace(/0{1,7}$/, '')
}

/** A component as it was, beside the exact value that it is to have: to 10⁻⁹ like that, but never rounded to it. */
export function besideText(value: number, exact: number): string {
  let digits = 9
  while (digits < 15 && Number(value.toFixed(digits)) === exact) digits++
  return withoutZeros(value.toFixed(digits))
}

/** A difference of components, with its sign: to 10⁻⁹, or to its first two digits where it is less. */
export function differenceText(by: number): string {
  const text = Math.abs(by) < 1e-8 ? withoutZeros(by.toFixed(15)) : exactScoreText(by)
  return by > 0 ? `+${text}` : text
}

/** At least two decimals stay. */
function withoutZeros(decimals: string): string {
  return decimals.replace(/(\.\d\d\d*?)0+$/, '$1')
}

/** Seconds to the nanosecond. */
export function exactSecondsText(ns: bigint): string {
  const sign = ns < 0n ? '-' : ''
  const size = ns < 0n ? -ns : ns
  if (size < 1_000_000_000n) return secondsText(ns)
  const rest = String(size % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${sign}${(size / 1_000_000_000n).toLocaleString('en-US')}${rest === '' ? '' : `.${rest}`} s`
}

/** Units of the quote currency, two decimals, grouped. */
export function moneyText(minor: number): string {
  return unitsText(toMoney(minor))
}

export function unitsText(units: number): string {
  return units.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

/** A duration: from a second on to the millisecond, below it in full. */
export function secondsText(ns: bigint): string {
  const sign = ns < 0n ? '-' : ''
  const size = ns < 0n ? -ns : ns
  if (size < 1_000n) return `${sign}${size} ns`
  if (size < 1_000_000n) return `${sign}${Number(size) / 1e3} µs`
  const ms = (size + 500_000n) / 1_000_000n
  if (ms < 1_000n) return `${sign}${Number(size) / 1e6} ms`
  const whole = (ms / 1_000n).toLocaleString('en-US')
  const rest = String(ms % 1_000n)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${sign}${whole}${rest === '' ? '' : `.${rest}`} s`
}

/** A time as `2026-06-17 18:02:11.345` UTC; its date left out where it is the day of `beside`. */
export function timeText(atNs: bigint, beside?: bigint): string {
  const text = isoText(atNs).replace('T', ' ').slice(0, 23)
  return beside !== undefined && isoText(beside).slice(0, 10) === text.slice(0, 10) ? text.slice(11) : text
}

/** ISO 8601 with all nine digits. */
export function isoText(atNs: bigint): string {
  const ms = atNs / 1_000_000n - (atNs % 1_000_000n < 0n ? 1n : 0n)
  const rest = atNs - ms * 1_000_000n
  const iso = new Date(Number(ms)).toISOString()
  return `${iso.slice(0, -1)}${String(rest).padStart(6, '0')}Z`
}

/** `1 event`, `3 events`. */
export function countText(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`
}

/** At most so many of them by name. */
export function listText(ids: readonly string[], most = 4): string {
  const named = ids.slice(0, most).join(', ')
  return ids.length <= most ? named : `${named} and ${ids.length - most} more`
}
