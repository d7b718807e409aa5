/**
 * The probability of backtest overfitting by combinatorially symmetric cross-validation: over all ways to halve the parts of the sample,
 * how often the trial that is best in one half is no better than the middle in the other. Pure.
 *
 * @see Bailey, Borwein, López de Prado and Zhu, "The probability of backtest overfitting", Journal of Computational Finance 20 (2017)
 */
import type { TrialSeries } from './trial-series.ts'

/** In [0, 1]; null: fewer than two trials or than `parts` stretches. The middle of the ranks counts as no better, half. */
export function overfittingProbability({ count, differences }: TrialSeries, parts: number): number | null {
  const trials = differences.length
  if (trials < 2 || count < parts) return null
  const sums = Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * count) / parts)
    const to = Math.floor(((part + 1) * count) / parts)
    return Float64Array.from(differences, (values) => values.subarray(from, to).reduce((sum, value) => sum + value, 0))
  })
  const whole = new Float64Array(trials)
  for (const part of sums) for (let trial = 0; trial < trials; trial += 1) whole[trial] = whole[trial]! + part[trial]!
  let overfitted = 0
  let ways = 0
  const inside = new Float64Array(trials)
  for (const half of halvesOf(parts)) {
    inside.fill(0)
    for (const part of half) {
      const values = sums[part]!
      for (let trial = 0; trial < trials; trial += 1) inside[trial] = inside[trial]! + values[trial]!
    }
    overfitted += isOverfitted(inside, whole)
    ways += 1
  }
  return overfitted / ways
}

/** 1: the best inside is below the middle outside; ½: at it. */
function isOverfitted(inside: Float64Array, whole: Float64Array): number {
  let best = 0
  for (let trial = 1; trial < inside.length; trial += 1) if (inside[trial]! > inside[best]!) best = trial
  const outside = whole[best]! - inside[best]!
  let below = 0
  let above = 0
  for (let trial = 0; trial < inside.length; trial += 1) {
    const other = whole[trial]! - inside[trial]!
    if (other < outside) below += 1
    else if (other > outside) above += 1
  }
  if (below === above) return 0.5
  return below < above ? 1 : 0
}

/** All sets of half the parts. */
function* halvesOf(parts: number): Generator<readonly number[]> {
  const chosen = Array.from({ length: parts / 2 }, (_, index) => index)
  for (;;) {
    yield chosen
    let at = chosen.length - 1
    while (at >= 0 && chosen[at] === parts - chosen.length + at) at -= 1
    if (at < 0) return
    chosen[at] = chosen[at]! + 1
    for (let next = at + 1; next < chosen.length; next += 1) chosen[next] = chosen[next - 1]! + 1
  }
}
