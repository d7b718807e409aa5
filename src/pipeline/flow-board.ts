/**
 * What free-running threads tell each other beside the channels: that they live, what time it is, whether entries are halted, which
 * sequence comes next. In shared memory, each word with one writer. None of it allocates: at each record a bigint would be made for each of
 * the times, and what is made is collected in the midst of others.
 *
 * **Times and the sequence** are doubles, stored and read without `Atomics`, which takes only integers. Each is read whole and as it was at
 * some time, never half of one: an aligned double is one store, as `base/histogram.ts` argues. Nothing is concluded from one about another.
 * What must not be late is ordered elsewhere: a time that is told before a record is sent is seen by whoever has received that record,
 * since the channel's store releases and its load acquires; the sequence is read by a thread that takes the place of one that has ended.
 *
 * **Flags and counts** are words of 32 bits, by `Atomics`:
 * - (B1) `isHalted` stores the flag, then counts the change. (B2) `haltChanges` is loaded, then `isHalted`: who has seen the count sees the
 *   flag of it, or a later one.
 * - Beats only grow, modulo 2^32: who looks wants to know whether it has moved since, which is looked at often enough.
 */

/** The doubles. */
const time = {
  /** Event time less monotonic time × the time scale, nanoseconds; −Infinity before the first record. The run's thread. */
  offset: 0,
  /** When the feed last said anything, monotonic nanoseconds; −Infinity before. The run's thread. */
  feedAlive: 1,
  /** The first sequence that arbitration has not taken. Its thread. */
  nextSequence: 2,
} as const

/** The words, behind the doubles; behind them a beat a thread. What different threads write, or write at different times, has a line of its own. */
const word = {
  /** 1 while new entries are refused. The run's thread. */
  halted: 0,
  /** How often that changed. The run's thread. */
  haltChanges: 1,
  beats: 16,
} as const

const timesLength = Object.keys(time).length
const lineBytes = 64
const lineWords = 16
const nsPerMs = 1e6

export class FlowBoard {
  readonly memory: SharedArrayBuffer
  readonly #times: Float64Array
  readonly #words: Int32Array
  readonly #timeScale: number

  /** @param timeScale - Event time ÷ real time. */
  constructor(memory: SharedArrayBuffer, timeScale: number) {
    this.memory = memory
    this.#times = new Float64Array(memory, 0, timesLength)
    this.#words = new Int32Array(memory, lineBytes)
    this.#timeScale = timeScale
  }

  static create(threads: number, timeScale: number, firstSequence: number): FlowBoard {
    const board = new FlowBoard(new SharedArrayBuffer(lineBytes + (word.beats + threads * lineWords) * 4), timeScale)
    board.#times[time.offset] = Number.NEGATIVE_INFINITY
    board.#times[time.feedAlive] = Number.NEGATIVE_INFINITY
    board.nextSequence = firstSequence
    return board
  }

  /** The newest record is of `newestNs` and was received at `receivedNs`, monotonic. */
  tellTime(newestNs: number, receivedNs: number): void {
    this.#times[time.offset] = Math.floor(newestNs - receivedNs * this.#timeScale)
  }

  /** Decision time at `monotonicNs`: the newest record's plus what has passed since its receipt; −Infinity before the first record. */
  nowNs(monotonicNs: number): number {
    return Math.floor(this.#times[time.offset]! + monotonicNs * this.#timeScale)
  }

  tellFeedAlive(monotonicNs: number): void {
    this.#times[time.feedAlive] = Math.floor(monotonicNs)
  }

  /** How old the feed's last message is at `monotonicNs`, milliseconds; Infinity before the first. */
  stateAgeMs(monotonicNs: number): number {
    return Math.max(0, monotonicNs - this.#times[time.feedAlive]!) / nsPerMs
  }

  get isHalted(): boolean {
    return Atomics.load(this.#words, word.halted) === 1
  }

  set isHalted(isHalted: boolean) {
    Atomics.store(this.#words, word.halted, isHalted ? 1 : 0)
    Atomics.add(this.#words, word.haltChanges, 1) // (B1), with (B2)
  }

  /** Grows by one with each change, modulo 2^32. */
  get haltChanges(): number {
    return Atomics.load(this.#words, word.haltChanges) // (B2), with (B1)
  }

  get nextSequence(): number {
    return this.#times[time.nextSequence]!
  }

  set nextSequence(sequence: number) {
    this.#times[time.nextSequence] = sequence
  }

  /** The thread lives: it has come round once more. */
  beat(thread: number): void {
    Atomics.add(this.#words, word.beats + thread * lineWords, 1)
  }

  /** How often it has, modulo 2^32. */
  beatsOf(thread: number): number {
    return Atomics.load(this.#words, word.beats + thread * lineWords)
  }
}
