/**
 * The deflated Sharpe ratio: the probability that a Sharpe ratio is above what the best of so many trials without skill is expected to show,
 * its skew, its tails and its autocorrelation taken into account. Pure; any thread.
 *
 * How far the trials' ratios spread by luck is taken from one without skill, 1 ÷ √(T − 1), and not from the trials themselves: weights that are
 * really better would count as luck. Trials go together, so to how many independent ones they come is asked of their resamples.
 *
 * @see Bailey and López de Prado, "The deflated Sharpe ratio", Journal of Portfolio Management 40 (2014)
 */
import { centred } from './effective-sample.ts'
import { normalCdf } from './normal.ts'

/**
 * @param series - Of the best trial.
 * @param effective - Independent observations that it is worth.
 * @param luck - What the best of the trials is expected to show without skill, in standard errors; ≥ 0.
 * @returns In [0, 1]; 0 of a series without spread.
 */
export function deflatedSharpe(series: Float64Array, effective: number, luck: number): number {
  const apart = centred(series)
  if (apart === null || effective < 2) return 0
  const { sharpe, skew, kurtosis } = shapeOf(series, apart)
  const root = Math.sqrt(effective - 1)
  const variance = 1 - skew * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe
  return normalCdf((sharpe * root - luck) / Math.sqrt(Math.max(variance, 1e-12)))
}

const integralTo = 12
const integralSteps = 1_200

/** The expected greatest of so many independent standard normal numbers, which need not be a whole number; ≥ 1. */
export function expectedMaximum(trials: number): number {
  // ∫₀^∞ 1 − Φ(z)^N − Φ(−z)^N dz, by Simpson's rule.
  let sum = 0
  for (let step = 0; step <= integralSteps; step += 1) {
    const z = (step * integralTo) / integralSteps
    const value = 1 - normalCdf(z) ** trials - normalCdf(-z) ** trials
    sum += value * (step === 0 || step === integralSteps ? 1 : step % 2 === 1 ? 4 : 2)
  }
  return Math.max(0, (sum * integralTo) / integralSteps / 3)
}

const trialsMax = 1e9

/** How many independent trials have this expected maximum: the inverse of {@link expectedMaximum}, 1 … 10⁹. */
export function trialsOfMaximum(maximum: number): number {
  let low = 0
  let high = Math.log(trialsMax)
  for (let halving = 0; halving < 50; halving += 1) {
    const middle = (low + high) / 2
    if (expectedMaximum(Math.exp(middle)) < maximum) low = middle
    else high = middle
  }
  return Math.exp(low)
}

function shapeOf(series: Float64Array, apart: Float64Array): { sharpe: number; skew: number; kurtosis: number } {
  const count = series.length
  let second = 0
  let third = 0
  let fourth = 0
  for (const value of apart) {
    second += value ** 2
    third += value ** 3
    fourth += value ** 4
  }
  const mean = series.reduce((sum, value) => sum + value, 0) / count
  const variance = second / count
  return {
    sharpe: mean / Math.sqrt(second / (count - 1)),
    skew: third / count / variance ** 1.5,
    kurtosis: fourth / count / variance ** 2,
  }
}
