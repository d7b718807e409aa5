/**
 * What the script of the report's page draws, as JSON: the figures over time, a value a bucket in each column. Everything else
 * stands in the page's markup. Types only: written by Node, read by the browser.
 */

/** Days or weeks of equal length without a gap between the first and the last, ascending. Money in the quote currency. */
export interface ReportBuckets {
  readonly unit: 'day' | 'week'
  /** Unix milliseconds of the first moment, UTC; weeks begin on Monday. */
  readonly fromMs: readonly number[]
  readonly resolved: readonly number[]
  readonly missed: readonly number[]
  /** Of the missed, up to and with this bucket. */
  readonly cumulative: readonly number[]
  readonly inversions: readonly number[]
  /** In [0, 1]; null where nothing was resolved. */
  readonly rate: readonly (number | null)[]
  readonly low: readonly (number | null)[]
  readonly high: readonly (number | null)[]
  readonly chance: readonly (number | null)[]
}

export interface ReportCharts {
  /** Null: fewer than two buckets, so there is nothing to draw over time. */
  readonly buckets: ReportBuckets | null
  /** The inversion rate above which the specification calls scoring poorly calibrated, in [0, 1]. */
  readonly rateLimit: number
}
