/**
 * A live run: a feed, an engine and the machine's clocks. Used by `run` and by the demo. All calls come from one thread, an event loop;
 * stages on other threads get their time from here.
 *
 * Decision time is event time: the newest record's exchange time, plus what the monotonic clock says has passed since its
 * receipt × the time scale. It never goes back: a record that is older than what has already been decided at counts at
 * that time.
 */
import type { Clock } from './base/clock.ts'
import type { Random } from './base/random.ts'
import type { EngineConfig } from './config.ts'
import { createMarketRecord, type MarketRecord } from './domain/market.ts'
import type { PipelineMessage } from './domain/message.ts'
import { nsPerMs, nsPerSecond, Timeline } from './domain/units.ts'
import { weightSetText } from './domain/weight-set.ts'
import { Engine } from './engine.ts'
import type { Journal } from './journal/journal.ts'
import { WeightWatch } from './journal/weight-watch.ts'
import { type RunJournal, runJournalOf } from './pipeline/run-journal.ts'
import type { TopologyName } from './pipeline/topology.ts'
import type { BackendChoice } from './region/backend/select.ts'
import { type FeedStatus, HyperliquidFeed } from './stages/feed/hyperliquid/live-feed.ts'
import { openRecordings } from './stages/feed/recorded-feed.ts'

/** Hyperliquid's mainnet. */
const hyperliquidUrl = 'wss://api.hyperliquid.xyz/ws'

export interface LiveRunOptions {
  readonly config: EngineConfig
  readonly backend: BackendChoice
  /** Which threads the stages run on; default `inline`. */
  readonly topology?: TopologyName
  /** Null: keep none. */
  readonly journal: Journal | RunJournal | null
  /** Event time ÷ real time: 1 for a real market. */
  readonly timeScale: number
  /** Recordings that warm the state up before the feed opens. */
  readonly warmup: readonly string[]
  /** Only rows before this time warm up; Unix milliseconds. Default: all. */
  readonly warmupUntilUnixMs?: number
  readonly clock: Clock
  readonly random: Random
  /** The other side's normal close ends the run: a playback. */
  readonly endOnNormalClose: boolean
  readonly report: (line: string) => void
  readonly onStatus: (status: FeedStatus) => void
  readonly observer: (message: PipelineMessage) => void
}

/** How often due times, leases and the journal are looked after between records. */
const tickMs = 20
/** How often the journal's folder is looked at for a new weight set; real time. */
const weightsLookNs = nsPerSecond
const lateToleranceMs = 5_000
const openingHistoryMs = 600_000

export class LiveRun {
  readonly engine: Engine
  readonly feed: HyperliquidFeed
  readonly timeline: Timeline
  readonly #options: LiveRunOptions
  readonly #journal: RunJournal | null
  /** Null: no journal, no folder to look into. */
  readonly #weights: WeightWatch | null
  #weightsDueNs: number
  readonly #record = createMarketRecord()
  #newestNs: number
  #receivedNs: number
  #hasToldOtherDays = false
  #ticker: NodeJS.Timeout | undefined
  #end: () => void = () => undefined
  /** Resolves when the feed has ended by itself. */
  readonly ended: Promise<void>

  private constructor(
    options: LiveRunOptions,
    engine: Engine,
    timeline: Timeline,
    journal: RunJournal | null,
    weights: WeightWatch | null,
  ) {
    const { config, clock, timeScale } = options
    this.#options = options
    this.#journal = journal
    this.engine = engine
    this.timeline = timeline
    this.#newestNs = engine.nowNs > 0 ? engine.nowNs : Number.NEGATIVE_INFINITY
    this.#receivedNs = clock.monotonicNs()
    this.#weights = weights
    this.#weightsDueNs = this.#receivedNs + weightsLookNs
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.feed = new HyperliquidFeed({
      url: config.feed === 'hyperliquid' ? hyperliquidUrl : config.feed,
      symbols: config.symbols,
      instruments: config.instruments,
      timeline,
      ...(engine.nowNs > 0 ? { notBeforeNs: engine.nowNs } : {}),
      lateToleranceNs: lateToleranceMs * nsPerMs * timeScale,
      nowNs: () => this.nowNs(),
      monotonicNs: () => clock.monotonicNs(),
      random: options.random,
      onBatch: (records, count, receivedNs) => this.#take(records, count, receivedNs),
      onStatus: (status) => {
        options.onStatus(status)
        if (status.state === 'ended') this.#end()
      },
      endOnNormalClose: options.endOnNormalClose,
    })
  }

  /**
   * Warms the state up and builds the engine; `start` opens the feed.
   *
   * @throws {SignalboxError} `ERR_INPUT` for a recording or option that is wrong.
   */
  static async open(options: LiveRunOptions): Promise<LiveRun> {
    const { config, clock } = options
    const { symbols, instruments } = config
    const warmup =
      options.warmup.length === 0
        ? null
        : await openRecordings(options.warmup, {
            symbols,
            instruments,
            ...(options.warmupUntilUnixMs === undefined ? {} : { untilUnixMs: options.warmupUntilUnixMs }),
          })
    // The feed's first messages tell of the last minute, which may lie before midnight.
    const timeline =
      warmup?.timeline ?? Timeline.atMidnightBefore(Number(clock.wallNs() / 1_000_000n) - openingHistoryMs)
    const journal = runJournalOf(options.journal)
    const weights = journal === null ? null : new WeightWatch(journal.folder, options.report)
    const first = weights?.look() ?? null
    let run: LiveRun | null = null
    const engine = new Engine({
      config,
      instruments: warmup?.instruments ?? HyperliquidFeed.instrumentsOf(symbols, instruments),
      timeline,
      backend: options.backend,
      journal,
      monotonicNs: () => clock.monotonicNs(),
      mode: 'live',
      stateAgeMs: () => run?.stateAgeMs() ?? 0,
      report: options.report,
      observer: options.observer,
      topology: options.topology ?? 'inline',
      timeScale: options.timeScale,
      ...(first === null ? {} : { weights: first }),
      onCongestion: (isCongested) => run?.hold(isCongested),
    })
    try {
      await engine.start()
      for (let batch = await warmup?.nextBatch(); batch !== undefined && batch.count > 0; ) {
        for (let index = 0; index < batch.count; index += 1) engine.warmUp(batch.records[index]!)
        batch = await warmup?.nextBatch()
      }
    } catch (thrown) {
      engine.close()
      throw thrown
    } finally {
      await warmup?.close()
    }
    await engine.startStrategies().catch((thrown: unknown) => {
      engine.close()
      throw thrown
    })
    if (first !== null) options.report(weightSetText(first))
    run = new LiveRun(options, engine, timeline, journal, weights)
    return run
  }

  /** Decision time now, an integer on the timeline. */
  nowNs(): number {
    if (this.#newestNs === Number.NEGATIVE_INFINITY) return this.engine.nowNs
    const passedNs = (this.#options.clock.monotonicNs() - this.#receivedNs) * this.#options.timeScale
    return Math.max(this.engine.nowNs, Math.floor(this.#newestNs + Math.max(0, passedNs)))
  }

  /** How old the feed's last message of any kind is, milliseconds of real time; Infinity before the first. */
  stateAgeMs(): number {
    return (this.#options.clock.monotonicNs() - this.feed.lastMessageMonotonicNs) / nsPerMs
  }

  /** Records wait for room over there: the feed holds back meanwhile. */
  hold(isCongested: boolean): void {
    if (isCongested) this.feed.pause()
    else this.feed.resume()
  }

  start(): void {
    this.#tellTime()
    this.feed.start()
    this.#ticker = setInterval(() => this.#tick(), tickMs)
  }

  /** Lets go of the feed, closes open positions at the last price, writes the journal. The region stays readable. */
  async stop(): Promise<void> {
    clearInterval(this.#ticker)
    await this.feed.stop()
    await this.engine.stopStrategies()
    this.engine.guarded(() => this.engine.stop())
    await this.#journal?.close()
  }

  #take(records: readonly MarketRecord[], count: number, receivedNs: number): void {
    const { engine } = this
    for (let index = 0; index < count; index += 1) {
      const record = records[index]!
      if (record.atNs >= this.#newestNs) {
        this.#newestNs = record.atNs
        this.#receivedNs = receivedNs
      }
      if (this.#journal?.wasFull === true) this.#settle()
      const stamped = record.atNs >= engine.nowNs ? record : this.#restamped(record, engine.nowNs)
      engine.guarded(() => engine.process(stamped, receivedNs))
    }
    // After its records: before them their own time is enough.
    this.#tellTime()
    engine.guarded(() => {
      engine.takeIn()
      engine.takeClaims(this.nowNs())
    })
    this.#settle()
  }

  #restamped(record: MarketRecord, atNs: number): MarketRecord {
    Object.assign(this.#record, record)
    this.#record.atNs = atNs
    return this.#record
  }

  /** Stages on other threads know the time by what is told here. */
  #tellTime(): void {
    const board = this.engine.flow?.board
    if (board === undefined) return
    if (Number.isFinite(this.#newestNs)) board.tellTime(this.#newestNs, this.#receivedNs)
    const aliveNs = this.feed.lastMessageMonotonicNs
    if (Number.isFinite(aliveNs)) board.tellFeedAlive(aliveNs)
  }

  #tick(): void {
    this.#tellTime()
    this.engine.guarded(() => {
      const nowNs = this.nowNs()
      const monotonicNs = this.#options.clock.monotonicNs()
      this.engine.advance(nowNs)
      this.engine.takeClaims(nowNs)
      this.engine.recoverLeases(monotonicNs)
      this.engine.checkStrategies(monotonicNs, nowNs)
    })
    this.#settle()
    this.#lookForWeights()
    this.#tellOtherDays()
  }

  /** A set that was appended meanwhile is what is decided with from the next decision on. */
  #lookForWeights(): void {
    const nowNs = this.#options.clock.monotonicNs()
    if (nowNs < this.#weightsDueNs) return
    this.#weightsDueNs = nowNs + weightsLookNs
    const set = this.#weights?.look() ?? null
    if (set === null) return
    this.engine.publishWeights(set)
    this.#options.report(weightSetText(set))
  }

  /** A playback of another day than today is refused row by row; who runs it should hear why before the summary. */
  #tellOtherDays(): void {
    const refused = this.feed.counters.malformed.get('bad_ts') ?? 0
    if (this.#hasToldOtherDays || refused === 0 || this.engine.records > 0) return
    this.#hasToldOtherDays = true
    this.#options.report(
      'the feed plays another day than this run: warm up with recordings of its day (--warmup FILE…)',
    )
  }

  /** A journal that cannot be written, or that lags too far behind, refuses new entries until it can. */
  #settle(): void {
    const journal = this.#journal
    if (journal === null) return
    this.engine.guarded(() => {
      const health = journal.settle()
      if (health.status === 'ok') this.engine.resume('journal')
      else if (health.status === 'stopped') {
        this.engine.halt('journal', `the journal cannot be written (${health.errno})`)
      } else this.engine.halt('journal', 'the journal lags too far behind')
    })
  }
}
