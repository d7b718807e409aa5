/**
 * The stages of one thread: their inboxes, and the rule by which they run. What runs next is the first stage of `stageNames` that has
 * messages, with all of them as one batch; arbitration is last, so it decides once on everything that the others have brought to rest
 * (ERRATA E9). Messages for stages elsewhere are handed to `sendAway`. One thread.
 *
 * **Latency.** An *intended time* is when something was to happen, on the monotonic clock: of a record, when it was received. With what waits
 * for a stage waits the oldest intended time of it, and what a stage says has the intended time of what it works on. So however long a
 * message lay about, once its stage is done with it, the time since is that since its record came. NaN: not measured, and no clock is read.
 */
import type { Stage } from '../channel/stage.ts'
import type { MarketRecord } from '../domain/market.ts'
import type { PipelineMessage } from '../domain/message.ts'
import { Inbox } from './inbox.ts'
import { routes, type StageName, stageNames } from './topology.ts'
import { UpdateShelf } from './update-shelf.ts'

/** A stage whatever it takes and says: the routes see to it that it is only handed what it takes. */
export type AnyStage = Stage<never, PipelineMessage>

export type StageSet = Readonly<Partial<Record<StageName, AnyStage>>>

/** Messages that one cascade may take; more is a circle between stages, which would never come to rest. */
const messagesMax = 1_000_000

const ignore = (): void => undefined

/** Where latencies go. */
export interface LatencyProbe {
  /** A clock that all threads of the pipeline share. */
  monotonicNs(): number
  /**
   * A stage, by its index in `stageNames`, is done with what was intended at `intendedNs`. It reads the clock by itself: between calls a time needs
   * memory.
   */
  record(stage: number, intendedNs: number): void
}

export interface HostOptions {
  /** Takes what stages of other threads hear too, with its intended time; valid during the call. */
  readonly sendAway?: (message: PipelineMessage, intendedNs: number) => void
  /** Default null: nothing is measured. Intended times are passed on all the same. */
  readonly latency?: LatencyProbe | null
  /** Hears every message that a stage here says and that is not a state update, for display. It must not keep or change them. */
  readonly observer?: ((message: PipelineMessage) => void) | null
  /** How many symbols' state updates conflate while they wait for a stage here. Absent: none does, each is seen at once (lockstep). */
  readonly conflatedSymbols?: number
}

export class StageHost {
  /** By the index of the stage in `stageNames`; undefined: it runs elsewhere. */
  readonly stages: readonly (AnyStage | undefined)[]
  readonly #inboxes: Inbox<PipelineMessage | MarketRecord>[]
  /** Empty ones that take an inbox's place while its stage works on it. */
  readonly #spares: Inbox<PipelineMessage | MarketRecord>[]
  /** The stages in which something can fall due. */
  readonly #timed: readonly number[]
  readonly #seeMarket: readonly number[]
  readonly #record: MarketRecord[] = []
  readonly #listeners: ReadonlyMap<PipelineMessage['kind'], readonly number[]>
  readonly #sendAway: ReadonlyMap<PipelineMessage['kind'], NonNullable<HostOptions['sendAway']>>
  readonly #latency: LatencyProbe | null
  /** By stage, of those that hear the state; null: its updates do not conflate. */
  readonly #shelves: readonly (UpdateShelf | null)[]
  /** By stage: the oldest intended time of what waits; Infinity: none of it has one. */
  readonly #oldestNs = new Float64Array(stageNames.length).fill(Number.POSITIVE_INFINITY)
  /** Of what the stage that runs works on. */
  #intendedNs = Number.NaN
  readonly #observer: ((message: PipelineMessage) => void) | null
  readonly #emit = (message: PipelineMessage): void => this.#say(message)
  #pending = 0

  constructor(stages: StageSet, { sendAway, latency, observer, conflatedSymbols }: HostOptions = {}) {
    this.stages = stageNames.map((name) => stages[name])
    this.#inboxes = stageNames.map(() => new Inbox())
    this.#spares = stageNames.map(() => new Inbox())
    this.#timed = [...this.stages.keys()].filter((index) => this.stages[index]?.nextDueNs !== undefined)
    this.#seeMarket = [...this.stages.keys()].filter((index) => this.stages[index]?.seesMarket === true)
    const kinds = Object.keys(routes) as PipelineMessage['kind'][]
    const isHere = (name: StageName): boolean => stages[name] !== undefined
    this.#listeners = new Map(
      kinds.map((kind) => [kind, routes[kind].filter(isHere).map((name) => stageNames.indexOf(name))]),
    )
    this.#sendAway = new Map(
      sendAway === undefined
        ? []
        : kinds.filter((kind) => !routes[kind].every(isHere)).map((kind) => [kind, sendAway] as const),
    )
    this.#latency = latency ?? null
    this.#observer = observer ?? null
    this.#shelves = stageNames.map((name) =>
      conflatedSymbols !== undefined && isHere(name) && routes.state.includes(name)
        ? new UpdateShelf(conflatedSymbols)
        : null,
    )
    for (const stage of this.stages) stage?.onStart?.(this.#emit)
  }

  /** Takes a message of another thread to those of the stages here that hear it. */
  deliver(message: PipelineMessage, intendedNs = Number.NaN): void {
    for (const index of this.#listeners.get(message.kind)!) {
      const shelf = this.#shelves[index]!
      const waiting = shelf !== null && message.kind === 'state' ? shelf.put(message) : message
      if (waiting === null) continue
      this.#inboxes[index]!.put(waiting)
      this.#pending += 1
      if (intendedNs < this.#oldestNs[index]!) this.#oldestNs[index] = intendedNs
    }
  }

  /** State updates that a newer one of their symbol replaced while they waited for a stage here. */
  get conflated(): number {
    return this.#shelves.reduce((sum, shelf) => sum + (shelf?.conflated ?? 0), 0)
  }

  /** Shows one record to a stage at once. @param isHeard - False: what the stage says of it is not passed on. */
  show(index: number, record: MarketRecord, isHeard = true, intendedNs = Number.NaN): void {
    this.#record[0] = record
    this.#intendedNs = intendedNs
    this.stages[index]!.onBatch(this.#record as never[], 1, isHeard ? this.#emit : ignore)
    this.#measure(index)
  }

  /** Shows one record to the stages here that see the market before the state does, in their order. */
  showMarket(record: MarketRecord, isHeard = true): void {
    for (const index of this.#seeMarket) this.show(index, record, isHeard)
  }

  /** How many messages wait for a stage here. */
  waiting(index: number): number {
    return this.#inboxes[index]!.count
  }

  /** When something falls due in the stage; Infinity: never. */
  dueNs(index: number): number {
    return this.stages[index]?.nextDueNs?.() ?? Number.POSITIVE_INFINITY
  }

  /** The stage here in which something falls due first, ties by the order of the stages; −1: none at or before `nowNs`. */
  firstDue(nowNs: number): number {
    let due = -1
    let dueNs = Number.POSITIVE_INFINITY
    for (const index of this.#timed) {
      const stageDueNs = this.dueNs(index)
      if (stageDueNs < dueNs) {
        due = index
        dueNs = stageDueNs
      }
    }
    return dueNs <= nowNs ? due : -1
  }

  /** Lets a stage do what fell due. */
  runIdle(index: number, nowNs: number, intendedNs = Number.NaN): void {
    this.#intendedNs = intendedNs
    this.stages[index]!.onIdle?.(nowNs, this.#emit)
    this.#measure(index)
  }

  /** Lets a stage drain and let go. */
  runStop(index: number, nowNs: number, intendedNs = Number.NaN): void {
    this.#intendedNs = intendedNs
    this.stages[index]!.onStop?.(nowNs, this.#emit)
    this.#measure(index)
  }

  /** Hands a stage all that waits for it, as one batch. */
  run(index: number): void {
    const batch = this.#inboxes[index]!
    this.#pending -= batch.count
    this.#inboxes[index] = this.#spares[index]!
    const oldestNs = this.#oldestNs[index]!
    this.#intendedNs = oldestNs < Number.POSITIVE_INFINITY ? oldestNs : Number.NaN
    this.#oldestNs[index] = Number.POSITIVE_INFINITY
    try {
      this.stages[index]!.onBatch(batch.messages as never[], batch.count, this.#emit)
    } finally {
      batch.clear()
      this.#spares[index] = batch
      this.#shelves[index]?.clear()
    }
    this.#measure(index)
  }

  /** Runs the stages here until nothing waits. */
  settle(): void {
    let messages = 0
    while (this.#pending > 0) {
      for (let index = 0; index < this.#inboxes.length; index += 1) {
        const waiting = this.#inboxes[index]!.count
        if (waiting === 0) continue
        messages += waiting
        this.run(index)
        break
      }
      if (messages > messagesMax) throw new Error('the stages do not come to rest')
    }
  }

  #say(message: PipelineMessage): void {
    if (message.kind !== 'state') this.#observer?.(message)
    this.deliver(message, this.#intendedNs)
    if (this.#sendAway.size > 0) this.#sendAway.get(message.kind)?.(message, this.#intendedNs)
  }

  /** The stage is done. */
  #measure(index: number): void {
    const intendedNs = this.#intendedNs
    if (this.#latency !== null && !Number.isNaN(intendedNs)) this.#latency.record(index, intendedNs)
  }
}
