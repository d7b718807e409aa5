/** Reservations: admission of positions through the region's ledger (ERRATA E3–E7). */
import { invalidArgument, requireList } from '../base/arguments.ts'
import { requireInteger, shown } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { type ReserveRefusal, reserveRefusals } from '../domain/reservation.ts'
import type { BackendAttachment } from './backend/backend.ts'
import { handleMax, idlePotsMax, ledgerStatus, page } from './layout.ts'
import { limitsRow, type ReservationLimits } from './limits.ts'
import type { RegionShape } from './schema.ts'

/** What to reserve: one event's position. */
export interface ReserveRequest {
  /** The event's handle, of this region; its type and symbol stand in the registry. */
  readonly handle: number
  /** Minor units of the quote currency, an integer in 1 … 2^53 − 1. */
  readonly capitalMinor: number
  /**
   * Until when nobody may recover it, an integer in 0 … 2^53 − 1, on the clock that you call `recover` with, which all threads must
   * share: a monotonic one, `Number(process.hrtime.bigint())` (exact in the machine's first 104 days; less a beginning that all
   * share, always), or event time in a replay. Unix nanoseconds do not fit. Nothing recovers leases by itself.
   */
  readonly leaseUntilNs: number
}

/** The reservation's fencing token, which every later step takes, or why there is none: expected, no error. */
export type ReserveResult =
  | { readonly ok: true; readonly token: number }
  | { readonly ok: false; readonly refusal: ReserveRefusal }

/** The tokens in the order of the requests, or why nothing was reserved; `index`: the first request that could not be admitted. */
export type ReserveAllResult =
  | { readonly ok: true; readonly tokens: readonly number[] }
  | { readonly ok: false; readonly refusal: ReserveRefusal; readonly index: number }

/**
 * Whether a position took the step. `STALE_TOKEN`: the token holds nothing (any more): it was released, or its lease recovered.
 * `ILLEGAL_STATE`: the position is not in the state that the step begins in.
 */
export type StepResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly refusal: 'STALE_TOKEN' | 'ILLEGAL_STATE' }

/** One used slot of the ledger. */
export interface PositionSlot {
  readonly token: number
  readonly handle: number
  readonly capitalMinor: number
  readonly symbolIndex: number
  readonly typeIndex: number
  /** One of `slotStates`: RESERVED 1, SUBMITTED 2, OPEN 3, CLOSING 4. */
  readonly state: number
  /** The participant that reserved it: `region.participant` of its attachment. */
  readonly owner: number
  readonly leaseUntilNs: number
}

const granted = { ok: true } as const
const stale = { ok: false, refusal: 'STALE_TOKEN' } as const
const illegal = { ok: false, refusal: 'ILLEGAL_STATE' } as const

/**
 * Places in the call page, as constants of this module: a field of an imported object is three times as many bytes of code, and V8
 * inlines only so many into a caller. A reservation and its release are just within.
 */
const {
  rows: rowsAt,
  token: tokenAt,
  status: statusAt,
  count: countAt,
  idlePots: idlePotsAt,
  settled: settledAt,
  capital: capitalAt,
  refused: refusedAt,
  now: nowAt,
} = page
const { ok } = ledgerStatus
const integerMax = Number.MAX_SAFE_INTEGER

/**
 * Who holds which capital for which event. Every change is one compare-and-swap of the whole ledger: atomic across every
 * attached thread, lock-free, and either committed or without trace. Belongs to the thread that attached.
 *
 * Until somebody calls `setLimits` nothing is admitted (`SLOT_TAKEN`). A token is an integer that means something in its own region only.
 *
 * @example
 * ```ts
 * const { handle } = region.events
 * const reserved = region.reservations.reserve({ handle, capitalMinor: 500_000, leaseUntilNs: nowNs + 5e9 })
 * if (reserved.ok && region.reservations.submit(reserved.token).ok) sendOrder() // filled: open(token); refused: release(token, true)
 * ```
 */
export class Reservations {
  readonly #attachment: BackendAttachment
  /** The calls of every reservation, out of the attachment, whose many properties make them slow to find. */
  readonly #ledgerReserve: () => void
  readonly #ledgerRelease: () => void
  readonly #page: Float64Array<SharedArrayBuffer>
  readonly #shape: RegionShape
  readonly #guard: () => void
  /** What {@link scan} shows. */
  readonly #slot: { -readonly [Key in keyof PositionSlot]: PositionSlot[Key] } = {
    token: 0,
    handle: 0,
    capitalMinor: 0,
    symbolIndex: 0,
    typeIndex: 0,
    state: 0,
    owner: 0,
    leaseUntilNs: 0,
  }

  constructor(
    attachment: BackendAttachment,
    callPage: Float64Array<SharedArrayBuffer>,
    shape: RegionShape,
    guard: () => void,
  ) {
    this.#attachment = attachment
    this.#ledgerReserve = attachment.ledgerReserve
    this.#ledgerRelease = attachment.ledgerRelease
    this.#page = callPage
    this.#shape = shape
    this.#guard = guard
  }

  /** Slots of the ledger: as many positions as there can be at one time, whatever the limits. */
  get positionsMax(): number {
    return this.#shape.positionsMax
  }

  /**
   * Reserves a position for one event, or says why not.
   *
   * Atomic across every attached thread: reserved capital never exceeds the account's (RES-1), positions never their
   * limits (RES-2), an event is held at most once (RES-3). Each success is owed exactly one `submit` or `release`; from
   * `leaseUntilNs` on `recover` frees it. Never blocks.
   *
   * @returns The reservation's fencing token, or one refusal; if several apply, the first in `reserveRefusals`.
   * @throws {SignalboxError} `ERR_CLOSED` after `close()`; `ERR_INVALID_ARGUMENT` outside the ranges.
   * @see specification part 3; ERRATA E3, E4
   */
  reserve(request: ReserveRequest): ReserveResult {
    if (typeof request !== 'object' || request === null) throw noRequest('request', request)
    // Getters run here, before anything stands in the page that they might change. Of a region that is closed, the call says so.
    const { handle, capitalMinor, leaseUntilNs } = request
    const callPage = this.#page
    callPage[rowsAt] = requireInteger('handle', handle, 0, handleMax)
    callPage[rowsAt + 1] = requireInteger('capitalMinor', capitalMinor, 1, integerMax)
    callPage[rowsAt + 2] = requireInteger('leaseUntilNs', leaseUntilNs, 0, integerMax)
    callPage[countAt] = 1
    callPage[idlePotsAt] = 0
    const reserve = this.#ledgerReserve
    reserve()
    const status = callPage[statusAt]!
    if (status === ok) return { ok: true, token: callPage[rowsAt]! }
    return { ok: false, refusal: refusalOf(status) }
  }

  /**
   * Reserves positions for a whole set of events in one commit: all of them or none.
   *
   * @param requests - 1 … as many as the ledger has slots.
   * @param idlePots - Pots that the decision found idle and that lend at this admission, as a mask (bit = pot). Default 0: none.
   * @returns The tokens, or the refusal of the first request that could not be admitted.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the request's index; `ERR_CLOSED`.
   */
  reserveAll(requests: readonly ReserveRequest[], idlePots = 0): ReserveAllResult {
    requireList('requests', requests)
    const count = requireInteger('requests.length', requests.length, 1, this.#shape.positionsMax)
    const rows = new Float64Array(count * 3)
    for (let index = 0; index < count; index += 1) readRequest(requests[index], index, rows)
    requireInteger('idlePots', idlePots, 0, idlePotsMax)
    this.#guard()
    this.#page.set(rows, rowsAt)
    const status = this.#reserve(count, idlePots)
    if (status !== ok) {
      return { ok: false, refusal: refusalOf(status), index: this.#page[refusedAt]! }
    }
    const tokens = new Array<number>(count)
    for (let index = 0; index < count; index += 1) tokens[index] = this.#page[rowOf(index)]!
    return { ok: true, tokens }
  }

  /**
   * RESERVED → SUBMITTED: to be called, and to succeed, before the order leaves. From here the event is spent, and only the venue's
   * word ends the position: neither its lease nor its holder's end does. It succeeds although the event has ended or was retired
   * meanwhile: whether to act all the same is the holder's affair. Lock-free.
   *
   * @param token - As `reserve` gave it; an integer in 0 … 2^53 − 1.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for what is no such integer, `ERR_CLOSED`.
   */
  submit(token: number): StepResult {
    return this.#step(token, this.#attachment.ledgerSubmit)
  }

  /** SUBMITTED → OPEN: the venue filled the entry. Whether the event still lives does not matter. Throws as {@link submit}. */
  open(token: number): StepResult {
    return this.#step(token, this.#attachment.ledgerOpen)
  }

  /** OPEN → CLOSING: the exit is on its way; its fill is `release(token, true, pnlMinor)`. Throws as {@link submit}. */
  close(token: number): StepResult {
    return this.#step(token, this.#attachment.ledgerClose)
  }

  /**
   * Frees the slot of `token` and changes the capital by `capitalChangeMinor` (realised P&L) in the same commit.
   *
   * @param settled - The venue's word that nothing is live: it refused the entry (SUBMITTED), or filled the exit (CLOSING). Without it only a
   *   RESERVED slot can be released. An OPEN one must `close` first.
   * @param capitalChangeMinor - Minor units, −(2^53 − 1) … 2^53 − 1. Default 0.
   * @returns `STALE_TOKEN` if the token holds nothing (any more); `ILLEGAL_STATE` if the slot may not be freed like that.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT`, also if the capital would leave ±(2^53 − 1) minor units: then nothing is freed;
   *   `ERR_CLOSED`.
   */
  release(token: number, settled = false, capitalChangeMinor = 0): StepResult {
    if (typeof settled !== 'boolean') throw notBoolean(settled)
    const callPage = this.#page
    callPage[settledAt] = settled ? 1 : 0
    callPage[capitalAt] = requireInteger('capitalChangeMinor', capitalChangeMinor, -integerMax, integerMax)
    return this.#step(token, this.#ledgerRelease)
  }

  /**
   * Frees every RESERVED slot whose lease ended at or before `nowNs`; SUBMITTED and later never expire. Nothing calls it by itself: let
   * one thread do so from time to time, with the clock of the leases. Lock-free.
   *
   * @param nowNs - An integer in 0 … 2^53 − 1.
   * @returns How many it freed.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT`, `ERR_CLOSED`.
   */
  recover(nowNs: number): number {
    this.#guard()
    this.#page[nowAt] = requireInteger('nowNs', nowNs, 0, integerMax)
    this.#attachment.ledgerRecover()
    return this.#page[countAt]!
  }

  /**
   * Replaces capital and limits. Positions beyond the new limits stay; the limits only refuse further ones. Before the first call the
   * limits are 0 and nothing is admitted.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming what is out of range or unknown, and then nothing was replaced; `ERR_CLOSED`.
   */
  setLimits(limits: ReservationLimits): void {
    const row = limitsRow(limits, this.#shape)
    this.#guard()
    this.#page.set(row, rowsAt)
    this.#attachment.ledgerSetLimits()
  }

  /** The used slots in the order of admission, as of one instant. */
  positions(): PositionSlot[] {
    return this.account().positions
  }

  /** Capital (minor units) and used slots (in the order of admission) as of one instant. Lock-free. */
  account(): { readonly capitalMinor: number; readonly positions: PositionSlot[] } {
    const positions: PositionSlot[] = []
    const capitalMinor = this.scan((slot) => positions.push({ ...slot }))
    return { capitalMinor, positions }
  }

  /**
   * {@link account} without making anything: shows each used slot to `visit`, in the order of admission, in one object that is used again.
   * `visit` may read events; a scan or a call of the ledger within it would overwrite the slots that it has still to see. Lock-free.
   *
   * @returns The capital, minor units.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT`, `ERR_CLOSED`; whatever `visit` throws ends the scan.
   */
  scan(visit: (slot: PositionSlot) => void): number {
    this.#guard()
    if (typeof visit !== 'function') throw invalidArgument('visit', `must be a function, got ${shown(visit)}`, visit)
    this.#attachment.ledgerRead()
    const callPage = this.#page
    const capitalMinor = callPage[capitalAt]!
    const slot = this.#slot
    for (let row = rowsAt, left = callPage[countAt]!; left > 0; row += slotDoubles, left -= 1) {
      slot.token = callPage[row]!
      slot.handle = callPage[row + 1]!
      slot.capitalMinor = callPage[row + 2]!
      slot.symbolIndex = callPage[row + 3]!
      slot.typeIndex = callPage[row + 4]!
      slot.state = callPage[row + 5]!
      slot.owner = callPage[row + 6]!
      slot.leaseUntilNs = callPage[row + 7]!
      visit(slot)
    }
    return capitalMinor
  }

  /** The account's capital, minor units. */
  capitalMinor(): number {
    this.#guard()
    this.#attachment.ledgerRead()
    return this.#page[capitalAt]!
  }

  /** True if a slot is held for the event. Lock-free; allocates nothing. @throws {SignalboxError} `ERR_CLOSED`. */
  holds(handle: number): boolean {
    this.#guard()
    this.#attachment.ledgerRead()
    const callPage = this.#page
    for (let row = rowsAt, left = callPage[countAt]!; left > 0; row += slotDoubles, left -= 1) {
      if (callPage[row + 1] === handle) return true
    }
    return false
  }

  /** Of so many requests that stand in the page. */
  #reserve(count: number, idlePots: number): number {
    const callPage = this.#page
    callPage[countAt] = count
    callPage[idlePotsAt] = idlePots
    const reserve = this.#ledgerReserve
    reserve()
    return callPage[statusAt]!
  }

  #step(token: number, call: () => void): StepResult {
    this.#page[tokenAt] = requireInteger('token', token, 0, integerMax)
    call()
    return this.#page[statusAt] === ok ? granted : refusedStep(this.#page)
  }
}

/** Of a slot in the page, as `ledgerRead` leaves it there. */
const slotDoubles = 8

/** Where request `index` stands in the page. */
function rowOf(index: number): number {
  return rowsAt + index * 3
}

/** Request `index` of several, checked, as numbers of its own: its getters may call anything. */
function readRequest(request: ReserveRequest | undefined, index: number, rows: Float64Array): void {
  if (typeof request !== 'object' || request === null) throw noRequest(`requests[${index}]`, request)
  const { handle, capitalMinor, leaseUntilNs } = request
  try {
    rows[index * 3] = requireInteger('handle', handle, 0, handleMax)
    rows[index * 3 + 1] = requireInteger('capitalMinor', capitalMinor, 1, integerMax)
    rows[index * 3 + 2] = requireInteger('leaseUntilNs', leaseUntilNs, 0, integerMax)
  } catch (thrown) {
    throw ofRequest(index, thrown as SignalboxError)
  }
}

/** The same refusal, of one request among several. */
function ofRequest(index: number, { code, message, field, value }: SignalboxError): SignalboxError {
  return new SignalboxError(code, `requests[${index}].${message}`, { field: `requests[${index}].${field}`, value })
}

/** Why a step was refused. @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a release whose P&L the capital cannot take. */
function refusedStep(callPage: Float64Array): StepResult {
  const status = callPage[statusAt]
  if (status === ledgerStatus.capitalRange) throw beyondRange(callPage[capitalAt]!)
  return status === ledgerStatus.staleToken ? stale : illegal
}

function notBoolean(settled: unknown): SignalboxError {
  return invalidArgument('settled', `must be a boolean, got ${shown(settled)}`, settled)
}

function noRequest(field: string, value: unknown): SignalboxError {
  return invalidArgument(field, `must be an object { handle, capitalMinor, leaseUntilNs }, got ${shown(value)}`, value)
}

function beyondRange(capitalChangeMinor: number): SignalboxError {
  return invalidArgument(
    'capitalChangeMinor',
    `must leave the capital within ±(2^53 − 1) minor units, got ${capitalChangeMinor}`,
    capitalChangeMinor,
  )
}

function refusalOf(status: number): ReserveRefusal {
  const refusal = reserveRefusals[status - 1]
  if (refusal === undefined) throw new SignalboxError('ERR_INVARIANT', `RES: the ledger answered with ${status}`)
  return refusal
}
