/** A settled position on the wire: the grant, how it was to be traded, and what came of it. */
import type { Grant, PositionSettled } from '../domain/message.ts'
import { type EntryOrder, type EntryRefusal, entryRefusalReasons, type TradePlan } from '../domain/order.ts'
import { exitReasons, type TradeOutcome } from '../domain/outcome.ts'
import { memberDoubles, putGrantTerms, putMember, takeGrantTerms, takeMember } from './wire-decision.ts'
import { sides, type WireNames, type WireReading } from './wire-event.ts'
import { nameBytesMax, textDoubles, type WireSlot } from './wire-slot.ts'

/** Doubles of a settled position, at most, without its kind: member, grant, strategy, plan, order, time, outcome, refusal. */
export const settledDoubles = memberDoubles + 3 + textDoubles(nameBytesMax) + 5 + 3 + 1 + (1 + 9) + (1 + 3)

export function putSettled(slot: WireSlot, settled: PositionSettled, names: WireNames): void {
  const { grant, plan, order } = settled.position
  putMember(slot, grant.member, names)
  putGrantTerms(slot, grant)
  // An empty name is none.
  slot.putName('strategy', grant.strategy ?? '', 0)
  putPlan(slot, plan)
  slot.put(order.quantityLots)
  slot.put(order.limitTicks)
  slot.put(order.notionalMaxMinor)
  slot.put(settled.atNs)
  putOutcome(slot, settled.outcome)
  putRefusal(slot, settled.refusal)
}

export function takeSettled(slot: WireSlot, reading: WireReading): PositionSettled {
  const selected: Grant = takeGrantTerms(slot, takeMember(slot, reading))
  const strategy = slot.takeName()
  const grant = strategy === '' ? selected : { ...selected, strategy }
  const plan = takePlan(slot)
  const order: EntryOrder = {
    quantityLots: slot.take(),
    limitTicks: slot.take(),
    notionalMaxMinor: slot.take(),
  }
  const atNs = slot.take()
  const outcome = takeOutcome(slot)
  return { kind: 'settled', position: { grant, plan, order }, outcome, refusal: takeRefusal(slot), atNs }
}

function putPlan(slot: WireSlot, plan: TradePlan): void {
  slot.putChoice('side', sides, plan.side)
  slot.put(plan.sizeFraction)
  slot.put(plan.targetTicks)
  slot.put(plan.stopTicks)
  slot.put(plan.timeStopNs)
}

function takePlan(slot: WireSlot): TradePlan {
  return {
    side: slot.takeChoice(sides),
    sizeFraction: slot.take(),
    targetTicks: slot.take(),
    stopTicks: slot.take(),
    timeStopNs: slot.take(),
  }
}

/** How many there are, 0 or 1, then itself. */
function putOutcome(slot: WireSlot, outcome: TradeOutcome | null): void {
  slot.put(outcome === null ? 0 : 1)
  if (outcome === null) return
  slot.put(outcome.entryTicks)
  slot.put(outcome.exitTicks)
  slot.put(outcome.entryAtNs)
  slot.put(outcome.exitAtNs)
  slot.put(outcome.quantityLots)
  slot.put(outcome.feesMinor)
  slot.put(outcome.fundingMinor)
  slot.put(outcome.pnlMinor)
  slot.putChoice('exitReason', exitReasons, outcome.exitReason)
}

function takeOutcome(slot: WireSlot): TradeOutcome | null {
  if (slot.takeCount(1) === 0) return null
  return {
    entryTicks: slot.take(),
    exitTicks: slot.take(),
    entryAtNs: slot.take(),
    exitAtNs: slot.take(),
    quantityLots: slot.take(),
    feesMinor: slot.take(),
    fundingMinor: slot.take(),
    pnlMinor: slot.take(),
    exitReason: slot.takeChoice(exitReasons),
  }
}

function putRefusal(slot: WireSlot, refusal: EntryRefusal | null): void {
  slot.put(refusal === null ? 0 : 1)
  if (refusal === null) return
  slot.putChoice('reason', entryRefusalReasons, refusal.reason)
  slot.put(refusal.atNs)
  slot.put(refusal.priceTicks)
}

function takeRefusal(slot: WireSlot): EntryRefusal | null {
  if (slot.takeCount(1) === 0) return null
  return { reason: slot.takeChoice(entryRefusalReasons), atNs: slot.take(), priceTicks: slot.take() }
}
