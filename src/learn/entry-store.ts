/**
 * Counterfactual entries in columns: about 100 bytes and its id a candidate, 50 bytes and its id an entry, names once. A later entry of
 * an arbitration id replaces an earlier one and keeps its place; what it replaces stays in memory until the store goes. One thread.
 *
 * An *entry* is a number, 0 for the first in place order. A *row* is a candidate: an entry's selected from `firstRow` on, by rank, then
 * its rejected.
 */
import { FloatColumn, IntColumn, ShortColumn } from './columns.ts'
import { draftField as at, draftStride, type EntryDraft } from './entry-draft.ts'
import { type ComponentName, type FilterName, filterNames } from './report-figures.ts'
import { TextIndex, TextStore, textBytesMax } from './text-store.ts'

/** What a name is that is null. */
const noName = 0xffff
const nsPerSecond = 1_000_000_000n
/** Units of which any number of entries add up to a finite sum: more than all cents of 2^53. */
const moneyMax = 1e15
const moneyFields = [at.pnl, at.simulatedPnl, at.opportunityCost]

export type Weights = Readonly<Record<ComponentName, number>>

export class EntryStore {
  readonly #ids = new TextIndex()
  readonly #names = new TextIndex()
  readonly #weights: Weights[] = []
  readonly #weightsIndex = new Map<string, number>()

  readonly #timestampSeconds = new FloatColumn()
  readonly #timestampRestNs = new IntColumn()
  readonly #firstRow = new IntColumn()
  readonly #selectedCount = new IntColumn()
  readonly #rejectedCount = new IntColumn()
  readonly #selectionReason = new ShortColumn()
  readonly #regime = new ShortColumn()
  readonly #weightsOf = new IntColumn()

  readonly #eventIds = new TextStore()
  readonly #raw = [new FloatColumn(), new FloatColumn(), new FloatColumn(), new FloatColumn()] as const
  readonly #ageBonus = new FloatColumn()
  readonly #score = new FloatColumn()
  readonly #pnl = new FloatColumn()
  readonly #holdMs = new FloatColumn()
  readonly #simulatedPnl = new FloatColumn(Number.NaN)
  readonly #opportunityCost = new FloatColumn()
  readonly #detectedSeconds = new FloatColumn()
  readonly #detectedRestNs = new IntColumn()
  readonly #tier = new IntColumn()
  readonly #eventType = new ShortColumn()
  readonly #symbol = new ShortColumn()
  readonly #reason = new ShortColumn()
  readonly #exitReason = new ShortColumn()
  /** Bit 0: admissible; from bit 1 on the filter. */
  readonly #flags = new ShortColumn()

  /** Entries, after replacement. */
  get count(): number {
    return this.#ids.count
  }

  /** Takes the entry. @returns What is wrong with it, or null. */
  add(draft: EntryDraft): string | null {
    const refusal = this.#refusalOf(draft)
    if (refusal !== null) return refusal
    const { bytes, arbitrationId, selectionReason, regime, selectedCount, rejectedCount, weights } = draft
    const reason = this.#nameOf(bytes, selectionReason[0]!, selectionReason[1]!)
    const regimeName = this.#nameOf(bytes, regime[0]!, regime[1]!)
    const firstRow = this.#eventIds.count
    const rowCount = selectedCount + rejectedCount
    for (let candidate = 0; candidate < rowCount; candidate++) {
      if (this.#addRow(bytes, draft.candidates, candidate * draftStride, candidate < selectedCount)) continue
      this.#eventIds.truncate(firstRow)
      return `brings more than ${noName} different names`
    }
    if (reason < 0 || regimeName < 0) return `brings more than ${noName} different names`
    const entry = this.#ids.numberOf(bytes, arbitrationId[0]!, arbitrationId[1]!)
    this.#timestampSeconds.set(entry, draft.timestampSeconds)
    this.#timestampRestNs.set(entry, draft.timestampRestNs)
    this.#firstRow.set(entry, firstRow)
    this.#selectedCount.set(entry, selectedCount)
    this.#rejectedCount.set(entry, rejectedCount)
    this.#selectionReason.set(entry, reason)
    this.#regime.set(entry, regimeName)
    this.#weightsOf.set(entry, this.#weightsNumber(weights))
    return null
  }

  arbitrationId(entry: number): string {
    return this.#ids.text(entry)
  }

  /** Of an arbitration id, or −1. */
  find(arbitrationId: string): number {
    return this.#ids.find(arbitrationId)
  }

  /** Unix seconds, rounded down. */
  timestampSeconds(entry: number): number {
    return this.#timestampSeconds.get(entry)
  }

  timestampNs(entry: number): bigint {
    return wholeNs(this.#timestampSeconds.get(entry), this.#timestampRestNs.get(entry))
  }

  /** Negative when the entry is older than `ns`, without a bigint for each. */
  compareTimestamp(entry: number, seconds: number, restNs: number): number {
    return this.#timestampSeconds.get(entry) - seconds || this.#timestampRestNs.get(entry) - restNs
  }

  timestampRestNs(entry: number): number {
    return this.#timestampRestNs.get(entry)
  }

  selectionReason(entry: number): string {
    return this.#names.text(this.#selectionReason.get(entry))
  }

  regime(entry: number): string | null {
    return this.#textOf(this.#regime.get(entry))
  }

  weights(entry: number): Weights {
    return this.#weights[this.#weightsOf.get(entry)]!
  }

  firstRow(entry: number): number {
    return this.#firstRow.get(entry)
  }

  selectedCount(entry: number): number {
    return this.#selectedCount.get(entry)
  }

  rejectedCount(entry: number): number {
    return this.#rejectedCount.get(entry)
  }

  eventId(row: number): string {
    return this.#eventIds.text(row)
  }

  /** Byte order (ERRATA E10). */
  compareEventIds(one: number, other: number): number {
    return this.#eventIds.compare(one, other)
  }

  isSameEvent(one: number, other: number): boolean {
    return this.#eventIds.compare(one, other) === 0
  }

  /** Of the event's id: the same in every row of an event. */
  eventIdHash(row: number): number {
    return this.#eventIds.hash(row)
  }

  eventType(row: number): string {
    return this.#names.text(this.#eventType.get(row))
  }

  symbol(row: number): string {
    return this.#names.text(this.#symbol.get(row))
  }

  /** The number of a name stands for it in comparisons; {@link name} tells it. */
  eventTypeNumber(row: number): number {
    return this.#eventType.get(row)
  }

  reasonNumber(row: number): number {
    return this.#reason.get(row)
  }

  /** The number of the regime; {@link name} of it is null where there is none. */
  regimeNumber(entry: number): number {
    return this.#regime.get(entry)
  }

  name(number: number): string | null {
    return this.#textOf(number)
  }

  /** Why it was rejected; null for a selected one. */
  reason(row: number): string | null {
    return this.#textOf(this.#reason.get(row))
  }

  /** Null: no outcome. */
  exitReason(row: number): string | null {
    return this.#textOf(this.#exitReason.get(row))
  }

  tier(row: number): number {
    return this.#tier.get(row)
  }

  /** @param component - Its place in `componentNames`. */
  raw(component: number, row: number): number {
    return this.#raw[component]!.get(row)
  }

  ageBonus(row: number): number {
    return this.#ageBonus.get(row)
  }

  /** As it was decided on, the age bonus with it. */
  score(row: number): number {
    return this.#score.get(row)
  }

  /** NaN: no outcome. */
  pnl(row: number): number {
    return this.#pnl.get(row)
  }

  /** How long its trade was held, milliseconds; 0: no outcome, or it does not say. */
  holdMs(row: number): number {
    return this.#holdMs.get(row)
  }

  /** What a simulation said of a selected one; NaN: none. */
  simulatedPnl(row: number): number {
    return this.#simulatedPnl.get(row)
  }

  /** NaN: null. */
  opportunityCost(row: number): number {
    return this.#opportunityCost.get(row)
  }

  detectedAtNs(row: number): bigint {
    return wholeNs(this.#detectedSeconds.get(row), this.#detectedRestNs.get(row))
  }

  /** Negative when `one` was detected before `other`. */
  compareDetected(one: number, other: number): number {
    const seconds = this.#detectedSeconds.get(one) - this.#detectedSeconds.get(other)
    return seconds !== 0 ? seconds : this.#detectedRestNs.get(one) - this.#detectedRestNs.get(other)
  }

  isAdmissible(row: number): boolean {
    return (this.#flags.get(row) & 1) !== 0
  }

  filtered(row: number): FilterName | null {
    return filterNames[this.filterNumber(row) - 1] ?? null
  }

  /** 0: none; else its place in `filterNames` + 1. */
  filterNumber(row: number): number {
    return this.#flags.get(row) >>> 1
  }

  #refusalOf({ bytes, arbitrationId, candidates, selectedCount, rejectedCount }: EntryDraft): string | null {
    if (!isNameSize(arbitrationId[1]! - arbitrationId[0]!)) return 'arbitration_id: must be 1 … 255 bytes'
    for (let candidate = 0; candidate < selectedCount + rejectedCount; candidate++) {
      const start = candidate * draftStride
      for (let text = at.eventId; text <= at.reason; text += 2) {
        const from = candidates[start + text]!
        if (from !== -1 && !isNameSize(candidates[start + text + 1]! - from)) {
          const shown = Buffer.from(bytes.subarray(from, Math.min(from + 40, candidates[start + text + 1]!))).toString()
          return `${JSON.stringify(shown)} is no name: it must be 1 … 255 bytes`
        }
      }
      for (const money of moneyFields) {
        if (Math.abs(candidates[start + money]!) > moneyMax)
          return `has ${candidates[start + money]}, which is no money`
      }
      const filter = candidates[start + at.filter]!
      const isUnfinished = filterNames[filter - 1] === 'unfinished'
      if (candidate >= selectedCount && !isUnfinished && Number.isNaN(candidates[start + at.opportunityCost]!)) {
        return `rejected[${candidate - selectedCount}]: has no opportunity_cost, and filtered is not unfinished`
      }
      if (candidate >= selectedCount && filter === 0 && Number.isNaN(candidates[start + at.pnl]!)) {
        return `rejected[${candidate - selectedCount}]: has no outcome, and filtered is null`
      }
    }
    return null
  }

  #addRow(bytes: Uint8Array, from: Float64Array, start: number, isSelected: boolean): boolean {
    const type = this.#nameOf(bytes, from[start + at.eventType]!, from[start + at.eventType + 1]!)
    const symbol = this.#nameOf(bytes, from[start + at.symbol]!, from[start + at.symbol + 1]!)
    const exit = this.#nameOf(bytes, from[start + at.exitReason]!, from[start + at.exitReason + 1]!)
    const reason = isSelected ? noName : this.#nameOf(bytes, from[start + at.reason]!, from[start + at.reason + 1]!)
    if (type < 0 || symbol < 0 || exit < 0 || reason < 0) return false
    const row = this.#eventIds.add(bytes, from[start + at.eventId]!, from[start + at.eventId + 1]!)
    for (let component = 0; component < 4; component++) this.#raw[component]!.set(row, from[start + component]!)
    this.#ageBonus.set(row, from[start + at.ageBonus]!)
    this.#score.set(row, from[start + at.score]!)
    this.#pnl.set(row, from[start + at.pnl]!)
    this.#holdMs.set(row, from[start + at.holdMs]!)
    this.#simulatedPnl.set(row, isSelected ? from[start + at.simulatedPnl]! : Number.NaN)
    this.#opportunityCost.set(row, isSelected ? Number.NaN : from[start + at.opportunityCost]!)
    this.#detectedSeconds.set(row, from[start + at.detectedSeconds]!)
    this.#detectedRestNs.set(row, from[start + at.detectedRestNs]!)
    this.#tier.set(row, from[start + at.tier]!)
    this.#eventType.set(row, type)
    this.#symbol.set(row, symbol)
    this.#exitReason.set(row, exit)
    this.#reason.set(row, reason)
    const admissible = isSelected || from[start + at.isAdmissible] !== 0 ? 1 : 0
    this.#flags.set(row, admissible | (isSelected ? 0 : from[start + at.filter]! << 1))
    return true
  }

  /** −1: there are too many. */
  #nameOf(bytes: Uint8Array, start: number, end: number): number {
    if (start === -1) return noName
    const number = this.#names.numberOf(bytes, start, end)
    return number < noName ? number : -1
  }

  #textOf(name: number): string | null {
    return name === noName ? null : this.#names.text(name)
  }

  #weightsNumber([priorityScore, freshness, regimeAlignment, expectedValue]: Float64Array): number {
    const last = this.#weights.at(-1)
    const isLast =
      last?.priority_score === priorityScore &&
      last?.freshness === freshness &&
      last?.regime_alignment === regimeAlignment &&
      last?.expected_value === expectedValue
    if (isLast) return this.#weights.length - 1
    const key = `${priorityScore} ${freshness} ${regimeAlignment} ${expectedValue}`
    const known = this.#weightsIndex.get(key)
    if (known !== undefined) return known
    this.#weightsIndex.set(key, this.#weights.length)
    return (
      this.#weights.push({
        priority_score: priorityScore!,
        freshness: freshness!,
        regime_alignment: regimeAlignment!,
        expected_value: expectedValue!,
      }) - 1
    )
  }
}

function isNameSize(bytes: number): boolean {
  return bytes >= 1 && bytes <= textBytesMax
}

function wholeNs(seconds: number, restNs: number): bigint {
  return BigInt(seconds) * nsPerSecond + BigInt(restNs)
}
