/**
 * What the engine's thread and the strategies' workers tell each other beside region, channel and broadcast: one block of shared memory, with a
 * cache line a strategy.
 *
 * **Ordering.** Each word says something by itself; only two have a partner:
 *   (S1) a worker stores its participant before it sends its first claim; (S2) who has received a claim of it, through the channel's
 *        release and acquire, loads that participant.
 *   (S3) the engine's thread stores the time before it announces anything; (S4) a worker loads it for a lease. An older time makes a lease
 *        that ends earlier, which is safe.
 * Counters are plain doubles with one writer each, the worker; others read what may be out of date; a machine of 64 bits stores a double whole.
 */
/** What a worker counts. `refused…`: by the ledger, in the order of `reserveRefusals`. */
export const strategyCounters = [
  /** Turns in which it read hot state, ledger and registry. */
  'turns',
  /** Calls of `act`. */
  'asked',
  /** Answers that were a claim and made sense. */
  'claims',
  /** Claims that the ledger granted. */
  'granted',
  'refusedEventClaimed',
  'refusedInterlocked',
  'refusedSlotTaken',
  'refusedMaxPositions',
  'refusedNoCapital',
  /** Answers that were none: not a claim, or one of nonsense. */
  'invalid',
  'threw',
  /** Granted, and given back since the order stage had not yet taken those before: its lane was full. */
  'unsent',
] as const
export type StrategyCounter = (typeof strategyCounters)[number]

const boardWords = 32
const word = { isClosed: 0, isAdmitting: 16 } as const
const strategyWords = 16
const strategyWord = { beat: 0, participant: 1 } as const
const counterDoubles = 16
const timeDoubles = 8

/** Shared memory for so many strategies. */
export function createBoardMemory(strategies: number): SharedArrayBuffer {
  const words = (boardWords + strategies * strategyWords) * 4
  return new SharedArrayBuffer(words + (timeDoubles + strategies * counterDoubles) * 8)
}

export class StrategyBoard {
  readonly #words: Int32Array
  /** The engine's monotonic time, and event time; nanoseconds. */
  readonly #times: BigInt64Array
  readonly #counts: Float64Array

  constructor(memory: SharedArrayBuffer, strategies: number) {
    const words = boardWords + strategies * strategyWords
    this.#words = new Int32Array(memory, 0, words)
    this.#times = new BigInt64Array(memory, words * 4, 2)
    this.#counts = new Float64Array(memory, words * 4 + timeDoubles * 8, strategies * counterDoubles)
  }

  /** The engine's thread: what time it is, and whether claims are taken. (S3) */
  setNow(monotonicNs: number, nowNs: number, isAdmitting: boolean): void {
    Atomics.store(this.#times, 0, BigInt(Math.floor(monotonicNs)))
    Atomics.store(this.#times, 1, BigInt(Math.floor(nowNs)))
    Atomics.store(this.#words, word.isAdmitting, isAdmitting ? 1 : 0)
  }

  /** The engine's monotonic time when it last looked after its strategies. (S4) */
  get monotonicNs(): number {
    return Number(Atomics.load(this.#times, 0))
  }
  /** Event time then. */
  get nowNs(): number {
    return Number(Atomics.load(this.#times, 1))
  }
  /** Claims would be taken. */
  get isAdmitting(): boolean {
    return Atomics.load(this.#words, word.isAdmitting) === 1
  }

  /** Every strategy is to end; announce it. */
  close(): void {
    Atomics.store(this.#words, word.isClosed, 1)
  }
  get isClosed(): boolean {
    return Atomics.load(this.#words, word.isClosed) === 1
  }

  /** A worker: it goes on. Modulo 2^32. */
  beat(strategy: number): void {
    Atomics.add(this.#words, wordAt(strategy, strategyWord.beat), 1)
  }
  beats(strategy: number): number {
    return Atomics.load(this.#words, wordAt(strategy, strategyWord.beat))
  }

  /** A worker: its attachment to the region. (S1) */
  setParticipant(strategy: number, participant: number): void {
    Atomics.store(this.#words, wordAt(strategy, strategyWord.participant), participant + 1)
  }
  /** (S2) −1: it has not attached. */
  participant(strategy: number): number {
    return Atomics.load(this.#words, wordAt(strategy, strategyWord.participant)) - 1
  }

  count(strategy: number, counter: StrategyCounter): void {
    this.#counts[strategy * counterDoubles + strategyCounters.indexOf(counter)]! += 1
  }
  counts(strategy: number): Record<StrategyCounter, number> {
    const first = strategy * counterDoubles
    return Object.fromEntries(strategyCounters.map((name, at) => [name, this.#counts[first + at]!])) as Record<
      StrategyCounter,
      number
    >
  }
}

function wordAt(strategy: number, which: number): number {
  return boardWords + strategy * strategyWords + which
}
