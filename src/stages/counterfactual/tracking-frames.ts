/**
 * What the tracker is told, as frames of doubles, beside the decisions that the journal's thread has anyway (`journal-frame.ts`). Pure; any
 * thread. Times on the run's timeline, prices in ticks, money in minor units; a side is +1 long, −1 short.
 *
 * | kind | payload | sent by |
 * |---|---|---|
 * | plans | sequence, how many, then {@link planFields} of each rejected candidate that a strategy would have acted on | `hypothesis`, behind the decision's frame |
 * | market | {@link marketFields} of up to {@link marketRecordsMax} records, in their order | `counterfactual`, like all below |
 * | placed | sequence, time, 1: from here on the decision's candidates are followed (0: not, the market here was lost) | |
 * | submitted | {@link submittedFields} of a selected event's order | |
 * | settled | {@link settledFields} of a selected event | |
 * | eventMoved | handle, time, {@link eventMoves} | |
 * | lost | (nothing) something before this found no room | |
 */

import type { TradePlan } from '../../domain/order.ts'

export const trackingFrames = {
  plans: 16,
  market: 17,
  placed: 18,
  submitted: 19,
  settled: 20,
  eventMoved: 21,
  lost: 22,
} as const

/** Frames from this kind on are the tracker's. */
export const firstTrackingFrame = trackingFrames.plans

/** `rank` from 0. */
export const planFields = ['rank', 'side', 'sizeFraction', 'targetTicks', 'stopTicks', 'timeStopNs'] as const
/** `symbol`: its index of a trade, −1 − index of a context; of a trade the price, of a context oracle price and funding rate. */
export const marketFields = ['symbol', 'atNs', 'price', 'rate'] as const
export const marketRecordsMax = 64
export const submittedFields = [
  'handle',
  'atNs',
  'side',
  'sizeFraction',
  'targetTicks',
  'stopTicks',
  'timeStopNs',
  'quantityLots',
  'limitTicks',
  'notionalMaxMinor',
] as const
/** Where a plan and an order begin in {@link submittedFields}. */
export const submittedPlanAt = submittedFields.indexOf('side')
export const submittedOrderAt = submittedFields.indexOf('quantityLots')
/** `exitReason`: into `exitReasons`; −1: it was never entered, and the others are 0. */
export const settledFields = [
  'handle',
  'atNs',
  'exitReason',
  'entryTicks',
  'exitTicks',
  'entryAtNs',
  'exitAtNs',
  'quantityLots',
  'feesMinor',
  'fundingMinor',
  'pnlMinor',
] as const
/** Ended by its detector, which ends trades; over without a word of it (`lapsed`), or about to complete: both concern entries only. */
export const eventMoves = ['event_completed', 'invalidated', 'lapsed', 'completing'] as const
export type EventMove = (typeof eventMoves)[number]
export type EventEndReason = Extract<EventMove, 'event_completed' | 'invalidated'>

/** Where frames are written that the tracker takes. One thread. */
export interface TrackingPort {
  /** Where claimed payloads are written. */
  readonly payload: Float64Array
  /** Room for so many doubles. @returns Where in `payload` it begins; −1: there is none now, and nobody waits for it. */
  claim(length: number): number
  commit(kind: number, length: number): void
  /** The run is over. Where nobody is told that the journal is closed: the tracker gives what is pending now. */
  end?(): void
}

/** Writes the fields of a plan, from `side` on. */
export function putPlan(values: Float64Array, at: number, plan: TradePlan): void {
  values[at] = plan.side === 'long' ? 1 : -1
  values[at + 1] = plan.sizeFraction
  values[at + 2] = plan.targetTicks
  values[at + 3] = plan.stopTicks
  values[at + 4] = plan.timeStopNs
}

/** Reads what {@link putPlan} wrote. */
export function planAt(values: Float64Array, at: number): TradePlan {
  return {
    side: values[at] === 1 ? 'long' : 'short',
    sizeFraction: values[at + 1]!,
    targetTicks: values[at + 2]!,
    stopTicks: values[at + 3]!,
    timeStopNs: values[at + 4]!,
  }
}
