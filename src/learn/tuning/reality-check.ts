/**
 * White's reality check: how often luck alone would make the best of so many trials look as good as it does. Pure: seeded.
 *
 * Each trial's advantage is measured in its own standard errors, as Hansen has it: in money, trials that choose differently often, and so
 * swing widely, would set the mark for all, and half of the planted advantages that this one finds would be missed.
 *
 * @see White, "A reality check for data snooping", Econometrica 68 (2000); Hansen, "A test for superior predictive ability", Journal of
 *   Business & Economic Statistics 23 (2005)
 */
import { type BootstrapRules, StationaryBootstrap } from './stationary-bootstrap.ts'
import type { TrialSeries } from './trial-series.ts'

/** A trial that differs in a few arbitrations only has no error to speak of: it counts with at least this share of the greatest. */
const leastErrorShare = 0.25

/**
 * P of the hypothesis that no trial is better than the current weights: the share of resamples whose best, each trial's own mean taken
 * off, reaches that of the sample. 1 where none is better in the sample.
 */
export function realityCheckP({ count, differences }: TrialSeries, rules: BootstrapRules): number {
  const totals = differences.map((values) => values.reduce((sum, value) => sum + value, 0))
  const spreads = differences.map((values, trial) => spreadOf(values, totals[trial]! / count))
  const least = spreads.reduce((most, spread) => Math.max(most, spread), 0) * leastErrorShare
  const errors = spreads.map((spread) => Math.max(spread, least))
  const best = totals.reduce((most, total, trial) => Math.max(most, total / errors[trial]!), 0)
  if (!(best > 0)) return 1
  const bootstrap = new StationaryBootstrap(count, rules.blockLength, rules.seed)
  let reached = 0
  for (let resample = 0; resample < rules.resamples; resample += 1) {
    const times = bootstrap.next()
    if (differences.some((values, trial) => weighedSum(times, values) - totals[trial]! >= best * errors[trial]!))
      reached += 1
  }
  // The sample itself is one of the ways that luck may have it.
  return (reached + 1) / (rules.resamples + 1)
}

/** Root of the summed squares around the mean. */
function spreadOf(values: Float64Array, mean: number): number {
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0))
}

function weighedSum(times: Uint16Array, values: Float64Array): number {
  let total = 0
  for (let at = 0; at < values.length; at += 1) total += times[at]! * values[at]!
  return total
}
