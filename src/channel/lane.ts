/**
 * A lane: the bounded queue of one sender and the receiver. What a channel of several senders has is several lanes: nobody
 * who dies halfway leaves a hole for others, and no send needs more than a store.
 *
 * Positions count records from the beginning, modulo 2^32; record p lies in slot p mod slots. HEAD is the sender's, TAIL the receiver's
 * (with `drop-oldest` whoever's compare-and-swap holds).
 *
 * **Ordering.** Payloads are plain reads and writes, ordered by two atomics (sequentially consistent in JavaScript; release and acquire
 * are needed):
 *   (L1) the sender stores HEAD after the record;          synchronizes-with (L2): who sees the new HEAD sees the record.
 *   (L2) the receiver loads HEAD before it reads.
 *   (L3) the receiver moves TAIL after it has read;        synchronizes-with (L4): who sees the new TAIL may write over it.
 *   (L4) the sender loads TAIL before it writes.
 *
 * **`drop-oldest`.** The sender moves TAIL itself when there is no room (L5), and may then write over a record that the receiver is just
 * reading. Both move TAIL by compare-and-swap only: the receiver's (L3) succeeds only if nothing that it read was given up before, and
 * the sender writes only behind its own success or a TAIL that it has seen. What was read under a failed (L3) is thrown away.
 *
 * CHAN-1  Of each sender the receiver gets the records in their order, each whole and at most once.
 * CHAN-2  With `block` and `refuse` every record for which a send returned true is received, unless the receiver stops.
 * CHAN-3  At most `capacity` records of a sender wait.
 *
 * Progress: a send is wait-free but for the wait that `block` names; receiving is wait-free, with `drop-oldest` lock-free (it begins
 * anew when the sender has dropped something, which takes a whole lap of sends during one batch).
 */
import { type ChannelMemory, laneWord, laneWordAt } from './channel-memory.ts'

/** The sending side. One thread. */
export class LaneWriter {
  readonly #words: Int32Array
  readonly #headAt: number
  readonly #tailAt: number
  readonly #capacity: number
  readonly #mask: number
  readonly #base: number
  readonly #stride: number
  /** Own copy of HEAD, and the newest TAIL seen: most sends touch no foreign word. */
  #head: number
  #tailSeen: number

  constructor({ words, options, slots, stride }: ChannelMemory, lane: number) {
    this.#words = words
    this.#headAt = laneWordAt(lane, laneWord.head)
    this.#tailAt = laneWordAt(lane, laneWord.tail)
    this.#capacity = options.capacity
    this.#mask = slots - 1
    this.#base = lane * slots * stride
    this.#stride = stride
    // A lane's last sender may have left records behind.
    this.#head = Atomics.load(words, this.#headAt)
    this.#tailSeen = Atomics.load(words, this.#tailAt)
  }

  /** Where the record that is `ahead` of the next one is written, in the payload; only while there is room for it. */
  at(ahead: number): number {
    return this.#base + ((this.#head + ahead) & this.#mask) * this.#stride
  }

  hasRoom(): boolean {
    return this.room(1) > 0
  }

  /** How many records there is room for, of `wanted`. */
  room(wanted: number): number {
    let room = this.#capacity - ((this.#head - this.#tailSeen) >>> 0)
    if (room < wanted) {
      this.#tailSeen = Atomics.load(this.#words, this.#tailAt) // (L4)
      room = this.#capacity - ((this.#head - this.#tailSeen) >>> 0)
    }
    return Math.min(room, wanted)
  }

  /** Gives up the oldest record, of a full lane. @returns False: the receiver took it, and there is room as well. */
  dropOldest(): boolean {
    const oldest = this.#tailSeen
    const next = (oldest + 1) | 0
    const found = Atomics.compareExchange(this.#words, this.#tailAt, oldest, next) // (L5)
    this.#tailSeen = found === oldest ? next : found
    return found === oldest
  }

  /** Sends the `count` records that were written at {@link at}. */
  publish(count: number): void {
    this.#head = (this.#head + count) | 0
    Atomics.store(this.#words, this.#headAt, this.#head) // (L1)
  }
}

/** The receiving side. One thread. */
export class LaneReader {
  readonly #words: Int32Array
  readonly #headAt: number
  readonly #tailAt: number
  readonly #mask: number
  readonly #base: number
  readonly #stride: number
  readonly #isDropping: boolean
  #tail: number
  #headSeen: number

  constructor({ words, options, slots, stride }: ChannelMemory, lane: number) {
    this.#words = words
    this.#headAt = laneWordAt(lane, laneWord.head)
    this.#tailAt = laneWordAt(lane, laneWord.tail)
    this.#mask = slots - 1
    this.#base = lane * slots * stride
    this.#stride = stride
    this.#isDropping = options.whenFull === 'drop-oldest'
    this.#tail = Atomics.load(words, this.#tailAt)
    this.#headSeen = this.#tail
  }

  /** Records that were seen and not taken. */
  get seen(): number {
    return (this.#headSeen - this.#tail) | 0
  }

  /** Looks at HEAD, and at what was dropped. @returns How many records were sent since it last looked. */
  look(): number {
    // In this order: TAIL never passes HEAD, so what is seen is never less than nothing.
    if (this.#isDropping) this.#tail = Atomics.load(this.#words, this.#tailAt)
    const head = Atomics.load(this.#words, this.#headAt) // (L2)
    const added = (head - this.#headSeen) | 0
    this.#headSeen = head
    return added
  }

  /** True if there is a record, seen or not. Moves nothing. */
  hasNews(): boolean {
    return this.#tail !== this.#headSeen || Atomics.load(this.#words, this.#headAt) !== this.#headSeen
  }

  /** Where the record that is `ahead` of the next one lies in the payload. */
  at(ahead: number): number {
    return this.#base + ((this.#tail + ahead) & this.#mask) * this.#stride
  }

  /** Gives the room of the next `count` records back, which have been read. @returns False: they were given up meanwhile, and do not count. */
  take(count: number): boolean {
    const next = (this.#tail + count) | 0
    if (this.#isDropping) {
      const found = Atomics.compareExchange(this.#words, this.#tailAt, this.#tail, next) // (L3)
      if (found !== this.#tail) {
        this.#tail = found
        this.#headSeen = Atomics.load(this.#words, this.#headAt)
        return false
      }
    } else {
      Atomics.store(this.#words, this.#tailAt, next) // (L3)
    }
    this.#tail = next
    return true
  }
}
