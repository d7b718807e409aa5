import { IntegerMap } from '../base/integer-map.ts'

/** Who an event's handle is, for some time after the event has ended: for showing decisions that come a moment later. One thread. */
export class EventNames {
  readonly #ids = new IntegerMap<string>()
  /** Handles in the order in which they were told, round and round. */
  readonly #told: Float64Array
  #next = 0

  /** @param max - How many are remembered, the newest. */
  constructor(max: number) {
    this.#told = new Float64Array(max).fill(-1)
  }

  add(handle: number, eventId: string): void {
    if (this.#ids.has(handle)) return
    const oldest = this.#told[this.#next]!
    if (oldest >= 0) this.#ids.delete(oldest)
    this.#told[this.#next] = handle
    this.#next = (this.#next + 1) % this.#told.length
    this.#ids.set(handle, eventId)
  }

  /** Undefined: it was never told of, or long ago. */
  idOf(handle: number): string | undefined {
    return this.#ids.get(handle)
  }
}
