/**
 * A sending end for an event loop: it never blocks the thread, and loses nothing. What finds no room waits in this thread's memory, in
 * order, and goes as room comes. Whoever feeds it is told when something waits, and when nothing does any more, so that it can hold
 * back: so memory is bounded by what was on its way when it was told. One thread.
 */
import { SignalboxError } from '../base/errors.ts'
import type { Sender } from '../channel/sender.ts'

export interface PatientSenderOptions<T> {
  /** Of a record that its owner may use again. */
  readonly copy: (record: T) => T
  /** Something waits (true), or nothing does any more (false). */
  readonly onCongestion: (isCongested: boolean) => void
}

export class PatientSender<T> {
  readonly #sender: Sender<T>
  readonly #options: PatientSenderOptions<T>
  /** What waits, from {@link #head} on. */
  #queue: T[] = []
  #head = 0
  #isGone = false
  #isDraining = false
  #lost = 0
  #waitingMax = 0

  constructor(sender: Sender<T>, options: PatientSenderOptions<T>) {
    this.#sender = sender
    this.#options = options
  }

  /** Records that were sent when nobody received any more, and those that waited then. */
  get lost(): number {
    return this.#lost
  }

  /** Records that wait here for room. */
  get waiting(): number {
    return this.#queue.length - this.#head
  }

  /** The most that ever waited. */
  get waitingMax(): number {
    return this.#waitingMax
  }

  /** Sends a record, now or when there is room. */
  send(record: T): void {
    if (this.#isGone) {
      this.#lost += 1
      return
    }
    if (this.waiting > 0 || !this.#sender.hasRoom) {
      this.#queue.push(this.#options.copy(record))
      this.#waitingMax = Math.max(this.#waitingMax, this.waiting)
      if (this.waiting === 1) this.#begin()
      return
    }
    this.#sendNow(record)
  }

  /**
   * Sends a record and blocks the thread until there is room for it; only while nothing else has to be done.
   * @returns False: there was none in time, and it was not sent.
   */
  sendBlocking(record: T, timeoutMs: number): boolean {
    if (!this.#isGone && this.waiting === 0) return this.#sendNow(record, timeoutMs)
    this.send(record)
    return true
  }

  /** Sends what waits as far as there is room; for who cannot wait for the event loop. */
  flush(): void {
    if (this.waiting === 0) return
    while (this.waiting > 0 && this.#sender.hasRoom) {
      const record = this.#queue[this.#head]!
      this.#head += 1
      this.#sendNow(record)
    }
    if (this.waiting > 0 || this.#isGone) return
    this.#queue = []
    this.#head = 0
    this.#options.onCongestion(false)
  }

  /** Nobody will receive any more. What waits is lost, and counted. */
  giveUp(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#lost += this.waiting
    const isCongested = this.#queue.length > 0
    this.#queue = []
    this.#head = 0
    if (isCongested) this.#options.onCongestion(false)
  }

  #begin(): void {
    this.#options.onCongestion(true)
    // One that still waits for the room that somebody else has used goes on with what waits now.
    if (!this.#isDraining) void this.#drain()
  }

  async #drain(): Promise<void> {
    this.#isDraining = true
    while (this.waiting > 0 && !this.#isGone) {
      await this.#room()
      this.flush()
    }
    this.#isDraining = false
  }

  async #room(): Promise<void> {
    try {
      await this.#sender.waitForRoomAsync()
    } catch (thrown) {
      this.#close(thrown)
    }
  }

  /** @returns False: there was no room in time. A record for a closed channel is lost, and counted. */
  #sendNow(record: T, timeoutMs?: number): boolean {
    try {
      return this.#sender.send(record, timeoutMs)
    } catch (thrown) {
      this.#lost += 1
      this.#close(thrown)
      return true
    }
  }

  /** The channel was closed under it. */
  #close(thrown: unknown): void {
    if (!(thrown instanceof SignalboxError && thrown.code === 'ERR_CLOSED')) throw thrown
    this.giveUp()
  }
}
