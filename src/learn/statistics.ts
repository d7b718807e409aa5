/** Sums and intervals of the reports. Pure; any thread. */
import type { Interval } from './report-figures.ts'

/** The two-sided 95 % point of the normal distribution. */
export const z95 = 1.959963984540054

/** Wilson's score interval of a proportion at 95 %, within [0, 1]; null of no trials (Wilson, 1927). */
export function wilsonInterval(count: number, trials: number): Interval | null {
  if (trials === 0) return null
  const share = count / trials
  const z2 = z95 * z95
  const centre = share + z2 / (2 * trials)
  const half = z95 * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials))
  const whole = 1 + z2 / trials
  return [Math.max(0, (centre - half) / whole), Math.min(1, (centre + half) / whole)]
}

/** A sum that does not lose what is small beside it (Neumaier, 1974). */
export class Sum {
  #sum = 0
  #rest = 0

  add(value: number): void {
    const sum = this.#sum + value
    this.#rest += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum
    this.#sum = sum
  }

  get value(): number {
    return this.#sum + this.#rest
  }
}

/** Mean and spread of values, one at a time (Welford, 1962). */
export class Moments {
  count = 0
  #mean = 0
  #squares = 0

  add(value: number): void {
    this.count += 1
    const apart = value - this.#mean
    this.#mean += apart / this.count
    this.#squares += apart * (value - this.#mean)
  }

  /** Null of none. */
  get mean(): number | null {
    return this.count === 0 ? null : this.#mean
  }

  /** The sample's standard deviation; null below two. */
  get spread(): number | null {
    return this.count < 2 ? null : Math.sqrt(this.#squares / (this.count - 1))
  }
}
