/** How figures read in an explanation. Pure. */
import { toMoney } from '../../domain/units.ts'

/** A score or component as it is read. */
export function scoreText(value: number): string {
  return value.toFixed(4)
}

/** A component to the step of its lever, 10⁻⁹. */
export function exactScoreText(value: number): string {
  return value.toFixed(9).replace(/0{1,7}$/, '')
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
