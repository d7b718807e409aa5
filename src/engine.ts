/**
 * The engine: the composition root. It makes the region and the stages, wires them inline, and is driven by whoever has
 * records (replay) or a feed and a clock (run). One thread.
 */
import { inputError, type SignalboxError } from './base/errors.ts'
import { Histogram } from './base/histogram.ts'
import type { EngineConfig } from './config.ts'
import type { Scorer } from './decide/scorer.ts'
import type { TradingState } from './domain/decision.ts'
import type { MarketEvent } from './domain/event.ts'
import { eventRecordFields } from './domain/event-record.ts'
import type { Instrument } from './domain/instrument.ts'
import type { MarketRecord } from './domain/market.ts'
import type { PipelineMessage } from './domain/message.ts'
import { eventTypesOf, type Policy } from './domain/policy.ts'
import { policyJsonText } from './domain/policy-json.ts'
import { potsOf } from './domain/pots.ts'
import { regimes } from './domain/regime.ts'
import { nsPerMs, type Timeline } from './domain/units.ts'
import { createFillModel } from './fill/model.ts'
import { riskBudgetOf, smallestAllocationMinor } from './fill/sizing.ts'
import type { Journal } from './journal/journal.ts'
import { InlinePipeline, type Pipeline } from './pipeline/inline.ts'
import { JournalSink } from './pipeline/journal-sink.ts'
import { type RunJournal, runJournalOf } from './pipeline/run-journal.ts'
import type { BackendChoice } from './region/backend/select.ts'
import type { ReservationLimits } from './region/limits.ts'
import { Region } from './region/region.ts'
import { ArbitrationStage } from './stages/arbitration/arbitration-stage.ts'
import { builtInDetectors } from './stages/detection/built-in-detectors.ts'
import { DetectionStage } from './stages/detection/detection-stage.ts'
import type { Detector } from './stages/detection/detector.ts'
import { OrderStage } from './stages/order/order-stage.ts'
import { OutcomeStage } from './stages/outcome/outcome-stage.ts'
import { RegistryStage } from './stages/registry/registry-stage.ts'
import { ReservationStage } from './stages/reservation/reservation-stage.ts'
import { hotSchema, StateStage } from './stages/state/state-stage.ts'
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
    const hot = hotSchema(symbols)
    const region = Region.create(
      {
        snapshots: [hot],
        events: { types, fields: eventRecordFields, capacity: config.eventCapacity },
        positionsMax: config.positionsMax,
      },
      { backend: options.backend, epochNs: timeline.epochNs, onNotice: options.report },
    )
    const { reservations } = region
    reservations.setLimits(limitsOf(policy, types, config.capitalMinor))
    const model = createFillModel(config.fill)
    const reader = region.reader(hot)
    this.#options = options
    this.region = region
    this.policy = policy
    this.state = new StateStage(symbols.length, region.claimWriter(hot))
    const detectors = options.detectors ?? builtInDetectors(config.detectors)
    const strategies = new Strategies(options.strategies)
    for (const { kind, eventType } of detectors) {
      requireAlignment(policy, eventType)
      if (strategies.strategyOf(eventType) === null) {
        options.report(`no strategy answers ${eventType}: what detector ${kind} finds is decided on and never entered`)
      }
    }
    const detection = new DetectionStage({ instruments, eventTypes: types, timeline, detectors }, reader)
    this.registry = new RegistryStage(region, policy, options.report)
    this.order = new OrderStage({
      policy,
      instruments,
      timeline,
      model,
      strategies,
      reservations,
      reader,
      report: options.report,
    })
    const isLive = options.mode === 'live'
    this.reservation = new ReservationStage(reservations, {
      leaseNs: Math.round(config.leaseMs * nsPerMs),
      leaseClock: isLive ? monotonicNs : (atNs) => atNs,
      isEventTime: !isLive,
    })
    this.outcome = new OutcomeStage(reservations, config.capitalMinor)
    const sizing = (event: MarketEvent, capitalMinor: number): number => {
      const lastTicks = this.order.lastTicks(event.symbolIndex)
      // Before the symbol's first trade nothing can be bought.
      if (!(lastTicks >= 1)) return Number.POSITIVE_INFINITY
      const { side, targetTicks, stopTicks } = event
      const plan = { side, sizeFraction: 1, targetTicks, stopTicks, timeStopNs: 1 }
      const riskBudgetMinor = riskBudgetOf(capitalMinor, policy.riskPerTrade)
      const instrument = instruments[event.symbolIndex]!
      return smallestAllocationMinor(model, { instrument, plan, lastTicks, leverage: policy.leverage, riskBudgetMinor })
    }
    const journal = runJournalOf(options.journal)
    this.arbitration = new ArbitrationStage(region, {
      policy,
      symbols,
      timeline,
      firstSequence: journal?.nextSequence ?? 1,
      lotCapitalMinor: sizing,
      stateAgeMs: options.stateAgeMs ?? (() => 0),
      tradingState: () => this.tradingState,
      scorer: options.scorer ?? null,
      onScorerFault: (reason) => this.halt('scorer', reason),
      monotonicNs,
      latency: this.latency.decision,
    })
    const port = journal?.connect({ types, symbols, timeline, policyText: policyJsonText(policy) }) ?? null
    this.#pipeline = new InlinePipeline(
      {
        state: this.state,
        detection,
        registry: this.registry,
        reservation: this.reservation,
        order: this.order,
        outcome: this.outcome,
        journal: new JournalSink(port, instruments, timeline),
        arbitration: this.arbitration,
      },
      options.observer ?? null,
    )
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

/** An event's alignment is read when it is detected: a type without one for some regime is refused before. */
function requireAlignment(policy: Policy, eventType: string): void {
  for (const regime of regimes) {
    if (policy.regimeTable[eventType]?.[regime] === undefined) {
      throw inputError(`policy.regime_table.${eventType}.${regime}`, 'a detector needs it and nobody says it')
    }
  }
}

/** A broken invariant, as far as it can be told: the engine halts on it instead of going on. */
export function isBrokenInvariant(thrown: unknown): thrown is SignalboxError {
  return (thrown as { code?: unknown } | null)?.code === 'ERR_INVARIANT'
}
