/**
 * The counterfactual stage: tells the tracker how the market went and what the venue said, from the thread of the order stage, which sees
 * every record first. Records go in blocks; all else at once, behind the records before it.
 *
 * An event that a strategy declined is over for all others. Had it been selected before, nobody would have asked again: of such events the
 * detectors' own word counts, until they would have expired.
 *
 * Live it never waits: when the tracker is too far behind, records are lost, and the tracker is told so (`lost`): it gives up what it
 * followed. Places and settlements are kept until there is room, so every decision has its entry and every trade its outcome.
 */
import type { Stage } from '../../channel/stage.ts'
import { decisionHeader } from '../../domain/decision-record.ts'
import type { NextState, TransitionSignal } from '../../domain/detection-signal.ts'
import { type MarketRecord, recordKinds } from '../../domain/market.ts'
import type { DecisionReserved, EventChange, EventDeclined, Grant, PositionChange } from '../../domain/message.ts'
import { exitReasons } from '../../domain/outcome.ts'
import { nsPerSecond } from '../../domain/units.ts'
import {
  type EventMove,
  eventMoves,
  marketFields,
  marketRecordsMax,
  putPlan,
  settledFields,
  submittedFields,
  submittedOrderAt,
  submittedPlanAt,
  type TrackingPort,
  trackingFrames,
} from './tracking-frames.ts'

export type CounterfactualInput =
  | MarketRecord
  | DecisionReserved
  | EventChange
  | TransitionSignal
  | PositionChange
  | EventDeclined

/** A block of records is sent when it is full, or its first record is so old. */
const blockNsMax = nsPerSecond
/** Frames that are kept while there is no room. */
const keptMax = 16_384
const recordDoubles = marketFields.length

interface Kept {
  readonly kind: number
  readonly payload: Float64Array
}

export class CounterfactualStage implements Stage<CounterfactualInput, never> {
  readonly name = 'counterfactual'
  readonly seesMarket: boolean
  readonly #port: TrackingPort | null
  readonly #block = new Float64Array(marketRecordsMax * recordDoubles)
  #blockLength = 0
  /** Events that a strategy declined and that would not have expired yet, by id. */
  readonly #declined = new Map<string, { readonly handle: number; readonly expiresAtNs: number }>()
  /** Of this batch: told already. */
  readonly #submitted = new Set<PositionChange>()
  readonly #frame = new Float64Array(Math.max(submittedFields.length, settledFields.length))
  /** Waiting for room, oldest first; the tracker has to be told that something was lost before them. */
  #kept: Kept[] = []
  #hasLost = false
  #nowNs = 0
  /** Frames that were not kept: decisions without an entry, or an outcome. */
  dropped = 0

  /** @param port - Null: nothing is tracked. */
  constructor(port: TrackingPort | null) {
    this.#port = port
    this.seesMarket = port !== null
  }

  onBatch(inputs: readonly CounterfactualInput[], count: number): void {
    if (this.#port === null) return
    for (let index = 0; index < count; index += 1) {
      const input = inputs[index]!
      if (typeof input.kind === 'number') this.#onRecord(input as MarketRecord)
      else if (input.kind === 'event') {
        this.#onSubmitted(inputs, index, count, ({ member }) => member.handle === input.handle)
        this.#onEvent(input)
      } else if (input.kind === 'transition') this.#onTransition(input)
      else if (input.kind === 'reserved') {
        this.#onDecision(input)
        this.#onSubmitted(
          inputs,
          index,
          count,
          ({ sequence }) => sequence === input.decision.record[decisionHeader.sequence],
        )
      } else if (input.kind === 'position') this.#onPosition(input)
      else if (input.kind === 'declined') this.#settle(input.handle, input.atNs)
    }
    this.#submitted.clear()
  }

  /**
   * What the orders' stage did with the messages of this batch stands behind them: an order is told before what happens to its event next, as
   * it was sent before.
   */
  #onSubmitted(
    inputs: readonly CounterfactualInput[],
    from: number,
    count: number,
    isOf: (grant: Grant) => boolean,
  ): void {
    const placedLater = new Set<number>()
    for (let index = from + 1; index < count; index += 1) {
      const input = inputs[index]!
      if (input.kind === 'reserved') placedLater.add(input.decision.record[decisionHeader.sequence]!)
      if (input.kind !== 'position' || input.to !== 'submitted' || this.#submitted.has(input)) continue
      const { grant } = input.position
      if (!isOf(grant) || placedLater.has(grant.sequence)) continue
      this.#onPosition(input)
      this.#submitted.add(input)
    }
  }

  onStop(): void {
    if (this.#port === null) return
    this.#sendBlock(this.#port)
    this.#port.end?.()
  }

  #passTo(atNs: number): number {
    this.#nowNs = Math.max(this.#nowNs, atNs)
    return this.#nowNs
  }

  #onRecord(record: MarketRecord): void {
    const isTrade = record.kind === recordKinds.trade
    if (!isTrade && record.kind !== recordKinds.context) return
    const block = this.#block
    const at = this.#blockLength
    const atNs = this.#passTo(record.atNs)
    block[at] = isTrade ? record.symbolIndex : -1 - record.symbolIndex
    block[at + 1] = atNs
    block[at + 2] = isTrade ? record.priceTicks : record.oracleTicks
    block[at + 3] = isTrade ? 0 : record.fundingRate
    this.#blockLength = at + recordDoubles
    if (this.#blockLength === block.length || atNs - block[1]! > blockNsMax) this.#sendBlock(this.#port!)
  }

  #onEvent({ event, handle, state, cause, atNs }: EventChange): void {
    this.#passTo(atNs)
    this.#forgetExpired()
    if (cause === 'declined') this.#declined.set(event.eventId, { handle, expiresAtNs: event.expiresAtNs })
    else if (cause === 'expiry') this.#move(handle, 'lapsed')
    else if (state !== 'TRIGGERED') this.#move(handle, moveOf[state])
  }

  /** Of what is not declined the registry says it too. */
  #onTransition({ eventId, to, atNs }: TransitionSignal): void {
    if (this.#declined.size === 0) return
    this.#passTo(atNs)
    this.#forgetExpired()
    const declined = this.#declined.get(eventId)
    if (declined === undefined) return
    if (to === 'COMPLETED' || to === 'INVALIDATED') this.#declined.delete(eventId)
    this.#move(declined.handle, moveOf[to])
  }

  /** What was declined would have expired by now. */
  #forgetExpired(): void {
    for (const [eventId, { handle, expiresAtNs }] of this.#declined) {
      if (expiresAtNs > this.#nowNs) continue
      this.#declined.delete(eventId)
      this.#move(handle, 'lapsed')
    }
  }

  #move(handle: number, move: EventMove | null): void {
    if (move === null) return
    this.#fill(handle, this.#nowNs, eventMoves.indexOf(move))
    this.#send(trackingFrames.eventMoved, 3)
  }

  #onDecision({ decision }: DecisionReserved): void {
    this.#fill(decision.record[decisionHeader.sequence]!, this.#passTo(decision.atNs), this.#hasLost ? 0 : 1)
    this.#send(trackingFrames.placed, 3)
  }

  #onPosition(change: PositionChange): void {
    const { position, to, outcome, atNs } = change
    // The venue's time: what fell due there was before any record that comes late.
    this.#passTo(atNs)
    const { grant, plan, order } = position
    // What a strategy claimed by itself came of no decision.
    if (grant.strategy !== undefined || this.#submitted.has(change)) return
    const { handle } = grant.member
    if (to === 'submitted') {
      this.#fill(handle, this.#passTo(atNs))
      putPlan(this.#frame, submittedPlanAt, plan)
      this.#frame[submittedOrderAt] = order.quantityLots
      this.#frame[submittedOrderAt + 1] = order.limitTicks
      this.#frame[submittedOrderAt + 2] = order.notionalMaxMinor
      this.#send(trackingFrames.submitted, submittedFields.length)
    } else if (to === 'closed' || to === 'refused') this.#settle(handle, atNs, outcome)
  }

  #settle(handle: number, atNs: number, outcome: PositionChange['outcome'] = null): void {
    this.#frame.fill(0)
    this.#fill(handle, this.#passTo(atNs), outcome === null ? -1 : exitReasons.indexOf(outcome.exitReason))
    if (outcome !== null) {
      for (let at = settledFields.indexOf('entryTicks'); at < settledFields.length; at += 1) {
        this.#frame[at] = outcome[settledFields[at] as OutcomeField]
      }
    }
    this.#send(trackingFrames.settled, settledFields.length)
  }

  #fill(first: number, atNs: number, third = 0): void {
    this.#frame[0] = first
    this.#frame[1] = atNs
    this.#frame[2] = third
  }

  /** Sends what `#frame` holds, behind the records before it. */
  #send(kind: number, length: number): void {
    const port = this.#port!
    this.#sendBlock(port)
    if ((!this.#hasLost || this.#recover(port)) && put(port, kind, this.#frame, length)) return
    // Without the market between, an order or an event's end says nothing.
    this.#hasLost = true
    if (kind !== trackingFrames.placed && kind !== trackingFrames.settled) return
    if (this.#kept.length < keptMax) this.#kept.push({ kind, payload: this.#frame.slice(0, length) })
    else this.dropped += 1
  }

  #sendBlock(port: TrackingPort): void {
    const length = this.#blockLength
    if (length === 0) return
    this.#blockLength = 0
    if (this.#hasLost && !this.#recover(port)) return
    if (!put(port, trackingFrames.market, this.#block, length)) this.#hasLost = true
  }

  /** There is room again: says that something was lost, then what was kept. @returns False: there is not yet. */
  #recover(port: TrackingPort): boolean {
    if (!put(port, trackingFrames.lost, this.#frame, 0)) return false
    while (this.#kept.length > 0) {
      const { kind, payload } = this.#kept[0]!
      if (kind === trackingFrames.placed) payload[2] = 0
      if (!put(port, kind, payload, payload.length)) return false
      this.#kept.shift()
    }
    this.#hasLost = false
    return true
  }
}

const moveOf: Readonly<Record<NextState, EventMove | null>> = {
  ...{ ACTIVE: null, COMPLETING: 'completing' },
  ...{ COMPLETED: 'event_completed', INVALIDATED: 'invalidated' },
}

type OutcomeField = Exclude<(typeof settledFields)[number], 'handle' | 'atNs' | 'exitReason'>

/** @returns False: there is no room, and nobody waits for it. */
function put(port: TrackingPort, kind: number, values: Float64Array, length: number): boolean {
  const start = port.claim(length)
  if (start < 0) return false
  const { payload } = port
  for (let index = 0; index < length; index += 1) payload[start + index] = values[index]!
  port.commit(kind, length)
  return true
}
