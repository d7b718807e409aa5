/**
 * Reads a counterfactual line straight from its bytes into a draft: the canonical order of keys by comparing them in place, any other
 * order by looking them up. What is unusual it leaves to the slow way (`entry-line.ts`), which says what is wrong, if anything: an
 * escape in a text, a key twice, rejected before selected, a time outside 0 … 2^63 − 10^9. So what it accepts, that
 * one accepts with the same result (`test/property/learn`). Of keys that a report does not need it checks the form only. The line
 * must be UTF-8. One object a thread.
 */
import { draftField as at, type EntryDraft } from './entry-draft.ts'
import { JsonCursor, keysOf, objectEnd, unknownKey, unusual, words } from './json-cursor.ts'
import { componentNames, filterNames } from './report-figures.ts'

const entryKeys = keysOf(
  [
    ...['arbitration_id', 'timestamp', 'selection_reason', 'regime', 'weights_version', 'weights'],
    ...['selected', 'rejected', 'analysis'],
  ],
  ['weights_version', 'analysis'],
)
const bothKeys = [
  ...['event_id', 'event_type', 'symbol', 'tier', 'detected_at_ns', 'score', 'age_bonus', 'components', 'raw'],
]
const selectedKeys = keysOf([...bothKeys, 'outcome', 'simulated_outcome'], ['components', 'simulated_outcome'])
const rejectedKeys = keysOf(
  [...bothKeys, 'reason', 'admissible', 'hypothetical_outcome', 'opportunity_cost', 'filtered'],
  ['components'],
)
const componentKeys = keysOf(componentNames)
const outcomeKeys = keysOf(
  ['entry_price', 'exit_price', 'pnl', 'hold_time_ms', 'exit_reason'],
  ['entry_price', 'exit_price', 'hold_time_ms'],
)

const filterTexts = filterNames.map((name) => new Uint8Array(Buffer.from(name)))
export class EntryScanner {
  readonly #draft: EntryDraft
  readonly #cursor = new JsonCursor()

  constructor(draft: EntryDraft) {
    this.#draft = draft
  }

  /** @returns False: the line is unusual, and what the draft holds means nothing. */
  scan(bytes: Buffer): boolean {
    this.#cursor.reset(bytes)
    this.#draft.clear(bytes)
    this.#cursor.skipSpace()
    if (!this.#entry()) return false
    this.#cursor.skipSpace()
    return this.#cursor.at === bytes.length
  }

  #entry(): boolean {
    const draft = this.#draft
    if (!this.#cursor.opens(0x7b)) return false
    let seen = 0
    for (
      let key = this.#cursor.nextKey(entryKeys, -1, true);
      key !== objectEnd;
      key = this.#cursor.nextKey(entryKeys, key, false)
    ) {
      if (key === unusual) return false
      if (key === unknownKey) {
        if (!this.#cursor.skipValue(1)) return false
        continue
      }
      if ((seen & (1 << key)) !== 0) return false
      seen |= 1 << key
      if (!this.#entryValue(key, draft, (seen & 0x80) !== 0)) return false
    }
    return (seen & entryKeys.required) === entryKeys.required
  }

  #entryValue(key: number, draft: EntryDraft, isRejectedSeen: boolean): boolean {
    switch (key) {
      case 0:
        return this.#textInto(draft.arbitrationId)
      case 1:
        if (!this.#cursor.time()) return false
        draft.timestampSeconds = this.#cursor.seconds
        draft.timestampRestNs = this.#cursor.restNs
        return true
      case 2:
        return this.#textInto(draft.selectionReason)
      case 3:
        if (!this.#cursor.isAt(0x6e)) return this.#textInto(draft.regime)
        draft.regime[0] = -1
        return this.#cursor.word(words.null)
      case 5:
        return this.#components(draft.weights, 0)
      case 6:
        return !isRejectedSeen && this.#candidates(true)
      case 7:
        return this.#candidates(false)
      default:
        return this.#cursor.skipValue(1)
    }
  }

  #candidates(isSelected: boolean): boolean {
    if (!this.#cursor.opens(0x5b)) return false
    this.#cursor.skipSpace()
    if (this.#cursor.isAt(0x5d)) {
      this.#cursor.at++
      return true
    }
    for (;;) {
      this.#cursor.skipSpace()
      if (!this.#candidate(isSelected)) return false
      this.#cursor.skipSpace()
      const code = this.#cursor.take()
      if (code === 0x5d) return true
      if (code !== 0x2c) return false
    }
  }

  #candidate(isSelected: boolean): boolean {
    const start = this.#draft.addCandidate(isSelected)
    const values = this.#draft.candidates
    const keys = isSelected ? selectedKeys : rejectedKeys
    if (!this.#cursor.opens(0x7b)) return false
    let seen = 0
    for (
      let key = this.#cursor.nextKey(keys, -1, true);
      key !== objectEnd;
      key = this.#cursor.nextKey(keys, key, false)
    ) {
      if (key === unusual) return false
      if (key === unknownKey) {
        if (!this.#cursor.skipValue(3)) return false
        continue
      }
      if ((seen & (1 << key)) !== 0) return false
      seen |= 1 << key
      const isRead =
        key < bothKeys.length
          ? this.#sharedValue(key, values, start)
          : isSelected
            ? this.#outcome(values, start, key === bothKeys.length)
            : this.#rejectedValue(key - bothKeys.length, values, start)
      if (!isRead) return false
    }
    return (seen & keys.required) === keys.required
  }

  #sharedValue(key: number, values: Float64Array, start: number): boolean {
    switch (key) {
      case 0:
        return this.#text(values, start + at.eventId)
      case 1:
        return this.#text(values, start + at.eventType)
      case 2:
        return this.#text(values, start + at.symbol)
      case 3:
        return this.#numberInto(values, start + at.tier) && (this.#cursor.number | 0) === this.#cursor.number
      case 4:
        if (!this.#cursor.time()) return false
        values[start + at.detectedSeconds] = this.#cursor.seconds
        values[start + at.detectedRestNs] = this.#cursor.restNs
        return true
      case 5:
        return this.#numberInto(values, start + at.score)
      case 6:
        return this.#numberInto(values, start + at.ageBonus)
      case 8:
        return this.#components(values, start)
      default:
        return this.#cursor.skipValue(3)
    }
  }

  #rejectedValue(key: number, values: Float64Array, start: number): boolean {
    switch (key) {
      case 0:
        return this.#text(values, start + at.reason)
      case 1: {
        const isTrue = this.#cursor.isAt(0x74)
        values[start + at.isAdmissible] = isTrue ? 1 : 0
        return this.#cursor.word(isTrue ? words.true : words.false)
      }
      case 2:
        return this.#outcome(values, start, true)
      case 3:
        if (!this.#cursor.isAt(0x6e)) return this.#numberInto(values, start + at.opportunityCost)
        values[start + at.opportunityCost] = Number.NaN
        return this.#cursor.word(words.null)
      default:
        return this.#filter(values, start + at.filter)
    }
  }

  #filter(values: Float64Array, to: number): boolean {
    if (this.#cursor.isAt(0x6e)) {
      values[to] = 0
      return this.#cursor.word(words.null)
    }
    if (!this.#cursor.string()) return false
    for (let filter = 0; filter < filterTexts.length; filter++) {
      const text = filterTexts[filter]!
      if (text.length === this.#cursor.stop - this.#cursor.start && this.#cursor.standsAt(text, this.#cursor.start)) {
        values[to] = filter + 1
        return true
      }
    }
    return false
  }

  /** @param isReal - Else it is what a simulation said, of which the P&L alone is kept. */
  #outcome(values: Float64Array, start: number, isReal: boolean): boolean {
    const to = start + (isReal ? at.pnl : at.simulatedPnl)
    if (this.#cursor.isAt(0x6e)) {
      values[to] = Number.NaN
      if (isReal) values[start + at.exitReason] = -1
      return this.#cursor.word(words.null)
    }
    if (!this.#cursor.opens(0x7b)) return false
    let seen = 0
    for (
      let key = this.#cursor.nextKey(outcomeKeys, -1, true);
      key !== objectEnd;
      key = this.#cursor.nextKey(outcomeKeys, key, false)
    ) {
      if (key === unusual) return false
      if (key >= 0 && (seen & (1 << key)) !== 0) return false
      if (key >= 0) seen |= 1 << key
      let isRead: boolean
      if (key === 2) isRead = this.#numberInto(values, to)
      else if (key === 3 && isReal) isRead = this.#numberInto(values, start + at.holdMs)
      else if (key === 4) isRead = isReal ? this.#text(values, start + at.exitReason) : this.#cursor.string()
      else isRead = this.#cursor.skipValue(4)
      if (!isRead) return false
    }
    return (seen & outcomeKeys.required) === outcomeKeys.required
  }

  /** Four numbers by the names of the components. */
  #components(values: Float64Array, start: number): boolean {
    if (!this.#cursor.opens(0x7b)) return false
    let seen = 0
    for (
      let key = this.#cursor.nextKey(componentKeys, -1, true);
      key !== objectEnd;
      key = this.#cursor.nextKey(componentKeys, key, false)
    ) {
      if (key === unusual) return false
      if (key === unknownKey) {
        if (!this.#cursor.skipValue(4)) return false
        continue
      }
      if ((seen & (1 << key)) !== 0) return false
      seen |= 1 << key
      if (!this.#numberInto(values, start + key)) return false
    }
    return seen === componentKeys.required
  }

  #textInto(range: Int32Array): boolean {
    if (!this.#cursor.string()) return false
    range[0] = this.#cursor.start
    range[1] = this.#cursor.stop
    return true
  }

  #text(values: Float64Array, to: number): boolean {
    if (!this.#cursor.string()) return false
    values[to] = this.#cursor.start
    values[to + 1] = this.#cursor.stop
    return true
  }

  #numberInto(values: Float64Array, to: number): boolean {
    if (!this.#cursor.anyNumber()) return false
    values[to] = this.#cursor.number
    return true
  }
}
