/**
 * The fast path of recorded books: reads `{"ts":…,"bids":[[px,sz],…],"asks":[[px,sz],…]}` straight from the bytes, when it is
 * written exactly as the recordings are: plain decimals of at most 15 digits on their grids, no spaces, at most 20 levels a side,
 * prices in order and not crossed. Whatever differs is not an error here: the caller parses that line as JSON. Where both accept a
 * line they give the same numbers (property test): the digits are an integer below 10^15, and shifted to the grid it stays one.
 *
 * One scanner belongs to one thread and one file's reader. Allocates nothing.
 */
import type { Instrument } from '../../../domain/instrument.ts'
import { depthLevels } from '../../../domain/market.ts'
import { powersOfTen } from '../../../domain/units.ts'
import { type BookFields, unixMsMin } from '../row-fields.ts'
import { notScanned } from './row-scanner.ts'

const zero = 0x30
const point = 0x2e
const comma = 0x2c
const open = 0x5b
const close = 0x5d
const closeBrace = 0x7d
const newline = 0x0a
const carriageReturn = 0x0d
const digitsMax = 15
const exactMax = 1e15

const timeKey = new TextEncoder().encode('{"ts":')
const bidsKey = new TextEncoder().encode(',"bids":[')
const asksKey = new TextEncoder().encode(',"asks":[')
const timeDigits = 13

export class BookScanner {
  /** Where the last successful step ended. */
  #at = 0
  #bestTicks = 0
  #bestLots = 0
  #depthLots = 0

  /**
   * Reads the line at `start`. The bytes must hold a newline at or after `start`: no step passes it, so none reads outside.
   * @returns The position after the newline, or {@link notScanned}; `out` is then unspecified.
   */
  scan(bytes: Uint8Array, start: number, instrument: Instrument, out: BookFields): number {
    if (!isAt(bytes, start, timeKey)) return notScanned
    const timeAt = start + timeKey.length
    const atMs = this.#scanGrid(bytes, timeAt, 0)
    // 13 characters may also be fewer digits and a fraction of zeros, which is no time.
    if (atMs < unixMsMin || this.#at !== timeAt + timeDigits) return notScanned
    if (!isAt(bytes, this.#at, bidsKey) || !this.#scanSide(bytes, this.#at + bidsKey.length, instrument, -1)) {
      return notScanned
    }
    const bidTicks = this.#bestTicks
    out.bidTicks = bidTicks
    out.bidLots = this.#bestLots
    out.bidDepthLots = this.#depthLots
    if (!isAt(bytes, this.#at, asksKey) || !this.#scanSide(bytes, this.#at + asksKey.length, instrument, 1)) {
      return notScanned
    }
    if (bidTicks >= this.#bestTicks) return notScanned
    out.askTicks = this.#bestTicks
    out.askLots = this.#bestLots
    out.askDepthLots = this.#depthLots
    out.atMs = atMs
    let at = this.#at
    if (bytes[at] !== closeBrace) return notScanned
    at += bytes[at + 1] === carriageReturn ? 2 : 1
    return bytes[at] === newline ? at + 1 : notScanned
  }

  /** The levels of a side and the bracket that closes it. */
  #scanSide(bytes: Uint8Array, start: number, instrument: Instrument, direction: 1 | -1): boolean {
    const { priceDecimals, sizeDecimals } = instrument
    if (bytes[start] === close) {
      this.#bestTicks = Number.NaN
      this.#bestLots = Number.NaN
      this.#depthLots = Number.NaN
      this.#at = start + 1
      return true
    }
    let at = start
    let lastTicks = 0
    let depthLots = 0
    for (let level = 0; level < depthLevels; level += 1) {
      if (bytes[at] !== open) return false
      const ticks = this.#scanGrid(bytes, at + 1, priceDecimals)
      if (ticks <= 0 || bytes[this.#at] !== comma) return false
      const lots = this.#scanGrid(bytes, this.#at + 1, sizeDecimals)
      if (lots <= 0 || bytes[this.#at] !== close) return false
      if (level === 0) {
        this.#bestTicks = ticks
        this.#bestLots = lots
      } else if (direction * ticks <= direction * lastTicks) return false
      lastTicks = ticks
      depthLots += lots
      at = this.#at + 1
      const next = bytes[at]
      at += 1
      if (next === close) {
        this.#depthLots = depthLots
        this.#at = at
        return depthLots <= exactMax
      }
      if (next !== comma) return false
    }
    return false
  }

  /** A plain decimal as an integer of 10^−`decimals`; −1 when it is written otherwise or does not lie on that grid. */
  #scanGrid(bytes: Uint8Array, start: number, decimals: number): number {
    let at = start
    let digit = bytes[at]! - zero
    let value = 0
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit
      at += 1
      digit = bytes[at]! - zero
    }
    if (at === start || (at > start + 1 && bytes[start] === zero)) return notScanned
    let shift = decimals
    if (bytes[at] === point) {
      const fraction = at + 1
      at = fraction
      digit = bytes[at]! - zero
      while (digit >= 0 && digit <= 9 && shift > 0) {
        value = value * 10 + digit
        shift -= 1
        at += 1
        digit = bytes[at]! - zero
      }
      while (digit === 0) {
        at += 1
        digit = bytes[at]! - zero
      }
      if (at === fraction || (digit > 0 && digit <= 9)) return notScanned
    }
    if (at - start > digitsMax) return notScanned
    if (shift > 0) value *= powersOfTen[shift]!
    this.#at = at
    return value <= exactMax ? value : notScanned
  }
}

function isAt(bytes: Uint8Array, start: number, key: Uint8Array): boolean {
  for (let index = 0; index < key.length; index += 1) if (bytes[start + index] !== key[index]) return false
  return true
}
