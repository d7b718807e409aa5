/** Reservations: admission of positions through the region's ledger (ERRATA E3–E7). Belongs to the thread that attached. */
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { type ReserveRefusal, reserveRefusals } from '../domain/reservation.ts'
import type { BackendAttachment } from './backend/backend.ts'
import { handleMax, idlePotsMax, layout, ledgerStatus, page } from './layout.ts'
import type { RegionShape } from './schema.ts'

/** What to reserve: one event's position. */
export interface ReserveRequest {
  /** The event's handle; its type and symbol stand in the registry. */
  readonly handle: number
  /** Minor units of the quote currency, an integer in 1 … 2^53 − 1. */
  readonly capitalMinor: number
  /** Until when nobody may recover it, on the ledger's time (monotonic live, event time in replay), an integer. */
  readonly leaseUntilNs: number
}

export type ReserveResult =
  | { readonly ok: true; readonly token: number }
  | { readonly ok: false; readonly refusal: ReserveRefusal }

/** `index`: the first request that could not be admitted. */
export type ReserveAllResult =
  | { readonly ok: true; readonly tokens: readonly number[] }
  | { readonly ok: false; readonly refusal: ReserveRefusal; readonly index: number }

export type StepResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly refusal: 'STALE_TOKEN' | 'ILLEGAL_STATE' }

/** What the ledger enforces. */
export interface ReservationLimits {
  /** Minor units; may be negative after losses, and then admits nothing. */
  readonly capitalMinor: number
  /** 1 … the region's `positionsMax`. */
  readonly maxOpenPositions: number
  /** 1 … 65,535. */
  readonly maxPositionsPerSymbol: number
  /** By type index: the type indices that may be held beside it (itself always). Null: any. */
  readonly interlock: {
    readonly scope: 'account' | 'symbol'
    readonly compatible: readonly (readonly number[])[]
  } | null
  /** Up to 16 pots with a share each (Σ ≤ 10⁶ parts per million), and the pot of each type (−1: none). Null: one pot. */
  readonly pots: { readonly sharesPpm: readonly number[]; readonly ofType: readonly number[] } | null
}

/** One used slot of the ledger. */
export interface PositionSlot {
  readonly token: number
  readonly handle: number
  readonly capitalMinor: number
  readonly symbolIndex: number
  readonly typeIndex: number
  /** `slotStates` of domain/reservation.ts. */
  readonly state: number
  /** The participant that reserved it. */
  readonly owner: number
  readonly leaseUntilNs: number
}

const granted = { ok: true } as const
const stale = { ok: false, refusal: 'STALE_TOKEN' } as const
const illegal = { ok: false, refusal: 'ILLEGAL_STATE' } as const

/**
 * Who holds which capital for which event. Every change is one compare-and-swap of the whole ledger: atomic across every
 * attached thread, lock-free, and either committed or without trace.
 */
export class Reservations {
  readonly #attachment: BackendAttachment
  /** The calls of every reservation, out of the attachment, whose many properties make them slow to find. */
  readonly #ledgerReserve: () => void
  readonly #ledgerRelease: () => void
  readonly #page: Float64Array<SharedArrayBuffer>
  readonly #shape: RegionShape
  readonly #guard: () => void

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
   * limits (RES-2), an event is held at most once (RES-3). Each success is owed exactly one `submit` or `release`; after
   * `leaseUntilNs` anyone may recover it. Never blocks.
   *
   * @returns The reservation's fencing token, or one refusal; if several apply, the first in `reserveRefusals`.
   * @throws {SignalboxError} `ERR_CLOSED` after `close()`; `ERR_INVALID_ARGUMENT` outside the ranges.
   * @see specification part 3; ERRATA E3, E4
   */
  reserve(request: ReserveRequest): ReserveResult {
    this.#guard()
    this.#putRequest(request, page.rows)
    const status = this.#reserve(1, 0)
    if (status === ledgerStatus.ok) return { ok: true, token: this.#page[page.rows]! }
    return { ok: false, refusal: refusalOf(status) }
  }

  /**
   * Reserves positions for a whole set of events in one commit: all of them or none.
   *
   * @param requests - 1 … as many as the ledger has slots.
   * @param idlePots - Pots that the decision found idle and that lend at this admission, as a mask (bit = pot).
   */
  reserveAll(requests: readonly ReserveRequest[], idlePots = 0): ReserveAllResult {
    this.#guard()
    requireInteger('requests.length', requests.length, 1, this.#shape.positionsMax)
    for (let index = 0; index < requests.length; index += 1) this.#putRequest(requests[index]!, rowOf(index))
    const status = this.#reserve(requests.length, requireInteger('idlePots', idlePots, 0, idlePotsMax))
    if (status !== ledgerStatus.ok) {
      return { ok: false, refusal: refusalOf(status), index: this.#page[page.refused]! }
    }
    return { ok: true, tokens: requests.map((_, index) => this.#page[rowOf(index)]!) }
  }

  /** RESERVED → SUBMITTED: to be called, and to succeed, before the order leaves. From here the event is spent. */
  submit(token: number): StepResult {
    return this.#step(token, this.#attachment.ledgerSubmit)
  }

  /** SUBMITTED → OPEN: the venue filled the entry. */
  open(token: number): StepResult {
    return this.#step(token, this.#attachment.ledgerOpen)
  }

  /** OPEN → CLOSING: the exit is on its way. */
  close(token: number): StepResult {
    return this.#step(token, this.#attachment.ledgerClose)
  }

  /**
   * Frees the slot of `token` and changes the capital by `capitalChangeMinor` (realised P&L) in the same commit.
   *
   * @param settled - The venue's word that nothing is live: it refused the entry, or filled the exit. Without it only a
   *   RESERVED slot can be released.
   * @returns `STALE_TOKEN` if the token holds nothing (any more); `ILLEGAL_STATE` if the slot may not be freed like that.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT`, and nothing is freed, if the capital would leave ±(2^53 − 1) minor units.
   */
  release(token: number, settled = false, capitalChangeMinor = 0): StepResult {
    this.#page[page.settled] = settled ? 1 : 0
    this.#page[page.capital] = requireMinor('capitalChangeMinor', capitalChangeMinor)
    return this.#step(token, this.#ledgerRelease)
  }

  /** Frees every RESERVED slot whose lease ended at or before `nowNs`; SUBMITTED and later never expire. Returns how many. */
  recover(nowNs: number): number {
    this.#guard()
    this.#page[page.now] = requireInteger('nowNs', nowNs, 0, Number.MAX_SAFE_INTEGER)
    this.#attachment.ledgerRecover()
    return this.#page[page.count]!
  }

  /** Replaces capital and limits. Positions beyond the new limits stay; the limits only refuse further ones. */
  setLimits(limits: ReservationLimits): void {
    this.#guard()
    const { typeCount, positionsMax } = this.#shape
    const callPage = this.#page
    const at = page.rows
    callPage.fill(0, at, at + 4 + layout.typesMax * 3 + layout.potsMax)
    callPage[at] = requireMinor('capitalMinor', limits.capitalMinor)
    callPage[at + 1] = requireInteger('maxOpenPositions', limits.maxOpenPositions, 1, positionsMax)
    callPage[at + 2] = requireInteger('maxPositionsPerSymbol', limits.maxPositionsPerSymbol, 1, 65_535)
    let flags = 0
    const pots = limits.pots
    if (pots !== null) {
      flags |= layout.flagPots
      requireInteger('pots.sharesPpm.length', pots.sharesPpm.length, 0, layout.potsMax)
      requireInteger(
        'pots.sharesPpm: the sum',
        pots.sharesPpm.reduce((sum, share) => sum + requireInteger('pots.sharesPpm', share, 0, 1_000_000), 0),
        0,
        1_000_000,
      )
      pots.ofType.forEach((pot, type) => {
        requireInteger('pots.ofType', pot, -1, pots.sharesPpm.length - 1)
        callPage[at + 4 + type] = pot + 1
      })
      pots.sharesPpm.forEach((share, pot) => {
        callPage[at + 4 + layout.typesMax + pot] = share
      })
    }
    const masks = at + 4 + layout.typesMax + layout.potsMax
    const interlock = limits.interlock
    if (interlock !== null) {
      flags |= layout.flagInterlock | (interlock.scope === 'symbol' ? layout.flagInterlockBySymbol : 0)
    }
    for (let type = 0; type < typeCount; type += 1) {
      const halves = [0, 0]
      for (const other of [type, ...(interlock?.compatible[type] ?? [])]) {
        requireInteger('interlock.compatible', other, 0, typeCount - 1)
        halves[other >> 5] = (halves[other >> 5]! | (1 << (other & 31))) >>> 0
      }
      callPage[masks + type * 2] = halves[0]!
      callPage[masks + type * 2 + 1] = halves[1]!
    }
    callPage[at + 3] = flags
    this.#attachment.ledgerSetLimits()
  }

  /** The used slots in the order of admission, as of one instant. */
  positions(): PositionSlot[] {
    return this.account().positions
  }

  /** Capital (minor units) and used slots (in the order of admission) as of one instant. Lock-free. */
  account(): { readonly capitalMinor: number; readonly positions: PositionSlot[] } {
    this.#guard()
    this.#attachment.ledgerRead()
    const callPage = this.#page
    const positions = Array.from({ length: callPage[page.count]! }, (_, index) => {
      const row = page.rows + index * 8
      return {
        token: callPage[row]!,
        handle: callPage[row + 1]!,
        capitalMinor: callPage[row + 2]!,
        symbolIndex: callPage[row + 3]!,
        typeIndex: callPage[row + 4]!,
        state: callPage[row + 5]!,
        owner: callPage[row + 6]!,
        leaseUntilNs: callPage[row + 7]!,
      }
    })
    return { capitalMinor: callPage[page.capital]!, positions }
  }

  /** The account's capital, minor units. */
  capitalMinor(): number {
    return this.account().capitalMinor
  }

  #putRequest({ handle, capitalMinor, leaseUntilNs }: ReserveRequest, row: number): void {
    const callPage = this.#page
    callPage[row] = requireInteger('handle', handle, 0, handleMax)
    callPage[row + 1] = requireInteger('capitalMinor', capitalMinor, 1, Number.MAX_SAFE_INTEGER)
    callPage[row + 2] = requireInteger('leaseUntilNs', leaseUntilNs, 0, Number.MAX_SAFE_INTEGER)
  }

  /** Of so many requests that stand in the page. */
  #reserve(count: number, idlePots: number): number {
    const callPage = this.#page
    callPage[page.count] = count
    callPage[page.idlePots] = idlePots
    const reserve = this.#ledgerReserve
    reserve()
    return callPage[page.status]!
  }

  #step(token: number, call: () => void): StepResult {
    this.#guard()
    this.#page[page.token] = requireInteger('token', token, 0, Number.MAX_SAFE_INTEGER)
    call()
    const status = this.#page[page.status]!
    if (status === ledgerStatus.ok) return granted
    if (status === ledgerStatus.capitalRange) throw beyondRange(this.#page[page.capital]!)
    return status === ledgerStatus.staleToken ? stale : illegal
  }
}

/** Where request `index` stands in the page. */
function rowOf(index: number): number {
  return page.rows + index * 3
}

function requireMinor(field: string, value: number): number {
  return requireInteger(field, value, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
}

function beyondRange(capitalChangeMinor: number): SignalboxError {
  return new SignalboxError(
    'ERR_INVALID_ARGUMENT',
    `capitalChangeMinor must leave the capital within ±(2^53 − 1) minor units, got ${capitalChangeMinor}`,
    { field: 'capitalChangeMinor', value: capitalChangeMinor },
  )
}

function refusalOf(status: number): ReserveRefusal {
  const refusal = reserveRefusals[status - 1]
  if (refusal === undefined) throw new SignalboxError('ERR_INVARIANT', `RES: the ledger answered with ${status}`)
  return refusal
}
