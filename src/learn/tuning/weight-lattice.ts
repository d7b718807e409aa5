/**
 * The weights that a search looks at, as rows of a lattice in whole percents: the priority and freshness weights are fixed along a row, the
 * regime weight goes up by steps, and expected value has the rest. Pure; any thread.
 */

/** Whole percents, in the order of the components; they sum to 100. */
export type WholeWeights = readonly [number, number, number, number]

export interface LatticeRow {
  readonly priority: number
  readonly freshness: number
  /** Regime weight of the row's first point. */
  readonly regime: number
  readonly step: number
  readonly count: number
}

export interface Lattice {
  readonly rows: readonly LatticeRow[]
  /** Points of all rows. */
  readonly size: number
}

/** The specification's grid, without the combinations whose last weight would be negative: 76 of 80 (ERRATA E25). */
export const gridLattice: Lattice = latticeOf(
  [30, 35, 40, 45, 50].flatMap((priority) =>
    [20, 25, 30, 35].map((freshness) => {
      const count = [10, 15, 20, 25].filter((regime) => priority + freshness + regime <= 100).length
      return { priority, freshness, regime: 10, step: 5, count }
    }),
  ),
)

/** All weights at steps of so many percent, a divisor of 100: 176,851 points at 1. */
export function simplexLattice(step: number): Lattice {
  const rows: LatticeRow[] = []
  for (let priority = 0; priority <= 100; priority += step) {
    for (let freshness = 0; priority + freshness <= 100; freshness += step) {
      rows.push({ priority, freshness, regime: 0, step, count: (100 - priority - freshness) / step + 1 })
    }
  }
  return latticeOf(rows)
}

export function latticeOf(rows: readonly LatticeRow[]): Lattice {
  return { rows, size: rows.reduce((sum, { count }) => sum + count, 0) }
}

/** Whether it has all points of a simplex, in the order of {@link simplexLattice}. */
export function isSimplex({ rows }: Lattice): boolean {
  const step = rows[0]?.step ?? 0
  if (!Number.isInteger(step) || step < 1 || 100 % step !== 0) return false
  const expected = simplexLattice(step).rows
  return (
    rows.length === expected.length &&
    rows.every((row, index) =>
      (Object.keys(row) as (keyof LatticeRow)[]).every((key) => row[key] === expected[index]![key]),
    )
  )
}

/** The weights of each point, in the order of the rows. */
export function pointsOf({ rows }: Lattice): WholeWeights[] {
  return rows.flatMap(({ priority, freshness, regime, step, count }) =>
    Array.from({ length: count }, (_, index): WholeWeights => {
      const third = regime + index * step
      return [priority, freshness, third, 100 - priority - freshness - third]
    }),
  )
}

/**
 * The corners of a lattice's hull, and maybe others of its points: a linear function that is above another one at all of them is so
 * everywhere. None of them lies in the middle between two neighbours.
 */
export function cornersOf({ rows }: Lattice): WholeWeights[] {
  const byPlace = new Map(rows.map((row) => [placeOf(row.priority, row.freshness), row]))
  const has = (priority: number, freshness: number, regime: number): boolean => {
    const row = byPlace.get(placeOf(priority, freshness))
    if (row === undefined) return false
    const steps = (regime - row.regime) / row.step
    return Number.isInteger(steps) && steps >= 0 && steps < row.count
  }
  const ends = rows.flatMap(({ priority, freshness, regime, step, count }) =>
    [...new Set([regime, regime + (count - 1) * step])].map(
      (end): WholeWeights => [priority, freshness, end, 100 - priority - freshness - end],
    ),
  )
  const { step } = rows[0]!
  return ends.filter(
    ([priority, freshness, regime]) =>
      !neighbours.some(([p, f, r]) =>
        [step, -step].every((by) => has(priority + by * p, freshness + by * f, regime + by * r)),
      ),
  )
}

function placeOf(priority: number, freshness: number): number {
  return priority * 1_000 + freshness
}

/** In steps; half of them: the others are these with another sign. */
const neighbours = [-1, 0, 1]
  .flatMap((p) => [-1, 0, 1].flatMap((f) => [-1, 0, 1].map((r) => [p, f, r] as const)))
  .filter(([p, f, r]) => 9 * p + 3 * f + r > 0)
