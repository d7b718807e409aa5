/** A progress bar on a terminal's standard error; nothing at all elsewhere. One thread. */
import type { Playing } from './playing.ts'

const widthMax = 30
const widthMin = 5
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

  /** @param playing - Asked only when the bar is drawn. */
  show(playing: () => Playing): void {
    if (!this.#isShown) return
    const nowNs = this.#monotonicNs()
    if (nowNs - this.#drawnAtNs < redrawEveryNs) return
    this.#drawnAtNs = nowNs
    const { fraction, text } = playing()
    // One column less than there are: a line that wraps could not be taken away again.
    const columns = this.#stream.columns > 0 ? this.#stream.columns - 1 : Number.POSITIVE_INFINITY
    const width = Math.min(widthMax, Math.max(widthMin, columns - text.length - percentWidth - 2))
    const line = fraction === null ? text : `${barOf(fraction, width)}  ${text}`
    this.#stream.write(`\r\u001b[2K${line.slice(0, columns)}`)
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[2K')
  }
}

const percentWidth = ' 100 %'.length

/** `width` places and the percentage. */
function barOf(fraction: number, width: number): string {
  const part = Math.min(1, Math.max(0, fraction))
  const full = Math.round(part * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${`${Math.floor(part * 100)}`.padStart(3)} %`
}
