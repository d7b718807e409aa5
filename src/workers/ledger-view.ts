/** A strategy's view of the ledger: the account as of one instant, and whether it has changed since it was last looked at. One thread. */
import { slotStateNames } from '../domain/reservation.ts'
import type { PositionSlot, Reservations } from '../region/reservations.ts'
import type { StrategyPosition } from '../strategy/worker-strategy.ts'

export class LedgerView {
  capitalMinor = 0
  slots: readonly PositionSlot[] = []
  /** Grows whenever capital or slots are others than at the look before. */
  changes = 0
  readonly #reservations: Reservations
  readonly #participant: number
  readonly #symbols: readonly string[]
  readonly #types: readonly string[]
  #positions: readonly StrategyPosition[] | null = null

  constructor(reservations: Reservations, participant: number, symbols: readonly string[], types: readonly string[]) {
    this.#reservations = reservations
    this.#participant = participant
    this.#symbols = symbols
    this.#types = types
  }

  look(): void {
    const { capitalMinor, positions } = this.#reservations.account()
    const isSame =
      capitalMinor === this.capitalMinor &&
      positions.length === this.slots.length &&
      positions.every(({ token, state }, at) => token === this.slots[at]!.token && state === this.slots[at]!.state)
    if (isSame) return
    this.capitalMinor = capitalMinor
    this.slots = positions
    this.changes += 1
    this.#positions = null
  }

  /** Somebody holds the event. */
  holds(handle: number): boolean {
    return this.slots.some((slot) => slot.handle === handle)
  }

  /** Minor units that nobody holds, ≥ 0. */
  get freeMinor(): number {
    return Math.max(
      0,
      this.slots.reduce((left, slot) => left - slot.capitalMinor, this.capitalMinor),
    )
  }

  /** As a strategy sees them; made when it first asks. */
  get positions(): readonly StrategyPosition[] {
    this.#positions ??= this.slots.map((slot) => ({
      symbol: this.#symbols[slot.symbolIndex]!,
      eventType: this.#types[slot.typeIndex]!,
      capitalMinor: slot.capitalMinor,
      state: slotStateNames[slot.state] as StrategyPosition['state'],
      isOwn: slot.owner === this.#participant,
    }))
    return this.#positions
  }
}
