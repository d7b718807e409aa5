/**
 * An auditor with books of its own: it hears what the stages say to each other, believes none of it, and compares what it has
 * worked out with the ledger and the event table whenever everything is at rest. It shares no code with the arbiter, the ledger or
 * the outcome stage.
 */
import type { DecisionMade } from '../../src/domain/decision-made.ts'
import { type LifecycleState, lifecycle, type MarketEvent } from '../../src/domain/event.ts'
import type { Instrument } from '../../src/domain/instrument.ts'
import type {
  DecisionReserved,
  EventChange,
  Grant,
  PipelineMessage,
  Position,
  PositionChange,
  PositionSettled,
} from '../../src/domain/message.ts'
import type { Policy } from '../../src/domain/policy.ts'
import { slotStates } from '../../src/domain/reservation.ts'
import type { Region } from '../../src/region/region.ts'

export interface AuditorSettings {
  readonly policy: Policy
  readonly capitalMinor: number
  /** By symbol index. */
  readonly instruments: readonly Instrument[]
  readonly firstSequence?: number
}

interface Held {
  readonly grant: Grant
  /** What its stop might cost by the policy when it was submitted, minor units. */
  riskBudgetMinor: bigint
  state: 'reserved' | 'submitted' | 'open' | 'closing' | 'closed' | 'refused'
}

interface Known {
  readonly event: MarketEvent
  readonly handle: number
  state: LifecycleState
}

const slotStateOf = {
  reserved: slotStates.RESERVED,
  submitted: slotStates.SUBMITTED,
  open: slotStates.OPEN,
  closing: slotStates.CLOSING,
} as const

/** Which state of a position may follow which. */
const follows: Readonly<Record<PositionChange['to'], Held['state']>> = {
  submitted: 'reserved',
  open: 'submitted',
  closing: 'open',
  closed: 'closing',
  refused: 'submitted',
}

function isBeyondLimit({ plan, order }: Position, priceTicks: number): boolean {
  return plan.side === 'long' ? priceTicks > order.limitTicks : priceTicks < order.limitTicks
}

export class Auditor {
  capitalMinor: number
  /** Grants under way, by token. */
  readonly held = new Map<number, Held>()
  readonly events = new Map<string, Known>()
  grants = 0
  settled = 0
  /** Of the settled: entries that the venue never filled. */
  readonly refused = { beyond_limit: 0, beyond_margin: 0, end_of_data: 0 }
  declined = 0
  decisions = 0
  readonly #settings: AuditorSettings
  readonly #submitted = new Set<string>()
  #sequence: number
  #token = 0
  /** Entries that did not wait to their end; their slots are told free. */
  #givenUp = 0
  #decidedAtNs = Number.NEGATIVE_INFINITY
  #stateVersion = 0
  /** The decision whose reservation has not been told yet. */
  #pending: DecisionMade | null = null

  constructor(settings: AuditorSettings) {
    this.#settings = settings
    this.capitalMinor = settings.capitalMinor
    this.#sequence = (settings.firstSequence ?? 1) - 1
  }

  hear(message: PipelineMessage): void {
    switch (message.kind) {
      case 'event':
        this.#onEvent(message)
        break
      case 'decision':
        this.#onDecision(message)
        break
      case 'reserved':
        this.#onReserved(message)
        break
      case 'declined': {
        const held = [...this.held.values()].find(({ grant }) => grant.member.handle === message.handle)
        this.#demand(held?.state === 'reserved', `${message.eventId} is declined without a reservation`)
        this.held.delete(held!.grant.token)
        this.declined += 1
        if (this.#isWaiting) this.#givenUp += 1
        break
      }
      case 'position':
        this.#onPosition(message)
        break
      case 'settled':
        this.#onSettled(message)
        break
      case 'recovered':
        this.#givenUp -= 1
        this.#demand(this.#givenUp >= 0, 'a lease ran out although every grant is answered at once')
    }
  }

  /** Everything has come to rest: what the region holds is what the messages said. */
  checkAtRest(region: Region): void {
    const account = region.reservations.account()
    this.#demand(
      account.capitalMinor === this.capitalMinor,
      `the ledger's capital is ${account.capitalMinor}, the books say ${this.capitalMinor}`,
    )
    this.#demand(
      account.positions.length === this.held.size,
      `${account.positions.length} slots of the ledger are used, ${this.held.size} positions are under way`,
    )
    for (const slot of account.positions) {
      const held = this.held.get(slot.token)
      this.#demand(held !== undefined, `nobody was granted token ${slot.token}`)
      const { grant, state } = held!
      // An entry that waits for its event to complete is committed, and not sent.
      const isCommitted = state === 'reserved' && this.#isWaiting
      const expected = isCommitted ? slotStates.SUBMITTED : slotStateOf[state as keyof typeof slotStateOf]
      this.#demand(slot.state === expected, `token ${slot.token} is in state ${slot.state}, the messages say ${state}`)
      this.#demand(slot.state !== slotStates.RESERVED, `token ${slot.token} was neither submitted nor given back`)
      this.#demand(slot.handle === grant.member.handle, `token ${slot.token} holds another event`)
      this.#demand(slot.capitalMinor === grant.member.capitalMinor, `token ${slot.token} holds other capital`)
    }
    this.#demand(this.#pending === null, 'a decision had no answer')
    let live = 0
    for (const known of this.events.values()) {
      if (lifecycle[known.state] <= lifecycle.COMPLETING || this.#isHeld(known.handle)) live += 1
      else this.events.delete(known.event.eventId)
    }
    const counted = region.events.countLive()
    this.#demand(counted === live, `${counted} events are in the table, ${live} are live or held`)
  }

  /** The run has stopped: each grant has ended in exactly one way. */
  checkAtEnd(region: Region): void {
    this.#demand(this.held.size === 0, `${this.held.size} positions are still under way after the end`)
    this.checkAtRest(region)
    this.#demand(
      this.grants === this.settled + this.declined,
      `${this.grants} grants, ${this.settled} settled and ${this.declined} declined`,
    )
  }

  /** Entries wait until their event completes. */
  get #isWaiting(): boolean {
    return this.#settings.policy.entry === 'completing'
  }

  #onEvent(change: EventChange): void {
    const { event, handle, state } = change
    const known = this.events.get(event.eventId)
    if (state === 'TRIGGERED') {
      this.#demand(known === undefined, `${event.eventId} is registered twice`)
      this.events.set(event.eventId, { event, handle, state })
      return
    }
    this.#demand(known !== undefined && known.handle === handle, `${event.eventId} moves and was never registered`)
    this.#demand(
      lifecycle[known!.state] < lifecycle.COMPLETED && lifecycle[state] > lifecycle[known!.state],
      `${event.eventId} goes from ${known!.state} to ${state}`,
    )
    if (change.cause === 'expiry') {
      this.#demand(change.atNs === event.expiresAtNs, `${event.eventId} expires at another time than its own`)
    }
    known!.state = state
  }

  #onDecision(made: DecisionMade): void {
    const { decision, members, atNs } = made
    this.decisions += 1
    this.#demand(this.#pending === null, 'two decisions without an answer between them')
    this.#demand(made.stamp.sequence === this.#sequence + 1, `sequence ${made.stamp.sequence} after ${this.#sequence}`)
    this.#sequence = made.stamp.sequence
    this.#demand(atNs >= this.#decidedAtNs, `decision time goes back from ${this.#decidedAtNs} to ${atNs}`)
    this.#demand(made.stamp.stateVersion >= this.#stateVersion, 'the state version goes back')
    this.#stateVersion = made.stamp.stateVersion
    this.#decidedAtNs = atNs
    this.#pending = made
    const available = Math.max(0, Math.max(0, this.capitalMinor) - this.#heldMinor())
    const allocated = decision.allocations.reduce((sum, { capitalMinor }) => sum + capitalMinor, 0)
    this.#demand(allocated === decision.capitalAllocatedMinor, 'the allocations do not sum to what is allocated')
    this.#demand(
      allocated + decision.capitalUnallocatedMinor === available,
      `${allocated} allocated and ${decision.capitalUnallocatedMinor} not, of ${available} available`,
    )
    this.#demand(decision.candidates.length > 0, 'a decision without candidates')
    this.#demand(
      decision.selected.length + decision.rejected.length === decision.candidates.length,
      'a candidate has neither been selected nor rejected',
    )
    for (const { eventId } of decision.candidates) {
      const known = this.events.get(eventId)
      this.#demand(known !== undefined, `candidate ${eventId} is unknown`)
      this.#demand(lifecycle[known!.state] <= lifecycle.COMPLETING, `candidate ${eventId} is ${known!.state}`)
      this.#demand(known!.event.expiresAtNs > atNs, `candidate ${eventId} has expired`)
      if (this.#submitted.has(eventId)) {
        this.#demand(this.#isHeld(known!.handle), `candidate ${eventId} is spent`)
      }
    }
    for (const member of members) {
      this.#demand(decision.selected.includes(member.event.eventId), 'a member that was not selected')
      this.#demand(!this.#submitted.has(member.event.eventId), `${member.event.eventId} is selected a second time`)
    }
  }

  #onReserved(reserved: DecisionReserved): void {
    const { statuses, grants, decision } = reserved
    this.#demand(decision === this.#pending, 'an answer to another decision')
    this.#pending = null
    // One thread and one ledger: what the arbiter admitted on it the ledger admits.
    this.#demand(
      statuses.every((status) => status === 'SUCCESS') && statuses.length === decision.members.length,
      `the ledger answers ${statuses.join(', ')} to what was just admitted`,
    )
    this.#demand(grants.length === statuses.length, 'not every success has its grant')
    for (const grant of grants) {
      this.grants += 1
      this.#demand(grant.token > this.#token, `token ${grant.token} after ${this.#token}`)
      this.#token = grant.token
      this.#demand(!this.#isHeld(grant.member.handle), `${grant.member.event.eventId} is held twice`)
      this.held.set(grant.token, { grant, riskBudgetMinor: 0n, state: 'reserved' })
    }
    if (grants.length > 0) this.#checkLimits()
  }

  #checkLimits(): void {
    const { policy } = this.#settings
    const members = [...this.held.values()].map(({ grant }) => grant.member)
    this.#demand(this.#heldMinor() <= this.capitalMinor, `${this.#heldMinor()} held of ${this.capitalMinor}`)
    this.#demand(members.length <= policy.maxOpenPositions, `${members.length} positions are too many`)
    for (const { event } of members) {
      const onSymbol = members.filter((other) => other.event.symbolIndex === event.symbolIndex).length
      this.#demand(onSymbol <= policy.maxPositionsPerSymbol, `${onSymbol} positions on ${event.symbol}`)
      for (const other of members) {
        this.#demand(this.#areCompatible(event, other.event), `${event.eventId} beside ${other.event.eventId}`)
      }
    }
    if (policy.capitalSlots === null || policy.capitalSlotsBorrow !== 'none') return
    const slots = policy.capitalSlots
    const potOf = (event: MarketEvent): string => (Object.hasOwn(slots, event.eventType) ? event.eventType : '*')
    for (const [pot, share] of Object.entries(slots)) {
      const inPot = members.filter(({ event }) => potOf(event) === pot)
      const sum = inPot.reduce((total, { capitalMinor }) => total + capitalMinor, 0)
      const budget = (BigInt(this.capitalMinor) * BigInt(Math.round(share * 1e6))) / 1_000_000n
      // What was granted before a loss may be more than the pot has now; a grant of now may not.
      const isGrownNow = inPot.some((member) => this.#isFresh(member.handle))
      this.#demand(!isGrownNow || BigInt(sum) <= budget, `pot ${pot} holds ${sum} of ${budget}`)
    }
  }

  #onPosition(change: PositionChange): void {
    const { grant } = change.position
    const held = this.held.get(grant.token)
    this.#demand(held !== undefined, `a position of token ${grant.token}, which nobody holds`)
    this.#demand(held!.state === follows[change.to], `token ${grant.token} goes from ${held!.state} to ${change.to}`)
    this.#demand((change.outcome !== null) === (change.to === 'closed'), 'an outcome belongs to a closed position')
    this.#demand((change.refusal !== null) === (change.to === 'refused'), 'a refusal belongs to a refused position')
    if (change.to === 'submitted') {
      const { eventId } = grant.member.event
      this.#demand(!this.#submitted.has(eventId), `${eventId} is entered a second time`)
      this.#submitted.add(eventId)
      const sharePpm = BigInt(Math.round(this.#settings.policy.riskPerTrade * 1e6))
      held!.riskBudgetMinor = (BigInt(this.capitalMinor) * sharePpm) / 1_000_000n
    }
    if (change.outcome !== null) this.#checkFill(held!, change)
    if (change.refusal?.reason === 'beyond_limit') {
      this.#demand(isBeyondLimit(change.position, change.refusal.priceTicks), 'an entry is refused within its limit')
    }
    held!.state = change.to
  }

  /** FILL-1 and FILL-2 at the price of the fill itself, in fractions of a minor unit, against what was granted. */
  #checkFill(held: Held, { position, outcome }: PositionChange): void {
    const { capitalMinor, event } = held.grant.member
    const { side, stopTicks } = position.plan
    const { entryTicks, quantityLots } = outcome!
    const { priceDecimals, sizeDecimals } = this.#settings.instruments[event.symbolIndex]!
    const scale = 10n ** BigInt(priceDecimals + sizeDecimals)
    const hundredLots = BigInt(quantityLots) * 100n
    const leveragePpm = BigInt(Math.round(this.#settings.policy.leverage * 1e6))
    const buyingPowerMinor = (BigInt(capitalMinor) * leveragePpm) / 1_000_000n
    this.#demand(
      hundredLots * BigInt(entryTicks) <= buyingPowerMinor * scale,
      `FILL-1: ${quantityLots} lots at ${entryTicks} are worth more than ${buyingPowerMinor}`,
    )
    const distance = BigInt(side === 'long' ? entryTicks - stopTicks : stopTicks - entryTicks)
    this.#demand(
      hundredLots * distance <= held.riskBudgetMinor * scale,
      `FILL-2: ${quantityLots} lots over ${distance} to the stop risk more than ${held.riskBudgetMinor}`,
    )
    const isBeyond = isBeyondLimit(position, entryTicks)
    this.#demand(!isBeyond, `token ${held.grant.token} is filled at ${entryTicks}, beyond ${position.order.limitTicks}`)
  }

  #onSettled(message: PositionSettled): void {
    const { grant } = message.position
    const held = this.held.get(grant.token)
    this.#demand(
      held?.state === 'closed' || held?.state === 'refused',
      `token ${grant.token} is settled in state ${held?.state}`,
    )
    this.#demand((message.outcome === null) === (held!.state === 'refused'), 'only a refused position has no outcome')
    this.#demand((message.refusal !== null) === (held!.state === 'refused'), 'a refused position says why')
    this.held.delete(grant.token)
    this.settled += 1
    if (message.refusal !== null) this.refused[message.refusal.reason] += 1
    this.capitalMinor += message.outcome?.pnlMinor ?? 0
  }

  #heldMinor(): number {
    let sum = 0
    for (const { grant } of this.held.values()) sum += grant.member.capitalMinor
    return sum
  }

  #isHeld(handle: number): boolean {
    for (const { grant } of this.held.values()) if (grant.member.handle === handle) return true
    return false
  }

  #isFresh(handle: number): boolean {
    for (const { grant, state } of this.held.values()) {
      if (grant.member.handle === handle) return state === 'reserved'
    }
    return false
  }

  #areCompatible(one: MarketEvent, other: MarketEvent): boolean {
    const { interlock } = this.#settings.policy
    if (interlock === null || one.eventType === other.eventType) return true
    if (interlock.scope === 'symbol' && one.symbolIndex !== other.symbolIndex) return true
    return interlock.compatible.some(
      ([a, b]) => (a === one.eventType && b === other.eventType) || (a === other.eventType && b === one.eventType),
    )
  }

  #demand(holds: boolean, otherwise: string): void {
    if (!holds) throw new Error(`audit: ${otherwise}`)
  }
}
