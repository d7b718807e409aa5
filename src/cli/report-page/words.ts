/** How figures of the report read on its page. Pure. */
import { html, type Markup } from '../../observe/page/markup.ts'

/** Between a number and its unit: they stay on one line. */
const unbroken = '\u00a0'

const withDecimals = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const whole = new Intl.NumberFormat('en-US')
const longWords: readonly (readonly [number, string])[] = [
  [1e12, 'tn'],
  [1e9, 'bn'],
]

/** Money in the quote currency: 1,234.50; from a thousand million on with a word, below a hundredth with two digits that say something. */
export function moneyText(units: number): string {
  return withMinus(units, sizeText(Math.abs(units)))
}

function sizeText(size: number): string {
  if (size >= 1e15) return exponentText(size, 3)
  for (const [from, word] of longWords) {
    if (size >= from) return `${Number((size / from).toPrecision(4)).toLocaleString('en-US')}${unbroken}${word}`
  }
  if (size === 0 || size >= 0.01) return withDecimals.format(size)
  return size >= 1e-6 ? size.toFixed(1 - Math.floor(Math.log10(size))) : exponentText(size, 1)
}

function exponentText(size: number, decimals: number): string {
  const [digits, power] = size.toExponential(decimals).split('e')
  return `${digits}e${power!.replace('+', '').replace('-', '−')}`
}

function withMinus(value: number, size: string): string {
  return value < 0 ? `−${size}` : size
}

export function signedMoneyText(units: number): string {
  return units > 0 ? `+${moneyText(units)}` : moneyText(units)
}

/** The exact number is told to whoever points at it. */
export function money(units: number, text = moneyText(units)): Markup {
  return html`<data class="number" value="${units}" title="${units.toLocaleString('en-US', { maximumFractionDigits: 20 })}">${text}</data>`
}

/** A rate in [0, 1] as 18.0 %. */
export function percentText(rate: number): string {
  return `${(rate * 100).toFixed(1)}${unbroken}%`
}

/** A weight in [0, 1]: 40 %, 33.3 %. */
export function weightText(weight: number): string {
  return `${Number((weight * 100).toFixed(1))}${unbroken}%`
}

/** An interval of rates: 9.8 – 30.8 %, on one line. */
export function interval([low, high]: readonly [number, number]): Markup {
  return html`<span class="number">${(low * 100).toFixed(1)} – ${percentText(high)}</span>`
}

export function countText(count: number): string {
  return whole.format(count)
}

/** `1 event`, `3 events`. */
export function countOf(count: number, what: string): string {
  return `${countText(count)} ${what}${count === 1 ? '' : 's'}`
}

/** What a name in snake_case says; any other is left as somebody wrote it. */
export function nameText(name: string): string {
  if (/^[A-Z][A-Z0-9_]*_[A-Z0-9_]+$/.test(name)) {
    const words = name.replaceAll('_', ' ').toLowerCase()
    return words.charAt(0).toUpperCase() + words.slice(1)
  }
  return /^[a-z][a-z0-9_]*$/.test(name) ? name.replaceAll('_', ' ') : name
}

/** 2026-01-18 07:20 */
export function momentText(unixNs: bigint): string {
  return isoText(unixNs).slice(0, 16).replace('T', ' ')
}

/** 2026-01-18 */
export function dayText(unixNs: bigint): string {
  return isoText(unixNs).slice(0, 10)
}

function isoText(unixNs: bigint): string {
  return new Date(Number(unixNs / 1_000_000n)).toISOString()
}
