/**
 * Walk-forward: the best weights of what was known before each test, judged in it. The sample is cut into equal parts; each but the first is a
 * test, and all before it trains, but for what was not over when the test began (purge), or was over only shortly before (embargo). Pure.
 *
 * @see Pardo, "The evaluation and optimization of trading strategies" (2008); purge and embargo: López de Prado, "Advances in financial
 *   machine learning" (2018), chapter 7
 */
import type { ArbitrationSet } from './arbitration-set.ts'
import type { TrialSeries } from './trial-series.ts'
import type { WholeWeights } from './weight-lattice.ts'
import { isPreferred, sameTotal } from './weight-search.ts'

export interface WalkForwardRules {
  readonly folds: number
  readonly embargoS: number
}

export interface WalkForwardFold {
  /** Arbitrations that train, and those that were kept out of it. */
  readonly trained: number
  readonly purged: number
  readonly tested: number
  /** What trained best, whole percents; null: nothing could train, and the current weights were tested. */
  readonly weights: WholeWeights | null
  /** Under the current weights, in the test. */
  readonly currentPnl: number
  /** Of the trained weights beside the current ones, in the test. */
  readonly improvement: number
}

export interface WalkForward {
  readonly folds: readonly WalkForwardFold[]
  /** Arbitrations that were tested. */
  readonly arbitrations: number
  readonly currentPnl: number
  /** Out of sample, over all tests; null: too few arbitrations. */
  readonly improvement: number | null
}

/** @param current - In percents: of trials with one total the nearest to them is taken, as in the search. */
export function walkForward(
  set: ArbitrationSet,
  series: TrialSeries,
  rules: WalkForwardRules,
  current: WholeWeights,
): WalkForward {
  const parts = rules.folds + 1
  if (series.count < parts) return { folds: [], arbitrations: 0, currentPnl: 0, improvement: null }
  const folds = Array.from({ length: rules.folds }, (_, index) => {
    const from = Math.floor(((index + 1) * series.count) / parts)
    const to = Math.floor(((index + 2) * series.count) / parts)
    return foldOf(set, series, rules.embargoS, current, from, to)
  })
  const sumOf = (value: (fold: WalkForwardFold) => number): number => folds.reduce((sum, fold) => sum + value(fold), 0)
  return {
    folds,
    arbitrations: sumOf(({ tested }) => tested),
    currentPnl: sumOf(({ currentPnl }) => currentPnl),
    improvement: sumOf(({ improvement }) => improvement),
  }
}

/** The test is of the stretches `from … to − 1`. */
function foldOf(
  set: ArbitrationSet,
  series: TrialSeries,
  embargoS: number,
  current: WholeWeights,
  from: number,
  to: number,
): WalkForwardFold {
  const { starts } = series
  const untilSeconds = set.atSeconds[starts[from]!]! - embargoS
  const trains = Array.from({ length: from }, (_, stretch) => stretch).filter(
    (stretch) => lastEnd(set, starts, stretch) <= untilSeconds,
  )
  const trained = trains.reduce((sum, stretch) => sum + starts[stretch + 1]! - starts[stretch]!, 0)
  const trial = trained === 0 ? -1 : bestTrial(series, trains, current)
  return {
    trained,
    purged: starts[from]! - trained,
    tested: starts[to]! - starts[from]!,
    weights: series.weights[trial] ?? null,
    currentPnl: sum(series.current, from, to),
    improvement: trial < 0 ? 0 : sum(series.differences[trial]!, from, to),
  }
}

function bestTrial(series: TrialSeries, trains: readonly number[], current: WholeWeights): number {
  const { differences, weights, judged, isJudgedApart } = series
  const totals = differences.map((values) => trains.reduce((total, stretch) => total + values[stretch]!, 0))
  // What was found over the whole sample knows the tests.
  if (isJudgedApart) totals[judged] = Number.NEGATIVE_INFINITY
  const greatest = totals.reduce((most, total) => Math.max(most, total), Number.NEGATIVE_INFINITY)
  let best = -1
  for (const [trial, total] of totals.entries()) {
    if (greatest - total > sameTotal) continue
    if (best === -1 || isPreferred(weights[trial]!, weights[best]!, current)) best = trial
  }
  return best
}

/** When the last trade of a stretch was over. */
function lastEnd(set: ArbitrationSet, starts: Int32Array, stretch: number): number {
  let last = Number.NEGATIVE_INFINITY
  for (let at = starts[stretch]!; at < starts[stretch + 1]!; at += 1) last = Math.max(last, set.endsSeconds[at]!)
  return last
}

function sum(values: Float64Array, from: number, to: number): number {
  let total = 0
  for (let at = from; at < to; at += 1) total += values[at]!
  return total
}
