/**
 * The engine's configuration: every option with its unit, range and default, and the codec of the `--config` file.
 * Unknown keys are refused by name. Pure; cold.
 */
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { inputError } from './base/errors.ts'
import {
  doubleOf,
  integerIn,
  keyPath,
  listOf,
  money,
  nameOf,
  numberAbove,
  numberIn,
  objectOf,
  parseAt,
  tableOf,
  wordOf,
} from './domain/border.ts'
import type { Instrument } from './domain/instrument.ts'
import { LongNumber, parseInput } from './domain/lossless-json.ts'
import type { Policy } from './domain/policy.ts'
import { mergePolicySources, type PolicySource, parsePolicyOverride, policyPlace } from './domain/policy-codec.ts'
import { toScaledInteger } from './domain/units.ts'
import { defaultFillModelOptions, type FillModelOptions } from './fill/model.ts'
import { type Durability, durabilities } from './journal/appender.ts'
import { type AdaptationMode, adaptationModes } from './learn/tuning/adaptation.ts'
import { type TopologyName, topologyNames } from './pipeline/topology.ts'
import { layout } from './region/layout.ts'
import { detectorOptionTables } from './stages/detection/built-in-detectors.ts'
import { optionsFromJson } from './stages/detection/detector-options.ts'
import { type StrategyWorkerSpec, strategyBudgetMs, strategyMemoryMb } from './workers/strategy-spec.ts'

export interface EngineConfig {
  /** `hyperliquid`, or a `ws://` or `wss://` address that speaks its protocol. */
  readonly feed: string
  /** `paper`: the fill model against the feed's own market data. */
  readonly venue: 'paper'
  /** Symbols of a live run, in the order of their rows. Default BTC, ETH, SOL, DOGE, AVAX. A replay takes its files'. */
  readonly symbols: readonly string[]
  /** Starting capital, minor units; default 10,000.00. */
  readonly capitalMinor: number
  readonly policy: Policy
  readonly fill: FillModelOptions
  /** Grids of symbols that Signalbox does not know, or knows otherwise. */
  readonly instruments: Readonly<Record<string, Omit<Instrument, 'symbol'>>>
  /** Options of the built-in detectors by kind, under their names in TypeScript; null leaves one out. */
  readonly detectors: Readonly<Record<string, Readonly<Record<string, number>> | null>>
  /** How long a reservation is safe before its order is submitted; milliseconds, 1 … 3,600,000, default 5,000. */
  readonly leaseMs: number
  /** Slots of the ledger, 1 … 256, default 64: `max_open_positions` cannot be more. */
  readonly positionsMax: number
  /** Events that can be live at once: a power of two, 64 … 65,536, default 4,096. */
  readonly eventCapacity: number
  readonly pipeline: {
    /** Which threads the stages of a live run are on: `inline`, `compact` (default), `spread`. */
    readonly topology: TopologyName
    /** When one of them ends by itself: `halt` new entries (default), or `restart` it; open positions go on either way. */
    readonly onThreadEnd: ThreadEndPolicy
    /** Messages that a stage's thread may have waiting of each other one, 1 … 4,096, default 100; who sends more waits. */
    readonly eventsCapacity: number
    /** A thread that has not come round for so long is ended; milliseconds, 1,000 … 600,000, default 10,000. */
    readonly hangMs: number
  }
  /** Strategies in workers of their own, for live runs; modules as paths. Default: none. */
  readonly strategies: readonly StrategyWorkerSpec[]
  /** Event types on which the arbiter does not decide: `strategies` have them to themselves. Default: none. */
  readonly leaveToStrategies: readonly string[]
  readonly journal: {
    /** When a line counts as acknowledged: `buffered`, `written` (default) or `synced`. */
    readonly durability: Durability
    /** A journal file does not grow beyond this, MiB; 1 … 1,048,576, default 256. */
    readonly rotateMb: number
  }
  readonly counterfactuals: {
    /** What rejected events would have earned is followed and journalled; default true. */
    readonly isTracked: boolean
    /** Hypothetical trades that are followed at once, 1 … 50,000, default 10,000; beyond that the oldest stay unfinished. */
    readonly pendingMax: number
    /** How often a live run writes the report into its journal's folder, hours of real time, 0 (never) … 8,760, default 168. */
    readonly reportEveryHours: number
  }
  readonly adaptation: {
    /** Who changes a live run's weights: `manual` (a person; default), `gradual`, `challenger`. Needs counterfactuals. */
    readonly mode: AdaptationMode
    /** How often weights are searched, hours of real time, above 0 … 8,760, default 168. */
    readonly everyHours: number
    /** How often the journal is looked at, seconds of real time, 1 … 86,400, default 600. */
    readonly lookS: number
  }
}

export const threadEndPolicies = ['halt', 'restart'] as const
export type ThreadEndPolicy = (typeof threadEndPolicies)[number]

/** What the fill model's sizing takes. */
const leverageMax = 1000

const decimals = integerIn(0, 8)
/** Basis points: whole parts per million inside. */
const bps = (max: number) =>
  numberIn(0, max)
    .refine((value) => !Number.isNaN(toScaledInteger(value, 2)), { error: 'may have at most 2 decimals' })
    .nullish()
const mib = 1_048_576

const configSchema = objectOf({
  feed: nameOf(2048).nullish(),
  venue: wordOf(['paper']).nullish(),
  symbols: listOf(nameOf(16)).nullish(),
  capital: money().nullish(),
  policy: z.unknown().optional(),
  fill: objectOf({
    taker_fee_bps: bps(100),
    maker_fee_bps: bps(100),
    slippage_bps: bps(1000),
    entry_limit_bps: bps(1000),
    latency_ms: numberIn(0, 60_000).nullish(),
  }).nullish(),
  instruments: tableOf(objectOf({ price_decimals: decimals, size_decimals: decimals })).nullish(),
  detectors: tableOf(tableOf(z.unknown()).nullable()).nullish(),
  lease_ms: numberIn(1, 3_600_000).nullish(),
  positions_max: integerIn(1, 256).nullish(),
  event_capacity: integerIn(64, 65_536).nullish(),
  pipeline: objectOf({
    topology: wordOf(topologyNames).nullish(),
    on_thread_end: wordOf(threadEndPolicies).nullish(),
    events_capacity: integerIn(1, 4_096).nullish(),
    hang_ms: integerIn(1_000, 600_000).nullish(),
  }).nullish(),
  strategies: listOf(
    objectOf({
      module: nameOf(2048),
      name: nameOf(63).nullish(),
      budget_ms: integerIn(strategyBudgetMs.least, strategyBudgetMs.most).nullish(),
      memory_mb: integerIn(strategyMemoryMb.least, strategyMemoryMb.most).nullish(),
      data: z.unknown().optional(),
    }),
  ).nullish(),
  leave_to_strategies: listOf(nameOf(63)).nullish(),
  journal: objectOf({
    durability: wordOf(durabilities).nullish(),
    rotate_mb: integerIn(1, mib).nullish(),
  }).nullish(),
  counterfactuals: objectOf({
    tracked: z.boolean().nullish(),
    pending_max: integerIn(1, 50_000).nullish(),
    report_every_h: numberIn(0, 8_760).nullish(),
  }).nullish(),
  adaptation: objectOf({
    mode: wordOf(adaptationModes).nullish(),
    every_h: numberAbove(0, 8_760).nullish(),
    look_s: numberIn(1, 86_400).nullish(),
  }).nullish(),
})

/** A text and what messages call it: a file name. */
export interface NamedText {
  readonly text: string
  readonly name: string
}

/**
 * The configuration of a `--config` file and a `--policy` file, each optional, over the defaults.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming file and key.
 */
export function parseConfig(config: NamedText | null, policyFile: NamedText | null): EngineConfig {
  const path = config === null ? '' : `${config.name}: `
  const json = config === null ? {} : parseInput(config.text, config.name)
  const given = parseAt(configSchema, json, path)
  const sources: PolicySource[] = [
    { override: parsePolicyOverride(given.policy, `${path}policy`), path: `${path}policy` },
  ]
  if (policyFile !== null) {
    const policyPath = `${policyFile.name}: `
    const policyJson = parseInput(policyFile.text, policyFile.name)
    sources.push({ override: parsePolicyOverride(policyJson, policyPath), path: policyPath })
  }
  const policy = mergePolicySources(sources)
  const positionsMax = given.positions_max ?? 64
  const symbols = given.symbols ?? ['BTC', 'ETH', 'SOL', 'DOGE', 'AVAX']
  if (symbols.length === 0) throw inputError(`${path}symbols`, 'must name at least one symbol')
  const twice = symbols.find((symbol, index) => symbols.indexOf(symbol) !== index)
  if (twice !== undefined) throw inputError(`${path}symbols`, `names ${twice} twice`)
  const eventCapacity = given.event_capacity ?? 4096
  if ((eventCapacity & (eventCapacity - 1)) !== 0) {
    throw inputError(`${path}event_capacity`, `must be a power of two, got ${eventCapacity}`)
  }
  const feed = given.feed ?? 'hyperliquid'
  requireFeed(`${path}feed`, feed)
  requireServed(policy, positionsMax, (key) => policyPlace(sources, [key]))
  return {
    feed,
    venue: given.venue ?? 'paper',
    symbols,
    capitalMinor: given.capital ?? 1_000_000,
    policy,
    fill: {
      takerFeeBps: given.fill?.taker_fee_bps ?? defaultFillModelOptions.takerFeeBps,
      makerFeeBps: given.fill?.maker_fee_bps ?? defaultFillModelOptions.makerFeeBps,
      slippageBps: given.fill?.slippage_bps ?? defaultFillModelOptions.slippageBps,
      entryLimitBps: given.fill?.entry_limit_bps ?? defaultFillModelOptions.entryLimitBps,
      latencyNs:
        given.fill?.latency_ms == null
          ? defaultFillModelOptions.latencyNs
          : Math.round(given.fill.latency_ms * 1_000_000),
    },
    instruments: Object.fromEntries(
      Object.entries(given.instruments ?? {}).map(([symbol, grid]) => [
        symbol,
        { priceDecimals: grid.price_decimals, sizeDecimals: grid.size_decimals },
      ]),
    ),
    detectors: detectorsOf(given.detectors ?? {}, `${path}detectors`),
    leaseMs: given.lease_ms ?? 5_000,
    positionsMax,
    eventCapacity,
    pipeline: {
      topology: given.pipeline?.topology ?? 'compact',
      onThreadEnd: given.pipeline?.on_thread_end ?? 'halt',
      eventsCapacity: given.pipeline?.events_capacity ?? 100,
      hangMs: given.pipeline?.hang_ms ?? 10_000,
    },
    strategies: (given.strategies ?? []).map((strategy, index) => ({
      // Where the file lies, wherever the command is called.
      module: isUrl(strategy.module) ? strategy.module : resolve(dirname(config!.name), strategy.module),
      ...(strategy.name == null ? {} : { name: strategy.name }),
      ...(strategy.budget_ms == null ? {} : { budgetMs: strategy.budget_ms }),
      ...(strategy.memory_mb == null ? {} : { memoryMb: strategy.memory_mb }),
      data: plainData(strategy.data),
      place: `${path}strategies[${index}]`,
    })),
    leaveToStrategies: given.leave_to_strategies ?? [],
    journal: { durability: given.journal?.durability ?? 'written', rotateMb: given.journal?.rotate_mb ?? 256 },
    counterfactuals: {
      isTracked: given.counterfactuals?.tracked ?? true,
      pendingMax: given.counterfactuals?.pending_max ?? 10_000,
      reportEveryHours: given.counterfactuals?.report_every_h ?? 168,
    },
    adaptation: adaptationOf(given, `${path}adaptation`),
  }
}

function adaptationOf(
  { adaptation, counterfactuals }: z.infer<typeof configSchema>,
  place: string,
): EngineConfig['adaptation'] {
  const mode = adaptation?.mode ?? 'manual'
  if (mode !== 'manual' && counterfactuals?.tracked === false) {
    throw inputError(`${place}.mode`, `${mode} learns from counterfactuals, and counterfactuals.tracked is false`)
  }
  return { mode, everyHours: adaptation?.every_h ?? 168, lookS: adaptation?.look_s ?? 600 }
}

/** A path may begin with a drive's letter. */
function isUrl(module: string): boolean {
  return URL.canParse(module) && !/^[a-z]:[\\/]/i.test(module)
}

/** What a strategy is given: numbers that a double does not hold exactly become the nearest. */
function plainData(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(plainData)
  if (typeof data !== 'object' || data === null || data instanceof LongNumber) return doubleOf(data)
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, plainData(value)]))
}

function detectorsOf(
  json: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>,
  path: string,
): EngineConfig['detectors'] {
  const entries = Object.entries(json).map(([kind, options]) => {
    const place = keyPath(path, [kind])
    if (!Object.hasOwn(detectorOptionTables, kind)) {
      throw inputError(place, `unknown detector; known: ${Object.keys(detectorOptionTables).join(', ')}`, kind)
    }
    return [kind, options === null ? null : optionsFromJson(place, detectorOptionTables[kind]!, options)] as const
  })
  return Object.fromEntries(entries)
}

/**
 * A feed that `run` can open.
 *
 * @param place - Where it was written: an option, or file and key.
 * @throws {SignalboxError} `ERR_INPUT` naming the place.
 */
export function requireFeed(place: string, feed: string): void {
  if (feed === 'hyperliquid') return
  const url = URL.canParse(feed) ? new URL(feed) : null
  if (url !== null && (url.protocol === 'ws:' || url.protocol === 'wss:') && url.host !== '') return
  throw inputError(place, `must be hyperliquid, or a ws:// or wss:// address, got ${JSON.stringify(feed)}`, feed)
}

/** What a policy may say and the engine cannot do: refused at the start, not at the first decision. */
function requireServed(policy: Policy, positionsMax: number, place: (key: string) => string): void {
  if (policy.maxOpenPositions > positionsMax) {
    throw inputError(
      place('max_open_positions'),
      `must be at most positions_max (${positionsMax}), got ${policy.maxOpenPositions}`,
    )
  }
  const pots = Object.keys(policy.capitalSlots ?? {}).length
  if (pots > layout.potsMax) {
    throw inputError(place('capital_slots'), `may name at most ${layout.potsMax} pots in the engine, got ${pots}`)
  }
  if (policy.leverage > leverageMax) {
    throw inputError(place('leverage'), `must be at most ${leverageMax} in the engine, got ${policy.leverage}`)
  }
}
