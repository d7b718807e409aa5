/**
 * What free-running threads tell each other beside the channels: that they live, what time it is, whether entries are halted, which
 * sequence comes next. Words of 8 bytes in shared memory, each with one writer; a reader sees one a moment late, never half of one
 * (atomics of 64 bits), and nothing here orders anything else.
 */

/** The words; behind them a beat a thread. */
const word = {
  /** Event time less monotonic time × the time scale, nanoseconds; {@link untold} before the first record. The run's thread. */
  offset: 0,
  /** When the feed last said anything, monotonic nanoseconds; {@link untold} before. The run's thread. */
  feedAlive: 1,
  /** 1 while new entries are refused. The run's thread. */
  halted: 2,
  /** How often that changed. The run's thread. */
  haltChanges: 3,
  /** The first sequence that arbitration has not taken. Its thread. */
  nextSequence: 4,
  beats: 5,
} as const

const untold = -(2n ** 63n)
const nsPerMs = 1e6

export class FlowBoard {
  readonly memory: SharedArrayBuffer
  readonly #words: BigInt64Array
  readonly #timeScale: number

  /** @param timeScale - Event time ÷ real time. */
  constructor(memory: SharedArrayBuffer, timeScale: number) {
    this.memory = memory
    this.#words = new BigInt64Array(memory)
    this.#timeScale = timeScale
  }

  static create(threads: number, timeScale: number, firstSequence: number): FlowBoard {
    const board = new FlowBoard(new SharedArrayBuffer((word.beats + threads) * 8), timeScale)
    board.#store(word.offset, untold)
    board.#store(word.feedAlive, untold)
    board.nextSequence = firstSequence
    return board
  }

  /** The newest record is of `newestNs` and was received at `receivedNs`, monotonic. */
  tellTime(newestNs: number, receivedNs: number): void {
    this.#store(word.offset, BigInt(Math.floor(newestNs - receivedNs * this.#timeScale)))
  }

  /** Decision time at `monotonicNs`: the newest record's plus what has passed since its receipt; −Infinity before the first record. */
  nowNs(monotonicNs: number): number {
    const offset = Atomics.load(this.#words, word.offset)
    if (offset === untold) return Number.NEGATIVE_INFINITY
    return Math.floor(Number(offset) + monotonicNs * this.#timeScale)
  }

  tellFeedAlive(monotonicNs: number): void {
    this.#store(word.feedAlive, BigInt(Math.floor(monotonicNs)))
  }

  /** How old the feed's last message is at `monotonicNs`, milliseconds; Infinity before the first. */
  stateAgeMs(monotonicNs: number): number {
    const alive = Atomics.load(this.#words, word.feedAlive)
    return alive === untold ? Number.POSITIVE_INFINITY : Math.max(0, monotonicNs - Number(alive)) / nsPerMs
  }

  get isHalted(): boolean {
    return Atomics.load(this.#words, word.halted) === 1n
  }

  set isHalted(isHalted: boolean) {
    this.#store(word.halted, isHalted ? 1n : 0n)
    Atomics.add(this.#words, word.haltChanges, 1n)
  }

  get haltChanges(): bigint {
    return Atomics.load(this.#words, word.haltChanges)
  }

  get nextSequence(): number {
    return Number(Atomics.load(this.#words, word.nextSequence))
  }

  set nextSequence(sequence: number) {
    this.#store(word.nextSequence, BigInt(sequence))
  }

  /** The thread lives: it has come round once more. */
  beat(thread: number): void {
    Atomics.add(this.#words, word.beats + thread, 1n)
  }

  beatsOf(thread: number): bigint {
    return Atomics.load(this.#words, word.beats + thread)
  }

  #store(at: number, value: bigint): void {
    Atomics.store(this.#words, at, value)
  }
}
