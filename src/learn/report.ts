/**
 * The counterfactual report: one pass over the entries (CONTRACTS "report --json"). The stored `filtered` and `opportunity_cost` are what
 * counts. Pure; any thread.
 */
import { quantize } from '../decide/quantum.ts'
import { msPerDay, nsPerMs } from '../domain/units.ts'
import { splitNs } from './entry-line.ts'
import type { EntryStore } from './entry-store.ts'
import { EventSet, tradedEvents } from './event-set.ts'
import { componentNames, type FilterName, filterNames, type ReportFigures } from './report-figures.ts'
import { Moments, Sum } from './statistics.ts'
import { EntryTally, EventTally, TypeTally } from './tallies.ts'

/** Which entries a report is of; all where nothing is said. */
export interface ReportSelection {
  /** Unix nanoseconds; entries from then on. */
  readonly sinceNs?: bigint
  /** {@link noRegime}: those whose regime is null. */
  readonly regime?: string
}

/** What entries without a regime are found and told under. */
export const noRegime = 'null'

const secondsPerDay = 86_400
const weekNs = 7n * BigInt(msPerDay) * BigInt(nsPerMs)
const inadmissible = filterNames.indexOf('inadmissible') + 1

/**
 * What the rejected events of these entries would have earned.
 *
 * An entry without a selected event is not resolved: nothing was displaced, so nothing can be said of what it cost. Whether an event
 * was traded is asked of all entries, whatever the selection.
 */
export function reportOf(entries: EntryStore, selection: ReportSelection = {}): ReportFigures {
  const report = new Report(entries, newestOf(entries, selection))
  for (let entry = 0; entry < entries.count; entry++) {
    if (isIn(entries, entry, selection)) report.add(entry)
  }
  return report.figures()
}

/** The latest of all entries' times, whatever their place; null of none. */
export function lastNsOf(entries: EntryStore): bigint | null {
  const newest = newestOf(entries, {})
  return newest === -1 ? null : entries.timestampNs(newest)
}

/** The names of the entries' regimes, in the order in which they come. */
export function regimesOf(entries: EntryStore): string[] {
  const numbers = new Set<number>()
  for (let entry = 0; entry < entries.count; entry++) numbers.add(entries.regimeNumber(entry))
  return [...numbers].map((number) => entries.name(number) ?? noRegime)
}

function isIn(entries: EntryStore, entry: number, { sinceNs, regime }: ReportSelection): boolean {
  if (regime !== undefined && (entries.regime(entry) ?? noRegime) !== regime) return false
  return sinceNs === undefined || entries.timestampNs(entry) >= sinceNs
}

function newestOf(entries: EntryStore, selection: ReportSelection): number {
  let newest = -1
  for (let entry = 0; entry < entries.count; entry++) {
    if (newest !== -1) {
      const isNewer =
        entries.compareTimestamp(entry, entries.timestampSeconds(newest), entries.timestampRestNs(newest)) > 0
      if (!isNewer) continue
    }
    if (isIn(entries, entry, selection)) newest = entry
  }
  return newest
}

class Report {
  readonly #entries: EntryStore
  readonly #newest: number
  #arbitrations = 0
  #firstEntry = -1
  #lastEntry = -1
  readonly #all = new EntryTally()
  readonly #thisWeek = new EntryTally()
  readonly #lastWeek = new EntryTally()
  readonly #days = new Map<number, EntryTally>()
  readonly #regimes = new Map<string, EntryTally>()
  readonly #types = new Map<number, TypeTally>()
  readonly #reasons = new Map<number, EventTally>()
  readonly #components = componentNames.map(() => new EventTally())
  readonly #keptOut = new Map<number, EventTally>()
  readonly #keptOutSeen: EventSet
  readonly #traded: EventSet
  readonly #unresolved = { noneSelected: 0, outcomeUnknown: 0, noRival: 0 }
  #tradedLaterCount = 0
  readonly #tradedLaterMissed = new Sum()
  /** By the component of which there was more, then by that of which there was less. */
  readonly #exchanges = componentNames.map(() => componentNames.map(() => new EventTally()))
  readonly #filtered = new Float64Array(filterNames.length + 1)
  readonly #signed = new Sum()
  readonly #regret = new Sum()
  readonly #selectedPnl = new Sum()
  readonly #randomPnl = new Sum()
  readonly #firstComePnl = new Sum()
  readonly #calibration = new Moments()
  #maxRow = -1
  #maxEntry = -1
  readonly #weekBegins: readonly [seconds: number, restNs: number]
  readonly #weekBeforeBegins: readonly [seconds: number, restNs: number]

  /** @param newest - Of the entries that will be added; −1: none will. */
  constructor(entries: EntryStore, newest: number) {
    this.#entries = entries
    this.#newest = newest
    this.#keptOutSeen = new EventSet(entries)
    this.#traded = tradedEvents(entries)
    const lastNs = newest === -1 ? 0n : entries.timestampNs(newest)
    this.#weekBegins = splitNs(lastNs - weekNs)
    this.#weekBeforeBegins = splitNs(lastNs - 2n * weekNs)
  }

  add(entry: number): void {
    const entries = this.#entries
    this.#arbitrations += 1
    this.#lastEntry = entry
    const first = this.#firstEntry
    const isFirst =
      first === -1 ||
      entries.compareTimestamp(entry, entries.timestampSeconds(first), entries.timestampRestNs(first)) < 0
    if (isFirst) this.#firstEntry = entry
    const selected = entries.selectedCount(entry)
    const firstRow = entries.firstRow(entry)
    const firstRejected = firstRow + selected
    const end = firstRejected + entries.rejectedCount(entry)
    let counting = 0
    for (let row = firstRejected; row < end; row++) {
      const filter = entries.filterNumber(row)
      this.#filtered[filter]! += 1
      if (filter === 0) counting += 1
      if (selected === 0 && filter === inadmissible) this.#addKeptOut(row)
    }
    let areSelectedKnown = selected > 0
    for (let row = firstRow; row < firstRejected; row++) {
      const pnl = entries.pnl(row)
      if (Number.isNaN(pnl)) areSelectedKnown = false
      const apart = entries.simulatedPnl(row) - pnl
      if (!Number.isNaN(apart)) this.#calibration.add(apart)
    }
    if (selected === 0) this.#unresolved.noneSelected += 1
    else if (!areSelectedKnown) this.#unresolved.outcomeUnknown += 1
    else if (counting === 0) this.#unresolved.noRival += 1
    else this.#addResolved(entry, firstRejected - 1, end, counting)
  }

  #addKeptOut(row: number): void {
    const entries = this.#entries
    const pnl = entries.pnl(row)
    if (Number.isNaN(pnl) || this.#traded.has(row) || !this.#keptOutSeen.add(row)) return
    tallyOf(this.#keptOut, entries.reasonNumber(row), EventTally).add(pnl)
  }

  /** @param displaced - The row of the worst-ranked selected; its rejected follow up to `end`. */
  #addResolved(entry: number, displaced: number, end: number, counting: number): void {
    const entries = this.#entries
    let missed = 0
    let greatest = Number.NEGATIVE_INFINITY
    let pnls = entries.pnl(displaced)
    let earliest = displaced
    for (let row = displaced + 1; row < end; row++) {
      const filter = entries.filterNumber(row)
      if (filter !== 0 && filter !== inadmissible) continue
      const cost = entries.opportunityCost(row)
      tallyOf(this.#reasons, entries.reasonNumber(row), EventTally).add(cost)
      if (filter !== 0) continue
      missed += Math.max(0, cost)
      this.#signed.add(cost)
      if (this.#traded.has(row)) {
        this.#tradedLaterCount += 1
        this.#tradedLaterMissed.add(Math.max(0, cost))
      }
      if (cost > greatest) greatest = cost
      if (this.#maxRow === -1 || cost > entries.opportunityCost(this.#maxRow)) {
        this.#maxRow = row
        this.#maxEntry = entry
      }
      pnls += entries.pnl(row)
      if (this.#cameBefore(row, earliest)) earliest = row
      tallyOf(this.#types, entries.eventTypeNumber(row), TypeTally).add(entry, cost)
      for (let component = 0; component < 4; component++) {
        if (!(entries.raw(component, row) > entries.raw(component, displaced))) continue
        this.#components[component]!.add(cost)
        for (let other = 0; other < 4; other++) {
          if (entries.raw(other, row) < entries.raw(other, displaced)) this.#exchanges[component]![other]!.add(cost)
        }
      }
    }
    this.#regret.add(Math.max(0, greatest))
    this.#selectedPnl.add(entries.pnl(displaced))
    this.#randomPnl.add(pnls / (counting + 1))
    this.#firstComePnl.add(entries.pnl(earliest))
    this.#all.add(counting, missed)
    tallyOf(this.#regimes, entries.regime(entry) ?? noRegime, EntryTally).add(counting, missed)
    const day = Math.floor(entries.timestampSeconds(entry) / secondsPerDay)
    tallyOf(this.#days, day, EntryTally).add(counting, missed)
    if (entries.compareTimestamp(entry, ...this.#weekBegins) > 0) this.#thisWeek.add(counting, missed)
    else if (entries.compareTimestamp(entry, ...this.#weekBeforeBegins) > 0) this.#lastWeek.add(counting, missed)
  }

  /** Detected earlier, or at the same time and before it in the order of ERRATA E10. */
  #cameBefore(row: number, other: number): boolean {
    const entries = this.#entries
    const detected = entries.compareDetected(row, other)
    if (detected !== 0) return detected < 0
    const [q, qOther] = [quantize(entries.score(row)), quantize(entries.score(other))]
    if (q !== qOther) return q > qOther
    const [priority, priorityOther] = [entries.raw(0, row), entries.raw(0, other)]
    if (priority !== priorityOther) return priority > priorityOther
    if (entries.tier(row) !== entries.tier(other)) return entries.tier(row) < entries.tier(other)
    return entries.compareEventIds(row, other) < 0
  }

  figures(): ReportFigures {
    const entries = this.#entries
    const { resolved, missedPnl } = this.#all
    const [priority, freshness, regime, expected] = this.#components.map((tally) => tally.component())
    const taken = filterNames
      .map((name, index): [FilterName, number] => [name, this.#filtered[index + 1]!])
      .filter(([, count]) => count > 0)
    const { mean: bias, spread, count } = this.#calibration
    return {
      arbitrations: this.#arbitrations,
      resolved,
      unresolved: { ...this.#unresolved },
      missedPnl,
      tradedLater: { count: this.#tradedLaterCount, missedPnl: this.#tradedLaterMissed.value },
      signedOpportunityCost: this.#signed.value,
      averagePerArbitration: meanOf(missedPnl, resolved),
      maxSingle: this.#maxSingle(),
      inversions: this.#all.inversions(),
      regret: { total: this.#regret.value, mean: meanOf(this.#regret.value, resolved) },
      baselines: {
        selected: this.#selectedPnl.value,
        random: this.#randomPnl.value,
        firstCome: this.#firstComePnl.value,
      },
      byComponent: {
        priority_score: priority!,
        freshness: freshness!,
        regime_alignment: regime!,
        expected_value: expected!,
      },
      exchanges: componentNames.flatMap((more, at) =>
        componentNames
          .map((less, other) => ({ more, less, ...this.#exchanges[at]![other]!.component() }))
          .filter(({ less }) => less !== more),
      ),
      keptOut: this.#named(this.#keptOut, (tally) => tally.keptOut()),
      byReason: this.#named(this.#reasons, (tally) => tally.reason()),
      // Null and one that is called so are one: JSON has no other name for it.
      byRegime: new Map([...this.#regimes].map(([regime, tally]) => [regime, tally.group()])),
      byType: this.#named(this.#types, (tally) => tally.group()),
      filtered: new Map(taken),
      trend: [...this.#days]
        .sort(([one], [other]) => one - other)
        .map(([day, tally]) => ({ day: dayText(day), ...tally.week() })),
      thisWeek: this.#thisWeek.week(),
      lastWeek: this.#lastWeek.week(),
      calibration: { count, bias, spread },
      weights: this.#lastEntry === -1 ? null : entries.weights(this.#lastEntry),
      firstNs: this.#firstEntry === -1 ? null : entries.timestampNs(this.#firstEntry),
      lastNs: this.#newest === -1 ? null : entries.timestampNs(this.#newest),
    }
  }

  #maxSingle(): ReportFigures['maxSingle'] {
    const [entries, row, entry] = [this.#entries, this.#maxRow, this.#maxEntry]
    if (row === -1) return null
    return {
      eventId: entries.eventId(row),
      arbitrationId: entries.arbitrationId(entry),
      cost: entries.opportunityCost(row),
      eventType: entries.eventType(row),
      symbol: entries.symbol(row),
      timestampNs: entries.timestampNs(entry),
      isTradedLater: this.#traded.has(row),
    }
  }

  #named<Tally, Figures>(
    tallies: ReadonlyMap<number, Tally>,
    figuresOf: (tally: Tally) => Figures,
  ): Map<string, Figures> {
    return new Map([...tallies].map(([number, tally]) => [this.#entries.name(number) ?? noRegime, figuresOf(tally)]))
  }
}

function tallyOf<Key, Tally>(tallies: Map<Key, Tally>, key: Key, Made: new () => Tally): Tally {
  const known = tallies.get(key)
  if (known !== undefined) return known
  const made = new Made()
  tallies.set(key, made)
  return made
}

function meanOf(total: number, count: number): number | null {
  return count === 0 ? null : total / count
}

function dayText(day: number): string {
  return new Date(day * secondsPerDay * 1000).toISOString().slice(0, 10)
}
