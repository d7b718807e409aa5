/**
 * What a region holds: its snapshots' fields, its event types and records, its sizes. Fixed at creation, carried in
 * `region.descriptor`, its hash in the region's header. Pure; any thread.
 */
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { layout, roundUp } from './layout.ts'

/** One named snapshot: some numbers of its own, then rows of equal fields. Every value is a double. */
export interface SnapshotSchema<Head extends string = string, Field extends string = string> {
  readonly name: string
  /** Fields of the snapshot as a whole. */
  readonly head: readonly Head[]
  /** Fields of each row. */
  readonly fields: readonly Field[]
  /** The rows' names, e.g. symbols. */
  readonly rows: readonly string[]
  /** Slots of the ring: a power of two, 4 … 64. The writer laps a reader after slots − 1 publishes. Default 8. */
  readonly slots?: number
}

export interface EventSchema<Field extends string = string> {
  /** Names of the types, 1 … 64; an event is registered under an index. */
  readonly types: readonly string[]
  /** Fields of an event's record, 1 … 64; every value is a double. */
  readonly fields: readonly Field[]
  /** How many events can be live at once: a power of two, 64 … 65,536. Default 4,096. */
  readonly capacity?: number
}

export interface RegionSchema {
  readonly snapshots: readonly SnapshotSchema[]
  readonly events: EventSchema
  /** Slots of the reservation ledger, 1 … 256. Default 64. */
  readonly positionsMax?: number
  /** Attachments at one time, 1 … 255. Default 128. */
  readonly participantsMax?: number
}

export const eventCapacityDefault = 4096
export const positionsMaxDefault = 64
export const participantsMaxDefault = 128
const ringSlotsDefault = 8

/** Lifecycle of the event table: byte s of the word is the mask of the states that may follow s (domain/event.ts). */
export interface LifecycleRules {
  readonly transitions: bigint
  readonly actionable: bigint
}

/** The schema with its defaults, checked. */
export interface RegionShape {
  readonly rings: readonly { readonly name: string; readonly slots: number; readonly payloadWords: number }[]
  readonly eventCapacity: number
  readonly bucketCount: number
  readonly recordWords: number
  readonly typeCount: number
  readonly positionsMax: number
  readonly participantsMax: number
}

function requirePowerOfTwo(field: string, value: number, min: number, max: number): number {
  requireInteger(field, value, min, max)
  if ((value & (value - 1)) !== 0) {
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `${field} must be a power of two, got ${value}`, { field, value })
  }
  return value
}

function requireDistinct(field: string, names: readonly string[]): void {
  if (new Set(names).size !== names.length) {
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `${field} names something twice`, { field, value: names })
  }
}

/** @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the field that is out of range. */
export function shapeOf(schema: RegionSchema): RegionShape {
  requireInteger('snapshots.length', schema.snapshots.length, 0, layout.ringsMax)
  requireDistinct(
    'snapshots',
    schema.snapshots.map((snapshot) => snapshot.name),
  )
  const rings = schema.snapshots.map((snapshot) => {
    requireDistinct(`snapshots.${snapshot.name}.head`, snapshot.head)
    requireDistinct(`snapshots.${snapshot.name}.fields`, snapshot.fields)
    requireDistinct(`snapshots.${snapshot.name}.rows`, snapshot.rows)
    const words = snapshotWords(snapshot)
    requireInteger(`snapshots.${snapshot.name}: its words`, words, 1, layout.payloadWordsMax)
    const slots = snapshot.slots ?? ringSlotsDefault
    requirePowerOfTwo(`snapshots.${snapshot.name}.slots`, slots, layout.ringSlotsMin, layout.ringSlotsMax)
    return { name: snapshot.name, slots, payloadWords: words }
  })
  const eventCapacity = schema.events.capacity ?? eventCapacityDefault
  requireDistinct('events.types', schema.events.types)
  requireDistinct('events.fields', schema.events.fields)
  return {
    rings,
    eventCapacity: requirePowerOfTwo(
      'events.capacity',
      eventCapacity,
      layout.eventCapacityMin,
      layout.eventCapacityMax,
    ),
    // Half full at most: a chain is one entry long on average.
    bucketCount: eventCapacity * 2,
    recordWords: requireInteger('events.fields.length', schema.events.fields.length, 1, layout.recordWordsMax),
    typeCount: requireInteger('events.types.length', schema.events.types.length, 1, layout.typesMax),
    positionsMax: requireInteger(
      'positionsMax',
      schema.positionsMax ?? positionsMaxDefault,
      layout.slotsMaxMin,
      layout.slotsMaxMax,
    ),
    participantsMax: requireInteger(
      'participantsMax',
      schema.participantsMax ?? participantsMaxDefault,
      1,
      layout.participantsMax,
    ),
  }
}

/** Words of a snapshot: the head, padded to a line, then the rows. */
export function snapshotWords(schema: SnapshotSchema): number {
  return headWords(schema) + schema.rows.length * schema.fields.length
}

export function headWords(schema: SnapshotSchema): number {
  return roundUp(schema.head.length, 8)
}

/** FNV-1a over the schema's names and sizes: two that differ in anything are told apart. */
export function schemaHash(schema: RegionSchema): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(JSON.stringify([schema, shapeOf(schema)]))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  return hash
}
