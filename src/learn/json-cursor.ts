/**
 * A place in one JSON text of UTF-8 bytes, and steps over what stands there. Every step answers whether it understood: it does not where
 * the text is no JSON, and where it is unusual (an escape in a text), so who is refused asks a slower reader. One thread.
 */
import { powersOfTen } from '../domain/units.ts'

/** The keys of an object. */
export interface Keys {
  /** In the order in which they usually come, with their quotes. */
  readonly names: readonly Uint8Array[]
  /** All that must be there, a bit each by its place. */
  readonly required: number
}

/** @param optional - Those of `order` that may be left out. */
export function keysOf(order: readonly string[], optional: readonly string[] = []): Keys {
  const names = order.map((name) => new Uint8Array(Buffer.from(`"${name}"`)))
  const required = order.reduce((bits, name, place) => bits | (optional.includes(name) ? 0 : 1 << place), 0)
  return { names, required }
}

export const words = {
  true: new Uint8Array(Buffer.from('true')),
  false: new Uint8Array(Buffer.from('false')),
  null: new Uint8Array(Buffer.from('null')),
}

/** What {@link JsonCursor.nextKey} says beside the place of a key. */
export const objectEnd = -1
export const unusual = -2
export const unknownKey = -3

const depthMax = 60
const exactDigitsMax = 15
const numberSizeMax = 1024
/** Seconds below which every time with nine more digits is a 64-bit integer. */
const secondsMax = 9_223_372_036

export class JsonCursor {
  bytes: Buffer = Buffer.alloc(0)
  at = 0
  /** What the last number, text (without its quotes) or time was. */
  number = 0
  start = 0
  stop = 0
  seconds = 0
  restNs = 0

  /** Whether this byte stands here. */
  isAt(code: number): boolean {
    return this.bytes[this.at] === code
  }

  take(): number | undefined {
    return this.bytes[this.at++]
  }

  reset(bytes: Buffer): void {
    this.bytes = bytes
    this.at = 0
  }

  /** The place of the next key, with its colon and the space after it behind us. @param last - The key before it. */
  nextKey({ names }: Keys, last: number, isFirst: boolean): number {
    this.skipSpace()
    const bytes = this.bytes
    if (bytes[this.at] === 0x7d) {
      this.at++
      return objectEnd
    }
    if (!isFirst) {
      if (bytes[this.at] !== 0x2c) return unusual
      this.at++
      this.skipSpace()
    }
    let key = last + 1
    const expected = last < -1 ? undefined : names[key]
    if (expected !== undefined && this.standsAt(expected, this.at)) this.at += expected.length
    else {
      const start = this.at
      if (!this.string()) return unusual
      key = unknownKey
      for (let known = 0; known < names.length && key === unknownKey; known++) {
        const name = names[known]!
        if (name.length === this.at - start && this.standsAt(name, start)) key = known
      }
    }
    this.skipSpace()
    if (bytes[this.at] !== 0x3a) return unusual
    this.at++
    this.skipSpace()
    return key
  }

  standsAt(text: Uint8Array, from: number): boolean {
    const bytes = this.bytes
    if (from + text.length > bytes.length) return false
    for (let index = 0; index < text.length; index++) if (bytes[from + index] !== text[index]) return false
    return true
  }

  opens(code: number): boolean {
    return this.bytes[this.at++] === code
  }

  word(word: Uint8Array): boolean {
    if (!this.standsAt(word, this.at)) return false
    this.at += word.length
    return true
  }

  skipSpace(): void {
    const bytes = this.bytes
    let place = this.at
    while (place < bytes.length) {
      const code = bytes[place]!
      if (code > 0x20 || (code !== 0x20 && code !== 0x09 && code !== 0x0d && code !== 0x0a)) break
      place++
    }
    this.at = place
  }

  /** A text without escapes. */
  string(): boolean {
    const bytes = this.bytes
    let place = this.at
    if (bytes[place] !== 0x22) return false
    this.start = ++place
    for (; place < bytes.length; place++) {
      const code = bytes[place]!
      if (code === 0x22) {
        this.stop = place
        this.at = place + 1
        return true
      }
      if (code === 0x5c || code < 0x20) return false
    }
    return false
  }

  /** Up to 15 digits over a power of ten is one correctly rounded division of two exact doubles; the rest `Number` reads. */
  anyNumber(): boolean {
    const bytes = this.bytes
    const start = this.at
    let place = start
    const isNegative = bytes[place] === 0x2d
    if (isNegative) place++
    const firstDigit = place
    let mantissa = 0
    let digit = bytes[place]! - 0x30
    for (; digit >= 0 && digit <= 9; digit = bytes[++place]! - 0x30) mantissa = mantissa * 10 + digit
    const whole = place - firstDigit
    if (whole === 0 || (whole > 1 && bytes[firstDigit] === 0x30)) return false
    let decimals = 0
    if (bytes[place] === 0x2e) {
      digit = bytes[++place]! - 0x30
      for (; digit >= 0 && digit <= 9; digit = bytes[++place]! - 0x30) {
        mantissa = mantissa * 10 + digit
        decimals++
      }
      if (decimals === 0) return false
    }
    const isPlain = (bytes[place]! | 0x20) !== 0x65
    if (!isPlain) {
      const sign = bytes[++place]
      if (sign === 0x2b || sign === 0x2d) place++
      const exponentStart = place
      digit = bytes[place]! - 0x30
      while (digit >= 0 && digit <= 9) digit = bytes[++place]! - 0x30
      if (place === exponentStart) return false
    }
    this.at = place
    if (isPlain && whole + decimals <= exactDigitsMax) {
      const size = mantissa / powersOfTen[decimals]!
      this.number = isNegative ? -size : size
      return true
    }
    if (place - start > numberSizeMax) return false
    this.number = Number(bytes.toString('latin1', start, place))
    return Number.isFinite(this.number)
  }

  /** An integer of nanoseconds, every digit of it. */
  time(): boolean {
    const bytes = this.bytes
    const start = this.at
    let end = start
    while (end < bytes.length && bytes[end]! >= 0x30 && bytes[end]! <= 0x39) end++
    const count = end - start
    if (count === 0 || count > 19 || (count > 1 && bytes[start] === 0x30)) return false
    const next = bytes[end]
    if (next === 0x2e || next === 0x65 || next === 0x45) return false
    const middle = Math.max(start, end - 9)
    let seconds = 0
    for (let place = start; place < middle; place++) seconds = seconds * 10 + (bytes[place]! - 0x30)
    let restNs = 0
    for (let place = middle; place < end; place++) restNs = restNs * 10 + (bytes[place]! - 0x30)
    this.seconds = seconds
    this.restNs = restNs
    this.at = end
    return seconds < secondsMax
  }

  /** Any value of JSON without escapes. */
  skipValue(depth: number): boolean {
    const code = this.bytes[this.at]
    if (code === 0x22) return this.string()
    if (code === 0x74) return this.word(words.true)
    if (code === 0x66) return this.word(words.false)
    if (code === 0x6e) return this.word(words.null)
    if (code !== 0x7b && code !== 0x5b) return this.anyNumber()
    return depth < depthMax && this.#skipNested(code, depth)
  }

  #skipNested(open: number, depth: number): boolean {
    const close = open + 2
    this.at++
    this.skipSpace()
    if (this.bytes[this.at] === close) {
      this.at++
      return true
    }
    for (;;) {
      this.skipSpace()
      if (open === 0x7b) {
        if (!this.string()) return false
        this.skipSpace()
        if (!this.opens(0x3a)) return false
        this.skipSpace()
      }
      if (!this.skipValue(depth + 1)) return false
      this.skipSpace()
      const code = this.bytes[this.at++]
      if (code === close) return true
      if (code !== 0x2c) return false
    }
  }
}
