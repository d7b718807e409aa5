/**
 * The health of arbitration (specification part 7; ERRATA E19): who starved, who was passed over without a reason, who waited for a
 * lower tier's position, for which reasons events were turned down, and how each type was served. Fed by the arbitration stage with every decision that the journal holds; a
 * repeat of the one before is not looked at, so that the journal's lines give the same numbers. On the stage's thread. Allocates once an
 * event, never a decision.
 */
import { Histogram } from '../../base/histogram.ts'
import { IntegerMap } from '../../base/integer-map.ts'
import type { CandidateSet } from '../../decide/candidate-set.ts'
import { maxWaitNsOf } from '../../decide/choice.ts'
import { type DecisionView, rejectionOf } from '../../decide/decision-view.ts'
import type { PositionSet } from '../../decide/position-set.ts'
import { type RejectionReason, rejectionReasons } from '../../domain/decision.ts'
import { type Policy, tierOf } from '../../domain/policy.ts'
import { waitsForLowerTier } from './holder-wait.ts'
import { InversionCheck } from './inversion-check.ts'

/** How long events waited for positions of lower tiers: an event's whole wait, over all its positions. */
export interface HolderWaits {
  /** Events that had to. */
  readonly events: number
  readonly totalNs: number
  readonly maxNs: number
}

/** How one type was served. Waiting is from an event's `waitingSinceNs` to the decision that first selected it. */
export interface TypeService {
  readonly type: string
  /** Events that took part in a decision, and those of them that were selected. */
  readonly competed: number
  readonly served: number
  readonly meanWaitNs: number
  /** As in base/histogram.ts: at most 1.6 % too high. */
  readonly p50WaitNs: number
  readonly p99WaitNs: number
  readonly maxWaitNs: number
}

/** What is remembered of an event from its first decision to its end. */
interface Competitor {
  isServed: boolean
  isStarved: boolean
  /** The number of the last decision in which it took part. */
  decision: number
  /** Since when it waits for a lower tier's position; −1: it does not. */
  heldSinceNs: number
  /** What it waited so before. */
  heldNs: number
  wasHeld: boolean
}

interface TypeTally {
  readonly type: string
  competed: number
  readonly waits: Histogram
  waitedNs: number
}

export class ArbitrationHealth {
  /**
   * Events that starved, each counted once: at a decision at which it was admissible, an event that had waited strictly longer
   * than `max_wait_s` was not selected. Without a bound nothing starves.
   */
  starvationEvents = 0
  /** Decisions that left an admissible, higher-ranked event behind a lower one with no recorded reason. Anything but 0 is a fault of ours. */
  priorityInversions = 0
  readonly #maxWaitNs: number
  readonly #tierByType: Int32Array
  readonly #inversions: InversionCheck
  readonly #competitors = new IntegerMap<Competitor>()
  readonly #tallies: readonly TypeTally[]
  /** By the view's code of a rejection; 0, the selected, counts for nothing. */
  readonly #rejectedByCode = new Float64Array(rejectionReasons.length + 1)
  #decisions = 0
  /** How many wait for a lower tier's position now. */
  #heldCount = 0
  #heldEvents = 0
  #heldTotalNs = 0
  #heldMaxNs = 0

  /** @param types - What the type indices of candidates and positions mean. */
  constructor(policy: Policy, types: readonly string[]) {
    this.#maxWaitNs = maxWaitNsOf(policy)
    this.#tierByType = Int32Array.from(types, (type) => tierOf(policy, type))
    this.#inversions = new InversionCheck(policy, types)
    this.#tallies = types.map((type) => ({ type, competed: 0, waits: new Histogram(), waitedNs: 0 }))
  }

  /** A decision that the journal holds, as the arbiter returned it for these candidates and positions. */
  decided(view: DecisionView, candidates: CandidateSet, positions: PositionSet, nowNs: number): void {
    this.#decisions += 1
    if (this.#inversions.isInverted(view, candidates, positions)) this.priorityInversions += 1
    for (let at = 0; at < view.count; at += 1) {
      this.#competitorOf(candidates, at).decision = this.#decisions
      this.#rejectedByCode[view.rejection[at]!]! += 1
    }
    for (let index = 0; index < view.memberCount; index += 1) this.#serve(view, candidates, view.members[index]!)
    let heldCount = 0
    for (let at = 0; at < view.count; at += 1) {
      const competitor = this.#competitors.get(candidates.handle[at]!)!
      const isUnserved = view.admissible[at] === 1 && view.rejection[at] !== 0
      if (isUnserved && !competitor.isStarved && view.waitNs[at]! > this.#maxWaitNs) {
        competitor.isStarved = true
        this.starvationEvents += 1
      }
      if (waitsForLowerTier(view, candidates, positions, this.#tierByType, at)) {
        this.#hold(competitor, nowNs)
        heldCount += 1
      } else this.#letGo(competitor, nowNs)
    }
    if (this.#heldCount > heldCount) this.#letGoAbsent(nowNs)
  }

  /** There is no candidate any more: nobody waits. */
  idle(nowNs: number): void {
    if (this.#heldCount === 0) return
    this.#competitors.visit((competitor) => {
      this.#letGo(competitor, nowNs)
    })
  }

  /** An event is over; it takes part in no later decision. */
  ended(handle: number, atNs: number): void {
    const competitor = this.#competitors.get(handle)
    if (competitor === undefined) return
    this.#letGo(competitor, atNs)
    this.#competitors.delete(handle)
  }

  get holderWaits(): HolderWaits {
    return { events: this.#heldEvents, totalNs: this.#heldTotalNs, maxNs: this.#heldMaxNs }
  }

  /** How often an event was turned down, by reason: as the decisions' lines, so an event once for each decision. The most frequent first. */
  get rejections(): ReadonlyMap<RejectionReason, number> {
    const counts = rejectionReasons.map(
      (_, index) => [rejectionOf(index + 1), this.#rejectedByCode[index + 1]!] as const,
    )
    return new Map(counts.filter(([, count]) => count > 0).sort(([, one], [, other]) => other - one))
  }

  /** The types of which an event took part in a decision, in their order. */
  get service(): readonly TypeService[] {
    return this.#tallies
      .filter(({ competed }) => competed > 0)
      .map(({ type, competed, waits, waitedNs }) => ({
        type,
        competed,
        served: waits.count,
        meanWaitNs: waits.count === 0 ? 0 : Math.round(waitedNs / waits.count),
        p50WaitNs: waits.percentile(0.5),
        p99WaitNs: waits.percentile(0.99),
        maxWaitNs: waits.max,
      }))
  }

  #competitorOf(candidates: CandidateSet, at: number): Competitor {
    const handle = candidates.handle[at]!
    const known = this.#competitors.get(handle)
    if (known !== undefined) return known
    const competitor = { isServed: false, isStarved: false, decision: 0, heldSinceNs: -1, heldNs: 0, wasHeld: false }
    this.#competitors.set(handle, competitor)
    this.#tallies[candidates.typeIndex[at]!]!.competed += 1
    return competitor
  }

  /** A second selection, after the ledger refused the first or its lease ran out, is no second service. */
  #serve(view: DecisionView, candidates: CandidateSet, member: number): void {
    const competitor = this.#competitors.get(candidates.handle[member]!)!
    if (competitor.isServed) return
    competitor.isServed = true
    const tally = this.#tallies[candidates.typeIndex[member]!]!
    tally.waits.record(view.waitNs[member]!)
    tally.waitedNs += view.waitNs[member]!
  }

  #hold(competitor: Competitor, nowNs: number): void {
    if (competitor.heldSinceNs >= 0) return
    competitor.heldSinceNs = nowNs
    this.#heldCount += 1
    if (competitor.wasHeld) return
    competitor.wasHeld = true
    this.#heldEvents += 1
  }

  #letGo(competitor: Competitor, nowNs: number): void {
    if (competitor.heldSinceNs < 0) return
    const waitedNs = nowNs - competitor.heldSinceNs
    competitor.heldSinceNs = -1
    competitor.heldNs += waitedNs
    this.#heldCount -= 1
    this.#heldTotalNs += waitedNs
    this.#heldMaxNs = Math.max(this.#heldMaxNs, competitor.heldNs)
  }

  /** Somebody who waited is no candidate now: another attachment spent it. */
  #letGoAbsent(nowNs: number): void {
    this.#competitors.visit((competitor) => {
      if (competitor.decision !== this.#decisions) this.#letGo(competitor, nowNs)
    })
  }
}
