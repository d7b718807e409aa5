/**
 * Events that were read last. An event crosses with each of its changes and with each decision that selects it, and is mostly what it was: then
 * it is the same object, and nothing is made. Who reads events never changes them. One thread.
 */
import type { MarketEvent } from '../domain/event.ts'
import { namePlaces, type WireSlot } from './wire-slot.ts'

/** Of an event behind its id, without its evidence. */
export const eventNumbers = 16

/** A power of two, and few: what is kept is copied by each collection. */
const places = Math.min(64, namePlaces)

export class EventMemory {
  readonly #numbers = new Float64Array(places * eventNumbers)
  readonly #events: (MarketEvent | null)[] = new Array(places).fill(null)

  /** The event of this id whose numbers are those that come next in the slot; null: it is not remembered. The id was taken last. */
  find(slot: WireSlot, eventId: string): MarketEvent | null {
    const place = slot.namePlace & (places - 1)
    const event = this.#events[place]!
    if (event === null || event.eventId !== eventId) return null
    return slot.isNext(this.#numbers, place * eventNumbers, eventNumbers) ? event : null
  }

  /** The numbers of the event that is read now come next in the slot. The id was taken last. @returns Its place for {@link put}; −1: none. */
  begin(slot: WireSlot): number {
    if (slot.namePlace < 0) return -1
    const place = slot.namePlace & (places - 1)
    this.#events[place] = null
    slot.copyNext(this.#numbers, place * eventNumbers, eventNumbers)
    return place
  }

  put(place: number, event: MarketEvent): void {
    if (place >= 0) this.#events[place] = event
  }
}
