/** The region's header: what its creator writes into it, and what an attachment asks of it before anything else. Any thread. */
import { SignalboxError } from '../base/errors.ts'
import { Histogram } from '../base/histogram.ts'
import { eventWords, layout, ledgerWords, lineWords, ringWords, roundUp } from './layout.ts'
import { type LifecycleRules, type RegionSchema, type RegionShape, schemaHash } from './schema.ts'

/** The bytes of a new region, in which there is nothing yet. */
export function createBytes(
  schema: RegionSchema,
  shape: RegionShape,
  rules: LifecycleRules,
  epochNs: bigint,
): SharedArrayBuffer {
  const participantsAt = layout.headerWords
  let end = participantsAt + shape.participantsMax * layout.participantWords
  const place = (words: number): number => {
    const at = end
    end += roundUp(words, 8)
    return at
  }
  const ringsAt = shape.rings.map((ring) => place(ringWords(ring.slots, ring.payloadWords)))
  const eventsAt = place(eventWords(shape.eventCapacity, shape.typeCount, shape.bucketCount, shape.recordWords))
  const ledgerAt = place(ledgerWords(shape.typeCount, shape.positionsMax, shape.participantsMax))
  const histogramsAt = place(shape.histograms.length * layout.histogramWords)

  const bytes = new SharedArrayBuffer(end * 8)
  const words = new BigUint64Array(bytes)
  words[layout.headerMagic] = layout.magic
  words[layout.headerTotalBytes] = BigInt(end * 8)
  words[layout.headerSchemaHash] = schemaHash(schema, shape)
  words[layout.headerEpochNs] = BigInt.asUintN(64, epochNs)
  words[layout.headerParticipantsMax] = BigInt(shape.participantsMax)
  words[layout.headerParticipantsOffset] = BigInt(participantsAt)
  words[layout.headerRingCount] = BigInt(shape.rings.length)
  words[layout.headerEventsOffset] = BigInt(eventsAt)
  words[layout.headerEventCapacity] = BigInt(shape.eventCapacity)
  words[layout.headerBucketCount] = BigInt(shape.bucketCount)
  words[layout.headerRecordWords] = BigInt(shape.recordWords)
  words[layout.headerTypeCount] = BigInt(shape.typeCount)
  words[layout.headerLedgerOffset] = BigInt(ledgerAt)
  words[layout.headerSlotsMax] = BigInt(shape.positionsMax)
  words[layout.headerTransitions] = rules.transitions
  words[layout.headerActionable] = rules.actionable
  words[layout.headerHistogramsOffset] = BigInt(histogramsAt)
  words[layout.headerHistogramCount] = BigInt(shape.histograms.length)
  for (const [index, ring] of shape.rings.entries()) {
    const at = layout.headerRings + index * layout.headerRingWords
    words[at] = BigInt(ringsAt[index]!)
    words[at + 1] = BigInt(ring.slots)
    words[at + 2] = BigInt(ring.payloadWords)
  }
  // Every entry is free; a bit a hint.
  words.fill(0xffffffffffffffffn, eventsAt, eventsAt + shape.eventCapacity / 64)
  // Token 0 is nobody's.
  words[ledgerAt + layout.ledgerBlocks + layout.blockNextToken] = 1n
  // Written last: whoever reads it finds the rest.
  Atomics.store(words, layout.headerVersion, BigInt(layout.version))
  return bytes
}

/** @throws {SignalboxError} `ERR_FOREIGN_REGION` for words that do not begin as those of a region of this version do. */
export function requireRegion(words: BigUint64Array<SharedArrayBuffer>): void {
  if (words.length < layout.headerWords) throw foreign('the bytes are too few for a region')
  // The version is read first: the creator writes it last.
  const version = Atomics.load(words, layout.headerVersion)
  if (Atomics.load(words, layout.headerMagic) !== layout.magic) {
    throw foreign("the bytes do not begin with a region's magic number")
  }
  if (version !== BigInt(layout.version)) throw foreign('the region has another layout version')
}

/**
 * Whether the region was created with this schema.
 *
 * @throws {SignalboxError} `ERR_FOREIGN_REGION` that says what differs: the sizes stand in the header, of the names only their hash.
 */
export function requireCreatedWith(words: BigUint64Array, schema: RegionSchema, shape: RegionShape): void {
  if (Atomics.load(words, layout.headerSchemaHash) === schemaHash(schema, shape)) return
  const sizes: [what: string, at: number, here: number][] = [
    ['the number of snapshots', layout.headerRingCount, shape.rings.length],
    ['events.capacity', layout.headerEventCapacity, shape.eventCapacity],
    ['the number of events.types', layout.headerTypeCount, shape.typeCount],
    ['the number of events.fields', layout.headerRecordWords, shape.recordWords],
    ['positionsMax', layout.headerSlotsMax, shape.positionsMax],
    ['participantsMax', layout.headerParticipantsMax, shape.participantsMax],
    ['the number of histograms', layout.headerHistogramCount, shape.histograms.length],
  ]
  const ringCount = Number(Atomics.load(words, layout.headerRingCount))
  for (const [index, { name, slots, payloadWords }] of shape.rings.slice(0, ringCount).entries()) {
    const at = layout.headerRings + index * layout.headerRingWords
    sizes.push(
      [`snapshots.${name}.slots`, at + 1, slots],
      [`snapshots.${name}: the number of its values`, at + 2, payloadWords],
    )
  }
  const differences = sizes.flatMap(([what, at, here]) => {
    const there = Number(Atomics.load(words, at))
    return there === here ? [] : [`${what} is ${there} there and ${here} here`]
  })
  const difference =
    differences.length > 0 ? differences.join(', ') : 'its sizes are the same, but names differ, or their order'
  throw foreign(`the region was created with another schema: ${difference}`)
}

/**
 * The histograms by name, over the words of a region created with this schema. Where they lie is read once, for the check and for the use.
 *
 * @throws {SignalboxError} `ERR_FOREIGN_REGION` for a header that leads out of the bytes.
 */
export function histogramsIn(
  words: BigUint64Array<SharedArrayBuffer>,
  { histograms }: RegionShape,
): ReadonlyMap<string, Histogram> {
  const at = Number(Atomics.load(words, layout.headerHistogramsOffset))
  if (at % lineWords !== 0 || at + histograms.length * layout.histogramWords > words.length) {
    throw foreign("the region's header contradicts itself or its size")
  }
  const viewOf = (index: number): Float64Array =>
    new Float64Array(words.buffer, (at + index * layout.histogramWords) * 8, layout.histogramWords)
  return new Map(histograms.map((name, index) => [name, new Histogram(viewOf(index))]))
}

function foreign(message: string): SignalboxError {
  return new SignalboxError('ERR_FOREIGN_REGION', message)
}
