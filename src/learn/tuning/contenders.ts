/**
 * The candidates of one arbitration that may win at some point of a lattice, as linear functions of the weights. One thread's.
 *
 * **Fast, and exact.** A score times 100 is base + priority × byPriority + freshness × byFreshness + regime × byRegime. In doubles it differs
 * from what the decision computes by less than 4e-12 times the greatest part, and scores whose quanta differ by one are 1e-10 apart: what
 * lies more than {@link margin} below another one loses to it, and what lies nearer is compared in the quanta of the real scores.
 */
import { quantize } from '../../decide/quantum.ts'
import type { SearchColumns } from './arbitration-set.ts'
import { cornersOf, type Lattice, type WholeWeights } from './weight-lattice.ts'

/** More than an arbitration has: their numbers are bytes. */
export const contendersMax = 256

/** In scores times 100. */
const marginLeast = 1e-9
const marginShare = 1e-11

export class Contenders {
  readonly base = new Float64Array(contendersMax)
  readonly byPriority = new Float64Array(contendersMax)
  readonly byFreshness = new Float64Array(contendersMax)
  readonly byRegime = new Float64Array(contendersMax)
  /** Counted from the arbitration's first, ascending: the order of ERRATA E10. */
  readonly number = new Int32Array(contendersMax)
  readonly #corners: Float64Array
  readonly #middle: WholeWeights
  /** Half of what each weight spans. */
  readonly #reach: WholeWeights
  readonly #margin = new Float64Array(1)
  #set: SearchColumns | null = null
  #begin = 0

  constructor(lattice: Lattice) {
    const corners = cornersOf(lattice)
    const bounds = ([0, 1, 2, 3] as const).map((component) => {
      const weights = corners.map((corner) => corner[component])
      return [Math.min(...weights), Math.max(...weights)] as const
    })
    this.#corners = Float64Array.from(corners.flatMap((corner) => corner.slice(0, 3)))
    this.#middle = bounds.map(([least, greatest]) => (least + greatest) / 2) as unknown as WholeWeights
    this.#reach = bounds.map(([least, greatest]) => (greatest - least) / 2) as unknown as WholeWeights
  }

  /** In scores times 100. */
  get margin(): number {
    return this.#margin[0]!
  }

  /** Takes those of an arbitration that are not below another one in the whole box that the lattice lies in. @returns How many, 1 at least. */
  load(set: SearchColumns, arbitration: number): number {
    const begin = set.first[arbitration]!
    this.#set = set
    this.#begin = begin
    const count = set.first[arbitration + 1]! - begin
    if (!(count > 0 && count <= contendersMax))
      throw new RangeError(`arbitration ${arbitration} has ${count} candidates`)
    return this.#withoutLow(count, this.#take(count))
  }

  /** The place of the one that the decision would have chosen, of the first `count`. Weights in whole percents. */
  winner(count: number, priority: number, freshness: number, regime: number): number {
    const { base, byPriority, byFreshness, byRegime } = this
    const { margin } = this
    let highest = Number.NEGATIVE_INFINITY
    let winner = 0
    let isNear = false
    for (let index = 0; index < count; index += 1) {
      const score =
        base[index]! + priority * byPriority[index]! + freshness * byFreshness[index]! + regime * byRegime[index]!
      const above = score - highest
      if (above < -margin) continue
      if (above > margin) {
        highest = score
        winner = index
      } else isNear = true
    }
    return isNear ? this.#decided(count, [priority, freshness, regime, 100 - priority - freshness - regime]) : winner
  }

  #decided(count: number, weights: WholeWeights): number {
    const set = this.#set!
    let chosen = 0
    let best = quantize(scoreOf(set, this.#begin + this.number[0]!, weights))
    for (let index = 1; index < count; index += 1) {
      const q = quantize(scoreOf(set, this.#begin + this.number[index]!, weights))
      if (q <= best) continue
      best = q
      chosen = index
    }
    return chosen
  }

  /** @returns The place of the greatest in the middle. */
  #take(count: number): number {
    const set = this.#set!
    const [priorities, freshnesses, regimes, expecteds] = set.raw
    const bonuses = set.ageBonus
    const { base, byPriority, byFreshness, byRegime, number } = this
    const [priority, freshness, regime] = this.#middle
    const begin = this.#begin
    let greatest = 0
    let champion = 0
    let best = Number.NEGATIVE_INFINITY
    for (let index = 0; index < count; index += 1) {
      const expected = expecteds[begin + index]!
      const bonus = bonuses[begin + index]!
      const p = priorities[begin + index]! - expected
      const f = freshnesses[begin + index]! - expected
      const r = regimes[begin + index]! - expected
      const all = 100 * (expected + bonus)
      number[index] = index
      base[index] = all
      byPriority[index] = p
      byFreshness[index] = f
      byRegime[index] = r
      const part = Math.abs(bonus) + Math.abs(expected) + Math.abs(p) + Math.abs(f) + Math.abs(r)
      if (part > greatest) greatest = part
      const score = all + priority * p + freshness * f + regime * r
      if (score > best) {
        best = score
        champion = index
      }
    }
    this.#margin[0] = marginLeast + marginShare * greatest
    return champion
  }

  #withoutLow(count: number, champion: number): number {
    const { base, byPriority, byFreshness, byRegime } = this
    const [priority, freshness, regime] = this.#middle
    const [reachPriority, reachFreshness, reachRegime] = this.#reach
    const own = base[champion]! - this.margin
    const ownPriority = byPriority[champion]!
    const ownFreshness = byFreshness[champion]!
    const ownRegime = byRegime[champion]!
    let left = 0
    for (let index = 0; index < count; index += 1) {
      const all = base[index]!
      const p = byPriority[index]!
      const f = byFreshness[index]!
      const r = byRegime[index]!
      const dp = ownPriority - p
      const df = ownFreshness - f
      const dr = ownRegime - r
      const inMiddle = own - all + priority * dp + freshness * df + regime * dr
      const reach = reachPriority * Math.abs(dp) + reachFreshness * Math.abs(df) + reachRegime * Math.abs(dr)
      if (inMiddle > reach) continue
      this.#keep(index, left)
      left += 1
    }
    return left
  }

  #keep(index: number, place: number): void {
    this.number[place] = this.number[index]!
    this.base[place] = this.base[index]!
    this.byPriority[place] = this.byPriority[index]!
    this.byFreshness[place] = this.byFreshness[index]!
    this.byRegime[place] = this.byRegime[index]!
  }

  /** Leaves out who is below the first one that is greatest in the middle at every corner of the lattice: exact for any shape, and slower. */
  withoutOverlooked(count: number): number {
    const { base, byPriority, byFreshness, byRegime } = this
    const [priority, freshness, regime] = this.#middle
    const corners = this.#corners
    const size = corners.length
    const { margin } = this
    let champion = 0
    let best = Number.NEGATIVE_INFINITY
    for (let index = 0; index < count; index += 1) {
      const score =
        base[index]! + priority * byPriority[index]! + freshness * byFreshness[index]! + regime * byRegime[index]!
      if (score <= best) continue
      best = score
      champion = index
    }
    const own = base[champion]! - margin
    const [ownPriority, ownFreshness, ownRegime] = [byPriority[champion]!, byFreshness[champion]!, byRegime[champion]!]
    let left = 0
    for (let index = 0; index < count; index += 1) {
      const by = own - base[index]!
      const [dp, df, dr] = [
        ownPriority - byPriority[index]!,
        ownFreshness - byFreshness[index]!,
        ownRegime - byRegime[index]!,
      ]
      let at = 0
      while (at < size && by + corners[at]! * dp + corners[at + 1]! * df + corners[at + 2]! * dr > 0) at += 3
      if (at >= size) continue
      this.#keep(index, left)
      left += 1
    }
    return left
  }

  /** Leaves out whose every part is no greater than that of an earlier one: rounding keeps that order, and of equal scores the earlier wins. */
  withoutBeaten(count: number): number {
    const { raw, ageBonus } = this.#set!
    const { number } = this
    let left = 1
    for (let index = 1; index < count; index += 1) {
      const own = this.#begin + number[index]!
      let isBeaten = false
      for (let each = 0; each < left && !isBeaten; each += 1) {
        const other = this.#begin + number[each]!
        isBeaten =
          raw[0][other]! >= raw[0][own]! &&
          raw[1][other]! >= raw[1][own]! &&
          raw[2][other]! >= raw[2][own]! &&
          raw[3][other]! >= raw[3][own]! &&
          ageBonus[other]! >= ageBonus[own]!
      }
      if (isBeaten) continue
      this.#keep(index, left)
      left += 1
    }
    return left
  }
}

/** The score as the decision has it, without fused multiply-add. */
export function scoreOf({ raw, ageBonus }: SearchColumns, candidate: number, weights: WholeWeights): number {
  const sum =
    weights[0] * raw[0][candidate]! +
    weights[1] * raw[1][candidate]! +
    weights[2] * raw[2][candidate]! +
    weights[3] * raw[3][candidate]!
  return sum / 100 + ageBonus[candidate]!
}
