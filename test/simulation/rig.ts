/**
 * Every stage of the engine after the state, real ones over a real region, driven by a script: a test says what is traded and
 * what the detectors would say, and hears every message. What `Engine` does, but that its detectors cannot be scripted.
 */
import { Histogram } from '../../src/base/histogram.ts'
import type { Stage } from '../../src/channel/stage.ts'
import { type EngineConfig, parseConfig } from '../../src/config.ts'
import type { Scorer } from '../../src/decide/scorer.ts'
import type { TradingState } from '../../src/domain/decision.ts'
import type { DetectedSignal, DetectionSignal, NextState } from '../../src/domain/detection-signal.ts'
import type { MarketEvent } from '../../src/domain/event.ts'
import { eventRecordFields } from '../../src/domain/event-record.ts'
import { type Instrument, instrumentOf } from '../../src/domain/instrument.ts'
import { createMarketRecord, type MarketRecord, recordKinds } from '../../src/domain/market.ts'
import type { PipelineMessage, StateUpdate } from '../../src/domain/message.ts'
import { eventTypesOf } from '../../src/domain/policy.ts'
import { policyTextAroundWeights } from '../../src/domain/policy-json.ts'
import { nsPerMs, Timeline } from '../../src/domain/units.ts'
import type { WeightSet } from '../../src/domain/weight-set.ts'
import { limitsOf } from '../../src/engine-limits.ts'
import { createFillModel } from '../../src/fill/model.ts'
import { riskBudgetOf, smallestAllocationMinor } from '../../src/fill/sizing.ts'
import type { Journal } from '../../src/journal/journal.ts'
import type { AnyStage, StageSet } from '../../src/pipeline/host.ts'
import { InlinePipeline } from '../../src/pipeline/inline.ts'
import { JournalSink } from '../../src/pipeline/journal-sink.ts'
import { type RunJournal, runJournalOf } from '../../src/pipeline/run-journal.ts'
import type { StageName } from '../../src/pipeline/topology.ts'
import { Region } from '../../src/region/region.ts'
import { ArbitrationStage } from '../../src/stages/arbitration/arbitration-stage.ts'
import { CounterfactualStage } from '../../src/stages/counterfactual/counterfactual-stage.ts'
import { HypothesisStage } from '../../src/stages/counterfactual/hypothesis-stage.ts'
import { OrderStage } from '../../src/stages/order/order-stage.ts'
import { OutcomeStage } from '../../src/stages/outcome/outcome-stage.ts'
import { RegistryStage } from '../../src/stages/registry/registry-stage.ts'
import { ReservationStage } from '../../src/stages/reservation/reservation-stage.ts'
import { hotSchema, StateStage } from '../../src/stages/state/state-stage.ts'
import { Strategies } from '../../src/strategy/strategies.ts'
import type { Strategy } from '../../src/strategy/strategy.ts'

/** 2026-06-17 00:00 UTC. */
export const rigEpochMs = 1_781_654_400_000

/** Takes the event's own side, target and stop, whatever its type. */
export const followsEvent: Strategy = {
  name: 'follows-event',
  eventTypes: ['LIQUIDATION_CASCADE', 'FAILED_HUNT', 'FUNDING_SNAPBACK', 'INVENTORY_DISTRIBUTION'],
  onEvent({ side, targetTicks, stopTicks }) {
    return { side, sizeFraction: 1, targetTicks, stopTicks, timeStopNs: 180e9 }
  },
}

export interface RigOptions {
  /** As in a configuration file. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly policy?: Readonly<Record<string, unknown>>
  readonly symbols?: readonly string[]
  readonly backend?: 'auto' | 'native' | 'js'
  readonly journal?: Journal | RunJournal
  readonly strategies?: readonly Strategy[]
  readonly scorer?: Scorer
  /** Asked before each decision: a weight set that is new. */
  readonly newWeights?: () => WeightSet | null
  /** Types on which the arbiter does not decide. */
  readonly leftToWorkers?: readonly string[]
  readonly epochMs?: number
  /** False: remembers no message; for long runs. */
  readonly keepsHeard?: boolean
  /** Puts something around a stage: a fault, an ear. */
  readonly wrap?: (name: StageName, stage: AnyStage) => AnyStage
  readonly observer?: (message: PipelineMessage) => void
}

/** What a script says of an event; the rest has defaults around the symbol's last price. */
export interface Draft {
  readonly eventId: string
  readonly eventType?: string
  readonly symbol?: string
  readonly side?: 'long' | 'short'
  readonly priorityScore?: number
  readonly lifeMs?: number
  readonly capitalRequiredMinor?: number
  readonly targetTicks?: number
  readonly stopTicks?: number
  readonly regime?: MarketEvent['regime']
}

type Script = { readonly detect: Draft } | { readonly move: string; readonly to: NextState } | { readonly fail: Error }

/** Says at the next update what it was told to say. */
class ScriptedDetection implements Stage<StateUpdate, DetectionSignal> {
  readonly name = 'detection'
  readonly queue: Script[] = []
  readonly #signalOf: (script: Script, update: StateUpdate) => DetectionSignal

  constructor(signalOf: (script: Script, update: StateUpdate) => DetectionSignal) {
    this.#signalOf = signalOf
  }

  onBatch(updates: readonly StateUpdate[], count: number, emit: (signal: DetectionSignal) => void): void {
    const update = updates[count - 1]!
    for (const script of this.queue.splice(0)) emit(this.#signalOf(script, update))
  }
}

export class Rig {
  readonly config: EngineConfig
  readonly region: Region
  readonly types: readonly string[]
  readonly timeline: Timeline
  readonly instruments: readonly Instrument[]
  readonly registry: RegistryStage
  readonly arbitration: ArbitrationStage
  readonly reservation: ReservationStage
  readonly order: OrderStage
  readonly outcome: OutcomeStage
  readonly pipeline: InlinePipeline
  /** Every message but state updates, in the order in which it was said. */
  readonly heard: PipelineMessage[] = []
  readonly reports: string[] = []
  tradingState: TradingState = 'ACTIVE'
  stateAgeMs = 0
  readonly #detection: ScriptedDetection
  readonly #record = createMarketRecord()
  readonly #symbols: readonly string[]

  constructor(options: RigOptions = {}) {
    this.#symbols = options.symbols ?? ['BTC', 'ETH', 'SOL']
    const given = { symbols: this.#symbols, ...options.config, policy: options.policy ?? {} }
    this.config = parseConfig({ text: JSON.stringify(given), name: 'rig' }, null)
    const { policy, capitalMinor } = this.config
    this.types = eventTypesOf(policy)
    this.timeline = new Timeline(options.epochMs ?? rigEpochMs)
    this.instruments = this.#symbols.map((symbol) => instrumentOf(symbol, this.config.instruments))
    const hot = hotSchema(this.#symbols)
    this.region = Region.create(
      {
        snapshots: [hot],
        events: { types: this.types, fields: eventRecordFields, capacity: this.config.eventCapacity },
        positionsMax: this.config.positionsMax,
      },
      { backend: options.backend ?? 'auto', epochNs: this.timeline.epochNs },
    )
    const { region } = this
    const { reservations } = region
    reservations.setLimits(limitsOf(policy, this.types, capitalMinor))
    const model = createFillModel(this.config.fill)
    const strategies = new Strategies(options.strategies ?? [followsEvent])
    const reader = region.reader(hot)
    this.#detection = new ScriptedDetection((script, update) => this.#signalOf(script, update))
    this.registry = new RegistryStage(region, policy, { types: this.types, symbols: this.#symbols }, (line) =>
      this.reports.push(line),
    )
    this.order = new OrderStage({
      claimsHalted: () => (this.tradingState === 'ACTIVE' ? null : 'halted'),
      policy,
      instruments: this.instruments,
      timeline: this.timeline,
      model,
      strategies,
      reservations,
      reader,
      report: (line) => this.reports.push(line),
    })
    this.reservation = new ReservationStage(reservations, {
      leaseNs: Math.round(this.config.leaseMs * nsPerMs),
      leaseClock: (atNs) => atNs,
      isEventTime: true,
    })
    this.outcome = new OutcomeStage(reservations, capitalMinor)
    let readings = 0
    this.arbitration = new ArbitrationStage(region, {
      policy,
      symbols: this.#symbols,
      timeline: this.timeline,
      firstSequence: options.journal?.nextSequence ?? 1,
      readMarket: () => {
        const isEmpty = reader.read() === 0
        const { stateVersion, updatedAtNs } = reader.headIndex
        return {
          stateVersion: isEmpty ? 0 : reader.head[stateVersion]!,
          updatedAtNs: isEmpty ? Number.NEGATIVE_INFINITY : reader.head[updatedAtNs]!,
        }
      },
      lotCapitalMinor: ({ side, targetTicks, stopTicks, symbolIndex }, available) => {
        const lastTicks = this.order.lastTicks(symbolIndex)
        if (!(lastTicks >= 1)) return Number.POSITIVE_INFINITY
        return smallestAllocationMinor(model, {
          instrument: this.instruments[symbolIndex]!,
          plan: { side, sizeFraction: 1, targetTicks, stopTicks, timeStopNs: 1 },
          lastTicks,
          leverage: policy.leverage,
          riskBudgetMinor: riskBudgetOf(available, policy.riskPerTrade),
        })
      },
      leftToWorkers: options.leftToWorkers ?? [],
      stateAgeMs: () => this.stateAgeMs,
      tradingState: () => this.tradingState,
      newWeights: options.newWeights ?? (() => null),
      scorer: options.scorer ?? null,
      onScorerFault: (reason) => this.reports.push(reason),
      monotonicNs: () => readings++,
      latency: new Histogram(),
    })
    const policyText = policyTextAroundWeights(policy)
    const names = { types: this.types, symbols: this.#symbols, timeline: this.timeline, policyText }
    const journal = runJournalOf(options.journal ?? null)
    const { fill, eventCapacity, positionsMax, counterfactuals } = this.config
    const { pendingMax } = counterfactuals
    const port =
      journal?.connect(names, {
        policy,
        instruments: this.instruments,
        fill,
        eventCapacity,
        positionsMax,
        pendingMax,
        isSupposed: true,
      }) ?? null
    const stages: Record<StageName, AnyStage> = {
      state: new StateStage(this.#symbols.length, region.claimWriter(hot)),
      detection: this.#detection,
      registry: this.registry,
      reservation: this.reservation,
      order: this.order,
      outcome: this.outcome,
      journal: new JournalSink(port, this.instruments, this.timeline),
      hypothesis: new HypothesisStage({ port, strategies, reader: region.reader(hot), liveEvents: () => [] }),
      counterfactual: new CounterfactualStage(journal?.tracking ?? null),
      arbitration: this.arbitration,
    }
    for (const name of Object.keys(stages) as StageName[]) {
      if (options.wrap !== undefined) stages[name] = options.wrap(name, stages[name])
    }
    this.pipeline = new InlinePipeline(stages satisfies Required<StageSet>, (message) => {
      if (options.keepsHeard !== false) this.heard.push(message)
      options.observer?.(message)
    })
  }

  symbolIndex(symbol: string): number {
    return this.#symbols.indexOf(symbol)
  }

  /** The next record's detectors say this, before anything that was said later. */
  detect(draft: Draft): void {
    this.#detection.queue.push({ detect: draft })
  }

  move(eventId: string, to: NextState): void {
    this.#detection.queue.push({ move: eventId, to })
  }

  failDetector(error: Error): void {
    this.#detection.queue.push({ fail: error })
  }

  trade(atMs: number, symbol: string, priceTicks: number, quantityLots = 1): void {
    this.process({ kind: recordKinds.trade, symbol, atMs, priceTicks, quantityLots, aggressor: 1 })
  }

  context(atMs: number, symbol: string, markTicks: number): void {
    const context = { markTicks, oracleTicks: markTicks, openInterestLots: 1000, fundingRate: 1e-5 }
    this.process({ kind: recordKinds.context, symbol, atMs, ...context })
  }

  /** One record through all stages; the object is reused, as a feed reuses its own. */
  process(given: Partial<MarketRecord> & { readonly symbol: string; readonly atMs: number }): void {
    const { symbol, atMs, ...fields } = given
    Object.assign(this.#record, createMarketRecord(), fields)
    this.#record.atNs = atMs * nsPerMs
    this.#record.symbolIndex = this.symbolIndex(symbol)
    this.pipeline.process(this.#record)
  }

  heardOf<Kind extends PipelineMessage['kind']>(kind: Kind): Extract<PipelineMessage, { kind: Kind }>[] {
    return this.heard.filter((message) => message.kind === kind) as Extract<PipelineMessage, { kind: Kind }>[]
  }

  close(): void {
    this.region.close()
  }

  #signalOf(script: Script, update: StateUpdate): DetectionSignal {
    if ('fail' in script) {
      return {
        kind: 'failed',
        detectorKind: 'scripted',
        symbol: this.#symbols[update.symbolIndex]!,
        symbolIndex: update.symbolIndex,
        atNs: update.atNs,
        error: script.fail as never,
      }
    }
    if ('move' in script) {
      const { move: eventId, to } = script
      return { kind: 'transition', eventId, symbolIndex: update.symbolIndex, to, atNs: update.atNs, evidence: {} }
    }
    return this.#detected(script.detect, update)
  }

  #detected(draft: Draft, update: StateUpdate): DetectedSignal {
    const symbol = draft.symbol ?? this.#symbols[update.symbolIndex]!
    const symbolIndex = this.symbolIndex(symbol)
    const last = this.order.lastTicks(symbolIndex)
    const referenceTicks = last >= 1 ? last : 100_000
    const side = draft.side ?? 'long'
    const direction = side === 'long' ? 1 : -1
    const targetTicks = draft.targetTicks ?? referenceTicks + direction * Math.max(1, Math.round(referenceTicks * 0.01))
    const stopTicks = draft.stopTicks ?? referenceTicks - direction * Math.max(1, Math.round(referenceTicks * 0.005))
    const eventType = draft.eventType ?? 'LIQUIDATION_CASCADE'
    return {
      kind: 'detected',
      eventId: draft.eventId,
      eventType,
      typeIndex: this.types.indexOf(eventType),
      symbol,
      symbolIndex,
      side,
      detectedAtNs: update.atNs,
      waitingSinceNs: update.atNs,
      expiresAtNs: update.atNs + (draft.lifeMs ?? 120_000) * nsPerMs,
      priorityScore: draft.priorityScore ?? 0.5,
      regime: draft.regime ?? 'expansion',
      rewardRisk: Math.abs(targetTicks - referenceTicks) / Math.abs(referenceTicks - stopTicks),
      winRate: 0.4,
      capitalRequiredMinor: draft.capitalRequiredMinor ?? 0,
      referenceTicks,
      targetTicks,
      stopTicks,
      evidence: { scripted: 1 },
    }
  }
}
