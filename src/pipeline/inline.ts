/**
 * The inline topology: every stage on one thread, in lockstep. Record n + 1 enters when all that n caused has come to rest.
 */
import type { MarketRecord } from '../domain/market.ts'
import type { PipelineMessage } from '../domain/message.ts'
import { type LatencyProbe, StageHost, type StageSet } from './host.ts'
import { type StageName, stageIndex, stageNames } from './topology.ts'

/** Who drives the stages in lockstep, on one thread or on several. All calls come from one thread. */
export interface Pipeline {
  /** Time of the newest record or due time. */
  readonly nowNs: number
  /** Shows one record to the venue and the state only. */
  warmUp(record: MarketRecord): void
  /**
   * Takes one record through all stages; what falls due at or before its time runs first.
   *
   * @param intendedNs - When it was received, on the monotonic clock. The venue's move of it is no step of its way, and is not measured.
   *   NaN (default): nothing is.
   */
  process(record: MarketRecord, intendedNs?: number): void
  /** Runs what falls due at or before `nowNs`, each at its own time: earliest first, ties by the order of the stages. */
  advance(nowNs: number): void
  /** Takes a message from outside to those that hear it, at `atNs` or now if that is later: what falls due by then runs first. */
  accept(message: PipelineMessage, atNs: number): void
  /** Lets one stage do what fell due by another clock than the pipeline's. */
  runIdle(name: StageName, nowNs: number): void
  /** The input has ended: every stage drains, in the order of the stages. */
  stop(): void
}

export class InlinePipeline implements Pipeline {
  readonly #host: StageHost
  #nowNs = 0

  /** @param observer - Hears every message that is not a state update, for display. It must not keep or change them. */
  constructor(
    stages: Required<StageSet>,
    observer: ((message: PipelineMessage) => void) | null = null,
    latency: LatencyProbe | null = null,
  ) {
    this.#host = new StageHost(stages, { observer, latency })
  }

  get nowNs(): number {
    return this.#nowNs
  }

  warmUp(record: MarketRecord): void {
    this.#nowNs = record.atNs
    this.#host.showMarket(record, false)
    this.#host.show(stageIndex.state, record, false)
  }

  process(record: MarketRecord, intendedNs = Number.NaN): void {
    this.advance(record.atNs)
    this.#nowNs = record.atNs
    this.#host.showMarket(record)
    this.#host.show(stageIndex.state, record, true, intendedNs)
    this.#host.settle()
  }

  advance(nowNs: number): void {
    for (let due = this.#host.firstDue(nowNs); due >= 0; due = this.#host.firstDue(nowNs)) {
      const dueNs = this.#host.dueNs(due)
      this.#nowNs = Math.max(this.#nowNs, dueNs)
      this.#host.runIdle(due, dueNs)
      this.#host.settle()
    }
  }

  accept(message: PipelineMessage, atNs: number): void {
    this.advance(atNs)
    this.#nowNs = Math.max(this.#nowNs, atNs)
    this.#host.deliver(message)
    this.#host.settle()
  }

  runIdle(name: StageName, nowNs: number): void {
    this.#host.runIdle(stageIndex[name], nowNs)
    this.#host.settle()
  }

  stop(): void {
    // Who decides stops first: what the others let go of now must not be given away again.
    this.#host.runStop(stageIndex.arbitration, this.#nowNs)
    for (const name of stageNames) {
      if (name !== 'arbitration') this.#host.runStop(stageIndex[name], this.#nowNs)
      this.#host.settle()
    }
  }
}
