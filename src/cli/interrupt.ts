/** SIGINT and SIGTERM as a request to drain; the second SIGINT ends the process at once with 130. One object at a time. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Whoever read standard output has gone: what drains now was not interrupted by a person. */
let hasReaderGone = false

export class Interrupt {
  /**
   * Drains what is running, as SIGTERM does. Where its results are lost its exit code is left alone: nobody holds a part for all.
   * @returns False: nothing is running that could drain.
   */
  static drain({ isResultLost }: { readonly isResultLost: boolean }): boolean {
    if (process.listenerCount('SIGTERM') === 0) return false
    hasReaderGone ||= isResultLost
    process.kill(process.pid, 'SIGTERM')
    return true
  }

  #isRequested = false
  /** One SIGINT has come. */
  #isInterrupted = false
  readonly #abort = new AbortController()
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#isInterrupted && signal === 'SIGINT') process.exit(130)
    this.#isInterrupted ||= signal === 'SIGINT'
    this.#isRequested = true
    this.#abort.abort()
  }

  constructor() {
    process.on('SIGINT', this.#onSignal)
    process.on('SIGTERM', this.#onSignal)
  }

  get isRequested(): boolean {
    return this.#isRequested
  }

  /** A person or the system ended what was not done: the exit code is 130. */
  get wasInterrupted(): boolean {
    return this.#isRequested && !hasReaderGone
  }

  /** Resolves when it is requested. */
  get requested(): AbortSignal {
    return this.#abort.signal
  }

  /** Waits until `nowNs()` has come to `dueNs`, if that is further off than `slackNs`, or until somebody interrupts. */
  async waitUntil(dueNs: number, nowNs: () => number, slackNs: number): Promise<void> {
    const leftNs = dueNs - nowNs()
    if (leftNs < slackNs) return
    await sleep(leftNs / 1e6, undefined, { signal: this.#abort.signal }).catch(() => undefined)
  }

  dispose(): void {
    process.off('SIGINT', this.#onSignal)
    process.off('SIGTERM', this.#onSignal)
  }
}
