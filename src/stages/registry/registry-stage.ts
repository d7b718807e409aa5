/**
 * The registry stage: gives detected events their components from the policy, registers them in the region's event table,
 * moves and retires them there, and ends them at expiry. The table's one regular writer; whoever reserves reads it.
 */
import { IntegerMap } from '../../base/integer-map.ts'
import type { Emit, Stage } from '../../channel/stage.ts'
import type { DetectedSignal, DetectionSignal, Evidence, TransitionSignal } from '../../domain/detection-signal.ts'
import { isActionable, type LifecycleState, lifecycle, type MarketEvent } from '../../domain/event.ts'
import { writeEventRecord } from '../../domain/event-record.ts'
import { eventsInTable } from '../../domain/event-table.ts'
import type { EventChange, EventChangeCause, EventDeclined, PositionSettled } from '../../domain/message.ts'
import { expectedValueOf, type Policy } from '../../domain/policy.ts'
import type { Region } from '../../region/region.ts'

export type RegistryInput = DetectionSignal | EventDeclined | PositionSettled

/** What the registry counted; each is a number that a person should be able to see. */
export interface RegistryCounters {
  registered: number
  /** Events that did not fit into the table: lost, and never silently. */
  full: number
  /** Events whose id was live already: a detector that does not keep its ids apart. */
  duplicate: number
  expired: number
  /** Moves of events that had ended here before (expiry, a declined strategy). */
  late: number
  /** Detectors that threw and were stopped. */
  failedDetectors: number
}

/** The run's types and symbols, by index. */
export interface RegistryNames {
  readonly types: readonly string[]
  readonly symbols: readonly string[]
}

interface Entry {
  readonly event: MarketEvent
  readonly handle: number
  /** Of events that expire at the same time, which came first. */
  readonly number: number
}

/** What stands in the journal as the evidence of an end that no detector said. */
const expired: Evidence = Object.freeze({ expired: 1 })
const declined: Evidence = Object.freeze({ declined: 1 })

export class RegistryStage implements Stage<RegistryInput, EventChange> {
  readonly name = 'registry'
  readonly counters: RegistryCounters = {
    registered: 0,
    full: 0,
    duplicate: 0,
    expired: 0,
    late: 0,
    failedDetectors: 0,
  }
  readonly #region: Region
  readonly #policy: Policy
  readonly #report: (line: string) => void
  /** Actionable events by handle; an ended one that a position still holds is in `#held` until that is settled. */
  readonly #live = new IntegerMap<Entry>()
  readonly #held = new IntegerMap<true>()
  #entries = 0
  #nextExpiryNs = Number.POSITIVE_INFINITY

  readonly #names: RegistryNames

  /**
   * @param policy - Its regime table has every regime of every type that is detected (the engine sees to it).
   * @param names - Of the run.
   * @param report - Takes one line when an event is lost or a detector is stopped.
   */
  constructor(region: Region, policy: Policy, names: RegistryNames, report: (line: string) => void) {
    this.#region = region
    this.#policy = policy
    this.#names = names
    this.#report = report
  }

  /** Takes over what the table holds already: of a stage before it, whose thread has ended. */
  onStart(): void {
    const { types, symbols } = this.#names
    for (const { event, handle, lifecycle: state } of eventsInTable(this.#region.events, types, symbols)) {
      const entry = this.#entryOf(event, handle)
      if (isActionable(state)) this.#live.set(handle, entry)
      else this.#end(entry)
    }
    this.#scheduleExpiry()
  }

  nextDueNs(): number {
    return this.#nextExpiryNs
  }

  onBatch(inputs: readonly RegistryInput[], count: number, emit: Emit<EventChange>): void {
    for (let index = 0; index < count; index += 1) {
      const input = inputs[index]!
      switch (input.kind) {
        case 'detected':
          this.#register(input, emit)
          break
        case 'transition':
          this.#transition(input, emit)
          break
        case 'failed':
          this.counters.failedDetectors += 1
          this.#report(input.error.message)
          break
        case 'declined': {
          const entry = this.#live.get(input.handle)
          if (entry !== undefined) this.#decline(entry, input.atNs, input.reason, emit)
          // It ended while its entry waited for it to complete.
          else this.#settle(input.handle)
          break
        }
        case 'settled':
          this.#settle(input.position.grant.member.handle)
          break
      }
    }
  }

  /** Invalidates what has expired, earliest first. */
  onIdle(nowNs: number, emit: Emit<EventChange>): void {
    const over: Entry[] = []
    this.#live.visit((entry) => {
      if (entry.event.expiresAtNs <= nowNs) over.push(entry)
    })
    over.sort((one, other) => one.event.expiresAtNs - other.event.expiresAtNs || one.number - other.number)
    for (const entry of over) {
      // Somebody else retired it before, the table being shared: nothing is left of it but its entry.
      if (!this.#region.events.get(entry.handle)) {
        this.#end(entry)
        continue
      }
      this.counters.expired += 1
      this.#move(entry, 'INVALIDATED', entry.event.expiresAtNs, 'expiry', expired, emit)
    }
    this.#scheduleExpiry()
  }

  #register(signal: DetectedSignal, emit: Emit<EventChange>): void {
    const event = this.#eventOf(signal)
    const events = this.#region.events
    writeEventRecord(events.record, event)
    const result = events.register(event.eventId, event.typeIndex, event.symbolIndex)
    if (!result.ok) {
      if (result.refusal === 'FULL') this.counters.full += 1
      else this.counters.duplicate += 1
      this.#report(`event ${event.eventId} is lost: the registry says ${result.refusal}`)
      return
    }
    this.counters.registered += 1
    this.#live.set(result.handle, this.#entryOf(event, result.handle))
    this.#nextExpiryNs = Math.min(this.#nextExpiryNs, event.expiresAtNs)
    emit({
      kind: 'event',
      event,
      handle: result.handle,
      state: 'TRIGGERED',
      atNs: event.detectedAtNs,
      cause: 'detector',
      evidence: event.evidence,
    })
  }

  /** Field by field: what a spread makes is slow to read, and everybody reads it. */
  #eventOf(signal: DetectedSignal): MarketEvent {
    const { regimeTable, expectedValue } = this.#policy
    const { eventType, regime, rewardRisk, winRate } = signal
    return {
      eventId: signal.eventId,
      eventType,
      typeIndex: signal.typeIndex,
      symbol: signal.symbol,
      symbolIndex: signal.symbolIndex,
      side: signal.side,
      detectedAtNs: signal.detectedAtNs,
      waitingSinceNs: signal.waitingSinceNs,
      expiresAtNs: signal.expiresAtNs,
      priorityScore: signal.priorityScore,
      regime,
      regimeAlignment: regimeTable[eventType]![regime]!,
      rewardRisk,
      winRate,
      expectedValue: expectedValueOf(expectedValue, rewardRisk, winRate),
      capitalRequiredMinor: signal.capitalRequiredMinor,
      referenceTicks: signal.referenceTicks,
      targetTicks: signal.targetTicks,
      stopTicks: signal.stopTicks,
      evidence: signal.evidence,
    }
  }

  #decline(entry: Entry, atNs: number, reason: string, emit: Emit<EventChange>): void {
    this.#move(entry, 'INVALIDATED', atNs, 'declined', declined, (change) => emit({ ...change, reason }))
  }

  #transition(signal: TransitionSignal, emit: Emit<EventChange>): void {
    const { events } = this.#region
    const entry = events.getById(signal.eventId) ? this.#live.get(events.handle) : undefined
    if (entry === undefined) this.counters.late += 1
    else this.#move(entry, signal.to, signal.atNs, 'detector', signal.evidence, emit)
  }

  #move(
    entry: Entry,
    to: LifecycleState,
    atNs: number,
    cause: EventChangeCause,
    evidence: Evidence,
    emit: Emit<EventChange>,
  ): void {
    const { event, handle } = entry
    if (!this.#region.events.transition(handle, lifecycle[to]).ok) {
      this.counters.late += 1
      if (!this.#isActionable(handle)) this.#end(entry)
      return
    }
    emit({ kind: 'event', event, handle, state: to, atNs, cause, evidence })
    if (lifecycle[to] < lifecycle.COMPLETED) return
    this.#end(entry)
  }

  /** Somebody else may have ended it: the table is shared. */
  #isActionable(handle: number): boolean {
    const { events } = this.#region
    return events.get(handle) && events.lifecycle < lifecycle.COMPLETED
  }

  #end(entry: Entry): void {
    const { event, handle } = entry
    this.#live.delete(handle)
    if (event.expiresAtNs === this.#nextExpiryNs) this.#scheduleExpiry()
    // A position's event stays in the table until the position is settled: whoever explains it can still read it.
    const { reservations } = this.#region
    if (this.#held.size > 0) this.#settleUnheld()
    if (reservations.holds(handle)) this.#held.set(handle, true)
    else this.#region.events.retire(handle)
  }

  /** What a strategy's worker had reserved and nobody submitted is settled by nobody. */
  #settleUnheld(): void {
    for (const handle of this.#held.keys()) if (!this.#region.reservations.holds(handle)) this.#settle(handle)
  }

  #settle(handle: number): void {
    if (this.#held.delete(handle)) this.#region.events.retire(handle)
  }

  readonly #expireWith = ({ event }: Entry): void => {
    this.#nextExpiryNs = Math.min(this.#nextExpiryNs, event.expiresAtNs)
  }

  #entryOf(event: MarketEvent, handle: number): Entry {
    this.#entries += 1
    return { event, handle, number: this.#entries }
  }

  #scheduleExpiry(): void {
    this.#nextExpiryNs = Number.POSITIVE_INFINITY
    this.#live.visit(this.#expireWith)
  }
}
