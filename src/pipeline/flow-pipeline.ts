/**
 * The free-running mode as the run's thread drives it (thread 0, an event loop, with the feed and the orders): shows each record to the
 * venue here, sends it to the state over there, and takes in what comes back. It never waits for another thread, but at its stop.
 */
import { SignalboxError } from '../base/errors.ts'
import type { MarketRecord } from '../domain/market.ts'
import type { PipelineMessage } from '../domain/message.ts'
import type { FlowBox, RecordBox } from './flow-codec.ts'
import type { FlowThread } from './flow-thread.ts'
import type { Pipeline } from './inline.ts'
import type { PatientSender } from './patient-sender.ts'
import { type StageName, stageIndex, stageNames, type ThreadPlan } from './topology.ts'

export interface FlowPipelineOptions {
  readonly plan: ThreadPlan
  readonly thread: FlowThread
  /** By thread; null: this one. */
  readonly outboxes: readonly (PatientSender<FlowBox> | null)[]
  readonly records: PatientSender<RecordBox>
  /** A box of each kind to send from. */
  readonly box: FlowBox
  readonly record: RecordBox
  readonly monotonicNs: () => number
  /** How long a warm-up waits for a thread that takes nothing. */
  readonly patienceMs: number
  /** A thread that has ended answers no more. */
  readonly isGone: (thread: number) => boolean
}

/** While the stop waits for an answer, how long it rests before it looks again. */
const restMs = 0.2
const pillow = new Int32Array(new SharedArrayBuffer(4))

export class FlowPipeline implements Pipeline {
  readonly #options: FlowPipelineOptions
  #nowNs = 0
  #commands = 0
  /** Commands that were answered. */
  readonly #done = new Set<number>()
  /** Threads that did not answer a command in time: nothing more is asked of them. */
  readonly #silent = new Set<number>()

  constructor(options: FlowPipelineOptions) {
    this.#options = options
  }

  get nowNs(): number {
    return this.#nowNs
  }

  warmUp(record: MarketRecord): void {
    const { thread, records, patienceMs } = this.#options
    this.#nowNs = record.atNs
    thread.host.showMarket(record, false)
    if (records.sendBlocking(this.#boxOf(record, false, Number.NaN), patienceMs)) return
    throw new SignalboxError('ERR_IO', `the state has taken no record of the warm-up for ${patienceMs / 1_000} s`)
  }

  process(record: MarketRecord, intendedNs: number): void {
    const { thread, records } = this.#options
    this.advance(record.atNs)
    this.#nowNs = record.atNs
    records.send(this.#boxOf(record, true, intendedNs))
    thread.host.showMarket(record)
    thread.settle()
  }

  advance(nowNs: number): void {
    const { thread } = this.#options
    thread.advance(nowNs)
    this.#nowNs = Math.max(this.#nowNs, thread.nowNs)
  }

  /** For messages that only stages of this thread hear. */
  accept(message: PipelineMessage, atNs: number): void {
    const { thread } = this.#options
    this.advance(atNs)
    this.#nowNs = Math.max(this.#nowNs, atNs)
    thread.host.deliver(message)
    this.turn()
  }

  /** Other threads look after what falls due there by themselves. */
  runIdle(name: StageName, nowNs: number): void {
    const { thread } = this.#options
    if (thread.host.stages[stageIndex[name]] === undefined) return
    thread.host.runIdle(stageIndex[name], nowNs)
    thread.settle()
  }

  /** Takes in what has come, and runs what follows of it here. */
  turn(): void {
    const { thread } = this.#options
    while (thread.takeIn() > 0) thread.settle()
    thread.settle()
  }

  /** A thread has answered a command. */
  answered(command: number): void {
    // Nobody waits any more for one that was answered too late.
    if (command === this.#commands) this.#done.add(command)
  }

  /**
   * Has a thread take in and run all that was sent to it before.
   * @returns False: it has not answered in time, or has ended.
   */
  flush(thread: number, deadlineNs: number): boolean {
    this.#silent.delete(thread)
    return this.#command('flush', thread, 0, 0, deadlineNs)
  }

  /**
   * Drains: what was sent is run, left to right; arbitration stops; then the others from right to left, each with what it owes.
   * @param deadlineNs - Monotonic; later it waits for nobody.
   * @returns The threads that have not answered.
   */
  stop(deadlineNs = Number.POSITIVE_INFINITY): readonly number[] {
    this.#silent.clear()
    this.#flushAll(deadlineNs)
    this.#stopStage('arbitration', deadlineNs)
    // Its last decision may be on its way through reservation to the orders.
    this.#flushAll(deadlineNs)
    for (const name of [...stageNames].reverse()) {
      if (name === 'arbitration' || name === 'journal') continue
      this.#stopStage(name, deadlineNs)
      this.#flushAll(deadlineNs)
    }
    this.#stopStage('journal', deadlineNs)
    return [...this.#silent]
  }

  #flushAll(deadlineNs: number): void {
    this.turn()
    for (let thread = 1; thread < this.#options.plan.length; thread += 1) {
      this.#command('flush', thread, 0, 0, deadlineNs)
    }
    this.turn()
  }

  #stopStage(name: StageName, deadlineNs: number): void {
    const { thread, plan } = this.#options
    const stage = stageIndex[name]
    if (thread.host.stages[stage] === undefined) {
      const other = plan.findIndex((names) => names.includes(name))
      this.#command('stop', other, stage, this.#nowNs, deadlineNs)
      return
    }
    thread.host.runStop(stage, this.#nowNs)
    thread.settle()
  }

  #command(task: 'flush' | 'stop', thread: number, stage: number, atNs: number, deadlineNs: number): boolean {
    const { outboxes, box, records } = this.#options
    if (this.#silent.has(thread)) return false
    const isGone = (): boolean => this.#options.isGone(thread)
    this.#commands += 1
    const command = this.#commands
    // The state's records come by another channel, and before the command.
    if (!this.#wait(() => records.waiting === 0 || isGone(), deadlineNs)) return this.#gaveUp(thread)
    Object.assign(box, { task, command, stage, atNs, intendedNs: Number.NaN })
    outboxes[thread]!.send(box)
    this.#wait(() => this.#done.has(command) || isGone(), deadlineNs)
    return this.#done.delete(command) || this.#gaveUp(thread)
  }

  #gaveUp(thread: number): false {
    this.#silent.add(thread)
    return false
  }

  /** Goes on with what is here until something is so. @returns False: it is not, and the time is over. */
  #wait(isSo: () => boolean, deadlineNs: number): boolean {
    const { outboxes, records, monotonicNs } = this.#options
    for (;;) {
      this.turn()
      if (isSo()) return true
      if (monotonicNs() >= deadlineNs) return false
      records.flush()
      for (const outbox of outboxes) outbox?.flush()
      Atomics.wait(pillow, 0, 0, restMs)
    }
  }

  #boxOf(record: MarketRecord, isHeard: boolean, intendedNs: number): RecordBox {
    const box = this.#options.record
    box.record = record
    box.isHeard = isHeard
    box.intendedNs = intendedNs
    return box
  }
}
