/**
 * The hot state's schema: one row of numbers a symbol, published as a whole in the region's snapshot ring `hot`.
 * A field that cannot be known yet is NaN, never a silent 0. Every field is a double.
 *
 * Windows slide in event time over buckets of 100 ms (1 s and 5 s) and 1 s (15 s, 60 s, 5 min): a window of w covers the
 * bucket of the newest record and the full ones before it that begin within w.
 */

/** The windows' names and lengths. */
export const hotWindows = { '1s': 1, '5s': 5, '15s': 15, '60s': 60, '5m': 300 } as const
export type HotWindow = keyof typeof hotWindows
export const hotWindowNames = Object.keys(hotWindows) as HotWindow[]

/** Field names in the order in which a row stores them. */
export const hotFields = [
  /** Time of the newest record of the symbol, nanoseconds since the epoch. NaN before the first. */
  'updatedAtNs',
  /** Records applied to the symbol. */
  'recordCount',
  /** Price of the last trade, ticks. NaN before the first. */
  'lastTicks',
  /** Mark and oracle price of the last context, ticks. NaN before the first. */
  'markTicks',
  'oracleTicks',
  /** (mark − oracle) ÷ oracle of the last context, a fraction. NaN before the first. */
  'premium',
  /** Funding of the last context, fraction an hour. NaN before the first. */
  'fundingRate',
  /** (funding − its mean) ÷ its standard deviation over the last day's contexts. NaN before 30 contexts or without variance. */
  'fundingZ',
  /** Open interest of the last context, lots, and its change over the last 5 minutes as a fraction. NaN before known. */
  'openInterestLots',
  'openInterestChange5m',
  /** ln(last ÷ price at the window's beginning). NaN until the window is full. */
  'return1s',
  'return5s',
  'return15s',
  'return60s',
  'return5m',
  /** Realised volatility: square root of the sum of squared 1-second log returns in the window. NaN until it is full. */
  'volatility5s',
  'volatility15s',
  'volatility60s',
  'volatility5m',
  /** Long-run volatility of one second: square root of an exponential mean (half-life 30 min) of squared 1-second log returns. NaN before 10 min. */
  'volatility1sLong',
  /** Aggressor buys less sells in the window, lots, and buys plus sells. 0 when nothing traded; NaN before the first trade. */
  'signedLots1s',
  'signedLots5s',
  'signedLots15s',
  'signedLots60s',
  'signedLots5m',
  'volumeLots1s',
  'volumeLots5s',
  'volumeLots15s',
  'volumeLots60s',
  'volumeLots5m',
  /** Long-run volume of one second, lots: exponential mean with half-life 30 min. NaN before 10 min. */
  'volumeLots1sLong',
  /** Highest and lowest trade in the window, ticks. NaN when nothing traded in it. */
  'high60s',
  'low60s',
  'high5m',
  'low5m',
  /** Index into the regimes, NaN until the volatilities it needs are known. */
  'regime',
] as const

export type HotField = (typeof hotFields)[number]

/** Where each field lies in a row. */
export const hotFieldIndex: Readonly<Record<HotField, number>> = Object.freeze(
  Object.fromEntries(hotFields.map((field, index) => [field, index])) as Record<HotField, number>,
)

/** One symbol's row, read-only, as doubles in the order of {@link hotFields}. */
export type HotRow = Readonly<Float64Array>
