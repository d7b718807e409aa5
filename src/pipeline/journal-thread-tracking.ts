/** The end at which the tracker on the journal's thread is told of the market; on the order stage's thread. */
import { SignalboxError } from '../base/errors.ts'
import { FrameProducer } from '../channel/frame-ring.ts'
import type { TrackingPort } from '../stages/counterfactual/tracking-frames.ts'
import { type JournalThreadAddress, JournalThreadPort } from './journal-thread-port.ts'

export class JournalThreadTracking implements TrackingPort {
  readonly payload: Float64Array
  readonly #producer: FrameProducer
  readonly #patient: JournalThreadPort | null
  #isClosed = false

  /** @param isPatient - A replay waits for room, and nothing is lost; a live run does not. */
  constructor(address: JournalThreadAddress, isPatient: boolean) {
    this.#producer = new FrameProducer(address.ring)
    this.#patient = isPatient ? new JournalThreadPort(address) : null
    this.payload = (this.#patient ?? this.#producer).payload
  }

  /** @throws {SignalboxError} `ERR_IO` when the journal's thread has failed, in a replay; live nothing is tracked any more then. */
  claim(length: number): number {
    if (this.#patient !== null) return this.#patient.claim(length)
    try {
      return this.#isClosed ? -1 : this.#producer.tryClaim(length)
    } catch (thrown) {
      if (!(thrown instanceof SignalboxError && thrown.code === 'ERR_CLOSED')) throw thrown
      // The thread has ended: the journal's own port tells.
      this.#isClosed = true
      return -1
    }
  }

  commit(kind: number, length: number): void {
    ;(this.#patient ?? this.#producer).commit(kind, length)
  }

  close(): void {
    this.#isClosed = true
    this.#producer.close()
  }
}
