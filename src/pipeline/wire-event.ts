/**
 * What is said of events, on the wire: detected, transition, failed, event, declined. Rare: reading makes fresh messages, but the event of a
 * change is that of the change before, if it is the same. Types and symbols cross as their indices in the run's lists, which both ends have.
 */
import { requireInteger } from '../base/assert.ts'
import { type ErrorCode, SignalboxError } from '../base/errors.ts'
import type { RecordSlab } from '../decide/record-slab.ts'
import {
  type DetectedSignal,
  type DetectorFailedSignal,
  type Evidence,
  evidenceCountMax,
  evidenceCountOf,
  type TransitionSignal,
} from '../domain/detection-signal.ts'
import { lifecycleNames, type MarketEvent, type Side } from '../domain/event.ts'
import type { EventChange, EventChangeCause, EventDeclined } from '../domain/message.ts'
import { regimes } from '../domain/regime.ts'
import { type EventMemory, eventNumbers } from './event-memory.ts'
import { choiceAt, nameBytesMax, reasonBytesMax, textDoubles, type WireSlot } from './wire-slot.ts'

/** The run's types and symbols: equal on both ends. */
export interface WireNames {
  readonly types: readonly string[]
  readonly symbols: readonly string[]
}

/** What a reader has: the events that it read of changes, and of selections (without their evidence), and room for what decisions say. */
export interface WireReading extends WireNames {
  readonly changed: EventMemory
  readonly selected: EventMemory
  readonly records: RecordSlab
}

/** Bytes that cross of a detector's failure; the rest is cut off. */
const failureBytesMax = 1_000
/** Bytes that cross of a detector's kind. One whose kind is longer finds no event, which has it in its id, but may fail. */
const kindBytesMax = nameBytesMax

export const sides: readonly Side[] = ['long', 'short']
const causes: readonly EventChangeCause[] = ['detector', 'expiry', 'declined']
/** Where a transition can go, by its number. */
const nextStates = lifecycleNames.slice(1) as readonly TransitionSignal['to'][]
const noEvidence: Evidence = Object.freeze({})
/** The length of a reason that is absent; an empty one has 0. */
const noReason = -1

// Doubles at most, without the kind.
const idDoubles = textDoubles(nameBytesMax)
const evidenceDoubles = 1 + evidenceCountMax * (textDoubles(nameBytesMax) + 1)
/** Of an event without its evidence. */
export const eventDoubles = idDoubles + eventNumbers
const changeDoubles = eventDoubles + evidenceDoubles + 4 + textDoubles(reasonBytesMax) + evidenceDoubles
const transitionDoubles = idDoubles + 3 + evidenceDoubles
const failedDoubles = 2 * textDoubles(nameBytesMax) + 2 + textDoubles(failureBytesMax)
const declinedDoubles = idDoubles + 2 + textDoubles(reasonBytesMax)
/** Of any message of this file, without its kind. */
export const eventMessageDoubles = Math.max(changeDoubles, transitionDoubles, failedDoubles, declinedDoubles)

type DetectedEvent = Omit<MarketEvent, 'regimeAlignment' | 'expectedValue' | 'evidence'>

/** An event without its evidence. */
export function putEvent(slot: WireSlot, event: MarketEvent, names: WireNames): void {
  putDetectedEvent(slot, event, names)
  slot.put(event.regimeAlignment)
  slot.put(event.expectedValue)
}

/**
 * @param memory - Where it is looked for, and remembered.
 * @param evidence - What the event is given as its own; absent: it was written behind the event.
 */
export function takeEvent(slot: WireSlot, names: WireNames, memory: EventMemory, evidence?: Evidence): MarketEvent {
  const eventId = slot.takeName()
  const known = memory.find(slot, eventId)
  if (known !== null) {
    slot.skip(eventNumbers)
    const itsEvidence = evidence ?? takeEvidence(slot, known.evidence)
    return itsEvidence === known.evidence ? known : { ...known, evidence: itsEvidence }
  }
  const place = memory.begin(slot)
  const typeIndex = slot.take()
  const symbolIndex = slot.take()
  // An object's members are taken in the order in which they stand here, which is the order of the puts. Not by a spread: of so many
  // fields it takes microseconds on Node 20, and decisions wait for it. (Above, nobody's evidence changes without its numbers.)
  const event: MarketEvent = {
    eventId,
    eventType: choiceAt(names.types, typeIndex),
    typeIndex,
    symbol: choiceAt(names.symbols, symbolIndex),
    symbolIndex,
    side: slot.takeChoice(sides),
    detectedAtNs: slot.take(),
    waitingSinceNs: slot.take(),
    expiresAtNs: slot.take(),
    priorityScore: slot.take(),
    regime: slot.takeChoice(regimes),
    rewardRisk: slot.take(),
    winRate: slot.take(),
    capitalRequiredMinor: slot.take(),
    referenceTicks: slot.take(),
    targetTicks: slot.take(),
    stopTicks: slot.take(),
    regimeAlignment: slot.take(),
    expectedValue: slot.take(),
    evidence: evidence ?? takeEvidence(slot),
  }
  memory.put(place, event)
  return event
}

function putDetectedEvent(slot: WireSlot, event: DetectedEvent, names: WireNames): void {
  const { eventId } = event
  slot.putName('eventId', eventId, 1)
  putListed(slot, names.types, 'eventType', event.eventType, event.typeIndex, eventId)
  putListed(slot, names.symbols, 'symbol', event.symbol, event.symbolIndex, eventId)
  slot.putChoice('side', sides, event.side)
  slot.put(event.detectedAtNs)
  slot.put(event.waitingSinceNs)
  slot.put(event.expiresAtNs)
  slot.put(event.priorityScore)
  slot.putChoice('regime', regimes, event.regime)
  slot.put(event.rewardRisk)
  slot.put(event.winRate)
  slot.put(event.capitalRequiredMinor)
  slot.put(event.referenceTicks)
  slot.put(event.targetTicks)
  slot.put(event.stopTicks)
}

/** A name and its index, which say the same or nothing is sent. */
function putListed(
  slot: WireSlot,
  list: readonly string[],
  field: string,
  name: string,
  index: number,
  owner: string,
): void {
  if (list[index] !== name) {
    const message = `${owner}: ${field} ${name} is not the run's number ${index}`
    throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field, value: name })
  }
  slot.put(index)
}

function putEvidence(slot: WireSlot, evidence: Evidence, eventId: string): void {
  const place = slot.beginCount()
  let count = 0
  for (const name in evidence) {
    if (!Object.hasOwn(evidence, name)) continue
    count += 1
    // Before there is no room for it.
    if (count > evidenceCountMax) {
      requireInteger(`evidence of ${eventId}: entries`, evidenceCountOf(evidence), 0, evidenceCountMax)
    }
    slot.putName('name', name, 0, eventId)
    slot.put(evidence[name]!)
  }
  // Those that were written: a getter may have changed the others.
  slot.endCount(place, count)
}

/** @param known - It is given again if it is the same. */
function takeEvidence(slot: WireSlot, known = noEvidence): Evidence {
  const count = slot.takeCount(evidenceCountMax)
  const at = slot.at
  if (isEvidence(slot, count, known)) return known
  slot.at = at
  const evidence: Record<string, number> = {}
  for (let left = count; left > 0; left -= 1) {
    const name = slot.takeName()
    const value = slot.take()
    if (name !== '__proto__') evidence[name] = value
    // No assignment makes it a field.
    else Object.defineProperty(evidence, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return evidence
}

/** What comes next is this evidence, in its order. It is taken, or some of it. */
function isEvidence(slot: WireSlot, count: number, known: Evidence): boolean {
  let left = count
  for (const name in known) {
    if (!Object.hasOwn(known, name)) continue
    if (left === 0 || slot.takeName() !== name || !Object.is(slot.take(), known[name])) return false
    left -= 1
  }
  return left === 0
}

export function putDetected(slot: WireSlot, signal: DetectedSignal, names: WireNames): void {
  putDetectedEvent(slot, signal, names)
  putEvidence(slot, signal.evidence, signal.eventId)
}

export function takeDetected(slot: WireSlot, names: WireNames): DetectedSignal {
  const eventId = slot.takeName()
  const typeIndex = slot.take()
  const symbolIndex = slot.take()
  return {
    kind: 'detected',
    eventId,
    eventType: choiceAt(names.types, typeIndex),
    typeIndex,
    symbol: choiceAt(names.symbols, symbolIndex),
    symbolIndex,
    side: slot.takeChoice(sides),
    detectedAtNs: slot.take(),
    waitingSinceNs: slot.take(),
    expiresAtNs: slot.take(),
    priorityScore: slot.take(),
    regime: slot.takeChoice(regimes),
    rewardRisk: slot.take(),
    winRate: slot.take(),
    capitalRequiredMinor: slot.take(),
    referenceTicks: slot.take(),
    targetTicks: slot.take(),
    stopTicks: slot.take(),
    evidence: takeEvidence(slot),
  }
}

export function putTransition(slot: WireSlot, signal: TransitionSignal): void {
  slot.putName('eventId', signal.eventId, 1)
  slot.put(signal.symbolIndex)
  slot.putChoice('to', nextStates, signal.to)
  slot.put(signal.atNs)
  putEvidence(slot, signal.evidence, signal.eventId)
}

export function takeTransition(slot: WireSlot): TransitionSignal {
  return {
    kind: 'transition',
    eventId: slot.takeName(),
    symbolIndex: slot.take(),
    to: slot.takeChoice(nextStates),
    atNs: slot.take(),
    evidence: takeEvidence(slot),
  }
}

/** Of the error its code and message cross. A failure is told whatever its detector calls itself: what is too long is cut. */
export function putFailed(slot: WireSlot, signal: DetectorFailedSignal, names: WireNames): void {
  const { error, detectorKind } = signal
  slot.putText(detectorKind, kindBytesMax)
  putListed(slot, names.symbols, 'symbol', signal.symbol, signal.symbolIndex, detectorKind)
  slot.put(signal.atNs)
  slot.putName('code', error.code, 1)
  slot.putText(error.message, failureBytesMax)
}

export function takeFailed(slot: WireSlot, names: WireNames): DetectorFailedSignal {
  const detectorKind = slot.takeText(kindBytesMax)
  const symbolIndex = slot.take()
  const atNs = slot.take()
  const code = slot.takeName() as ErrorCode
  const error = new SignalboxError(code, slot.takeText(failureBytesMax))
  return { kind: 'failed', detectorKind, symbol: choiceAt(names.symbols, symbolIndex), symbolIndex, atNs, error }
}

export function putChange(slot: WireSlot, change: EventChange, names: WireNames): void {
  const { event, reason } = change
  putEvent(slot, event, names)
  putEvidence(slot, event.evidence, event.eventId)
  slot.put(change.handle)
  slot.putChoice('state', lifecycleNames, change.state)
  slot.put(change.atNs)
  slot.putChoice('cause', causes, change.cause)
  putEvidence(slot, change.evidence, event.eventId)
  if (reason === undefined) slot.put(noReason)
  else slot.putText(reason, reasonBytesMax)
}

export function takeChange(slot: WireSlot, reading: WireReading): EventChange {
  const change = {
    kind: 'event',
    event: takeEvent(slot, reading, reading.changed),
    handle: slot.take(),
    state: slot.takeChoice(lifecycleNames),
    atNs: slot.take(),
    cause: slot.takeChoice(causes),
    evidence: takeEvidence(slot),
  } as const
  return slot.peek() === noReason ? change : { ...change, reason: slot.takeText(reasonBytesMax) }
}

export function putDeclined(slot: WireSlot, declined: EventDeclined): void {
  slot.put(declined.handle)
  slot.putName('eventId', declined.eventId, 1)
  slot.put(declined.atNs)
  slot.putText(declined.reason, reasonBytesMax)
}

export function takeDeclined(slot: WireSlot): EventDeclined {
  return {
    kind: 'declined',
    handle: slot.take(),
    eventId: slot.takeName(),
    atNs: slot.take(),
    reason: slot.takeText(reasonBytesMax),
  }
}
