/**
 * What a page of events is told, as it stands in its JSON: types only, shared by whoever makes the page and the page's own
 * script. Times are Unix milliseconds, prices ticks; columns are written as differences, because those are short.
 */

/** What an event's prices are written in. */
export interface PageInstrument {
  readonly symbol: string
  readonly priceDecimals: number
}

/** One symbol: what happened, decimated. */
export interface PageSymbol extends PageInstrument {
  /** Unit of `at`, and time of its zero. */
  readonly unitMs: number
  readonly epochMs: number
  /** Units of the widest bucket: records of two neighbours may be so much closer together than the buckets' times. */
  readonly widest: number
  /** Of each bucket with a trade, ascending: units since the bucket before (the first: since the epoch). */
  readonly at: readonly number[]
  /** Last price less that of the bucket before (the first: the price itself). */
  readonly last: readonly number[]
  /** How far the lowest trade was below the last, and the highest above it; ≥ 0. */
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** Aggressor buys less sells over 60 s, thousands of the quote currency, 3 significant digits; null where it is not known. */
  readonly flow: readonly (number | null)[]
  /** Of each bucket with a context: time as above, open interest in coins, funding in 10⁻⁹ an hour. */
  readonly contextAt: readonly number[]
  readonly openInterest: readonly (number | null)[]
  readonly funding: readonly (number | null)[]
}

export interface PageChange {
  readonly state: 'TRIGGERED' | 'ACTIVE' | 'COMPLETING' | 'COMPLETED' | 'INVALIDATED'
  readonly atMs: number
  readonly cause: 'detector' | 'expiry'
  readonly lastTicks: number
  readonly evidence: Readonly<Record<string, number>>
}

export interface PageEvent {
  readonly id: string
  readonly type: string
  /** Index into the page's symbols, and beyond them into its undrawn ones. */
  readonly symbol: number
  readonly side: 'long' | 'short'
  readonly score: number
  readonly regime: string
  readonly rewardRisk: number
  readonly winRate: number
  readonly expiresAtMs: number
  readonly referenceTicks: number
  readonly targetTicks: number
  readonly stopTicks: number
  /** In time order; the first is TRIGGERED. */
  readonly changes: readonly PageChange[]
}

/** A page of what the detectors saw. */
export interface EventsPage {
  readonly title: string
  readonly files: readonly string[]
  readonly firstMs: number
  readonly lastMs: number
  readonly records: number
  /** Malformed rows by kind. */
  readonly malformed: Readonly<Record<string, number>>
  /** Settings that a person gave, a line each; none: everything is as it comes. */
  readonly settings: readonly string[]
  readonly symbols: readonly PageSymbol[]
  /** Those with events that have no chart, because there are too many. */
  readonly undrawn: readonly PageInstrument[]
  /** How many symbols are not drawn, why, and how to choose; null: all are. */
  readonly whyNotAllDrawn: string | null
  /** By time of detection. */
  readonly events: readonly PageEvent[]
  /** Why there is none, when there is none. */
  readonly whyNoEvents: string | null
}
