/** The spread of paired differences as far as it is known: of those before, then of each that comes. One thread. */
import { effectiveSample } from './effective-sample.ts'

/** So many differences are worth what was known before. */
const priorMax = 200

export class RunningScale {
  /** How many arbitrations one independent one takes, ≥ 1. */
  readonly inefficiency: number
  #count: number
  #squares: number

  /** @param before - Differences of arbitrations that are not tested. */
  constructor(before: Float64Array) {
    const squares = before.reduce((sum, value) => sum + value * value, 0)
    this.#count = Math.min(before.length, priorMax)
    this.#squares = before.length === 0 ? 0 : (squares / before.length) * this.#count
    const effective = effectiveSample(before)
    this.inefficiency = effective > 0 ? Math.max(1, before.length / effective) : 1
  }

  /** Root of the mean square; 0: nothing is known. */
  get deviation(): number {
    return this.#count === 0 ? 0 : Math.sqrt(this.#squares / this.#count)
  }

  observe(difference: number): void {
    this.#count += 1
    this.#squares += difference * difference
  }
}
