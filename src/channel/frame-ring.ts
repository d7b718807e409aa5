/**
 * A bounded queue of frames between two threads, in shared memory: one producer, one consumer, no lock. A frame is a kind and a
 * payload of whole doubles (8 bytes each); what is in it is its users' business. For records of differing length; wait-free but for
 * the waits that are named so.
 *
 * **Layout.** A SharedArrayBuffer: a page of control words, then the ring, a power of two of doubles. A frame is a header double
 * (length × 256 + kind, exact) and its payload, in one piece: where it would wrap, a header of kind 0 skips to the ring's start.
 * Positions count doubles from the beginning, modulo 2^32; the ring is far shorter than that, so a difference tells how full it is.
 *
 * **Ordering.** Payloads are plain reads and writes; two atomics order them (sequentially consistent in JavaScript, of which release
 * and acquire are needed):
 *   (P1) the producer stores HEAD after the payload;   synchronizes-with (C1): who sees the new HEAD sees the payload.
 *   (C1) the consumer loads HEAD before the payload.
 *   (C2) the consumer stores TAIL after its last read; synchronizes-with (P2): who sees the new TAIL may write over it.
 *   (P2) the producer loads TAIL before it writes.
 *
 * Each end parks where `parking.ts` says, without spinning; closing rings both bells.
 */
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { Parking } from './parking.ts'

/** Words of the control page: those that one end writes lie on a cache line of their own. */
const word = {
  head: 0,
  consumerBell: 1,
  tail: 16,
  producerBell: 17,
  consumerParked: 32,
  producerParked: 48,
  closed: 63,
} as const
const controlBytes = 256
const skip = 0
const full = -1
const kindMax = 255

/** The longest frame is so much of the ring: what is claimed for a skip and a frame then always fits into an empty one. */
const payloadShare = 4

/** A frame that was received: `payload[start … start + length − 1]`, valid until the next call of the consumer. */
export interface Frame {
  kind: number
  start: number
  length: number
}

/** Makes the memory of a ring. @param doubles - A power of two, 1,024 … 2^27. */
export function createFrameRing(doubles: number): SharedArrayBuffer {
  requireInteger('doubles', doubles, 1_024, 2 ** 27)
  if (!Number.isInteger(Math.log2(doubles))) {
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `doubles must be a power of two, got ${doubles}`, {
      field: 'doubles',
    })
  }
  return new SharedArrayBuffer(controlBytes + doubles * 8)
}

/** The longest payload that a ring takes, in doubles. */
export function payloadMax(memory: SharedArrayBuffer): number {
  return (memory.byteLength - controlBytes) / 8 / payloadShare
}

/** The sending end; one thread. */
export class FrameProducer {
  /** Where claimed payloads are written. */
  readonly payload: Float64Array
  readonly #control: Int32Array
  readonly #mask: number
  readonly #payloadMax: number
  readonly #room: Parking
  readonly #consumer: Parking
  /** Own copy of HEAD, and the newest TAIL seen: most sends touch no foreign word. */
  #head: number
  #tailSeen: number
  #claimed = 0

  constructor(memory: SharedArrayBuffer) {
    this.#control = new Int32Array(memory, 0, controlBytes / 4)
    this.payload = new Float64Array(memory, controlBytes)
    this.#mask = this.payload.length - 1
    this.#payloadMax = payloadMax(memory)
    this.#room = parkingOf(this.#control, 'producer')
    this.#consumer = parkingOf(this.#control, 'consumer')
    this.#head = Atomics.load(this.#control, word.head)
    this.#tailSeen = Atomics.load(this.#control, word.tail)
  }

  /** Doubles that the ring holds unread: an observation already out of date. Any thread, whoever has sent them. */
  get wasUsed(): number {
    const tail = Atomics.load(this.#control, word.tail)
    return (Atomics.load(this.#control, word.head) - tail) >>> 0
  }

  /** The ring's size in doubles. */
  get size(): number {
    return this.payload.length
  }

  /**
   * Room for a payload of `length` doubles, to be filled and then committed. Wait-free; allocates nothing. Nothing is sent until
   * {@link commit}; a claim that is not committed is simply claimed anew.
   *
   * @returns Where in `payload` it begins, or −1 when the ring is too full.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a length that no ring of this size takes; `ERR_CLOSED` after the consumer or
   *   producer closed it.
   */
  tryClaim(length: number): number {
    requireInteger('length', length, 0, this.#payloadMax)
    this.#requireOpen()
    const skipped = this.#skippedFor(length)
    if (!this.#hasRoom(skipped + length + 1)) return full
    // Not published by itself: (P1) of the frame's commit covers it.
    if (skipped > 0) this.payload[this.#head & this.#mask] = skip
    this.#claimed = (this.#head + skipped) | 0
    return (this.#claimed & this.#mask) + 1
  }

  /** Sends the claimed frame. Wait-free; wakes a parked consumer. @param kind - 1 … 255. */
  commit(kind: number, length: number): void {
    requireInteger('kind', kind, 1, kindMax)
    this.payload[this.#claimed & this.#mask] = length * 256 + kind
    this.#head = (this.#claimed + 1 + length) | 0
    Atomics.store(this.#control, word.head, this.#head) // (P1)
    this.#consumer.wake()
  }

  /**
   * As {@link tryClaim}, but waits for room, at most about `timeoutMs`. Blocks the thread.
   *
   * @returns −1 when there was none in that time.
   * @throws {SignalboxError} as `tryClaim`; `ERR_CLOSED` also when the consumer closes while it waits.
   */
  claim(length: number, timeoutMs = Number.POSITIVE_INFINITY): number {
    const free = this.tryClaim(length)
    if (free !== full) return free
    const needed = this.#skippedFor(length) + length + 1
    this.#room.wait(() => this.#hasRoom(needed) || this.#isClosed(), timeoutMs)
    return this.tryClaim(length)
  }

  /** Nothing more will be sent; the consumer reads what is there and then sees the end. Idempotent. */
  close(): void {
    closeRing(this.#control)
  }

  #hasRoom(needed: number): boolean {
    if (((this.#head - this.#tailSeen) >>> 0) + needed <= this.payload.length) return true
    this.#tailSeen = Atomics.load(this.#control, word.tail) // (P2)
    return ((this.#head - this.#tailSeen) >>> 0) + needed <= this.payload.length
  }

  /** Doubles before the ring's end that a frame of `length` does not fit into. */
  #skippedFor(length: number): number {
    const toEnd = this.payload.length - (this.#head & this.#mask)
    return length + 1 <= toEnd ? 0 : toEnd
  }

  #isClosed(): boolean {
    return Atomics.load(this.#control, word.closed) === 1
  }

  #requireOpen(): void {
    if (this.#isClosed()) throw new SignalboxError('ERR_CLOSED', 'the ring is closed')
  }
}

/** The receiving end; one thread. */
export class FrameConsumer {
  /** Where received payloads are read. */
  readonly payload: Float64Array
  readonly #control: Int32Array
  readonly #mask: number
  readonly #frame: Frame
  readonly #news: Parking
  readonly #producer: Parking
  #tail: number
  #headSeen: number

  constructor(memory: SharedArrayBuffer) {
    this.#control = new Int32Array(memory, 0, controlBytes / 4)
    this.payload = new Float64Array(memory, controlBytes)
    this.#mask = this.payload.length - 1
    this.#tail = Atomics.load(this.#control, word.tail)
    this.#headSeen = this.#tail
    this.#news = parkingOf(this.#control, 'consumer')
    this.#producer = parkingOf(this.#control, 'producer')
    this.#frame = { kind: skip, start: 0, length: 0 }
  }

  /** The next frame, or null when there is none now. Wait-free. Its room is given back by {@link release}. */
  tryReceive(): Frame | null {
    if (this.#tail === this.#headSeen) {
      this.#headSeen = Atomics.load(this.#control, word.head) // (C1)
      if (this.#tail === this.#headSeen) return null
    }
    let at = this.#tail & this.#mask
    if (this.payload[at] === skip) {
      this.#tail = (this.#tail + this.payload.length - at) | 0
      at = 0
    }
    const header = this.payload[at]!
    const length = Math.floor(header / 256)
    this.#frame.kind = header % 256
    this.#frame.start = at + 1
    this.#frame.length = length
    this.#tail = (this.#tail + 1 + length) | 0
    return this.#frame
  }

  /** Gives back the room of all that was received: once a batch is enough. Wakes a producer that waits for room. */
  release(): void {
    Atomics.store(this.#control, word.tail, this.#tail) // (C2)
    this.#producer.wake()
  }

  /**
   * Blocks the thread until there is a frame, the ring is closed, or `timeoutMs` has passed.
   * @returns False when the ring is closed and all of it was received: the end.
   */
  wait(timeoutMs: number): boolean {
    this.#news.wait(() => this.#hasFrame() || this.wasClosed, timeoutMs)
    // In this order: what was sent before the close is seen by whoever sees the close.
    const isClosed = this.wasClosed
    return this.#hasFrame() || !isClosed
  }

  /** The ring was closed by either end; what was sent before may still be there. */
  get wasClosed(): boolean {
    return Atomics.load(this.#control, word.closed) === 1
  }

  /** Nobody will read any more: the producer's next claim throws `ERR_CLOSED`. Idempotent. */
  close(): void {
    closeRing(this.#control)
  }

  #hasFrame(): boolean {
    this.#headSeen = Atomics.load(this.#control, word.head)
    return this.#tail !== this.#headSeen
  }
}

function closeRing(control: Int32Array): void {
  Atomics.store(control, word.closed, 1)
  parkingOf(control, 'consumer').ring()
  parkingOf(control, 'producer').ring()
}

/** Where that end waits. */
function parkingOf(control: Int32Array, end: 'consumer' | 'producer'): Parking {
  const [flag, bell] =
    end === 'consumer' ? [word.consumerParked, word.consumerBell] : [word.producerParked, word.producerBell]
  return new Parking(control, flag, bell, 0)
}
