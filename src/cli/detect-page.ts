/** What `detect --html` shows, as plain data for the page: follows the run's records, then puts prices and events together. */
import { basename } from 'node:path'
import type { EngineConfig } from '../config.ts'
import type { DetectionRun } from '../detection-run.ts'
import { hotFieldIndex as at } from '../domain/hot-state.ts'
import type { Instrument } from '../domain/instrument.ts'
import { type MarketRecord, recordKinds } from '../domain/market.ts'
import { nsPerMs, type Timeline } from '../domain/units.ts'
import type { EventsPage, PageEvent } from '../observe/page/page-data.ts'
import { PriceTrack } from '../observe/page/price-track.ts'
import { excerptOf, pageSymbolOf, type Window } from '../observe/page/track-excerpt.ts'
import { optionKeyOf, optionValueOf } from '../stages/detection/detector-options.ts'
import { drawnSymbols } from './drawn-symbols.ts'
import { type EventHistory, endOf } from './event-history.ts'

/** Of the finest buckets: what a person can tell apart around an event. */
const bucketMs = 250
/** Buckets in memory, all symbols together: 120 MB. */
const bucketsMax = 2 ** 21
/** Points in the page, all symbols together: about 1.3 MB. */
const pointsMax = 72_000
/** Before and after each event, how far the page has seconds to show. */
const windowMs = 120_000

export interface DetectPageFacts {
  readonly files: readonly string[]
  readonly config: EngineConfig
  /** Options of the call beside the configuration, as a person wrote them. */
  readonly given: readonly string[]
  /** The call named its symbols. */
  readonly areSymbolsNamed: boolean
  readonly records: number
  readonly malformed: ReadonlyMap<string, number>
  /** Of the recordings, on the timeline. */
  readonly firstNs: number
  readonly lastNs: number
  readonly histories: readonly EventHistory[]
  readonly whyNoEvents: string | null
}

export class DetectPage {
  readonly #instruments: readonly Instrument[]
  readonly #timeline: Timeline
  readonly #tracks: readonly PriceTrack[]
  /** Trades by symbol. */
  readonly #trades: number[]

  constructor(instruments: readonly Instrument[], timeline: Timeline) {
    this.#instruments = instruments
    this.#timeline = timeline
    const each = Math.max(4096, Math.floor(bucketsMax / instruments.length))
    this.#tracks = instruments.map(() => new PriceTrack(bucketMs, each))
    this.#trades = instruments.map(() => 0)
  }

  /** Takes a record that the run has just processed. */
  add(record: MarketRecord, run: DetectionRun): void {
    const track = this.#tracks[record.symbolIndex]!
    const atMs = record.atNs / nsPerMs
    if (record.kind === recordKinds.trade) {
      this.#trades[record.symbolIndex]! += 1
      track.addTrade(atMs, record.priceTicks, run.row(record.symbolIndex)[at.signedLots60s]!)
    } else if (record.kind === recordKinds.context) {
      track.addContext(atMs, record.openInterestLots, record.fundingRate)
    }
  }

  toData(facts: DetectPageFacts): EventsPage {
    const { files, config, records, malformed, histories } = facts
    const toMs = (atNs: number): number => this.#timeline.epochMs + atNs / nsPerMs
    const events = this.#instruments.map(() => 0)
    for (const { event } of histories) events[event.symbolIndex]! += 1
    const { drawn, whyNotAll } = drawnSymbols({ events, trades: this.#trades, areNamed: facts.areSymbolsNamed })
    const eventfulRest = events.flatMap((count, index) => (count > 0 && !drawn.includes(index) ? [index] : []))
    const placeOf = new Map([...drawn, ...eventfulRest].map((symbolIndex, place) => [symbolIndex, place]))
    const pointsEach = Math.floor(pointsMax / drawn.length)
    const windowsOf = (symbolIndex: number, isOwn: boolean): Window[] =>
      histories
        .filter(({ event }) => (event.symbolIndex === symbolIndex) === isOwn)
        .map((history) => windowOf(history, facts.lastNs))
    const symbols = drawn.map((index) => {
      const track = this.#tracks[index]!
      return pageSymbolOf(
        this.#instruments[index]!,
        this.#timeline.epochMs,
        track.width,
        excerptOf(track, windowsOf(index, true), windowsOf(index, false), pointsEach),
      )
    })
    return {
      title: `What the detectors saw in ${namesText(this.#instruments)}`,
      files: files.map((file) => basename(file)),
      firstMs: toMs(facts.firstNs),
      lastMs: toMs(facts.lastNs),
      records,
      malformed: Object.fromEntries(malformed),
      settings: [...settingsOf(config), ...facts.given],
      symbols,
      undrawn: eventfulRest.map((index) => {
        const { symbol, priceDecimals } = this.#instruments[index]!
        return { symbol, priceDecimals }
      }),
      whyNotAllDrawn: whyNotAll,
      events: histories.map((history) => pageEventOf(history, placeOf.get(history.event.symbolIndex)!, toMs)),
      whyNoEvents: facts.whyNoEvents,
    }
  }
}

/** A few are named, many are counted. */
function namesText(instruments: readonly Instrument[]): string {
  if (instruments.length > 6) return `${instruments.length} symbols`
  return instruments.map(({ symbol }) => symbol).join(', ')
}

function windowOf(history: EventHistory, lastNs: number): Window {
  const endNs = endOf(history)?.atNs ?? lastNs
  return { from: history.event.detectedAtNs / nsPerMs - windowMs, until: endNs / nsPerMs + windowMs }
}

/** @param place - Of its symbol among those of the page. */
function pageEventOf({ event, changes }: EventHistory, place: number, toMs: (atNs: number) => number): PageEvent {
  return {
    id: event.eventId,
    type: event.eventType,
    symbol: place,
    side: event.side,
    score: event.priorityScore,
    regime: event.regime,
    rewardRisk: event.rewardRisk,
    winRate: event.winRate,
    expiresAtMs: toMs(event.expiresAtNs),
    referenceTicks: event.referenceTicks,
    targetTicks: event.targetTicks,
    stopTicks: event.stopTicks,
    changes: changes.map(({ state, atNs, cause, lastTicks, evidence }) => ({
      state,
      atMs: toMs(atNs),
      cause,
      lastTicks,
      evidence,
    })),
  }
}

/** What a person set that detection depends on; none: everything is at its default. */
function settingsOf(config: EngineConfig): string[] {
  const settings: string[] = []
  for (const [kind, options] of Object.entries(config.detectors)) {
    if (options === null) settings.push(`detectors.${kind} left out`)
    else {
      for (const [name, value] of Object.entries(options)) {
        settings.push(`detectors.${kind}.${optionKeyOf(name)} ${optionValueOf(name, value)}`)
      }
    }
  }
  for (const [symbol, grid] of Object.entries(config.instruments)) {
    settings.push(`instruments.${symbol}: ${grid.priceDecimals} price and ${grid.sizeDecimals} size decimals`)
  }
  return settings
}
