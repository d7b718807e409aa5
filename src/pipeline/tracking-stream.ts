/** The tracker's own stream of frames, on the journal's thread: taken as far as the journal's own stream allows. */
import { FrameConsumer } from '../channel/frame-ring.ts'
import type { JournalDesk } from './journal-desk.ts'

export class TrackingStream {
  readonly #consumer: FrameConsumer
  readonly #desk: JournalDesk
  /** A frame that waits for the other stream. */
  #held: { readonly kind: number; readonly payload: Float64Array } | null = null

  constructor(memory: SharedArrayBuffer, desk: JournalDesk) {
    this.#consumer = new FrameConsumer(memory)
    this.#desk = desk
  }

  /** Takes frames of about so many doubles. @returns True: there may be more. */
  take(doublesMax: number): boolean {
    return this.#take(doublesMax, false)
  }

  /** Takes all that is left: the other stream has ended, and nothing waits for it any more. */
  takeRest(): void {
    this.#take(Number.POSITIVE_INFINITY, true)
  }

  close(): void {
    this.#consumer.close()
  }

  #take(doublesMax: number, isEnd: boolean): boolean {
    const desk = this.#desk
    const held = this.#held
    if (held !== null) {
      if (!isEnd && !desk.wants(held.kind, held.payload, 0)) return false
      this.#held = null
      desk.takeTracking(held.kind, held.payload, 0, held.payload.length)
    }
    const { payload } = this.#consumer
    let taken = 0
    while (taken < doublesMax) {
      const frame = this.#consumer.tryReceive()
      if (frame === null) break
      const { kind, start, length } = frame
      if (!isEnd && !desk.wants(kind, payload, start)) {
        this.#held = { kind, payload: payload.slice(start, start + length) }
        break
      }
      desk.takeTracking(kind, payload, start, length)
      taken += length
    }
    this.#consumer.release()
    return taken >= doublesMax
  }
}
