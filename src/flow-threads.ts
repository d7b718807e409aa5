/**
 * The threads of a live run: makes their channels, starts them from left to right, watches that they live, and ends them. Held by the
 * engine, on the run's thread.
 *
 * A thread that ends is known by its `exit`, at once; one that does not come round any more by its beats (`watched-thread.ts`). Only a confirmed end gives
 * away what it held (its writer claims, its RESERVED slots, its ends of channels): a thread that is silent for too long is terminated
 * first. What comes after is policy: entries halt, or a new thread takes its place.
 */
import { availableParallelism } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SignalboxError } from './base/errors.ts'
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
import type { FlowWorkerReply } from './flow-worker.ts'
import { reservedOf, type ShownDecision, telemetryCodec } from './pipeline/decision-telemetry.ts'
import { EventNames } from './pipeline/event-names.ts'
import { FlowBoard } from './pipeline/flow-board.ts'
import { FlowChannels } from './pipeline/flow-channels.ts'
import { type FlowBox, flowCodec, type RecordBox, recordCodec } from './pipeline/flow-codec.ts'
import { FlowPipeline } from './pipeline/flow-pipeline.ts'
import { FlowThread } from './pipeline/flow-thread.ts'
import type { JournalThreadAddress } from './pipeline/journal-thread-port.ts'
import { PatientSender } from './pipeline/patient-sender.ts'
import { latencyProbeOf } from './pipeline/stage-latency.ts'
import { type StageName, type TopologyName, topologies } from './pipeline/topology.ts'
import { wireCodec } from './pipeline/wire-codec.ts'
import type { Region } from './region/region.ts'
import type { Stages } from './stage-set.ts'
import { failureOf, WatchedThread } from './watched-thread.ts'

/** What a live run's threads ask of the engine. */
export interface FlowHooks {
  readonly timeline: Timeline
  readonly timeScale: number
  readonly monotonicNs: () => number
  /** Hears what stages here say and hear, and whole decisions, for display: not all where they are too many. */
  readonly observer: (message: PipelineMessage) => void
  /** The observer wants whole decisions: else none is sent here. */
  readonly isShown: boolean
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

/** How long a thread spins for news where each can have a core, microseconds. */
const spinUsMax = 200
/** Names of events that are remembered, the newest. */
const namesMax = 1_024
/** How long figures are waited for. */
const figuresMs = 1_000
/** How often it is looked whether the threads come round. */
const lookMs = 100
/** The whole of a stop: two seconds with what comes after it. */
const stopMs = 1_500
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
  readonly #threads: readonly WatchedThread[]
  #watch: NodeJS.Timeout | undefined
  #figures: Partial<EngineFigures> = {}
  #conflatedThere = new Map<number, number>()
  #congested = 0
  #isStopping = false
  #isClosed = false
  #isAsked = false
  #isStarted = false
  /** Somebody has taken in since the last turn of the event loop. */
  #isAttended = false

  constructor(options: FlowThreadsOptions) {
    const { topology, config, instruments, region, stages, firstSequence, timeScale, timeline } = options
    const plan = topologies[topology]
    const types = eventTypesOf(config.policy)
    const symbols = instruments.map(({ symbol }) => symbol)
    this.#options = options
    this.#membersMax = Math.min(config.positionsMax, config.policy.maxOpenPositions)
    this.board = FlowBoard.create(plan.length, timeScale, firstSequence)
    this.#names = new EventNames(namesMax)
    this.#recordNames = {
      types,
      symbols,
      timeline,
      idOf: (handle) => this.#idOf(handle),
    }
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
      isGone: (other) => this.#threads[other - 1]?.isRunning !== true,
    })
    this.#threads = plan.slice(1).map((_, index) => this.#watched(index + 1))
  }

  /** Starts the threads, each when the one before it is ready. @throws {SignalboxError} what kept one from starting. */
  async start(): Promise<void> {
    if (this.#isAsked) throw new SignalboxError('ERR_INVALID_ARGUMENT', 'the threads have been started already')
    this.#isAsked = true
    for (const thread of this.#threads) await thread.start()
    this.#isStarted = true
    // It alone does not keep the process.
    this.#watch = setInterval(() => this.#look(), lookMs).unref()
    void this.#listen()
  }

  /** Whether all its threads have started. */
  get isStarted(): boolean {
    return this.#isStarted
  }

  /** What the stages on other threads counted. */
  figures(): Partial<EngineFigures> {
    const deadlineNs = this.#options.monotonicNs() + figuresMs * nsPerMs
    for (const [index, { isRunning }] of this.#threads.entries()) {
      if (isRunning && !this.#isClosed) this.pipeline.flush(index + 1, deadlineNs)
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

  /** Takes in what has come: decisions to be shown first, since what follows of them is on its way behind. */
  turn(): void {
    this.#isAttended = true
    this.#takeIn()
  }

  #takeIn(): void {
    this.#takeShown()
    this.pipeline.turn()
  }

  /** Drains, right to left, within two seconds; then the threads end by themselves. */
  stop(): void {
    if (this.#isClosed) return
    this.#isStopping = true
    for (const thread of this.#threads) thread.expectEnd()
    const silent = this.pipeline.stop(this.#options.monotonicNs() + stopMs * nsPerMs)
    for (const thread of silent) this.#threads[thread - 1]!.abandon()
    this.#takeShown()
    this.#readPorts()
  }

  /** Ends the threads; those that do not answer are terminated. */
  close(): void {
    if (this.#isClosed) return
    this.#isStopping = true
    this.#isClosed = true
    this.#channels.close()
    clearInterval(this.#watch)
    for (const thread of this.#threads) thread.close()
  }

  #look(): void {
    for (const [index, thread] of this.#threads.entries()) thread.look(this.board.beatsOf(index + 1))
  }

  #watched(thread: number): WatchedThread {
    const { topology, config, instruments, timeline, region, journal, timeScale, report, monotonicNs } = this.#options
    const { detectorModule, isShown, leftToWorkers } = this.#options
    const channels = this.#channels.descriptors
    const names = topologies[topology][thread]!
    return new WatchedThread({
      name: `thread ${thread} (${names.length > 2 ? `${names[0]} … ${names.at(-1)}` : names.join(', ')})`,
      workerData: {
        ...{ topology, thread, config, instruments, channels, journal, timeScale, detectorModule },
        ...{ membersMax: this.#membersMax, isShown, leftToWorkers },
        epochMs: timeline.epochMs,
        region: region.descriptor,
        backend: region.backend,
        board: this.board.memory,
      },
      isRestarted: config.pipeline.onThreadEnd === 'restart',
      hangMs: config.pipeline.hangMs,
      ...{ report, monotonicNs },
      onWorker: (worker) => region.watchWorker(worker),
      onEnd: (ownerTag) => this.#channels.freeOwner(ownerTag),
      onReply: (reply) => this.#options.guarded(() => this.#take(thread, reply)),
      onAway: () => this.#onAway(),
      onGone: () => this.#giveUp(thread, names),
    })
  }

  /** Nobody will take what is sent there. */
  #giveUp(thread: number, names: readonly StageName[]): void {
    this.#outboxes[thread]?.giveUp()
    this.#channels.inboxes[thread]?.close()
    if (!names.includes('state')) return
    this.#records.giveUp()
    this.#channels.records.close()
  }

  /** Entries are halted while anything is wrong with any thread, and for all of it. */
  #onAway(): void {
    const reasons = this.#threads.map(({ away }) => away).filter((reason) => reason !== null)
    this.#options.onAway(reasons.length === 0 ? null : reasons.join('; '))
  }

  /**
   * Takes in whatever comes, until the channels are closed. While somebody else does so at each turn of the event loop ({@link turn}), it waits for
   * nothing but the next turn: who sends need not wake this thread then, which costs a sender microseconds, and a lock that both want.
   */
  async #listen(): Promise<void> {
    while (!this.#isClosed) {
      if (this.#isAttended) {
        this.#isAttended = false
        await nextTurn()
      } else await waitForAnyAsync(this.#sources)
      if (this.#isStopping) return
      this.#options.guarded(() => this.#takeIn())
    }
  }

  #takeShown(): void {
    for (let count = this.#telemetry.receive(this.#shown); count > 0; count = this.#telemetry.receive(this.#shown)) {
      for (let index = 0; index < count; index += 1) {
        this.#options.observer(reservedOf(this.#shown[index]!, this.#recordNames))
      }
    }
  }

  #observe(message: PipelineMessage): void {
    // Of a decision this thread is sent what it acts on; the whole of it comes to be shown.
    if (message.kind === 'reserved') {
      this.#options.onDecision()
      return
    }
    if (message.kind === 'event' && this.#options.isShown) this.#names.add(message.handle, message.event.eventId)
    this.#options.observer(message)
  }

  /** Of an event that was told a thousand events ago and lives, the table knows it; decisions may be read when that is closed. */
  #idOf(handle: number): string {
    const known = this.#names.idOf(handle)
    return known ?? (this.#isClosed ? null : this.#options.region.events.idOf(handle)) ?? ''
  }

  #onCongestion(isCongested: boolean): void {
    this.#congested += isCongested ? 1 : -1
    if (this.#congested === (isCongested ? 1 : 0)) this.#options.onCongestion(isCongested)
  }

  #readPorts(): void {
    for (const thread of this.#threads) thread.readPort()
  }

  #take(thread: number, reply: FlowWorkerReply): void {
    if (reply.kind === 'report') this.#options.report(reply.line)
    else if (reply.kind === 'failed') {
      // A run that has ended lets nobody wait: what could not be sent any more is told.
      if (!this.#isStopping || reply.code !== 'ERR_CLOSED') throw failureOf(reply)
      this.#options.report(reply.message)
    } else if (reply.kind === 'figures') {
      this.#figures = { ...this.#figures, ...reply.figures }
      this.#conflatedThere.set(thread, reply.conflated)
    }
  }
}
