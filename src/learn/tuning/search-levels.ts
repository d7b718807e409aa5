/** How a search that may be watched and given up is cut into levels and chunks: the same for one thread and for many. Pure. */
import type { SearchColumns } from './arbitration-set.ts'
import type { PnlPart } from './pnl-units.ts'
import { type Rescorer, rescorerOf } from './rescorer.ts'
import type { Lattice } from './weight-lattice.ts'
import { latticesOf, type SearchSpace } from './weight-search.ts'

/** A thread is not told anything more often than every so many rows, some milliseconds. */
const rowsPerChunk = 2 ** 17
const chunkMin = 16

export interface SearchLevel {
  readonly lattice: Lattice
  /** Arbitrations that are decided between two looks at what was asked for meanwhile. */
  readonly chunk: number
}

export function searchLevelsOf(space: SearchSpace): readonly SearchLevel[] {
  return latticesOf(space).map((lattice) => ({
    lattice,
    chunk: Math.max(chunkMin, Math.floor(rowsPerChunk / lattice.rows.length)),
  }))
}

/** What deciding an arbitration at a level costs, about: for shares. */
export function costOf({ lattice }: SearchLevel): number {
  return lattice.rows.length
}

/** One thread's share of a level. */
export class LevelShare {
  readonly #set: SearchColumns
  readonly #parts: readonly PnlPart[]
  readonly #chunk: number
  readonly #rescorers: readonly Rescorer[]

  constructor(set: SearchColumns, parts: readonly PnlPart[], { lattice, chunk }: SearchLevel) {
    this.#set = set
    this.#parts = parts
    this.#chunk = chunk
    this.#rescorers = parts.map(() => rescorerOf(lattice))
  }

  /** Adds a chunk. @returns How many arbitrations it had; 0: it lies behind the last. */
  add(index: number): number {
    const from = index * this.#chunk
    const to = Math.min(from + this.#chunk, this.#set.count)
    if (from >= to) return 0
    for (const [part, { units }] of this.#parts.entries()) this.#rescorers[part]!.add(this.#set, units, from, to, null)
    return to - from
  }

  /** By part, then by point. */
  sums(): readonly Float64Array[] {
    return this.#rescorers.map((rescorer) => rescorer.sums())
  }
}
