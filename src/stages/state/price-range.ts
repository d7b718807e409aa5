/**
 * The highest and lowest trades of a symbol's windows. Owned by one {@link SymbolState}; one thread; bounded by the windows.
 *
 * Windows slide by whole seconds; the running second's trades come on top as they happen. The *prior* window is older: it ended
 * where the 60 seconds begin, so that what sweeps its extreme is not part of it.
 */
import { hotFieldIndex as at, priorSeconds, priorSecondsMin } from '../../domain/hot-state.ts'
import { SlidingExtreme } from './sliding-extreme.ts'

const recentSeconds = 60
const recentMask = 63

export class PriceRange {
  readonly #row: Float64Array
  readonly #high60s = new SlidingExtreme(recentSeconds, 'highest')
  readonly #low60s = new SlidingExtreme(recentSeconds, 'lowest')
  readonly #high5m = new SlidingExtreme(300, 'highest')
  readonly #low5m = new SlidingExtreme(300, 'lowest')
  readonly #priorHigh = new SlidingExtreme(priorSeconds, 'highest')
  readonly #priorLow = new SlidingExtreme(priorSeconds, 'lowest')
  /** Extremes of the last 60 completed seconds, until they are old enough for the prior window; crossed where nothing traded. */
  readonly #secondHigh = new Float64Array(recentMask + 1)
  readonly #secondLow = new Float64Array(recentMask + 1)
  /** The running second's highest and lowest trade; crossed while it has none. */
  #highTicks = Number.NEGATIVE_INFINITY
  #lowTicks = Number.POSITIVE_INFINITY
  #firstSecond = Number.POSITIVE_INFINITY

  constructor(row: Float64Array) {
    this.#row = row
  }

  /** Empties every window; the first second is `second`. */
  begin(second: number): void {
    for (const extreme of [this.#high60s, this.#low60s, this.#high5m, this.#low5m, this.#priorHigh, this.#priorLow]) {
      extreme.clear()
    }
    this.#secondHigh.fill(Number.NEGATIVE_INFINITY)
    this.#secondLow.fill(Number.POSITIVE_INFINITY)
    this.#highTicks = Number.NEGATIVE_INFINITY
    this.#lowTicks = Number.POSITIVE_INFINITY
    this.#firstSecond = second
    this.write(second)
  }

  onTrade(priceTicks: number): void {
    const row = this.#row
    if (priceTicks > this.#highTicks) this.#highTicks = priceTicks
    if (priceTicks < this.#lowTicks) this.#lowTicks = priceTicks
    if (!(priceTicks <= row[at.high60s]!)) row[at.high60s] = priceTicks
    if (!(priceTicks >= row[at.low60s]!)) row[at.low60s] = priceTicks
    if (!(priceTicks <= row[at.high5m]!)) row[at.high5m] = priceTicks
    if (!(priceTicks >= row[at.low5m]!)) row[at.low5m] = priceTicks
  }

  /** The newest second is complete. */
  closeSecond(second: number): void {
    this.#secondHigh[second & recentMask] = this.#highTicks
    this.#secondLow[second & recentMask] = this.#lowTicks
    if (this.#highTicks >= this.#lowTicks) {
      this.#high60s.push(second, this.#highTicks)
      this.#low60s.push(second, this.#lowTicks)
      this.#high5m.push(second, this.#highTicks)
      this.#low5m.push(second, this.#lowTicks)
    }
    this.#highTicks = Number.NEGATIVE_INFINITY
    this.#lowTicks = Number.POSITIVE_INFINITY
  }

  /** A second begins: what is 60 s old belongs to the prior window from now on. */
  openSecond(second: number): void {
    const old = second - recentSeconds
    const highTicks = this.#secondHigh[old & recentMask]!
    const lowTicks = this.#secondLow[old & recentMask]!
    if (highTicks >= lowTicks) {
      this.#priorHigh.push(old, highTicks)
      this.#priorLow.push(old, lowTicks)
    }
    this.#secondHigh[second & recentMask] = Number.NEGATIVE_INFINITY
    this.#secondLow[second & recentMask] = Number.POSITIVE_INFINITY
  }

  /** As a second begins: extremes of the windows' completed seconds. */
  write(second: number): void {
    const row = this.#row
    row[at.high60s] = this.#high60s.valueAt(second)
    row[at.low60s] = this.#low60s.valueAt(second)
    row[at.high5m] = this.#high5m.valueAt(second)
    row[at.low5m] = this.#low5m.valueAt(second)
    const old = second - recentSeconds
    const isKnown = old - this.#firstSecond >= priorSecondsMin
    row[at.priorHigh30m] = isKnown ? this.#priorHigh.valueAt(old) : Number.NaN
    row[at.priorLow30m] = isKnown ? this.#priorLow.valueAt(old) : Number.NaN
  }
}
