/**
 * The region's layout: offsets and sizes only, in words of 8 bytes. `native/region/layout.hpp` says the same in C++ and
 * explains each; the addon hands out its table and {@link layoutDifference} compares the two when it is loaded. Any thread.
 */
import { histogramLayout } from '../base/histogram.ts'

/** Every constant of the layout, under the names of layout.hpp without their `k`. */
export const layout = {
  magic: 0x58424c414e474953n,
  version: 2,
  headerMagic: 0,
  headerVersion: 1,
  headerTotalBytes: 2,
  headerSchemaHash: 3,
  headerEpochNs: 4,
  headerParticipantsMax: 5,
  headerParticipantsOffset: 6,
  headerRingCount: 7,
  headerEventsOffset: 8,
  headerEventCapacity: 9,
  headerBucketCount: 10,
  headerRecordWords: 11,
  headerTypeCount: 12,
  headerLedgerOffset: 13,
  headerSlotsMax: 14,
  headerTransitions: 15,
  headerActionable: 16,
  headerHistogramsOffset: 17,
  headerHistogramCount: 18,
  headerRings: 24,
  headerRingWords: 3,
  headerWords: 48,
  ringsMax: 8,
  participantOwner: 0,
  participantGeneration: 1,
  participantWords: 8,
  participantFreerShift: 55,
  participantFreeingShift: 63,
  participantsMax: 255,
  ringLatest: 0,
  ringWriter: 8,
  ringSlots: 16,
  slotSequence: 0,
  slotPayload: 8,
  ringSlotsMin: 4,
  ringSlotsMax: 64,
  payloadWordsMax: 32768,
  eventCapacityMin: 64,
  eventCapacityMax: 65536,
  typesMax: 64,
  symbolsMax: 65536,
  recordWordsMax: 64,
  idBytesMax: 63,
  idWords: 8,
  entryState: 0,
  entryNext: 1,
  entryMeta: 2,
  entryId: 8,
  entryRecord: 16,
  stateLifecycleBits: 3,
  stateSpentShift: 3,
  statePhaseShift: 4,
  stateOwnerShift: 8,
  stateGenerationShift: 16,
  stateGenerationBits: 36,
  phaseFree: 0,
  phaseWriting: 1,
  phaseLive: 2,
  phaseRetired: 3,
  phasePending: 4,
  linkIndexBits: 24,
  linkMarkShift: 24,
  linkTagShift: 25,
  metaSymbolShift: 32,
  metaTypeShift: 48,
  metaIdBytesShift: 56,
  ledgerRoot: 0,
  ledgerBlocks: 8,
  rootBlockBits: 16,
  slotsMaxMin: 1,
  slotsMaxMax: 256,
  potsMax: 16,
  blockCapital: 0,
  blockNextToken: 1,
  blockLimits: 2,
  blockFlags: 3,
  blockTypePots: 4,
  blockPotShares: 12,
  blockCompatible: 20,
  limitsMaxOpenShift: 16,
  limitsMaxPerSymbolShift: 32,
  flagInterlock: 1,
  flagInterlockBySymbol: 2,
  flagPots: 4,
  slotToken: 0,
  slotEvent: 1,
  slotCapital: 2,
  slotPacked: 3,
  slotLease: 4,
  slotWords: 5,
  packedTypeShift: 16,
  packedStateShift: 24,
  packedOwnerShift: 32,
  slotReserved: 1,
  slotSubmitted: 2,
  slotOpen: 3,
  slotClosing: 4,
  histogramCount: histogramLayout.count,
  histogramMax: histogramLayout.max,
  histogramBuckets: histogramLayout.buckets,
  histogramBucketCount: histogramLayout.bucketCount,
  histogramWords: histogramLayout.words,
  histogramsMax: 64,
} as const

/** The words (doubles) of the call page: `Page` in native/binding/attachment.hpp. */
export const page = {
  controlWords: 64,
  id: 64,
  record: 80,
  rows: 160,
  status: 0,
  handle: 1,
  lifecycle: 2,
  spent: 3,
  type: 4,
  symbol: 5,
  idBytes: 6,
  idHash: 7,
  count: 8,
  to: 9,
  token: 10,
  settled: 11,
  capital: 12,
  now: 13,
  idlePots: 14,
  refused: 15,
  participant: 16,
  ownerTag: 17,
  ringVersion: 0,
  ringAttempts: 1,
  ringFirst: 2,
  ringCount: 3,
  ringPayload: 8,
} as const

/** Statuses of the event table (`EventTable::Status`); `badId` is the binding's. */
export const eventStatus = { ok: 0, exists: 1, full: 2, gone: 3, illegal: 4, badId: 9 } as const

/** Statuses of the ledger (`ReservationLedger::Status`); 1 … 5 are the refusals in their order of precedence. */
export const ledgerStatus = { ok: 0, staleToken: 6, illegalState: 7, capitalRange: 8 } as const

export const lineWords = 8
const handleIndexBits = 16

/** Entries are addressed by generation × 2^16 + index: an integer below 2^52. */
export const handleIndexCount = 2 ** handleIndexBits
/** Named, and so computed once: on Node 20 a power in a hot function is a call of 50 ns. */
export const handleMax = 2 ** 52 - 1
export const idlePotsMax = 2 ** layout.potsMax - 1

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}

export function ringSlotWords(payloadWords: number): number {
  return layout.slotPayload + roundUp(payloadWords, lineWords)
}

export function ringWords(slots: number, payloadWords: number): number {
  return layout.ringSlots + slots * ringSlotWords(payloadWords)
}

export function bitmapWords(capacity: number): number {
  return roundUp(capacity / 64, lineWords)
}

export function entryWords(recordWords: number): number {
  return roundUp(layout.entryRecord + recordWords, lineWords)
}

export function eventLiveOffset(capacity: number): number {
  return bitmapWords(capacity)
}

export function eventBucketsOffset(capacity: number, types: number): number {
  return eventLiveOffset(capacity) + types * bitmapWords(capacity)
}

export function eventEntriesOffset(capacity: number, types: number, buckets: number): number {
  return eventBucketsOffset(capacity, types) + buckets
}

export function eventWords(capacity: number, types: number, buckets: number, recordWords: number): number {
  return eventEntriesOffset(capacity, types, buckets) + capacity * entryWords(recordWords)
}

export function blockSlotsOffset(types: number): number {
  return layout.blockCompatible + types
}

export function blockWords(types: number, slots: number): number {
  return roundUp(blockSlotsOffset(types) + slots * layout.slotWords, lineWords)
}

export function ledgerWords(types: number, slots: number, participants: number): number {
  return layout.ledgerBlocks + (1 + 2 * participants) * blockWords(types, slots)
}

/** The first constant on which the addon's table and this file differ, as text, or null. */
export function layoutDifference(table: Readonly<Record<string, bigint>>): string | null {
  const ours: Record<string, bigint> = {
    ringWordsAt_8_1000: BigInt(ringWords(8, 1000)),
    eventWordsAt_4096_7_8192_16: BigInt(eventWords(4096, 7, 8192, 16)),
    ledgerWordsAt_7_64_128: BigInt(ledgerWords(7, 64, 128)),
  }
  for (const [name, value] of Object.entries(layout)) ours[`k${name[0]!.toUpperCase()}${name.slice(1)}`] = BigInt(value)
  for (const [name, value] of Object.entries(page))
    ours[`page${name[0]!.toUpperCase()}${name.slice(1)}`] = BigInt(value)
  for (const name of new Set([...Object.keys(ours), ...Object.keys(table)])) {
    if (ours[name] !== table[name]) return `${name}: ${table[name]} in the addon, ${ours[name]} in TypeScript`
  }
  return null
}
