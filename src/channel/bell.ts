/**
 * Where a receiving thread waits: the flag and the bell of one channel, or of several that share them (`Channel.create`, `bell`), so that
 * the thread can wait for any of these. Each receiver has a Bell of its own over the same words, which lie in the page of the channel
 * that was made first.
 *
 * `parking.ts` says why one waiter may wait now for this and now for that, and why there must be one: a bell belongs to the thread that
 * opened the first receiver of its channels, until that thread's end is confirmed (`Channel.freeOwner`), and while one of its receivers
 * waits on an event loop no other may. What only that thread looks at are plain words: `bellWaiter` and `bellMark`.
 */
import { SignalboxError } from '../base/errors.ts'
import { type ChannelMemory, channelWord } from './channel-memory.ts'
import { Parking } from './parking.ts'

export class Bell {
  readonly #words: Int32Array
  readonly #ownerTag: number
  readonly #parking: Parking

  constructor(memory: ChannelMemory, ownerTag: number) {
    this.#words = memory.bellWords
    this.#ownerTag = ownerTag
    this.#parking = receiverParking(memory)
  }

  /** As `Parking.wait`. @throws {SignalboxError} `ERR_INVALID_ARGUMENT` while a {@link waitAsync} of this bell is pending. */
  wait(isReady: () => boolean, timeoutMs: number): boolean {
    this.#requireAlone()
    return this.#parking.wait(isReady, timeoutMs)
  }

  /** As `Parking.waitAsync`. @throws {SignalboxError} as {@link wait}. */
  async waitAsync(isReady: () => boolean, timeoutMs: number): Promise<boolean> {
    this.#requireAlone()
    // The owner's number: what a dead thread left there stops nobody.
    this.#words[channelWord.bellWaiter] = this.#ownerTag
    try {
      return await this.#parking.waitAsync(isReady, timeoutMs)
    } finally {
      this.#words[channelWord.bellWaiter] = 0
    }
  }

  /** Wakes whoever waits here, parked or about to. Any thread; wait-free. */
  ring(): void {
    this.#parking.ring()
  }

  /**
   * True if both lie at the same place. Two messages bring one memory as two objects, so what is asked is the memory itself: its owner alone
   * writes the mark, and no other place has the one that it writes.
   */
  isSameAs(other: Bell): boolean {
    this.#words[channelWord.bellMark] = other.#words[channelWord.bellMark]! + 1
    return this.#words[channelWord.bellMark] === other.#words[channelWord.bellMark]
  }

  #requireAlone(): void {
    if (this.#words[channelWord.bellWaiter] !== this.#ownerTag) return
    throw new SignalboxError('ERR_INVALID_ARGUMENT', 'this end of the channel waits already: await that first')
  }
}

/** Where a channel's receiver waits, for those who wake it. */
export function receiverParking({ bellWords, options }: ChannelMemory): Parking {
  return new Parking(bellWords, channelWord.receiverFlag, channelWord.receiverBell, options.spinUs)
}
