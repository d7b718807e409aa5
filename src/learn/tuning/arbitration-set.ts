/**
 * The arbitrations that a weight search may decide anew, in columns (CONTRACTS "tune --json"): those that weights made, with one selected
 * event, of whose admissible candidates every outcome is known, at least two of them. Made once; structured-cloneable, read by any thread.
 *
 * Arbitrations are in the order of their times (ties: of their ids), whatever their place was, so that sums do not depend on it. An
 * arbitration's candidates are in the order of ERRATA E10 behind the score: of equal scores the first wins.
 */
import { compareByteOrder } from '../../decide/byte-order.ts'
import type { EntryStore } from '../entry-store.ts'
import { sharedFloats, sharedIntegers } from './shared-columns.ts'

export interface ArbitrationSet {
  readonly count: number
  /** The first candidate of each, and where the last one's end. */
  readonly first: Int32Array
  /** By component, then by candidate. */
  readonly raw: readonly [Float64Array, Float64Array, Float64Array, Float64Array]
  readonly ageBonus: Float64Array
  /** In units of the quote currency. */
  readonly pnl: Float64Array
  /** The candidate that was selected, counted from the arbitration's first. */
  readonly selected: Int32Array
  /** Unix seconds, with fractions of up to a microsecond: for days and gaps. */
  readonly atSeconds: Float64Array
  /** When the last of its candidates' trades was over, Unix seconds: until then its outcome was not known. */
  readonly endsSeconds: Float64Array
  /** Into {@link regimes}. */
  readonly regime: Uint16Array
  readonly regimes: readonly string[]
  /** Entries that do not take part. */
  readonly leftOut: number
}

/** What scores are made of, for the search's kernels. */
export type SearchColumns = Pick<ArbitrationSet, 'count' | 'first' | 'raw' | 'ageBonus'>

/** Columns of arbitrations `from … to − 1`, of which all but {@link ArbitrationSet.first} lie where the set's do. */
export function partOf(
  set: SearchColumns & Pick<ArbitrationSet, 'pnl'>,
  from: number,
  to: number,
): SearchColumns & Pick<ArbitrationSet, 'pnl'> {
  const [begin, end] = [set.first[from]!, set.first[to]!]
  const [priority, freshness, regime, expected] = set.raw
  return {
    count: to - from,
    first: set.first.subarray(from, to + 1).map((row) => row - begin),
    raw: [
      priority.subarray(begin, end),
      freshness.subarray(begin, end),
      regime.subarray(begin, end),
      expected.subarray(begin, end),
    ],
    ageBonus: set.ageBonus.subarray(begin, end),
    pnl: set.pnl.subarray(begin, end),
  }
}

/** The most candidates of an arbitration: the search keeps their numbers in bytes. */
const candidatesMax = 255
/** Components are in 0 … 1. What is as far out as this is somebody's fault, and beside such scores quanta mean nothing. */
const scorePartMax = 1_000

export function arbitrationSetOf(entries: EntryStore): ArbitrationSet {
  const taking: number[] = []
  let rows = 0
  for (let entry = 0; entry < entries.count; entry += 1) {
    const admissible = admissibleOf(entries, entry)
    if (admissible === 0) continue
    taking.push(entry)
    rows += admissible
  }
  taking.sort((one, other) => {
    const byTime = entries.compareTimestamp(one, entries.timestampSeconds(other), entries.timestampRestNs(other))
    return byTime || compareByteOrder(entries.arbitrationId(one), entries.arbitrationId(other))
  })
  const set = {
    count: taking.length,
    first: sharedIntegers(taking.length + 1),
    raw: [0, 1, 2, 3].map(() => sharedFloats(rows)) as unknown as ArbitrationSet['raw'],
    ageBonus: sharedFloats(rows),
    pnl: sharedFloats(rows),
    selected: new Int32Array(taking.length),
    atSeconds: new Float64Array(taking.length),
    endsSeconds: new Float64Array(taking.length),
    regime: new Uint16Array(taking.length),
    regimes: [] as string[],
    leftOut: entries.count - taking.length,
  }
  const numberOf = new Map<string, number>()
  const order: number[] = []
  let next = 0
  for (const [index, entry] of taking.entries()) {
    set.first[index] = next
    set.atSeconds[index] = entries.timestampSeconds(entry) + entries.timestampRestNs(entry) / 1e9
    const regime = entries.regime(entry) ?? 'null'
    if (!numberOf.has(regime)) numberOf.set(regime, set.regimes.push(regime) - 1)
    set.regime[index] = numberOf.get(regime)!
    const selected = entries.firstRow(entry)
    const end = selected + 1 + entries.rejectedCount(entry)
    order.length = 0
    for (let row = selected; row < end; row += 1) if (row === selected || entries.isAdmissible(row)) order.push(row)
    order.sort((one, other) => compareBehindScore(entries, one, other))
    let holdMs = 0
    for (const row of order) {
      holdMs = Math.max(holdMs, entries.holdMs(row))
      for (let component = 0; component < 4; component += 1) set.raw[component]![next] = entries.raw(component, row)
      set.ageBonus[next] = entries.ageBonus(row)
      set.pnl[next] = entries.pnl(row)
      if (row === selected) set.selected[index] = next - set.first[index]!
      next += 1
    }
    set.endsSeconds[index] = set.atSeconds[index]! + holdMs / 1000
  }
  set.first[taking.length] = next
  return set
}

/** The arbitrations of one regime, by its name in the set. */
export function ofRegime(set: ArbitrationSet, regime: string): ArbitrationSet {
  const number = set.regimes.indexOf(regime)
  const kept = Array.from({ length: set.count }, (_, at) => at).filter((at) => set.regime[at] === number)
  const rows = kept.flatMap((at) =>
    Array.from({ length: set.first[at + 1]! - set.first[at]! }, (_, row) => set.first[at]! + row),
  )
  const first = new Int32Array(kept.length + 1)
  for (const [index, at] of kept.entries()) first[index + 1] = first[index]! + set.first[at + 1]! - set.first[at]!
  const pick = (values: Float64Array, places: readonly number[]): Float64Array =>
    Float64Array.from(places, (place) => values[place]!)
  const [priority, freshness, alignment, expected] = set.raw
  return {
    count: kept.length,
    first,
    raw: [pick(priority, rows), pick(freshness, rows), pick(alignment, rows), pick(expected, rows)],
    ageBonus: pick(set.ageBonus, rows),
    pnl: pick(set.pnl, rows),
    selected: Int32Array.from(kept, (at) => set.selected[at]!),
    atSeconds: pick(set.atSeconds, kept),
    endsSeconds: pick(set.endsSeconds, kept),
    regime: new Uint16Array(kept.length),
    regimes: [regime],
    leftOut: 0,
  }
}

/** How many candidates of an entry may be ranked anew; 0: it does not take part. */
function admissibleOf(entries: EntryStore, entry: number): number {
  if (entries.selectionReason(entry) !== 'highest_score' || entries.selectedCount(entry) !== 1) return 0
  const selected = entries.firstRow(entry)
  const end = selected + 1 + entries.rejectedCount(entry)
  let count = 0
  for (let row = selected; row < end; row += 1) {
    if (row > selected && !entries.isAdmissible(row)) continue
    if (Number.isNaN(entries.pnl(row)) || !isScorable(entries, row)) return 0
    count += 1
  }
  return count >= 2 && count <= candidatesMax ? count : 0
}

function isScorable(entries: EntryStore, row: number): boolean {
  for (let component = 0; component < 4; component += 1) {
    if (!(Math.abs(entries.raw(component, row)) <= scorePartMax)) return false
  }
  return Math.abs(entries.ageBonus(row)) <= scorePartMax
}

/** ERRATA E10 behind the score: priority score, tier, detection, id. */
function compareBehindScore(entries: EntryStore, one: number, other: number): number {
  return (
    entries.raw(0, other) - entries.raw(0, one) ||
    entries.tier(one) - entries.tier(other) ||
    entries.compareDetected(one, other) ||
    entries.compareEventIds(one, other)
  )
}
