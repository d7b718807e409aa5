/**
 * Whether one set of weights is better than another, asked after every arbitration for as long as one likes: an e-process of the paired
 * differences. Pure; one thread.
 *
 * For a difference d whose mean is at most 0, whatever came before, exp(λ d − λ² (d² + 2 σ²) ÷ 6) has a mean of at most 1, σ² being its variance;
 * no bound and no tail is asked for (Delyon). So the product over the arbitrations, and a mixture of such products over λ, is a supermartingale
 * that begins at 1: it ever reaches 1 ÷ α with probability α at most (Ville), however often one looks. σ² is what was known before each
 * difference. Differences that go together count as fewer: both squares are multiplied by how many arbitrations one independent one takes.
 *
 * @see Delyon, "Exponential inequalities for sums of weakly dependent variables" (2009); Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform
 *   Chernoff bounds via nonnegative supermartingales" (2020); Ramdas, Grünwald, Vovk and Shafer, "Game-theoretic statistics and safe
 *   anytime-valid inference" (2023)
 */
import type { RunningScale } from './running-scale.ts'

/** The advantages that are looked for, in standard deviations of the difference: one mixture for small and large ones. */
const advantages = [0.05, 0.1, 0.15, 0.2, 0.3, 0.45]

export class AdvantageTest {
  readonly #scale: RunningScale
  readonly #logs = new Float64Array(advantages.length)
  #greatest = 0

  /** @param scale - Of the difference, before the first. */
  constructor(scale: RunningScale) {
    this.#scale = scale
  }

  /** @param difference - P&L of the one that is to be better, less the other's. */
  observe(difference: number): void {
    const deviation = this.#scale.deviation
    const inefficiency = this.#scale.inefficiency
    this.#scale.observe(difference)
    if (!(deviation > 0)) return
    const x = difference / deviation
    for (const [at, advantage] of advantages.entries()) {
      this.#logs[at] = this.#logs[at]! + logIncrement(advantage / inefficiency, x, inefficiency)
    }
    this.#greatest = Math.max(this.#greatest, this.logValue)
  }

  /** Natural logarithm of the evidence now. */
  get logValue(): number {
    const most = this.#logs.reduce((one, other) => Math.max(one, other))
    const sum = this.#logs.reduce((total, log) => total + Math.exp(log - most), 0)
    return most + Math.log(sum / this.#logs.length)
  }

  /** P that holds at any time: 1 ÷ the greatest evidence so far; in (0, 1]. */
  get p(): number {
    return Math.exp(-this.#greatest)
  }
}

/** λ x − λ² τ (x² + 2) ÷ 6 of a difference in standard deviations. */
export function logIncrement(lambda: number, x: number, inefficiency: number): number {
  return lambda * x - (lambda * lambda * inefficiency * (x * x + 2)) / 6
}
