/**
 * A live engine with strategies in workers, driven by a test: it says which symbols trade and where an event is to be found, and looks on
 * until something has come true. Market time is the test's, monotonic time the machine's. From the build: a worker cannot start from a .ts file.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { monotonicNs } from '../../src/base/clock.ts'
import { Random } from '../../src/base/random.ts'
import { parseConfig } from '../../src/config.ts'
import { instrumentOf } from '../../src/domain/instrument.ts'
import { createMarketRecord, recordKinds } from '../../src/domain/market.ts'
import type { PipelineMessage } from '../../src/domain/message.ts'
import { nsPerMs, Timeline } from '../../src/domain/units.ts'
import type { Engine as EngineClass } from '../../src/engine.ts'
import type { EngineOptions } from '../../src/engine-options.ts'
import type { Detector } from '../../src/stages/detection/detector.ts'
import type { StrategyFigures } from '../../src/strategy-workers.ts'
import type { StrategyWorkerSpec } from '../../src/workers/strategy-spec.ts'

const built = new URL('../../dist/engine.js', import.meta.url).href
const { Engine } = (await import(built)) as { Engine: typeof EngineClass }

const epochMs = 1_781_654_400_000
const deadlineMs = 30_000

/** The module of `made-up.mjs`, with what it is to do. */
export function madeUp(
  name: string,
  script: readonly string[],
  over: Partial<StrategyWorkerSpec> = {},
): StrategyWorkerSpec {
  const module = fileURLToPath(new URL('./strategies/made-up.mjs', import.meta.url))
  return { module, name, ...over, data: { script, ...(over.data as object | undefined) } }
}

export interface StrategyRunOptions {
  readonly strategies: readonly StrategyWorkerSpec[]
  readonly symbols?: readonly string[]
  readonly policy?: Readonly<Record<string, unknown>>
  readonly config?: Readonly<Record<string, unknown>>
  readonly seed?: number
  readonly journal?: EngineOptions['journal']
  readonly observer?: (message: PipelineMessage) => void
  /** What the arbiter's own strategies answer: by default nothing answers a type, so that the workers have the events to themselves. */
  readonly inline?: EngineOptions['strategies']
}

const scriptedTypes = ['LIQUIDATION_CASCADE', 'FAILED_HUNT', 'FUNDING_SNAPBACK']

/** An event that is to be found. */
export interface Wanted {
  readonly eventType: string
  readonly side: 'long' | 'short'
  readonly lifeMs: number
}

export class StrategyRun {
  readonly engine: EngineClass
  readonly heard: PipelineMessage[] = []
  readonly reports: string[] = []
  /** False: what the strategies claim is left where it is. */
  takesClaims = true
  readonly symbols: readonly string[]
  readonly timeline = new Timeline(epochMs)
  readonly #random: Random
  readonly #record = createMarketRecord()
  readonly #prices: number[]
  /** Events that are to be found, by symbol. */
  readonly #wanted = new Map<string, Wanted>()
  #atMs = 0

  private constructor(options: StrategyRunOptions) {
    this.symbols = options.symbols ?? ['BTC']
    this.#random = new Random(options.seed ?? 1)
    this.#prices = this.symbols.map(() => 100_000)
    const policy = { interlock: null, ...options.policy }
    const config = { symbols: this.symbols, ...options.config, policy }
    this.engine = new Engine({
      config: parseConfig({ text: JSON.stringify(config), name: 'config.json' }, null),
      instruments: this.symbols.map((symbol) => instrumentOf(symbol)),
      timeline: this.timeline,
      backend: 'auto',
      journal: options.journal ?? null,
      monotonicNs,
      mode: 'live',
      detectors: scriptedTypes.map((eventType, at) =>
        this.#detector(eventType, at === 0 ? 'scripted' : `scripted${at}`),
      ),
      strategies: options.inline ?? [],
      strategyWorkers: options.strategies,
      report: (line) => this.reports.push(line),
      observer: (message) => {
        this.heard.push(message)
        options.observer?.(message)
      },
    })
  }

  /** Warm, so that events can be found; the strategies are loaded. */
  static async open(options: StrategyRunOptions): Promise<StrategyRun> {
    const run = new StrategyRun(options)
    onTestFinished(async () => {
      await run.engine.stopStrategies()
      run.engine.close()
    })
    for (let second = 0; second < 900; second += 1) {
      run.#atMs += 1_000
      for (let symbol = 0; symbol < run.symbols.length; symbol += 1) run.engine.warmUp(run.#trade(symbol))
    }
    run.step()
    run.reports.length = 0
    await run.engine.startStrategies()
    return run
  }

  get nowNs(): number {
    return Math.max(this.engine.nowNs, this.#atMs * nsPerMs)
  }

  /** An event is found on `symbol` at its next trade, if none is live there. */
  find(symbol: string, over: Partial<Wanted> = {}): void {
    this.#wanted.set(symbol, { eventType: 'LIQUIDATION_CASCADE', side: 'long', lifeMs: 120_000, ...over })
  }

  /** A trade of each symbol; claims are taken, and strategies looked after. */
  step(passedMs = 10): void {
    this.#atMs += passedMs
    for (let symbol = 0; symbol < this.symbols.length; symbol += 1) {
      const record = this.#trade(symbol)
      record.atNs = Math.max(record.atNs, this.engine.nowNs)
      this.engine.process(record)
    }
    const monotonic = monotonicNs()
    this.engine.advance(this.nowNs)
    if (this.takesClaims) this.engine.takeClaims(this.nowNs)
    this.engine.recoverLeases(monotonic)
    this.engine.checkStrategies(monotonic, this.nowNs)
  }

  /** Goes on until it is so. */
  async until(isSo: () => boolean, what: string, passedMs = 10): Promise<void> {
    const deadlineNs = monotonicNs() + deadlineMs * nsPerMs
    while (!isSo()) {
      if (monotonicNs() > deadlineNs) {
        throw new Error(
          `not within ${deadlineMs} ms: ${what}\n${JSON.stringify(this.engine.strategyFigures(), null, 1)}\n${this.reports.join('\n')}`,
        )
      }
      this.step(passedMs)
      await sleep(1)
    }
  }

  figures(name: string): StrategyFigures {
    return this.engine.strategyFigures().find((one) => one.name === name)!
  }

  heardOf<Kind extends PipelineMessage['kind']>(kind: Kind): Extract<PipelineMessage, { kind: Kind }>[] {
    return this.heard.filter((message) => message.kind === kind) as Extract<PipelineMessage, { kind: Kind }>[]
  }

  /** Entries that were ordered: who of the strategies, and on which event. */
  entries(): [strategy: string | undefined, eventId: string][] {
    return this.heardOf('position').flatMap(({ to, position }) =>
      to === 'submitted'
        ? [[position.grant.strategy, position.grant.member.event.eventId] as [string | undefined, string]]
        : [],
    )
  }

  #trade(symbolIndex: number): ReturnType<typeof createMarketRecord> {
    const move = Math.round((this.#random.fraction() - 0.5) * 40)
    this.#prices[symbolIndex] = Math.max(50_000, this.#prices[symbolIndex]! + move)
    Object.assign(this.#record, createMarketRecord(), {
      kind: recordKinds.trade,
      symbolIndex,
      atNs: this.#atMs * nsPerMs,
      priceTicks: this.#prices[symbolIndex]!,
      quantityLots: 1,
      aggressor: move > 0 ? 1 : -1,
    })
    return this.#record
  }

  #detector(eventType: string, kind: string): Detector {
    return {
      eventType,
      kind,
      watch: ({ symbol }) => ({
        step: (row, context) => {
          const wanted = this.#wanted.get(symbol)
          if (wanted?.eventType !== eventType || context.live !== null) return
          const last = this.#prices[this.symbols.indexOf(symbol)]!
          const direction = wanted.side === 'long' ? 1 : -1
          const isFound = context.fire({
            side: wanted.side,
            priorityScore: 0.5,
            targetTicks: last + direction * 2_000,
            stopTicks: last - direction * 1_000,
            winRate: 0.5,
            lifeNs: wanted.lifeMs * nsPerMs,
            evidence: { rows: row.length },
          })
          if (isFound) this.#wanted.delete(symbol)
        },
      }),
    }
  }
}
