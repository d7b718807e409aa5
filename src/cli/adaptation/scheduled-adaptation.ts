/**
 * Adaptation beside a live run: a look at its journal's folder from time to time, on a thread of its own. What it appends to `weights.ndjson` the run
 * finds as it finds anybody's. On the run's thread.
 */
import { Worker } from 'node:worker_threads'
import type { AdaptationWork } from './adaptation-worker.ts'

export interface ScheduledAdaptationOptions extends AdaptationWork {
  /** Between two looks, milliseconds. */
  readonly lookMs: number
  /** Takes a line about what was done. */
  readonly report: (line: string) => void
}

export class ScheduledAdaptation {
  readonly #options: ScheduledAdaptationOptions
  readonly #timer: NodeJS.Timeout
  #worker: Worker | null = null
  #last = ''

  constructor(options: ScheduledAdaptationOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.look(), options.lookMs)
    this.#timer.unref()
  }

  /** Looks, if no look is going on. */
  look(): void {
    if (this.#worker !== null) return
    const { lookMs: _, report: __, ...work } = this.#options
    const worker = new Worker(new URL('./adaptation-worker.js', import.meta.url), { workerData: work })
    this.#worker = worker
    worker.on('message', (line: string) => this.#say(line))
    worker.on('error', (thrown) => this.#say(`adaptation: ${thrown.message}`))
    worker.on('exit', () => {
      this.#worker = null
    })
  }

  /** Looks no more; a look that is going on is given up: lines are whole or not there. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#worker?.terminate()
  }

  /** The same line once: a fault that stays is told when it begins. */
  #say(line: string): void {
    if (line !== this.#last) this.#options.report(line)
    this.#last = line
  }
}
