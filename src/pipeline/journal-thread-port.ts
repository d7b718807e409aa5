/** The sending end of a journal that has a thread of its own; on whichever one thread sends to it. */
import { SignalboxError } from '../base/errors.ts'
import { FrameProducer } from '../channel/frame-ring.ts'
import type { JournalPort } from '../journal/journal-frame.ts'
import { JournalStatus } from './journal-status.ts'

/** Where the journal's thread is reached: structured-cloneable. */
export interface JournalThreadAddress {
  readonly folder: string
  readonly ring: SharedArrayBuffer
  readonly status: SharedArrayBuffer
}

/** While the ring is full, how often it is looked at why. */
const claimSliceMs = 50

export class JournalThreadPort implements JournalPort {
  readonly payload: Float64Array
  readonly #folder: string
  readonly #producer: FrameProducer
  readonly #status: JournalStatus

  readonly #onWaiting: () => void

  /** @param onWaiting - Called now and then while the sender waits for room: a disk may take its time. */
  constructor({ folder, ring, status }: JournalThreadAddress, onWaiting: () => void = () => undefined) {
    this.#onWaiting = onWaiting
    this.#folder = folder
    this.#producer = new FrameProducer(ring)
    this.#status = new JournalStatus(status)
    this.payload = this.#producer.payload
  }

  /** @throws {SignalboxError} `ERR_IO` when the ring is full and the disk refuses, or when the journal's thread has failed. */
  claim(length: number): number {
    try {
      for (;;) {
        const start = this.#producer.claim(length, claimSliceMs)
        if (start >= 0) return start
        this.#onWaiting()
        const { state, text } = this.#status
        if (state === 'stopped') {
          const message = `the journal cannot be written (${text}), and its queue is full: what comes now is not journalled`
          throw new SignalboxError('ERR_IO', message, { field: this.#folder })
        }
        if (state === 'failed') throw journalFailure(this.#folder, this.#status)
      }
    } catch (thrown) {
      throw this.#status.state === 'failed' ? journalFailure(this.#folder, this.#status) : thrown
    }
  }

  commit(kind: number, length: number): void {
    this.#producer.commit(kind, length)
  }
}

export function journalFailure(folder: string, status: JournalStatus): SignalboxError {
  return new SignalboxError('ERR_IO', status.text, { field: folder })
}
