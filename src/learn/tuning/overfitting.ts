/**
 * The probability of backtest overfitting by combinatorially symmetric cross-validation: over all ways to halve the parts of the sample,
 * how often the trial that is best in one half is no better than the middle in the other. Pure.
 *
 * @see Bailey, Borwein, López de Prado and Zhu, "The probability of backtest overfitting", Journal of Computational Finance 20 (2017)
 */
import type { TrialSeries } from './trial-series.ts'
import { sameTotal } from './weight-search.ts'

/** In [0, 1]; null: fewer than two trials or than `parts` stretches. The middle of the ranks counts as no better, half. */
export function overfittingProbability({ count, differences }: TrialSeries, parts: number): number | null {
  const trials = differences.length
  if (trials < 2 || count < parts) return null
  const sums = Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * count) / parts)
    const to = Math.floor(((part + 1) * count) / parts)
    return Float64Array.from(differences, (values) => values.subarray(from, to).reduce((sum, value) => sum + value, 0))
  })
  let overfitted = 0
  let ways = 0
  const inside = new Float64Array(trials)
  const outside = new Float64Array(trials)
  for (const half of halvesOf(parts)) {
    inside.fill(0)
    outside.fill(0)
    for (const [part, values] of sums.entries()) {
      const side = half.includes(part) ? inside : outside
      for (let trial = 0; trial < trials; trial += 1) side[trial] = side[trial]! + values[trial]!
    }
    overfitted += overfittedShare(inside, outside)
    ways += 1
  }
  return overfitted / ways
}

/** Over the trials that are best inside, of which there may be several: 1 for one below the middle outside, ½ for one at it. */
function overfittedShare(inside: Float64Array, outside: Float64Array): number {
  let greatest = Number.NEGATIVE_INFINITY
  for (const total of inside) greatest = Math.max(greatest, total)
  let best = 0
  let sum = 0
  for (let trial = 0; trial < inside.length; trial += 1) {
    if (greatest - inside[trial]! > sameTotal) continue
    best += 1
    sum += overfittedOf(outside, outside[trial]!)
  }
  return sum / best
}

function overfittedOf(outside: Float64Array, own: number): number {
  let below = 0
  let above = 0
  for (const other of outside) {
    if (own - other > sameTotal) below += 1
    else if (other - own > sameTotal) above += 1
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
