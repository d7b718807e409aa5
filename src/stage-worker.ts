/**
 * A thread of the pipeline in lockstep: builds its stages over its own attachment, and runs them whenever it has the baton, until its
 * inbox is closed. A worker's entry; started by `stage-threads.ts` only.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { monotonicNs } from './base/clock.ts'
import { messageOf, SignalboxError } from './base/errors.ts'
import { Channel } from './channel/channel.ts'
import type { ChannelDescriptor } from './channel/channel-memory.ts'
import type { EngineConfig } from './config.ts'
import { detectorsOf } from './detector-module.ts'
import type { Instrument } from './domain/instrument.ts'
import { eventTypesOf } from './domain/policy.ts'
import { Timeline } from './domain/units.ts'
import { type EngineFigures, figuresOf } from './engine-figures.ts'
import { batonCodec } from './pipeline/baton-codec.ts'
import { type JournalThreadAddress, JournalThreadPort } from './pipeline/journal-thread-port.ts'
import { boardOf, LockstepThread } from './pipeline/lockstep-thread.ts'
import { latencyProbeOf } from './pipeline/stage-latency.ts'
import { type StageName, type TopologyName, topologies } from './pipeline/topology.ts'
import { wireCodec } from './pipeline/wire-codec.ts'
import type { BackendName } from './region/backend/backend.ts'
import { Region, type RegionDescriptor } from './region/region.ts'
import { buildStages } from './stage-set.ts'
import type { Detector } from './stages/detection/detector.ts'
import { Strategies } from './strategy/strategies.ts'

/** What the thread is started with. */
export interface StageWorkerData {
  readonly topology: TopologyName
  /** Its place in the topology. */
  readonly thread: number
  readonly config: EngineConfig
  readonly instruments: readonly Instrument[]
  readonly epochMs: number
  readonly region: RegionDescriptor
  readonly backend: BackendName
  readonly inboxes: readonly ChannelDescriptor[]
  readonly board: SharedArrayBuffer
  /** Whether new entries are halted, and a count of the changes of that. */
  readonly halts: SharedArrayBuffer
  /** Null: the built-in detectors. */
  readonly detectorModule: string | null
  readonly journal: JournalThreadAddress | null
  readonly firstSequence: number
  /** Where it says what is said beside the channels. */
  readonly port: MessagePort
}

/** What it says there: that a stage threw, or the figures that it was asked for. */
export type StageWorkerReply =
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly field: string | undefined }
  | { readonly kind: 'figures'; readonly figures: Partial<EngineFigures> }

const data = workerData as StageWorkerData
const names: readonly StageName[] = topologies[data.topology][data.thread]!
const halts = new Int32Array(data.halts)

function say(reply: StageWorkerReply): void {
  data.port.postMessage(reply)
}

function fail(thrown: unknown): void {
  const { code, field } = thrown instanceof SignalboxError ? thrown : { code: 'ERR_IO', field: undefined }
  say({ kind: 'failed', code, message: messageOf(thrown), field })
}

function run(detectors: readonly Detector[]): void {
  const { config, instruments, topology, thread } = data
  const region = Region.attach(data.region, { backend: data.backend })
  const stages = buildStages(
    {
      config,
      instruments,
      timeline: new Timeline(data.epochMs),
      region,
      mode: 'replay',
      monotonicNs,
      stateAgeMs: () => 0,
      tradingState: () => (Atomics.load(halts, 0) === 0 ? 'ACTIVE' : 'HALTED'),
      detectors,
      strategies: new Strategies(),
      leftToWorkers: [],
      scorer: null,
      onScorerFault: () => undefined,
      journal: data.journal === null ? null : new JournalThreadPort(data.journal),
      tracking: null,
      firstSequence: data.firstSequence,
      decisionLatency: region.histogram('decision'),
      report: (line) => parentPort!.postMessage(line),
    },
    names,
  )
  const types = eventTypesOf(config.policy)
  const symbols = instruments.map(({ symbol }) => symbol)
  const codec = batonCodec(wireCodec({ types, symbols }, config.positionsMax))
  const channels = data.inboxes.map((descriptor) => Channel.attach(descriptor))
  const lockstep = new LockstepThread({
    plan: topologies[topology],
    thread,
    stages,
    board: boardOf(data.board),
    inbox: channels[thread]!.receiver(codec),
    outboxes: channels.map((channel, other) => (other === thread ? null : channel.sender(codec))),
    box: codec.create(),
    observer: null,
    latency: latencyProbeOf(region, monotonicNs),
    onWaiting: null,
  })
  let changesSeen = 0
  for (let box = lockstep.receiveBaton(); box !== null; box = lockstep.receiveBaton()) {
    let isAtRest = true
    let word: 'goOn' | 'told' = 'goOn'
    try {
      const changes = Atomics.load(halts, 1)
      if (changes !== changesSeen) stages.arbitration?.markChanged()
      changesSeen = changes
      if (lockstep.obey(box)) isAtRest = lockstep.run()
      else {
        say({ kind: 'figures', figures: figuresOf(stages) })
        word = 'told'
      }
    } catch (thrown) {
      fail(thrown)
      word = 'told'
    }
    if (isAtRest) lockstep.handOn(0, word)
  }
  region.close()
}

try {
  run(await detectorsOf(data.detectorModule, data.config))
} catch (thrown) {
  // A run that has ended closes the channels under a thread that was about to send.
  if (!(thrown instanceof SignalboxError && thrown.code === 'ERR_CLOSED')) fail(thrown)
} finally {
  data.port.close()
}
