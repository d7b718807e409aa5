/** Shows a live run on standard output: a table on a terminal, plain lines elsewhere. One object a run; one thread. */
import type { Histogram } from '../../base/histogram.ts'
import type { PipelineMessage } from '../../domain/message.ts'
import type { LiveRun } from '../../live-run.ts'
import type { FeedStatus } from '../../stages/feed/hyperliquid/live-feed.ts'
import { durationText } from '../../summary.ts'
import { lineOf } from './live-lines.ts'
import { LiveModel } from './live-model.ts'
import { screenOf } from './live-table.ts'
import { Screen } from './screen.ts'

const redrawMs = 200
/** How long a notice stays on the last line. */
const noticeNs = 8e9
/** The rate of records is taken over so many redraws. */
const rateSamples = 10

export class LiveView {
  readonly #stream: NodeJS.WriteStream
  readonly #notices: NodeJS.WritableStream
  /** Null: plain lines. */
  readonly #screen: Screen | null
  readonly #model = new LiveModel()
  readonly #monotonicNs: () => number
  readonly #progress: (() => number) | null
  /** Said while the table was shown, which would have wiped them away: they are printed after it. */
  readonly #heldNotices: string[] = []
  #noticedAtNs = Number.NEGATIVE_INFINITY
  #run: LiveRun | null = null
  #isShown = false
  #status = 'starting'
  #lossReason = ''
  #timer: NodeJS.Timeout | undefined
  readonly #samples: { readonly records: number; readonly atNs: number }[] = []

  /**
   * @param notices - Where lines go that a person should know of: standard error.
   * @param progress - How much has been played, 0 … 1; null for a real market.
   */
  constructor(
    stream: NodeJS.WriteStream,
    notices: NodeJS.WritableStream,
    monotonicNs: () => number,
    progress: (() => number) | null,
  ) {
    this.#stream = stream
    this.#notices = notices
    this.#screen = stream.isTTY === true ? new Screen(stream) : null
    this.#monotonicNs = monotonicNs
    this.#progress = progress
  }

  start(run: LiveRun): void {
    this.#run = run
    if (this.#screen === null) return
    this.#isShown = true
    this.#screen.open()
    this.#timer = setInterval(() => this.#draw(), redrawMs)
  }

  /** Gives the terminal back; what the table showed last stays above what is printed next. Idempotent. */
  stop(): void {
    if (!this.#isShown) return
    this.#isShown = false
    clearInterval(this.#timer)
    this.#screen!.close()
    const lines = this.#lines().filter((line) => line !== '')
    this.#stream.write(`${lines.slice(0, -1).join('\n')}\n`)
    for (const line of this.#heldNotices) this.#notices.write(`signalbox: ${line}\n`)
  }

  /** A line that a person should know of. */
  notice(line: string): void {
    if (this.#isShown) {
      this.#heldNotices.push(line)
      this.#noticedAtNs = this.#monotonicNs()
    } else this.#notices.write(`signalbox: ${line}\n`)
  }

  take(message: PipelineMessage): void {
    if (this.#screen !== null) this.#model.take(message)
    else if (this.#run !== null) {
      const line = lineOf(message, this.#run.feed.instruments, this.#run.timeline)
      if (line !== null) this.#stream.write(`${line}\n`)
    }
  }

  onStatus(status: FeedStatus): void {
    if (status.state === 'lost') this.#lossReason = status.reason
    if (status.state === 'subscribed') this.#lossReason = ''
    this.#status = statusText(status)
    if (this.#screen !== null && status.state === 'reconnecting') this.#status += ` (${this.#lossReason})`
    if (this.#screen === null) this.#stream.write(`feed: ${this.#status}\n`)
  }

  #draw(): void {
    const samples = this.#samples
    samples.push({ records: this.#run!.engine.records, atNs: this.#monotonicNs() })
    if (samples.length > rateSamples) samples.shift()
    this.#screen!.draw(this.#lines())
  }

  #lines(): string[] {
    const run = this.#run!
    const { engine } = run
    const { books } = engine.outcome
    return screenOf(
      this.#model,
      {
        nowNs: run.nowNs(),
        feed: this.#status,
        played: this.#progress === null ? null : this.#progress(),
        recordsPerS: this.#recordsPerS(),
        equityMinor: books.equityMinor,
        pnlMinor: books.pnlMinor,
        trades: books.trades,
        wins: books.wins,
        refused: Object.values(engine.order.counters.refused).reduce((sum, count) => sum + count, 0),
        latencies: [
          { name: 'decision', text: latencyText(engine.decisionLatency) },
          // On threads nobody sees a record come to rest; the way to a reservation is what is left of it.
          engine.flow === null
            ? { name: 'record', text: latencyText(engine.recordLatency) }
            : { name: 'reservation', text: latencyText(engine.region.histogram('reservation')) },
        ],
        backend: engine.region.backend,
        isAdmitting: engine.tradingState === 'ACTIVE',
        tradingState: engine.haltReason === null ? engine.tradingState : `HALTED: ${engine.haltReason}`,
        notice: this.#monotonicNs() < this.#noticedAtNs + noticeNs ? this.#heldNotices.at(-1)! : '',
        lastTicks: (symbolIndex) => engine.order.lastTicks(symbolIndex),
      },
      {
        instruments: run.feed.instruments,
        timeline: run.timeline,
        freshnessHorizonS: engine.policy.freshnessHorizonS,
        columns: this.#stream.columns || 120,
        rows: this.#stream.rows || 40,
        isColoured: this.#stream.hasColors?.() ?? true,
      },
    )
  }

  #recordsPerS(): number {
    const oldest = this.#samples[0]
    const newest = this.#samples.at(-1)
    if (oldest === undefined || newest === undefined || newest.atNs <= oldest.atNs) return 0
    return Math.round(((newest.records - oldest.records) / (newest.atNs - oldest.atNs)) * 1e9)
  }
}

function latencyText(histogram: Histogram): string {
  if (histogram.count === 0) return '–'
  return `p50 ${durationText(histogram.percentile(0.5))} p99 ${durationText(histogram.percentile(0.99))}`
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
