/**
 * The hot state's schema: one row of numbers a symbol, published as a whole in the region's snapshot ring `hot`.
 * A field that cannot be known yet is NaN, never a silent 0. Every field is a double. Pure; any thread.
 *
 * Time is event time: a row is as of `updatedAtNs`, and each record of the symbol, whatever its kind, moves every window
 * there. Windows consist of buckets aligned to the epoch, of 100 ms (sums and returns over 1 s and 5 s, volatility over 1 s) or of
 * 1 s (everything else). A window of n buckets is the bucket that `updatedAtNs` lies in and the n − 1 before it: it reaches
 * back between n − 1 and n buckets. Its *beginning* is the instant at which the oldest of them opens; the price there is the
 * last trade before it. A second without trades has the price of the one before, hence a return of 0.
 *
 * A silence, more than 180 s without any record of the symbol (trades or contexts), is a market that was not seen: windows begin
 * anew after it, as at the first record, no return is taken across it, and the long-run means forget through it.
 */

/** The windows' names and lengths. */
export const hotWindows = { '1s': 1, '5s': 5, '15s': 15, '60s': 60, '5m': 300 } as const
export type HotWindow = keyof typeof hotWindows
export const hotWindowNames = Object.keys(hotWindows) as HotWindow[]

/** How long a long-run mean takes to forget half of what it knew. */
export const longRunHalfLifeSeconds = 1800
/** A longer time without any record of the symbol is a silence. */
export const silenceSecondsMax = 180
/** A long-run mean is NaN while what it remembers weighs less than so many seconds just seen. */
export const longRunSecondsMin = 600
/** `fundingZ` is NaN before so many minutes of its day had a context. */
export const fundingMinutesMin = 30

/** A tape that told no liquidation of a symbol for longer does not tell whether there are any. */
export const liquidationMemorySeconds = 3600

/** The prior window of `priorHigh30m` and `priorLow30m`, and how much of it must have been seen since the market began or a silence. */
export const priorSeconds = 1800
export const priorSecondsMin = 600

/** Field names in the order in which a row stores them. */
export const hotFields = [
  /** Time of the newest record of the symbol, nanoseconds since the epoch. NaN before the first. */
  'updatedAtNs',
  /** Records applied to the symbol, a count. 0 before the first. */
  'recordCount',
  /** Price of the last trade, ticks. NaN before the first. */
  'lastTicks',
  /** Mark and oracle price of the last context that told them, ticks. NaN before. */
  'markTicks',
  'oracleTicks',
  /** (mark − oracle) ÷ oracle of the last context, a fraction. NaN before both are known. */
  'premium',
  /** Funding of the last context, fraction an hour. NaN before the first. */
  'fundingRate',
  /**
   * (funding − its mean) ÷ its standard deviation over the last day, each minute that had a context counted once, with its
   * last value; the running minute included. NaN before 30 such minutes, or when they are all equal.
   */
  'fundingZ',
  /** Open interest of the last context, lots. NaN before the first. */
  'openInterestLots',
  /** Open interest ÷ what it was at the beginning of the 5 minutes − 1, a fraction. NaN before one was known there. */
  'openInterestChange5m',
  /** ln(last ÷ price at the window's beginning). NaN before there was a trade there. */
  'return1s',
  'return5s',
  'return15s',
  'return60s',
  'return5m',
  /**
   * Realised volatility of the window: square root of the sum of its squared 1-second log returns (`volatility1s`: of its 100-ms
   * log returns), the running bucket's return so far included. For a window of n seconds comparable with `volatility1sLong` × √n.
   * NaN before there was a trade at the window's beginning. Squares are rounded to 2^−46, so that they add up exactly, and count
   * as at most 2^−2.
   */
  'volatility1s',
  'volatility5s',
  'volatility15s',
  'volatility60s',
  'volatility5m',
  /**
   * Long-run volatility of one second: square root of the exponentially weighted mean (half-life 30 min) of the squared
   * 1-second log returns of completed seconds, from the second after the first trade's on. NaN while what it remembers weighs
   * less than 600 seconds just seen: before 600 s, and for a while after a silence of hours.
   */
  'volatility1sLong',
  /**
   * Long-run volatility of one minute, the unit of the detectors' moves: square root of the mean, weighted likewise, of the
   * squared 60-second log returns as of each completed second. Unlike `volatility1sLong` × √60 it is blind to the bounce
   * between bid and ask, so that one threshold serves a symbol with ten trades a second and one with ten a minute. NaN
   * likewise.
   */
  'volatility60sLong',
  /** Aggressor buys less sells in the window, lots. NaN before the first trade, then 0 when nothing traded. */
  'signedLots1s',
  'signedLots5s',
  'signedLots15s',
  'signedLots60s',
  'signedLots5m',
  /** Aggressor buys plus sells in the window, lots. NaN before the first trade, then 0 when nothing traded. */
  'volumeLots1s',
  'volumeLots5s',
  'volumeLots15s',
  'volumeLots60s',
  'volumeLots5m',
  /** Long-run volume of one second, lots: mean over completed seconds, weighted and begun as `volatility1sLong`. */
  'volumeLots1sLong',
  /**
   * What liquidations of longs (forced sales) are worth in the window, minor units; then those of shorts (forced purchases). 0 when
   * there was none; NaN before the symbol's first liquidation and after an hour without one (a tape that does not tell them, or has
   * ceased to). Venues tell some of them only (Binance at most one a symbol and second): a lower bound.
   */
  'longLiquidationMinor1s',
  'longLiquidationMinor5s',
  'longLiquidationMinor15s',
  'longLiquidationMinor60s',
  'longLiquidationMinor5m',
  'shortLiquidationMinor1s',
  'shortLiquidationMinor5s',
  'shortLiquidationMinor15s',
  'shortLiquidationMinor60s',
  'shortLiquidationMinor5m',
  /** Highest and lowest trade in the window, ticks. NaN when nothing traded in it. */
  'high60s',
  'low60s',
  'high5m',
  'low5m',
  /**
   * Highest and lowest trade of the 30 minutes before those 60 seconds, ticks: the extremes that stood before what happens now.
   * NaN when nothing traded in them, or less than 10 minutes of them were seen.
   */
  'priorHigh30m',
  'priorLow30m',
  /**
   * Efficiency ratio (Kaufman) of the 5 minutes that ended with the last completed second: |net move| ÷ Σ |moves of its
   * thirty 10-second steps|, of log prices; 1 a straight line, about 0.2 a random walk, 0 when the price did not move at all.
   * NaN before there was a trade where it begins.
   */
  'efficiency5m',
  /** Time of the newest book, nanoseconds since the epoch: how old the fields below are. NaN before the first. */
  'bookAtNs',
  /** Best bid and ask, ticks, and what lies there, lots. NaN before the first book, or where that side is empty. */
  'bidTicks',
  'bidLots',
  'askTicks',
  'askLots',
  /** (bid lots − ask lots) ÷ (bid lots + ask lots) at the top, in [−1, 1]: +1 all on the bid. NaN unless both sides are there. */
  'imbalance',
  /** The same over the best 20 levels of each side. NaN too where the source tells only the top. */
  'depthImbalance',
  /** Index into the regimes, decided anew each second; NaN before `volatility60s`, its long run and `efficiency5m` are known. */
  'regime',
] as const

export type HotField = (typeof hotFields)[number]

/** Where each field lies in a row. */
export const hotFieldIndex: Readonly<Record<HotField, number>> = Object.freeze(
  Object.fromEntries(hotFields.map((field, index) => [field, index])) as Record<HotField, number>,
)

/** One symbol's row, read-only, as doubles in the order of {@link hotFields}. */
export type HotRow = Readonly<Float64Array>
