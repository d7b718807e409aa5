/**
 * The inline topology: every stage on one thread, in lockstep. Record n + 1 enters when all that n caused has come to rest.
 *
 * What runs next is the first stage of `stageNames` that has messages, with all of them as one batch. Arbitration comes last:
 * it decides once on everything that the others have brought to rest (ERRATA E9).
 */
import type { Stage } from '../channel/stage.ts'
import type { MarketRecord } from '../domain/market.ts'
import type { PipelineMessage } from '../domain/message.ts'
import { routes, type StageName, stageNames } from './topology.ts'

/** A stage whatever it takes and says: the routes see to it that it is only handed what it takes. */
export type AnyStage = Stage<never, PipelineMessage>

export type StageSet = Readonly<Record<StageName, AnyStage>>

/** Messages that one cascade may take; more is a circle between stages, which would never come to rest. */
const messagesMax = 1_000_000

const ignore = (): void => undefined

export class InlinePipeline {
  readonly #stages: readonly AnyStage[]
  readonly #inboxes: PipelineMessage[][]
  /** Empty arrays that take an inbox's place while its stage works on it. */
  readonly #spares: PipelineMessage[][]
  /** The stages in which something can fall due. */
  readonly #timed: readonly AnyStage[]
  readonly #record: MarketRecord[] = []
  readonly #order: AnyStage
  readonly #state: AnyStage
  readonly #arbitration: AnyStage
  readonly #listeners: ReadonlyMap<PipelineMessage['kind'], readonly number[]>
  readonly #observer: ((message: PipelineMessage) => void) | null
  readonly #emit = (message: PipelineMessage): void => this.#route(message)
  #pending = 0
  #nowNs = 0

  /** @param observer - Hears every message that is not a state update, for display. It must not keep or change them. */
  constructor(stages: StageSet, observer: ((message: PipelineMessage) => void) | null = null) {
    this.#stages = stageNames.map((name) => stages[name])
    this.#inboxes = stageNames.map(() => [])
    this.#spares = stageNames.map(() => [])
    this.#timed = this.#stages.filter((stage) => stage.nextDueNs !== undefined)
    this.#order = stages.order
    this.#state = stages.state
    this.#arbitration = stages.arbitration
    this.#listeners = new Map(
      (Object.keys(routes) as PipelineMessage['kind'][]).map((kind) => [
        kind,
        routes[kind].map((name) => stageNames.indexOf(name)),
      ]),
    )
    this.#observer = observer
    for (const stage of this.#stages) stage.onStart?.(this.#emit)
  }

  /** Time of the newest record or due time. */
  get nowNs(): number {
    return this.#nowNs
  }

  /** Shows one record to the venue and the state only. */
  warmUp(record: MarketRecord): void {
    this.#nowNs = record.atNs
    this.#record[0] = record
    this.#order.onBatch(this.#record as never[], 1, ignore)
    this.#state.onBatch(this.#record as never[], 1, ignore)
  }

  /** Takes one record through all stages; what falls due at or before its time runs first. */
  process(record: MarketRecord): void {
    this.advance(record.atNs)
    this.#nowNs = record.atNs
    this.#record[0] = record
    this.#order.onBatch(this.#record as never[], 1, this.#emit)
    this.#state.onBatch(this.#record as never[], 1, this.#emit)
    this.#settle()
  }

  /** Runs what falls due at or before `nowNs`, each at its own time: earliest first, ties by the order of the stages. */
  advance(nowNs: number): void {
    for (;;) {
      let due: AnyStage | null = null
      let dueNs = Number.POSITIVE_INFINITY
      for (const stage of this.#timed) {
        const stageDueNs = stage.nextDueNs!()
        if (stageDueNs < dueNs) {
          due = stage
          dueNs = stageDueNs
        }
      }
      if (due === null || dueNs > nowNs) return
      this.#nowNs = Math.max(this.#nowNs, dueNs)
      due.onIdle?.(dueNs, this.#emit)
      this.#settle()
    }
  }

  /** Lets one stage do what fell due by another clock than the pipeline's. */
  runIdle(name: StageName, nowNs: number): void {
    this.#stages[stageNames.indexOf(name)]!.onIdle?.(nowNs, this.#emit)
    this.#settle()
  }

  /** The input has ended: every stage drains, in the order of the stages. */
  stop(): void {
    // Who decides stops first: what the others let go of now must not be given away again.
    this.#arbitration.onStop?.(this.#nowNs, this.#emit)
    for (const stage of this.#stages) {
      if (stage !== this.#arbitration) stage.onStop?.(this.#nowNs, this.#emit)
      this.#settle()
    }
  }

  #route(message: PipelineMessage): void {
    const listeners = this.#listeners.get(message.kind)!
    if (message.kind !== 'state') this.#observer?.(message)
    for (const index of listeners) {
      this.#inboxes[index]!.push(message)
      this.#pending += 1
    }
  }

  #settle(): void {
    let messages = 0
    while (this.#pending > 0) {
      for (let index = 0; index < this.#stages.length; index += 1) {
        const batch = this.#inboxes[index]!
        if (batch.length === 0) continue
        messages += batch.length
        this.#pending -= batch.length
        this.#inboxes[index] = this.#spares[index]!
        try {
          this.#stages[index]!.onBatch(batch as never[], batch.length, this.#emit)
        } finally {
          batch.length = 0
          this.#spares[index] = batch
        }
        break
      }
      if (messages > messagesMax) throw new Error('the stages do not come to rest')
    }
  }
}
