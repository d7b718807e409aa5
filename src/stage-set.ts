/**
 * Builds the stages, all of them or those that one thread runs: what they share is in a {@link StageContext}. The engine does so for its
 * own thread, `stage-worker.ts` for each other one.
 */
import { inputError } from './base/errors.ts'
import type { Histogram } from './base/histogram.ts'
import type { EngineConfig } from './config.ts'
import type { Scorer } from './decide/scorer.ts'
import type { TradingState } from './domain/decision.ts'
import type { MarketEvent, Side } from './domain/event.ts'
import { eventsInTable } from './domain/event-table.ts'
import type { HotField } from './domain/hot-state.ts'
import { hotFieldIndex } from './domain/hot-state.ts'
import type { Instrument } from './domain/instrument.ts'
import { eventTypesOf, type Policy } from './domain/policy.ts'
import { regimes } from './domain/regime.ts'
import { nsPerMs, type Timeline } from './domain/units.ts'
import type { WeightSet } from './domain/weight-set.ts'
import { createFillModel, type FillModel } from './fill/model.ts'
import { riskBudgetOf, smallestAllocationMinor } from './fill/sizing.ts'
import type { JournalPort } from './journal/journal-frame.ts'
import { JournalSink } from './pipeline/journal-sink.ts'
import type { StageName } from './pipeline/topology.ts'
import type { Region } from './region/region.ts'
import { type SnapshotReader, snapshotEmpty, snapshotOverrun } from './region/snapshot.ts'
import { ArbitrationStage } from './stages/arbitration/arbitration-stage.ts'
import { WeightsReading, weightsSchema } from './stages/arbitration/weight-snapshot.ts'
import { CounterfactualStage } from './stages/counterfactual/counterfactual-stage.ts'
import { HypothesisStage } from './stages/counterfactual/hypothesis-stage.ts'
import type { TrackingPort } from './stages/counterfactual/tracking-frames.ts'
import { DetectionStage } from './stages/detection/detection-stage.ts'
import type { Detector } from './stages/detection/detector.ts'
import { OrderStage } from './stages/order/order-stage.ts'
import { OutcomeStage } from './stages/outcome/outcome-stage.ts'
import { RegistryStage } from './stages/registry/registry-stage.ts'
import { ReservationStage } from './stages/reservation/reservation-stage.ts'
import { type HotHead, hotSchema, StateStage } from './stages/state/state-stage.ts'
import type { Strategies } from './strategy/strategies.ts'

/** What stages are built from. */
export interface StageContext {
  readonly config: EngineConfig
  readonly instruments: readonly Instrument[]
  readonly timeline: Timeline
  /** This thread's attachment; its schema has the snapshots of hot state and weights. */
  readonly region: Region
  readonly mode: 'replay' | 'live'
  readonly monotonicNs: () => number
  readonly stateAgeMs: () => number
  readonly tradingState: () => TradingState
  readonly detectors: readonly Detector[]
  readonly strategies: Strategies
  /** Types that the arbiter leaves to strategies in workers. */
  readonly leftToWorkers: readonly string[]
  readonly scorer: Scorer | null
  readonly onScorerFault: (reason: string) => void
  readonly journal: JournalPort | null
  /** Where the tracker is told of the market, on the order stage's thread; null: nothing is tracked. */
  readonly tracking: TrackingPort | null
  readonly firstSequence: number
  readonly decisionLatency: Histogram
  readonly report: (line: string) => void
  /** The stages take the place of others, whose thread has ended. */
  readonly isSuccessor?: boolean
}

/** The stages by name. */
export interface Stages {
  readonly state: StateStage
  readonly detection: DetectionStage
  readonly registry: RegistryStage
  readonly reservation: ReservationStage
  readonly order: OrderStage
  readonly outcome: OutcomeStage
  readonly journal: JournalSink
  readonly hypothesis: HypothesisStage
  readonly counterfactual: CounterfactualStage
  readonly arbitration: ArbitrationStage
}

/** @param names - Those that this thread runs. */
export function buildStages(context: StageContext, names: readonly StageName[]): Partial<Stages> {
  const builders: { readonly [Name in StageName]: () => Stages[Name] } = buildersOf(context)
  return Object.fromEntries(names.map((name) => [name, builders[name]()]))
}

function buildersOf(context: StageContext): { readonly [Name in StageName]: () => Stages[Name] } {
  const { config, instruments, timeline, region, strategies, detectors, report, mode } = context
  const { policy } = config
  const types = eventTypesOf(policy)
  const symbols = instruments.map((instrument) => instrument.symbol)
  const hot = hotSchema(symbols)
  const { reservations } = region
  const model = createFillModel(config.fill)
  const reader = (): SnapshotReader<HotHead, HotField> => region.reader(hot)
  const isLive = mode === 'live'
  const market = new HotReading(reader())
  return {
    state: () => new StateStage(symbols.length, region.claimWriter(hot), market.read().stateVersion),
    detection: () => new DetectionStage({ instruments, eventTypes: types, timeline, detectors }, reader()),
    registry: () => new RegistryStage(region, policy, { types, symbols }, report),
    reservation: () =>
      new ReservationStage(reservations, {
        leaseNs: Math.round(config.leaseMs * nsPerMs),
        leaseClock: isLive ? context.monotonicNs : (atNs) => atNs,
        isEventTime: !isLive,
        isSuccessor: context.isSuccessor === true,
      }),
    order: () =>
      new OrderStage({
        ...{ policy, instruments, timeline, model, strategies, reservations, report },
        reader: reader(),
        claimsHalted: () => {
          if (context.tradingState() !== 'ACTIVE') return 'halted'
          return context.stateAgeMs() > policy.maxStateAgeMs ? 'stale_state' : null
        },
      }),
    outcome: () => new OutcomeStage(reservations, config.capitalMinor),
    journal: () => new JournalSink(context.journal, instruments, timeline),
    hypothesis: () =>
      new HypothesisStage({
        port: config.counterfactuals.isTracked ? context.journal : null,
        ...{ strategies, reader: reader() },
        liveEvents: () => eventsInTable(region.events, types, symbols),
      }),
    counterfactual: () => new CounterfactualStage(context.tracking),
    arbitration: () =>
      new ArbitrationStage(region, {
        policy,
        symbols,
        timeline,
        firstSequence: context.firstSequence,
        readMarket: () => market.read(),
        lotCapitalMinor: lotCapital(policy, instruments, model, reader()),
        stateAgeMs: context.stateAgeMs,
        leftToWorkers: context.leftToWorkers,
        tradingState: context.tradingState,
        newWeights: isLive ? newWeightsIn(region) : () => null,
        scorer: context.scorer,
        onScorerFault: context.onScorerFault,
        monotonicNs: context.monotonicNs,
        latency: context.decisionLatency,
      }),
  }
}

/** A replay decides with its policy's weights, whatever its journal's folder says: it repeats itself. */
function newWeightsIn(region: Region): () => WeightSet | null {
  const reading = new WeightsReading(region.reader(weightsSchema))
  return () => reading.next()
}

/** Reads the hot state, all of it. */
class HotReading {
  stateVersion = 0
  updatedAtNs = Number.NEGATIVE_INFINITY
  readonly #reader: SnapshotReader<HotHead, HotField>

  constructor(reader: SnapshotReader<HotHead, HotField>) {
    this.#reader = reader
  }

  read(): this {
    const reader = this.#reader
    let version = reader.read()
    // Its writer lapped us: the next reading will do.
    while (version === snapshotOverrun) version = reader.read()
    if (version === snapshotEmpty) return this
    this.stateVersion = reader.head[reader.headIndex.stateVersion]!
    this.updatedAtNs = reader.head[reader.headIndex.updatedAtNs]!
    return this
  }
}

/** The least allocation that buys a lot, at the last price in the state that was read. */
function lotCapital(
  policy: Policy,
  instruments: readonly Instrument[],
  model: FillModel,
  reader: SnapshotReader<HotHead, HotField>,
) {
  // Asked of every candidate of every decision: filled in anew, not made anew.
  const plan = { side: 'long' as Side, sizeFraction: 1, targetTicks: 0, stopTicks: 0, timeStopNs: 1 }
  const request = { instrument: instruments[0]!, plan, lastTicks: 0, leverage: policy.leverage, riskBudgetMinor: 0 }
  return (event: MarketEvent, capitalMinor: number): number => {
    const lastTicks = reader.rows[event.symbolIndex]![hotFieldIndex.lastTicks]!
    // Before the symbol's first trade nothing can be bought.
    if (!(lastTicks >= 1)) return Number.POSITIVE_INFINITY
    plan.side = event.side
    plan.targetTicks = event.targetTicks
    plan.stopTicks = event.stopTicks
    request.instrument = instruments[event.symbolIndex]!
    request.lastTicks = lastTicks
    request.riskBudgetMinor = riskBudgetOf(capitalMinor, policy.riskPerTrade)
    return smallestAllocationMinor(model, request)
  }
}

/**
 * The types on which the arbiter does not decide where strategies run in workers: those that the configuration leaves to them, and those
 * that no strategy of the order stage answers: decided on, they would only be declined and end.
 * @throws {SignalboxError} `ERR_INPUT` for types that are none, or are left to strategies that there are not.
 */
export function leftToWorkersOf(config: EngineConfig, strategies: Strategies, workers: number): readonly string[] {
  const types = eventTypesOf(config.policy)
  const given = config.leaveToStrategies
  const unknown = given.find((type) => !types.includes(type))
  if (unknown !== undefined)
    throw inputError('leave_to_strategies', `${unknown} is no event type of the policy`, unknown)
  if (workers === 0 && given.length > 0) {
    throw inputError('leave_to_strategies', 'there are no strategies to leave anything to', given)
  }
  if (workers === 0) return []
  return types.filter((type) => given.includes(type) || strategies.strategyOf(type) === null)
}

/**
 * What detectors need and nobody says is refused before they run; what no strategy answers is told.
 * @throws {SignalboxError} `ERR_INPUT` for a type without an alignment for some regime.
 */
export function checkDetectors(
  policy: Policy,
  detectors: readonly Detector[],
  strategies: Strategies,
  leftToWorkers: readonly string[],
  report: (line: string) => void,
): void {
  for (const { kind, eventType } of detectors) {
    for (const regime of regimes) {
      if (policy.regimeTable[eventType]?.[regime] === undefined) {
        throw inputError(`policy.regime_table.${eventType}.${regime}`, 'a detector needs it and nobody says it')
      }
    }
    if (strategies.strategyOf(eventType) === null && !leftToWorkers.includes(eventType)) {
      report(`no strategy answers ${eventType}: what detector ${kind} finds is decided on and never entered`)
    }
  }
}
