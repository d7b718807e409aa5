/**
 * The threads of a topology, in lockstep: starts them, is thread 0 itself, asks for their figures, ends them. Held by the engine.
 *
 * A thread that ended without a word is noticed when the baton does not come back: the wait is cut into slices, and after each it is
 * looked at whether somebody said why.
 */
import { availableParallelism } from 'node:os'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { monotonicNs } from './base/clock.ts'
import { type ErrorCode, SignalboxError } from './base/errors.ts'
import { Channel } from './channel/channel.ts'
import type { EngineConfig } from './config.ts'
import type { Instrument } from './domain/instrument.ts'
import type { PipelineMessage } from './domain/message.ts'
import { eventTypesOf } from './domain/policy.ts'
import type { EngineFigures } from './engine-figures.ts'
import { type BatonBox, batonCodec } from './pipeline/baton-codec.ts'
import type { JournalThreadAddress } from './pipeline/journal-thread-port.ts'
import { LockstepPipeline } from './pipeline/lockstep.ts'
import { boardOf, createBoardMemory, LockstepThread } from './pipeline/lockstep-thread.ts'
import { latencyProbeOf } from './pipeline/stage-latency.ts'
import { type TopologyName, topologies } from './pipeline/topology.ts'
import { wireCodec } from './pipeline/wire-codec.ts'
import type { Region } from './region/region.ts'
import type { Stages } from './stage-set.ts'
import type { StageWorkerData, StageWorkerReply } from './stage-worker.ts'

export interface StageThreadsOptions {
  readonly topology: TopologyName
  readonly config: EngineConfig
  readonly instruments: readonly Instrument[]
  readonly epochMs: number
  readonly region: Region
  /** Those of thread 0. */
  readonly stages: Partial<Stages>
  /** Null: the built-in detectors. */
  readonly detectorModule: string | null
  readonly journal: JournalThreadAddress | null
  readonly firstSequence: number
  readonly observer: ((message: PipelineMessage) => void) | null
  readonly report: (line: string) => void
}

/** How long a thread spins for the baton where each can have a core. */
const spinUsMax = 200
/** Messages that a thread's inbox holds of each other one; a sender waits for more. */
const inboxCapacity = 64
/** A thread that has not answered for so long has died: no stage takes a thousandth of it. */
const patienceMs = 30_000
const sliceMs = 100

export class StageThreads {
  readonly pipeline: LockstepPipeline
  readonly #channels: readonly Channel[]
  readonly #ports: readonly MessagePort[]
  /** Word 0: whether new entries are halted; word 1: how often that changed. */
  readonly #halts = new Int32Array(new SharedArrayBuffer(8))
  #figures: Partial<EngineFigures> = {}

  constructor(options: StageThreadsOptions) {
    const { topology, config, instruments, epochMs, region, stages, journal, firstSequence, observer, report } = options
    const { detectorModule } = options
    const plan = topologies[topology]
    const types = eventTypesOf(config.policy)
    const symbols = instruments.map(({ symbol }) => symbol)
    const codec = batonCodec(wireCodec({ types, symbols }, config.positionsMax))
    const senders = plan.length - 1
    // A baton that has to wake somebody takes a hundred times as long; but who spins holds a core that another may need.
    const spinUs = plan.length <= availableParallelism() ? spinUsMax : 0
    this.#channels = plan.map((_, thread) =>
      Channel.create({ name: `inbox ${thread}`, whenFull: 'block', capacity: inboxCapacity, senders, spinUs }, codec),
    )
    const board = createBoardMemory()
    const shared = {
      ...{ topology, config, instruments, epochMs, journal, firstSequence, board, halts: this.#halts.buffer },
      detectorModule,
      ...{ region: region.descriptor, backend: region.backend },
      inboxes: this.#channels.map(({ descriptor }) => descriptor),
    }
    this.#ports = plan.slice(1).map((_, index) => {
      const { port1, port2 } = new MessageChannel()
      const workerData: StageWorkerData = { ...shared, thread: index + 1, port: port2 }
      const worker = new Worker(new URL('./stage-worker.js', import.meta.url), { workerData, transferList: [port2] })
      worker.on('message', report)
      worker.on('error', (thrown) => report(`a thread of the pipeline died: ${thrown.message}`))
      region.watchWorker(worker)
      for (const channel of this.#channels) channel.watchWorker(worker)
      // They end when the engine is closed; a process that gives up before does not wait for them.
      worker.unref()
      port1.unref()
      return port1
    })
    const lockstep = new LockstepThread({
      plan,
      thread: 0,
      stages,
      board: boardOf(board),
      inbox: this.#channels[0]!.receiver(codec),
      outboxes: this.#channels.map((channel, thread) => (thread === 0 ? null : channel.sender(codec))),
      box: codec.create() satisfies BatonBox,
      observer,
      latency: latencyProbeOf(region, monotonicNs),
      onWaiting: { sliceMs, slicesMax: patienceMs / sliceMs, look: () => this.#listen() },
    })
    this.pipeline = new LockstepPipeline(lockstep, () => this.#listen())
  }

  /** What the stages on other threads counted. */
  figures(): Partial<EngineFigures> {
    for (let thread = 1; thread <= this.#ports.length; thread += 1) this.pipeline.tell(thread)
    return this.#figures
  }

  /** Tells arbitration, wherever it is, whether new entries are halted. */
  setHalted(isHalted: boolean): void {
    Atomics.store(this.#halts, 0, isHalted ? 1 : 0)
    Atomics.add(this.#halts, 1, 1)
  }

  /** The threads end by themselves. */
  close(): void {
    for (const channel of this.#channels) channel.close()
    for (const port of this.#ports) port.close()
  }

  /** What threads have said beside the channels. @throws {SignalboxError} what a stage there threw. */
  #listen(): void {
    for (const port of this.#ports) {
      const received = receiveMessageOnPort(port) as { readonly message: StageWorkerReply } | undefined
      if (received === undefined) continue
      const reply = received.message
      if (reply.kind === 'figures') this.#figures = { ...this.#figures, ...reply.figures }
      else {
        const details = reply.field === undefined ? {} : { field: reply.field }
        throw new SignalboxError(reply.code as ErrorCode, reply.message, details)
      }
    }
  }
}
