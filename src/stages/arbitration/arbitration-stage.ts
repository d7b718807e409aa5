/**
 * The arbitration stage: drains what it was told, then decides once on the whole set of actionable events in the registry
 * (ERRATA E9), when candidates, positions, capital or trading state changed, and else every `decisionIntervalMs` while there is
 * a candidate (CONTRACTS "When it decides"). A repeat of the decision before is counted and goes nowhere.
 */
import type { Histogram } from '../../base/histogram.ts'
import { IntegerMap } from '../../base/integer-map.ts'
import type { Emit, Stage } from '../../channel/stage.ts'
import type { AccountState } from '../../decide/account.ts'
import { Arbiter } from '../../decide/arbiter.ts'
import { type CandidateInput, CandidateSet } from '../../decide/candidate-set.ts'
import type { DecisionView } from '../../decide/decision-view.ts'
import { type RecordStamp, writeDecisionRecord } from '../../decide/decision-writer.ts'
import { PositionSet } from '../../decide/position-set.ts'
import { RecordSlab } from '../../decide/record-slab.ts'
import { isScorerFault, type Scorer } from '../../decide/scorer.ts'
import type { TradingState } from '../../domain/decision.ts'
import { DecisionMade, type SelectedMember } from '../../domain/decision-made.ts'
import { type DecisionRecordNames, decisionRecordSize } from '../../domain/decision-record.ts'
import { isActionable, lifecycle, type MarketEvent } from '../../domain/event.ts'
import { eventRecordIndex } from '../../domain/event-record.ts'
import { eventsInTable } from '../../domain/event-table.ts'
import type {
  DecisionReserved,
  EventChange,
  LeasesRecovered,
  PositionSettled,
  StateUpdate,
} from '../../domain/message.ts'
import { eventTypesOf, type Policy } from '../../domain/policy.ts'
import { type Pots, potsOf } from '../../domain/pots.ts'
import { regimes } from '../../domain/regime.ts'
import { nsPerMs, type Timeline } from '../../domain/units.ts'
import { policyWeightsVersion, type WeightSet } from '../../domain/weight-set.ts'
import type { ScannedEvent } from '../../region/event-registry.ts'
import type { Region } from '../../region/region.ts'
import type { PositionSlot } from '../../region/reservations.ts'
import { ArbitrationHealth } from './arbitration-health.ts'
import { decisionNames } from './decision-names.ts'
import { idlePotsOf } from './idle-pots.ts'
import { LastDecision } from './last-decision.ts'

export type ArbitrationInput = StateUpdate | EventChange | DecisionReserved | PositionSettled | LeasesRecovered

/** The market that a decision sees. */
export interface MarketReading {
  /** What the journal says of the decision. */
  readonly stateVersion: number
  /** Of its newest record; −Infinity before the first. */
  readonly updatedAtNs: number
}

export interface ArbitrationSettings {
  readonly policy: Policy
  readonly symbols: readonly string[]
  readonly timeline: Timeline
  /** First sequence that the journal has not used. */
  readonly firstSequence: number
  /** Takes the market as it stands, for the decision that follows; what it gives is used again. */
  readonly readMarket: () => MarketReading
  /** The least allocation that buys one lot of the event's symbol in it, minor units; Infinity where risk buys none. */
  readonly lotCapitalMinor: (event: MarketEvent, capitalMinor: number) => number
  /** Live: how old the feed's last message is, milliseconds; replay: 0. */
  readonly stateAgeMs: () => number
  /** Types on which nothing is decided here: strategies in workers have them to themselves. */
  readonly leftToWorkers: readonly string[]
  readonly tradingState: () => TradingState
  /** Weights that were published since it was asked last; null: those that it has. Asked before each decision. */
  readonly newWeights: () => WeightSet | null
  /** A user's own; null: the weighted sum. */
  readonly scorer: Scorer | null
  /** The scorer's fault, once: from then on nothing is decided, since there is nothing to rank by. */
  readonly onScorerFault: (reason: string) => void
  /** For the latency of a decision: candidates and positions read, decided. */
  readonly monotonicNs: () => number
  readonly latency: Histogram
}

export interface ArbitrationCounters {
  /** Decisions that took a sequence. */
  decisions: number
  /** Decisions that repeated the one before. */
  repeats: number
  /** Decisions between two or more actionable events. */
  multiEvent: number
  /** Events that were selected. */
  selected: number
}

export class ArbitrationStage implements Stage<ArbitrationInput, DecisionMade> {
  readonly name = 'arbitration'
  readonly counters: ArbitrationCounters = { decisions: 0, repeats: 0, multiEvent: 0, selected: 0 }
  readonly health: ArbitrationHealth
  readonly #region: Region
  readonly #settings: ArbitrationSettings
  readonly #arbiter: Arbiter
  readonly #candidates: CandidateSet
  /** What is added to them, one after the other. */
  readonly #candidate: { -readonly [Key in keyof CandidateInput]-?: CandidateInput[Key] } = {
    ...{ eventId: '', handle: 0, side: 0, regimeIndex: 0, typeIndex: 0, symbolIndex: 0, lifecycleState: 0 },
    ...{ priorityScore: 0, regimeAlignment: 0, expectedValue: 0, detectedAtNs: 0, waitingSinceNs: 0, expiresAtNs: 0 },
    ...{ capitalRequiredMinor: 0, lotCapitalMinor: 0 },
  }
  readonly #positions: PositionSet
  readonly #names: DecisionRecordNames
  readonly #stamp: { -readonly [Key in keyof RecordStamp]: RecordStamp[Key] }
  readonly #last: LastDecision
  readonly #records = new RecordSlab()
  readonly #handles: Float64Array
  /** Events that a decision went out for: no candidates until the answer, nor once granted, unless the grant was lost. */
  readonly #claimed = new IntegerMap<true>()
  readonly #leftOut: ReadonlySet<number>
  /** Events by handle: the live ones, and the ended ones that a position still holds. */
  readonly #events = new IntegerMap<MarketEvent>()
  /** Of them: the ended ones. */
  readonly #ended = new IntegerMap<true>()
  readonly #account: { -readonly [Key in keyof AccountState]: AccountState[Key] }
  readonly #deficitsMinor: Float64Array
  /** Of a policy whose idle pots lend. */
  readonly #lending: Pots | null
  readonly #intervalNs: number
  /** Handles of the live events that may be decided on: a set, since of an event that another stage or thread left here only a part is told. */
  readonly #actionable = new IntegerMap<true>()
  #isDirty = false
  #isStopped = false
  #isFaulty = false
  /** Of a decision that is not answered yet: the next one waits for what became of it (FLOW-1). Null: none is. */
  #awaited: readonly SelectedMember[] | null = null
  #nowNs = 0
  #decidedAtNs = Number.NEGATIVE_INFINITY
  #stateVersion = 0
  #sequence: number

  constructor(region: Region, settings: ArbitrationSettings) {
    const types = eventTypesOf(settings.policy)
    const capacity = region.events.capacity
    this.health = new ArbitrationHealth(settings.policy, types)
    this.#region = region
    this.#settings = settings
    this.#arbiter = new Arbiter(
      settings.policy,
      types,
      capacity,
      settings.scorer === null ? {} : { scorer: settings.scorer },
    )
    this.#candidates = new CandidateSet(capacity)
    this.#positions = new PositionSet(region.reservations.positionsMax)
    this.#names = {
      types,
      symbols: settings.symbols,
      timeline: settings.timeline,
      idOf: (handle) => this.#events.get(handle)?.eventId ?? region.events.idOf(handle) ?? '',
    }
    const { weights } = settings.policy
    this.#stamp = { sequence: 0, weightsVersion: policyWeightsVersion, stateVersion: 0, weights, regime: -1 }
    this.#last = new LastDecision(capacity)
    this.#handles = new Float64Array(capacity)
    this.#leftOut = new Set(settings.leftToWorkers.map((type) => types.indexOf(type)))
    this.#deficitsMinor = new Float64Array(types.length)
    this.#account = {
      nowNs: 0,
      capitalMinor: 0,
      tradingState: 'ACTIVE',
      stateAgeMs: 0,
      lastExecutedTypeIndex: -1,
      deficitsMinor: this.#deficitsMinor,
    }
    this.#lending = settings.policy.capitalSlotsBorrow === 'none' ? null : potsOf(settings.policy, types)
    this.#intervalNs = settings.policy.decisionIntervalMs * nsPerMs
    this.#sequence = settings.firstSequence
  }

  /** Takes over what is live in the table already: of a stage before it, whose thread has ended. */
  onStart(): void {
    const { types, symbols } = this.#names
    const found = eventsInTable(this.#region.events, types, symbols)
    for (const { event, handle, lifecycle: state } of found) {
      this.#events.set(handle, event)
      if (isActionable(state) && !this.#leftOut.has(event.typeIndex)) this.#actionable.set(handle, true)
    }
    this.#isDirty = found.length > 0
  }

  /** Nothing is decided any more. */
  onStop(nowNs: number): void {
    this.#isStopped = true
    this.health.idle(nowNs)
  }

  onBatch(inputs: readonly ArbitrationInput[], count: number, emit: Emit<DecisionMade>): void {
    if (this.#isStopped) return
    for (let index = 0; index < count; index += 1) this.#take(inputs[index]!)
    if (this.#isFaulty || this.#awaited !== null) return
    if (this.#actionable.size === 0) {
      this.#last.forget()
      this.#isDirty = false
      return
    }
    if (!this.#isDirty && this.#nowNs - this.#decidedAtNs < this.#intervalNs) return
    this.#isDirty = false
    this.#decidedAtNs = this.#nowNs
    this.#decide(emit)
  }

  /** The trading state changed: the next batch decides. */
  markChanged(): void {
    this.#isDirty = true
  }

  #take(input: ArbitrationInput): void {
    if (input.kind === 'state') {
      this.#nowNs = Math.max(this.#nowNs, input.atNs)
      return
    }
    this.#isDirty = true
    switch (input.kind) {
      case 'event':
        this.#nowNs = Math.max(this.#nowNs, input.atNs)
        this.#track(input)
        break
      case 'reserved': {
        this.#answered(input)
        const best = input.decision.members[0]
        if (best !== undefined && input.statuses[0] === 'SUCCESS') {
          this.#account.lastExecutedTypeIndex = best.event.typeIndex
        }
        break
      }
      case 'settled': {
        this.#nowNs = Math.max(this.#nowNs, input.atNs)
        const { handle } = input.position.grant.member
        this.#claimed.delete(handle)
        this.#forgetGone(handle)
        break
      }
      case 'recovered':
        this.#recovered(input.count)
        break
    }
  }

  #answered({ decision, statuses }: DecisionReserved): void {
    this.#awaited = null
    const { members } = decision
    for (let index = 0; index < members.length; index += 1) {
      if (statuses[index] !== 'SUCCESS') this.#claimed.delete(members[index]!.handle)
    }
  }

  /** So many leases ended: their grants are free. None: reservation began anew, and a decision on its way may be lost. */
  #recovered(count: number): void {
    if (count === 0) this.#awaited = null
    this.#claimed.clear()
    for (const { handle } of this.#region.reservations.positions()) this.#claimed.set(handle, true)
    for (const { handle } of this.#awaited ?? []) this.#claimed.set(handle, true)
  }

  /** An ended event that nobody holds any more, if the registry has retired it. */
  #forgetGone(handle: number): void {
    if (this.#region.events.get(handle)) return
    this.#events.delete(handle)
    this.#ended.delete(handle)
  }

  #track(change: EventChange): void {
    if (change.state === 'TRIGGERED') {
      if (!this.#leftOut.has(change.event.typeIndex)) this.#actionable.set(change.handle, true)
      this.#events.set(change.handle, change.event)
    } else if (!isActionable(lifecycle[change.state])) {
      this.#actionable.delete(change.handle)
      this.#claimed.delete(change.handle)
      this.health.ended(change.handle, change.atNs)
      if (this.#region.reservations.holds(change.handle)) this.#ended.set(change.handle, true)
      else this.#events.delete(change.handle)
      if (this.#ended.size > 0) for (const handle of this.#ended.keys()) this.#forgetGone(handle)
    }
  }

  #decide(emit: Emit<DecisionMade>): void {
    const beganNs = this.#settings.monotonicNs()
    this.#takeWeights()
    const market = this.#settings.readMarket()
    this.#stateVersion = market.stateVersion
    // Where the state is on another thread it may be ahead of what was said of it.
    this.#nowNs = Math.max(this.#nowNs, market.updatedAtNs)
    this.#positions.clear()
    const account = this.#account
    account.capitalMinor = Math.max(0, this.#region.reservations.scan(this.#addPosition))
    this.#candidates.clear()
    this.#region.events.scan(-1, this.#addCandidate)
    if (this.#candidates.count === 0) {
      this.#last.forget()
      this.health.idle(this.#nowNs)
      return
    }
    account.nowNs = this.#nowNs
    account.tradingState = this.#settings.tradingState()
    account.stateAgeMs = this.#settings.stateAgeMs()
    const view = this.#viewOf(account)
    if (view === null) return
    this.#settings.latency.record(this.#settings.monotonicNs() - beganNs)
    if (this.#last.isRepeat(view, this.#handles)) this.counters.repeats += 1
    else {
      this.health.decided(view, this.#candidates, this.#positions, this.#nowNs)
      emit(this.#decisionMade(view))
    }
    if (view.deficitsChanged) this.#deficitsMinor.set(view.deficitsMinor)
  }

  #takeWeights(): void {
    const set = this.#settings.newWeights()
    if (set === null) return
    this.#arbiter.useWeights(set.weights, set.byRegime)
    this.#stamp.weightsVersion = set.version
  }

  /** Null: the scorer failed. What it said of others is not trusted either; whatever else is thrown is no affair of this stage. */
  #viewOf(account: AccountState): DecisionView | null {
    try {
      return this.#arbiter.decide(this.#candidates, this.#positions, account)
    } catch (thrown) {
      if (!isScorerFault(thrown)) throw thrown
      this.#isFaulty = true
      this.#settings.onScorerFault(thrown.message)
      return null
    }
  }

  #decisionMade(view: DecisionView): DecisionMade {
    const stamp = this.#stamp
    stamp.sequence = this.#sequence
    stamp.stateVersion = this.#stateVersion
    stamp.weights = view.weights
    // That which chose the weights; under them another may be the best.
    stamp.regime = view.weightsRegime >= 0 ? view.weightsRegime : this.#candidates.regime[view.order[0]!]!
    this.#sequence += 1
    const positions = this.#positions
    // Of its own: whoever hears of the decision may keep it. What repeats the decision before never comes here.
    const record = this.#records.take(decisionRecordSize(this.#names.types.length, positions.count, view.count))
    const length = writeDecisionRecord(record, 0, view, this.#candidates, positions, this.#account, stamp)
    const members = new Array<SelectedMember>(view.memberCount)
    for (let index = 0; index < view.memberCount; index += 1) {
      const member = view.members[index]!
      const handle = this.#handles[member]!
      members[index] = { event: this.#events.get(handle)!, handle, capitalMinor: view.allocationMinor[member]! }
      this.#claimed.set(handle, true)
    }
    this.#awaited = members
    this.counters.decisions += 1
    if (view.count > 1) this.counters.multiEvent += 1
    this.counters.selected += members.length
    const idlePots = this.#lending === null ? 0 : idlePotsOf(view, this.#candidates, this.#lending)
    const names = decisionNames(this.#names, this.#candidates, this.#handles, positions)
    return new DecisionMade(record, length, this.#nowNs, idlePots, members, names)
  }

  readonly #addPosition = ({ handle, typeIndex, symbolIndex, capitalMinor }: PositionSlot): void => {
    this.#positions.add(this.#names.idOf(handle), typeIndex, symbolIndex, capitalMinor, handle)
  }

  /** Actionable, unexpired, unspent, not on its way to be reserved: everything else is no candidate (CONTRACTS "In the engine"). */
  readonly #addCandidate = (found: ScannedEvent): void => {
    const record = found.record
    const index = eventRecordIndex
    if (!isActionable(found.lifecycle) || found.spent || !(record[index.expiresAtNs]! > this.#nowNs)) return
    const event = this.#events.get(found.handle)
    if (event === undefined || this.#claimed.has(found.handle) || this.#leftOut.has(found.typeIndex)) return
    this.#handles[this.#candidates.count] = found.handle
    const candidate = this.#candidate
    candidate.eventId = event.eventId
    candidate.handle = found.handle
    candidate.side = record[index.side]!
    candidate.regimeIndex = regimes.indexOf(event.regime)
    candidate.typeIndex = found.typeIndex
    candidate.symbolIndex = found.symbolIndex
    candidate.lifecycleState = found.lifecycle
    candidate.priorityScore = record[index.priorityScore]!
    candidate.regimeAlignment = record[index.regimeAlignment]!
    candidate.expectedValue = record[index.expectedValue]!
    candidate.detectedAtNs = record[index.detectedAtNs]!
    candidate.waitingSinceNs = record[index.waitingSinceNs]!
    candidate.expiresAtNs = record[index.expiresAtNs]!
    candidate.capitalRequiredMinor = record[index.capitalRequiredMinor]!
    candidate.lotCapitalMinor = this.#settings.lotCapitalMinor(event, this.#account.capitalMinor)
    this.#candidates.add(candidate)
  }
}
