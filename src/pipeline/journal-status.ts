/**
 * What the journal's thread says of itself, in shared memory, so that the other thread knows without its event loop. Written by the
 * journal's thread, read by the run's; the flag to give up goes the other way.
 *
 * The text is written before the state that announces it (a sequentially consistent store) and read after that state was seen.
 */

const states = ['running', 'stopped', 'failed', 'closed'] as const
export type JournalThreadState = (typeof states)[number]

const word = { state: 0, textBytes: 1, isAbandoned: 2 } as const
const textStart = 16
const bytes = 4_096

export class JournalStatus {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #text: Uint8Array

  constructor(memory = new SharedArrayBuffer(bytes)) {
    this.memory = memory
    this.#words = new Int32Array(memory, 0, textStart / 4)
    this.#text = new Uint8Array(memory, textStart)
  }

  get state(): JournalThreadState {
    return states[Atomics.load(this.#words, word.state)]!
  }

  /** With `stopped` the errno, with `failed` the message. */
  get text(): string {
    return Buffer.from(this.#text.slice(0, Atomics.load(this.#words, word.textBytes))).toString('utf8')
  }

  set(state: JournalThreadState, text = ''): void {
    const encoded = Buffer.from(text, 'utf8').subarray(0, this.#text.length)
    this.#text.set(encoded)
    Atomics.store(this.#words, word.textBytes, encoded.length)
    Atomics.store(this.#words, word.state, states.indexOf(state))
  }

  /** The run does not want what is left to be written any more. */
  get isAbandoned(): boolean {
    return Atomics.load(this.#words, word.isAbandoned) === 1
  }

  abandon(): void {
    Atomics.store(this.#words, word.isAbandoned, 1)
    Atomics.notify(this.#words, word.isAbandoned)
  }

  /** Blocks the thread for at most `ms`, until the run gives up. */
  waitForAbandon(ms: number): void {
    Atomics.wait(this.#words, word.isAbandoned, 0, ms)
  }
}
