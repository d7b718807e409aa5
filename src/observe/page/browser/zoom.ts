/** One time range for all charts of a page. */
import type { UPlot } from './chart-library.ts'

const narrowestMs = 2_000

export class Zoom {
  readonly fullMin: number
  readonly fullMax: number
  #min: number
  #max: number
  readonly #plots = new Set<UPlot>()
  readonly #listeners: (() => void)[] = []

  constructor(firstMs: number, lastMs: number) {
    // A span of no length has no scale.
    const margin = Math.max((lastMs - firstMs) * 0.005, narrowestMs / 2)
    this.fullMin = firstMs - margin
    this.fullMax = lastMs + margin
    this.#min = this.fullMin
    this.#max = this.fullMax
  }

  get min(): number {
    return this.#min
  }

  get max(): number {
    return this.#max
  }

  get isFull(): boolean {
    return this.#min === this.fullMin && this.#max === this.fullMax
  }

  add(plot: UPlot): void {
    this.#plots.add(plot)
  }

  remove(plot: UPlot): void {
    this.#plots.delete(plot)
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Shows min … max, within what there is. */
  show(min: number, max: number): void {
    const middle = (min + max) / 2
    const half = Math.max(max - min, narrowestMs) / 2
    this.#min = Math.max(this.fullMin, middle - half)
    this.#max = Math.min(this.fullMax, middle + half)
    for (const plot of this.#plots) plot.setScale('x', { min: this.#min, max: this.#max })
    for (const listener of this.#listeners) listener()
  }

  reset(): void {
    this.show(this.fullMin, this.fullMax)
  }
}
