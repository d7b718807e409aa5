/**
 * A live engine on threads, fed with a made-up market as fast as it is asked for: what the tests of the free-running mode drive. The
 * detectors are those of workers/flow-detectors.mjs.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { setEnvironmentData } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import { monotonicNs } from '../../dist/base/clock.js'
import { parseConfig } from '../../dist/config.js'
import { instrumentOf } from '../../dist/domain/instrument.js'
import type { PipelineMessage } from '../../dist/domain/message.js'
import { Timeline } from '../../dist/domain/units.js'
import { Engine } from '../../dist/engine.js'
import type { RunJournal } from '../../dist/pipeline/run-journal.js'
import { hotSchema } from '../../dist/stages/state/state-stage.js'
import { Random } from '../../src/base/random.ts'
import { createMarketRecord, type MarketRecord, recordKinds } from '../../src/domain/market.ts'
import type { TopologyName } from '../../src/pipeline/topology.ts'

export interface FlowRunOptions {
  readonly topology: TopologyName
  /** Of flow-detectors.mjs: `every=40&busy=100`. */
  readonly detectors?: string
  /** In its place. */
  readonly module?: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly journal?: RunJournal
  readonly seed?: number
  /** Whether only the first thread that is to end or to hang does; default true. */
  readonly once?: boolean
  /** The engine's clock; default the machine's. */
  readonly clock?: () => number
}

const symbols = ['BTC', 'ETH', 'SOL']
const nsPerSecond = 1e9
const warmSeconds = 1_500

export class FlowRun {
  readonly engine: Engine
  readonly messages: PipelineMessage[] = []
  readonly reports: string[] = []
  /** Event times of the records by state version, from 1 on. */
  readonly times: number[] = []
  readonly #random: Random
  readonly #record = createMarketRecord()
  readonly #ticks = [650_000, 30_000, 15_000]
  #atNs = 0

  /** Its threads are not started yet. */
  constructor(options: FlowRunOptions) {
    const { topology, detectors = '', module, config, journal, seed = 1, clock = monotonicNs } = options
    this.#random = new Random(seed)
    const given = { symbols, ...config }
    this.engine = new Engine({
      config: parseConfig({ text: JSON.stringify(given), name: 'flow' }, null),
      instruments: symbols.map((symbol) => instrumentOf(symbol)),
      timeline: new Timeline(0),
      backend: 'auto',
      journal: journal ?? null,
      monotonicNs: clock,
      mode: 'live',
      topology,
      detectorModule: new URL(module ?? `./workers/flow-detectors.mjs?${detectors}`, import.meta.url),
      report: (line) => this.reports.push(line),
      observer: (message) => this.messages.push(message),
    })
  }

  /** Starts its threads and warms its state up; it is closed when the test is over. */
  static async open(options: FlowRunOptions): Promise<FlowRun> {
    const { once = true } = options
    setEnvironmentData('flow-detectors', once ? new SharedArrayBuffer(4) : undefined)
    const run = new FlowRun(options)
    onTestFinished(() => run.engine.close())
    await run.engine.start()
    run.warmUp()
    return run
  }

  warmUp(): void {
    for (let second = 0; second < warmSeconds; second += 1) {
      for (let symbol = 0; symbol < symbols.length; symbol += 1) {
        this.engine.warmUp(this.#trade(symbol, nsPerSecond / symbols.length))
      }
    }
    this.#tell()
  }

  /** Sends so many records and lets all that follows of each few come to rest before the next: nothing conflates. */
  async feedSlowly(records: number): Promise<void> {
    for (let sent = 0; sent < records; sent += symbols.length) {
      await this.feed(symbols.length)
      this.engine.figures()
    }
  }

  /** Sends so many records, ten milliseconds of event time apart, as fast as it can. They may still be on their way. */
  async feed(records: number, perTurn = 20): Promise<void> {
    for (let sent = 0; sent < records; sent += 1) {
      const record = this.#trade(sent % symbols.length, nsPerSecond / 100)
      this.#tell()
      this.engine.guarded(() => this.engine.process(record, monotonicNs()))
      if (sent % perTurn === perTurn - 1) await nextTurn()
    }
    await nextTurn()
  }

  /** Records that were sent, the warm-up's included. */
  get sent(): number {
    return this.times.length
  }

  /** Records that the published state has seen. */
  get stateVersion(): number {
    const reader = this.engine.region.reader(hotSchema(symbols))
    return reader.read() > 0 ? reader.head[reader.headIndex.stateVersion]! : 0
  }

  stop(): void {
    this.engine.guarded(() => this.engine.stop())
  }

  of<Kind extends PipelineMessage['kind']>(kind: Kind): Extract<PipelineMessage, { kind: Kind }>[] {
    return this.messages.filter((message) => message.kind === kind) as Extract<PipelineMessage, { kind: Kind }>[]
  }

  #tell(): void {
    const board = this.engine.flow!.board
    board.tellTime(this.#atNs, monotonicNs())
    board.tellFeedAlive(monotonicNs())
  }

  #trade(symbolIndex: number, afterNs: number): MarketRecord {
    const record = this.#record
    this.#atNs = Math.round(this.#atNs + afterNs)
    this.#ticks[symbolIndex]! += this.#random.integer(-3, 3)
    record.kind = recordKinds.trade
    record.symbolIndex = symbolIndex
    record.atNs = this.#atNs
    record.priceTicks = this.#ticks[symbolIndex]!
    record.quantityLots = 100
    record.aggressor = this.#random.fraction() < 0.5 ? 1 : -1
    this.times.push(this.#atNs)
    return record
  }
}
