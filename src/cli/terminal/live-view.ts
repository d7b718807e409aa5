/** Shows a live run on standard output: a table on a terminal, plain lines elsewhere. One object a run; one thread. */
import type { PipelineMessage } from '../../domain/message.ts'
import type { LiveRun } from '../../live-run.ts'
import type { FeedStatus } from '../../stages/feed/hyperliquid-feed.ts'
import { durationText } from '../../summary.ts'
import { lineOf } from './live-lines.ts'
import { LiveModel } from './live-model.ts'
import { screenOf } from './live-table.ts'

const redrawMs = 200

export class LiveView {
  readonly #stream: NodeJS.WriteStream
  readonly #isTable: boolean
  readonly #model = new LiveModel()
  readonly #monotonicNs: () => number
  readonly #progress: (() => number) | null
  /** Also at an exit that nobody announced: a terminal without a cursor is a broken one. */
  readonly #showCursor = (): void => {
    this.#stream.write('\u001b[?25h\n')
  }
  #run: LiveRun | null = null
  #status = 'starting'
  #lossReason = ''
  #timer: NodeJS.Timeout | undefined
  #seen = { records: 0, atNs: 0 }

  /** @param progress - How much has been played, 0 … 1; null for a real market. */
  constructor(stream: NodeJS.WriteStream, monotonicNs: () => number, progress: (() => number) | null) {
    this.#stream = stream
    this.#isTable = stream.isTTY === true
    this.#monotonicNs = monotonicNs
    this.#progress = progress
  }

  start(run: LiveRun): void {
    this.#run = run
    this.#seen.atNs = this.#monotonicNs()
    if (!this.#isTable) return
    this.#stream.write('\u001b[?25l\u001b[2J')
    process.once('exit', this.#showCursor)
    this.#timer = setInterval(() => this.#draw(), redrawMs)
  }

  /** Draws the last state and leaves the cursor below it. */
  stop(): void {
    clearInterval(this.#timer)
    if (!this.#isTable || this.#run === null) return
    this.#draw()
    this.#showCursor()
    process.off('exit', this.#showCursor)
  }

  take(message: PipelineMessage): void {
    if (this.#isTable) this.#model.take(message)
    else if (this.#run !== null) {
      const line = lineOf(message, this.#run.feed.instruments, this.#run.timeline)
      if (line !== null) this.#stream.write(`${line}\n`)
    }
  }

  onStatus(status: FeedStatus): void {
    if (status.state === 'lost') this.#lossReason = status.reason
    if (status.state === 'subscribed') this.#lossReason = ''
    this.#status = statusText(status)
    if (this.#isTable && status.state === 'reconnecting') this.#status += ` (${this.#lossReason})`
    if (!this.#isTable) this.#stream.write(`feed: ${this.#status}\n`)
  }

  #draw(): void {
    const run = this.#run!
    const { engine } = run
    const nowNs = this.#monotonicNs()
    const passedS = (nowNs - this.#seen.atNs) / 1e9
    const recordsPerS = passedS > 0 ? Math.round((engine.records - this.#seen.records) / passedS) : 0
    this.#seen = { records: engine.records, atNs: nowNs }
    const played = this.#progress === null ? '' : `, ${Math.floor(this.#progress() * 100)} % played`
    const { record, decision } = engine.latency
    const figure = (name: string, { percentile }: { percentile: (fraction: number) => string }): string =>
      `${name} p50 ${percentile(0.5)}, p99 ${percentile(0.99)}`
    const text = (histogram: typeof record) => ({
      percentile: (fraction: number) => durationText(histogram.percentile(fraction)),
    })
    const lines = screenOf(
      this.#model,
      {
        nowNs: run.nowNs(),
        status: `feed ${this.#status}${played}`,
        records: engine.records,
        recordsPerS,
        capitalMinor: engine.outcome.books.equityMinor,
        pnlMinor: engine.outcome.books.pnlMinor,
        trades: engine.outcome.books.trades,
        refused: Object.values(engine.order.counters.refused).reduce((sum, count) => sum + count, 0),
        latency: `${engine.region.backend} backend   ${figure('record', text(record))}   ${figure('decision', text(decision))}`,
        tradingState: engine.haltReason === null ? engine.tradingState : `HALTED: ${engine.haltReason}`,
      },
      {
        instruments: run.feed.instruments,
        timeline: run.timeline,
        freshnessHorizonS: engine.policy.freshnessHorizonS,
        columns: this.#stream.columns || 120,
        rows: (this.#stream.rows || 40) - 1,
      },
    )
    this.#stream.write(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\n')}\u001b[J`)
  }
}

function statusText(status: FeedStatus): string {
  switch (status.state) {
    case 'connecting':
      return status.attempt === 1 ? 'connecting' : `connecting, attempt ${status.attempt}`
    case 'venue_error':
      return `venue says: ${status.message}`
    case 'lost':
      return `lost (${status.reason})`
    case 'reconnecting':
      return `reconnecting in ${status.inMs} ms`
    case 'ended':
      return 'ended'
    default:
      return status.state
  }
}
