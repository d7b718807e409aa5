/**
 * The stationary bootstrap: a resample is blocks of the series from random places, of random lengths, around its end. So it keeps what
 * neighbours have in common. Pure: seeded.
 *
 * @see Politis and Romano, "The stationary bootstrap", Journal of the American Statistical Association 89 (1994)
 */
import { Random } from '../../base/random.ts'
import { autocovariance, centred } from './effective-sample.ts'

export interface BootstrapRules {
  readonly resamples: number
  /** Mean, observations; ≥ 1. */
  readonly blockLength: number
  /** 0 … 2^32 − 1. */
  readonly seed: number
}

export class StationaryBootstrap {
  readonly #random: Random
  readonly #count: number
  readonly #newBlock: number
  readonly #times: Uint16Array

  /** @param blockLength - Mean, ≥ 1. */
  constructor(count: number, blockLength: number, seed: number) {
    this.#random = new Random(seed)
    this.#count = count
    this.#newBlock = 1 / Math.max(1, blockLength)
    this.#times = new Uint16Array(count)
  }

  /** How often each observation is in the next resample; valid until the next call. */
  next(): Uint16Array {
    const times = this.#times.fill(0)
    const count = this.#count
    let at = 0
    for (let drawn = 0; drawn < count; drawn += 1) {
      at =
        drawn === 0 || this.#random.fraction() < this.#newBlock ? this.#random.integer(0, count - 1) : (at + 1) % count
      times[at] = times[at]! + 1
    }
    return times
  }
}

/**
 * The mean block length that suits the series' autocorrelation, 1 … min(3 √length, length ÷ 3). The lag behind which it is quiet is the last one that is not.
 *
 * @see Politis and White, "Automatic block-length selection for the dependent bootstrap", Econometric Reviews 23 (2004), with the correction of
 *   Patton, Politis and White (2009)
 */
export function blockLengthOf(series: Float64Array): number {
  const count = series.length
  const apart = centred(series)
  if (count < 8 || apart === null) return 1
  const variance = autocovariance(apart, 0)
  const quiet = Math.max(5, Math.floor(Math.sqrt(Math.log10(count))))
  const limit = 2 * Math.sqrt(Math.log10(count) / count)
  const lagMax = Math.ceil(Math.sqrt(count)) + quiet
  const covariances = Float64Array.from({ length: lagMax + 1 }, (_, lag) => autocovariance(apart, lag))
  const isQuiet = (lag: number): boolean => Math.abs(covariances[lag]! / variance) < limit
  let m = 0
  for (let from = 1; from + quiet - 1 <= lagMax; from += 1) {
    let all = true
    for (let lag = from; lag < from + quiet; lag += 1) all &&= isQuiet(lag)
    if (!all) continue
    m = Math.max(1, from - 1)
    break
  }
  if (m === 0) m = Array.from({ length: lagMax }, (_, index) => lagMax - index).find((lag) => !isQuiet(lag)) ?? 1
  const window = Math.min(2 * m, lagMax)
  let g = 0
  let spectrum = variance
  for (let lag = 1; lag <= window; lag += 1) {
    const share = lag / window
    const flatTop = share <= 0.5 ? 1 : 2 * (1 - share)
    g += 2 * flatTop * lag * covariances[lag]!
    spectrum += 2 * flatTop * covariances[lag]!
  }
  const most = Math.ceil(Math.min(3 * Math.sqrt(count), count / 3))
  const length = Math.cbrt((g / spectrum) ** 2 * count)
  // Not a number: the spectrum is 0, or too wide for one. Long blocks are the careful answer.
  return Number.isNaN(length) ? most : Math.min(Math.max(1, length), most)
}

/** The middle 95 % of the mean, in resamples of the series. */
export function bootstrapInterval(series: Float64Array, rules: BootstrapRules): readonly [number, number] {
  const bootstrap = new StationaryBootstrap(series.length, rules.blockLength, rules.seed)
  const means = Float64Array.from({ length: rules.resamples }, () => {
    const times = bootstrap.next()
    let total = 0
    for (let at = 0; at < series.length; at += 1) total += times[at]! * series[at]!
    return total / series.length
  }).sort()
  return [quantile(means, 0.025), quantile(means, 0.975)]
}

/** Linear between the two nearest (Hyndman and Fan, 1996, type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!)
}
