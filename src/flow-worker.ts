/**
 * A free-running thread of the pipeline: builds its stages over its own attachment and runs what comes until its inbox is closed. A
 * worker's entry; started by `flow-threads.ts` only.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { monotonicNs } from './base/clock.ts'
import { type ErrorCode, messageOf, SignalboxError } from './base/errors.ts'
import { Channel } from './channel/channel.ts'
import type { Sender } from './channel/sender.ts'
import { waitForAny } from './channel/wait.ts'
import type { EngineConfig } from './config.ts'
import { detectorsOf } from './detector-module.ts'
import { decisionHeader } from './domain/decision-record.ts'
import type { Instrument } from './domain/instrument.ts'
import type { PipelineMessage } from './domain/message.ts'
import { eventTypesOf } from './domain/policy.ts'
import { nsPerMs, Timeline } from './domain/units.ts'
import { type EngineFigures, figuresOf } from './engine-figures.ts'
import { type ShownDecision, shownOf, telemetryCodec } from './pipeline/decision-telemetry.ts'
import { FlowBoard } from './pipeline/flow-board.ts'
import type { FlowChannelDescriptors } from './pipeline/flow-channels.ts'
import { type FlowBox, flowCodec, recordCodec, updateCodec } from './pipeline/flow-codec.ts'
import { FlowThread, updateThreads } from './pipeline/flow-thread.ts'
import { Inbox } from './pipeline/inbox.ts'
import { type JournalThreadAddress, JournalThreadPort } from './pipeline/journal-thread-port.ts'
import { Linger } from './pipeline/linger.ts'
import { latencyProbeOf } from './pipeline/stage-latency.ts'
import { type StageName, stageIndex, type TopologyName, topologies } from './pipeline/topology.ts'
import { wireCodec } from './pipeline/wire-codec.ts'
import type { BackendName } from './region/backend/backend.ts'
import { Region, type RegionDescriptor } from './region/region.ts'
import { buildStages } from './stage-set.ts'
import type { Detector } from './stages/detection/detector.ts'
import { Strategies } from './strategy/strategies.ts'

/** What the thread is started with. */
export interface FlowWorkerData {
  readonly topology: TopologyName
  /** Its place in the topology. */
  readonly thread: number
  readonly config: EngineConfig
  readonly instruments: readonly Instrument[]
  readonly epochMs: number
  readonly region: RegionDescriptor
  readonly backend: BackendName
  readonly channels: FlowChannelDescriptors
  /** Messages of a decision at most. */
  readonly membersMax: number
  /** Whole decisions are looked at on the run's thread. */
  readonly isShown: boolean
  readonly board: SharedArrayBuffer
  readonly timeScale: number
  /** It takes the place of a thread that has ended. */
  readonly isSuccessor: boolean
  /** Types that the arbiter leaves to strategies in workers. */
  readonly leftToWorkers: readonly string[]
  /** Null: the built-in detectors. */
  readonly detectorModule: string | null
  readonly journal: JournalThreadAddress | null
  /** Where it says what is said beside the channels. */
  readonly port: MessagePort
}

/** What it says there. `ended`: it has let go of everything, by itself. */
export type FlowWorkerReply =
  | { readonly kind: 'ready' | 'ended' }
  | { readonly kind: 'report'; readonly line: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly field: string | undefined }
  | { readonly kind: 'figures'; readonly figures: Partial<EngineFigures>; readonly conflated: number }

/** How long it waits for news before it comes round: what falls due is late by so much at most. */
const tickMs = 20
/** While it waits for room at another, how often it says that it lives. */
const roomSliceMs = 100
/** How often a step is taken up again that stages throw out of. */
const attemptsMax = 64

const data = workerData as FlowWorkerData
const names: readonly StageName[] = topologies[data.topology][data.thread]!

function say(reply: FlowWorkerReply): void {
  data.port.postMessage(reply)
}

/** @param unknown - The code of what is no error of ours. */
function fail(thrown: unknown, unknown: ErrorCode): void {
  const { code, field } = thrown instanceof SignalboxError ? thrown : { code: unknown, field: undefined }
  say({ kind: 'failed', code, message: messageOf(thrown), field })
}

/**
 * Takes a step until it comes to its end. What a stage throws is told, with what it worked on it is over, and the others go on. What nobody
 * foresaw is a broken invariant: entries halt for good.
 */
function attempt(step: () => void): void {
  for (let left = attemptsMax; left > 0; left -= 1) {
    try {
      step()
      return
    } catch (thrown) {
      fail(thrown, 'ERR_INVARIANT')
    }
  }
}

function run(detectors: readonly Detector[]): void {
  const { config, instruments, thread, topology, channels, membersMax } = data
  const board = new FlowBoard(data.board, data.timeScale)
  const region = Region.attach(data.region, { backend: data.backend })
  const report = (line: string): void => say({ kind: 'report', line })
  const stages = buildStages(
    {
      config,
      instruments,
      timeline: new Timeline(data.epochMs),
      region,
      mode: 'live',
      monotonicNs,
      stateAgeMs: () => board.stateAgeMs(monotonicNs()),
      tradingState: () => (board.isHalted ? 'HALTED' : 'ACTIVE'),
      detectors,
      strategies: new Strategies(),
      leftToWorkers: data.leftToWorkers,
      scorer: null,
      onScorerFault: () => undefined,
      journal: data.journal === null ? null : new JournalThreadPort(data.journal, () => board.beat(thread)),
      tracking: null,
      firstSequence: board.nextSequence,
      decisionLatency: region.histogram('decision'),
      report,
      isSuccessor: data.isSuccessor,
    },
    names,
  )
  const types = eventTypesOf(config.policy)
  const symbols = instruments.map(({ symbol }) => symbol)
  const plan = topologies[topology]
  const codec = flowCodec(wireCodec({ types, symbols }, membersMax))
  const telemetry =
    data.isShown && names.includes('arbitration')
      ? Channel.attach(channels.telemetry).sender(telemetryCodec(membersMax))
      : null
  const inbox = Channel.attach(channels.inboxes[thread]!).receiver(codec)
  const records = names.includes('state') ? Channel.attach(channels.records).receiver(recordCodec) : null
  const updatesHere = channels.updates[thread]!
  const updates = updatesHere === null ? null : Channel.attach(updatesHere).receiver(updateCodec)
  const outboxes = channels.inboxes.map((descriptor, other) =>
    other === thread ? null : Channel.attach(descriptor).sender(codec),
  )
  const answer = codec.create()
  const toShow = new Inbox<ShownDecision>()
  const flow = new FlowThread({
    plan,
    thread,
    stages,
    symbolCount: symbols.length,
    inbox,
    records,
    updates,
    updateSenders: names.includes('state')
      ? updateThreads(plan).map((other) =>
          Channel.attach(channels.updates[other]!).sender(updateCodec, ({ update }) => update.symbolIndex),
        )
      : [],
    box: codec.create(),
    latency: latencyProbeOf(region, monotonicNs),
    send: (other, box) => sendPatiently(outboxes[other]!, box),
    obey,
    observer: names.includes('arbitration') ? observe : null,
    show,
    report,
  })

  /** Blocks while there is no room, and says meanwhile that it lives. A thread that has ended for good takes nothing any more. */
  function sendPatiently(outbox: Sender<FlowBox>, box: FlowBox): void {
    try {
      while (!outbox.waitForRoom(roomSliceMs)) board.beat(thread)
      outbox.send(box)
    } catch (thrown) {
      if (!(thrown instanceof SignalboxError && thrown.code === 'ERR_CLOSED')) throw thrown
    }
  }

  function observe(message: PipelineMessage): void {
    if (message.kind === 'decision') board.nextSequence = message.record[decisionHeader.sequence]! + 1
    if (telemetry === null || message.kind !== 'reserved') return
    const shown = shownOf(message)
    if (shown !== null) toShow.put(shown)
  }

  /** When nothing waits here: whoever looks on has time. */
  function show(): void {
    for (let index = 0; index < toShow.count; index += 1) telemetry?.send(toShow.messages[index]!)
    toShow.clear()
  }

  function obey(box: FlowBox): void {
    const { command } = box
    // Whatever is thrown: who waits for the answer gets it, and what came behind the command is taken in.
    attempt(() => flow.flush())
    if (box.task === 'stop') {
      let isAsked = false
      attempt(() => {
        if (!isAsked) {
          isAsked = true
          flow.host.runStop(box.stage, box.atNs)
        }
        flow.settle()
      })
    }
    say({ kind: 'figures', figures: figuresOf(stages), conflated: flow.host.conflated })
    Object.assign(answer, { task: 'done', command })
    sendPatiently(outboxes[0]!, answer)
  }

  const spins = channels.records.options.spinUs > 0
  const sources = [inbox, records, updates].filter((source) => source !== null)
  let changesSeen = board.haltChanges
  let leasesDueNs = 0
  say({ kind: 'ready' })
  const linger = spins ? null : new Linger()
  while (!inbox.isAtEnd) {
    board.beat(thread)
    if (linger !== null && !sources.some((source) => source.hasNews)) linger.rest()
    const beganNs = linger === null ? 0 : monotonicNs()
    const hasNews = waitForAny(sources, tickMs)
    const nowNs = monotonicNs()
    linger?.waited(nowNs - beganNs, hasNews)
    try {
      const changes = board.haltChanges
      if (changes !== changesSeen) stages.arbitration?.markChanged()
      changesSeen = changes
      flow.turn(board.nowNs(nowNs))
      // Now and then, not at every turn: it asks the ledger for all that is held.
      if (stages.reservation === undefined || nowNs < leasesDueNs) continue
      leasesDueNs = nowNs + tickMs * nsPerMs
      flow.host.runIdle(stageIndex.reservation, nowNs)
      flow.settle()
    } catch (thrown) {
      fail(thrown, 'ERR_INVARIANT')
    }
  }
  region.close()
  say({ kind: 'ended' })
}

try {
  run(await detectorsOf(data.detectorModule, data.config))
} catch (thrown) {
  fail(thrown, 'ERR_IO')
} finally {
  data.port.close()
  parentPort?.close()
}
