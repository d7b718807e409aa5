/** A progress bar on a terminal's standard error; nothing at all elsewhere. One thread. */

const width = 30
const redrawEveryNs = 100_000_000

export class ProgressBar {
  readonly #stream: NodeJS.WriteStream
  readonly #monotonicNs: () => number
  readonly #isShown: boolean
  #drawnAtNs = Number.NEGATIVE_INFINITY

  constructor(stream: NodeJS.WriteStream, monotonicNs: () => number) {
    this.#stream = stream
    this.#monotonicNs = monotonicNs
    this.#isShown = stream.isTTY === true
  }

  /** @param fraction - 0 … 1. @param textOf - Asked only when the bar is drawn. */
  show(fraction: number, textOf: () => string): void {
    if (!this.#isShown) return
    const nowNs = this.#monotonicNs()
    if (nowNs - this.#drawnAtNs < redrawEveryNs) return
    this.#drawnAtNs = nowNs
    const full = Math.round(Math.min(1, Math.max(0, fraction)) * width)
    const percent = `${Math.floor(fraction * 100)}`.padStart(3)
    this.#stream.write(`\r\u001b[2K${'█'.repeat(full)}${'░'.repeat(width - full)} ${percent} %  ${textOf()}`)
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[2K')
  }
}
