/**
 * White's reality check: how often luck alone would make the best of so many trials look as good as it does. Pure: seeded.
 *
 * Each trial's advantage is measured by its own spread, as in Hansen's test: in money, trials that choose differently often, and so swing widely,
 * would set the mark for all, and a fifth of the planted advantages that this one finds would be missed. Blocks keep what neighbours have in
 * common, so the spread need not be that of the long run.
 *
 * @see White, "A reality check for data snooping", Econometrica 68 (2000); Hansen, "A test for superior predictive ability", Journal of
 *   Business & Economic Statistics 23 (2005)
 */
import { type BootstrapRules, StationaryBootstrap } from './stationary-bootstrap.ts'
import type { TrialSeries } from './trial-series.ts'

export interface RealityCheck {
  /**
   * P of the hypothesis that no trial is better than the current weights: the share of resamples whose best, each trial's own mean taken off,
   * reaches that of the sample. 1 where none is better in the sample.
   */
  readonly p: number
  /** The best of a resample on average: what luck makes of so many trials, in standard deviations of a sum of independent observations. */
  readonly luck: number
}

/** A trial that differs in a few arbitrations only has no spread to speak of: it counts with at least this share of the greatest. */
const leastSpreadShare = 0.25
/** A resample that reaches the sample's best reaches it whatever rounding says. */
const rounding = 1 - 1e-12

export function realityCheck({ count, differences }: TrialSeries, rules: BootstrapRules): RealityCheck {
  const totals = differences.map((values) => values.reduce((sum, value) => sum + value, 0))
  const spreads = differences.map((values, trial) => spreadOf(values, totals[trial]! / count))
  const least = spreads.reduce((most, spread) => Math.max(most, spread), 0) * leastSpreadShare
  // Trials that never differ, and those of which nobody varies, have nothing to be measured by.
  const rivals = differences.flatMap((values, trial) => {
    const spread = Math.max(spreads[trial]!, least)
    return spread > 0 || totals[trial] !== 0 ? [{ values, total: totals[trial]!, spread }] : []
  })
  const best = rivals.reduce((most, { total, spread }) => Math.max(most, total / spread), 0)
  if (rivals.length === 0) return { p: 1, luck: 0 }
  const bootstrap = new StationaryBootstrap(count, rules.blockLength, rules.seed)
  let reached = 0
  let sum = 0
  for (let resample = 0; resample < rules.resamples; resample += 1) {
    const times = bootstrap.next()
    let most = Number.NEGATIVE_INFINITY
    for (const { values, total, spread } of rivals) {
      // Nothing varies: no resample differs from the sample.
      most = Math.max(most, spread > 0 ? (weighedSum(times, values) - total) / spread : 0)
    }
    if (most >= best * rounding) reached += 1
    sum += most
  }
  // The sample itself is one of the ways that luck may have it.
  return { p: best > 0 ? (reached + 1) / (rules.resamples + 1) : 1, luck: Math.max(0, sum / rules.resamples) }
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
