/**
 * What each point of a lattice would have earned beside the current weights, stretch by stretch of consecutive arbitrations: what the gates
 * judge. A trial is a point; points that always choose alike are one trial. Pure; any thread.
 */
import type { ArbitrationSet } from './arbitration-set.ts'
import { choiceUnder, rescore, totalUnder } from './rescoring.ts'
import { type Lattice, pointsOf, type WholeWeights } from './weight-lattice.ts'
import { isPreferred } from './weight-search.ts'

/** More arbitrations than these are taken together: the gates' work stays bounded, and a stretch is one observation. */
const stretchesMax = 2_000
const stretchesMin = 250
/** Trials times stretches, about, where there are many trials. */
const cellsMax = 600_000

export interface TrialSeries {
  /** Stretches, in the order of time. */
  readonly count: number
  /** First arbitration of each, and where the last one ends. */
  readonly starts: Int32Array
  /** P&L of each stretch under the current weights. */
  readonly current: Float64Array
  /** By trial: P&L of each stretch less the current weights'. */
  readonly differences: readonly Float64Array[]
  /** The weights of each: of the points that choose alike, the one that the search prefers. */
  readonly weights: readonly WholeWeights[]
  /** The trial of the weights that are judged. */
  readonly judged: number
  /** They are a trial of their own: no point of the lattice chooses alike. */
  readonly isJudgedApart: boolean
}

/**
 * @param lattice - The trials. Every point is kept in memory, a double for each stretch: for small lattices.
 * @param current - In percents.
 * @param judged - The weights that a search found: a trial too, where the lattice has none that chooses alike.
 */
export function trialSeriesOf(
  set: ArbitrationSet,
  lattice: Lattice,
  current: WholeWeights,
  judged: WholeWeights,
): TrialSeries {
  const most = Math.min(stretchesMax, Math.max(stretchesMin, Math.floor(cellsMax / lattice.size)))
  const count = Math.min(set.count, most)
  const starts = Int32Array.from({ length: count + 1 }, (_, stretch) =>
    Math.floor((stretch * set.count) / Math.max(1, count)),
  )
  const currentPnl = stretchTotals(set, current, starts)
  const byPoint = Array.from({ length: lattice.size }, () => new Float64Array(count))
  for (let stretch = 0; stretch < count; stretch += 1) {
    const { totals } = rescore(set, lattice, starts[stretch]!, starts[stretch + 1]!)
    for (let point = 0; point < lattice.size; point += 1) {
      byPoint[point]![stretch] = totals[point]! - currentPnl[stretch]!
    }
  }
  const own = stretchTotals(set, judged, starts).map((pnl, stretch) => pnl - currentPnl[stretch]!)
  const trials = new Trials(current)
  for (const [point, weights] of pointsOf(lattice).entries()) trials.add(byPoint[point]!, weights)
  const ofLattice = trials.weights.length
  const judgedTrial = trials.add(own, judged)
  return {
    count,
    starts,
    current: currentPnl,
    differences: trials.differences,
    weights: trials.weights,
    judged: judgedTrial,
    isJudgedApart: judgedTrial === ofLattice,
  }
}

/** P&L of each arbitration under weights in percents. */
export function pnlUnder(set: ArbitrationSet, weights: WholeWeights): Float64Array {
  return Float64Array.from(
    { length: set.count },
    (_, arbitration) => set.pnl[set.first[arbitration]! + choiceUnder(set, arbitration, weights)]!,
  )
}

function stretchTotals(set: ArbitrationSet, weights: WholeWeights, starts: Int32Array): Float64Array {
  return Float64Array.from({ length: starts.length - 1 }, (_, stretch) =>
    totalUnder(set, weights, starts[stretch], starts[stretch + 1]),
  )
}

/** Distinct series, each with the weights that the search would take of those that make it. */
class Trials {
  readonly differences: Float64Array[] = []
  readonly weights: WholeWeights[] = []
  readonly #known = new Map<string, number>()
  readonly #current: WholeWeights

  constructor(current: WholeWeights) {
    this.#current = current
  }

  /** @returns Its trial. */
  add(differences: Float64Array, weights: WholeWeights): number {
    const bytes = Buffer.from(differences.buffer, differences.byteOffset, differences.byteLength)
    const key = bytes.toString('latin1')
    const known = this.#known.get(key)
    if (known !== undefined) {
      if (isPreferred(weights, this.weights[known]!, this.#current)) this.weights[known] = weights
      return known
    }
    this.#known.set(key, this.weights.length)
    this.differences.push(differences)
    return this.weights.push(weights) - 1
  }
}
