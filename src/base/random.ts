/**
 * The only file that draws random numbers. A {@link Random} is a seeded sequence (xoshiro128**): one seed, one sequence,
 * on every machine. Not for secrets. An object belongs to one thread.
 *
 * Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2018); seeding by splitmix32.
 */

/** A seeded pseudo-random sequence. */
export class Random {
  readonly seed: number
  #a: number
  #b: number
  #c: number
  #d: number

  /** @param seed - An integer in 0 … 2^32 − 1. */
  constructor(seed: number) {
    this.seed = seed >>> 0
    let state = this.seed
    const splitmix = (): number => {
      state = (state + 0x9e3779b9) | 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return (z ^ (z >>> 15)) >>> 0
    }
    this.#a = splitmix()
    this.#b = splitmix()
    this.#c = splitmix()
    this.#d = splitmix()
  }

  /** The next integer in 0 … 2^32 − 1. */
  uint32(): number {
    const product = Math.imul(this.#b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }

  /** The next number in [0, 1), with 53 bits. */
  fraction(): number {
    return ((this.uint32() >>> 5) * 67_108_864 + (this.uint32() >>> 6)) / 9_007_199_254_740_992
  }

  /** The next integer in `min … max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1))
  }
}

/** A seed that differs from run to run, for a live process that was not given one (reconnect jitter). */
export function freshSeed(): number {
  return Math.floor(Math.random() * 4_294_967_296)
}
