/**
 * One thread of the lossless mode. Of all threads exactly one runs at a time: it holds the baton, and hands it to the thread of whichever
 * stage is next by the inline pipeline's rule. So several threads do step by step what one does, and their journals are the same bytes.
 *
 * Every thread has an inbox, a channel that blocks when it is full and that its owner empties whenever it waits: so no send waits for
 * ever. Messages go straight to the inbox of each thread that has a stage for them; the baton goes there too, behind them. A batch of a
 * channel is closed under "was sent before" (CHAN-5): whoever has the baton has every message that was sent before it.
 *
 * What waits for the stages of other threads, and when something falls due there, stands in shared memory as its thread left it when it
 * handed the baton on; the baton's way through the channels orders it.
 *
 * LOCK-1  One holder: whoever handed the baton on touches no stage until it is back.
 */
import { invariant } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import type { Receiver } from '../channel/receiver.ts'
import type { Sender } from '../channel/sender.ts'
import type { DecisionMade } from '../domain/decision-made.ts'
import { decisionHeader } from '../domain/decision-record.ts'
import type { MarketRecord } from '../domain/market.ts'
import type { PipelineMessage } from '../domain/message.ts'
import type { BatonBox, BatonTask } from './baton-codec.ts'
import { type LatencyProbe, StageHost, type StageSet } from './host.ts'
import { PendingDecisions } from './pending-decisions.ts'
import { routes, stageIndex, stageNames, type ThreadPlan } from './topology.ts'

const stageCount = stageNames.length

/** What the threads know of each other's stages: how much waits, and when something falls due. */
export interface LockstepBoard {
  readonly waiting: Float64Array
  readonly dueNs: Float64Array
}

export function createBoardMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(stageCount * 2 * 8)
  boardOf(memory).dueNs.fill(Number.POSITIVE_INFINITY)
  return memory
}

export function boardOf(memory: SharedArrayBuffer): LockstepBoard {
  return {
    waiting: new Float64Array(memory, 0, stageCount),
    dueNs: new Float64Array(memory, stageCount * 8, stageCount),
  }
}

export interface LockstepThreadOptions {
  readonly plan: ThreadPlan
  /** This thread's place in the plan. */
  readonly thread: number
  readonly stages: StageSet
  readonly board: LockstepBoard
  readonly inbox: Receiver<BatonBox>
  /** By thread; null: this one. */
  readonly outboxes: readonly (Sender<BatonBox> | null)[]
  /** A box to send from. */
  readonly box: BatonBox
  /** Hears every message that is said or heard here and is not a state update, for display. It must not keep or change them. */
  readonly observer: ((message: PipelineMessage) => void) | null
  /** Takes the latencies of the stages here. */
  readonly latency: LatencyProbe | null
  /** What to do while the baton does not come: `look` after each slice, at most so often. Null: wait as long as it takes. */
  readonly onWaiting: { readonly sliceMs: number; readonly slicesMax: number; readonly look: () => void } | null
}

export class LockstepThread {
  readonly host: StageHost
  readonly #options: LockstepThreadOptions
  readonly #threadOf: readonly number[]
  readonly #batch: BatonBox[]
  #count = 0
  #at = 0
  readonly #pending = new PendingDecisions()

  constructor(options: LockstepThreadOptions) {
    const { plan, stages, inbox, observer, latency } = options
    this.#options = options
    this.#threadOf = stageNames.map((name) => plan.findIndex((names) => names.includes(name)))
    const sendAway = (message: PipelineMessage, intendedNs: number): void => this.#sendAway(message, intendedNs)
    this.host = new StageHost(stages, { sendAway, observer, latency })
    this.#batch = inbox.batch(64)
    this.#publish()
  }

  /**
   * With the baton: runs stages until nothing waits anywhere, or the next is elsewhere, whose thread then has the baton.
   * @returns True: all is at rest, and the baton is here.
   */
  run(): boolean {
    for (;;) {
      const stage = this.#first()
      if (stage < 0) return true
      if (this.host.stages[stage] === undefined) {
        this.handOn(this.#threadOf[stage]!, 'goOn')
        return false
      }
      this.host.run(stage)
    }
  }

  /** Hands the baton to a thread. @param record - Of the tasks that show one. @param intendedNs - Of the task; NaN: not measured. */
  handOn(
    thread: number,
    task: BatonTask,
    stage = 0,
    atNs = 0,
    record: MarketRecord | null = null,
    intendedNs = Number.NaN,
  ): void {
    this.#publish()
    const { box, outboxes } = this.#options
    box.task = task
    box.stage = stage
    box.atNs = atNs
    box.intendedNs = intendedNs
    if (record !== null) box.wire.message = record
    outboxes[thread]!.send(box)
  }

  /**
   * Without the baton: takes messages in until it comes.
   * @returns The baton's box, valid until the next call; null: the inbox was closed, and it will not come any more.
   * @throws {SignalboxError} `ERR_IO` if it does not come in time; what `look` throws.
   */
  receiveBaton(): BatonBox | null {
    const { inbox, onWaiting } = this.#options
    for (let slices = 0; ; ) {
      while (this.#at < this.#count) {
        const box = this.#batch[this.#at]!
        this.#at += 1
        if (box.task !== 'message') return box
        this.#takeIn(box.wire.message as PipelineMessage, box.intendedNs)
      }
      if (!inbox.wait(onWaiting?.sliceMs)) {
        if (inbox.isAtEnd) return null
        slices += 1
        onWaiting!.look()
        if (slices < onWaiting!.slicesMax) continue
        const seconds = (onWaiting!.sliceMs * onWaiting!.slicesMax) / 1_000
        throw new SignalboxError('ERR_IO', `a thread of the pipeline has not answered for ${seconds} s`)
      }
      this.#count = inbox.receive(this.#batch)
      this.#at = 0
    }
  }

  /** Does what came with the baton. @returns False: it is for somebody who is asked for figures. */
  obey(box: BatonBox): boolean {
    switch (box.task) {
      case 'show':
      case 'warmUp':
        this.host.show(stageIndex.state, box.wire.message as MarketRecord, box.task === 'show', box.intendedNs)
        return true
      case 'idle':
        this.host.runIdle(box.stage, box.atNs, box.intendedNs)
        return true
      case 'stop':
        this.host.runStop(box.stage, box.atNs, box.intendedNs)
        return true
      default:
        return box.task === 'goOn'
    }
  }

  /** The thread that runs a stage. */
  threadOf(stage: number): number {
    return this.#threadOf[stage]!
  }

  /** When something falls due in a stage, here or elsewhere. */
  dueNs(stage: number): number {
    return this.host.stages[stage] === undefined ? this.#options.board.dueNs[stage]! : this.host.dueNs(stage)
  }

  #first(): number {
    const { waiting } = this.#options.board
    for (let stage = 0; stage < stageCount; stage += 1) {
      const count = this.host.stages[stage] === undefined ? waiting[stage]! : this.host.waiting(stage)
      if (count > 0) return stage
    }
    return -1
  }

  /** What others have to know of the stages here while they have the baton. */
  #publish(): void {
    const { waiting, dueNs } = this.#options.board
    for (let stage = 0; stage < stageCount; stage += 1) {
      if (this.host.stages[stage] === undefined) continue
      waiting[stage] = this.host.waiting(stage)
      dueNs[stage] = this.host.dueNs(stage)
    }
  }

  #sendAway(message: PipelineMessage, intendedNs: number): void {
    const { thread, board, box, outboxes } = this.#options
    if (message.kind === 'decision') this.#pending.add(message)
    box.task = 'message'
    box.wire.message = message
    box.intendedNs = intendedNs
    let told = 1 << thread
    for (const name of routes[message.kind]) {
      const stage = stageIndex[name]
      const other = this.#threadOf[stage]!
      if (other === thread) continue
      board.waiting[stage]! += 1
      if ((told & (1 << other)) !== 0) continue
      told |= 1 << other
      outboxes[other]!.send(box)
    }
  }

  #takeIn(message: PipelineMessage, intendedNs: number): void {
    if (message.kind !== 'state') this.#options.observer?.(message)
    this.host.deliver(this.#keptOf(message), intendedNs)
  }

  /** What of a message may wait: its box is used again meanwhile. */
  #keptOf(message: PipelineMessage): PipelineMessage {
    if (message.kind === 'state') return { ...message }
    return message.kind === 'reserved' ? { ...message, decision: this.#wholeOf(message.decision) } : message
  }

  /** The decision that was made here and went to be reserved elsewhere; what came back of it is only what that takes. */
  #wholeOf(decision: DecisionMade): DecisionMade {
    if (this.host.stages[stageIndex.arbitration] === undefined) return decision
    const whole = this.#pending.take(decision)
    const sequence = decision.record[decisionHeader.sequence]
    invariant(whole !== undefined, 'LOCK-1', `decision ${sequence} came back and was not made here`)
    return whole
  }
}
