/** A snapshot's writer and reader over a ring of the region. */
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import type { RingCalls } from './backend/backend.ts'
import { type FieldIndex, fieldIndexOf } from './field-index.ts'
import { page } from './layout.ts'
import { headWords, type SnapshotSchema, snapshotWords } from './schema.ts'

/** Views of a snapshot's values: the head and one array a row. */
function viewsOf(schema: SnapshotSchema, values: Float64Array<SharedArrayBuffer>) {
  const first = headWords(schema)
  const width = schema.fields.length
  return {
    head: values.subarray(0, schema.head.length),
    rowValues: values.subarray(first),
    rows: schema.rows.map((_, row) => values.subarray(first + row * width, first + (row + 1) * width)),
  }
}

/**
 * The one writer of a snapshot. Fill `head` and `rows`, then `publish`: readers see all of it or nothing of it (SNAP-1). Belongs to the
 * thread that claimed it.
 *
 * @example
 * ```ts
 * const writer = region.claimWriter(prices)
 * writer.rows[0][writer.fieldIndex.last] = 66_000
 * writer.publish()
 * ```
 * @see specification part 1, solution 1; ERRATA E1
 */
export class SnapshotWriter<Head extends string = string, Field extends string = string> {
  /** Where each of the schema's `head` lies: `head[headIndex.atNs]`. */
  readonly headIndex: FieldIndex<Head>
  /** Where each of the schema's `fields` lies in a row: `rows[0][fieldIndex.last]`. */
  readonly fieldIndex: FieldIndex<Field>
  /** What will be published, in the order of the schema's `head`. It stays as it is after a publish. */
  readonly head: Float64Array<SharedArrayBuffer>
  /** What will be published, an array a row in the order of the schema's `fields`. It stays as it is after a publish. */
  readonly rows: readonly Float64Array<SharedArrayBuffer>[]
  /** The same numbers, row after row in one array. */
  readonly rowValues: Float64Array<SharedArrayBuffer>
  readonly #calls: RingCalls
  readonly #page: Float64Array<SharedArrayBuffer>
  readonly #guard: () => void
  #isReleased = false

  constructor(
    schema: SnapshotSchema<Head, Field>,
    calls: RingCalls,
    ringPage: Float64Array<SharedArrayBuffer>,
    guard: () => void,
  ) {
    const words = snapshotWords(schema)
    const staged = ringPage.subarray(page.ringPayload + words, page.ringPayload + 2 * words)
    const views = viewsOf(schema, staged)
    this.headIndex = fieldIndexOf(`snapshots.${schema.name}.head`, schema.head)
    this.fieldIndex = fieldIndexOf(`snapshots.${schema.name}.fields`, schema.fields)
    this.head = views.head
    this.rows = views.rows
    this.rowValues = views.rowValues
    this.#calls = calls
    this.#page = ringPage
    this.#guard = guard
  }

  /**
   * Publishes what stands in `head` and `rows` and returns its version: 1, 2, 3 …
   *
   * Wait-free, never blocks, allocates nothing: no reader can delay it (SNAP-2).
   *
   * @throws {SignalboxError} `ERR_CLOSED` after `release()` or the region's `close()`.
   */
  publish(): number {
    this.#requireHeld()
    this.#calls.publish()
    return this.#page[page.ringVersion]!
  }

  /** Gives the writer's claim back, for another to take; this object cannot publish any more. A second call does nothing. */
  release(): void {
    if (this.#isReleased) return
    this.#guard()
    this.#isReleased = true
    this.#calls.unclaim()
  }

  #requireHeld(): void {
    this.#guard()
    if (this.#isReleased) throw new SignalboxError('ERR_CLOSED', "the snapshot's writer was released")
  }
}

/** What `read` and `readRow` return while nothing was published yet: 0; versions begin with 1. */
export const snapshotEmpty = 0
/** What they return when the writer lapped all 64 attempts, −1: what was read is unspecified. Read again, or give the ring more `slots`. */
export const snapshotOverrun = -1

/**
 * This thread's copy of a snapshot. `read` copies; the copy stays as it is until the next `read`. Asking the region for a reader again
 * gives the same object, hence the same copy.
 *
 * @example
 * ```ts
 * const reader = region.reader(prices)
 * if (reader.read() > 0) console.log(reader.rows[0][reader.fieldIndex.last])
 * ```
 */
export class SnapshotReader<Head extends string = string, Field extends string = string> {
  /** Where each of the schema's `head` lies: `head[headIndex.atNs]`. */
  readonly headIndex: FieldIndex<Head>
  /** Where each of the schema's `fields` lies in a row: `rows[0][fieldIndex.last]`. */
  readonly fieldIndex: FieldIndex<Field>
  /** What the last `read` copied, in the order of the schema's `head`. */
  readonly head: Float64Array<SharedArrayBuffer>
  /** What the last `read` (or `readRow`, of its row) copied, an array a row in the order of the schema's `fields`. */
  readonly rows: readonly Float64Array<SharedArrayBuffer>[]
  // Each throws ERR_CLOSED after the region's close by itself: nothing has to be asked before.
  readonly #read: () => void
  readonly #readPart: () => void
  readonly #page: Float64Array<SharedArrayBuffer>
  readonly #headWords: number

  constructor(schema: SnapshotSchema<Head, Field>, calls: RingCalls, ringPage: Float64Array<SharedArrayBuffer>) {
    const words = snapshotWords(schema)
    const views = viewsOf(schema, ringPage.subarray(page.ringPayload, page.ringPayload + words))
    this.headIndex = fieldIndexOf(`snapshots.${schema.name}.head`, schema.head)
    this.fieldIndex = fieldIndexOf(`snapshots.${schema.name}.fields`, schema.fields)
    this.head = views.head
    this.rows = views.rows
    this.#read = calls.read
    this.#readPart = calls.readPart
    this.#page = ringPage
    this.#headWords = headWords(schema)
  }

  /**
   * Copies the latest snapshot. Wait-free (at most 64 attempts), never blocks, allocates nothing.
   *
   * @returns Its version; {@link snapshotEmpty} if nothing was published yet; {@link snapshotOverrun} if the writer lapped
   *   every attempt (then `head` and `rows` are unspecified).
   * @throws {SignalboxError} `ERR_CLOSED` after the region's `close()`.
   */
  read(): number {
    const read = this.#read
    read()
    return this.#page[page.ringVersion]!
  }

  /**
   * Copies one row of the latest snapshot into `rows[row]`, whole; `head` and the other rows stay as they were, perhaps of an older
   * version. Cheaper than {@link read} only where the snapshot is wide (several KiB): a call has its price too.
   *
   * @param row - 0 … the number of rows − 1.
   * @returns As {@link read}.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT`, `ERR_CLOSED`.
   */
  readRow(row: number): number {
    requireInteger('row', row, 0, this.rows.length - 1)
    const width = this.rows[row]!.length
    this.#page[page.ringFirst] = this.#headWords + row * width
    this.#page[page.ringCount] = width
    const readPart = this.#readPart
    readPart()
    return this.#page[page.ringVersion]!
  }

  /** Attempts that the last read took, 1 … 64; more than 1 is a lap by the writer. */
  get attempts(): number {
    return this.#page[page.ringAttempts]!
  }
}
