/**
 * One thread of the free-running mode (live): takes in what was sent to it, runs its stages until nothing waits, and sends on what
 * others hear. Nobody waits for anybody but where a channel is full. Every thread has an inbox, a channel that blocks; market records
 * come to the state by a channel of their own, and its updates go to stages elsewhere by one that conflates, by symbol.
 *
 * Nobody waits for ever:
 * FLOW-1  Arbitration has one decision unanswered at most (`arbitration-stage.ts`): its inbox is always emptied again, since it never
 *         waits for room itself.
 * FLOW-2  The run's thread takes in while it waits for room (`flow-outbox.ts`), so there is always room at it again.
 *         What is left are waits along the data: state for nobody (it conflates), detection for registry, registry and reservation for
 *         arbitration and for the run's thread. No circle.
 */
import type { Receiver } from '../channel/receiver.ts'
import type { Sender } from '../channel/sender.ts'
import type { DecisionReserved, PipelineMessage, StateUpdate } from '../domain/message.ts'
import type { FlowBox, RecordBox, UpdateBox } from './flow-codec.ts'
import { type LatencyProbe, StageHost, type StageSet } from './host.ts'
import { Inbox } from './inbox.ts'
import { PendingDecisions } from './pending-decisions.ts'
import { routes, type StageName, stageIndex, stageNames, type ThreadPlan } from './topology.ts'

export interface FlowThreadOptions {
  readonly plan: ThreadPlan
  /** This thread's place in the plan. */
  readonly thread: number
  readonly stages: StageSet
  readonly symbolCount: number
  readonly inbox: Receiver<FlowBox>
  /** Where the state is. */
  readonly records: Receiver<RecordBox> | null
  /** Where the state is not, and somebody hears of it. */
  readonly updates: Receiver<UpdateBox> | null
  /** Where the state is: to each thread elsewhere that hears of it. */
  readonly updateSenders: readonly Sender<UpdateBox>[]
  /** A box to send from. */
  readonly box: FlowBox
  readonly latency: LatencyProbe
  /** Sends the box to another thread's inbox. Waits for room, or keeps a copy. */
  readonly send: (thread: number, box: FlowBox) => void
  /** Does what the run's thread commands; all that was sent before has been run. */
  readonly obey: (box: FlowBox) => void
  /** Hears every message that is said here, or comes here whole, and is no state update. It must not keep or change them. */
  readonly observer: ((message: PipelineMessage) => void) | null
  /** Sends what is only to be looked at, before what follows of it is sent. */
  readonly show?: () => void
  readonly report: (line: string) => void
}

type Outgoing = Exclude<PipelineMessage, StateUpdate>

/** Records and messages that are taken at once. */
const batchMax = 64
/**
 * A thread that is further behind its records takes in all that wait before it looks at what follows of them: state updates conflate, and
 * the state catches up. One that is not looks at what follows of each.
 */
const lagMaxNs = 1_000_000

export class FlowThread {
  readonly host: StageHost
  readonly #options: FlowThreadOptions
  /** Of each kind: the other threads that hear it. */
  readonly #hearers: ReadonlyMap<PipelineMessage['kind'], readonly number[]>
  readonly #hasArbitration: boolean
  /** Somebody here hears of the state: of each record at once, unless this thread is behind. */
  readonly #hearsState: boolean
  readonly #inbox: FlowBox[]
  readonly #records: RecordBox[]
  /** Of them: received, and taken. */
  #recordsCount = 0
  #recordsTaken = 0
  readonly #updates: UpdateBox[]
  readonly #update: UpdateBox
  readonly #pending = new PendingDecisions()
  /** For others, until nothing waits here: to wake somebody takes longer than a stage, and the way to a reservation does not wait for it. */
  readonly #outgoing = new Inbox<Outgoing>()
  /** Of each that is outgoing. */
  readonly #intendedNs: number[] = []
  #nowNs = Number.NEGATIVE_INFINITY

  constructor(options: FlowThreadOptions) {
    const { plan, thread, stages, symbolCount, inbox, records, updates, observer, latency } = options
    this.#options = options
    const threadOf = (name: StageName): number => plan.findIndex((names) => names.includes(name))
    const kinds = Object.keys(routes) as PipelineMessage['kind'][]
    this.#hearers = new Map(
      kinds.map((kind) => [kind, [...new Set(routes[kind].map(threadOf))].filter((other) => other !== thread)]),
    )
    this.#hasArbitration = stages.arbitration !== undefined
    this.#hearsState = routes.state.some((name) => stages[name] !== undefined)
    this.#inbox = inbox.batch(batchMax)
    this.#records = records?.batch(batchMax) ?? []
    this.#updates = updates?.batch(Math.min(batchMax, symbolCount)) ?? []
    this.#update = { update: { kind: 'state', symbolIndex: 0, atNs: 0, stateVersion: 0 }, intendedNs: Number.NaN }
    this.host = new StageHost(stages, {
      sendAway: (message, intendedNs) => this.#sendAway(message, intendedNs),
      observer,
      latency,
      conflatedSymbols: symbolCount,
    })
  }

  /** Time of what was run last. */
  get nowNs(): number {
    return this.#nowNs
  }

  /** Runs the stages here until nothing waits, then sends what others are to hear of it. */
  settle(): void {
    try {
      this.host.settle()
    } finally {
      this.#options.show?.()
      this.#sendOut()
    }
  }

  /** Takes in what is there, runs what follows of it and what has fallen due at `nowNs`. Never waits but for room. */
  turn(nowNs: number): void {
    this.takeIn()
    this.#takeRecords()
    this.#takeUpdates()
    this.settle()
    this.advance(nowNs)
  }

  /** Runs what falls due at or before `nowNs`, each at its own time: earliest first, ties by the order of the stages. */
  advance(nowNs: number): void {
    const { host } = this
    for (let due = host.firstDue(nowNs); due >= 0; due = host.firstDue(nowNs)) {
      const dueNs = host.dueNs(due)
      this.#nowNs = Math.max(this.#nowNs, dueNs)
      host.runIdle(due, dueNs)
      this.settle()
    }
  }

  /** All that was sent here before has been taken in and run. */
  flush(): void {
    while (this.#takeRecords() + this.#takeUpdates() > 0) this.settle()
    this.settle()
  }

  /** Takes messages in without running anything: they wait for their stages in this thread's memory. Returns how many. */
  takeIn(): number {
    const { inbox, obey } = this.#options
    const count = inbox.receive(this.#inbox)
    for (let index = 0; index < count; index += 1) {
      const box = this.#inbox[index]!
      if (box.task === 'message') this.#deliver(box.wire.message as PipelineMessage, box.intendedNs)
      else obey(box)
    }
    return count
  }

  /** Returns how many. Those behind one that a stage threw at are taken the next time. */
  #takeRecords(): number {
    const { records, latency } = this.#options
    if (this.#recordsTaken === this.#recordsCount) {
      this.#recordsTaken = 0
      this.#recordsCount = records?.receive(this.#records) ?? 0
    }
    const count = this.#recordsCount - this.#recordsTaken
    while (this.#recordsTaken < this.#recordsCount) {
      const { record, isHeard, intendedNs } = this.#records[this.#recordsTaken]!
      this.#recordsTaken += 1
      // What is older than what was already decided at counts at that time.
      record.atNs = Math.max(record.atNs, this.#nowNs)
      if (isHeard) this.advance(record.atNs)
      this.#nowNs = record.atNs
      this.host.show(stageIndex.state, record, isHeard, intendedNs)
      if (this.#hearsState && !(latency.monotonicNs() - intendedNs > lagMaxNs)) this.settle()
    }
    return count
  }

  #takeUpdates(): number {
    const { updates } = this.#options
    const count = updates?.receive(this.#updates) ?? 0
    for (let index = 0; index < count; index += 1) {
      const { update, intendedNs } = this.#updates[index]!
      this.#nowNs = Math.max(this.#nowNs, update.atNs)
      this.host.deliver(update, intendedNs)
    }
    return count
  }

  #deliver(message: PipelineMessage, intendedNs: number): void {
    const { observer, report } = this.#options
    if (message.kind !== 'reserved' || !this.#hasArbitration) {
      observer?.(message)
      this.host.deliver(message, intendedNs)
      return
    }
    const decision = this.#pending.take(message.decision)
    if (decision === undefined) {
      report('a decision was answered whose thread had ended: it is not in the journal')
      return
    }
    const { statuses, grants } = message
    const whole: DecisionReserved = { kind: 'reserved', decision, statuses, grants }
    observer?.(whole)
    this.host.deliver(whole, intendedNs)
  }

  #sendAway(message: PipelineMessage, intendedNs: number): void {
    const { updateSenders } = this.#options
    if (message.kind === 'state') {
      this.#update.update = message
      this.#update.intendedNs = intendedNs
      for (const sender of updateSenders) sender.send(this.#update)
      return
    }
    if (message.kind === 'decision') this.#pending.add(message)
    this.#intendedNs[this.#outgoing.count] = intendedNs
    this.#outgoing.put(message)
  }

  #sendOut(): void {
    const { box, send } = this.#options
    const outgoing = this.#outgoing
    try {
      for (let index = 0; index < outgoing.count; index += 1) {
        const message = outgoing.messages[index]!
        box.task = 'message'
        box.intendedNs = this.#intendedNs[index]!
        box.wire.message = message
        for (const thread of this.#hearers.get(message.kind)!) send(thread, box)
      }
    } finally {
      outgoing.clear()
    }
  }
}

/** The threads of a plan that hear the state's updates and do not run the state. */
export function updateThreads(plan: ThreadPlan): number[] {
  const stateThread = plan.findIndex((names) => names.includes('state'))
  const hearers = routes.state.map((name) => plan.findIndex((names) => names.includes(name)))
  return [...new Set(hearers)].filter((thread) => thread !== stateThread).sort((one, other) => one - other)
}

/** The stages of a thread as its stop takes them: those that decide and let go first. */
export function stopOrder(names: readonly StageName[]): StageName[] {
  return [...stageNames].reverse().filter((name) => names.includes(name))
}
