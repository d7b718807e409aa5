/** What an engine is made of, and what does not go together. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inputError, SignalboxError } from './base/errors.ts'
import type { EngineConfig } from './config.ts'
import type { Scorer } from './decide/scorer.ts'
import type { Instrument } from './domain/instrument.ts'
import type { PipelineMessage } from './domain/message.ts'
import type { Timeline } from './domain/units.ts'
import { policyWeightSet, policyWeightsVersion, type WeightSet } from './domain/weight-set.ts'
import type { Journal } from './journal/journal.ts'
import type { JournalThreadAddress } from './pipeline/journal-thread-port.ts'
import type { RunJournal } from './pipeline/run-journal.ts'
import { type TopologyName, topologyNames } from './pipeline/topology.ts'
import type { BackendChoice } from './region/backend/select.ts'
import type { Detector } from './stages/detection/detector.ts'
import type { Strategy } from './strategy/strategy.ts'
import type { StrategyWorkerSpec } from './workers/strategy-spec.ts'

export interface EngineOptions {
  readonly config: EngineConfig
  /** By symbol index. */
  readonly instruments: readonly Instrument[]
  readonly timeline: Timeline
  readonly backend: BackendChoice
  /** From `Journal.open(folder)`, and written on this thread; null: keep no journal. */
  readonly journal: Journal | RunJournal | null
  /** Monotonic nanoseconds, for latencies (and leases, when live). With threads latencies are of `systemClock`, which they share. */
  readonly monotonicNs: () => number
  /** Live: leases are monotonic and the state has an age; replay: event time, age 0. */
  readonly mode: 'replay' | 'live'
  /** How old the feed's last message is, milliseconds; live only. */
  readonly stateAgeMs?: () => number
  /** In place of the built-in ones and the configuration's `detectors`. Their types must be in the policy. */
  readonly detectors?: readonly Detector[]
  /**
   * The same for a topology with threads: a path or the URL of a module whose default export is an array of detectors, or a function of
   * the configuration that gives one. Each thread that needs them loads it.
   */
  readonly detectorModule?: string | URL
  /** In place of the built-in ones. */
  readonly strategies?: readonly Strategy[]
  /**
   * Strategies in workers of their own, which race the arbiter and each other for reservations; live only. `startStrategies` starts them.
   * Default: the configuration's `strategies`.
   */
  readonly strategyWorkers?: readonly StrategyWorkerSpec[]
  /**
   * Makes the base score in place of the weighted sum. One that throws or gives what is no base score halts new entries for good;
   * open positions go on. `arbitrate`, `explain`, `report` and `tune` know the weighted sum only.
   */
  readonly scorer?: Scorer
  /** The weight set to begin with, live only; default: the policy's own weights, version 1. {@link Engine.publishWeights} takes later ones. */
  readonly weights?: WeightSet
  /** Takes one line about something that a person should know. */
  readonly report: (line: string) => void
  /**
   * Which threads the stages run on (`pipeline/topology.ts`). Default `inline`: all on this one. With the others a replay runs in
   * lockstep, so that they write the same bytes, and blocks this thread while a record is on its way. A live run runs freely: await
   * {@link Engine.start} before its first record.
   */
  readonly topology?: TopologyName
  /** Event time ÷ real time, of a live run on threads; default 1. */
  readonly timeScale?: number
  /** Records wait for room on their way to a thread: hold back (true) until they do no more (false). Live on threads only. */
  readonly onCongestion?: (isCongested: boolean) => void
  /**
   * Hears every message between stages but state updates; for display: it must not change them. With threads: what the stages of this one say
   * and hear. A decision's record is a view of a larger piece: who keeps few of many keeps copies.
   */
  readonly observer?: (message: PipelineMessage) => void
}

/**
 * Why entries may be halted: the journal cannot be written; a thread of the pipeline is away; a broken invariant or a scorer's fault,
 * which nothing undoes.
 */
export type HaltCause = 'journal' | 'thread' | 'invariant' | 'scorer'

/** A replay repeats itself byte for byte; a race does not. */
export function requireLive(mode: EngineOptions['mode'], [first]: readonly StrategyWorkerSpec[]): void {
  if (mode === 'live') return
  throw inputError(first?.place ?? 'strategyWorkers', 'strategies in workers run live only: a replay is deterministic')
}

/** A version names one set of weights: it is never given twice. */
export function requireWeights(mode: EngineOptions['mode'], version: number, current: number): void {
  const refuse = (why: string): never => {
    throw new SignalboxError('ERR_INVALID_ARGUMENT', why, { field: 'version', value: version })
  }
  if (mode !== 'live') refuse("a replay decides with its policy's weights")
  if (!(Number.isSafeInteger(version) && version > current)) {
    refuse(`a weight set's version must be an integer above ${current}, which is in use; got ${version}`)
  }
}

/** @throws {SignalboxError} as {@link requireWeights}. */
export function firstWeightsOf({ mode, weights, config }: EngineOptions): WeightSet {
  if (weights === undefined) return policyWeightSet(config.policy.weights)
  requireWeights(mode, weights.version, policyWeightsVersion)
  return weights
}

/** @throws {SignalboxError} `ERR_INPUT` for a topology that there is not. */
export function requireTopology(topology: TopologyName): TopologyName {
  if (topologyNames.includes(topology)) return topology
  throw inputError('topology', `must be one of ${topologyNames.join(', ')}, got ${JSON.stringify(topology)}`, topology)
}

/** A thread gets data, not functions. */
export function requireThreadable({ topology, detectors, scorer }: EngineOptions): void {
  const refuse = (what: string): never => {
    throw inputError('topology', `${topology} does not take ${what}: use inline`)
  }
  if (detectors !== undefined) refuse('detectors of your own but as a module (detectorModule)')
  if (scorer !== undefined) refuse('a scorer of your own')
}

export function requireReachable(address: JournalThreadAddress | null): JournalThreadAddress {
  if (address !== null) return address
  throw inputError(
    'topology',
    'a journal that this thread writes is not reached from others: use inline, or JournalThread.open',
  )
}

/** Strategies of one's own are functions, which other threads do not have: what they would have done is not supposed there. */
export function configAway(config: EngineConfig, isSupposed: boolean): EngineConfig {
  if (isSupposed) return config
  return { ...config, counterfactuals: { ...config.counterfactuals, isTracked: false } }
}

/** A path is taken from where the process runs, as those of strategies are. */
export function urlOf(module: string | URL): string {
  return typeof module === 'string' && !URL.canParse(module) ? pathToFileURL(resolve(module)).href : String(module)
}
