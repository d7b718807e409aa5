/**
 * Decides arbitrations anew under many weights: what the search does for each point of a lattice. The choice is the candidate with the
 * greatest (Σ w × raw) ÷ 100 + age bonus in the order of the components, compared by its quantum, then ERRATA E10. Pure; any thread.
 *
 * **Fast, and exact.** Along a row of the lattice the score of a candidate changes by a constant, so it is one addition a point. Such a
 * sum differs from the score by less than {@link near}; where two candidates lie that near to each other they are compared by the
 * quanta of their real scores, and nowhere else does the difference matter.
 */
import { quantize } from '../../decide/quantum.ts'
import type { ArbitrationSet } from './arbitration-set.ts'
import type { Lattice, WholeWeights } from './weight-lattice.ts'

/** In scores times 100. Quanta differ by 1e-12, and the sums' errors are below 1e-11 for age bonuses below {@link bonusMax}. */
const near = 1e-9
const bonusMax = 1_000

/** The sums of the points' choices, and which they were. */
export interface Rescored {
  /** By point. */
  readonly totals: Float64Array
  /** By arbitration, then by point: the chosen candidate, counted from the arbitration's first. Null: not asked for. */
  readonly choices: Uint8Array | null
}

/**
 * Rescores arbitrations `from … to − 1`.
 * @param choices - Takes the choices, where somebody wants them.
 */
export function rescore(
  set: ArbitrationSet,
  lattice: Lattice,
  from = 0,
  to = set.count,
  choices: Uint8Array | null = null,
): Rescored {
  const { rows, size } = lattice
  const totals = new Float64Array(size)
  const best = new Float64Array(size)
  const chosen = new Uint8Array(size)
  const { first, pnl } = set
  const [priorities, freshnesses, regimes, expecteds] = set.raw
  const rowCount = rows.length
  const [heads, steps, counts] = columnsOf(lattice)
  for (let arbitration = from; arbitration < to; arbitration += 1) {
    const begin = first[arbitration]!
    const end = first[arbitration + 1]!
    chosen.fill(0)
    for (let candidate = begin; candidate < end; candidate += 1) {
      const expected = expecteds[candidate]!
      const bonus = set.ageBonus[candidate]!
      const base = 100 * (expected + bonus)
      const byPriority = priorities[candidate]! - expected
      const byFreshness = freshnesses[candidate]! - expected
      const byRegime = regimes[candidate]! - expected
      const isFirst = candidate === begin
      const margin = bonus < bonusMax ? near : Number.POSITIVE_INFINITY
      let point = 0
      for (let row = 0; row < rowCount; row += 1) {
        const head = row * 3
        let score = base + heads[head]! * byPriority + heads[head + 1]! * byFreshness + heads[head + 2]! * byRegime
        const stride = steps[row]! * byRegime
        const last = point + counts[row]!
        if (isFirst) {
          for (; point < last; point += 1) {
            best[point] = score
            score += stride
          }
          continue
        }
        for (; point < last; point += 1) {
          const above = score - best[point]!
          if (above > -margin && (above > margin || isBetter(set, lattice, point, begin + chosen[point]!, candidate))) {
            best[point] = score
            chosen[point] = candidate - begin
          }
          score += stride
        }
      }
    }
    for (let point = 0; point < size; point += 1) totals[point] = totals[point]! + pnl[begin + chosen[point]!]!
    choices?.set(chosen, (arbitration - from) * size)
  }
  return { totals, choices }
}

/** The score as the decision has it, without fused multiply-add. */
export function scoreOf({ raw, ageBonus }: ArbitrationSet, candidate: number, weights: WholeWeights): number {
  const sum =
    weights[0] * raw[0][candidate]! +
    weights[1] * raw[1][candidate]! +
    weights[2] * raw[2][candidate]! +
    weights[3] * raw[3][candidate]!
  return sum / 100 + ageBonus[candidate]!
}

/** The candidate that an arbitration would have chosen, counted from its first. */
export function choiceUnder(set: ArbitrationSet, arbitration: number, weights: WholeWeights): number {
  const begin = set.first[arbitration]!
  let chosen = begin
  let best = quantize(scoreOf(set, begin, weights))
  for (let candidate = begin + 1; candidate < set.first[arbitration + 1]!; candidate += 1) {
    const q = quantize(scoreOf(set, candidate, weights))
    if (q <= best) continue
    best = q
    chosen = candidate
  }
  return chosen - begin
}

/** What the arbitrations would have earned under weights that need not be whole percents. */
export function totalUnder(set: ArbitrationSet, weights: WholeWeights): number {
  let total = 0
  for (let arbitration = 0; arbitration < set.count; arbitration += 1) {
    total += set.pnl[set.first[arbitration]! + choiceUnder(set, arbitration, weights)]!
  }
  return total
}

/** Of two that are near each other: a later one wins with a greater quantum only. */
function isBetter(set: ArbitrationSet, lattice: Lattice, point: number, holder: number, candidate: number): boolean {
  const weights = weightsAt(lattice, point)
  return quantize(scoreOf(set, candidate, weights)) > quantize(scoreOf(set, holder, weights))
}

function weightsAt({ rows }: Lattice, point: number): WholeWeights {
  let left = point
  for (const { priority, freshness, regime, step, count } of rows) {
    if (left < count) {
      const third = regime + left * step
      return [priority, freshness, third, 100 - priority - freshness - third]
    }
    left -= count
  }
  throw new RangeError(`a lattice has no point ${point}`)
}

function columnsOf({ rows }: Lattice): [heads: Float64Array, steps: Float64Array, counts: Int32Array] {
  return [
    Float64Array.from(rows.flatMap(({ priority, freshness, regime }) => [priority, freshness, regime])),
    Float64Array.from(rows, ({ step }) => step),
    Int32Array.from(rows, ({ count }) => count),
  ]
}
