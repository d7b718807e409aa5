/** The event registry: the region's lock-free table of live events (ERRATA E2). */
import { invalidArgument } from '../base/arguments.ts'
import { requireInteger, shown } from '../base/assert.ts'
import type { SignalboxError } from '../base/errors.ts'
import type { BackendAttachment } from './backend/backend.ts'
import { type FieldIndex, fieldIndexOf } from './field-index.ts'
import { eventStatus, handleMax, layout, page } from './layout.ts'
import { type EventSchema, eventCapacityDefault } from './schema.ts'

/** The new event's handle, or why there is none. `EXISTS`: the id is live, under `handle`. `FULL`: as many are live as the schema's `capacity`. */
export type RegisterResult =
  | { readonly ok: true; readonly handle: number }
  | { readonly ok: false; readonly refusal: 'EXISTS'; readonly handle: number }
  | { readonly ok: false; readonly refusal: 'FULL' }

/** `from` is the state before. `ILLEGAL`: the event is in `from`, which `to` may not follow. `GONE`: it was retired. */
export type TransitionResult =
  | { readonly ok: true; readonly from: number }
  | { readonly ok: false; readonly refusal: 'ILLEGAL'; readonly from: number }
  | { readonly ok: false; readonly refusal: 'GONE' }

const gone = { ok: false, refusal: 'GONE' } as const
const full = { ok: false, refusal: 'FULL' } as const

/** A live event as a scan found it. The object and its `record` are the next event's afterwards: copy what is to be kept. */
export interface ScannedEvent {
  handle: number
  /** Its state, 0 … 7. */
  lifecycle: number
  /** Somebody submitted an order for it: nobody can reserve it again. */
  spent: boolean
  /** Its type's index in the schema's `events.types`. */
  typeIndex: number
  /** The number that it was registered with; normally the symbol's row in a snapshot. */
  symbolIndex: number
  /** In the order of the schema's `events.fields`. */
  record: Float64Array<SharedArrayBuffer>
}

const decoder = new TextDecoder()

/**
 * The region's live events: registers, finds, moves and retires them. Belongs to the thread that attached.
 *
 * A handle is an integer below 2^53 that means something in its own region only; it is valid until its event is retired, and never
 * again (REG-5).
 *
 * @example
 * ```ts
 * const { events } = region
 * events.record[events.fieldIndex.score] = 0.9
 * events.register('cascade_BTC_1', events.typeIndexOf.CASCADE, 0)
 * // another thread
 * if (events.getById('cascade_BTC_1')) console.log(events.handle, events.record[events.fieldIndex.score])
 * ```
 * @see specification part 1, solution 2
 */
export class EventRegistry<Field extends string = string, Type extends string = string> {
  /** Where each of the schema's `events.fields` lies in a record: `record[fieldIndex.score]`. */
  readonly fieldIndex: FieldIndex<Field>
  /** The index of each of the schema's `events.types`: `register(id, typeIndexOf.CASCADE, 0)`. */
  readonly typeIndexOf: FieldIndex<Type>
  /** The record to register, and the copy that the last successful `get` made: in the order of the schema's `events.fields`. */
  readonly record: Float64Array<SharedArrayBuffer>
  /** How many events can be live at once. */
  readonly capacity: number
  readonly #attachment: BackendAttachment
  readonly #page: Float64Array<SharedArrayBuffer>
  readonly #typeCount: number
  readonly #recordWords: number
  readonly #rowViews: Float64Array<SharedArrayBuffer>[] = []
  /** What {@link scan} shows. */
  readonly #scanned: ScannedEvent
  readonly #guard: () => void

  constructor(
    attachment: BackendAttachment,
    callPage: Float64Array<SharedArrayBuffer>,
    schema: EventSchema<Field, Type>,
    guard: () => void,
  ) {
    this.#attachment = attachment
    this.#page = callPage
    this.#typeCount = schema.types.length
    this.#recordWords = schema.fields.length
    this.#guard = guard
    this.capacity = schema.capacity ?? eventCapacityDefault
    this.record = callPage.subarray(page.record, page.record + schema.fields.length)
    this.#scanned = { handle: 0, lifecycle: 0, spent: false, typeIndex: 0, symbolIndex: 0, record: this.record }
    this.fieldIndex = fieldIndexOf('events.fields', schema.fields)
    this.typeIndexOf = fieldIndexOf('events.types', schema.types)
  }

  /**
   * Registers the event `id` with what stands in `record`, live in lifecycle state 0. Of concurrent registers of one id
   * exactly one wins (REG-1). Lock-free, never blocks.
   *
   * @param id - 1 … 63 bytes of UTF-8. Live once; free again when its event is retired.
   * @param typeIndex - 0 … the number of the schema's `events.types` − 1: `typeIndexOf.CASCADE`.
   * @param symbolIndex - 0 … 65,535, any number of yours; normally the symbol's row in a snapshot. Limits by symbol count by it.
   * @returns A handle; `EXISTS` with the live event's handle; `FULL`, in which entries of operations under way count as used.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for an id or index out of range, `ERR_CLOSED`.
   */
  register(id: string, typeIndex: number, symbolIndex: number): RegisterResult {
    this.#guard()
    // An object's text could be made by code that calls something here.
    if (typeof id !== 'string') throw invalidId(id)
    requireInteger('typeIndex', typeIndex, 0, this.#typeCount - 1)
    requireInteger('symbolIndex', symbolIndex, 0, layout.symbolsMax - 1)
    const callPage = this.#page
    callPage[page.type] = typeIndex
    callPage[page.symbol] = symbolIndex
    this.#attachment.eventRegister(id)
    const status = callPage[page.status]!
    if (status === eventStatus.ok) return { ok: true, handle: callPage[page.handle]! }
    if (status === eventStatus.exists) return { ok: false, refusal: 'EXISTS', handle: callPage[page.handle]! }
    if (status === eventStatus.full) return full
    throw invalidId(id)
  }

  /**
   * Copies the live event of `handle` into `record` and into `handle`, `lifecycle`, `spent`, `typeIndex` and `symbolIndex`. Never blocks,
   * allocates nothing.
   *
   * @param handle - An integer in 0 … 2^52 − 1, as `register` gave it; any other one is just no event's.
   * @returns False if the event is gone; `record` and the properties are then unspecified.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for what is no such integer, `ERR_CLOSED`.
   */
  get(handle: number): boolean {
    this.#guard()
    this.#page[page.handle] = requireHandle(handle)
    this.#attachment.eventGet()
    return this.#page[page.status] === eventStatus.ok
  }

  /**
   * Copies the live event of `id`, as {@link get}. Lock-free.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for what is no id of 1 … 63 bytes, `ERR_CLOSED`.
   */
  getById(id: string): boolean {
    this.#guard()
    if (typeof id !== 'string') throw invalidId(id)
    this.#attachment.eventGetById(id)
    if (this.#page[page.status] === eventStatus.badId) throw invalidId(id)
    return this.#page[page.status] === eventStatus.ok
  }

  /** The id of the live event of `handle`, or null if it is gone. */
  idOf(handle: number): string | null {
    this.#guard()
    this.#page[page.handle] = requireHandle(handle)
    this.#attachment.eventId()
    const size = this.#page[page.idBytes]!
    if (size === 0) return null
    const bytes = new Uint8Array(size)
    bytes.set(new Uint8Array(this.#page.buffer, this.#page.byteOffset + page.id * 8, size))
    return decoder.decode(bytes)
  }

  /** The handle of the event that the last successful `get` or `getById` copied. Any other call of this object overwrites it. */
  get handle(): number {
    return this.#page[page.handle]!
  }
  /** Its lifecycle state when it was copied, 0 … 7; already out of date. */
  get lifecycle(): number {
    return this.#page[page.lifecycle]!
  }
  /** Somebody submitted an order for it: nobody can reserve it again. Of the event that was copied last. */
  get spent(): boolean {
    return this.#page[page.spent] === 1
  }
  /** Its type's index in the schema's `events.types`. Of the event that was copied last. */
  get typeIndex(): number {
    return this.#page[page.type]!
  }
  /** The number that it was registered with, 0 … 65,535; normally the symbol's row in a snapshot. Of the event that was copied last. */
  get symbolIndex(): number {
    return this.#page[page.symbol]!
  }

  /**
   * Moves the event to lifecycle state `to`, if that may follow the state it is in (REG-3). Of concurrent transitions from
   * one state exactly one wins. Lock-free. A position that somebody holds for the event is not touched.
   *
   * @param to - 0 … 7. Which may follow which is `RegionCreateOptions.lifecycle`; the default are the five states of `lifecycle`,
   *   forward only: TRIGGERED, ACTIVE, COMPLETING, COMPLETED, INVALIDATED.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a handle or state out of range, `ERR_CLOSED`.
   */
  transition(handle: number, to: number): TransitionResult {
    this.#guard()
    this.#page[page.handle] = requireHandle(handle)
    this.#page[page.to] = requireInteger('to', to, 0, 7)
    this.#attachment.eventTransition()
    const status = this.#page[page.status]!
    if (status === eventStatus.gone) return gone
    const from = this.#page[page.lifecycle]!
    return status === eventStatus.ok ? { ok: true, from } : { ok: false, refusal: 'ILLEGAL', from }
  }

  /**
   * Retires the event, whatever its state: its id may be registered anew, its handle is void, its entry free for another. A position
   * that somebody holds for it stays. Lock-free.
   *
   * @returns False if it is gone already: of concurrent retires exactly one is true.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a handle out of range, `ERR_CLOSED`.
   */
  retire(handle: number): boolean {
    this.#guard()
    this.#page[page.handle] = requireHandle(handle)
    this.#attachment.eventRetire()
    return this.#page[page.status] === eventStatus.ok
  }

  /**
   * Calls `visit` for each live event of `typeIndex` (−1: of every type): every event that was live throughout the scan is
   * among them, each record whole (REG-4); others may be. The visited object and its record are reused. Wait-free. `visit` may
   * read, move and retire events; a scan or a call of the ledger within it would overwrite the rows that it has still to see.
   *
   * @param typeIndex - −1 … the number of types − 1.
   * @returns How many there were.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT`, `ERR_CLOSED`; whatever `visit` throws ends the scan.
   */
  scan(typeIndex: number, visit: (event: ScannedEvent) => void): number {
    this.#guard()
    const callPage = this.#page
    callPage[page.type] = requireInteger('typeIndex', typeIndex, -1, this.#typeCount - 1)
    if (typeof visit !== 'function') throw invalidArgument('visit', `must be a function, got ${shown(visit)}`, visit)
    this.#attachment.eventScan()
    const count = callPage[page.count]!
    const event = this.#scanned
    const width = 4 + this.#recordWords
    for (let index = 0; index < count; index += 1) {
      const row = page.rows + index * width
      const packed = callPage[row + 3]!
      event.handle = callPage[row]!
      event.lifecycle = callPage[row + 1]!
      event.spent = callPage[row + 2] === 1
      event.typeIndex = packed % layout.typesMax
      event.symbolIndex = Math.floor(packed / layout.typesMax)
      // A row's view is made once: making one costs more than everything else here.
      event.record = this.#rowViews[index] ??= callPage.subarray(row + 4, row + width)
      visit(event)
    }
    return count
  }

  /** Live events, counted one by one; exact when nobody registers or retires meanwhile. For tests and diagnosis. */
  countLive(): number {
    this.#guard()
    this.#attachment.eventCount()
    return this.#page[page.count]!
  }
}

function requireHandle(handle: number): number {
  return requireInteger('handle', handle, 0, handleMax)
}

function invalidId(id: unknown): SignalboxError {
  return invalidArgument('eventId', `must be a well-formed string of 1 to 63 bytes of UTF-8, got ${shown(id)}`, id)
}
