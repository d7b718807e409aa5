/**
 * Tells any number of waiting threads that something has changed: an eventcount. What has changed lies elsewhere, in shared memory of its
 * users'; here are a count of announcements and a count of those who wait for the next. Any thread may announce, any may wait.
 *
 *     // who waits                                      // who changes something
 *     for (;;) {                                        Atomics.store(words, 0, 1)
 *       const seen = broadcast.now()                    broadcast.announce()
 *       if (Atomics.load(words, 0) === 1) break
 *       broadcast.wait(seen)
 *     }
 *
 * **No lost wake-up.** The waiter
 *   (E1) reads the count, `seen`, (E2) looks at what may have changed, and if it has not: (E3) counts itself as waiting, (E4) waits for as
 *        long as the count is `seen`, and (E5) counts itself out.
 * The announcer (A0) changes something, (A1) adds to the count, (A2) reads how many wait, and if somebody does (A3) notifies all.
 * These are sequentially consistent atomics, so they have one order.
 *   - (A1) before (E1): then (A0) came before (E2), which sees the change.
 *   - (A1) between (E1) and (E4): the count is not `seen` any more, and (E4), which compares, does not wait.
 *   - (A1) after (E4): the waiter is asleep, since (E4) compares and falls asleep as one step towards (A3). Then (E3) came before (A2), which
 *     reads at least one, and (A3) wakes the waiter, which finds another count and does not sleep again.
 * So (A2) comes behind (A1) and (E3) before (E4): either order turned round loses wake-ups. The change needs no atomics of its own to be
 * ordered: (A1) releases it to whoever reads the new count, (E1) or what `wait` returns; to be looked at before that it does.
 *
 * **Deaths.** A waiter that dies between (E3) and (E5) is counted for ever: every announcement then notifies, perhaps nobody, which costs
 * under a microsecond. None is ever counted out that was not counted in, so nobody who waits is overlooked. An announcer that dies between
 * (A1) and (A3) leaves sleepers asleep until the next announcement: whoever confirms a thread's death announces.
 *
 * Counts are modulo 2^32: a waiter that is away for exactly so many announcements takes them for none.
 */
import { requireInteger, requireNumber } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { deadlineOf, leftOf } from './deadline.ts'

/** Words, each with a cache line of its own: announcers read `waiters`, which only waiters write. */
const broadcastWord = { count: 0, waiters: 16 } as const
const words = 32

/** What another thread needs to attach: structured-cloneable, and shares the memory. */
export interface BroadcastDescriptor {
  readonly memory: SharedArrayBuffer
}

export class Broadcast {
  readonly descriptor: BroadcastDescriptor
  readonly #words: Int32Array

  private constructor(descriptor: BroadcastDescriptor) {
    this.descriptor = descriptor
    this.#words = new Int32Array(descriptor.memory)
  }

  /** Makes one over new shared memory. */
  static create(): Broadcast {
    return new Broadcast({ memory: new SharedArrayBuffer(words * 4) })
  }

  /** Attaches this thread to one that another created. @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a descriptor that is none. */
  static attach(descriptor: BroadcastDescriptor): Broadcast {
    const { memory } = descriptor
    if (!(memory instanceof SharedArrayBuffer) || memory.byteLength !== words * 4) {
      const message = 'the memory is not that of a broadcast'
      throw new SignalboxError('ERR_INVALID_ARGUMENT', message, { field: 'memory' })
    }
    return new Broadcast(descriptor)
  }

  /** The count: −2^31 … 2^31 − 1, another after each announcement; compare it with `===` and nothing else. Any thread; wait-free. */
  now(): number {
    return Atomics.load(this.#words, broadcastWord.count) // (E1)
  }

  /**
   * Tells all who wait; call it after the change. Any thread; wait-free: one atomic addition and a load, and a notification if somebody
   * waits.
   */
  announce(): void {
    Atomics.add(this.#words, broadcastWord.count, 1) // (A1)
    if (Atomics.load(this.#words, broadcastWord.waiters) === 0) return // (A2)
    Atomics.notify(this.#words, broadcastWord.count) // (A3)
  }

  /**
   * Blocks the thread until the count is not `seen` any more, at most `timeoutMs`; parks at once, without spinning.
   *
   * @param seen - What {@link now} or the last wait returned, before the look at what may have changed.
   * @returns The count: `seen` only when the time is over.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for arguments that are none.
   */
  wait(seen: number, timeoutMs = Number.POSITIVE_INFINITY): number {
    const before = this.#lookBefore(seen, timeoutMs)
    if (before !== seen) return before
    const deadlineNs = deadlineOf(timeoutMs)
    Atomics.add(this.#words, broadcastWord.waiters, 1) // (E3)
    for (;;) {
      const leftMs = leftOf(deadlineNs)
      if (leftMs > 0) Atomics.wait(this.#words, broadcastWord.count, seen, leftMs) // (E4)
      const count = this.now()
      if (count === seen && leftMs > 0) continue
      Atomics.add(this.#words, broadcastWord.waiters, -1) // (E5)
      return count
    }
  }

  /** The same for event loops: the thread goes on meanwhile; any number at a time. A wait by itself does not keep the process alive. */
  async waitAsync(seen: number, timeoutMs = Number.POSITIVE_INFINITY): Promise<number> {
    const before = this.#lookBefore(seen, timeoutMs)
    if (before !== seen) return before
    const deadlineNs = deadlineOf(timeoutMs)
    Atomics.add(this.#words, broadcastWord.waiters, 1) // (E3)
    for (;;) {
      const leftMs = leftOf(deadlineNs)
      if (leftMs > 0) await Atomics.waitAsync(this.#words, broadcastWord.count, seen, leftMs).value // (E4)
      const count = this.now()
      if (count === seen && leftMs > 0) continue
      Atomics.add(this.#words, broadcastWord.waiters, -1) // (E5)
      return count
    }
  }

  /** Nobody is counted as waiting when there is nothing to wait for. */
  #lookBefore(seen: number, timeoutMs: number): number {
    requireInteger('seen', seen, -(2 ** 31), 2 ** 31 - 1)
    requireNumber('timeoutMs', timeoutMs, 0, Number.POSITIVE_INFINITY)
    return this.now()
  }
}
