/**
 * The last day's funding, a value a minute: how far the current one stands out. Owned by one {@link SymbolState}; one thread.
 *
 * A minute counts once, with its last value, however many contexts it had (a recording has one, a live feed dozens). Mean and
 * squared deviations of the completed minutes are taken anew from the ring when a minute rolls, so nothing accumulates.
 */
import { fundingMinutesMin } from '../../domain/hot-state.ts'

const minutesInDay = 1440

export class FundingDay {
  /** By minute modulo a day; NaN: no context in that minute. */
  readonly #ring = new Float64Array(minutesInDay).fill(Number.NaN)
  #minute = Number.NaN
  #current = Number.NaN
  #completed = 0
  #mean = 0
  #squaredDeviations = 0

  /** Time has come to `minute` (since the epoch, never going back; negative before it). */
  advance(minute: number): void {
    if (minute === this.#minute) return
    if (!Number.isNaN(this.#minute)) {
      this.#ring[slotOf(this.#minute)] = this.#current
      const stale = Math.min(minute - this.#minute, minutesInDay)
      for (let step = 0; step < stale; step += 1) this.#ring[slotOf(minute - step)] = Number.NaN
    }
    this.#minute = minute
    this.#current = Number.NaN
    this.#recompute()
  }

  /** The running minute's value so far. */
  set(fundingRate: number): void {
    this.#current = fundingRate
  }

  /** (rate − mean) ÷ standard deviation of the day, the running minute included; NaN before enough minutes or without variance. */
  zScoreOf(fundingRate: number): number {
    let count = this.#completed
    let mean = this.#mean
    let squares = this.#squaredDeviations
    if (!Number.isNaN(this.#current)) {
      // Welford's step: adds one value without touching the completed ones.
      count += 1
      const delta = this.#current - mean
      mean += delta / count
      squares += delta * (this.#current - mean)
    }
    if (count < fundingMinutesMin) return Number.NaN
    // Equal values leave a rounding residue of the mean's last place squared, times their number; that is no variance.
    if (!(squares > count * mean * mean * 1e-28)) return Number.NaN
    return (fundingRate - mean) / Math.sqrt(squares / count)
  }

  #recompute(): void {
    // Deviations from the last mean instead of from 0: one pass, and no cancellation.
    const shift = this.#mean
    const ring = this.#ring
    let count = 0
    let sum = 0
    let squares = 0
    for (let index = 0; index < minutesInDay; index += 1) {
      const deviation = ring[index]! - shift
      if (Number.isNaN(deviation)) continue
      count += 1
      sum += deviation
      squares += deviation * deviation
    }
    this.#completed = count
    this.#mean = count === 0 ? 0 : shift + sum / count
    this.#squaredDeviations = count === 0 ? 0 : Math.max(0, squares - (sum * sum) / count)
  }
}

function slotOf(minute: number): number {
  const slot = minute % minutesInDay
  return slot < 0 ? slot + minutesInDay : slot
}
