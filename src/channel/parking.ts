/**
 * Where one end of a channel waits for the other: it spins for a while, then parks until it is woken. In shared memory, two words of
 * an Int32Array: a flag (somebody is parked) and a bell (a count). One waiter; any number of wakers.
 *
 * **No lost wake-up.** The waiter
 *   (K1) reads the bell, (K2) sets the flag, (K3) looks once more for what it waits for, and (K4) waits for as long as the bell is
 *        what (K1) read.
 * The waker (M1) makes what is waited for come true, then (M2) looks at the flag and, if it is set, takes it down; whoever took it
 * down (M3) counts the bell up and notifies: one ring a wait, since a wake-up takes as long as hundreds of sends. All of these are
 * sequentially consistent atomics, so they have one order. Either (M1) comes before (K3): the waiter sees it and does not wait. Or (K3)
 * comes before (M1): then (K2) comes before (M2), and the waker finds the flag set, or another one took it down after (K2). Either way
 * an (M3) follows that changes the bell that (K1) read; `Atomics.wait` compares it with what it finds, so it does not matter whether
 * the notification came before the wait began.
 *
 * **Waits for different things.** The waiter may wait for one thing now, for another the next time, or for any of several; the wakers of all
 * of them use this flag and bell (`bell.ts`). Each round of (K1) to (K4) is whole by itself: the argument above takes any one thing that
 * *this* round's (K3) looks at, its waker, and the bell that *this* round's (K1) read. What is left of other rounds does no harm:
 *   - The flag is down, because another waker took it or a round has ended: every round sets it before it looks.
 *   - Somebody who took the flag down in an earlier round rings late, or rings for what this round does not look at: the wait ends for
 *     nothing, and the loop begins another round, with a bell read anew and the flag up. Whoever finds the flag down until then came before
 *     that round's (K2), hence its (K3), which sees what came true.
 *   - What nobody looked at is not lost: it is kept where it came true, not in flag and bell. The first round that looks there sees it.
 * So every (K3) must look at all that its wait is for; and there must be one waiter: the end of another's round would take down a flag that
 * is still needed.
 *
 * A waker that dies between (M1) and (M3) leaves a waiter parked although what it waits for is there, and others that found the flag down
 * do not ring for it, those of other channels with the same bell included: whoever confirms a thread's death rings the bells of its
 * channels (`Channel.watchWorker`).
 *
 * `test/concurrency/channel-model.test.ts` runs this very code under every interleaving.
 */
import { monotonicNs } from '../base/clock.ts'
import { SignalboxError } from '../base/errors.ts'
import { deadlineOf, leftOf } from './deadline.ts'
import { SpinBudget } from './spin-budget.ts'

/** Looks between two looks at the clock while spinning. */
const looksPerClock = 1024

export class Parking {
  readonly #words: Int32Array
  readonly #flag: number
  readonly #bell: number
  readonly #budget: SpinBudget
  #isWaiting = false

  /**
   * @param spinUs - How long a wait spins before it parks, microseconds, while that pays (`spin-budget.ts`); 0: not at all.
   */
  constructor(words: Int32Array, flag: number, bell: number, spinUs: number) {
    this.#words = words
    this.#flag = flag
    this.#bell = bell
    this.#budget = new SpinBudget(spinUs * 1_000)
  }

  /**
   * Blocks the thread until `isReady`, at most `timeoutMs`. The waiter only.
   * @param isReady - Looks through atomics; called often.
   * @returns False: the time is over, and it is not ready.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` while a {@link waitAsync} of this end is pending: it has one waiter.
   */
  wait(isReady: () => boolean, timeoutMs: number): boolean {
    this.#requireAlone()
    if (isReady()) return true
    if (this.#budget.isNever) return this.#park(isReady, timeoutMs)
    const beganNs = monotonicNs()
    if (this.#spin(isReady, beganNs)) return true
    const isDone = this.#park(isReady, timeoutMs)
    this.#budget.parked(monotonicNs() - beganNs)
    return isDone
  }

  /** The same without blocking the thread: for event loops. Spins not at all. */
  async waitAsync(isReady: () => boolean, timeoutMs: number): Promise<boolean> {
    this.#requireAlone()
    this.#isWaiting = true
    try {
      const deadlineNs = deadlineOf(timeoutMs)
      for (;;) {
        const bell = this.#announce()
        const leftMs = isReady() ? 0 : leftOf(deadlineNs) // (K3)
        if (leftMs > 0) await Atomics.waitAsync(this.#words, this.#bell, bell, leftMs).value // (K4)
        this.#leave()
        if (isReady()) return true
        if (leftMs <= 0 || leftOf(deadlineNs) <= 0) return false
      }
    } finally {
      this.#isWaiting = false
    }
  }

  /** After what is waited for has come true: wakes the waiter, if it is parked. Any thread; wait-free. */
  wake(): void {
    if (Atomics.load(this.#words, this.#flag) === 0) return // (M2)
    if (Atomics.exchange(this.#words, this.#flag, 0) === 1) this.ring() // (M2)
  }

  /** Wakes the waiter, parked or about to. Any thread; wait-free. */
  ring(): void {
    Atomics.add(this.#words, this.#bell, 1) // (M3)
    Atomics.notify(this.#words, this.#bell)
  }

  #requireAlone(): void {
    if (!this.#isWaiting) return
    throw new SignalboxError('ERR_INVALID_ARGUMENT', 'this end of the channel waits already: await that first')
  }

  #announce(): number {
    const bell = Atomics.load(this.#words, this.#bell) // (K1)
    Atomics.store(this.#words, this.#flag, 1) // (K2)
    return bell
  }

  #leave(): void {
    Atomics.store(this.#words, this.#flag, 0)
  }

  #park(isReady: () => boolean, timeoutMs: number): boolean {
    const deadlineNs = deadlineOf(timeoutMs)
    for (;;) {
      const bell = this.#announce()
      const leftMs = isReady() ? 0 : leftOf(deadlineNs) // (K3)
      if (leftMs > 0) Atomics.wait(this.#words, this.#bell, bell, leftMs) // (K4)
      this.#leave()
      if (isReady()) return true
      if (leftMs <= 0 || leftOf(deadlineNs) <= 0) return false
    }
  }

  #spin(isReady: () => boolean, beganNs: number): boolean {
    if (this.#budget.ns === 0) return false
    const endNs = beganNs + this.#budget.ns
    do {
      for (let look = 0; look < looksPerClock; look += 1) {
        if (!isReady()) continue
        this.#budget.paid()
        return true
      }
    } while (monotonicNs() < endNs)
    return false
  }
}
