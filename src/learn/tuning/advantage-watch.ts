/**
 * Whether an advantage that was believed has gone: an e-detector. Its evidence is against the difference being still as good as it was taken for,
 * and begins anew whenever it falls below 1, so that a change is seen however long the advantage held before it. Pure; one thread.
 *
 * As long as the advantage holds, the arbitrations until a false alarm are at least `alarmAt` on average, and in practice many more.
 *
 * @see Page, "Continuous inspection schemes", Biometrika 41 (1954); Shin, Ramdas and Rinaldo, "E-detectors" (2022); the increments are those of
 *   `advantage-test.ts`
 */
import { logIncrement } from './advantage-test.ts'
import type { RunningScale } from './running-scale.ts'

export class AdvantageWatch {
  readonly #scale: RunningScale
  readonly #advantage: number
  #log = 0

  /** @param advantage - What is believed, in standard deviations of the difference an arbitration; > 0. */
  constructor(scale: RunningScale, advantage: number) {
    this.#scale = scale
    this.#advantage = advantage
  }

  /** @param difference - P&L of the one that is believed to be better, less the other's. */
  observe(difference: number): void {
    const deviation = this.#scale.deviation
    const inefficiency = this.#scale.inefficiency
    this.#scale.observe(difference)
    if (!(deviation > 0)) return
    const short = this.#advantage - difference / deviation
    // From as good as believed to as bad: the shift that is looked for is twice the advantage.
    this.#log = Math.max(0, this.#log) + logIncrement((2 * this.#advantage) / inefficiency, short, inefficiency)
  }

  /** Natural logarithm of the evidence now. */
  get logValue(): number {
    return this.#log
  }
}
