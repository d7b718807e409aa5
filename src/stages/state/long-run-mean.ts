/**
 * A mean that forgets: the exponentially weighted mean over completed seconds. Owned by one {@link SymbolState}; one thread.
 *
 * Only + − × ÷ : the same numbers on every machine, and nothing accumulates, because what is kept decays.
 */
import { longRunSecondsMin } from '../../domain/hot-state.ts'

/** 2^(−1 ÷ `longRunHalfLifeSeconds`), written out so that no machine's `pow` has a say; a test holds it to that. */
export const keepOneSecond = 0.9996149923674896

/** What {@link longRunSecondsMin} seconds just seen weigh together; below it a mean knows too little. */
const weightMin = (1 - integerPower(keepOneSecond, longRunSecondsMin)) / (1 - keepOneSecond)

/** Weighted by 2^(−age ÷ half-life); weights are normalised, so that the beginning counts fully. */
export class LongRunMean {
  #sum = 0
  #weight = 0

  /** One completed second's value, finite. */
  add(value: number): void {
    this.#sum = this.#sum * keepOneSecond + value
    this.#weight = this.#weight * keepOneSecond + 1
  }

  /** So many completed seconds whose value is not known: what is known ages, nothing is learned. O(log seconds). */
  forget(seconds: number): void {
    const kept = integerPower(keepOneSecond, seconds)
    this.#sum *= kept
    this.#weight *= kept
  }

  /** NaN while what it remembers weighs less than {@link longRunSecondsMin} seconds just seen. */
  value(): number {
    // The sum of the same terms in another order may fall short by a rounding.
    return this.#weight < weightMin * (1 - 1e-9) ? Number.NaN : this.#sum / this.#weight
  }
}

function integerPower(base: number, exponent: number): number {
  let result = 1
  let square = base
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square
    square *= square
  }
  return result
}
