/**
 * The deflated Sharpe ratio: the probability that a Sharpe ratio is above what the best of so many trials without skill is expected to show,
 * its skew, its tails and its autocorrelation taken into account. Pure; any thread.
 *
 * @see Bailey and López de Prado, "The deflated Sharpe ratio", Journal of Portfolio Management 40 (2014)
 */
import { normalCdf, normalQuantile } from './normal.ts'
import type { TrialSeries } from './trial-series.ts'

const eulerGamma = 0.5772156649015329

/**
 * @param series - Of the best trial.
 * @param effective - Independent observations that it is worth.
 * @param trials - Independent trials that it is the best of.
 * @returns In [0, 1]; 0 of a series without spread.
 */
export function deflatedSharpe(series: Float64Array, effective: number, trials: number): number {
  const { sharpe, skew, kurtosis } = shapeOf(series)
  if (!Number.isFinite(sharpe) || effective < 2) return 0
  const root = Math.sqrt(effective - 1)
  const variance = 1 - skew * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe
  return normalCdf(((sharpe - expectedMaximum(trials) / root) * root) / Math.sqrt(Math.max(variance, 1e-12)))
}

/** Of so many independent standard normal numbers, about (the paper's equation 1). */
export function expectedMaximum(trials: number): number {
  if (trials <= 1) return 0
  return (1 - eulerGamma) * normalQuantile(1 - 1 / trials) + eulerGamma * normalQuantile(1 - 1 / (trials * Math.E))
}

/**
 * To how many independent ones correlated trials come: the participation ratio of their correlations' eigenvalues, (Σ λ)² ÷ Σ λ².
 */
export function effectiveTrials({ count, differences }: TrialSeries): number {
  const rows = differences.map(standardized).filter((row) => row !== null)
  const trials = rows.length
  if (trials === 0) return 0
  let squares = 0
  for (let one = 0; one < trials; one += 1) {
    for (let other = 0; other <= one; other += 1) {
      let product = 0
      for (let at = 0; at < count; at += 1) product += rows[one]![at]! * rows[other]![at]!
      squares += product * product * (one === other ? 1 : 2)
    }
  }
  return (trials * trials) / squares
}

/** To mean 0 and length 1; null: no spread. */
function standardized(values: Float64Array): Float64Array | null {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const apart = values.map((value) => value - mean)
  const length = Math.sqrt(apart.reduce((sum, value) => sum + value * value, 0))
  return length > 0 ? apart.map((value) => value / length) : null
}

function shapeOf(series: Float64Array): { sharpe: number; skew: number; kurtosis: number } {
  const count = series.length
  const mean = series.reduce((sum, value) => sum + value, 0) / count
  let second = 0
  let third = 0
  let fourth = 0
  for (const value of series) {
    const apart = value - mean
    second += apart ** 2
    third += apart ** 3
    fourth += apart ** 4
  }
  const variance = second / count
  return {
    sharpe: mean / Math.sqrt(second / (count - 1)),
    skew: third / count / variance ** 1.5,
    kurtosis: fourth / count / variance ** 2,
  }
}
