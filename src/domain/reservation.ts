/** Reservations: the outcomes of admission and the states of a position's slot (ERRATA E3–E7). */

/** A slot's states. RESERVED → SUBMITTED → OPEN → CLOSING → free; the numbers are what the ledger stores. */
export const slotStates = { RESERVED: 1, SUBMITTED: 2, OPEN: 3, CLOSING: 4 } as const
/** A slot's state by name. */
export type SlotState = keyof typeof slotStates
export const slotStateNames = ['FREE', 'RESERVED', 'SUBMITTED', 'OPEN', 'CLOSING'] as const

/** The refusals in their order of precedence; what each means is said at {@link ReserveRefusal}. */
export const reserveRefusals = ['EVENT_CLAIMED', 'INTERLOCKED', 'SLOT_TAKEN', 'MAX_POSITIONS', 'NO_CAPITAL'] as const
/**
 * Why the ledger refused; if several apply, the first in this order.
 *
 * - `EVENT_CLAIMED`: the event is reserved already, spent, not actionable any more, or gone.
 * - `INTERLOCKED`: a position of an incompatible type is in scope.
 * - `SLOT_TAKEN`: the symbol holds its maximum of positions; so it is, too, before anybody has set limits.
 * - `MAX_POSITIONS`: the account does.
 * - `NO_CAPITAL`: the account, or the type's pot, has less than was asked for.
 */
export type ReserveRefusal = (typeof reserveRefusals)[number]

/** What a journal entry says of a reservation; a decision's record holds the index. */
export const reservationStatuses = ['NOT_ATTEMPTED', 'SUCCESS', ...reserveRefusals, 'STALE_TOKEN'] as const
export type ReservationStatus = (typeof reservationStatuses)[number]
