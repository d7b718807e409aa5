/**
 * Judges claims of strategies in workers, before anything is ordered: whether the ledger and the events say what the claim says.
 * Nothing of a claim is believed but that its strategy sent it. On the order stage's thread.
 */
import { messageOf } from '../../base/errors.ts'
import { IntegerMap } from '../../base/integer-map.ts'
import type { ClaimDismissal, StrategyClaim } from '../../domain/claim.ts'
import { isActionable, lifecycle, type MarketEvent } from '../../domain/event.ts'
import type { EventChange, Grant } from '../../domain/message.ts'
import { slotStates } from '../../domain/reservation.ts'
import type { PositionSlot, Reservations } from '../../region/reservations.ts'
import { requirePlan } from '../../strategy/plan-check.ts'

/** What is to be said of a claim. */
export interface ClaimVerdict {
  /** What to act on; null: nothing, for `reason`. */
  readonly grant: Grant | null
  readonly reason: ClaimDismissal
  readonly detail: string
  /** The strategy has the slot: whoever dismisses the claim releases it. */
  readonly isHeld: boolean
}

export class ClaimDesk {
  readonly #reservations: Reservations
  readonly #halted: () => Extract<ClaimDismissal, 'halted' | 'stale_state'> | null
  /** Actionable events by handle. */
  readonly #events = new IntegerMap<MarketEvent>()

  constructor(reservations: Reservations, halted: () => Extract<ClaimDismissal, 'halted' | 'stale_state'> | null) {
    this.#reservations = reservations
    this.#halted = halted
  }

  onEvent({ handle, event, state }: EventChange): void {
    if (isActionable(lifecycle[state])) this.#events.set(handle, event)
    else this.#events.delete(handle)
  }

  /** It may still be acted on. */
  isActionable(handle: number): boolean {
    return this.#events.has(handle)
  }

  /** @param lastTicksOf - The last traded price of a symbol; NaN before the first trade. */
  judge(claim: StrategyClaim, lastTicksOf: (symbolIndex: number) => number): ClaimVerdict {
    const slot = this.#slotOf(claim)
    const dismissed = (reason: ClaimDismissal, detail = ''): ClaimVerdict => ({
      grant: null,
      reason,
      detail,
      isHeld: slot !== null,
    })
    if (slot === null) return dismissed('unknown_token')
    const event = this.#events.get(slot.handle)
    if (event === undefined || !(event.expiresAtNs > claim.atNs)) return dismissed('event_over')
    const halt = this.#halted()
    if (halt !== null) return dismissed(halt)
    const lastTicks = lastTicksOf(event.symbolIndex)
    if (!(lastTicks >= 1)) return dismissed('no_price')
    try {
      requirePlan(claim.plan, lastTicks)
    } catch (thrown) {
      return dismissed('bad_plan', messageOf(thrown))
    }
    // The capital is what the ledger says, not what a claim could.
    const member = { event, handle: slot.handle, capitalMinor: slot.capitalMinor }
    const grant = { member, token: slot.token, sequence: 0, decidedAtNs: claim.atNs, strategy: claim.strategy }
    return { grant, reason: 'lost', detail: '', isHeld: true }
  }

  #slotOf({ token, handle, participant }: StrategyClaim): PositionSlot | null {
    const slot = this.#reservations.positions().find((one) => one.token === token)
    if (slot === undefined || slot.state !== slotStates.RESERVED) return null
    return slot.handle === handle && slot.owner === participant ? slot : null
  }
}
