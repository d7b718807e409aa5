/**
 * Decides arbitrations at all points of a simplex. One thread's.
 *
 * **Fast.** Along a row each score is linear, so the winners are the pieces of an upper envelope, and where two of them meet is linear in the row's two
 * weights. So is by how much each other candidate lies below the envelope where pieces meet and where the row begins and ends. If the same
 * pieces win, all by more than the margin, in the rows at a cell's corners (`row-cells.ts`), they do in all of its rows, which then cost one
 * crossing each; else the cell is cut. **Exact.** A point that is near a crossing is decided by itself (`Contenders.winner`), and
 * a row where three lie near each other, or two at its ends, point by point.
 */
import type { SearchColumns } from './arbitration-set.ts'
import { Contenders, contendersMax } from './contenders.ts'
import { type RowCells, rowCellsOf } from './row-cells.ts'
import type { Lattice } from './weight-lattice.ts'

/** Pieces of a row, a byte each: rows with more are decided point by point. */
const piecesMax = 4
/** Of two that meet, in margins a percent: then they are near each other at one point at most. */
const steepnessMin = 1_000

export class LongRows {
  readonly #contenders: Contenders
  readonly #cells: RowCells
  readonly #step: number
  readonly #steps: number
  readonly #size: number
  readonly #firstPoint: Int32Array
  /** By point: what the sum changes by from the point before it in its row. */
  readonly #changes: Float64Array
  readonly #everywhere = new Float64Array(1)
  /** By place. */
  readonly #pnl = new Float64Array(contendersMax)
  /** By place: the score at a row's beginning. */
  readonly #start = new Float64Array(contendersMax)
  /** By row: who wins along it, where its stamp names the arbitration. @see #piecesOf */
  readonly #pieces: Int32Array
  readonly #stamps: Float64Array
  #count = 0
  #choices: Uint8Array | null = null
  /** Of the arbitration, in the choices. */
  #choicesFrom = 0

  constructor(lattice: Lattice) {
    this.#contenders = new Contenders(lattice)
    const { rows, size } = lattice
    this.#step = rows[0]!.step
    this.#steps = 100 / this.#step
    this.#size = size
    this.#cells = rowCellsOf(this.#steps)
    this.#firstPoint = new Int32Array(rows.length + 1)
    for (const [row, { count }] of rows.entries()) this.#firstPoint[row + 1] = this.#firstPoint[row]! + count
    this.#changes = new Float64Array(size)
    this.#pieces = new Int32Array(rows.length)
    this.#stamps = new Float64Array(rows.length).fill(-1)
  }

  /** Adds arbitrations `from … to − 1` to the sums. @see Rescorer.add */
  add(set: SearchColumns, units: Float64Array, from: number, to: number, choices: Uint8Array | null): void {
    const contenders = this.#contenders
    const { number } = contenders
    this.#choices = choices
    for (let arbitration = from; arbitration < to; arbitration += 1) {
      const begin = set.first[arbitration]!
      let count = contenders.load(set, arbitration)
      if (count > 1) count = contenders.withoutOverlooked(count)
      if (count > 1) count = contenders.withoutBeaten(count)
      this.#count = count
      this.#choicesFrom = (arbitration - from) * this.#size
      if (count === 1) {
        this.#everywhere[0] = this.#everywhere[0]! + units[begin + number[0]!]!
        choices?.fill(number[0]!, this.#choicesFrom, this.#choicesFrom + this.#size)
        continue
      }
      for (let index = 0; index < count; index += 1) this.#pnl[index] = units[begin + number[index]!]!
      this.#decide(arbitration)
    }
    this.#stamps.fill(-1)
  }

  /** By point. */
  sums(): Float64Array {
    const sums = new Float64Array(this.#size)
    const rowCount = this.#firstPoint.length - 1
    for (let row = 0; row < rowCount; row += 1) {
      let sum = this.#everywhere[0]!
      for (let point = this.#firstPoint[row]!; point < this.#firstPoint[row + 1]!; point += 1) {
        sum += this.#changes[point]!
        sums[point] = sum
      }
    }
    return sums
  }

  clear(): void {
    this.#changes.fill(0)
    this.#everywhere[0] = 0
  }

  #decide(arbitration: number): void {
    const { cellCount, behind, bounds, firstCorner, corners, firstRow } = this.#cells
    const pieces = this.#pieces
    const stamps = this.#stamps
    let cell = 0
    while (cell < cellCount) {
      const at = 4 * cell
      const p0 = bounds[at]!
      const end = firstCorner[cell + 1]!
      let corner = firstCorner[cell]!
      const first = corners[corner]!
      if (stamps[first] !== arbitration) {
        stamps[first] = arbitration
        pieces[first] = this.#piecesOf(p0, bounds[at + 2]!)
      }
      const own = pieces[first]!
      const isRow = behind[cell] === cell + 1
      if (own !== 0 && !isRow) {
        for (corner += 1; corner < end; corner += 1) {
          const row = corners[corner]!
          if (stamps[row] !== arbitration) {
            stamps[row] = arbitration
            let p = p0
            while (firstRow[p + 1]! <= row) p += 1
            pieces[row] = this.#piecesOf(p, row - firstRow[p]!)
          }
          if (pieces[row] !== own) break
        }
      } else if (isRow) corner = end
      if (corner < end) {
        cell += 1
        continue
      }
      if (own === 0) this.#decideEach(first, p0, bounds[at + 2]!, 0, -1)
      else this.#fill(own, p0, bounds[at + 1]!, bounds[at + 2]!, bounds[at + 3]!)
      cell = behind[cell]!
    }
  }

  /** Who wins along a row, by the places plus one, the first in the lowest byte; 0: that has to be looked at point by point. */
  #piecesOf(p: number, f: number): number {
    const { base, byPriority, byFreshness, byRegime, margin } = this.#contenders
    const step = this.#step
    const start = this.#start
    const count = this.#count
    const priority = p * step
    const freshness = f * step
    const last = 100 - priority - freshness
    let best = Number.NEGATIVE_INFINITY
    let second = Number.NEGATIVE_INFINITY
    let holder = 0
    for (let index = 0; index < count; index += 1) {
      const score = base[index]! + priority * byPriority[index]! + freshness * byFreshness[index]!
      start[index] = score
      if (score > best) {
        second = best
        best = score
        holder = index
      } else if (score > second) second = score
    }
    if (!(best - second > margin)) return 0
    let pieces = holder + 1
    for (let shift = 8; ; shift += 8) {
      const from = start[holder]!
      const slope = byRegime[holder]!
      const top = from + last * slope
      let next = -1
      let crossing = Number.POSITIVE_INFINITY
      let threats = 0
      for (let index = 0; index < count; index += 1) {
        if (index === holder) continue
        const above = start[index]! + last * byRegime[index]! - top
        if (above < -margin) continue
        const steeper = byRegime[index]! - slope
        if (!(above > margin && steeper > steepnessMin * margin)) return 0
        threats += 1
        const at = (from - start[index]!) / steeper
        if (at < crossing) {
          crossing = at
          next = index
        }
      }
      if (threats === 0) return pieces
      if (shift === 8 * piecesMax) return 0
      if (threats > 1) {
        for (let index = 0; index < count; index += 1) {
          if (index === next || index === holder) continue
          const steeper = byRegime[index]! - slope
          if (start[index]! + last * byRegime[index]! < top - margin) continue
          if (!(from - start[index]! - crossing * steeper > margin)) return 0
        }
      }
      pieces |= (next + 1) << shift
      holder = next
    }
  }

  /** Adds the pieces of all rows of a cell. */
  #fill(pieces: number, p0: number, p1: number, f0: number, f1: number): void {
    const firstRow = this.#cells.firstRow
    const firstPoint = this.#firstPoint
    const changes = this.#changes
    const pnl = this.#pnl
    const { base, byPriority, byFreshness, byRegime, margin } = this.#contenders
    const steps = this.#steps
    const step = this.#step
    const first = (pieces & 255) - 1
    const own = pnl[first]!
    const choices = this.#choices
    for (let p = p0; p <= p1; p += 1) {
      const rowOfPlane = firstRow[p]!
      const fEnd = f1 < steps - p ? f1 : steps - p
      for (let f = f0; f <= fEnd; f += 1) {
        const point = firstPoint[rowOfPlane + f]!
        changes[point] = changes[point]! + own
        if (choices !== null) this.#choose(first, point, firstPoint[rowOfPlane + f + 1]!)
      }
    }
    let left = pieces >>> 8
    if (left === 0) return
    if (left > 255) {
      for (let p = p0; p <= p1; p += 1) {
        const fEnd = f1 < steps - p ? f1 : steps - p
        for (let f = f0; f <= fEnd; f += 1) this.#fillRow(pieces, p, f)
      }
      return
    }
    left -= 1
    const slope = (byRegime[left]! - byRegime[first]!) * step
    const change = pnl[left]! - own
    const all = (base[first]! - base[left]!) / slope
    const byP = ((byPriority[first]! - byPriority[left]!) * step) / slope
    const byF = ((byFreshness[first]! - byFreshness[left]!) * step) / slope
    const tolerance = margin / slope
    for (let p = p0; p <= p1; p += 1) {
      const rowOfPlane = firstRow[p]!
      const fEnd = f1 < steps - p ? f1 : steps - p
      const ofPlane = all + p * byP
      for (let f = f0; f <= fEnd; f += 1) {
        const crossing = ofPlane + f * byF
        const before = Math.floor(crossing)
        const part = crossing - before
        const point = firstPoint[rowOfPlane + f]! + before + 1
        if (part > tolerance && part < 1 - tolerance) {
          changes[point] = changes[point]! + change
          if (choices !== null) this.#choose(left, point, firstPoint[rowOfPlane + f + 1]!)
        } else this.#passNear(p, f, part > tolerance ? before + 1 : before, first, left)
      }
    }
  }

  /** Several crossings in a row. */
  #fillRow(pieces: number, p: number, f: number): void {
    const { base, byPriority, byFreshness, byRegime, margin } = this.#contenders
    const step = this.#step
    const row = this.#cells.firstRow[p]! + f
    let holder = (pieces & 255) - 1
    let done = 0
    for (let left = pieces >>> 8; left !== 0; left >>>= 8) {
      const next = (left & 255) - 1
      const slope = (byRegime[next]! - byRegime[holder]!) * step
      const crossing =
        (base[holder]! -
          base[next]! +
          p * step * (byPriority[holder]! - byPriority[next]!) +
          f * step * (byFreshness[holder]! - byFreshness[next]!)) /
        slope
      const before = Math.floor(crossing)
      const part = crossing - before
      const isNear = !(part * slope > margin && (1 - part) * slope > margin)
      const index = isNear && part > 0.5 ? before + 1 : before
      if (index + 1 < done || (isNear && index < done)) {
        this.#decideEach(row, p, f, done, holder)
        return
      }
      if (isNear) {
        this.#passNear(p, f, index, holder, next)
        done = index + 1
      } else {
        this.#change(row, before + 1, holder, next)
        done = before + 1
      }
      holder = next
    }
  }

  /** At a point where two of a row are near each other: the first of them holds it up to there, the other one from there on. */
  #passNear(p: number, f: number, index: number, first: number, other: number): void {
    const row = this.#cells.firstRow[p]! + f
    const winner = this.#winnerAt(p, f, index)
    this.#change(row, index, first, winner)
    if (index + 1 < this.#firstPoint[row + 1]! - this.#firstPoint[row]!) this.#change(row, index + 1, winner, other)
  }

  #winnerAt(p: number, f: number, index: number): number {
    const step = this.#step
    return this.#contenders.winner(this.#count, p * step, f * step, index * step)
  }

  /** Decides the points of a row from `from` on by themselves. @param holder - Who had the point before; −1: it begins. */
  #decideEach(row: number, p: number, f: number, from: number, holder: number): void {
    const length = this.#firstPoint[row + 1]! - this.#firstPoint[row]!
    let last = holder
    for (let index = from; index < length; index += 1) {
      const winner = this.#winnerAt(p, f, index)
      if (winner !== last) this.#change(row, index, last, winner)
      last = winner
    }
  }

  /** From a row's point on `to` has it instead of `from`; −1: nobody had. */
  #change(row: number, index: number, from: number, to: number): void {
    const point = this.#firstPoint[row]! + index
    this.#changes[point] = this.#changes[point]! + this.#pnl[to]! - (from < 0 ? 0 : this.#pnl[from]!)
    if (this.#choices !== null) this.#choose(to, point, this.#firstPoint[row + 1]!)
  }

  #choose(index: number, from: number, to: number): void {
    this.#choices!.fill(this.#contenders.number[index]!, this.#choicesFrom + from, this.#choicesFrom + to)
  }
}
