/**
 * Decides arbitrations anew under other weights. The choice is the candidate with the greatest (Σ w × raw) ÷ 100 + age bonus in the
 * order of the components, compared by its quantum, then ERRATA E10. Pure; any thread.
 */
import { quantize } from '../../decide/quantum.ts'
import { type ArbitrationSet, partOf, type SearchColumns } from './arbitration-set.ts'
import { scoreOf } from './contenders.ts'
import { type PnlPart, pnlPartsOf, totalOf } from './pnl-units.ts'
import { type Rescorer, rescorerOf } from './rescorer.ts'
import type { Lattice, WholeWeights } from './weight-lattice.ts'

/** Of lattices that are there: many ask for a few arbitrations at a time. */
const knownRescorers = new WeakMap<Lattice, Rescorer>()

/** The sums of the points' choices, and which they were. */
export interface Rescored {
  /** By point. */
  readonly totals: Float64Array
  /** By arbitration, then by point: the chosen candidate, counted from the arbitration's first. Null: not asked for. */
  readonly choices: Uint8Array | null
}

/**
 * Rescores arbitrations `from … to − 1` at every point of a lattice.
 * @param choices - Takes the choices, where somebody wants them.
 */
export function rescore(
  set: ArbitrationSet,
  lattice: Lattice,
  from = 0,
  to = set.count,
  choices: Uint8Array | null = null,
): Rescored {
  const own = partOf(set, from, to)
  return rescoreAll(own, pnlPartsOf(own), lattice, choices)
}

/** Rescores all arbitrations; their pnl are in whole units. */
export function rescoreAll(
  set: SearchColumns,
  parts: readonly PnlPart[],
  lattice: Lattice,
  choices: Uint8Array | null = null,
): Rescored {
  const rescorer = knownRescorer(lattice)
  const sums = parts.map(({ units }, part) => {
    rescorer.clear()
    rescorer.add(set, units, 0, set.count, part === 0 ? choices : null)
    return rescorer.sums()
  })
  const totals = Float64Array.from({ length: lattice.size }, (_, point) =>
    totalOf(
      parts,
      sums.map((each) => each[point]!),
    ),
  )
  return { totals, choices }
}

/** The candidate that an arbitration would have chosen, counted from its first. */
export function choiceUnder(set: SearchColumns, arbitration: number, weights: WholeWeights): number {
  const begin = set.first[arbitration]!
  let chosen = begin
  let best = scoreOf(set, begin, weights)
  const end = set.first[arbitration + 1]!
  for (let candidate = begin + 1; candidate < end; candidate += 1) {
    const score = scoreOf(set, candidate, weights)
    // A quantum is never less for a greater score, and a thousand quanta are never the same one.
    if (!(score > best)) continue
    if (score - best < 1e-9 * (1 + Math.abs(score)) && quantize(score) <= quantize(best)) continue
    best = score
    chosen = candidate
  }
  return chosen - begin
}

/** What arbitrations `from … to − 1` would have earned under weights that need not be whole percents: to the last bit what {@link rescore} finds for them. */
export function totalUnder(set: ArbitrationSet, weights: WholeWeights, from = 0, to = set.count): number {
  const own = partOf(set, from, to)
  return totalOfAll(own, pnlPartsOf(own), weights)
}

/** What all arbitrations would have earned; their pnl are in whole units. */
export function totalOfAll(set: SearchColumns, parts: readonly PnlPart[], weights: WholeWeights): number {
  const rows = new Int32Array(set.count)
  for (let arbitration = 0; arbitration < set.count; arbitration += 1) {
    rows[arbitration] = set.first[arbitration]! + choiceUnder(set, arbitration, weights)
  }
  const sums = parts.map(({ units }) => {
    let sum = 0
    for (let arbitration = 0; arbitration < rows.length; arbitration += 1) sum += units[rows[arbitration]!]!
    return sum
  })
  return totalOf(parts, sums)
}

function knownRescorer(lattice: Lattice): Rescorer {
  const rescorer = knownRescorers.get(lattice) ?? rescorerOf(lattice)
  knownRescorers.set(lattice, rescorer)
  return rescorer
}
