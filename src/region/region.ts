/** A region and one thread's attachment to it. Both backends work on the same bytes and may be mixed. */
import { threadId, type Worker } from 'node:worker_threads'
import {
  invalidArgument,
  requireBigint,
  requireKeys,
  requireObject,
  requireOptionalFunction,
} from '../base/arguments.ts'
import { requireInteger, shown } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import type { Histogram } from '../base/histogram.ts'
import { meantBy } from '../base/spelling.ts'
import type { Backend, BackendAttachment, BackendName } from './backend/backend.ts'
import { type BackendChoice, selectBackend } from './backend/select.ts'
import { EventRegistry } from './event-registry.ts'
import { createBytes, histogramsIn, requireCreatedWith, requireRegion } from './header.ts'
import { layout, page } from './layout.ts'
import { Reservations } from './reservations.ts'
import {
  type ExactSchema,
  type LifecycleRules,
  type RegionSchema,
  type RegionShape,
  requireSnapshotSchema,
  type SnapshotSchema,
  shapeOf,
} from './schema.ts'
import { SnapshotReader, SnapshotWriter } from './snapshot.ts'

/** What another thread needs to attach: structured-cloneable (`workerData`, a message), and shares the bytes. */
export interface RegionDescriptor<Schema extends RegionSchema = RegionSchema> {
  readonly bytes: SharedArrayBuffer
  readonly schema: Schema
}

/** How to attach. Unknown keys are refused by name. */
export interface RegionOptions {
  /** `auto` (default) takes the addon where it loads. */
  readonly backend?: BackendChoice
  /** Called with one line when `auto` had to take the js backend: the addon is not built. Without it that goes unsaid. */
  readonly onNotice?: (line: string) => void
}

export interface RegionCreateOptions extends RegionOptions {
  /** Unix nanoseconds that are 0 in the region, −2^63 … 2^63 − 1: kept for those who attach. Default 0. */
  readonly epochNs?: bigint
  /** Which lifecycle transitions are legal; default: five states, forward only, the last two final, the first three reservable. */
  readonly lifecycle?: LifecycleRules
}

/** TRIGGERED, ACTIVE, COMPLETING, COMPLETED, INVALIDATED: forward only, skipping legal, the last two final; the first three actionable. */
const defaultLifecycle: LifecycleRules = { transitions: 0x181c1en, actionable: 0b111n }

const optionKeys = ['backend', 'onNotice']
const createOptionKeys = [...optionKeys, 'epochNs', 'lifecycle']

type EventFieldOf<Schema extends RegionSchema> = Schema['events']['fields'][number]
type EventTypeOf<Schema extends RegionSchema> = Schema['events']['types'][number]
type HistogramOf<Schema extends RegionSchema> = 'histograms' extends keyof Schema
  ? NonNullable<Schema['histograms']>[number]
  : never

/**
 * One block of shared memory that holds snapshots, events and reservations, and this thread's attachment to it.
 *
 * The creator makes the block and hands `region.descriptor` to its workers (`workerData` or a message); each attaches for itself
 * with `Region.attach`. A Region object, and all that it hands out, belongs to the thread that made it. Handles and tokens are
 * numbers: they may be sent to other threads, and mean something in their own region only.
 *
 * @example
 * ```ts
 * const region = Region.create(schema)
 * const worker = new Worker(new URL('./strategy.js', import.meta.url), { workerData: region.descriptor })
 * region.watchWorker(worker)
 * // strategy.js
 * const region = Region.attach(workerData)
 * ```
 */
export class Region<Schema extends RegionSchema = RegionSchema> {
  /** What another thread needs to attach: to be sent as it is. */
  readonly descriptor: RegionDescriptor<Schema>
  /** What the region holds, as its creator said it. */
  readonly schema: Schema
  /** The backend that serves this attachment. */
  readonly backend: BackendName
  /** Where the backend came from: the addon's path, or `TypeScript`. */
  readonly backendOrigin: string
  /** This attachment's number among the participants. */
  readonly participant: number
  /** The live events: register, find, move, retire. */
  readonly events: EventRegistry<EventFieldOf<Schema>, EventTypeOf<Schema>>
  /** Who holds which capital for which event. Admits nothing until `setLimits` was called, by any attachment. */
  readonly reservations: Reservations
  readonly #attachment: BackendAttachment
  readonly #callPage: Float64Array<SharedArrayBuffer>
  readonly #ringPages: readonly Float64Array<SharedArrayBuffer>[]
  readonly #readers: (SnapshotReader | undefined)[] = []
  readonly #control: BigUint64Array<SharedArrayBuffer>
  readonly #shape: RegionShape
  readonly #histograms: ReadonlyMap<string, Histogram>
  #isClosed = false

  private constructor(descriptor: RegionDescriptor<Schema>, options: RegionOptions) {
    const { bytes, schema } = descriptor
    const shape = shapeOf(schema)
    const { backend, notice } = selectBackend(options.backend ?? 'auto')
    if (notice !== null) options.onNotice?.(notice)
    const control = new BigUint64Array(bytes, 0, Math.floor(bytes.byteLength / 8))
    requireRegion(control)
    requireCreatedWith(control, schema, shape)
    const histograms = histogramsIn(control, shape)
    const rowsWords = Math.max(
      shape.eventCapacity * (4 + shape.recordWords),
      shape.positionsMax * 8 + layout.typesMax * 2 + 64,
      4 + layout.typesMax * 3 + layout.potsMax,
    )
    const callPage = new Float64Array(new SharedArrayBuffer((page.rows + rowsWords) * 8))
    const ringPages = shape.rings.map(
      (ring) => new Float64Array(new SharedArrayBuffer((page.ringPayload + 2 * ring.payloadWords) * 8)),
    )
    const attachment = attached(backend, shape, bytes, callPage, ringPages)
    this.descriptor = descriptor
    this.schema = schema
    this.backend = backend.name
    this.backendOrigin = backend.origin
    this.participant = attachment.participant
    this.#attachment = attachment
    this.#callPage = callPage
    this.#ringPages = ringPages
    this.#control = control
    this.#shape = shape
    this.#histograms = histograms
    const guard = (): void => this.#requireOpen()
    this.events = new EventRegistry(attachment, callPage, schema.events, guard)
    this.reservations = new Reservations(attachment, callPage, shape, guard)
  }

  /**
   * Makes a region over a new SharedArrayBuffer and attaches to it.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a schema or option out of range, or a key that there is not; `ERR_BACKEND` if
   *   `native` was asked for and does not load.
   */
  static create<const Schema extends RegionSchema>(
    schema: ExactSchema<Schema>,
    options: RegionCreateOptions = {},
  ): Region<Schema> {
    const shape = shapeOf(schema)
    requireOptions(options, createOptionKeys)
    const { epochNs = 0n, lifecycle = defaultLifecycle } = options
    requireBigint('epochNs', epochNs, -(2n ** 63n), 2n ** 63n - 1n)
    requireKeys('lifecycle', lifecycle, ['transitions', 'actionable'])
    requireBigint('lifecycle.transitions', lifecycle.transitions, 0n, 2n ** 64n - 1n)
    requireBigint('lifecycle.actionable', lifecycle.actionable, 0n, 255n)
    return new Region<Schema>({ bytes: createBytes(schema, shape, lifecycle, epochNs), schema }, options)
  }

  /**
   * Attaches this thread to a region that another one created. With the schema's type the fields are typed here too:
   * `Region.attach<typeof schema>(workerData)`.
   *
   * @param descriptor - The creator's `region.descriptor`.
   * @throws {SignalboxError} `ERR_FOREIGN_REGION` for bytes that are no region, or one of another schema (it says what differs);
   *   `ERR_PARTICIPANTS` if as many are attached as the schema's `participantsMax`; `ERR_INVALID_ARGUMENT`; `ERR_BACKEND`.
   */
  static attach<Schema extends RegionSchema = RegionSchema>(
    descriptor: RegionDescriptor<Schema>,
    options: RegionOptions = {},
  ): Region<Schema> {
    if (descriptor instanceof Region) {
      throw invalidArgument('attach', "takes a region's descriptor, not a region: pass region.descriptor")
    }
    requireObject('descriptor', descriptor, " (a region's `descriptor`)")
    // An ArrayBuffer would be a copy that nobody else sees, and could be transferred away from under the addon.
    if (!(descriptor.bytes instanceof SharedArrayBuffer)) {
      const why = `must be the region's SharedArrayBuffer, got ${shown(descriptor.bytes)}`
      throw new SignalboxError('ERR_INVALID_ARGUMENT', `descriptor.bytes ${why}`, { field: 'bytes' })
    }
    requireOptions(options, optionKeys)
    return new Region(descriptor, options)
  }

  /** Unix nanoseconds that are 0 in the region. */
  get epochNs(): bigint {
    return BigInt.asIntN(64, Atomics.load(this.#control, layout.headerEpochNs))
  }

  /**
   * Claims the one writer of a snapshot, for this thread. `writer.release()` or the end of the attachment gives it back.
   *
   * @param schema - The snapshot's schema, one of the region's `snapshots`.
   * @throws {SignalboxError} `ERR_WRITER_CLAIMED` while somebody holds it; `ERR_INVALID_ARGUMENT` for a schema that is none of the
   *   region's; `ERR_CLOSED`.
   */
  claimWriter<const Head extends string, const Field extends string>(
    schema: SnapshotSchema<Head, Field>,
  ): SnapshotWriter<Head, Field> {
    this.#requireOpen()
    const index = this.#ringIndex('claimWriter', schema)
    const calls = this.#attachment.rings[index]!
    calls.claim()
    if (this.#ringPages[index]![page.ringVersion] !== 1) {
      throw new SignalboxError('ERR_WRITER_CLAIMED', `snapshot ${schema.name} already has its writer`, {
        field: schema.name,
      })
    }
    return new SnapshotWriter(schema, calls, this.#ringPages[index]!, () => this.#requireOpen())
  }

  /**
   * This thread's reader of a snapshot. Asked again it is the same object: an attachment has one copy of a snapshot.
   *
   * @param schema - The snapshot's schema, one of the region's `snapshots`.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a schema that is none of the region's; `ERR_CLOSED`.
   */
  reader<const Head extends string, const Field extends string>(
    schema: SnapshotSchema<Head, Field>,
  ): SnapshotReader<Head, Field> {
    this.#requireOpen()
    const index = this.#ringIndex('reader', schema)
    this.#readers[index] ??= new SnapshotReader<string, string>(
      schema,
      this.#attachment.rings[index]!,
      this.#ringPages[index]!,
    )
    // Its names are the schema's: #ringIndex has compared them.
    return this.#readers[index] as SnapshotReader<Head, Field>
  }

  /**
   * This thread's view of a histogram, on both backends the same memory. One thread at a time records in it, without a lock and without
   * an allocation; all others read it whenever they like, and see each number whole, if a moment old. Nothing claims the writer: two who
   * record at once lose counts. Asked again it is the same object; it may be used after `close`.
   *
   * @param name - One of the schema's `histograms`.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a name that is none of them; `ERR_CLOSED`.
   */
  histogram(name: HistogramOf<Schema>): Histogram {
    this.#requireOpen()
    const histogram = this.#histograms.get(name)
    if (histogram !== undefined) return histogram
    const known = this.#shape.histograms
    const meant = typeof name === 'string' ? meantBy(name, known) : null
    const hint = meant === null ? `known: ${known.join(', ') || 'none'}` : `${meant} is one`
    throw invalidArgument('name', `is no histogram of the region, got ${shown(name)}; ${hint}`, name)
  }

  /**
   * Frees what a worker held, when it has ended: its writer claims, its half-done events, its RESERVED reservations. What it SUBMITTED
   * stays: only the venue's word ends it. The addon does so by itself; the js backend has no other way. Call it once after starting a
   * worker that attaches.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a worker that has ended already: who it was cannot be told any more.
   */
  watchWorker(worker: Worker): void {
    if (typeof worker?.once !== 'function' || typeof worker?.threadId !== 'number') {
      throw invalidArgument('worker', `must be a Worker, got ${shown(worker)}`, worker)
    }
    const ownerTag = worker.threadId + 1
    if (ownerTag < 1) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', 'the worker has ended already', { field: 'worker' })
    }
    worker.once('exit', () => {
      if (!this.#isClosed) this.freeOwner(ownerTag)
    })
  }

  /** Frees every participant of `ownerTag` (a thread's id + 1), whose death the caller has confirmed. Returns how many. */
  freeOwner(ownerTag: number): number {
    this.#requireOpen()
    requireInteger('ownerTag', ownerTag, 1, Number.MAX_SAFE_INTEGER)
    let freed = 0
    for (let participant = 0; participant < this.#shape.participantsMax; participant += 1) {
      const ownerAt = layout.headerWords + participant * layout.participantWords + layout.participantOwner
      if (participant === this.participant || Atomics.load(this.#control, ownerAt) !== BigInt(ownerTag)) continue
      this.#callPage[page.participant] = participant
      this.#callPage[page.ownerTag] = ownerTag
      this.#attachment.participantFree()
      freed += this.#callPage[page.status]!
    }
    return freed
  }

  /**
   * Gives the attachment back, with its writer claims; what it had RESERVED is free again. The calls of its objects throw `ERR_CLOSED` from then
   * on. The bytes stay for others. Idempotent.
   */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#attachment.close()
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new SignalboxError('ERR_CLOSED', 'the region was closed')
  }

  #ringIndex(place: string, schema: SnapshotSchema): number {
    requireSnapshotSchema(place, schema)
    const index = this.schema.snapshots.findIndex((snapshot) => snapshot.name === schema.name)
    const own = this.schema.snapshots[index]
    if (own === undefined) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', `the region has no snapshot ${schema.name}`, {
        field: 'name',
        value: schema.name,
      })
    }
    const isSame = (one: readonly string[], other: readonly string[]): boolean =>
      one.length === other.length && one.every((name, at) => name === other[at])
    const other = (['head', 'fields', 'rows'] as const).find((key) => !isSame(own[key], schema[key]))
    if (other !== undefined) {
      const message = `snapshot ${schema.name} has other ${other} in this region's schema`
      throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: schema.name })
    }
    return index
  }
}

function requireOptions(options: RegionOptions, known: readonly string[]): void {
  requireKeys('options', options, known)
  requireOptionalFunction('onNotice', options.onNotice)
}

function attached(
  backend: Backend,
  { participantsMax }: RegionShape,
  bytes: SharedArrayBuffer,
  callPage: Float64Array<SharedArrayBuffer>,
  ringPages: readonly Float64Array<SharedArrayBuffer>[],
): BackendAttachment {
  try {
    return backend.attach(new Uint8Array(bytes), callPage, ringPages, threadId + 1)
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== 'ERR_PARTICIPANTS') throw thrown
    const message = `every participant is taken: ${participantsMax} are attached, the schema's participantsMax`
    throw new SignalboxError('ERR_PARTICIPANTS', message, {
      field: 'participantsMax',
      value: participantsMax,
      cause: thrown,
    })
  }
}
