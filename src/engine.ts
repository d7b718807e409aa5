/**
 * The engine: the composition root. It makes the region and the stages, wires them inline, and is driven by whoever has
 * records (replay) or a feed and a clock (run). One thread.
 */
import { monotonicNs as sharedMonotonicNs } from './base/clock.ts'
import { inputError, messageOf, SignalboxError } from './base/errors.ts'
import type { Histogram } from './base/histogram.ts'
import type { EngineConfig } from './config.ts'
import type { Scorer } from './decide/scorer.ts'
import type { TradingState } from './domain/decision.ts'
import { eventRecordFields } from './domain/event-record.ts'
import type { Instrument } from './domain/instrument.ts'
import type { MarketRecord } from './domain/market.ts'
import type { PipelineMessage } from './domain/message.ts'
import { eventTypesOf, type Policy } from './domain/policy.ts'
import { policyJsonText } from './domain/policy-json.ts'
import { potsOf } from './domain/pots.ts'
import type { Timeline } from './domain/units.ts'
import { type EngineFigures, figuresOf, latencyFiguresIn } from './engine-figures.ts'
import { type FlowHooks, FlowThreads, type FlowThreadsOptions } from './flow-threads.ts'
import type { Journal } from './journal/journal.ts'
import { InlinePipeline, type Pipeline } from './pipeline/inline.ts'
import type { JournalThreadAddress } from './pipeline/journal-thread-port.ts'
import { type RunJournal, runJournalOf } from './pipeline/run-journal.ts'
import { latencyNames, latencyProbeOf } from './pipeline/stage-latency.ts'
import { type TopologyName, topologies } from './pipeline/topology.ts'
import type { BackendChoice } from './region/backend/select.ts'
import type { ReservationLimits } from './region/limits.ts'
import { Region } from './region/region.ts'
import { buildStages, checkDetectors, type Stages } from './stage-set.ts'
import { StageThreads } from './stage-threads.ts'
import { builtInDetectors } from './stages/detection/built-in-detectors.ts'
import type { Detector } from './stages/detection/detector.ts'
import type { OrderStage } from './stages/order/order-stage.ts'
import type { OutcomeStage } from './stages/outcome/outcome-stage.ts'
import { hotSchema } from './stages/state/state-stage.ts'
import { Strategies } from './strategy/strategies.ts'
import type { Strategy } from './strategy/strategy.ts'

export interface EngineOptions {
  readonly config: EngineConfig
  /** By symbol index. */
  readonly instruments: readonly Instrument[]
  readonly timeline: Timeline
  readonly backend: BackendChoice
  /** From `Journal.open(folder)`, and written on this thread; null: keep no journal. */
  readonly journal: Journal | RunJournal | null
  /** Monotonic nanoseconds, for latencies (and leases, when live). With threads latencies are of `systemClock`, which they share. */
  readonly monotonicNs: () => number
  /** Live: leases are monotonic and the state has an age; replay: event time, age 0. */
  readonly mode: 'replay' | 'live'
  /** How old the feed's last message is, milliseconds; live only. */
  readonly stateAgeMs?: () => number
  /** In place of the built-in ones and the configuration's `detectors`. Their types must be in the policy. */
  readonly detectors?: readonly Detector[]
  /**
   * The same for a topology with threads: the URL of a module whose default export is an array of detectors, or a function of the
   * configuration that gives one. Each thread that needs them loads it.
   */
  readonly detectorModule?: string | URL
  /** In place of the built-in ones. */
  readonly strategies?: readonly Strategy[]
  /**
   * Makes the base score in place of the weighted sum. One that throws or gives what is no base score halts new entries for good;
   * open positions go on. `arbitrate`, `explain`, `report` and `tune` know the weighted sum only.
   */
  readonly scorer?: Scorer
  /** Takes one line about something that a person should know. */
  readonly report: (line: string) => void
  /**
   * Which threads the stages run on (`pipeline/topology.ts`). Default `inline`: all on this one. With the others a replay runs in
   * lockstep, so that they write the same bytes, and blocks this thread while a record is on its way. A live run runs freely: await
   * {@link Engine.start} before its first record.
   */
  readonly topology?: TopologyName
  /** Event time ÷ real time, of a live run on threads; default 1. */
  readonly timeScale?: number
  /** Records wait for room on their way to a thread: hold back (true) until they do no more (false). Live on threads only. */
  readonly onCongestion?: (isCongested: boolean) => void
  /**
   * Hears every message between stages but state updates; for display. With threads: what the stages of this one say and hear.
   */
  readonly observer?: (message: PipelineMessage) => void
}

/**
 * Why entries may be halted: the journal cannot be written; a thread of the pipeline is away; a broken invariant or a scorer's fault,
 * which nothing undoes.
 */
export type HaltCause = 'journal' | 'thread' | 'invariant' | 'scorer'

/** One in so many records has its way through the stages measured in replay: reading the clock costs more than a stage. */
const latencySampleEvery = 16

export class Engine {
  readonly region: Region
  readonly policy: Policy
  /** These two run on the engine's own thread always. */
  readonly order: OrderStage
  readonly outcome: OutcomeStage
  /** Record received to everything at rest, in nanoseconds. */
  readonly recordLatency: Histogram
  /** One decision, candidates read to decided, in nanoseconds; whichever thread it is made on. */
  readonly decisionLatency: Histogram
  /** What latencies are measured by. */
  readonly #monotonicNs: () => number
  #decisions = 0
  readonly #options: EngineOptions
  readonly #pipeline: Pipeline
  readonly #stages: Partial<Stages>
  readonly #threads: StageThreads | FlowThreads | null
  /** The threads of a live run; null: it has none, or it is a replay. */
  readonly flow: FlowThreads | null
  readonly #halts = new Map<HaltCause, string>()
  #records = 0
  #firstNs = Number.NaN
  #lastNs = Number.NaN
  #isWarmingUp = false

  /**
   * @throws {SignalboxError} `ERR_INPUT` for options that do not go together, `ERR_BACKEND` if `native` does not load.
   */
  constructor(options: EngineOptions) {
    const { config, instruments, timeline, monotonicNs } = options
    const { policy } = config
    const types = eventTypesOf(policy)
    const symbols = instruments.map((instrument) => instrument.symbol)
    const region = Region.create(
      {
        snapshots: [hotSchema(symbols)],
        events: { types, fields: eventRecordFields, capacity: config.eventCapacity },
        positionsMax: config.positionsMax,
        histograms: latencyNames,
      },
      { backend: options.backend, epochNs: timeline.epochNs, onNotice: options.report },
    )
    region.reservations.setLimits(limitsOf(policy, types, config.capitalMinor))
    const detectors = options.detectors ?? builtInDetectors(config.detectors)
    const strategies = new Strategies(options.strategies)
    if (options.detectorModule === undefined) checkDetectors(policy, detectors, strategies, options.report)
    const journal = runJournalOf(options.journal)
    const rendererNames = { types, symbols, timeline, policyText: policyJsonText(policy) }
    const { topology = 'inline' } = options
    const isInline = topology === 'inline'
    if (!isInline) requireThreadable(options)
    else if (options.detectorModule !== undefined) {
      throw inputError('detectorModule', 'inline takes the detectors themselves: use detectors')
    }
    this.#options = options
    this.#monotonicNs = isInline ? monotonicNs : sharedMonotonicNs
    this.region = region
    this.recordLatency = region.histogram('record')
    this.decisionLatency = region.histogram('decision')
    this.policy = policy
    const stages = buildStages(
      {
        config,
        instruments,
        timeline,
        region,
        mode: options.mode,
        monotonicNs,
        stateAgeMs: options.stateAgeMs ?? (() => 0),
        tradingState: () => this.tradingState,
        detectors,
        strategies,
        scorer: options.scorer ?? null,
        onScorerFault: (reason) => this.halt('scorer', reason),
        journal: isInline ? (journal?.connect(rendererNames) ?? null) : null,
        firstSequence: journal?.nextSequence ?? 1,
        decisionLatency: this.decisionLatency,
        report: options.report,
      },
      topologies[topology][0],
    )
    this.#stages = stages
    this.order = stages.order!
    this.outcome = stages.outcome!
    const observer = (message: PipelineMessage): void => {
      if (message.kind === 'reserved') this.#decisions += 1
      options.observer?.(message)
    }
    this.flow = null
    if (isInline) {
      this.#threads = null
      this.#pipeline = new InlinePipeline(stages as Stages, observer, latencyProbeOf(region, monotonicNs))
      return
    }
    const shared = {
      ...{ topology, config, instruments, region, stages },
      detectorModule: options.detectorModule === undefined ? null : String(options.detectorModule),
      journal: journal === null ? null : requireReachable(journal.connectAway(rendererNames)),
      firstSequence: journal?.nextSequence ?? 1,
      report: options.report,
    }
    if (options.mode === 'live') this.flow = this.#flowThreads(shared)
    this.#threads = this.flow ?? new StageThreads({ ...shared, epochMs: timeline.epochMs, observer })
    this.#pipeline = this.#threads.pipeline
  }

  #flowThreads(shared: Omit<FlowThreadsOptions, keyof FlowHooks>): FlowThreads {
    const { timeline, timeScale = 1, monotonicNs, observer, onCongestion } = this.#options
    return new FlowThreads({
      ...shared,
      ...{ timeline, timeScale, monotonicNs },
      observer: (message) => observer?.(message),
      onDecision: () => {
        this.#decisions += 1
      },
      guarded: (step) => this.guarded(step),
      onCongestion: (isCongested) => onCongestion?.(isCongested),
      onAway: (reason) => {
        if (reason === null) {
          this.resume('thread')
          return
        }
        // The newest reason is the one that counts.
        this.#halts.delete('thread')
        this.halt('thread', reason)
      },
    })
  }

  /** Starts the threads of a live run, left to right. @throws {SignalboxError} what keeps one from starting. */
  async start(): Promise<void> {
    await this.flow?.start()
  }

  /**
   * Runs a step of a live run: a broken invariant halts new entries, and so does a journal that takes no more lines; the feed, open
   * positions and the journal go on.
   */
  guarded(step: () => void): void {
    try {
      step()
    } catch (thrown) {
      if (isBrokenInvariant(thrown)) this.halt('invariant', messageOf(thrown))
      else if (thrown instanceof SignalboxError && thrown.code === 'ERR_IO') this.halt('journal', thrown.message)
      else throw thrown
    }
  }

  /** Decisions so far that took a sequence. */
  get decisions(): number {
    return this.#decisions
  }

  /** What the stages counted so far, wherever they run. */
  figures(): EngineFigures {
    const counted = { ...figuresOf(this.#stages), ...this.#threads?.figures() }
    return { ...counted, latency: latencyFiguresIn(this.region) } as EngineFigures
  }

  get records(): number {
    return this.#records
  }
  /** Times of the first and newest record on the timeline; NaN before the first. Warm-up is not counted. */
  get firstNs(): number {
    return this.#firstNs
  }
  get lastNs(): number {
    return this.#lastNs
  }
  /** Time of the newest record or of what fell due after it. */
  get nowNs(): number {
    return this.#pipeline.nowNs
  }
  get tradingState(): TradingState {
    return this.#halts.size > 0 ? 'HALTED' : 'ACTIVE'
  }
  /** Why entries are halted, or null. */
  get haltReason(): string | null {
    return this.#halts.size > 0 ? [...this.#halts.values()].join('; ') : null
  }

  /** Applies one record to the state only: nothing is detected, nothing decided. Before the first `process`. */
  warmUp(record: MarketRecord): void {
    this.#pipeline.warmUp(record)
    this.#isWarmingUp = true
  }

  /**
   * Takes one record through all stages; on the threads of a live run, sends it on its way. Records come in time order.
   *
   * @param intendedNs - When it was received, on the engine's monotonic clock: what its latencies are counted from. Default: now, and in
   *   replay one record in 16 is measured.
   */
  process(record: MarketRecord, intendedNs = Number.NaN): void {
    if (this.#isWarmingUp) {
      this.#isWarmingUp = false
      if (this.#options.mode === 'live') this.#options.report('the state is warm')
    }
    if (this.#records === 0) this.#firstNs = record.atNs
    this.#records += 1
    this.#lastNs = record.atNs
    const isGiven = !Number.isNaN(intendedNs)
    if (!isGiven && this.#options.mode === 'replay' && this.#records % latencySampleEvery !== 0) {
      this.#pipeline.process(record)
      return
    }
    const beganNs = isGiven ? intendedNs : this.#monotonicNs()
    this.#pipeline.process(record, beganNs)
    // On its way through free-running threads it comes to rest elsewhere, unseen.
    if (this.flow === null) this.recordLatency.record(this.#monotonicNs() - beganNs)
  }

  /** Time has come to `nowNs` without a record (live): what fell due runs. */
  advance(nowNs: number): void {
    this.#pipeline.advance(nowNs)
  }

  /** Ends leases that are over at `monotonicNs` (live; in replay they fall due by themselves). */
  recoverLeases(monotonicNs: number): void {
    this.#pipeline.runIdle('reservation', monotonicNs)
  }

  /** Refuses new entries from now on; open positions go on. */
  halt(cause: HaltCause, reason: string): void {
    if (this.#halts.has(cause)) return
    this.#halts.set(cause, reason)
    this.#options.report(`new entries are halted: ${reason}`)
    this.#tellTradingState()
  }

  /** One cause of {@link halt} is gone; entries are admitted again when none is left. */
  resume(cause: HaltCause): void {
    if (!this.#halts.delete(cause) || this.#halts.size > 0) return
    this.#options.report('new entries are admitted again')
    this.#tellTradingState()
  }

  #tellTradingState(): void {
    this.#stages.arbitration?.markChanged()
    this.#threads?.setHalted(this.#halts.size > 0)
  }

  /** The input has ended: open positions are closed at the last price. The region stays readable until `close`. */
  stop(): void {
    if (this.flow === null) this.#pipeline.stop()
    else this.flow.stop()
  }

  close(): void {
    this.#threads?.close()
    this.region.close()
  }
}

/** What the ledger is to enforce of a policy. */
export function limitsOf(policy: Policy, types: readonly string[], capitalMinor: number): ReservationLimits {
  const interlock = policy.interlock
  return {
    capitalMinor,
    maxOpenPositions: policy.maxOpenPositions,
    maxPositionsPerSymbol: Math.min(policy.maxPositionsPerSymbol, 65_535),
    interlock:
      interlock === null
        ? null
        : {
            scope: interlock.scope,
            compatible: types.map((type) =>
              interlock.compatible.flatMap(([one, other]) =>
                one === type ? [types.indexOf(other)] : other === type ? [types.indexOf(one)] : [],
              ),
            ),
          },
    pots: potsOf(policy, types),
  }
}

/** A thread gets data, not functions. */
function requireThreadable({ topology, detectors, scorer }: EngineOptions): void {
  const refuse = (what: string): never => {
    throw inputError('topology', `${topology} does not take ${what}: use inline`)
  }
  if (detectors !== undefined) refuse('detectors of your own but as a module (detectorModule)')
  if (scorer !== undefined) refuse('a scorer of your own')
}

function requireReachable(address: JournalThreadAddress | null): JournalThreadAddress {
  if (address !== null) return address
  throw inputError(
    'topology',
    'a journal that this thread writes is not reached from others: use inline, or JournalThread.open',
  )
}

/** A broken invariant, as far as it can be told: the engine halts on it instead of going on. */
export function isBrokenInvariant(thrown: unknown): thrown is SignalboxError {
  return (thrown as { code?: unknown } | null)?.code === 'ERR_INVARIANT'
}
