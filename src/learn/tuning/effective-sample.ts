/**
 * How many independent observations a series is worth: its length over 1 + 2 Σ ρ, the autocorrelations summed as long as their pairs stay
 * positive and fall. Pure; any thread.
 *
 * @see Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7 (1992): initial monotone sequence; Thiébaux and Zwiers, "The
 *   interpretation and estimation of effective sample size" (1984)
 */

/** In 0 … length: negative autocorrelation counts as none. A series without any spread is worth nothing. */
export function effectiveSample(series: Float64Array): number {
  const count = series.length
  if (count < 2) return 0
  const apart = centred(series)
  if (apart === null) return 0
  const variance = autocovariance(apart, 0)
  // Squares too small for a double.
  if (!(variance > 0)) return 0
  let sum = 0
  let before = Number.POSITIVE_INFINITY
  for (let lag = 0; lag + 1 < count; lag += 2) {
    const pair = (lag === 0 ? variance : autocovariance(apart, lag)) + autocovariance(apart, lag + 1)
    if (!(pair > 0)) break
    before = Math.min(before, pair)
    sum += before
  }
  return Math.min(count, count / Math.max(1, (2 * sum) / variance - 1))
}

/** A spread that is smaller beside the mean comes of rounding. */
const leastSpread = 1e-12

/** A series with its mean taken off; null: it has no spread. */
export function centred(series: Float64Array): Float64Array | null {
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length
  const apart = series.map((value) => value - mean)
  const widest = apart.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return widest > leastSpread * Math.abs(mean) ? apart : null
}

/** Of a series whose mean was taken off; with the same divisor at each lag, so that the sequence is that of a distribution. */
export function autocovariance(apart: Float64Array, lag: number): number {
  let sum = 0
  for (let at = lag; at < apart.length; at += 1) sum += apart[at]! * apart[at - lag]!
  return sum / apart.length
}
