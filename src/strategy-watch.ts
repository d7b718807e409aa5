/**
 * One strategy's worker, as the engine's thread sees it: starts it, listens to it, ends it when it does not come round, and knows what became
 * of it. One thread; no clock of its own.
 *
 * A worker beats at each of its turns and around each question, at least ten times a second. Its silence is counted as long as somebody
 * looks: a process that stood still as a whole (stopped, swapped out) blames nobody.
 */
import type { Readable } from 'node:stream'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { messageOf } from './base/errors.ts'
import { nsPerMs, nsPerSecond } from './domain/units.ts'
import type { StrategyWorkerData, StrategyWorkerWord } from './strategy-worker.ts'
import type { StrategyBoard } from './workers/strategy-board.ts'
import type { PlacedStrategy } from './workers/strategy-spec.ts'

/** `stopped`: by us, or it gave up; `ended`: by itself; `done`: with the run. */
export type StrategyState = 'loading' | 'running' | 'stopped' | 'ended' | 'done'

/** So much silence at most counts of the time between two looks. */
const lookNsMax = 100 * nsPerMs
/** Of what a strategy prints: so often, so many bytes and lines of each stream; the rest waits in its worker. */
const printEveryNs = nsPerSecond
const printBytesMax = 4_096
const printLinesMax = 10
/** Words of it that are heard a look. */
const wordsMax = 4

export type StrategyWorkerShare = Omit<StrategyWorkerData, 'index' | 'module' | 'name' | 'data' | 'port'>

export class StrategyWatch {
  readonly placed: PlacedStrategy
  /** Until it has loaded: what the configuration calls it, or its file. */
  name: string
  state: StrategyState = 'loading'
  /** Why it is not running; null while it does. */
  why: string | null = null
  /** Resolves at its confirmed end. */
  readonly exited: Promise<void>
  readonly worker: Worker
  readonly #index: number
  readonly #board: StrategyBoard
  readonly #port: MessagePort
  readonly #report: (line: string) => void
  #beats = 0
  #silentNs = 0
  #lookedNs = Number.POSITIVE_INFINITY
  #printedNs = Number.NEGATIVE_INFINITY
  #hasExited = false

  constructor(
    index: number,
    placed: PlacedStrategy,
    share: StrategyWorkerShare,
    board: StrategyBoard,
    report: (line: string) => void,
  ) {
    const { name, url, data, memoryMb } = placed
    const { port1, port2 } = new MessageChannel()
    this.placed = placed
    this.name = name ?? placed.path
    this.#index = index
    this.#board = board
    this.#port = port1
    this.#report = report
    const workerData: StrategyWorkerData = { ...share, index, module: url, name, data, port: port2 }
    this.worker = new Worker(new URL('./strategy-worker.js', import.meta.url), {
      name: this.name,
      workerData,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      // What it prints is not to stand in the middle of the run's own output, nor to fill this thread's memory.
      stdout: true,
      stderr: true,
    })
    this.worker.on('error', (thrown) => this.#end('ended', `it died: ${messageOf(thrown)}`))
    this.exited = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.#hasExited = true
        this.listen()
        this.#print()
        this.#end('ended', `it ended by itself (exit code ${code})`)
        port1.close()
        resolve()
      })
    })
    // They end with the run; a process that gives up before does not wait for them.
    this.worker.unref()
    port1.unref()
  }

  /** Hears what it has said. */
  listen(): void {
    for (let count = 0; count < wordsMax; count += 1) {
      const received = receiveMessageOnPort(this.#port) as { readonly message: StrategyWorkerWord } | undefined
      if (received === undefined) return
      const word = received.message
      if (word.kind === 'loaded') {
        if (this.state === 'loading') this.state = 'running'
        this.name = word.name
      } else if (word.kind === 'told') this.#say(word.text)
      else this.#end(word.kind === 'stopped' ? 'stopped' : 'ended', word.text)
    }
  }

  /** Looks after it at `monotonicNs`; what does not come round is ended. */
  look(monotonicNs: number): void {
    if (this.#hasExited) return
    this.listen()
    if (monotonicNs - this.#printedNs >= printEveryNs) {
      this.#printedNs = monotonicNs
      this.#print()
    }
    if (this.state !== 'running') return
    const beats = this.#board.beats(this.#index)
    const passedNs = Math.min(Math.max(0, monotonicNs - this.#lookedNs), lookNsMax)
    this.#silentNs = beats === this.#beats ? this.#silentNs + passedNs : 0
    this.#lookedNs = monotonicNs
    this.#beats = beats
    if (this.#silentNs > this.placed.budgetMs * nsPerMs) {
      this.stop(`a step took longer than its ${this.placed.budgetMs} ms`)
    }
  }

  /** Ends it, wherever it is; its end is confirmed later. */
  stop(why: string): void {
    this.#end('stopped', why)
    void this.worker.terminate()
  }

  /** The run is over: it is to end by itself. */
  release(): void {
    if (this.state === 'running' || this.state === 'loading') this.state = 'done'
  }

  /** The first reason counts. */
  #end(state: 'stopped' | 'ended', why: string): void {
    const wasLoading = this.state === 'loading'
    if (this.state !== 'running' && !wasLoading) return
    this.state = state
    this.why = clean(why)
    // Who starts them says what did not load.
    if (!wasLoading)
      this.#report(`strategy ${this.name} ${state === 'stopped' ? 'was stopped' : 'has ended'}: ${this.why}`)
  }

  #say(text: string): void {
    this.#report(`strategy ${this.name} ${clean(text)}`)
  }

  #print(): void {
    for (const stream of [this.worker.stdout, this.worker.stderr]) {
      const lines = printed(stream)
      for (const line of lines) this.#report(`strategy ${this.name}: ${clean(line)}`)
    }
  }
}

function printed(stream: Readable): string[] {
  stream.read(0)
  const size = Math.min(stream.readableLength, printBytesMax)
  const chunk = size > 0 ? (stream.read(size) as Buffer | null) : null
  if (chunk === null) return []
  const lines = chunk
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.slice(0, printLinesMax)
}

/** One line. */
function clean(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim()
}
