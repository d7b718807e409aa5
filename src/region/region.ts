/**
 * A region: one block of shared memory that holds snapshots, events and reservations, and one thread's attachment to it.
 *
 * The creator makes the block and hands `region.descriptor` to its workers (`workerData` or a message); each attaches for
 * itself. A Region object belongs to the thread that made it. Both backends work on the same bytes and may be mixed.
 */
import { threadId, type Worker } from 'node:worker_threads'
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import type { BackendAttachment, BackendName } from './backend/backend.ts'
import { type BackendChoice, selectBackend } from './backend/select.ts'
import { EventRegistry } from './event-registry.ts'
import { eventWords, layout, ledgerWords, page, ringWords, roundUp } from './layout.ts'
import { Reservations } from './reservations.ts'
import {
  type LifecycleRules,
  type RegionSchema,
  type RegionShape,
  type SnapshotSchema,
  schemaHash,
  shapeOf,
} from './schema.ts'
import { SnapshotReader, SnapshotWriter } from './snapshot.ts'

/** What another thread needs to attach: structured-cloneable, and shares the bytes. */
export interface RegionDescriptor {
  readonly bytes: SharedArrayBuffer
  readonly schema: RegionSchema
}

export interface RegionOptions {
  /** `auto` (default) takes the addon where it loads. */
  readonly backend?: BackendChoice
  /** Called with one line when `auto` had to take the js backend. */
  readonly onNotice?: (line: string) => void
}

export interface RegionCreateOptions extends RegionOptions {
  /** Unix nanoseconds that are 0 in the region. Default 0. */
  readonly epochNs?: bigint
  /** Which lifecycle transitions are legal; default domain/event.ts's: forward only, the last two of five final. */
  readonly lifecycle?: LifecycleRules
}

/** TRIGGERED, ACTIVE, COMPLETING, COMPLETED, INVALIDATED: forward only, skipping legal, the last two final; the first three actionable. */
const defaultLifecycle: LifecycleRules = { transitions: 0x181c1en, actionable: 0b111n }

export class Region {
  /** What a worker needs to attach. */
  readonly descriptor: RegionDescriptor
  readonly schema: RegionSchema
  /** The backend that serves, and where it came from. */
  readonly backend: BackendName
  readonly backendOrigin: string
  /** This attachment's number among the participants. */
  readonly participant: number
  readonly events: EventRegistry
  readonly reservations: Reservations
  readonly #attachment: BackendAttachment
  readonly #callPage: Float64Array<SharedArrayBuffer>
  readonly #ringPages: readonly Float64Array<SharedArrayBuffer>[]
  readonly #control: BigUint64Array<SharedArrayBuffer>
  readonly #shape: RegionShape
  #isClosed = false

  private constructor(descriptor: RegionDescriptor, options: RegionOptions) {
    // An ArrayBuffer would be a copy that nobody else sees, and could be transferred away from under the addon.
    if (!(descriptor.bytes instanceof SharedArrayBuffer)) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', "a region's bytes are a SharedArrayBuffer", { field: 'bytes' })
    }
    const shape = shapeOf(descriptor.schema)
    const { backend, notice } = selectBackend(options.backend ?? 'auto')
    if (notice !== null) options.onNotice?.(notice)
    const control = new BigUint64Array(descriptor.bytes)
    const rowsWords = Math.max(
      shape.eventCapacity * (4 + shape.recordWords),
      shape.positionsMax * 8 + layout.typesMax * 2 + 64,
      4 + layout.typesMax * 3 + layout.potsMax,
    )
    const callPage = new Float64Array(new SharedArrayBuffer((page.rows + rowsWords) * 8))
    const ringPages = shape.rings.map(
      (ring) => new Float64Array(new SharedArrayBuffer((page.ringPayload + 2 * ring.payloadWords) * 8)),
    )
    const attachment = backend.attach(new Uint8Array(descriptor.bytes), callPage, ringPages, threadId + 1)
    if (Atomics.load(control, layout.headerSchemaHash) !== schemaHash(descriptor.schema)) {
      attachment.close()
      throw new SignalboxError('ERR_FOREIGN_REGION', 'the region was created with another schema')
    }
    this.descriptor = descriptor
    this.schema = descriptor.schema
    this.backend = backend.name
    this.backendOrigin = backend.origin
    this.participant = attachment.participant
    this.#attachment = attachment
    this.#callPage = callPage
    this.#ringPages = ringPages
    this.#control = control
    this.#shape = shape
    const guard = (): void => this.#requireOpen()
    this.events = new EventRegistry(attachment, callPage, descriptor.schema.events, guard)
    this.reservations = new Reservations(attachment, callPage, shape, guard)
  }

  /**
   * Makes a region over a new SharedArrayBuffer and attaches to it.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a schema out of range; `ERR_BACKEND` if `native` does not load.
   */
  static create(schema: RegionSchema, options: RegionCreateOptions = {}): Region {
    const shape = shapeOf(schema)
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

    const bytes = new SharedArrayBuffer(end * 8)
    const words = new BigUint64Array(bytes)
    const rules = options.lifecycle ?? defaultLifecycle
    words[layout.headerMagic] = layout.magic
    words[layout.headerTotalBytes] = BigInt(end * 8)
    words[layout.headerSchemaHash] = schemaHash(schema)
    words[layout.headerEpochNs] = BigInt.asUintN(64, options.epochNs ?? 0n)
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
    shape.rings.forEach((ring, index) => {
      const at = layout.headerRings + index * layout.headerRingWords
      words[at] = BigInt(ringsAt[index]!)
      words[at + 1] = BigInt(ring.slots)
      words[at + 2] = BigInt(ring.payloadWords)
    })
    // Every entry is free; a bit a hint.
    words.fill(0xffffffffffffffffn, eventsAt, eventsAt + shape.eventCapacity / 64)
    // Token 0 is nobody's.
    words[ledgerAt + layout.ledgerBlocks + layout.blockNextToken] = 1n
    // Written last: whoever reads it finds the rest.
    Atomics.store(words, layout.headerVersion, BigInt(layout.version))
    return new Region({ bytes, schema }, options)
  }

  /**
   * Attaches this thread to a region that another one created.
   *
   * @throws {SignalboxError} `ERR_FOREIGN_REGION`, `ERR_PARTICIPANTS` or `ERR_BACKEND`.
   */
  static attach(descriptor: RegionDescriptor, options: RegionOptions = {}): Region {
    return new Region(descriptor, options)
  }

  /** Unix nanoseconds that are 0 in the region. */
  get epochNs(): bigint {
    return BigInt.asIntN(64, Atomics.load(this.#control, layout.headerEpochNs))
  }

  /**
   * Claims the one writer of a snapshot.
   *
   * @throws {SignalboxError} `ERR_WRITER_CLAIMED` while somebody holds it; `ERR_INVALID_ARGUMENT` for an unknown name.
   */
  claimWriter<Head extends string, Field extends string>(
    schema: SnapshotSchema<Head, Field>,
  ): SnapshotWriter<Head, Field> {
    this.#requireOpen()
    const index = this.#ringIndex(schema)
    const calls = this.#attachment.rings[index]!
    calls.claim()
    if (this.#ringPages[index]![page.ringVersion] !== 1) {
      throw new SignalboxError('ERR_WRITER_CLAIMED', `snapshot ${schema.name} already has its writer`, {
        field: schema.name,
      })
    }
    return new SnapshotWriter(schema, calls, this.#ringPages[index]!, () => this.#requireOpen())
  }

  /** A reader of a snapshot. One reader object an attachment and snapshot: two would share their copy. */
  reader<Head extends string, Field extends string>(schema: SnapshotSchema<Head, Field>): SnapshotReader<Head, Field> {
    this.#requireOpen()
    const index = this.#ringIndex(schema)
    return new SnapshotReader(schema, this.#attachment.rings[index]!, this.#ringPages[index]!, () =>
      this.#requireOpen(),
    )
  }

  /**
   * Frees what a worker held, when it has ended: its writer claims, its half-done events, its RESERVED reservations. What it SUBMITTED
   * stays: only the venue's word ends it. The addon does so by itself; the js backend has no other way. Call it once after starting a
   * worker that attaches.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a worker that has ended already: who it was cannot be told any more.
   */
  watchWorker(worker: Worker): void {
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

  #ringIndex(schema: SnapshotSchema): number {
    const index = this.schema.snapshots.findIndex((snapshot) => snapshot.name === schema.name)
    const own = this.schema.snapshots[index]
    const isSame = (one: readonly string[], other: readonly string[]): boolean =>
      one.length === other.length && one.every((name, at) => name === other[at])
    if (own !== undefined && !(['head', 'fields', 'rows'] as const).every((key) => isSame(own[key], schema[key]))) {
      throw new SignalboxError(
        'ERR_INVALID_ARGUMENT',
        `snapshot ${schema.name} has other fields or rows in this region's schema`,
        { field: schema.name },
      )
    }
    if (own === undefined) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', `the region has no snapshot ${schema.name}`, {
        field: 'name',
        value: schema.name,
      })
    }
    return index
  }
}
