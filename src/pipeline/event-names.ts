/** Who an event's handle is, for some time after the event has ended: for showing decisions that come a moment later. One thread. */
export class EventNames {
  readonly #ids = new Map<number, string>()
  readonly #max: number

  /** @param max - How many are remembered, the newest. */
  constructor(max: number) {
    this.#max = max
  }

  add(handle: number, eventId: string): void {
    if (this.#ids.has(handle)) return
    this.#ids.set(handle, eventId)
    if (this.#ids.size <= this.#max) return
    for (const oldest of this.#ids.keys()) {
      this.#ids.delete(oldest)
      return
    }
  }

  /** Empty for one that was never told of. */
  idOf(handle: number): string {
    return this.#ids.get(handle) ?? ''
  }
}
