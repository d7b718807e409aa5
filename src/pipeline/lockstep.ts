/**
 * The lossless mode, as whoever has the records drives it: the same bytes as the inline pipeline, on several threads. It is thread 0,
 * has the baton between two calls, and blocks during each until all has come to rest.
 */
import type { MarketRecord } from '../domain/market.ts'
import type { PipelineMessage } from '../domain/message.ts'
import type { Pipeline } from './inline.ts'
import type { LockstepThread } from './lockstep-thread.ts'
import { type StageName, stageIndex, stageNames } from './topology.ts'

export class LockstepPipeline implements Pipeline {
  readonly #thread: LockstepThread
  readonly #listen: () => void
  #nowNs = 0

  /** @param listen - Takes what another thread has told beside the channels; throws what a stage there threw. */
  constructor(thread: LockstepThread, listen: () => void) {
    this.#thread = thread
    this.#listen = listen
  }

  get nowNs(): number {
    return this.#nowNs
  }

  warmUp(record: MarketRecord): void {
    this.#nowNs = record.atNs
    this.#thread.host.showMarket(record, false)
    this.#ask(() => this.#toState('warmUp', record))
  }

  process(record: MarketRecord, intendedNs = Number.NaN): void {
    this.advance(record.atNs)
    this.#nowNs = record.atNs
    this.#thread.host.showMarket(record)
    this.#ask(() => this.#toState('show', record, intendedNs))
  }

  advance(nowNs: number): void {
    for (let due = this.#firstDue(nowNs); due >= 0; due = this.#firstDue(nowNs)) {
      const dueNs = this.#thread.dueNs(due)
      this.#nowNs = Math.max(this.#nowNs, dueNs)
      this.#let(due, 'idle', dueNs)
    }
  }

  /** For messages that only stages of this thread hear. */
  accept(message: PipelineMessage, atNs: number): void {
    this.advance(atNs)
    this.#nowNs = Math.max(this.#nowNs, atNs)
    this.#thread.host.deliver(message)
    this.#rest()
  }

  runIdle(name: StageName, nowNs: number): void {
    this.#let(stageIndex[name], 'idle', nowNs)
  }

  stop(): void {
    // Who decides stops first: what the others let go of now must not be given away again.
    this.#let(stageIndex.arbitration, 'stop', this.#nowNs)
    for (const name of stageNames) if (name !== 'arbitration') this.#let(stageIndex[name], 'stop', this.#nowNs)
  }

  /** Has another thread say its figures (beside the channels). */
  tell(thread: number): void {
    this.#thread.handOn(thread, 'tell')
    this.#receive()
  }

  #firstDue(nowNs: number): number {
    let due = -1
    let first = Number.POSITIVE_INFINITY
    for (let stage = 0; stage < stageNames.length; stage += 1) {
      const dueNs = this.#thread.dueNs(stage)
      if (dueNs < first) {
        due = stage
        first = dueNs
      }
    }
    return first <= nowNs ? due : -1
  }

  /** Lets a stage do its task, wherever it is, and all that follows. */
  #let(stage: number, task: 'idle' | 'stop', atNs: number): void {
    const thread = this.#thread
    if (thread.host.stages[stage] === undefined) {
      this.#ask(() => thread.handOn(thread.threadOf(stage), task, stage, atNs))
      return
    }
    if (task === 'idle') thread.host.runIdle(stage, atNs)
    else thread.host.runStop(stage, atNs)
    this.#rest()
  }

  #toState(task: 'show' | 'warmUp', record: MarketRecord, intendedNs = Number.NaN): void {
    this.#thread.handOn(this.#thread.threadOf(stageIndex.state), task, 0, record.atNs, record, intendedNs)
  }

  /** Hands the baton on, and goes on when it is back until all is at rest. */
  #ask(handOn: () => void): void {
    handOn()
    this.#receive()
    this.#rest()
  }

  #rest(): void {
    while (!this.#thread.run()) this.#receive()
  }

  #receive(): void {
    const box = this.#thread.receiveBaton()
    if (box?.task === 'told') this.#listen()
    else if (box !== null) this.#thread.obey(box)
  }
}
