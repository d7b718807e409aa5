/**
 * The weights that would have earned most over arbitrations that are past: in-sample, hence no recommendation by itself (CONTRACTS
 * "tune --json", `in_sample`). Pure; any thread.
 */
import type { ComponentName } from '../report-figures.ts'
import type { ArbitrationSet } from './arbitration-set.ts'
import { pnlPartsOf } from './pnl-units.ts'
import { rescoreAll, totalOfAll } from './rescoring.ts'
import { gridLattice, type Lattice, pointsOf, simplexLattice, type WholeWeights } from './weight-lattice.ts'

export interface WeightSearch {
  /** Whole percents. */
  readonly weights: WholeWeights
  readonly totalPnl: number
  readonly currentTotalPnl: number
  readonly combinations: number
}

/** `grid`: the specification's; `simplex`: all weights in whole percents. */
export type SearchSpace = 'grid' | 'simplex'

/** The lattices that a search goes through, from coarse to fine; the last one has all points of those before it. */
export function latticesOf(space: SearchSpace): readonly Lattice[] {
  return space === 'grid' ? [gridLattice] : [10, 5, 1].map(simplexLattice)
}

/** Totals that differ by less are equal. */
export const sameTotal = 1e-9

/**
 * The point with the greatest total; of equal ones that nearest to the current weights (Σ |difference|), then the one with the smaller
 * priority, freshness and regime weight, in this order.
 *
 * @param current - In [0, 1], as they are: not rounded to whole percents.
 */
export function searchWeights(
  set: ArbitrationSet,
  lattice: Lattice,
  current: Readonly<Record<ComponentName, number>>,
): WeightSearch {
  return searchFrom(set, lattice, percentsOf(current))
}

/** The same from weights in percents. */
export function searchFrom(set: ArbitrationSet, lattice: Lattice, current: WholeWeights): WeightSearch {
  const parts = pnlPartsOf(set)
  const { totals } = rescoreAll(set, parts, lattice)
  return { ...bestOf(lattice, totals, current), currentTotalPnl: totalOfAll(set, parts, current) }
}

/** In percents, not rounded, in the order of the components. */
export function percentsOf(weights: Readonly<Record<ComponentName, number>>): WholeWeights {
  const { priority_score, freshness, regime_alignment, expected_value } = weights
  return [100 * priority_score, 100 * freshness, 100 * regime_alignment, 100 * expected_value]
}

/** The best of a lattice, given the total of each point. */
export function bestOf(
  lattice: Lattice,
  totals: Float64Array,
  current: WholeWeights,
): Omit<WeightSearch, 'currentTotalPnl'> {
  const points = pointsOf(lattice)
  let greatest = Number.NEGATIVE_INFINITY
  for (const total of totals) greatest = Math.max(greatest, total)
  let best = -1
  for (const [point, weights] of points.entries()) {
    if (greatest - totals[point]! > sameTotal) continue
    if (best === -1 || isPreferred(weights, points[best]!, current)) best = point
  }
  return { weights: points[best]!, totalPnl: totals[best]!, combinations: lattice.size }
}

/** Of two points with one total: whether the first is nearer to the current weights, or of smaller weights in the order of the components. */
export function isPreferred(one: WholeWeights, other: WholeWeights, current: WholeWeights): boolean {
  const nearer = distance(one, current) - distance(other, current)
  // Of whole percents, or of what the current ones are: a part of a percent that only rounding made does not decide.
  if (Math.abs(nearer) > sameTotal) return nearer < 0
  for (let component = 0; component < 3; component += 1) {
    if (one[component] !== other[component]) return one[component]! < other[component]!
  }
  return false
}

function distance(one: WholeWeights, other: WholeWeights): number {
  return one.reduce((sum, weight, component) => sum + Math.abs(weight - other[component]!), 0)
}
