/**
 * The threads of a live run: makes their channels, starts them from left to right, watches that they live, and ends them. Held by the
 * engine, on the run's thread.
 *
 * A thread that ends is known by its `exit`, at once; one that does not come round any more by its beats. Only a confirmed end gives
 * away what it held (its writer claims, its RESERVED slots, its ends of channels): a thread that is silent for too long is terminated
 * first. What comes after is policy: entries halt, or a new thread takes its place.
 */
import { availableParallelism } from 'node:os'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { type ErrorCode, SignalboxError } from './base/errors.ts'
import type { ChannelCounters } from './channel/channel.ts'
import type { Receiver } from './channel/receiver.ts'
import { waitForAnyAsync } from './channel/wait.ts'
import type { EngineConfig } from './config.ts'
import type { DecisionRecordNames } from './domain/decision-record.ts'
import type { Instrument } from './domain/instrument.ts'
import type { PipelineMessage } from './domain/message.ts'
import { eventTypesOf } from './domain/policy.ts'
import type { Timeline } from './domain/units.ts'
import type { EngineFigures } from './engine-figures.ts'
import type { FlowWorkerData, FlowWorkerReply } from './flow-worker.ts'
import { reservedOf, type ShownDecision, telemetryCodec } from './pipeline/decision-telemetry.ts'
import { EventNames } from './pipeline/event-names.ts'
import { FlowBoard } from './pipeline/flow-board.ts'
import { FlowChannels } from './pipeline/flow-channels.ts'
import { type FlowBox, flowCodec, type RecordBox, recordCodec } from './pipeline/flow-codec.ts'
import { FlowPipeline } from './pipeline/flow-pipeline.ts'
import { FlowThread } from './pipeline/flow-thread.ts'
import type { JournalThreadAddress } from './pipeline/journal-thread-port.ts'
import { PatientSender } from './pipeline/patient-sender.ts'
import { Silence } from './pipeline/silence.ts'
import { latencyProbeOf } from './pipeline/stage-latency.ts'
import { type TopologyName, topologies } from './pipeline/topology.ts'
import { wireCodec } from './pipeline/wire-codec.ts'
import type { Region } from './region/region.ts'
import type { Stages } from './stage-set.ts'

/** What a live run's threads ask of the engine. */
export interface FlowHooks {
  readonly timeline: Timeline
  readonly timeScale: number
  readonly monotonicNs: () => number
  /** Hears what stages here say and hear, and whole decisions, for display: not all where they are too many. */
  readonly observer: (message: PipelineMessage) => void
  /** A decision was made and answered: every one. */
  readonly onDecision: () => void
  /** Runs a step of this thread that the event loop brought; takes what stages throw, here or over there. */
  readonly guarded: (step: () => void) => void
  /** Records wait for room: the feed should hold back (true); no more (false). */
  readonly onCongestion: (isCongested: boolean) => void
  /** A thread is away: why, or null when all are back. */
  readonly onAway: (reason: string | null) => void
}

export interface FlowThreadsOptions extends FlowHooks {
  readonly topology: TopologyName
  readonly config: EngineConfig
  readonly instruments: readonly Instrument[]
  readonly region: Region
  /** Those of thread 0. */
  readonly stages: Partial<Stages>
  /** Types that the arbiter leaves to strategies in workers. */
  readonly leftToWorkers: readonly string[]
  /** Null: the built-in detectors. */
  readonly detectorModule: string | null
  readonly journal: JournalThreadAddress | null
  readonly firstSequence: number
  readonly report: (line: string) => void
}

interface Running {
  worker: Worker
  port: MessagePort
  /** What its stages do, for people. */
  readonly name: string
  readonly silence: Silence
  /** Why entries halt; null: nothing is wrong with it. */
  away: string | null
  /** `ending`: terminated, not yet confirmed; `ended`: perhaps to be followed; `gone`: nobody comes any more. */
  state: 'starting' | 'running' | 'ending' | 'ended' | 'gone'
}

/** How long a thread spins for news where each can have a core, microseconds. */
const spinUsMax = 200
/** A thread that has not come round for so long is told of, and entries halt until it does. */
const silenceMs = 1_000
/** The whole of a stop. */
const stopMs = 1_800
const nsPerMs = 1e6

export class FlowThreads {
  readonly pipeline: FlowPipeline
  readonly board: FlowBoard
  readonly #options: FlowThreadsOptions
  readonly #channels: FlowChannels
  readonly #outboxes: readonly (PatientSender<FlowBox> | null)[]
  readonly #records: PatientSender<RecordBox>
  readonly #telemetry: Receiver<ShownDecision>
  readonly #shown: ShownDecision[]
  readonly #names: EventNames
  readonly #recordNames: DecisionRecordNames
  readonly #sources: readonly Receiver<never>[]
  readonly #membersMax: number
  /** By thread, from 1 on. */
  readonly #threads: Running[] = []
  #figures: Partial<EngineFigures> = {}
  #conflatedThere = new Map<number, number>()
  #congested = 0
  #isStopping = false
  #isClosed = false
  #isStarted = false

  constructor(options: FlowThreadsOptions) {
    const { topology, config, instruments, region, stages, firstSequence, timeScale, timeline } = options
    const plan = topologies[topology]
    const types = eventTypesOf(config.policy)
    const symbols = instruments.map(({ symbol }) => symbol)
    this.#options = options
    this.#membersMax = Math.min(config.positionsMax, config.policy.maxOpenPositions)
    this.board = FlowBoard.create(plan.length, timeScale, firstSequence)
    this.#names = new EventNames(2 * region.events.capacity)
    this.#recordNames = { types, symbols, timeline, idOf: (handle) => this.#names.idOf(handle) }
    const codec = flowCodec(wireCodec({ types, symbols }, this.#membersMax))
    const shownCodec = telemetryCodec(this.#membersMax)
    const spinUs = plan.length <= availableParallelism() ? spinUsMax : 0
    const { eventsCapacity } = config.pipeline
    const channels = new FlowChannels({ plan, symbolCount: symbols.length, eventsCapacity, spinUs }, codec, shownCodec)
    this.#channels = channels
    const { inboxes, records, telemetry } = channels
    const copyBox = (box: FlowBox): FlowBox => ({ ...box, wire: { message: box.wire.message } })
    const onCongestion = (isCongested: boolean): void => this.#onCongestion(isCongested)
    this.#outboxes = inboxes.map((inbox, thread) =>
      thread === 0 ? null : new PatientSender(inbox.sender(codec), { copy: copyBox, onCongestion }),
    )
    this.#records = new PatientSender(records.sender(recordCodec), {
      copy: (box) => ({ ...box, record: { ...box.record } }),
      onCongestion,
    })
    const inbox = inboxes[0]!.receiver(codec)
    this.#telemetry = telemetry.receiver(shownCodec)
    this.#shown = this.#telemetry.batch(16)
    this.#sources = [inbox, this.#telemetry] as readonly Receiver<unknown>[] as readonly Receiver<never>[]
    const thread = new FlowThread({
      ...{ plan, thread: 0, stages, symbolCount: symbols.length, inbox, report: options.report },
      records: null,
      updates: null,
      updateSenders: [],
      box: codec.create(),
      latency: latencyProbeOf(region, options.monotonicNs),
      send: (other, box) => this.#outboxes[other]!.send(box),
      obey: (box) => this.pipeline.answered(box.command),
      observer: (message) => this.#observe(message),
    })
    this.pipeline = new FlowPipeline({
      ...{ plan, thread, outboxes: this.#outboxes, records: this.#records, monotonicNs: options.monotonicNs },
      box: codec.create(),
      record: recordCodec.create(),
      patienceMs: config.pipeline.hangMs,
      isGone: (other) => this.#threads[other - 1]?.state !== 'running',
    })
  }

  /** Starts the threads, each when the one before it is ready. @throws {SignalboxError} what kept one from starting. */
  async start(): Promise<void> {
    const plan = topologies[this.#options.topology]
    for (let thread = 1; thread < plan.length; thread += 1) await this.#startThread(thread, false)
    this.#isStarted = true
    void this.#listen()
  }

  /** Whether all its threads have started. */
  get isStarted(): boolean {
    return this.#isStarted
  }

  /** What the stages on other threads counted. */
  figures(): Partial<EngineFigures> {
    const deadlineNs = this.#options.monotonicNs() + silenceMs * nsPerMs
    for (const [index, { state }] of this.#threads.entries()) {
      if (state === 'running' && !this.#isClosed) this.pipeline.flush(index + 1, deadlineNs)
    }
    this.#readPorts()
    return this.#figures
  }

  /** Tells arbitration, wherever it is, whether new entries are halted. */
  setHalted(isHalted: boolean): void {
    this.board.isHalted = isHalted
  }

  /** What the channels counted, by name. */
  channelCounters(): Readonly<Record<string, ChannelCounters>> {
    return this.#channels.counters()
  }

  /** State updates that conflated within a thread, where the state and who hears it share one. */
  get conflatedWithin(): number {
    this.#readPorts()
    return [...this.#conflatedThere.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Messages and records for threads that had ended. */
  get undelivered(): number {
    return this.#outboxes.reduce((sum, outbox) => sum + (outbox?.lost ?? 0), this.#records.lost)
  }

  /** The most records or messages for one thread that waited on this one for room. */
  get heldMax(): number {
    return Math.max(this.#records.waitingMax, ...this.#outboxes.map((outbox) => outbox?.waitingMax ?? 0))
  }

  /** Whether something waits for room: records should be held back. */
  get isCongested(): boolean {
    return this.#congested > 0
  }

  /** Looks whether every thread has come round lately. Call it every few milliseconds. */
  check(): void {
    const nowNs = this.#options.monotonicNs()
    const { hangMs } = this.#options.config.pipeline
    for (const [index, running] of this.#threads.entries()) {
      if (running.state !== 'running') continue
      const silentMs = running.silence.look(this.board.beatsOf(index + 1), nowNs) / nsPerMs
      if (silentMs >= hangMs) this.#terminate(running, `has not come round for ${(hangMs / 1_000).toFixed(1)} s`)
      else if (silentMs >= silenceMs) this.#tell(running, `thread ${running.name} has not come round for 1 s`)
      else if (silentMs === 0) this.#tell(running, null)
    }
  }

  /** Drains, right to left, within two seconds; then the threads end by themselves. */
  stop(): void {
    this.#isStopping = true
    for (const thread of this.pipeline.stop(this.#options.monotonicNs() + stopMs * nsPerMs)) {
      const running = this.#threads[thread - 1]
      if (running === undefined) continue
      this.#options.report(`thread ${running.name} has not drained: what was on its way there is lost`)
      running.state = 'gone'
      void running.worker.terminate()
    }
    this.#takeShown()
    this.#readPorts()
  }

  /** Ends the threads; those that do not answer are terminated. */
  close(): void {
    if (this.#isClosed) return
    this.#isStopping = true
    this.#isClosed = true
    this.#channels.close()
    for (const { worker, port } of this.#threads) {
      port.close()
      // It ends by itself; who hangs must not keep the process.
      worker.unref()
    }
  }

  async #startThread(thread: number, isSuccessor: boolean): Promise<void> {
    const { topology, config, instruments, timeline, region, journal, timeScale, report } = this.#options
    const { detectorModule, leftToWorkers } = this.#options
    const channels = this.#channels.descriptors
    const { port1, port2 } = new MessageChannel()
    const workerData: FlowWorkerData = {
      ...{ topology, thread, config, instruments, channels, journal, timeScale, isSuccessor, detectorModule },
      ...{ membersMax: this.#membersMax, leftToWorkers },
      epochMs: timeline.epochMs,
      region: region.descriptor,
      backend: region.backend,
      board: this.board.memory,
      port: port2,
    }
    const worker = new Worker(new URL('./flow-worker.js', import.meta.url), { workerData, transferList: [port2] })
    const running: Running = {
      ...{ worker, port: port1, name: topologies[topology][thread]!.join(', '), silence: new Silence() },
      away: this.#threads[thread - 1]?.away ?? null,
      state: 'starting',
    }
    this.#threads[thread - 1] = running
    const ownerTag = worker.threadId + 1
    region.watchWorker(worker)
    worker.on('error', (thrown) => report(`thread ${running.name} died: ${thrown.message}`))
    const ready = new Promise<void>((resolve, reject) => {
      port1.on('message', (reply: FlowWorkerReply) => {
        if (reply.kind === 'ready') resolve()
        else if (reply.kind === 'failed' && running.state === 'starting') reject(errorOf(reply))
        else this.#options.guarded(() => this.#take(thread, reply))
      })
      worker.once('exit', (code) => {
        this.#channels.freeOwner(ownerTag)
        reject(new SignalboxError('ERR_IO', `thread ${running.name} ended while it started (code ${code})`))
        this.#onExit(thread, running, code)
      })
    })
    await ready
    // From now on the event loop stays alive by what the run waits for, not by its threads.
    worker.unref()
    port1.unref()
    running.state = 'running'
  }

  #onExit(thread: number, running: Running, code: number): void {
    const wasRunning = running.state === 'running' || running.state === 'ending'
    running.state = wasRunning ? 'ended' : 'gone'
    if (!wasRunning || this.#isStopping) return
    const { config, report } = this.#options
    const what = `thread ${running.name} ended by itself (code ${code})`
    this.#tell(running, what)
    if (config.pipeline.onThreadEnd === 'halt') {
      this.#giveUp(thread, running)
      return
    }
    report(`${what}: a new one takes its place, and its stages begin anew`)
    this.#startThread(thread, true).then(
      () => this.#tell(this.#threads[thread - 1]!, null),
      (thrown: Error) => {
        report(`no new thread could be started: ${thrown.message}`)
        this.#giveUp(thread, running)
      },
    )
  }

  /** Nobody will take what is sent there. */
  #giveUp(thread: number, running: Running): void {
    running.state = 'gone'
    this.#outboxes[thread]?.giveUp()
    this.#channels.inboxes[thread]?.close()
    if (topologies[this.#options.topology][thread]!.some((name) => name === 'state')) {
      this.#records.giveUp()
      this.#channels.records.close()
    }
  }

  #terminate(running: Running, why: string): void {
    running.state = 'ending'
    this.#options.report(`thread ${running.name} ${why}: it is terminated`)
    void running.worker.terminate()
  }

  /** Entries are halted while anything is wrong with any thread, and for all of it. */
  #tell(running: Running, away: string | null): void {
    if (running.away === away) return
    running.away = away
    const reasons = this.#threads.map((thread) => thread.away).filter((reason) => reason !== null)
    this.#options.onAway(reasons.length === 0 ? null : reasons.join('; '))
  }

  /** Takes in whatever comes, until the channels are closed. */
  async #listen(): Promise<void> {
    while (!this.#isClosed) {
      await waitForAnyAsync(this.#sources)
      if (this.#isStopping) return
      this.#options.guarded(() => this.pipeline.turn())
      this.#takeShown()
    }
  }

  #takeShown(): void {
    for (let count = this.#telemetry.receive(this.#shown); count > 0; count = this.#telemetry.receive(this.#shown)) {
      for (const shown of this.#shown.slice(0, count)) this.#options.observer(reservedOf(shown, this.#recordNames))
    }
  }

  #observe(message: PipelineMessage): void {
    // Of a decision this thread is sent what it acts on; the whole of it comes to be shown.
    if (message.kind === 'reserved') {
      this.#options.onDecision()
      return
    }
    if (message.kind === 'event') this.#names.add(message.handle, message.event.eventId)
    this.#options.observer(message)
  }

  #onCongestion(isCongested: boolean): void {
    this.#congested += isCongested ? 1 : -1
    if (this.#congested === (isCongested ? 1 : 0)) this.#options.onCongestion(isCongested)
  }

  #readPorts(): void {
    for (const [index, { port }] of this.#threads.entries()) {
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
        const reply = got.message as FlowWorkerReply
        this.#options.guarded(() => this.#take(index + 1, reply))
      }
    }
  }

  #take(thread: number, reply: FlowWorkerReply): void {
    if (reply.kind === 'report') this.#options.report(reply.line)
    else if (reply.kind === 'failed') throw errorOf(reply)
    else if (reply.kind === 'figures') {
      this.#figures = { ...this.#figures, ...reply.figures }
      this.#conflatedThere.set(thread, reply.conflated)
    }
  }
}

function errorOf({ code, message, field }: Extract<FlowWorkerReply, { kind: 'failed' }>): SignalboxError {
  return new SignalboxError(code as ErrorCode, message, field === undefined ? {} : { field })
}
