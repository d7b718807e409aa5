/** The event registry: the region's lock-free table of live events (ERRATA E2). Belongs to the thread that attached. */
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import type { BackendAttachment } from './backend/backend.ts'
import { eventStatus, handleMax, layout, page } from './layout.ts'
import { type EventSchema, eventCapacityDefault } from './schema.ts'
import type { FieldIndex } from './snapshot.ts'

/** Why an event was not registered. `handle`: the live event of that id. */
export type RegisterResult =
  | { readonly ok: true; readonly handle: number }
  | { readonly ok: false; readonly refusal: 'EXISTS'; readonly handle: number }
  | { readonly ok: false; readonly refusal: 'FULL' }

/** `from` is the state before, or, for an illegal transition, the state that it is in. */
export type TransitionResult =
  | { readonly ok: true; readonly from: number }
  | { readonly ok: false; readonly refusal: 'ILLEGAL'; readonly from: number }
  | { readonly ok: false; readonly refusal: 'GONE' }

const gone = { ok: false, refusal: 'GONE' } as const
const full = { ok: false, refusal: 'FULL' } as const

/** A live event as a scan found it. `record` is a view that the next call overwrites. */
export interface ScannedEvent {
  handle: number
  lifecycle: number
  spent: boolean
  typeIndex: number
  symbolIndex: number
  record: Float64Array<SharedArrayBuffer>
}

const decoder = new TextDecoder()

/**
 * Registers, finds, moves and retires events. A handle is an integer below 2^53, valid until its event is retired and never
 * again (REG-5).
 *
 * @see specification part 1, solution 2
 */
export class EventRegistry {
  readonly fieldIndex: FieldIndex<string>
  /** The record to register, and the copy that the last successful `get` made: in the order of the schema's fields. */
  readonly record: Float64Array<SharedArrayBuffer>
  readonly capacity: number
  readonly #attachment: BackendAttachment
  readonly #page: Float64Array<SharedArrayBuffer>
  readonly #typeCount: number
  readonly #recordWords: number
  readonly #rowViews: Float64Array<SharedArrayBuffer>[] = []
  readonly #guard: () => void

  constructor(
    attachment: BackendAttachment,
    callPage: Float64Array<SharedArrayBuffer>,
    schema: EventSchema,
    guard: () => void,
  ) {
    this.#attachment = attachment
    this.#page = callPage
    this.#typeCount = schema.types.length
    this.#recordWords = schema.fields.length
    this.#guard = guard
    this.capacity = schema.capacity ?? eventCapacityDefault
    this.record = callPage.subarray(page.record, page.record + schema.fields.length)
    this.fieldIndex = Object.freeze(Object.fromEntries(schema.fields.map((field, index) => [field, index])))
  }

  /**
   * Registers the event `id` with what stands in `record`, live in lifecycle state 0. Of concurrent registers of one id
   * exactly one wins (REG-1). Lock-free, never blocks.
   *
   * @param id - 1 … 63 bytes of UTF-8.
   * @returns A handle; `EXISTS` with the live event's handle; `FULL`, in which entries of operations under way count as used.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for an id or index out of range, `ERR_CLOSED`.
   */
  register(id: string, typeIndex: number, symbolIndex: number): RegisterResult {
    this.#guard()
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

  /** Copies the live event of `handle` into `record` and the view properties; false if it is gone. Never blocks. */
  get(handle: number): boolean {
    this.#guard()
    this.#page[page.handle] = requireHandle(handle)
    this.#attachment.eventGet()
    return this.#page[page.status] === eventStatus.ok
  }

  /** Copies the live event of `id`, as {@link get}. Lock-free. */
  getById(id: string): boolean {
    this.#guard()
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

  /** Of the last successful `get` or `getById`. */
  get handle(): number {
    return this.#page[page.handle]!
  }
  get lifecycle(): number {
    return this.#page[page.lifecycle]!
  }
  get spent(): boolean {
    return this.#page[page.spent] === 1
  }
  get typeIndex(): number {
    return this.#page[page.type]!
  }
  get symbolIndex(): number {
    return this.#page[page.symbol]!
  }

  /**
   * Moves the event to lifecycle state `to`, if that may follow the state it is in (REG-3). Of concurrent transitions from
   * one state exactly one wins. Lock-free.
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

  /** Retires the event: its id may be registered anew, its handle is void. False if somebody else did. Lock-free. */
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
   * @returns How many there were.
   */
  scan(typeIndex: number, visit: (event: ScannedEvent) => void): number {
    this.#guard()
    const callPage = this.#page
    callPage[page.type] = requireInteger('typeIndex', typeIndex, -1, this.#typeCount - 1)
    this.#attachment.eventScan()
    const count = callPage[page.count]!
    const event: ScannedEvent = {
      handle: 0,
      lifecycle: 0,
      spent: false,
      typeIndex: 0,
      symbolIndex: 0,
      record: this.record,
    }
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
  const shown = typeof id === 'string' ? JSON.stringify(id.slice(0, 80)) : String(id)
  return new SignalboxError(
    'ERR_INVALID_ARGUMENT',
    `an event id is a well-formed string of 1 to 63 bytes of UTF-8, got ${shown}`,
    { field: 'eventId', value: id },
  )
}
