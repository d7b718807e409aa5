/**
 * Decides arbitrations at all points of a lattice of some dozens, each by itself. One thread's.
 *
 * **Fast.** Most candidates are below another one in the whole lattice and are never looked at (`contenders.ts`). Of the others, scores relative to the first
 * one's are integers of 28 bits with the candidate's place in the lowest, so that the greatest is found without a branch, which nobody could
 * foretell. **Exact.** Rounding moves such a score by less than a unit for the base and for each percent of a weight, 101 in all; where two are within
 * {@link nearUnits} of each other somewhere in a row, the row's points are decided in doubles, and what is near there by the decision's quanta.
 */
import type { SearchColumns } from './arbitration-set.ts'
import { Contenders, contendersMax } from './contenders.ts'
import type { Lattice } from './weight-lattice.ts'

/** Of all scores relative to the first; differences of two have room in 32 bits, and so have those to {@link nobody}. */
const unitsMax = 2 ** 28
/** More than two scores' rounding and their places. */
const nearUnits = 256
/** With room for its places: far less than unitsMax. */
const nearUnitsMax = 2 ** 16
/** Below everybody, and near nobody. */
const nobody = -2 * unitsMax
/** Candidates that one pass compares, beside the first. */
const lanes = 4

export class ShortRows {
  readonly #contenders: Contenders
  readonly #sums: Float64Array
  readonly #priority: Int32Array
  readonly #freshness: Int32Array
  readonly #regime: Int32Array
  readonly #step: Int32Array
  readonly #firstPoint: Int32Array
  /** By point: the greatest score so far, then its place. */
  readonly #best: Int32Array
  /** By row: negative where two are near each other. */
  readonly #near: Int32Array
  /** By candidate, four numbers: the score in integers, as a linear function of the weights. */
  readonly #lanes = new Int32Array(4 * (contendersMax + lanes))
  /** By place: what it earned more than the first. */
  readonly #more = new Float64Array(contendersMax)

  constructor(lattice: Lattice) {
    const { rows, size } = lattice
    this.#contenders = new Contenders(lattice)
    this.#sums = new Float64Array(size)
    this.#best = new Int32Array(size)
    this.#near = new Int32Array(rows.length)
    this.#priority = Int32Array.from(rows, ({ priority }) => priority)
    this.#freshness = Int32Array.from(rows, ({ freshness }) => freshness)
    this.#regime = Int32Array.from(rows, ({ regime }) => regime)
    this.#step = Int32Array.from(rows, ({ step }) => step)
    this.#firstPoint = new Int32Array(rows.length + 1)
    for (const [row, { count }] of rows.entries()) this.#firstPoint[row + 1] = this.#firstPoint[row]! + count
  }

  /** Adds arbitrations `from … to − 1` to the sums. @see Rescorer.add */
  add(set: SearchColumns, units: Float64Array, from: number, to: number, choices: Uint8Array | null): void {
    const contenders = this.#contenders
    const { number } = contenders
    const sums = this.#sums
    const size = sums.length
    const best = this.#best
    const more = this.#more
    let everywhere = 0
    for (let arbitration = from; arbitration < to; arbitration += 1) {
      const begin = set.first[arbitration]!
      let count = contenders.load(set, arbitration)
      if (count > 1) count = contenders.withoutBeaten(count)
      const first = units[begin + number[0]!]!
      everywhere += first
      if (count > 1) {
        for (let index = 1; index < count; index += 1) more[index] = units[begin + number[index]!]! - first
        this.#decide(count)
      }
      if (choices === null) continue
      const at = (arbitration - from) * size
      if (count === 1) choices.fill(number[0]!, at, at + size)
      else for (let point = 0; point < size; point += 1) choices[at + point] = number[best[point]!]!
    }
    for (let point = 0; point < size; point += 1) sums[point] = sums[point]! + everywhere
  }

  /** By point. */
  sums(): Float64Array {
    return this.#sums.slice()
  }

  clear(): void {
    this.#sums.fill(0)
  }

  #decide(count: number): void {
    const bits = 32 - Math.clz32(count - 1)
    const nearness = this.#scale(count, bits)
    let isNear = true
    if (nearness === 0) {
      this.#begin(-1)
    } else if (count === 2) {
      isNear = this.#passOne(nearness)
    } else if (count === 3) {
      isNear = this.#passTwo(nearness)
    } else if (count <= lanes + 1) {
      isNear = this.#passFour(nearness, (1 << bits) - 1, 0)
    } else {
      this.#begin(0)
      for (let index = lanes + 1; index < count; index += 1) this.#passMore(4 * index, nearness)
      isNear = this.#passFour(nearness, (1 << bits) - 1, -1)
    }
    if (isNear) this.#decideNear(count)
  }

  /** The first is the best so far, everywhere. */
  #begin(near: number): void {
    this.#best.fill(0)
    this.#near.fill(near)
  }

  /** @returns How near is near; 0: everywhere. */
  #scale(count: number, bits: number): number {
    const { base, byPriority, byFreshness, byRegime, margin } = this.#contenders
    let widest = 0
    for (let index = 1; index < count; index += 1) {
      const wide =
        Math.abs(base[index]! - base[0]!) +
        100 * Math.abs(byPriority[index]! - byPriority[0]!) +
        100 * Math.abs(byFreshness[index]! - byFreshness[0]!) +
        100 * Math.abs(byRegime[index]! - byRegime[0]!)
      if (wide > widest) widest = wide
    }
    const scale = (unitsMax >> bits) / widest
    const units = nearUnits + margin * scale
    if (!(units < nearUnitsMax)) return 0
    const all = this.#lanes
    for (let index = 1; index < count; index += 1) {
      const at = 4 * index
      all[at] = (((scale * (base[index]! - base[0]!)) | 0) << bits) | index
      all[at + 1] = ((scale * (byPriority[index]! - byPriority[0]!)) | 0) << bits
      all[at + 2] = ((scale * (byFreshness[index]! - byFreshness[0]!)) | 0) << bits
      all[at + 3] = ((scale * (byRegime[index]! - byRegime[0]!)) | 0) << bits
    }
    for (let at = 4 * count; at < 4 * (lanes + 1); at += 4) {
      all[at] = nobody
      all[at + 1] = 0
      all[at + 2] = 0
      all[at + 3] = 0
    }
    return (units << bits) | 0
  }

  /** Of two: the second one's score is positive where it wins. @returns Whether they are near each other somewhere. */
  #passOne(nearness: number): boolean {
    const all = this.#lanes
    const [base, byPriority, byFreshness, byRegime] = [all[4]!, all[5]!, all[6]!, all[7]!]
    const [priority, freshness, regime, step] = [this.#priority, this.#freshness, this.#regime, this.#step]
    const firstPoint = this.#firstPoint
    const best = this.#best
    const near = this.#near
    const sums = this.#sums
    const more = this.#more
    const rowCount = near.length
    let point = 0
    let any = 0
    for (let row = 0; row < rowCount; row += 1) {
      const ofPlane = base + Math.imul(priority[row]!, byPriority) + Math.imul(freshness[row]!, byFreshness)
      let score = (ofPlane + Math.imul(regime[row]!, byRegime)) | 0
      const stride = Math.imul(step[row]!, byRegime)
      const end = firstPoint[row + 1]!
      let isNear = 0
      for (; point < end; point += 1) {
        const sign = score >> 31
        const index = ~sign & 1
        best[point] = index
        sums[point] = sums[point]! + more[index]!
        isNear |= ((score ^ sign) - nearness) | 0
        score = (score + stride) | 0
      }
      near[row] = isNear
      any |= isNear
    }
    return any < 0
  }

  /** Of three: compares two with each other, then the greater one with the first. */
  #passTwo(nearness: number): boolean {
    const all = this.#lanes
    const b1 = all[4]!
    const p1 = all[5]!
    const f1 = all[6]!
    const r1 = all[7]!
    const b2 = all[8]!
    const p2 = all[9]!
    const f2 = all[10]!
    const r2 = all[11]!
    const [priority, freshness, regime, step] = [this.#priority, this.#freshness, this.#regime, this.#step]
    const firstPoint = this.#firstPoint
    const best = this.#best
    const near = this.#near
    const sums = this.#sums
    const more = this.#more
    const rowCount = near.length
    let point = 0
    let any = 0
    for (let row = 0; row < rowCount; row += 1) {
      const p = priority[row]!
      const f = freshness[row]!
      const r = regime[row]!
      let s1 = (b1 + Math.imul(p, p1) + Math.imul(f, f1) + Math.imul(r, r1)) | 0
      let s2 = (b2 + Math.imul(p, p2) + Math.imul(f, f2) + Math.imul(r, r2)) | 0
      const d1 = Math.imul(step[row]!, r1)
      const d2 = Math.imul(step[row]!, r2)
      const end = firstPoint[row + 1]!
      let isNear = 0
      for (; point < end; point += 1) {
        const above = (s1 - s2) | 0
        const sign = above >> 31
        const top = (s2 + (above & ~sign)) | 0
        const topSign = top >> 31
        const index = top & ~topSign & 3
        isNear |= ((above ^ sign) - nearness) | ((top ^ topSign) - nearness)
        best[point] = index
        sums[point] = sums[point]! + more[index]!
        s1 = (s1 + d1) | 0
        s2 = (s2 + d2) | 0
      }
      near[row] = isNear
      any |= isNear
    }
    return any < 0
  }

  /**
   * Compares four with each other, then with the best so far; the last pass.
   * @param before - −1: there were passes before it; 0: the best so far is the first, and scores are relative to its.
   */
  #passFour(nearness: number, places: number, before: number): boolean {
    const all = this.#lanes
    const b1 = all[4]!
    const p1 = all[5]!
    const f1 = all[6]!
    const r1 = all[7]!
    const b2 = all[8]!
    const p2 = all[9]!
    const f2 = all[10]!
    const r2 = all[11]!
    const b3 = all[12]!
    const p3 = all[13]!
    const f3 = all[14]!
    const r3 = all[15]!
    const b4 = all[16]!
    const p4 = all[17]!
    const f4 = all[18]!
    const r4 = all[19]!
    const [priority, freshness, regime, step] = [this.#priority, this.#freshness, this.#regime, this.#step]
    const firstPoint = this.#firstPoint
    const best = this.#best
    const near = this.#near
    const sums = this.#sums
    const more = this.#more
    const rowCount = near.length
    let point = 0
    let any = 0
    for (let row = 0; row < rowCount; row += 1) {
      const p = priority[row]!
      const f = freshness[row]!
      const r = regime[row]!
      const by = step[row]!
      let s1 = (b1 + Math.imul(p, p1) + Math.imul(f, f1) + Math.imul(r, r1)) | 0
      let s2 = (b2 + Math.imul(p, p2) + Math.imul(f, f2) + Math.imul(r, r2)) | 0
      let s3 = (b3 + Math.imul(p, p3) + Math.imul(f, f3) + Math.imul(r, r3)) | 0
      let s4 = (b4 + Math.imul(p, p4) + Math.imul(f, f4) + Math.imul(r, r4)) | 0
      const d1 = Math.imul(by, r1)
      const d2 = Math.imul(by, r2)
      const d3 = Math.imul(by, r3)
      const d4 = Math.imul(by, r4)
      const end = firstPoint[row + 1]!
      let isNear = near[row]! & before
      for (; point < end; point += 1) {
        // A difference without its negative part is what the greater one has more. Who is near the greatest of all was near who beat it.
        let above = (s1 - s2) | 0
        let sign = above >> 31
        const upper = (s2 + (above & ~sign)) | 0
        isNear |= ((above ^ sign) - nearness) | 0
        above = (s3 - s4) | 0
        sign = above >> 31
        const lower = (s4 + (above & ~sign)) | 0
        isNear |= ((above ^ sign) - nearness) | 0
        above = (upper - lower) | 0
        sign = above >> 31
        const top = (lower + (above & ~sign)) | 0
        isNear |= ((above ^ sign) - nearness) | 0
        const held = best[point]! & before
        above = (top - held) | 0
        sign = above >> 31
        const index = (held + (above & ~sign)) & places
        isNear |= ((above ^ sign) - nearness) | 0
        best[point] = index
        sums[point] = sums[point]! + more[index]!
        s1 = (s1 + d1) | 0
        s2 = (s2 + d2) | 0
        s3 = (s3 + d3) | 0
        s4 = (s4 + d4) | 0
      }
      near[row] = isNear
      any |= isNear
    }
    return any < 0
  }

  /** Compares one with the best so far. */
  #passMore(lane: number, nearness: number): void {
    const all = this.#lanes
    const best = this.#best
    const near = this.#near
    const rowCount = near.length
    let point = 0
    for (let row = 0; row < rowCount; row += 1) {
      let score =
        (all[lane]! +
          Math.imul(this.#priority[row]!, all[lane + 1]!) +
          Math.imul(this.#freshness[row]!, all[lane + 2]!) +
          Math.imul(this.#regime[row]!, all[lane + 3]!)) |
        0
      const stride = Math.imul(this.#step[row]!, all[lane + 3]!)
      const end = this.#firstPoint[row + 1]!
      let isNear = near[row]!
      for (; point < end; point += 1) {
        const above = (score - best[point]!) | 0
        const sign = above >> 31
        best[point] = best[point]! + (above & ~sign)
        isNear |= ((above ^ sign) - nearness) | 0
        score = (score + stride) | 0
      }
      near[row] = isNear
    }
  }

  /** Takes back what the passes decided in the rows where two are near each other, and decides it in doubles. */
  #decideNear(count: number): void {
    const sums = this.#sums
    const best = this.#best
    const more = this.#more
    for (let row = 0; row < this.#near.length; row += 1) {
      if (this.#near[row]! >= 0) continue
      const first = this.#firstPoint[row]!
      const end = this.#firstPoint[row + 1]!
      for (let point = first; point < end; point += 1) {
        const regime = this.#regime[row]! + (point - first) * this.#step[row]!
        const index = this.#contenders.winner(count, this.#priority[row]!, this.#freshness[row]!, regime)
        sums[point] = sums[point]! - more[best[point]!]! + more[index]!
        best[point] = index
      }
    }
  }
}
