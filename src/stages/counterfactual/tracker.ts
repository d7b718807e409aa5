/**
 * The tracker: follows every candidate of every decision that counts to its end, and gives an entry for the journal when the last outcome
 * is known (specification part 6B; CONTRACTS "Counterfactual entry"). On the journal's thread, off the hot path.
 *
 * **Two streams.** Decisions and plans come from arbitration's thread, in the order of their sequences; the market, the places of the
 * decisions in it and what the venue said come from the order stage's thread. A decision's candidates are followed from its place on,
 * so what is written depends on the second stream alone, whatever the two threads do meanwhile: a replay gives the same bytes in every
 * topology. Where a place comes before its decision or the decision's plans, the second stream waits ({@link wants}).
 *
 * **What is written.** An entry says everything of the selected and of the admissible, which `tune` ranks anew, and of the others when
 * they are new or their rank or reason is another than in the decision before. One that would say nothing is not written.
 *
 * **Bounded.** At most `pendingMax` hypothetical trades are followed: beyond that the oldest entries are given with what is known of them.
 * So are all when something was lost on the way (`lost`), and at the end.
 */
import { invariant } from '../../base/assert.ts'
import { HypotheticalAllocation } from '../../decide/hypothetical-allocation.ts'
import { decisionHeader } from '../../domain/decision-record.ts'
import { lifecycle } from '../../domain/event.ts'
import type { Instrument } from '../../domain/instrument.ts'
import type { EntryOrder, TradePlan } from '../../domain/order.ts'
import { exitReasons, type TradeOutcome } from '../../domain/outcome.ts'
import { eventTypesOf, type Policy } from '../../domain/policy.ts'
import type { Timeline } from '../../domain/units.ts'
import { createFillModel, type FillModel, type FillModelOptions } from '../../fill/model.ts'
import { entryOrderOf, riskBudgetOf } from '../../fill/sizing.ts'
import type { CounterfactualValues } from '../../journal/counterfactual-line.ts'
import { type Followed, FollowedTrades } from './followed-trades.ts'
import { PendingEntry } from './pending-entry.ts'
import {
  type EventMove,
  eventMoves,
  marketFields,
  planAt,
  planFields,
  submittedOrderAt,
  submittedPlanAt,
  trackingFrames,
} from './tracking-frames.ts'

/** Structured-cloneable: what the tracker is made of. */
export interface TrackingSetup {
  readonly policy: Policy
  readonly instruments: readonly Instrument[]
  readonly fill: Partial<FillModelOptions>
  /** The most candidates of a decision, and the most open positions. */
  readonly eventCapacity: number
  readonly positionsMax: number
  /** Hypothetical trades that are followed at once. */
  readonly pendingMax: number
  /** Plans come of every decision. False: the strategies are not where the decisions are, and nothing is supposed. */
  readonly isSupposed: boolean
}

/** A decision that has come, and not its place in the market. */
interface Announced {
  readonly record: Float64Array
  /** Null: they have not come yet. */
  plans: ReadonlyMap<number, TradePlan> | null
}

/** A rejected candidate with the plan of its strategy. */
interface Supposed {
  readonly entry: PendingEntry
  readonly rank: number
  readonly plan: TradePlan
}

/** Events whose last move is remembered. */
const movedMax = 4_096
/** Candidates that pending entries may have, a hypothetical trade that may be followed: most candidates have none. */
const candidatesPerTrade = 8

const noPlans: ReadonlyMap<number, TradePlan> = new Map()

export class Tracker {
  readonly #policy: Policy
  readonly #instruments: readonly Instrument[]
  readonly #model: FillModel
  readonly #pendingMax: number
  readonly #isSupposed: boolean
  readonly #allocation: HypotheticalAllocation
  /** Whose decision the allocation is about. */
  #loaded: PendingEntry | null = null
  readonly #followed: FollowedTrades
  readonly #write: (entry: CounterfactualValues) => void
  readonly #announced = new Map<number, Announced>()
  #lastAnnounced = 0
  /** By sequence, oldest first. */
  readonly #pending = new Map<number, PendingEntry>()
  /** Granted events that are not settled, by handle. */
  readonly #granted = new Map<number, PendingEntry>()
  /** Rejected candidates that would be entered when they complete (`entry: "completing"`), by handle. */
  readonly #waiting = new Map<number, Supposed[]>()
  #waitingCount = 0
  /** How events moved last, by handle, oldest first. */
  readonly #moved = new Map<number, EventMove>()
  /** Of all pending entries. */
  #candidates = 0
  /** Rank and reason of the candidates of the decision before, by handle. */
  #seen = new Map<number, string>()
  /** Entries that were given before everything was known. */
  censored = 0

  /** @param write - Takes an entry; it is not touched again. */
  constructor(setup: TrackingSetup, timeline: Timeline, write: (entry: CounterfactualValues) => void) {
    const { policy, instruments, eventCapacity, positionsMax } = setup
    this.#policy = policy
    this.#instruments = instruments
    this.#model = createFillModel(setup.fill)
    this.#pendingMax = setup.pendingMax
    this.#isSupposed = setup.isSupposed
    this.#allocation = new HypotheticalAllocation(policy, eventTypesOf(policy), eventCapacity, positionsMax)
    this.#followed = new FollowedTrades(instruments, this.#model, timeline)
    this.#write = write
  }

  /** Takes a decision's record, from the first stream. */
  decided(values: Float64Array, start: number, length: number): void {
    const record = values.slice(start, start + length)
    this.#lastAnnounced = record[decisionHeader.sequence]!
    this.#announced.set(this.#lastAnnounced, { record, plans: this.#isSupposed ? null : noPlans })
  }

  /** Takes the plans of a decision, behind it. */
  planned(values: Float64Array, start: number): void {
    const announced = this.#announced.get(values[start]!)
    if (announced === undefined) return
    const plans = new Map<number, TradePlan>()
    for (let index = 0; index < values[start + 1]!; index += 1) {
      const at = start + 2 + index * planFields.length
      plans.set(values[at]!, planAt(values, at + 1))
    }
    announced.plans = plans
  }

  /** True: the frame of the second stream may be taken; false: it is the place of a decision that has not come yet, or whose plans have not. */
  wants(kind: number, values: Float64Array, start: number): boolean {
    if (kind !== trackingFrames.placed) return true
    const sequence = values[start]!
    // Decisions come in the order of their sequences: one that was passed over will not come any more.
    return this.#lastAnnounced > sequence || (this.#announced.get(sequence)?.plans ?? null) !== null
  }

  /** Takes a frame of the second stream. @throws {SignalboxError} `ERR_INVARIANT` `CF-1` for a kind that there is none of. */
  take(kind: number, values: Float64Array, start: number, length: number): void {
    switch (kind) {
      case trackingFrames.market:
        this.#market(values, start, length)
        break
      case trackingFrames.placed:
        this.#placed(values[start]!, values[start + 1]!, values[start + 2] === 1)
        break
      case trackingFrames.submitted:
        this.#submitted(values, start)
        break
      case trackingFrames.settled:
        this.#settled(values, start)
        break
      case trackingFrames.eventMoved:
        this.#eventMoved(values[start]!, eventMoves[values[start + 2]!]!, values[start + 1]!)
        break
      case trackingFrames.lost:
        for (const entry of [...this.#pending.values()]) this.#censor(entry)
        break
      default:
        invariant(false, 'CF-1', `a frame of kind ${kind} reached the tracker`)
    }
  }

  /** Gives all that is pending with what is known. */
  finish(): void {
    for (const entry of [...this.#pending.values()]) {
      entry.awaited = 0
      this.#censor(entry)
    }
  }

  #market(values: Float64Array, start: number, length: number): void {
    for (let at = start; at < start + length; at += marketFields.length) {
      const symbol = values[at]!
      const atNs = values[at + 1]!
      if (symbol >= 0) this.#followed.onTrade(symbol, values[at + 2]!, atNs)
      else this.#followed.onContext(-1 - symbol, values[at + 2]!, values[at + 3]!, atNs)
    }
  }

  #placed(sequence: number, atNs: number, isFollowed: boolean): void {
    this.#followed.passTo(atNs)
    const announced = this.#announced.get(sequence)
    for (const older of this.#announced.keys()) if (older <= sequence) this.#announced.delete(older)
    if (announced === undefined) return
    const { record, plans } = announced
    const before = this.#seen
    const seen = new Map<number, string>()
    const entry = new PendingEntry(record)
    for (const [rank, candidate] of entry.outcomes.entries()) {
      const handle = entry.field(rank, 'handle')
      const now = `${rank} ${entry.field(rank, 'rejection')}`
      seen.set(handle, now)
      candidate.isWritten ||= entry.field(rank, 'admissible') === 1 || before.get(handle) !== now
    }
    this.#seen = seen
    if (!entry.outcomes.some(({ isWritten }) => isWritten)) return
    this.#pending.set(sequence, entry)
    this.#candidates += entry.outcomes.length
    for (const rank of entry.outcomes.keys()) {
      if (entry.isGranted(rank)) this.#granted.set(entry.field(rank, 'handle'), entry)
    }
    for (const [rank, plan] of (isFollowed ? plans : null) ?? noPlans)
      if (entry.outcomes[rank]!.isWritten) this.#suppose(entry, rank, plan)
    this.#giveIfComplete(entry)
    this.#bound()
  }

  /** Takes a rejected candidate as if it had been selected: it is entered now, or when it completes. */
  #suppose(entry: PendingEntry, rank: number, plan: TradePlan): void {
    if (this.#policy.entry === 'decision' || entry.field(rank, 'lifecycle') === lifecycle.COMPLETING) {
      this.#enter(entry, rank, plan)
      return
    }
    const handle = entry.field(rank, 'handle')
    const moved = this.#moved.get(handle)
    if (moved !== undefined) {
      // It was heard before the decision: as a real grant, it is entered now, or its event is over.
      if (moved === 'completing') this.#enter(entry, rank, plan)
      return
    }
    const waiting = this.#waiting.get(handle)
    if (waiting === undefined) this.#waiting.set(handle, [{ entry, rank, plan }])
    else waiting.push({ entry, rank, plan })
    entry.waiting += 1
    this.#waitingCount += 1
  }

  #eventMoved(handle: number, move: EventMove, atNs: number): void {
    this.#followed.passTo(atNs)
    if (this.#policy.entry === 'completing') this.#remember(handle, move)
    const waiting = this.#waiting.get(handle) ?? []
    this.#waiting.delete(handle)
    this.#waitingCount -= waiting.length
    if (move === 'event_completed' || move === 'invalidated') this.#followed.onEventEnded(handle, move, atNs)
    for (const { entry, rank, plan } of waiting) {
      entry.waiting -= 1
      if (move === 'completing') this.#enter(entry, rank, plan)
      this.#giveIfComplete(entry)
    }
  }

  /** What was heard of an event, for decisions about it that come later. */
  #remember(handle: number, move: EventMove): void {
    this.#moved.set(handle, move)
    if (this.#moved.size <= movedMax) return
    for (const oldest of this.#moved.keys()) {
      this.#moved.delete(oldest)
      return
    }
  }

  #enter(entry: PendingEntry, rank: number, plan: TradePlan): void {
    const symbolIndex = entry.field(rank, 'symbolIndex')
    const lastTicks = this.#followed.lastTicks(symbolIndex)
    if (!(lastTicks >= 1)) return
    const instrument = this.#instruments[symbolIndex]!
    const { leverage, riskPerTrade } = this.#policy
    const riskBudgetMinor = riskBudgetOf(entry.record[decisionHeader.capitalMinor]!, riskPerTrade)
    const request = { instrument, plan, lastTicks, leverage, riskBudgetMinor }
    if (this.#loaded !== entry) this.#allocation.load(entry.record, 0)
    this.#loaded = entry
    const order = entryOrderOf(this.#model, request, this.#allocation.capitalOf(rank))
    if (order === null) return
    this.#follow(entry, rank, plan, order, (outcome) => {
      entry.outcomes[rank]!.outcome = outcome
    })
  }

  #submitted(values: Float64Array, start: number): void {
    const handle = values[start]!
    this.#followed.passTo(values[start + 1]!)
    const entry = this.#granted.get(handle)
    if (entry === undefined) return
    const plan = planAt(values, start + submittedPlanAt)
    const at = start + submittedOrderAt
    const order = { quantityLots: values[at]!, limitTicks: values[at + 1]!, notionalMaxMinor: values[at + 2]! }
    const rank = entry.rankOf(handle)
    this.#follow(entry, rank, plan, order, (outcome) => {
      entry.outcomes[rank]!.simulated = outcome
    })
  }

  #follow(
    entry: PendingEntry,
    rank: number,
    plan: TradePlan,
    order: EntryOrder,
    known: (outcome: TradeOutcome | null) => void,
  ): void {
    const symbolIndex = entry.field(rank, 'symbolIndex')
    const handle = entry.field(rank, 'handle')
    const followed: Followed = this.#followed.follow(symbolIndex, handle, plan, order, (trade) => {
      entry.followed.delete(followed)
      known(trade.outcome)
      this.#giveIfComplete(entry)
    })
    entry.followed.add(followed)
  }

  #settled(values: Float64Array, start: number): void {
    const handle = values[start]!
    this.#followed.passTo(values[start + 1]!)
    const entry = this.#granted.get(handle)
    if (entry === undefined) return
    this.#granted.delete(handle)
    entry.awaited -= 1
    entry.outcomes[entry.rankOf(handle)]!.outcome = outcomeAt(values, start + 2)
    this.#giveIfComplete(entry)
  }

  #giveIfComplete(entry: PendingEntry): void {
    if (!entry.isComplete || !this.#pending.delete(entry.sequence)) return
    this.#candidates -= entry.outcomes.length
    this.#write(entry)
  }

  /** Gives up what is hypothetical in an entry; what the venue will say of its selected events is still waited for. */
  #censor(entry: PendingEntry): void {
    if (!entry.isComplete) this.censored += 1
    if (entry.waiting > 0) this.#waitNoMore(entry)
    for (const followed of entry.followed) this.#followed.drop(followed)
    entry.followed.clear()
    this.#giveIfComplete(entry)
  }

  #waitNoMore(entry: PendingEntry): void {
    for (const [handle, waiting] of this.#waiting) {
      const others = waiting.filter((one) => one.entry !== entry)
      this.#waitingCount -= waiting.length - others.length
      if (others.length === 0) this.#waiting.delete(handle)
      else this.#waiting.set(handle, others)
    }
    entry.waiting = 0
  }

  #bound(): void {
    const isWithin = (): boolean =>
      this.#followed.size + this.#waitingCount <= this.#pendingMax &&
      this.#candidates <= this.#pendingMax * candidatesPerTrade
    if (isWithin()) return
    for (const entry of [...this.#pending.values()]) {
      if (isWithin()) return
      this.#censor(entry)
    }
  }
}

function outcomeAt(values: Float64Array, at: number): TradeOutcome | null {
  const exitReason = exitReasons[values[at]!]
  if (exitReason === undefined) return null
  return {
    entryTicks: values[at + 1]!,
    exitTicks: values[at + 2]!,
    entryAtNs: values[at + 3]!,
    exitAtNs: values[at + 4]!,
    quantityLots: values[at + 5]!,
    feesMinor: values[at + 6]!,
    fundingMinor: values[at + 7]!,
    pnlMinor: values[at + 8]!,
    exitReason,
  }
}
