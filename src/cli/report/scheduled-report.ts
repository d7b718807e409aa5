/**
 * The report that a live run writes into its journal's folder from time to time: `report-<UTC yyyymmdd>-<hhmmss>.txt`, `.json` and `.html`, made
 * on a thread of its own. What is there already counts, so a run that is started anew goes on with the schedule. On the run's thread.
 */
import { readdirSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { ReportWorkerData } from './report-worker.ts'

export interface ScheduledReportOptions {
  readonly folder: string
  readonly everyMs: number
  /** Wall time, Unix milliseconds. */
  readonly wallMs: () => number
  /** Takes a line about each report. */
  readonly report: (line: string) => void
}

const filePattern = /^report-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)\.json$/
/** How often it looks whether one is due, at most. */
const lookMsMax = 60_000

export class ScheduledReport {
  readonly #options: ScheduledReportOptions
  readonly #timer: NodeJS.Timeout
  #dueMs: number
  #worker: Worker | null = null

  /** The first is due `everyMs` after the newest in the folder; of none, after now. */
  constructor(options: ScheduledReportOptions) {
    const { folder, everyMs, wallMs } = options
    this.#options = options
    this.#dueMs = (newestIn(folder) ?? wallMs()) + everyMs
    this.#timer = setInterval(() => this.look(), Math.min(lookMsMax, everyMs))
    this.#timer.unref()
  }

  /** Writes one, if it is due and none is being written. */
  look(): void {
    const { folder, everyMs, wallMs, report } = this.#options
    const nowMs = wallMs()
    if (nowMs < this.#dueMs || this.#worker !== null) return
    this.#dueMs = nowMs + everyMs
    const workerData: ReportWorkerData = { folder, name: `report-${stampOf(nowMs)}` }
    const worker = new Worker(new URL('./report-worker.js', import.meta.url), { workerData })
    this.#worker = worker
    worker.on('message', report)
    worker.on('error', (thrown) => report(`no report was written: ${thrown.message}`))
    worker.on('exit', () => {
      this.#worker = null
    })
  }

  /** Looks no more; one that is being written is given up: its files are whole or not there. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#worker?.terminate()
  }
}

/** `20260621-073000`. */
function stampOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
}

/** When the newest report of a folder was made; null: there is none. */
function newestIn(folder: string): number | null {
  let newest: number | null = null
  for (const name of readdirSync(folder)) {
    const [, year, month, day, hour, minute, second] = filePattern.exec(name) ?? []
    if (year === undefined) continue
    const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
    if (Number.isFinite(ms) && ms > (newest ?? Number.NEGATIVE_INFINITY)) newest = ms
  }
  return newest
}
