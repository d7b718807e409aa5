/** The sending end of a channel; it belongs to the thread that opened it. */
import { requireInteger, requireNumber } from '../base/assert.ts'
import { monotonicNs } from '../base/clock.ts'
import { SignalboxError } from '../base/errors.ts'
import { receiverParking } from './bell.ts'
import {
  type ChannelMemory,
  channelWord,
  counter,
  counterAt,
  laneWord,
  laneWordAt,
  type WhenFull,
} from './channel-memory.ts'
import type { Codec } from './codec.ts'
import { LaneWriter } from './lane.ts'
import { MailboxWriter } from './mailbox.ts'
import { Parking } from './parking.ts'

export class Sender<T> {
  readonly #memory: ChannelMemory
  readonly #lane: number
  readonly #ownerTag: number
  readonly #codec: Codec<T>
  readonly #keyOf: (record: T) => number
  readonly #whenFull: WhenFull
  readonly #hasTickets: boolean
  readonly #queue: LaneWriter
  readonly #mailbox: MailboxWriter | null
  /** Where this end waits for room, and where the receiver waits for records. */
  readonly #room: Parking
  readonly #receiver: Parking
  readonly #counts: Float64Array
  readonly #countsAt: number
  readonly #isReady = (): boolean => this.#queue.hasRoom() || this.#wasClosed()
  #isClosed = false

  /** Made by `Channel.sender`, which has claimed the lane. */
  constructor(memory: ChannelMemory, lane: number, ownerTag: number, codec: Codec<T>, keyOf: (record: T) => number) {
    const { words, options, counts } = memory
    this.#memory = memory
    this.#lane = lane
    this.#ownerTag = ownerTag
    this.#codec = codec
    this.#keyOf = keyOf
    this.#whenFull = options.whenFull
    this.#hasTickets = options.senders > 1
    this.#queue = new LaneWriter(memory, lane)
    this.#mailbox = options.whenFull === 'conflate' ? new MailboxWriter(memory) : null
    const flag = laneWordAt(lane, laneWord.senderFlag)
    this.#room = new Parking(words, flag, laneWordAt(lane, laneWord.senderBell), options.spinUs)
    this.#receiver = receiverParking(memory)
    this.#counts = counts
    this.#countsAt = counterAt(lane, 0)
  }

  /**
   * Sends a record. With `block` it waits for room, at most `timeoutMs`, and blocks the thread meanwhile; otherwise it never waits.
   *
   * @returns False: it was not sent, because the channel is full (`refuse`, or `block` and the time is over). It was counted.
   * @throws {SignalboxError} `ERR_CLOSED` when the channel or this end was closed, also while it waits; `ERR_INVALID_ARGUMENT` for a key that
   *   the channel does not have; what the codec throws. Then nothing was sent.
   */
  send(record: T, timeoutMs = Number.POSITIVE_INFINITY): boolean {
    this.#requireOpen()
    if (this.#mailbox !== null) return this.#conflate(this.#mailbox, record)
    if (!this.#queue.hasRoom() && !this.#makeRoom(timeoutMs)) {
      this.#counts[this.#countsAt + counter.refused]! += 1
      return false
    }
    this.#write(record, 0)
    this.#publish(1)
    return true
  }

  /**
   * Sends `records[0 … count − 1]`, as many at once as there is room for: the receiver is told of them together. Waits, refuses, drops and
   * throws as {@link send} does for each.
   *
   * @param timeoutMs - With `block`: of each wait for room.
   * @returns How many were sent: the first so many. What the codec throws at one of them comes when those before it were sent.
   */
  sendMany(records: readonly T[], count = records.length, timeoutMs = Number.POSITIVE_INFINITY): number {
    this.#requireOpen()
    requireInteger('count', count, 0, records.length)
    let sent = 0
    while (sent < count) {
      const room = this.#mailbox === null ? this.#queue.room(count - sent) : 0
      if (room > 0) {
        this.#sendChunk(records, sent, room)
        sent += room
      } else {
        // One by one: it waits, drops or refuses.
        if (!this.send(records[sent]!, timeoutMs)) return sent
        sent += 1
      }
    }
    return count
  }

  /**
   * As {@link send}, for event loops: waits for room without blocking the thread.
   * @returns False as `send` does; never before a later turn of the loop when it had to wait.
   */
  async sendAsync(record: T, timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    this.#requireOpen()
    if (this.#whenFull === 'block' && !this.#queue.hasRoom()) {
      const beganNs = monotonicNs()
      await this.#room.waitAsync(this.#isReady, requireNumber('timeoutMs', timeoutMs, 0, Number.POSITIVE_INFINITY))
      this.#countBlocked(beganNs)
      return this.send(record, 0)
    }
    return this.send(record)
  }

  /**
   * With `block`: waits until there is room, at most `timeoutMs`, and blocks the thread meanwhile; sends nothing, and is counted as `blocked`
   * if it had to wait. With other policies a send never waits, and neither does this: true.
   *
   * @returns False: the time is over. It is not counted as refused. True: this end's next send finds room.
   * @throws {SignalboxError} `ERR_CLOSED` as {@link send}; `ERR_INVALID_ARGUMENT` while a {@link sendAsync} is pending.
   */
  waitForRoom(timeoutMs = Number.POSITIVE_INFINITY): boolean {
    this.#requireOpen()
    return this.#whenFull !== 'block' || this.#queue.hasRoom() || this.#awaitRoom(timeoutMs)
  }

  /** The same for event loops: the thread goes on meanwhile. */
  async waitForRoomAsync(timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    this.#requireOpen()
    if (this.#whenFull !== 'block' || this.#queue.hasRoom()) return true
    requireNumber('timeoutMs', timeoutMs, 0, Number.POSITIVE_INFINITY)
    const beganNs = monotonicNs()
    const hasRoom = await this.#room.waitAsync(this.#isReady, timeoutMs)
    this.#countBlocked(beganNs)
    this.#requireOpen()
    return hasRoom
  }

  /** True if a send would find room now. With `drop-oldest` and `conflate` there always is. Wait-free. */
  get hasRoom(): boolean {
    return this.#whenFull === 'conflate' || this.#whenFull === 'drop-oldest' || this.#queue.hasRoom()
  }

  /** Gives the lane back; what was sent stays. The channel's only sender closes the channel with it. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const { words, options } = this.#memory
    if (options.senders === 1) Atomics.store(words, channelWord.closed, 1)
    Atomics.compareExchange(words, laneWordAt(this.#lane, laneWord.owner), this.#ownerTag, 0)
    this.#receiver.ring()
  }

  #conflate(mailbox: MailboxWriter, record: T): boolean {
    const key = this.#keyOf(record)
    requireInteger(`channel ${this.#memory.options.name}: key`, key, 0, this.#memory.options.keys - 1)
    this.#codec.write(record, this.#memory.payload, mailbox.at(key))
    if (mailbox.publish(key)) this.#counts[this.#countsAt + counter.conflated]! += 1
    this.#counts[this.#countsAt + counter.sent]! += 1
    this.#receiver.wake()
    return true
  }

  /** There is room for them. */
  #sendChunk(records: readonly T[], first: number, count: number): void {
    let written = 0
    try {
      for (; written < count; written += 1) this.#write(records[first + written]!, written)
    } finally {
      if (written > 0) this.#publish(written)
    }
  }

  /** Writes a record that is published later, `ahead` of the next one. */
  #write(record: T, ahead: number): void {
    const { payload, words } = this.#memory
    const at = this.#queue.at(ahead)
    if (this.#hasTickets) {
      this.#codec.write(record, payload, at + 1)
      // Drawn last: whoever has learnt of this record through the channel or beside it draws a later one.
      payload[at] = Atomics.add(words, channelWord.tickets, 1)
    } else {
      this.#codec.write(record, payload, at)
    }
  }

  #publish(count: number): void {
    this.#queue.publish(count)
    this.#counts[this.#countsAt + counter.sent]! += count
    this.#receiver.wake()
  }

  /** @returns False: there is none, and the record is refused. */
  #makeRoom(timeoutMs: number): boolean {
    switch (this.#whenFull) {
      case 'drop-oldest':
        if (this.#queue.dropOldest()) this.#counts[this.#countsAt + counter.dropped]! += 1
        return true
      case 'block':
        return this.#awaitRoom(timeoutMs)
      default:
        return false
    }
  }

  #awaitRoom(timeoutMs: number): boolean {
    requireNumber('timeoutMs', timeoutMs, 0, Number.POSITIVE_INFINITY)
    const beganNs = monotonicNs()
    const isReady = this.#room.wait(this.#isReady, timeoutMs)
    this.#countBlocked(beganNs)
    this.#requireOpen()
    return isReady
  }

  #countBlocked(beganNs: number): void {
    this.#counts[this.#countsAt + counter.blocked]! += 1
    this.#counts[this.#countsAt + counter.blockedNs]! += monotonicNs() - beganNs
  }

  #wasClosed(): boolean {
    return Atomics.load(this.#memory.words, channelWord.closed) === 1
  }

  #requireOpen(): void {
    if (this.#isClosed || this.#wasClosed()) {
      throw new SignalboxError('ERR_CLOSED', `channel ${this.#memory.options.name} was closed`)
    }
  }
}
