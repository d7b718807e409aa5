/**
 * The order stage: asks the strategy how to act on what was granted, sizes the position, commits `submit` before the order
 * leaves, and drives the venue. It sees every market record before the state does: the market moves first.
 */
import { invariant } from '../../base/assert.ts'
import { messageOf, SignalboxError } from '../../base/errors.ts'
import { IntegerMap } from '../../base/integer-map.ts'
import type { Emit, Stage } from '../../channel/stage.ts'
import type { ClaimDismissal, ClaimDismissed, StrategyClaim } from '../../domain/claim.ts'
import type { HotField } from '../../domain/hot-state.ts'
import type { Instrument } from '../../domain/instrument.ts'
import type { MarketRecord } from '../../domain/market.ts'
import type {
  DecisionReserved,
  EventChange,
  EventDeclined,
  Grant,
  LeasesRecovered,
  Position,
  PositionChange,
} from '../../domain/message.ts'
import type { EntryOrder, EntryRefusalReason, TradePlan } from '../../domain/order.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Timeline } from '../../domain/units.ts'
import type { FillModel } from '../../fill/model.ts'
import { entryOrderOf, riskBudgetOf } from '../../fill/sizing.ts'
import type { Reservations } from '../../region/reservations.ts'
import type { SnapshotReader } from '../../region/snapshot.ts'
import type { Strategies } from '../../strategy/strategies.ts'
import { ClaimDesk } from './claim-desk.ts'
import { PaperVenue } from './paper-venue.ts'

export type OrderInput = MarketRecord | DecisionReserved | EventChange | LeasesRecovered | StrategyClaim
export type OrderOutput = PositionChange | EventDeclined | ClaimDismissed | LeasesRecovered

export interface OrderSettings {
  readonly policy: Policy
  readonly instruments: readonly Instrument[]
  readonly timeline: Timeline
  readonly model: FillModel
  readonly strategies: Strategies
  readonly reservations: Reservations
  readonly reader: SnapshotReader<string, HotField>
  /** Why no claim is taken now; null: they are. Decisions have been asked already. */
  readonly claimsHalted: () => Extract<ClaimDismissal, 'halted' | 'stale_state'> | null
  /** Takes one line about a strategy that throws or plans nonsense. */
  readonly report: (line: string) => void
}

/**
 * What became of the grants: each is declined or submitted, each submitted one is opened, refused or on its way. Claims of strategies in
 * workers that an order followed are among the submitted.
 */
export interface OrderCounters {
  submitted: number
  /** Entries that the venue filled. */
  opened: number
  /** Entries that it did not, by reason: each left its event spent and its capital untouched. */
  readonly refused: Record<EntryRefusalReason, number>
  /** Grants that no order followed: no strategy, it declined, or no lot could be bought. */
  declined: number
}

const overBefore = 'its event is over before it completes'

/** A grant with the plan of its strategy. */
type Granted = Omit<Position, 'order'>

export class OrderStage implements Stage<OrderInput, OrderOutput> {
  readonly name = 'order'
  readonly seesMarket = true
  readonly counters: OrderCounters = {
    submitted: 0,
    opened: 0,
    refused: { beyond_limit: 0, beyond_margin: 0, end_of_data: 0 },
    declined: 0,
  }
  readonly #settings: OrderSettings
  readonly #venue: PaperVenue
  readonly #claims: ClaimDesk
  /** What has completed so far that may still be granted, and grants whose entry waits for it (`entry: "completing"`), by handle. */
  readonly #completing = new IntegerMap<true>()
  readonly #waiting = new Map<number, Granted>()
  #emit: Emit<OrderOutput> = () => undefined
  #broken: string | null = null
  /** The venue's time: what other threads say late counts now. */
  #nowNs = Number.NEGATIVE_INFINITY

  constructor(settings: OrderSettings) {
    this.#settings = settings
    this.#claims = new ClaimDesk(settings.reservations, settings.claimsHalted)
    this.#venue = new PaperVenue(settings.instruments, settings.model, settings.timeline, (change) =>
      this.#onPosition(change),
    )
  }

  /** The symbol's last traded price in ticks; NaN before the first trade. */
  lastTicks(symbolIndex: number): number {
    return this.#venue.lastTicks(symbolIndex)
  }

  onBatch(inputs: readonly OrderInput[], count: number, emit: Emit<OrderOutput>): void {
    this.#emit = emit
    for (let index = 0; index < count; index += 1) {
      const input = inputs[index]!
      if (typeof input.kind === 'number') {
        const record = input as MarketRecord
        this.#venue.onRecord(record, this.#passTo(record.atNs))
      } else if (input.kind === 'reserved') {
        const atNs = this.#passTo(input.decision.atNs)
        for (const grant of input.grants) this.#enter(grant, atNs)
      } else if (input.kind === 'event') this.#onEvent(input)
      else if (input.kind === 'claim') this.#enterClaimed(input)
    }
    this.#requireSound()
  }

  nextDueNs(): number {
    return this.#venue.nextDueNs
  }

  onIdle(nowNs: number, emit: Emit<OrderOutput>): void {
    this.#emit = emit
    this.#passTo(nowNs)
    this.#requireSound()
  }

  onStop(nowNs: number, emit: Emit<OrderOutput>): void {
    this.#emit = emit
    const atNs = this.#passTo(nowNs)
    for (const handle of [...this.#waiting.keys()])
      this.#giveUp(handle, 'the run ends before its event completes', atNs)
    this.#venue.finish(atNs)
    this.#requireSound()
  }

  /** The venue's time comes to `atNs`, unless it is there; what fell due meanwhile runs first. */
  #passTo(atNs: number): number {
    this.#nowNs = Math.max(this.#nowNs, atNs)
    this.#venue.onDue(this.#nowNs)
    return this.#nowNs
  }

  /** A broken invariant is told when the venue is done: its other positions have seen the market by then. */
  #requireSound(): void {
    const broken = this.#broken
    this.#broken = null
    invariant(broken === null, 'RES-4', broken ?? '')
  }

  /** An event that ended by its detector ends its position; expiry only ends the time in which it may be entered. */
  #onEvent(change: EventChange): void {
    this.#claims.onEvent(change)
    const atNs = this.#passTo(change.atNs)
    if (this.#settings.policy.entry === 'completing') this.#onWaited(change, atNs)
    if (change.cause !== 'detector') return
    if (change.state === 'COMPLETED') this.#venue.onEventEnded(change.handle, 'event_completed', atNs)
    if (change.state === 'INVALIDATED') this.#venue.onEventEnded(change.handle, 'invalidated', atNs)
  }

  /** Entries at completing wait for it; the reservation is committed, since a lease would end before. */
  #onWaited({ handle, state }: EventChange, atNs: number): void {
    const granted = this.#waiting.get(handle)
    if (state === 'COMPLETING') this.#completing.set(handle, true)
    if (state === 'COMPLETED' || state === 'INVALIDATED') this.#completing.delete(handle)
    if (granted === undefined || state === 'TRIGGERED' || state === 'ACTIVE') return
    if (state !== 'COMPLETING') {
      this.#giveUp(handle, overBefore, atNs)
      return
    }
    const order = this.#orderOf(granted.grant.member, granted.plan)
    if (order === null) {
      this.#giveUp(handle, 'risk_limit', atNs)
      return
    }
    this.#waiting.delete(handle)
    this.counters.submitted += 1
    this.#venue.submit({ ...granted, order }, atNs)
  }

  /** A grant whose entry waits is not entered: its slot is free. */
  #giveUp(handle: number, reason: string, atNs: number): void {
    const { grant } = this.#waiting.get(handle)!
    this.#waiting.delete(handle)
    this.counters.declined += 1
    if (!this.#settings.reservations.release(grant.token, true).ok)
      this.#broken ??= `token ${grant.token} cannot be released`
    this.#emit({ kind: 'declined', handle, eventId: grant.member.event.eventId, atNs, reason })
    this.#emit({ kind: 'recovered', count: 1 })
  }

  #enter(grant: Grant, atNs: number): void {
    const refusal = this.#entryRefusal(grant, atNs)
    if (refusal === null) return
    this.counters.declined += 1
    this.#settings.reservations.release(grant.token)
    const { event, handle } = grant.member
    this.#emit({ kind: 'declined', handle, eventId: event.eventId, atNs, reason: refusal })
  }

  /** Orders what was granted, or lets it wait until its event completes; or says why not. */
  #entryRefusal(grant: Grant, atNs: number): string | null {
    const plan = this.#planOf(grant, atNs)
    if (typeof plan === 'string') return plan
    const { handle } = grant.member
    if (this.#settings.policy.entry === 'completing' && !this.#completing.has(handle)) {
      if (!this.#claims.isActionable(handle)) return overBefore
      const submitted = this.#settings.reservations.submit(grant.token)
      if (!submitted.ok) return submitted.refusal
      this.#waiting.set(handle, { grant, plan })
      return null
    }
    const order = this.#orderOf(grant.member, plan)
    return order === null ? 'risk_limit' : this.#submitRefusal({ grant, plan, order }, atNs)
  }

  /** A strategy in a worker has won its reservation by itself: the same order as for a grant, or the slot is free again. */
  #enterClaimed(claim: StrategyClaim): void {
    const atNs = this.#passTo(claim.atNs)
    const verdict = this.#claims.judge(claim, (symbolIndex) => this.#venue.lastTicks(symbolIndex))
    let { reason, detail } = verdict
    if (verdict.grant !== null) {
      const { grant } = verdict
      const order = this.#orderOf(grant.member, claim.plan)
      if (order === null) reason = 'risk_limit'
      else {
        const refusal = this.#submitRefusal({ grant, plan: claim.plan, order }, atNs)
        if (refusal === null) return
        reason = 'lost'
        detail = refusal
      }
    }
    this.#emit({ kind: 'dismissed', claim, reason, detail })
    const isFreed = verdict.isHeld && this.#settings.reservations.release(claim.token).ok
    if (isFreed) this.#emit({ kind: 'recovered', count: 1 })
  }

  /** Commits `submit` and sends the order, or says why not: a lease that ran out and was recovered in between keeps it from leaving. */
  #submitRefusal(position: Position, atNs: number): string | null {
    const submitted = this.#settings.reservations.submit(position.grant.token)
    if (!submitted.ok) return submitted.refusal
    this.counters.submitted += 1
    this.#venue.submit(position, atNs)
    return null
  }

  /** The order of a plan that makes sense; null: capital or risk budget buy no lot. */
  #orderOf({ event, capitalMinor }: Grant['member'], plan: TradePlan): EntryOrder | null {
    const { policy, instruments, model, reservations } = this.#settings
    const instrument = instruments[event.symbolIndex]!
    const lastTicks = this.#venue.lastTicks(event.symbolIndex)
    const riskBudgetMinor = riskBudgetOf(reservations.capitalMinor(), policy.riskPerTrade)
    return entryOrderOf(
      model,
      { instrument, plan, lastTicks, leverage: policy.leverage, riskBudgetMinor },
      capitalMinor,
    )
  }

  /** How its strategy would act on it, or why not. */
  #planOf(grant: Grant, nowNs: number): TradePlan | string {
    const { reader, strategies } = this.#settings
    const { event } = grant.member
    const lastTicks = this.#venue.lastTicks(event.symbolIndex)
    reader.readRow(event.symbolIndex)
    try {
      const plan = strategies.plan(event, { lastTicks, row: reader.rows[event.symbolIndex]!, nowNs })
      return 'declined' in plan ? plan.declined : plan
    } catch (thrown) {
      if (thrown instanceof SignalboxError && thrown.code === 'ERR_INVARIANT') throw thrown
      this.#settings.report(messageOf(thrown))
      return messageOf(thrown)
    }
  }

  /** Takes the ledger along with the position; who holds a token that the ledger does not know has lost its slot. */
  #onPosition(change: PositionChange): void {
    const { reservations } = this.#settings
    const { token } = change.position.grant
    if (change.to === 'open' && !reservations.open(token).ok) this.#broken ??= `token ${token} cannot be opened`
    if (change.to === 'open') this.counters.opened += 1
    if (change.refusal !== null) this.counters.refused[change.refusal.reason] += 1
    if (change.to === 'closing' && !reservations.close(token).ok) this.#broken ??= `token ${token} cannot be closed`
    this.#emit(change)
  }
}
