/**
 * The fast path of a recording's rows: reads a line straight from the bytes, when it is written exactly as the recordings
 * are (known key order, no spaces, at most 15 digits a number). Whatever differs is not an error here: the caller parses
 * that line as JSON. Where both accept a line they give the same numbers (property test), because
 *   - m ÷ 10^d with m < 10^15 and d ≤ 22 is one rounding of two exact doubles, as in a correct decimal parser;
 *   - an integer m × 10^k ≤ 10^15 is exact, and it is what `toScaledInteger` rounds the same number to.
 *
 * One scanner belongs to one thread and one file's reader. Allocates nothing.
 */
import type { Instrument } from '../../../domain/instrument.ts'
import { powersOfTen, toNearestInteger } from '../../../domain/units.ts'
import { type ContextFields, isFundingRate, type TradeFields } from '../row-fields.ts'

/** Not written the way the fast path knows. */
export const notScanned = -1

const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const point = 0x2e
const zero = 0x30
const colon = 0x3a
const closeBrace = 0x7d
const newline = 0x0a
const carriageReturn = 0x0d
const digitsMax = 15
const exactMax = 1e15
const powerMax = 22

export class RowScanner {
  /** Where the last successful step ended. */
  #at = 0
  /** Decimals of the last mantissa; negative when its exponent moved the point to the right. */
  #decimals = 0

  /**
   * Reads `{"ts":…,"px":…,"sz":…,"side":"B"}` and its newline at `start`. The bytes must hold a newline at or after `start`:
   * no step passes it, so none reads outside.
   * @returns The position after the newline, or {@link notScanned}; `out` is then unspecified.
   */
  scanTrade(bytes: Uint8Array, start: number, instrument: Instrument, out: TradeFields): number {
    const atMs = this.#scanTime(bytes, start)
    if (atMs < 0) return notScanned
    let at = this.#at
    if (bytes[at] !== comma || bytes[at + 1] !== quote || bytes[at + 2] !== 0x70) return notScanned
    if (bytes[at + 3] !== 0x78 || bytes[at + 4] !== quote || bytes[at + 5] !== colon) return notScanned
    const ticks = this.#scanOnGrid(bytes, at + 6, instrument.priceDecimals)
    if (ticks < 0) return notScanned
    at = this.#at
    if (bytes[at] !== comma || bytes[at + 1] !== quote || bytes[at + 2] !== 0x73) return notScanned
    if (bytes[at + 3] !== 0x7a || bytes[at + 4] !== quote || bytes[at + 5] !== colon) return notScanned
    const lots = this.#scanOnGrid(bytes, at + 6, instrument.sizeDecimals)
    if (lots < 0) return notScanned
    at = this.#at
    if (bytes[at] !== comma || bytes[at + 1] !== quote || bytes[at + 2] !== 0x73) return notScanned
    if (bytes[at + 3] !== 0x69 || bytes[at + 4] !== 0x64 || bytes[at + 5] !== 0x65) return notScanned
    if (bytes[at + 6] !== quote || bytes[at + 7] !== colon || bytes[at + 8] !== quote) return notScanned
    const side = bytes[at + 9]
    if ((side !== 0x42 && side !== 0x41) || bytes[at + 10] !== quote) return notScanned
    const end = endOfRow(bytes, at + 11)
    if (end < 0) return notScanned
    out.atMs = atMs
    out.priceTicks = ticks
    out.quantityLots = lots
    out.aggressor = side === 0x42 ? 1 : -1
    return end
  }

  /** Reads `{"ts":…,"funding":…,"oi":…,"mark":…,"oracle":…}` and its newline; as {@link scanTrade}. */
  scanContext(bytes: Uint8Array, start: number, instrument: Instrument, out: ContextFields): number {
    const atMs = this.#scanTime(bytes, start)
    if (atMs < 0) return notScanned
    const fundingRate = this.#scanNamed(bytes, fundingKey)
    if (!isFundingRate(fundingRate)) return notScanned
    const openInterestLots = toNearestInteger(this.#scanNamed(bytes, oiKey), instrument.sizeDecimals)
    if (!(openInterestLots >= 0)) return notScanned
    const markTicks = toNearestInteger(this.#scanNamed(bytes, markKey), instrument.priceDecimals)
    if (!(markTicks > 0)) return notScanned
    const oracleTicks = toNearestInteger(this.#scanNamed(bytes, oracleKey), instrument.priceDecimals)
    if (!(oracleTicks > 0)) return notScanned
    const end = endOfRow(bytes, this.#at)
    if (end < 0) return notScanned
    out.atMs = atMs
    out.fundingRate = fundingRate + 0
    out.openInterestLots = openInterestLots + 0
    out.markTicks = markTicks
    out.oracleTicks = oracleTicks
    return end
  }

  /** `{"ts":` and exactly 13 digits, the first not 0; −1 otherwise. */
  #scanTime(bytes: Uint8Array, start: number): number {
    if (bytes[start] !== 0x7b || bytes[start + 1] !== quote || bytes[start + 2] !== 0x74) return notScanned
    if (bytes[start + 3] !== 0x73 || bytes[start + 4] !== quote || bytes[start + 5] !== colon) return notScanned
    if (bytes[start + 6] === zero) return notScanned
    // Two halves that stay small integers: 6 and 7 digits.
    let high = 0
    let low = 0
    for (let at = start + 6; at < start + 12; at += 1) {
      const digit = bytes[at]! - zero
      if (digit < 0 || digit > 9) return notScanned
      high = high * 10 + digit
    }
    for (let at = start + 12; at < start + 19; at += 1) {
      const digit = bytes[at]! - zero
      if (digit < 0 || digit > 9) return notScanned
      low = low * 10 + digit
    }
    this.#at = start + 19
    return high * 1e7 + low
  }

  /** A number above 0 as an integer of 10^−`decimals`; −1 when it is written otherwise or does not lie on that grid. */
  #scanOnGrid(bytes: Uint8Array, start: number, decimals: number): number {
    let mantissa = this.#scanDecimal(bytes, start)
    if (!(mantissa > 0)) return notScanned
    let shift = decimals - this.#decimals
    while (shift < 0 && mantissa % 10 === 0) {
      mantissa /= 10
      shift += 1
    }
    if (shift < 0 || shift > powerMax) return notScanned
    const scaled = mantissa * powersOfTen[shift]!
    return scaled <= exactMax ? scaled : notScanned
  }

  /** `,"key":` and a number; NaN when it is written otherwise. */
  #scanNamed(bytes: Uint8Array, key: Uint8Array): number {
    const start = this.#at
    for (let index = 0; index < key.length; index += 1) if (bytes[start + index] !== key[index]) return Number.NaN
    const mantissa = this.#scanDecimal(bytes, start + key.length)
    const decimals = this.#decimals
    if (decimals >= 0) return decimals <= powerMax ? mantissa / powersOfTen[decimals]! : Number.NaN
    return decimals >= -powerMax ? mantissa * powersOfTen[-decimals]! : Number.NaN
  }

  /** A decimal of JSON's grammar, in quotes or not: its digits as an integer, its decimals in #decimals. NaN otherwise. */
  #scanDecimal(bytes: Uint8Array, start: number): number {
    let at = start
    const quoted = bytes[at] === quote
    if (quoted) at += 1
    const negative = bytes[at] === minus
    if (negative) at += 1
    const first = at
    let mantissa = 0
    let digit = bytes[at]! - zero
    while (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      at += 1
      digit = bytes[at]! - zero
    }
    let digits = at - first
    if (digits === 0 || (digits > 1 && bytes[first] === zero)) return Number.NaN
    let decimals = 0
    if (bytes[at] === point) {
      const fraction = at + 1
      at = fraction
      digit = bytes[at]! - zero
      while (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit
        at += 1
        digit = bytes[at]! - zero
      }
      decimals = at - fraction
      if (decimals === 0) return Number.NaN
      digits += decimals
    }
    if (digits > digitsMax) return Number.NaN
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at += 1
      const sign = bytes[at]
      if (sign === minus || sign === 0x2b) at += 1
      const exponentStart = at
      let exponent = 0
      digit = bytes[at]! - zero
      while (digit >= 0 && digit <= 9 && at < exponentStart + 3) {
        exponent = exponent * 10 + digit
        at += 1
        digit = bytes[at]! - zero
      }
      if (at === exponentStart) return Number.NaN
      decimals += sign === minus ? exponent : -exponent
    }
    if (quoted) {
      if (bytes[at] !== quote) return Number.NaN
      at += 1
    }
    this.#at = at
    this.#decimals = decimals
    return negative ? -mantissa : mantissa
  }
}

const fundingKey = new TextEncoder().encode(',"funding":')
const oiKey = new TextEncoder().encode(',"oi":')
const markKey = new TextEncoder().encode(',"mark":')
const oracleKey = new TextEncoder().encode(',"oracle":')

/** `}` and the newline, with or without a carriage return: the position after them, −1 otherwise. */
function endOfRow(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== closeBrace) return notScanned
  const at = bytes[start + 1] === carriageReturn ? start + 2 : start + 1
  return bytes[at] === newline ? at + 1 : notScanned
}
