/**
 * What the numbers of decision records mean, as it stands in journal lines: made into bytes once, when it is first needed. One
 * thread: that of the lines.
 */
import { arbitrationIdHead } from '../domain/decision.ts'
import { nsPerSecond } from '../domain/units.ts'
import type { LineBytes } from './line-bytes.ts'
import { type Token, token } from './line-bytes.ts'

/** An event's names. `head` begins what is said about it: its id, type and symbol. */
interface EventTokens {
  readonly id: Token
  /** Of the event's type and symbol, which never change; null until a record tells them. */
  head: Token | null
}

/** More than a table of any size has slots. */
const defaultEventsMax = 262_144
const secondsMs = 1000

export interface RunNames {
  readonly types: readonly string[]
  readonly symbols: readonly string[]
  /** Unix nanoseconds at which the records' times are 0. */
  readonly epochNs: bigint
}

export class LineNames {
  readonly #types: readonly string[]
  readonly #symbols: readonly string[]
  readonly #eventsMax: number
  readonly #epochSeconds: number
  readonly #epochRestNs: number
  readonly #typeTokens: readonly Token[]
  /** By handle, oldest first. */
  readonly #events = new Map<number, EventTokens>()
  /** The arbitration id up to its sequence is that of a second. */
  #idSeconds = Number.NaN
  #idHead: Token = token('')

  /** @param eventsMax - How many events are known by name, the newest. */
  constructor(names: RunNames, eventsMax = defaultEventsMax) {
    this.#eventsMax = eventsMax
    this.#types = names.types
    this.#symbols = names.symbols
    this.#typeTokens = names.types.map(quotedToken)
    const billion = BigInt(nsPerSecond)
    this.#epochSeconds = Number(names.epochNs / billion)
    this.#epochRestNs = Number(names.epochNs % billion)
  }

  /** Tells the id of an event: records name it by handle. */
  nameEvent(handle: number, eventId: string): void {
    this.#events.set(handle, { id: quotedToken(eventId), head: null })
    if (this.#events.size <= this.#eventsMax) return
    for (const oldest of this.#events.keys()) {
      this.#events.delete(oldest)
      break
    }
  }

  /** An event's id with its quotes; empty where nobody knows it any more. */
  eventId(handle: number): Token {
    return this.#events.get(handle)?.id ?? unknownId
  }

  /** `{"event_id":…,"event_type":…,"symbol":…`. */
  eventHead(handle: number, typeIndex: number, symbolIndex: number): Token {
    const event = this.#events.get(handle)
    if (event === undefined) return this.#headOf(unknownId, typeIndex, symbolIndex)
    event.head ??= this.#headOf(event.id, typeIndex, symbolIndex)
    return event.head
  }

  /** A type with its quotes. */
  type(typeIndex: number): Token {
    return this.#typeTokens[typeIndex]!
  }

  /** Writes Unix nanoseconds digit by digit (ERRATA E30). @param atNs - On the records' timeline. */
  writeTime(line: LineBytes, atNs: number): void {
    const sinceSecondNs = this.#epochRestNs + atNs
    const seconds = Math.floor(sinceSecondNs / nsPerSecond)
    line.nanoseconds(this.#epochSeconds + seconds, sinceSecondNs - seconds * nsPerSecond)
  }

  /** Writes `arb_<UTC yyyymmdd>_<hhmmss>_<sequence>`, without quotes. */
  writeArbitrationId(line: LineBytes, atNs: number, sequence: number): void {
    const seconds = this.#epochSeconds + Math.floor((this.#epochRestNs + atNs) / nsPerSecond)
    if (seconds !== this.#idSeconds) {
      this.#idSeconds = seconds
      this.#idHead = token(arbitrationIdHead(seconds * secondsMs))
    }
    line.token(this.#idHead)
    line.ascii(String(sequence).padStart(6, '0'))
  }

  /**
   * Writes `"TYPE":money` of the first `typeCount` types, with commas between: the amounts stand from `values[first]` on, in minor
   * units. NaN and `leftOut` are not written.
   */
  writeMoneyByType(
    line: LineBytes,
    values: Float64Array,
    first: number,
    typeCount: number,
    leftOut = Number.NaN,
  ): void {
    let isFirst = true
    for (let type = 0; type < typeCount; type++) {
      const minor = values[first + type]!
      if (Number.isNaN(minor) || minor === leftOut) continue
      if (!isFirst) line.comma()
      isFirst = false
      line.token(this.type(type))
      line.token(colon)
      line.money(minor)
    }
  }

  #headOf(id: Token, typeIndex: number, symbolIndex: number): Token {
    const type = JSON.stringify(this.#types[typeIndex])
    const symbol = JSON.stringify(this.#symbols[symbolIndex])
    return Buffer.concat([token('{"event_id":'), id, token(`,"event_type":${type},"symbol":${symbol}`)])
  }
}

function quotedToken(text: string): Token {
  return token(JSON.stringify(text))
}

const unknownId = quotedToken('')
const colon = token(':')
