/**
 * The reservation stage: takes each decision's selection to the ledger, the whole set in one step, and says what became of
 * it. Ends leases that ran out.
 */
import type { Emit, Stage } from '../../channel/stage.ts'
import type { DecisionMade } from '../../domain/decision-made.ts'
import { decisionHeader } from '../../domain/decision-record.ts'
import type { DecisionReserved, Grant, LeasesRecovered } from '../../domain/message.ts'
import { type ReservationStatus, type ReserveRefusal, slotStates } from '../../domain/reservation.ts'
import type { Reservations, ReserveAllResult } from '../../region/reservations.ts'

/** The refusals that are a limit's, not another strategy's. */
export type LimitRefusal = Exclude<ReserveRefusal, 'EVENT_CLAIMED'>

/** What became of the selections, each apart (ERRATA E20): only what a limit denied or an error ended tells of a fault. */
export interface ReservationCounters {
  /** Events; what follows counts selections, which are refused as a whole. */
  granted: number
  /** Lost to another strategy: `EVENT_CLAIMED`. */
  lost: number
  /** Denied by a limit: the sum of `deniedBy`. */
  denied: number
  readonly deniedBy: Record<LimitRefusal, number>
  /** The ledger could not answer: what it threw went on to whoever drives the pipeline. */
  error: number
}

export interface ReservationSettings {
  /** How long a RESERVED slot is safe from recovery; nanoseconds, 1 ms … 1 h. */
  readonly leaseNs: number
  /** The ledger's time at event time `atNs`: event time in replay, monotonic live. */
  readonly leaseClock: (atNs: number) => number
  /** True: leases fall due on the pipeline's own time; false: whoever drives it calls `onIdle` by the monotonic clock. */
  readonly isEventTime: boolean
  /** It takes the place of a stage whose thread has ended: what that had not answered is lost. Default false. */
  readonly isSuccessor?: boolean
}

export class ReservationStage implements Stage<DecisionMade, DecisionReserved | LeasesRecovered> {
  readonly name = 'reservation'
  readonly counters: ReservationCounters = {
    granted: 0,
    lost: 0,
    denied: 0,
    deniedBy: { INTERLOCKED: 0, SLOT_TAKEN: 0, MAX_POSITIONS: 0, NO_CAPITAL: 0 },
    error: 0,
  }
  readonly #reservations: Reservations
  readonly #settings: ReservationSettings
  #nextLeaseEndNs = Number.POSITIVE_INFINITY

  constructor(reservations: Reservations, settings: ReservationSettings) {
    this.#reservations = reservations
    this.#settings = settings
  }

  /** Who waits for an answer of the stage before it waits in vain. */
  onStart(emit: Emit<DecisionReserved | LeasesRecovered>): void {
    if (this.#settings.isSuccessor === true) emit({ kind: 'recovered', count: 0 })
  }

  onBatch(decisions: readonly DecisionMade[], count: number, emit: Emit<DecisionReserved | LeasesRecovered>): void {
    for (let index = 0; index < count; index += 1) {
      const decision = decisions[index]!
      const { statuses, grants } = this.#reserve(decision)
      emit({ kind: 'reserved', decision, statuses, grants })
    }
  }

  nextDueNs(): number {
    return this.#settings.isEventTime ? this.#nextLeaseEndNs : Number.POSITIVE_INFINITY
  }

  /** Frees what nobody submitted in time. `nowNs` is the ledger's time. */
  onIdle(nowNs: number, emit: Emit<DecisionReserved | LeasesRecovered>): void {
    // Live, strategies in workers reserve too, and this stage hears nothing of their leases.
    if (this.#settings.isEventTime && nowNs < this.#nextLeaseEndNs) return
    const count = this.#reservations.recover(nowNs)
    this.#nextLeaseEndNs = Number.POSITIVE_INFINITY
    for (const slot of this.#reservations.positions()) {
      if (slot.state === slotStates.RESERVED) {
        this.#nextLeaseEndNs = Math.min(this.#nextLeaseEndNs, slot.leaseUntilNs)
      }
    }
    if (count > 0) emit({ kind: 'recovered', count })
  }

  #reserve(decision: DecisionMade): { statuses: ReservationStatus[]; grants: Grant[] } {
    const { members } = decision
    const sequence = decision.record[decisionHeader.sequence]!
    if (members.length === 0) return { statuses: [], grants: [] }
    const leaseUntilNs = this.#settings.leaseClock(decision.atNs) + this.#settings.leaseNs
    const result = this.#ask(decision, leaseUntilNs)
    if (result.ok) {
      this.counters.granted += members.length
      this.#nextLeaseEndNs = Math.min(this.#nextLeaseEndNs, leaseUntilNs)
      const statuses = new Array<ReservationStatus>(members.length)
      const grants = new Array<Grant>(members.length)
      for (let index = 0; index < members.length; index += 1) {
        statuses[index] = 'SUCCESS'
        const token = result.tokens[index]!
        grants[index] = { member: members[index]!, token, sequence, decidedAtNs: decision.atNs }
      }
      return { statuses, grants }
    }
    // All or nothing: the one that was refused says why, the others were not tried alone.
    if (result.refusal === 'EVENT_CLAIMED') this.counters.lost += 1
    else {
      this.counters.denied += 1
      this.counters.deniedBy[result.refusal] += 1
    }
    return {
      statuses: members.map((_, index) => (index === result.index ? result.refusal : 'NOT_ATTEMPTED')),
      grants: [],
    }
  }
  #ask({ members, idlePots }: DecisionMade, leaseUntilNs: number): ReserveAllResult {
    try {
      return this.#reservations.reserveAll(
        members.map((member) => ({ handle: member.handle, capitalMinor: member.capitalMinor, leaseUntilNs })),
        idlePots,
      )
    } catch (thrown) {
      this.counters.error += 1
      throw thrown
    }
  }
}
