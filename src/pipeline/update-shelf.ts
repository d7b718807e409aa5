/**
 * State updates that wait for a stage of the same thread: one a symbol, the latest wins, as `conflate` has it between threads. A stage
 * that is slow sees the newest state of each symbol next, and nothing piles up. One thread.
 */
import type { StateUpdate } from '../domain/message.ts'

export class UpdateShelf {
  readonly #updates: readonly StateUpdate[]
  readonly #isWaiting: Uint8Array
  /** How often one took another's place. */
  conflated = 0

  constructor(symbolCount: number) {
    this.#updates = Array.from({ length: symbolCount }, (_, symbolIndex) => ({
      kind: 'state' as const,
      symbolIndex,
      atNs: 0,
      stateVersion: 0,
    }))
    this.#isWaiting = new Uint8Array(symbolCount)
  }

  /** @returns What waits from now on; null: its symbol waited already, and now says this. */
  put({ symbolIndex, atNs, stateVersion }: StateUpdate): StateUpdate | null {
    const update = this.#updates[symbolIndex]!
    update.atNs = atNs
    update.stateVersion = stateVersion
    if (this.#isWaiting[symbolIndex] === 1) {
      this.conflated += 1
      return null
    }
    this.#isWaiting[symbolIndex] = 1
    return update
  }

  /** All that waited has been seen. */
  clear(): void {
    this.#isWaiting.fill(0)
  }
}
