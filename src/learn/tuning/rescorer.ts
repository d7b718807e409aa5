/** Decides arbitrations anew at all points of a lattice and adds up what they would have earned. An object is one thread's. */
import type { SearchColumns } from './arbitration-set.ts'
import { LongRows } from './long-rows.ts'
import { ShortRows } from './short-rows.ts'
import { isSimplex, type Lattice } from './weight-lattice.ts'

export interface Rescorer {
  /**
   * Adds arbitrations `from … to − 1`. Sums are of whole units, hence exact, whatever was added in which order.
   *
   * @param units - By candidate: whole numbers ({@link PnlPart}).
   * @param choices - By arbitration from `from` on, then by point: takes the chosen candidates, counted from the arbitration's first. Null: not asked for.
   */
  add(set: SearchColumns, units: Float64Array, from: number, to: number, choices: Uint8Array | null): void
  /** By point: of all that was added. */
  sums(): Float64Array
  /** Begins anew. */
  clear(): void
}

export function rescorerOf(lattice: Lattice): Rescorer {
  return isSimplex(lattice) ? new LongRows(lattice) : new ShortRows(lattice)
}
