/**
 * The engine: the composition root. It makes the region and the stages, wires them inline, and is driven by whoever has
 * records (replay) or a feed and a clock (run). One thread.
 */
import { monotonicNs as sharedMonotonicNs } from './base/clock.ts'
import { inputError, messageOf, SignalboxError } from './base/errors.ts'
import type { Histogram } from './base/histogram.ts'
import type { TradingState } from './domain/decision.ts'
import type { MarketRecord } from './domain/market.ts'
import type { PipelineMessage } from './domain/message.ts'
import { eventTypesOf, type Policy } from './domain/policy.ts'
import { policyTextAroundWeights } from './domain/policy-json.ts'
import { nsPerMs } from './domain/units.ts'
import type { WeightSet } from './domain/weight-set.ts'
import { type EngineFigures, figuresOf, latencyFiguresIn } from './engine-figures.ts'
import { limitsOf, regionSchemaOf } from './engine-limits.ts'
import {
  configAway,
  type EngineOptions,
  firstWeightsOf,
  type HaltCause,
  requireLive,
  requireThreadable,
  requireTopology,
  requireWeights,
  urlOf,
} from './engine-options.ts'
import { type FlowHooks, FlowThreads, type FlowThreadsOptions } from './flow-threads.ts'
import { journalEndsOf } from './journal-ends.ts'
import { InlinePipeline, type Pipeline } from './pipeline/inline.ts'
import { latencyProbeOf } from './pipeline/stage-latency.ts'
import { topologies } from './pipeline/topology.ts'
import { Region } from './region/region.ts'
import { buildStages, checkDetectors, leftToWorkersOf, type Stages } from './stage-set.ts'
import { StageThreads } from './stage-threads.ts'
import { WeightsPublisher, weightsSchema } from './stages/arbitration/weight-snapshot.ts'
import { builtInDetectors } from './stages/detection/built-in-detectors.ts'
import type { OrderStage } from './stages/order/order-stage.ts'
import type { OutcomeStage } from './stages/outcome/outcome-stage.ts'
import { Strategies } from './strategy/strategies.ts'
import { type StrategyFigures, StrategyWorkers } from './strategy-workers.ts'
import type { StrategyWorkerSpec } from './workers/strategy-spec.ts'

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
  readonly #strategies: StrategyWorkers | null
  readonly #weights: WeightsPublisher
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
    const workers = options.strategyWorkers ?? config.strategies
    if (workers.length > 0) requireLive(options.mode, workers)
    const region = Region.create(regionSchemaOf(config, symbols, workers.length), {
      backend: options.backend,
      epochNs: timeline.epochNs,
      onNotice: options.report,
    })
    region.reservations.setLimits(limitsOf(policy, types, config.capitalMinor))
    const detectors = options.detectors ?? builtInDetectors(config.detectors)
    const strategies = new Strategies(options.strategies)
    const leftToWorkers = leftToWorkersOf(config, strategies, workers.length)
    if (options.detectorModule === undefined) {
      checkDetectors(policy, detectors, strategies, leftToWorkers, options.report)
    }
    const topology = requireTopology(options.topology ?? 'inline')
    const isInline = topology === 'inline'
    if (!isInline) requireThreadable(options)
    else if (options.detectorModule !== undefined) {
      throw inputError('detectorModule', 'inline takes the detectors themselves: use detectors')
    }
    const names = { types, symbols, timeline, policyText: policyTextAroundWeights(policy) }
    const isSupposed = isInline || options.strategies === undefined
    const journal = journalEndsOf(options.journal, names, config, instruments, isInline, isSupposed)
    this.#options = options
    this.#monotonicNs = isInline ? monotonicNs : sharedMonotonicNs
    this.region = region
    this.#weights = new WeightsPublisher(region.claimWriter(weightsSchema), firstWeightsOf(options))
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
        leftToWorkers,
        scorer: options.scorer ?? null,
        onScorerFault: (reason) => this.halt('scorer', reason),
        journal: journal.port,
        tracking: journal.tracking,
        firstSequence: journal.firstSequence,
        decisionLatency: this.decisionLatency,
        report: options.report,
      },
      topologies[topology][0],
    )
    this.#stages = stages
    this.#strategies = workers.length === 0 ? null : this.#strategyWorkers(workers)
    this.order = stages.order!
    this.outcome = stages.outcome!
    const observer = (message: PipelineMessage): void => {
      if (message.kind === 'reserved') this.#decisions += 1
      this.#hear(message)
    }
    this.flow = null
    if (isInline) {
      this.#threads = null
      this.#pipeline = new InlinePipeline(stages as Stages, observer, latencyProbeOf(region, monotonicNs))
      return
    }
    const shared = {
      ...{ topology, config: configAway(config, isSupposed), instruments, region, stages, leftToWorkers },
      detectorModule: options.detectorModule === undefined ? null : urlOf(options.detectorModule),
      journal: journal.address,
      firstSequence: journal.firstSequence,
      report: options.report,
    }
    if (options.mode === 'live') this.flow = this.#flowThreads(shared)
    this.#threads = this.flow ?? new StageThreads({ ...shared, epochMs: timeline.epochMs, observer })
    this.#pipeline = this.#threads.pipeline
  }

  #flowThreads(shared: Omit<FlowThreadsOptions, keyof FlowHooks>): FlowThreads {
    const { timeline, timeScale = 1, monotonicNs, onCongestion } = this.#options
    return new FlowThreads({
      ...shared,
      ...{ timeline, timeScale, monotonicNs },
      observer: (message) => this.#hear(message),
      isShown: this.#options.observer !== undefined,
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

  #hear(message: PipelineMessage): void {
    this.#strategies?.hear(message)
    this.#options.observer?.(message)
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

  /** Of the weight set that decisions are made with from now on; 1: the policy's own. */
  get weightsVersion(): number {
    return this.#weights.version
  }

  /** Another weight set, from the next decision on, whichever thread makes it. Live only: a replay is deterministic. */
  publishWeights(set: WeightSet): void {
    requireWeights(this.#options.mode, set.version, this.weightsVersion)
    this.#weights.publish(set)
  }

  /** Applies one record to the state only: nothing is detected, nothing decided. Before the first `process`. */
  warmUp(record: MarketRecord): void {
    this.#requireStarted()
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
    if (this.#records === 0) {
      this.#requireStarted()
      this.#firstNs = record.atNs
    }
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
    this.#strategies?.announce()
  }

  /** Takes in what other threads have said by now (live, on threads); the event loop does so too, at its next turn. */
  takeIn(): void {
    this.flow?.turn()
  }

  #requireStarted(): void {
    if (this.flow?.isStarted === false) {
      throw new SignalboxError(
        'ERR_INVALID_ARGUMENT',
        'the threads have not started: await start() before the first record',
      )
    }
  }

  /** Time has come to `nowNs` without a record (live): what fell due runs. */
  advance(nowNs: number): void {
    this.#pipeline.advance(nowNs)
    this.#strategies?.announce()
  }

  /** Ends leases that are over at `monotonicNs` (live; in replay they fall due by themselves). */
  recoverLeases(monotonicNs: number): void {
    this.#pipeline.runIdle('reservation', monotonicNs)
  }

  /**
   * Starts the strategies in workers and waits until each has loaded; nothing happens where there are none.
   * @throws {SignalboxError} `ERR_INPUT` naming key and file of one that cannot be loaded; then none runs.
   */
  async startStrategies(): Promise<void> {
    await this.#strategies?.start()
  }

  /** Takes what strategies in workers have claimed, at event time `nowNs`: a bounded number of each. After records, and now and then. */
  takeClaims(nowNs: number): void {
    if (this.#strategies === null) return
    for (const claim of this.#strategies.take(nowNs)) this.#pipeline.accept(claim, nowNs)
    this.#strategies.announce()
  }

  /** Looks after the strategies in workers and tells them the time; to be called some fifty times a second. */
  checkStrategies(monotonicNs: number, nowNs: number): void {
    const isFresh = (this.#options.stateAgeMs?.() ?? 0) <= this.policy.maxStateAgeMs
    this.#strategies?.check(monotonicNs, nowNs, isFresh && this.tradingState === 'ACTIVE')
  }

  /** Ends the strategies in workers, within 2 s; what they had reserved and not submitted is free then. Before `stop`. */
  async stopStrategies(): Promise<void> {
    await this.#strategies?.stop()
  }

  /** What became of the strategies in workers, in their order; empty where there are none, and before `startStrategies`. */
  strategyFigures(): readonly StrategyFigures[] {
    return this.#strategies?.figures() ?? []
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

  #strategyWorkers(specs: readonly StrategyWorkerSpec[]): StrategyWorkers {
    const { config, instruments, report } = this.#options
    return new StrategyWorkers({
      ...{ specs, region: this.region, instruments, report },
      leaseNs: Math.round(config.leaseMs * nsPerMs),
    })
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
    this.#strategies?.abandon()
    this.region.close()
  }
}

/** A broken invariant, as far as it can be told: the engine halts on it instead of going on. */
export function isBrokenInvariant(thrown: unknown): thrown is SignalboxError {
  return (thrown as { code?: unknown } | null)?.code === 'ERR_INVARIANT'
}
