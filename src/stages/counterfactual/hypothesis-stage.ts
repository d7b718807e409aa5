/**
 * The hypothesis stage: asks the strategies how they would have acted on what a decision rejected, at the moment of the decision, and tells
 * the tracker. Beside the journal, behind everything that the decision caused.
 *
 * A strategy is asked about events that it will not be given: its answer may depend on event and market only (`Strategy`). What it
 * declines, or throws at, has no hypothetical trade.
 */
import { SignalboxError } from '../../base/errors.ts'
import { IntegerMap } from '../../base/integer-map.ts'
import type { Stage } from '../../channel/stage.ts'
import {
  decisionCandidate as candidateAt,
  decisionCandidateSize,
  decisionHeader,
  decisionParts,
} from '../../domain/decision-record.ts'
import type { MarketEvent } from '../../domain/event.ts'
import { type HotField, hotFieldIndex } from '../../domain/hot-state.ts'
import type { DecisionReserved, EventChange } from '../../domain/message.ts'
import type { TradePlan } from '../../domain/order.ts'
import type { JournalPort } from '../../journal/journal-frame.ts'
import type { SnapshotReader } from '../../region/snapshot.ts'
import type { Strategies } from '../../strategy/strategies.ts'
import { planFields, putPlan, trackingFrames } from './tracking-frames.ts'

export type HypothesisInput = EventChange | DecisionReserved

export interface HypothesisSettings {
  /** The journal's; null: nothing is tracked. */
  readonly port: JournalPort | null
  readonly strategies: Strategies
  readonly reader: SnapshotReader<string, HotField>
  /** What is live already: of a stage before this one, whose thread has ended. */
  readonly liveEvents: () => readonly { readonly event: MarketEvent; readonly handle: number }[]
}

/** Events that have ended and are still known: a decision about them may be on its way. */
const endedMax = 1_024

export class HypothesisStage implements Stage<HypothesisInput, never> {
  readonly name = 'hypothesis'
  readonly #settings: HypothesisSettings
  readonly #events = new IntegerMap<MarketEvent>()
  /** Handles of those that ended last, round and round. */
  readonly #ended = new Float64Array(endedMax).fill(-1)
  #nextEnded = 0
  readonly #plans: (readonly [rank: number, plan: TradePlan])[] = []

  constructor(settings: HypothesisSettings) {
    this.#settings = settings
  }

  onStart(): void {
    if (this.#settings.port === null) return
    for (const { event, handle } of this.#settings.liveEvents()) this.#events.set(handle, event)
  }

  onBatch(inputs: readonly HypothesisInput[], count: number): void {
    const { port } = this.#settings
    if (port === null) return
    for (let index = 0; index < count; index += 1) {
      const input = inputs[index]!
      if (input.kind === 'event') this.#track(input)
      else this.#suppose(input, port)
    }
  }

  #track({ event, handle, state }: EventChange): void {
    if (state === 'TRIGGERED') this.#events.set(handle, event)
    if (state !== 'COMPLETED' && state !== 'INVALIDATED') return
    const oldest = this.#ended[this.#nextEnded]!
    if (oldest >= 0) this.#events.delete(oldest)
    this.#ended[this.#nextEnded] = handle
    this.#nextEnded = (this.#nextEnded + 1) % endedMax
  }

  #suppose({ decision }: DecisionReserved, port: JournalPort): void {
    const { record, atNs } = decision
    const { candidates, end } = decisionParts(record, 0)
    this.#plans.length = 0
    for (let at = candidates; at < end; at += decisionCandidateSize) {
      if (record[at + candidateAt.rejection]! < 0) continue
      const plan = this.#planOf(record[at + candidateAt.handle]!, atNs)
      if (plan !== null) this.#plans.push([(at - candidates) / decisionCandidateSize, plan])
    }
    // Also when there are none: the tracker waits for them.
    sendPlans(port, record[decisionHeader.sequence]!, this.#plans)
  }

  #planOf(handle: number, nowNs: number): TradePlan | null {
    const { strategies, reader } = this.#settings
    const event = this.#events.get(handle)
    if (event === undefined) return null
    reader.readRow(event.symbolIndex)
    const row = reader.rows[event.symbolIndex]!
    const lastTicks = row[hotFieldIndex.lastTicks]!
    if (!(lastTicks >= 1)) return null
    try {
      const plan = strategies.plan(event, { lastTicks, row, nowNs })
      return 'declined' in plan ? null : plan
    } catch (thrown) {
      // What a strategy throws is told where it is asked for an order.
      if (thrown instanceof SignalboxError && thrown.code === 'ERR_INVALID_ARGUMENT') return null
      throw thrown
    }
  }
}

function sendPlans(port: JournalPort, sequence: number, plans: readonly (readonly [number, TradePlan])[]): void {
  const length = 2 + plans.length * planFields.length
  const start = port.claim(length)
  const { payload } = port
  payload[start] = sequence
  payload[start + 1] = plans.length
  for (const [index, [rank, plan]] of plans.entries()) {
    const at = start + 2 + index * planFields.length
    payload[at] = rank
    putPlan(payload, at + 1, plan)
  }
  port.commit(trackingFrames.plans, length)
}
