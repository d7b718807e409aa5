/**
 * A slot of a channel while a rare message is written into it or read out of it: a place in shared memory that goes on, a double at a
 * time. One a codec, so it belongs to the codec's thread. What is hot does without it (`wire-market.ts`).
 *
 * Text is its length in bytes, then UTF-8, eight bytes a double. The bytes never pass through a double: a NaN could change them.
 */
import { invariant, requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'

/** Bytes of UTF-8 that a name may have: an event's id, a number's name in its evidence. */
export const nameBytesMax = 63
/** Bytes that cross of a text that people read; the rest is cut off. */
export const reasonBytesMax = 4_000

/** Doubles that a text of so many bytes takes. */
export function textDoubles(bytes: number): number {
  return 1 + Math.ceil(bytes / 8)
}

/** The item whose index was written. */
export function choiceAt<Item extends string>(list: readonly Item[], index: number): Item {
  const item = list[index]
  invariant(item !== undefined, 'WIRE-1', 'an index is out of range')
  return item
}

const encoder = new TextEncoder()
/** Text on its way: encoder and decoder do not work on shared memory. */
const passing = Buffer.alloc(reasonBytesMax)
/** Half a character: it has no bytes of its own in UTF-8. */
const loneSurrogate = /\p{Surrogate}/u
/** Names that a reader remembers, a power of two: few, since what is kept is copied by each collection. */
export const namePlaces = 256

export class WireSlot {
  #values = new Float64Array() as Float64Array
  #bytes = new Uint8Array() as Uint8Array
  /** The next double's place. Set back, what was taken is taken again. */
  at = 0
  /** Names that were taken, each at the place of its bytes: the same few come again and again, and a string is slow to make. */
  readonly #names: string[] = new Array(namePlaces).fill('')
  /** Of the name that was taken last: a number below {@link namePlaces}, the same whenever it is taken. −1: it is not remembered. */
  namePlace = -1

  /** The slot begins at `values[at]`. */
  begin(values: Float64Array, at: number): void {
    if (values !== this.#values) {
      this.#values = values
      this.#bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    }
    this.at = at
  }

  put(value: number): void {
    this.#values[this.at] = value
    this.at += 1
  }

  take(): number {
    this.at += 1
    return this.#values[this.at - 1]!
  }

  /** What {@link take} would give; it stays. */
  peek(): number {
    return this.#values[this.at]!
  }

  /** @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming `field` for more than `countMax`. */
  putCount(field: string, count: number, countMax: number): void {
    this.put(requireInteger(field, count, 0, countMax))
  }

  /** A count that was not known before: {@link endCount} writes it. @returns Its place. */
  beginCount(): number {
    this.at += 1
    return this.at - 1
  }

  endCount(place: number, count: number): void {
    this.#values[place] = count
  }

  takeCount(countMax: number): number {
    const count = this.take()
    invariant(Number.isInteger(count) && count >= 0 && count <= countMax, 'WIRE-1', 'a count is out of range')
    return count
  }

  /** @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming `field` for what is not in `list`. */
  putChoice<Item extends string>(field: string, list: readonly Item[], item: Item): void {
    const index = list.indexOf(item)
    if (index < 0) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', `${field} is none of ${list.join(', ')}: ${item}`, {
        field,
        value: item,
      })
    }
    this.put(index)
  }

  takeChoice<Item extends string>(list: readonly Item[]): Item {
    return choiceAt(list, this.take())
  }

  /**
   * A text that comes back as it is.
   * @param inEvidenceOf - For the error: the id of the event that has it in its evidence.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming `field` for fewer bytes than `bytesMin`, more than 63, or half a character.
   */
  putName(field: string, name: string, bytesMin: 0 | 1, inEvidenceOf?: string): void {
    const isWhole = this.putText(name, nameBytesMax)
    if (isWhole && name.length >= bytesMin && !loneSurrogate.test(name)) return
    const named = inEvidenceOf === undefined ? field : `evidence of ${inEvidenceOf}: ${field}`
    const message = `${named} must be ${bytesMin} to ${nameBytesMax} bytes of well-formed text, got ${name}`
    throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: named, value: name })
  }

  /** @returns The same string as the last time, if it is remembered: names of ASCII are. */
  takeName(): string {
    const count = this.takeCount(nameBytesMax)
    const bytes = this.#bytes
    const start = this.at * 8
    let hash = count
    for (let index = 0; index < count; index += 1) hash = (Math.imul(hash, 31) + bytes[start + index]!) | 0
    const place = (hash ^ (hash >>> 12)) & (namePlaces - 1)
    const known = this.#names[place]!
    this.namePlace = place
    if (this.#isName(known, count)) {
      this.at += Math.ceil(count / 8)
      return known
    }
    const name = this.#takeBytes(count)
    if (name.length === count) this.#names[place] = name
    else this.namePlace = -1
    return name
  }

  /** The next bytes are this name's, and it has no others than ASCII. */
  #isName(name: string, count: number): boolean {
    if (name.length !== count) return false
    const start = this.at * 8
    for (let index = 0; index < count; index += 1) {
      if (name.charCodeAt(index) !== this.#bytes[start + index]) return false
    }
    return true
  }

  /** The next doubles are those of `values` from `at` on, bit by bit but for NaN. They stay. */
  isNext(values: Float64Array, at: number, count: number): boolean {
    for (let index = 0; index < count; index += 1) {
      if (!Object.is(this.#values[this.at + index], values[at + index])) return false
    }
    return true
  }

  /** Copies the next doubles. They stay. */
  copyNext(into: Float64Array, at: number, count: number): void {
    for (let index = 0; index < count; index += 1) into[at + index] = this.#values[this.at + index]!
  }

  skip(count: number): void {
    this.at += count
  }

  /**
   * A text that people read: what does not fit is cut off behind a whole character, and half a character becomes U+FFFD.
   * @param bytesMax - At most {@link reasonBytesMax}.
   * @returns False: it was cut.
   */
  putText(text: string, bytesMax: number): boolean {
    const start = (this.at + 1) * 8
    const written = this.#putAscii(text, bytesMax, start)
    if (written === text.length) {
      this.#endText(written)
      return true
    }
    const encoded = encoder.encodeInto(text, passing.subarray(0, bytesMax))
    this.#bytes.set(passing.subarray(0, encoded.written), start)
    this.#endText(encoded.written)
    return encoded.read === text.length
  }

  takeText(bytesMax: number): string {
    return this.#takeBytes(this.takeCount(bytesMax))
  }

  #takeBytes(count: number): string {
    const start = this.at * 8
    this.at += Math.ceil(count / 8)
    for (let index = 0; index < count; index += 1) passing[index] = this.#bytes[start + index]!
    return passing.toString('utf8', 0, count)
  }

  /** Most texts are ASCII, and short: the encoder's call costs more. @returns How many characters were. */
  #putAscii(text: string, bytesMax: number, start: number): number {
    const count = Math.min(text.length, bytesMax)
    for (let index = 0; index < count; index += 1) {
      const code = text.charCodeAt(index)
      if (code >= 0x80) return index
      this.#bytes[start + index] = code
    }
    return count
  }

  #endText(bytes: number): void {
    this.put(bytes)
    this.at += Math.ceil(bytes / 8)
  }
}
