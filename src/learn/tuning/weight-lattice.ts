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

/** The weights of each point, in the order of the rows. */
export function pointsOf({ rows }: Lattice): WholeWeights[] {
  return rows.flatMap(({ priority, freshness, regime, step, count }) =>
    Array.from({ length: count }, (_, index): WholeWeights => {
      const third = regime + index * step
      return [priority, freshness, third, 100 - priority - freshness - third]
    }),
  )
}
