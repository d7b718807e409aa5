/**
 * What a region holds: its snapshots' fields, its event types and records, its sizes. Fixed at creation, carried in
 * `region.descriptor`, its hash in the region's header. Pure; any thread.
 */
import { invalidArgument, requireKeys, requireList, requireNames } from '../base/arguments.ts'
import { requireInteger, shown } from '../base/assert.ts'
import { layout, roundUp } from './layout.ts'

/** One named snapshot: some numbers of its own, then rows of equal fields. Every value is a double. At least one value, at most 32,768. */
export interface SnapshotSchema<Head extends string = string, Field extends string = string> {
  /** By which the region knows it; no two alike. */
  readonly name: string
  /** Fields of the snapshot as a whole, e.g. when it was taken; may be none. */
  readonly head: readonly Head[]
  /** Fields of each row. */
  readonly fields: readonly Field[]
  /** The rows' names, e.g. symbols. */
  readonly rows: readonly string[]
  /** Slots of the ring: a power of two, 4 … 64. The writer laps a reader after slots − 1 publishes. Default 8. */
  readonly slots?: number
}

/** What an event is: of which types, and which numbers it carries. */
export interface EventSchema<Field extends string = string, Type extends string = string> {
  /** Names of the types, 1 … 64; an event is registered under an index. */
  readonly types: readonly Type[]
  /** Fields of an event's record, 1 … 64; every value is a double. */
  readonly fields: readonly Field[]
  /** How many events can be live at once: a power of two, 64 … 65,536. Default 4,096. */
  readonly capacity?: number
}

/**
 * What a region holds: its snapshots, its events, its sizes. Fixed at creation; it goes to the workers within `region.descriptor`, and
 * its hash in the region's bytes. A default and the same value given are the same schema. Unknown keys are refused by name.
 *
 * Keep it in a module of its own, made by {@link regionSchema}, and import that from the main thread and the workers.
 */
export interface RegionSchema {
  /** Up to 8, each with one writer and any number of readers; may be none. */
  readonly snapshots: readonly SnapshotSchema[]
  readonly events: EventSchema
  /** Slots of the reservation ledger, 1 … 256. Default 64. */
  readonly positionsMax?: number
  /** Attachments at one time, 1 … 255: one a thread, the creator's included. Default 128. */
  readonly participantsMax?: number
  /** Names of the histograms, 0 … 64, no two alike: each 22 KiB, with one writer. Default none. */
  readonly histograms?: readonly string[]
}

type KeysOf<Given> = Given extends unknown ? keyof Given : never
/** No key that `Shape` has not: a type parameter takes whatever is given, a misspelt key too. */
type OnlyKeysOf<Shape, Given> = { readonly [Key in Exclude<KeysOf<Given>, keyof Shape>]?: never }

/** A schema whose type is inferred, names and all, and that has no unknown key. */
export type ExactSchema<Schema extends RegionSchema> = Schema &
  OnlyKeysOf<RegionSchema, Schema> & {
    readonly events: OnlyKeysOf<EventSchema, Schema['events']>
    readonly snapshots: readonly OnlyKeysOf<SnapshotSchema, Schema['snapshots'][number]>[]
  }

/**
 * The schema as given, with its names as types (no `as const`): for a module that the main thread and the workers import.
 *
 * @example
 * ```ts
 * export const schema = regionSchema({
 *   snapshots: [{ name: 'prices', head: ['atNs'], fields: ['last'], rows: ['BTC', 'ETH'] }],
 *   events: { types: ['CASCADE'], fields: ['score'] },
 * })
 * export const [prices] = schema.snapshots
 * // in a worker
 * const region = Region.attach<typeof schema>(workerData)
 * ```
 */
export function regionSchema<const Schema extends RegionSchema>(schema: ExactSchema<Schema>): Schema {
  return schema
}

export const eventCapacityDefault = 4096
export const positionsMaxDefault = 64
export const participantsMaxDefault = 128
const ringSlotsDefault = 8

/**
 * Which lifecycle transitions are legal and in which states an event may be reserved, as bit masks. States are 0 … 7; an event begins in 0.
 *
 * @example
 * Three states: 0 may become 1 or 2, 1 may become 2, and 2 is final; reserved may be what is in 0 or 1.
 * ```ts
 * const lifecycle: LifecycleRules = {
 *   transitions: 0b110n | (0b100n << 8n), // byte s holds the states that may follow s: bit 1 and bit 2 behind 0, bit 2 behind 1
 *   actionable: 0b011n,                   // bit s: state s
 * }
 * Region.create(schema, { lifecycle })
 * ```
 */
export interface LifecycleRules {
  /** Byte s (bits 8s … 8s + 7) is the mask of the states that may follow state s; 64 bits. */
  readonly transitions: bigint
  /** Bit s: an event in state s may be reserved; 8 bits. */
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
  readonly histograms: readonly string[]
}

const schemaKeys = ['snapshots', 'events', 'positionsMax', 'participantsMax', 'histograms']
const snapshotKeys = ['name', 'head', 'fields', 'rows', 'slots']
const eventKeys = ['types', 'fields', 'capacity']

function requirePowerOfTwo(field: string, value: number, min: number, max: number): number {
  requireInteger(field, value, min, max)
  if ((value & (value - 1)) !== 0) throw invalidArgument(field, `must be a power of two, got ${value}`, value)
  return value
}

/**
 * What a snapshot's schema must be, wherever it is handed over; `place` is what messages call it.
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT`.
 */
export function requireSnapshotSchema(place: string, schema: SnapshotSchema): void {
  if (typeof schema === 'string') {
    throw invalidArgument(place, `takes the snapshot's schema, not a name, got ${shown(schema)}`, schema)
  }
  requireKeys(place, schema, snapshotKeys)
  if (typeof schema.name !== 'string') {
    throw invalidArgument(`${place}.name`, `must be a string, got ${shown(schema.name)}`, schema.name)
  }
  for (const key of ['head', 'fields', 'rows'] as const) requireNames(`${place}.${key}`, schema[key])
}

function ringOf(snapshot: SnapshotSchema, index: number): RegionShape['rings'][number] {
  requireSnapshotSchema(`snapshots[${index}]`, snapshot)
  const { name } = snapshot
  const payloadWords = snapshotWords(snapshot)
  requireInteger(`snapshots.${name}: the number of its values`, payloadWords, 1, layout.payloadWordsMax)
  const slots = snapshot.slots ?? ringSlotsDefault
  requirePowerOfTwo(`snapshots.${name}.slots`, slots, layout.ringSlotsMin, layout.ringSlotsMax)
  return { name, slots, payloadWords }
}

/** @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the field that is out of range. */
export function shapeOf(schema: RegionSchema): RegionShape {
  requireKeys('schema', schema, schemaKeys)
  const { snapshots, events, positionsMax, participantsMax, histograms = [] } = schema
  requireList('snapshots', snapshots)
  requireInteger('snapshots.length', snapshots.length, 0, layout.ringsMax)
  const rings = snapshots.map(ringOf)
  requireNames(
    'snapshots',
    rings.map(({ name }) => name),
  )
  requireKeys('events', events, eventKeys)
  requireNames('events.types', events.types)
  requireNames('events.fields', events.fields)
  requireNames('histograms', histograms)
  requireInteger('histograms.length', histograms.length, 0, layout.histogramsMax)
  const eventCapacity = events.capacity ?? eventCapacityDefault
  requirePowerOfTwo('events.capacity', eventCapacity, layout.eventCapacityMin, layout.eventCapacityMax)
  return {
    rings,
    eventCapacity,
    // Half full at most: a chain is one entry long on average.
    bucketCount: eventCapacity * 2,
    recordWords: requireInteger('events.fields.length', events.fields.length, 1, layout.recordWordsMax),
    typeCount: requireInteger('events.types.length', events.types.length, 1, layout.typesMax),
    positionsMax: requireInteger(
      'positionsMax',
      positionsMax ?? positionsMaxDefault,
      layout.slotsMaxMin,
      layout.slotsMaxMax,
    ),
    participantsMax: requireInteger(
      'participantsMax',
      participantsMax ?? participantsMaxDefault,
      1,
      layout.participantsMax,
    ),
    histograms: [...histograms],
  }
}

/** Words of a snapshot: the head, padded to a line, then the rows. */
export function snapshotWords(schema: SnapshotSchema): number {
  return headWords(schema) + schema.rows.length * schema.fields.length
}

export function headWords(schema: SnapshotSchema): number {
  return roundUp(schema.head.length, 8)
}

/** FNV-1a over the schema's names and its sizes with their defaults: two that differ in anything are told apart. */
export function schemaHash({ snapshots, events }: RegionSchema, shape: RegionShape): bigint {
  const names = [
    snapshots.map(({ name, head, fields, rows }) => [name, head, fields, rows]),
    events.types,
    events.fields,
  ]
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(JSON.stringify([names, shape]))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  return hash
}
