/**
 * Decisions on the wire: what arbitration selected, and what became of it. Of a decision's record only the header crosses; whoever needs
 * the rest (journal, page) has the decision itself, on the thread that took it.
 */
import { invariant } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { DecisionMade, type SelectedMember } from '../domain/decision-made.ts'
import { type DecisionRecordNames, decisionHeaderSize } from '../domain/decision-record.ts'
import type { Evidence } from '../domain/detection-signal.ts'
import type { DecisionReserved, Grant } from '../domain/message.ts'
import { type ReservationStatus, reservationStatuses } from '../domain/reservation.ts'
import { eventDoubles, putEvent, takeEvent, type WireNames, type WireReading } from './wire-event.ts'
import type { WireSlot } from './wire-slot.ts'

/** Of an event that was told with its evidence before. */
const toldBefore: Evidence = Object.freeze({})

/** Doubles of a member, at most. */
export const memberDoubles = eventDoubles + 2

/** Doubles of any message of this file, at most, without its kind: a decision is the first part of what became of it. */
export function decisionMessageDoubles(positionsMax: number): number {
  const decision = 2 + decisionHeaderSize + 1 + positionsMax * memberDoubles
  const statuses = 1 + positionsMax
  const grants = 1 + positionsMax * 4
  return decision + statuses + grants
}

/** A member whose event is without its evidence. */
export function putMember(slot: WireSlot, { event, handle, capitalMinor }: SelectedMember, names: WireNames): void {
  putEvent(slot, event, names)
  slot.put(handle)
  slot.put(capitalMinor)
}

export function takeMember(slot: WireSlot, reading: WireReading): SelectedMember {
  return {
    event: takeEvent(slot, reading, reading.selected, toldBefore),
    handle: slot.take(),
    capitalMinor: slot.take(),
  }
}

export function putDecision(slot: WireSlot, decision: DecisionMade, names: WireNames, positionsMax: number): void {
  const { members, record } = decision
  slot.put(decision.atNs)
  slot.put(decision.idlePots)
  for (let index = 0; index < decisionHeaderSize; index += 1) slot.put(record[index]!)
  slot.putCount('decision: members', members.length, positionsMax)
  for (const member of members) putMember(slot, member, names)
}

/** @param recordNames - {@link headerNames}. */
export function takeDecision(
  slot: WireSlot,
  reading: WireReading,
  recordNames: DecisionRecordNames,
  positionsMax: number,
): DecisionMade {
  const atNs = slot.take()
  const idlePots = slot.take()
  const record = reading.records.take(decisionHeaderSize)
  for (let index = 0; index < decisionHeaderSize; index += 1) record[index] = slot.take()
  const members = new Array<SelectedMember>(slot.takeCount(positionsMax))
  for (let index = 0; index < members.length; index += 1) members[index] = takeMember(slot, reading)
  return new DecisionMade(record, decisionHeaderSize, atNs, idlePots, members, recordNames)
}

/**
 * The names of a decision that crossed. They throw where its record would be read: what lies behind the header is not there, and must
 * not be taken for a decision without candidates (WIRE-3).
 */
export function headerNames({ types, symbols }: WireNames): DecisionRecordNames {
  const refuse = (): never => {
    invariant(false, 'WIRE-3', 'of a decision that crossed threads only the header can be read')
  }
  return {
    types,
    symbols,
    get timeline() {
      return refuse()
    },
    idOf: refuse,
  }
}

export function putReserved(slot: WireSlot, reserved: DecisionReserved, names: WireNames, positionsMax: number): void {
  const { decision, statuses, grants } = reserved
  const { members } = decision
  putDecision(slot, decision, names, positionsMax)
  slot.putCount('reserved: statuses', statuses.length, positionsMax)
  for (const status of statuses) slot.putChoice('status', reservationStatuses, status)
  slot.putCount('reserved: grants', grants.length, positionsMax)
  for (const [index, grant] of grants.entries()) {
    // Mostly all are granted, in their order.
    const memberIndex = members[index] === grant.member ? index : members.indexOf(grant.member)
    if (memberIndex < 0) {
      const message = `the grant of ${grant.member.event.eventId} is of no member of its decision`
      throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: 'grants' })
    }
    slot.put(memberIndex)
    putGrantTerms(slot, grant)
  }
}

/** Its grants' members are its decision's, the same objects. */
export function takeReserved(
  slot: WireSlot,
  reading: WireReading,
  recordNames: DecisionRecordNames,
  positionsMax: number,
): DecisionReserved {
  const decision = takeDecision(slot, reading, recordNames, positionsMax)
  const statuses = new Array<ReservationStatus>(slot.takeCount(positionsMax))
  for (let index = 0; index < statuses.length; index += 1) statuses[index] = slot.takeChoice(reservationStatuses)
  const grants = new Array<Grant>(slot.takeCount(positionsMax))
  for (let index = 0; index < grants.length; index += 1) {
    const member = decision.members[slot.take()]
    invariant(member !== undefined, 'WIRE-1', 'a grant is of no member')
    grants[index] = takeGrantTerms(slot, member)
  }
  return { kind: 'reserved', decision, statuses, grants }
}

/** A grant without its member. */
export function putGrantTerms(slot: WireSlot, grant: Grant): void {
  slot.put(grant.token)
  slot.put(grant.sequence)
  slot.put(grant.decidedAtNs)
}

export function takeGrantTerms(slot: WireSlot, member: SelectedMember): Grant {
  return { member, token: slot.take(), sequence: slot.take(), decidedAtNs: slot.take() }
}
