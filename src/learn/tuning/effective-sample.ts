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
  const variance = autocovariance(series, 0)
  if (!(variance > 0)) return 0
  let sum = 0
  let before = Number.POSITIVE_INFINITY
  for (let lag = 0; lag + 1 < count; lag += 2) {
    const pair = (lag === 0 ? variance : autocovariance(series, lag)) + autocovariance(series, lag + 1)
    if (!(pair > 0)) break
    before = Math.min(before, pair)
    sum += before
  }
  return Math.min(count, count / Math.max(1, (2 * sum) / variance - 1))
}

/** With the same divisor at each lag, so that the sequence is that of a distribution. */
export function autocovariance(series: Float64Array, lag: number): number {
  let mean = 0
  for (const value of series) mean += value
  mean /= series.length
  let sum = 0
  for (let at = lag; at < series.length; at += 1) sum += (series[at]! - mean) * (series[at - lag]! - mean)
  return sum / series.length
}
