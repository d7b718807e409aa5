/**
 * Events by the rows that name them: open addressing over their ids' hashes, at most half full, so 8 to 16 bytes an event and no
 * texts. Ids are compared, so two events are never taken for one. One thread.
 */
import type { EntryStore } from './entry-store.ts'

export class EventSet {
  readonly #entries: EntryStore
  /** Row + 1; 0: free. */
  #slots = new Int32Array(1024)
  #count = 0

  constructor(entries: EntryStore) {
    this.#entries = entries
  }

  /** Takes the event of `row`. @returns False: it is there already, whatever the row. */
  add(row: number): boolean {
    const slot = this.#slotOf(row)
    if (this.#slots[slot] !== 0) return false
    this.#slots[slot] = row + 1
    this.#count += 1
    if (this.#count * 2 >= this.#slots.length) this.#grow()
    return true
  }

  /** Whether the event of `row` is there. */
  has(row: number): boolean {
    return this.#count > 0 && this.#slots[this.#slotOf(row)] !== 0
  }

  /** Where the event is, or the free place where it would be. */
  #slotOf(row: number): number {
    const [entries, slots] = [this.#entries, this.#slots]
    const mask = slots.length - 1
    let slot = entries.eventIdHash(row) & mask
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (entries.isSameEvent(row, found - 1)) break
      slot = (slot + 1) & mask
    }
    return slot
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Int32Array(old.length * 2)
    for (const found of old) if (found !== 0) this.#slots[this.#slotOf(found - 1)] = found
  }
}

/** The events that some entry selected and has an outcome of. */
export function tradedEvents(entries: EntryStore): EventSet {
  const traded = new EventSet(entries)
  for (let entry = 0; entry < entries.count; entry++) {
    const firstRow = entries.firstRow(entry)
    const end = firstRow + entries.selectedCount(entry)
    for (let row = firstRow; row < end; row++) if (!Number.isNaN(entries.pnl(row))) traded.add(row)
  }
  return traded
}
