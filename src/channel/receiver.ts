/**
 * The receiving end of a channel; it belongs to the thread that opened it.
 *
 * **Several senders.** Each has a lane of its own, and each record a ticket that its sender drew before it published it. A batch is a set
 * of records that is closed under "came before": look at every lane, remember the newest ticket that was seen, T; look again at every
 * lane until one such round brings no record older than T; then everything up to T is handed out in the order of the tickets.
 *
 * CHAN-5  If a record was sent (its send returned) before another's send began, it is received first, whoever sent them.
 *         Let r be in the batch and q have been sent before r's send began. q was published before r drew its ticket, so q's ticket is
 *         less than r's, and at most T. r was seen in some round; q was published before that, so the next round over all lanes sees q, and
 *         as there is always one more round after the last that brought something up to T, q is in the batch, before r, or was in one
 *         before.
 */
import { requireNumber } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { Bell } from './bell.ts'
import { type ChannelMemory, channelWord, counter, counterAt, laneWord, laneWordAt } from './channel-memory.ts'
import type { Codec } from './codec.ts'
import { LaneReader } from './lane.ts'
import { MailboxReader } from './mailbox.ts'
import { Parking } from './parking.ts'

export class Receiver<T> {
  readonly #memory: ChannelMemory
  readonly #ownerTag: number
  readonly #codec: Codec<T>
  readonly #lanes: readonly LaneReader[]
  readonly #mailbox: MailboxReader | null
  /** Where this end waits for records, and where the senders wait for room. */
  readonly #bell: Bell
  readonly #senders: readonly Parking[]
  readonly #countsAt: number
  readonly #isReady = (): boolean => this.hasNews || this.#wasClosed()
  #isClosed = false

  /** Made by `Channel.receiver`, which has claimed the end. */
  constructor(memory: ChannelMemory, ownerTag: number, codec: Codec<T>) {
    const { words, options } = memory
    const lanes = Array.from({ length: options.senders }, (_, lane) => lane)
    this.#memory = memory
    this.#ownerTag = ownerTag
    this.#codec = codec
    this.#lanes = lanes.map((lane) => new LaneReader(memory, lane))
    this.#mailbox = options.whenFull === 'conflate' ? new MailboxReader(memory) : null
    this.#bell = new Bell(memory, ownerTag)
    this.#senders = lanes.map((lane) => {
      const flag = laneWordAt(lane, laneWord.senderFlag)
      return new Parking(words, flag, laneWordAt(lane, laneWord.senderBell), options.spinUs)
    })
    this.#countsAt = counterAt(options.senders, 0)
  }

  /** True if {@link receive} may have something. Wait-free. */
  get hasNews(): boolean {
    if (this.#mailbox !== null) return this.#mailbox.hasNews()
    for (let lane = 0; lane < this.#lanes.length; lane += 1) if (this.#lanes[lane]!.hasNews()) return true
    return false
  }

  /** An array of `count` records to receive into. */
  batch(count: number): T[] {
    return Array.from({ length: count }, () => this.#codec.create())
  }

  /**
   * Takes what is there, into `into[0 … n − 1]`; never waits. Of one sender in its order, of several in the order of their sends.
   * What was received is the receiver's affair: the channel has forgotten it.
   *
   * @returns How many: 0 if there is nothing (any more).
   * @throws {SignalboxError} `ERR_CLOSED` after this end was closed. What the codec throws: then nothing was taken.
   */
  receive(into: readonly T[]): number {
    if (this.#isClosed) throw this.#closedError()
    const count =
      this.#mailbox !== null
        ? this.#receiveLatest(this.#mailbox, into)
        : this.#lanes.length === 1
          ? this.#receiveFrom(this.#lanes[0]!, into)
          : this.#receiveMerged(into)
    if (count > 0) this.#memory.counts[this.#countsAt + counter.received]! += count
    return count
  }

  /**
   * Blocks the thread until {@link receive} may have something or the channel is closed, at most `timeoutMs`.
   *
   * @returns False: the channel is closed and there is nothing left, or the time is over. {@link isAtEnd} tells which.
   * @throws {SignalboxError} `ERR_CLOSED` after this end was closed.
   */
  wait(timeoutMs = Number.POSITIVE_INFINITY): boolean {
    this.#beforeWait(timeoutMs)
    this.#bell.wait(this.#isReady, timeoutMs)
    return this.hasNews
  }

  /** The same for event loops: the thread goes on meanwhile. A wait by itself does not keep the process alive. */
  async waitAsync(timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    this.#beforeWait(timeoutMs)
    await this.#bell.waitAsync(this.#isReady, timeoutMs)
    return this.hasNews
  }

  /** For `waitForAny`: where this end waits. @throws {SignalboxError} `ERR_CLOSED` after this end was closed. */
  get bell(): Bell {
    if (this.#isClosed) throw this.#closedError()
    return this.#bell
  }

  /** The channel is closed, and all that was sent was received. */
  get isAtEnd(): boolean {
    // In this order: what was sent before the close is seen by whoever sees the close.
    return this.#wasClosed() && !this.hasNews
  }

  /** Nobody will receive here any more: the channel is closed, and senders are told. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    Atomics.store(this.#memory.words, channelWord.closed, 1)
    Atomics.compareExchange(this.#memory.words, channelWord.receiverOwner, this.#ownerTag, 0)
    for (const sender of this.#senders) sender.ring()
    // A wait of this thread on its event loop.
    this.#bell.ring()
  }

  #receiveFrom(lane: LaneReader, into: readonly T[]): number {
    for (;;) {
      if (lane.seen < into.length) lane.look()
      const count = Math.min(lane.seen, into.length)
      if (count <= 0) return 0
      for (let index = 0; index < count; index += 1) {
        this.#codec.read(this.#memory.payload, lane.at(index), into[index]!)
      }
      if (!lane.take(count)) continue
      this.#senders[0]!.wake()
      return count
    }
  }

  #receiveLatest(mailbox: MailboxReader, into: readonly T[]): number {
    let count = 0
    while (count < into.length) {
      const at = mailbox.take()
      if (at < 0) break
      this.#codec.read(this.#memory.payload, at, into[count]!)
      count += 1
    }
    return count
  }

  #receiveMerged(into: readonly T[]): number {
    let count = 0
    let newest = this.#closeUnderBefore()
    while (newest !== null && count < into.length) {
      const lane = this.#oldestUpTo(newest)
      if (lane < 0) break
      const reader = this.#lanes[lane]!
      this.#codec.read(this.#memory.payload, reader.at(0) + 1, into[count]!)
      // Given up by its sender meanwhile: what is there now may be newer than T, and the rounds begin anew.
      if (reader.take(1)) count += 1
      else newest = this.#closeUnderBefore()
      this.#senders[lane]!.wake()
    }
    return count
  }

  /** Looks at all lanes as CHAN-5 says. @returns T, or null when there is nothing. */
  #closeUnderBefore(): number | null {
    let newest: number | null = null
    for (const lane of this.#lanes) {
      lane.look()
      if (lane.seen <= 0) continue
      const ticket = this.#ticketAt(lane, lane.seen - 1)
      if (newest === null || isLater(ticket, newest)) newest = ticket
    }
    if (newest === null) return null
    for (let isGrowing = true; isGrowing; ) {
      isGrowing = false
      for (const lane of this.#lanes) {
        const added = lane.look()
        // Tickets grow along a lane: the first of the new ones tells.
        const first = Math.max(0, lane.seen - added)
        if (added > 0 && lane.seen > 0 && !isLater(this.#ticketAt(lane, first), newest)) isGrowing = true
      }
    }
    return newest
  }

  /** The lane whose next record is the oldest of all, if it is not later than `newest`; −1: none. */
  #oldestUpTo(newest: number): number {
    let oldest = -1
    let oldestTicket = newest
    for (let index = 0; index < this.#lanes.length; index += 1) {
      const lane = this.#lanes[index]!
      if (lane.seen <= 0) continue
      const ticket = this.#ticketAt(lane, 0)
      if (isLater(ticket, oldestTicket)) continue
      oldest = index
      oldestTicket = ticket
    }
    return oldest
  }

  #ticketAt(lane: LaneReader, ahead: number): number {
    return this.#memory.payload[lane.at(ahead)]!
  }

  #beforeWait(timeoutMs: number): void {
    if (this.#isClosed) throw this.#closedError()
    requireNumber('timeoutMs', timeoutMs, 0, Number.POSITIVE_INFINITY)
  }

  #wasClosed(): boolean {
    return Atomics.load(this.#memory.words, channelWord.closed) === 1
  }

  #closedError(): SignalboxError {
    return new SignalboxError('ERR_CLOSED', `this end of channel ${this.#memory.options.name} was closed`)
  }
}

/** Tickets count modulo 2^32; those that wait at one time are far fewer. */
function isLater(one: number, other: number): boolean {
  return ((one - other) | 0) > 0
}
