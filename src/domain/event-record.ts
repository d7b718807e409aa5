/** An event's record in the region's event table: which of its numbers stand in shared memory, and where. Pure; any thread. */
import type { MarketEvent } from './event.ts'
import { regimes } from './regime.ts'

/** The record's fields in their order; every value is a double. */
export const eventRecordFields = [
  'detectedAtNs',
  'waitingSinceNs',
  'expiresAtNs',
  'priorityScore',
  'regimeAlignment',
  'expectedValue',
  'rewardRisk',
  'winRate',
  'capitalRequiredMinor',
  'referenceTicks',
  'targetTicks',
  'stopTicks',
  /** +1 long, −1 short. */
  'side',
  /** Index into the regimes. */
  'regime',
] as const

export type EventRecordField = (typeof eventRecordFields)[number]

export const eventRecordIndex: Readonly<Record<EventRecordField, number>> = Object.freeze(
  Object.fromEntries(eventRecordFields.map((field, index) => [field, index])) as Record<EventRecordField, number>,
)

/** Writes the event's numbers into `record`. */
export function writeEventRecord(record: Float64Array, event: MarketEvent): void {
  const index = eventRecordIndex
  record[index.detectedAtNs] = event.detectedAtNs
  record[index.waitingSinceNs] = event.waitingSinceNs
  record[index.expiresAtNs] = event.expiresAtNs
  record[index.priorityScore] = event.priorityScore
  record[index.regimeAlignment] = event.regimeAlignment
  record[index.expectedValue] = event.expectedValue
  record[index.rewardRisk] = event.rewardRisk
  record[index.winRate] = event.winRate
  record[index.capitalRequiredMinor] = event.capitalRequiredMinor
  record[index.referenceTicks] = event.referenceTicks
  record[index.targetTicks] = event.targetTicks
  record[index.stopTicks] = event.stopTicks
  record[index.side] = event.side === 'long' ? 1 : -1
  record[index.regime] = regimes.indexOf(event.regime)
}
