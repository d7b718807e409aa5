/**
 * What a region's header says of its parts, as `Attachment::attach` in native/region/region.cpp checks it: each word is read once, for the
 * check and for the use alike, so whoever writes into the header meanwhile cannot come in between. Any thread.
 */
import { SignalboxError } from '../../../base/errors.ts'
import { requireRegion } from '../../header.ts'
import { eventWords, layout, ledgerWords, lineWords, page, ringWords } from '../../layout.ts'
import type { EventTableGeometry } from './event-table.ts'
import type { LedgerGeometry } from './ledger.ts'

export interface RingGeometry {
  readonly base: number
  readonly slots: number
  readonly payloadWords: number
}

export interface RegionGeometry {
  readonly participants: number
  readonly participantsAt: number
  readonly rings: readonly RingGeometry[]
  readonly events: EventTableGeometry
  readonly ledger: LedgerGeometry
}

function foreign(message: string): SignalboxError {
  return new SignalboxError('ERR_FOREIGN_REGION', message)
}

const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value))
const isWithin = (value: number, min: number, max: number): boolean => value >= min && value <= max

/** @throws {SignalboxError} `ERR_FOREIGN_REGION` for bytes that are no region, or whose header contradicts itself or their size. */
export function geometryOf(bytes: Uint8Array<SharedArrayBuffer>): RegionGeometry {
  if (bytes.byteLength < layout.headerWords * 8 || bytes.byteOffset % 8 !== 0) {
    throw foreign('the bytes are too few or misaligned for a region')
  }
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, layout.headerWords)
  requireRegion(words)
  const header = (index: number): number => Number(Atomics.load(words, index))
  if (header(layout.headerTotalBytes) > bytes.byteLength)
    throw foreign('the bytes are too few or misaligned for a region')

  const total = Math.floor(bytes.byteLength / 8)
  const fits = (at: number, count: number): boolean => at % lineWords === 0 && at + count <= total
  const participants = header(layout.headerParticipantsMax)
  const participantsAt = header(layout.headerParticipantsOffset)
  const ringCount = header(layout.headerRingCount)
  const events: EventTableGeometry = {
    base: header(layout.headerEventsOffset),
    capacity: header(layout.headerEventCapacity),
    types: header(layout.headerTypeCount),
    buckets: header(layout.headerBucketCount),
    recordWords: header(layout.headerRecordWords),
    transitions: Atomics.load(words, layout.headerTransitions),
    actionable: Atomics.load(words, layout.headerActionable),
  }
  const { capacity, types, buckets, recordWords } = events
  const ledger: LedgerGeometry = {
    base: header(layout.headerLedgerOffset),
    participants,
    types,
    slotsMax: header(layout.headerSlotsMax),
  }
  const histogramsAt = header(layout.headerHistogramsOffset)
  const histogramCount = header(layout.headerHistogramCount)
  const rings = Array.from({ length: Math.min(ringCount, layout.ringsMax) }, (_, index) => {
    const at = layout.headerRings + index * layout.headerRingWords
    return { base: header(at), slots: header(at + 1), payloadWords: header(at + 2) }
  })
  const isSound =
    isWithin(participants, 1, layout.participantsMax) &&
    ringCount <= layout.ringsMax &&
    isWithin(capacity, layout.eventCapacityMin, layout.eventCapacityMax) &&
    isPowerOfTwo(capacity) &&
    isWithin(buckets, lineWords, 4 * layout.eventCapacityMax) &&
    isPowerOfTwo(buckets) &&
    isWithin(recordWords, 1, layout.recordWordsMax) &&
    isWithin(types, 1, layout.typesMax) &&
    isWithin(ledger.slotsMax, layout.slotsMaxMin, layout.slotsMaxMax) &&
    fits(participantsAt, participants * layout.participantWords) &&
    fits(events.base, eventWords(capacity, types, buckets, recordWords)) &&
    fits(ledger.base, ledgerWords(types, ledger.slotsMax, participants)) &&
    histogramCount <= layout.histogramsMax &&
    fits(histogramsAt, histogramCount * layout.histogramWords) &&
    rings.every(
      ({ base, slots, payloadWords }) =>
        isWithin(slots, layout.ringSlotsMin, layout.ringSlotsMax) &&
        isPowerOfTwo(slots) &&
        isWithin(payloadWords, 1, layout.payloadWordsMax) &&
        fits(base, ringWords(slots, payloadWords)),
    )
  if (!isSound) throw foreign("the region's header contradicts itself or its size")
  return { participants, participantsAt, rings, events, ledger }
}

/**
 * The rings' pages, when they and the call page are as big as the region's records need.
 *
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT`.
 */
export function ringPagesFor(
  geometry: RegionGeometry,
  callPage: Float64Array<SharedArrayBuffer>,
  ringPages: readonly Float64Array<SharedArrayBuffer>[],
): readonly Float64Array<SharedArrayBuffer>[] {
  const { events, ledger, rings } = geometry
  const rowsWords = Math.max(events.capacity * (4 + events.recordWords), ledger.slotsMax * 8 + 2 * layout.typesMax + 64)
  const pages = rings.map((_, index) => ringPages[index])
  const isPage = (value: unknown, words: number): value is Float64Array<SharedArrayBuffer> =>
    value instanceof Float64Array && value.buffer instanceof SharedArrayBuffer && value.length >= words
  const areBig = rings.every((ring, index) => isPage(pages[index], page.ringPayload + 2 * ring.payloadWords))
  if (!areBig || !isPage(callPage, page.rows + rowsWords)) {
    throw new SignalboxError(
      'ERR_INVALID_ARGUMENT',
      "attach: a page is misaligned or smaller than the region's records need",
    )
  }
  return pages as readonly Float64Array<SharedArrayBuffer>[]
}
