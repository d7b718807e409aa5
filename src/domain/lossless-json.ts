/**
 * A strict JSON reader that keeps every digit of an integer (ERRATA E30): nanosecond timestamps have 19 digits, a double
 * holds 15. Node 20's `JSON.parse` gives a reviver no source text, so the scanner is our own. Pure; any thread; cold paths
 * and journal readers. What it accepts is RFC 8259, less what would be lost in silence: a duplicate key and `__proto__`.
 */
import { inputError } from '../base/errors.ts'
import { isSameDecimal } from './decimal.ts'

/** How deep arrays and objects may nest; the scanner recurses, so the bound keeps hostile text off the stack. */
const depthMax = 64

/** How long a number may be; converting decimal digits to a bigint takes quadratic time. */
const numberSizeMax = 1024

/** A number whose double no longer says every digit of what was written: beyond some 16 of them. */
export class LongNumber {
  /** As it was written. */
  readonly text: string
  /** The nearest double. */
  readonly value: number

  constructor(text: string) {
    this.text = text
    this.value = Number(text)
  }
}

/**
 * The value of one JSON text that a person or another program wrote, every digit of it: as {@link parseLossless}, and a number with
 * a fraction or an exponent that is beyond 2^53 or not what its double is printed as becomes a {@link LongNumber}. The codecs of `border.ts` take it
 * for its double, but for money, which they read digit by digit.
 *
 * @throws {SignalboxError} as {@link parseLossless}.
 */
export function parseInput(text: string, name = ''): unknown {
  return new Scanner(text, name, true).parse()
}

/**
 * The value of one JSON text. Integers beyond ±2^53 become `bigint`; everything else is as from `JSON.parse`.
 *
 * @param name - What the text is called in messages: a file name. May be left out.
 * @throws {SignalboxError} `ERR_INPUT` naming `name`, line and column (both from 1; a column counts UTF-16 units) where the
 * text is not JSON, holds a key twice or `__proto__`, nests deeper than 64, or has a number longer than 1,024 characters.
 */
export function parseLossless(text: string, name = ''): unknown {
  return new Scanner(text, name).parse()
}

function isLong(source: string, value: number): boolean {
  if (!Number.isFinite(value)) return false
  return (Number.isInteger(value) && !Number.isSafeInteger(value)) || !isSameDecimal(source, String(value))
}

const quote = 0x22
const backslash = 0x5c

class Scanner {
  readonly #text: string
  readonly #name: string
  readonly #keepsLong: boolean
  #at = 0

  constructor(text: string, name: string, keepsLong = false) {
    this.#text = text
    this.#name = name
    this.#keepsLong = keepsLong
  }

  parse(): unknown {
    const value = this.#value(0)
    this.#skipSpace()
    if (this.#at < this.#text.length) throw this.#expected('the end of the text')
    return value
  }

  #value(depth: number): unknown {
    this.#skipSpace()
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#object(depth + 1)
      case 0x5b:
        return this.#array(depth + 1)
      case quote:
        return this.#string()
      case 0x74:
        return this.#word('true', true)
      case 0x66:
        return this.#word('false', false)
      case 0x6e:
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #object(depth: number): Record<string, unknown> {
    this.#requireDepth(depth)
    const result: Record<string, unknown> = {}
    this.#at++
    this.#skipSpace()
    if (this.#text.charCodeAt(this.#at) === 0x7d) {
      this.#at++
      return result
    }
    for (;;) {
      this.#skipSpace()
      const keyAt = this.#at
      if (this.#text.charCodeAt(keyAt) !== quote) throw this.#expected('a key in double quotes')
      const key = this.#string()
      if (key === '__proto__') throw this.#errorAt(keyAt, 'the key "__proto__" is not allowed')
      if (Object.hasOwn(result, key)) throw this.#errorAt(keyAt, `the key ${JSON.stringify(key)} is there twice`)
      this.#skipSpace()
      if (this.#text.charCodeAt(this.#at) !== 0x3a) throw this.#expected('":"')
      this.#at++
      result[key] = this.#value(depth)
      if (this.#endsWith(0x7d, '"," or "}"')) return result
    }
  }

  #array(depth: number): unknown[] {
    this.#requireDepth(depth)
    const result: unknown[] = []
    this.#at++
    this.#skipSpace()
    if (this.#text.charCodeAt(this.#at) === 0x5d) {
      this.#at++
      return result
    }
    for (;;) {
      result.push(this.#value(depth))
      if (this.#endsWith(0x5d, '"," or "]"')) return result
    }
  }

  /** After an element: true past the closing character, false past a comma. */
  #endsWith(close: number, what: string): boolean {
    this.#skipSpace()
    const code = this.#text.charCodeAt(this.#at)
    if (code !== close && code !== 0x2c) throw this.#expected(what)
    this.#at++
    return code === close
  }

  #string(): string {
    const start = this.#at++
    let escaped = false
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === quote) break
      if (code === backslash) {
        escaped = true
        this.#at += this.#escapeSize()
        continue
      }
      // NaN past the end of the text fails this comparison too.
      if (!(code >= 0x20)) {
        if (this.#at >= this.#text.length) throw this.#errorAt(start, 'the string has no end')
        throw this.#errorAt(this.#at, 'a control character in a string must be escaped')
      }
      this.#at++
    }
    this.#at++
    // Every escape was checked above, so the platform's own decoder cannot refuse the slice.
    if (escaped) return JSON.parse(this.#text.slice(start, this.#at)) as string
    return this.#text.slice(start + 1, this.#at - 1)
  }

  #escapeSize(): number {
    const letter = this.#text.charAt(this.#at + 1)
    if (letter !== '' && '"\\/bfnrt'.includes(letter)) return 2
    if (letter === 'u' && /^[0-9a-fA-F]{4}$/.test(this.#text.slice(this.#at + 2, this.#at + 6))) return 6
    throw this.#errorAt(this.#at, 'an escape in a string is one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX')
  }

  #number(): number | bigint | LongNumber {
    const start = this.#at
    if (this.#text.charCodeAt(this.#at) === 0x2d) this.#at++
    const firstDigitAt = this.#at
    const digits = this.#skipDigits()
    if (digits === 0) {
      this.#at = start
      throw this.#expected('a value')
    }
    if (digits > 1 && this.#text.charCodeAt(firstDigitAt) === 0x30) {
      throw this.#errorAt(start, 'a number must not begin with a zero')
    }
    let integer = true
    if (this.#text.charCodeAt(this.#at) === 0x2e) {
      integer = false
      this.#at++
      if (this.#skipDigits() === 0) throw this.#expected('a digit')
    }
    const exponent = this.#text.charCodeAt(this.#at)
    if (exponent === 0x65 || exponent === 0x45) {
      integer = false
      this.#at++
      const sign = this.#text.charCodeAt(this.#at)
      if (sign === 0x2b || sign === 0x2d) this.#at++
      if (this.#skipDigits() === 0) throw this.#expected('a digit')
    }
    if (this.#at - start > numberSizeMax) {
      throw this.#errorAt(start, `a number may have at most ${numberSizeMax} characters`)
    }
    const source = this.#text.slice(start, this.#at)
    const value = Number(source)
    if (integer) return Number.isSafeInteger(value) ? value : BigInt(source)
    return this.#keepsLong && isLong(source, value) ? new LongNumber(source) : value
  }

  #skipDigits(): number {
    const start = this.#at
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (!(code >= 0x30 && code <= 0x39)) return this.#at - start
      this.#at++
    }
  }

  #word<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) throw this.#expected('a value')
    this.#at += word.length
    return value
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at++
    }
  }

  #requireDepth(depth: number): void {
    if (depth > depthMax) throw this.#errorAt(this.#at, `arrays and objects may nest at most ${depthMax} deep`)
  }

  #expected(what: string): Error {
    const found = this.#text.codePointAt(this.#at)
    const got = found === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(found))
    return this.#errorAt(this.#at, `expected ${what}, got ${got}`)
  }

  #errorAt(at: number, message: string): Error {
    const before = this.#text.slice(0, at).split('\n')
    const place = `line ${before.length}, column ${before[before.length - 1]!.length + 1}`
    return inputError(this.#name === '' ? place : `${this.#name} ${place}`, message)
  }
}
