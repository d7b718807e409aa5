/**
 * One line of the journal while it is written, as the bytes that reach the disk. One thread. A line of eight candidates has some
 * three hundred pieces: as text each is a node of a tree that is made, walked and thrown away, which took twice as long. Here
 * nothing is allocated once the longest line has been seen, but for the texts of numbers that are not scores.
 */
import { powersOfTen } from '../domain/units.ts'
import { moneyText, significant12 } from './json-number.ts'

/** Bytes of a text that never changes: a key with what stands around it. */
export type Token = Uint8Array

/** The text in UTF-8. */
export function token(text: string): Token {
  return new TextEncoder().encode(text)
}

const initialBytes = 16_384
const zero = 0x30
const minus = 0x2d
const point = 0x2e
const comma = 0x2c

/** The digits of 000 … 999, three bytes each. */
const threeDigits: Uint8Array = token(
  Array.from({ length: 1000 }, (_, group) => String(group).padStart(3, '0')).join(''),
)
/** Zeros behind the point of a number below 1 for which there is a fast way. */
const leadingZerosMax = 5
const decimalDigits = 12

export class LineBytes {
  #bytes = Buffer.alloc(initialBytes)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What was written, until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  toString(): string {
    return this.bytes.toString()
  }

  clear(): void {
    this.#length = 0
  }

  token(bytes: Token): void {
    this.#makeRoom(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** A text of ASCII, as it is. */
  ascii(text: string): void {
    const { length } = text
    this.#makeRoom(length)
    const at = this.#length
    const own = this.#bytes
    for (let index = 0; index < length; index++) own[at + index] = text.charCodeAt(index)
    this.#length = at + length
  }

  /** A number in full: the shortest text that is read back as the same double. */
  exact(value: number): void {
    this.ascii(String(value))
  }

  /** Unix nanoseconds digit by digit (ERRATA E30). @param seconds - At least 0. @param restNs - 0 … 999,999,999. */
  nanoseconds(seconds: number, restNs: number): void {
    if (seconds === 0) {
      this.ascii(String(restNs))
      return
    }
    if (seconds >= 1e9 && seconds < 1e10) {
      // The seconds of our time have ten digits.
      this.#makeRoom(10)
      const first = Math.floor(seconds / 1e9)
      this.#bytes[this.#length] = zero + first
      this.#nineDigits(this.#length + 1, seconds - first * 1e9)
      this.#length += 10
    } else {
      this.ascii(String(seconds))
    }
    this.#makeRoom(9)
    this.#nineDigits(this.#length, restNs)
    this.#length += 9
  }

  /** Money in units from minor units: {@link moneyText}. */
  money(minor: number): void {
    this.ascii(moneyText(minor))
  }

  comma(): void {
    this.#makeRoom(1)
    this.#bytes[this.#length++] = comma
  }

  /** The finite `value` rounded to 12 significant digits, with the bytes of {@link significant12}, which costs a microsecond. */
  significant12(value: number): void {
    if (Number.isInteger(value) && Math.abs(value) < 1e12) this.ascii(String(value))
    else if (!this.#tryDigits(value)) this.ascii(significant12(value))
  }

  /** Writes a number of which 12 digits are the common case: scores and components; false, and nothing written, for others. */
  #tryDigits(value: number): boolean {
    const size = Math.abs(value)
    let zeros = 0
    if (size < 1) {
      let bound = 0.1
      while (size < bound && zeros <= leadingZerosMax) bound = 1 / powersOfTen[++zeros + 1]!
      if (zeros > leadingZerosMax) return false
    } else if (!(size < 10)) {
      return false
    }
    // The powers are exact, so the product is off by half a unit in its last place: less than 10⁻⁴ below 10¹².
    const scaled = size * powersOfTen[size < 1 ? decimalDigits + zeros : decimalDigits - 1]!
    const floor = Math.floor(scaled)
    const fraction = scaled - floor
    if (Math.abs(fraction - 0.5) < 0.001) return false
    const digits = fraction > 0.5 ? floor + 1 : floor
    // Rounded up to one digit more, or (a bound that is no double) one digit short: rare, and not worth cases of their own.
    if (digits >= 1e12 || digits < 1e11) return false

    this.#makeRoom(decimalDigits + leadingZerosMax + 3)
    const own = this.#bytes
    let at = this.#length
    if (value < 0) own[at++] = minus
    if (size < 1) {
      own[at++] = zero
      own[at++] = point
      for (let index = 0; index < zeros; index++) own[at++] = zero
      this.#twelveDigits(at, digits)
    } else {
      this.#twelveDigits(at + 1, digits)
      own[at] = own[at + 1]!
      own[at + 1] = point
      at++
    }
    let end = at + decimalDigits
    while (own[end - 1] === zero) end--
    this.#length = own[end - 1] === point ? end - 1 : end
    return true
  }

  /** An integer below 10¹² with its leading zeros, at `at`. */
  #twelveDigits(at: number, digits: number): void {
    const high = Math.floor(digits / 1e6)
    const low = digits - high * 1e6
    const millions = (high / 1000) | 0
    const thousands = (low / 1000) | 0
    this.#threeDigits(at, millions)
    this.#threeDigits(at + 3, high - millions * 1000)
    this.#threeDigits(at + 6, thousands)
    this.#threeDigits(at + 9, low - thousands * 1000)
  }

  /** An integer below 10⁹ with its leading zeros, at `at`. */
  #nineDigits(at: number, digits: number): void {
    const millions = (digits / 1e6) | 0
    const low = digits - millions * 1e6
    const thousands = (low / 1000) | 0
    this.#threeDigits(at, millions)
    this.#threeDigits(at + 3, thousands)
    this.#threeDigits(at + 6, low - thousands * 1000)
  }

  #threeDigits(at: number, group: number): void {
    const own = this.#bytes
    const from = group * 3
    own[at] = threeDigits[from]!
    own[at + 1] = threeDigits[from + 1]!
    own[at + 2] = threeDigits[from + 2]!
  }

  #makeRoom(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const grown = Buffer.alloc(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.bytes)
    this.#bytes = grown
  }
}
