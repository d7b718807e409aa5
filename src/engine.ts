/**
 * The engine: the composition root. It makes the region and the stages, wires them inline, and is driven by whoever has
 * records (replay) or a feed and a clock (run). One thread.
 */
import type { SignalboxError } from './base/errors.ts'
import { Histogram } from './base/histogram.ts'
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
import type { Journal } from './journal/journal.ts'
import { InlinePipeline, type Pipeline } from './pipeline/inline.ts'
import { type RunJournal, runJournalOf } from './pipeline/run-journal.ts'
import { stageNames } from './pipeline/topology.ts'
import type { BackendChoice } from './region/backend/select.ts'
import type { ReservationLimits } from './region/limits.ts'
import { Region } from './region/region.ts'
import { buildStages, checkDetectors, type Stages } from './stage-set.ts'
import type { ArbitrationStage } from './stages/arbitration/arbitration-stage.ts'
import { builtInDetectors } from './stages/detection/built-in-detectors.ts'
import type { Detector } from './stages/detection/detector.ts'
import type { OrderStage } from './stages/order/order-stage.ts'
import type { OutcomeStage } from './stages/outcome/outcome-stage.ts'
import type { RegistryStage } from './stages/registry/registry-stage.ts'
import type { ReservationStage } from './stages/reservation/reservation-stage.ts'
import { hotSchema, type StateStage } from './stages/state/state-stage.ts'
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
  /** Monotonic nanoseconds, for latencies (and leases, when live). */
  readonly monotonicNs: () => number
  /** Live: leases are monotonic and the state has an age; replay: event time, age 0. */
  readonly mode: 'replay' | 'live'
  /** How old the feed's last message is, milliseconds; live only. */
  readonly stateAgeMs?: () => number
  /** In place of the built-in ones and the configuration's `detectors`. Their types must be in the policy. */
  readonly detectors?: readonly Detector[]
  /** In place of the built-in ones. */
  readonly strategies?: readonly Strategy[]
  /**
   * Makes the base score in place of the weighted sum. One that throws or gives what is no base score halts new entries for good;
   * open positions go on. `arbitrate`, `explain`, `report` and `tune` know the weighted sum only.
   */
  readonly scorer?: Scorer
  /** Takes one line about something that a person should know. */
  readonly report: (line: string) => void
  /** Hears every message between stages but state updates; for display. */
  readonly observer?: (message: PipelineMessage) => void
}

/** Why entries may be halted: the journal cannot be written, or a broken invariant or a scorer's fault, which nothing undoes. */
export type HaltCause = 'journal' | 'invariant' | 'scorer'

/** One in so many records has its way through the stages measured in replay: reading the clock costs more than a stage. */
const latencySampleEvery = 16

export class Engine {
  readonly region: Region
  readonly policy: Policy
  readonly registry: RegistryStage
  readonly arbitration: ArbitrationStage
  readonly reservation: ReservationStage
  readonly order: OrderStage
  readonly outcome: OutcomeStage
  readonly state: StateStage
  /** Record received to everything at rest, and one decision, in nanoseconds. */
  readonly latency = { record: new Histogram(), decision: new Histogram() }
  readonly #options: EngineOptions
  readonly #pipeline: Pipeline
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
      },
      { backend: options.backend, epochNs: timeline.epochNs, onNotice: options.report },
    )
    region.reservations.setLimits(limitsOf(policy, types, config.capitalMinor))
    const detectors = options.detectors ?? builtInDetectors(config.detectors)
    const strategies = new Strategies(options.strategies)
    checkDetectors(policy, detectors, strategies, options.report)
    const journal = runJournalOf(options.journal)
    const port = journal?.connect({ types, symbols, timeline, policyText: policyJsonText(policy) }) ?? null
    this.#options = options
    this.region = region
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
        journal: port,
        firstSequence: journal?.nextSequence ?? 1,
        decisionLatency: this.latency.decision,
        report: options.report,
      },
      stageNames,
    ) as Stages
    this.state = stages.state
    this.registry = stages.registry
    this.reservation = stages.reservation
    this.order = stages.order
    this.outcome = stages.outcome
    this.arbitration = stages.arbitration
    this.#pipeline = new InlinePipeline(stages, options.observer ?? null)
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

  /** Takes one record through all stages. Records come in time order. */
  process(record: MarketRecord): void {
    if (this.#isWarmingUp) {
      this.#isWarmingUp = false
      if (this.#options.mode === 'live') this.#options.report('the state is warm')
    }
    if (this.#records === 0) this.#firstNs = record.atNs
    this.#records += 1
    this.#lastNs = record.atNs
    if (this.#options.mode === 'replay' && this.#records % latencySampleEvery !== 0) {
      this.#pipeline.process(record)
      return
    }
    const beganNs = this.#options.monotonicNs()
    this.#pipeline.process(record)
    this.latency.record.record(this.#options.monotonicNs() - beganNs)
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
    this.arbitration.markChanged()
  }

  /** One cause of {@link halt} is gone; entries are admitted again when none is left. */
  resume(cause: HaltCause): void {
    if (!this.#halts.delete(cause) || this.#halts.size > 0) return
    this.#options.report('new entries are admitted again')
    this.arbitration.markChanged()
  }

  /** The input has ended: open positions are closed at the last price. The region stays readable until `close`. */
  stop(): void {
    this.#pipeline.stop()
  }

  close(): void {
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

/** A broken invariant, as far as it can be told: the engine halts on it instead of going on. */
export function isBrokenInvariant(thrown: unknown): thrown is SignalboxError {
  return (thrown as { code?: unknown } | null)?.code === 'ERR_INVARIANT'
}
