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

/** What the table says of an event beside its record. */
export type TableEvent = Pick<MarketEvent, 'eventId' | 'eventType' | 'typeIndex' | 'symbol' | 'symbolIndex'>

/** The event that a record tells, without its evidence: that is not in the table. */
export function readEventRecord(record: Float64Array, told: TableEvent): MarketEvent {
  const index = eventRecordIndex
  return {
    ...told,
    side: record[index.side]! > 0 ? 'long' : 'short',
    detectedAtNs: record[index.detectedAtNs]!,
    waitingSinceNs: record[index.waitingSinceNs]!,
    expiresAtNs: record[index.expiresAtNs]!,
    priorityScore: record[index.priorityScore]!,
    regime: regimes[record[index.regime]!]!,
    regimeAlignment: record[index.regimeAlignment]!,
    rewardRisk: record[index.rewardRisk]!,
    winRate: record[index.winRate]!,
    expectedValue: record[index.expectedValue]!,
    capitalRequiredMinor: record[index.capitalRequiredMinor]!,
    referenceTicks: record[index.referenceTicks]!,
    targetTicks: record[index.targetTicks]!,
    stopTicks: record[index.stopTicks]!,
    evidence: {},
  }
}

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
