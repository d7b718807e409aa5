/**
 * A decision that counts, as arbitration tells it: its binary record, and what the next stages act on. What people and tests like to
 * read (the decision as objects, its scenario) is made of the record when somebody asks; the hot way never does.
 */
import type { Decision, DecisionStamp } from './decision.ts'
import { arbitrationIdOf } from './decision.ts'
import { type DecisionRecordNames, type ReadDecision, readDecisionRecord } from './decision-record.ts'
import type { MarketEvent } from './event.ts'
import type { Scenario } from './scenario.ts'

/** One member of a decision's selection, with what the later stages need. */
export interface SelectedMember {
  readonly event: MarketEvent
  readonly handle: number
  readonly capitalMinor: number
}

export class DecisionMade {
  readonly kind = 'decision'
  /** domain/decision-record.ts, from 0 on. A view of a larger piece: a copy is what should go to a port (`record.slice(0, length)`). */
  readonly record: Float64Array
  /** Of the record, in doubles. */
  readonly length: number
  readonly atNs: number
  /** Pots that lend at this decision, a bit a pot: what the ledger is told at admission. */
  readonly idlePots: number
  /** Best rank first. */
  readonly members: readonly SelectedMember[]
  /** What the record's numbers mean. */
  readonly names: DecisionRecordNames
  #read: ReadDecision | null = null

  constructor(
    record: Float64Array,
    length: number,
    atNs: number,
    idlePots: number,
    members: readonly SelectedMember[],
    names: DecisionRecordNames,
  ) {
    this.record = record
    this.length = length
    this.atNs = atNs
    this.idlePots = idlePots
    this.members = members
    this.names = names
  }

  /** Reads the record, at the first call only. */
  get decision(): Decision {
    return this.#reading().decision
  }

  get stamp(): Omit<DecisionStamp, 'reservations'> {
    return this.#reading().stamp
  }

  /** What it depended on: `arbitrate` on it decides the same. */
  get scenario(): Scenario {
    return this.#reading().scenario
  }

  /** As the journal names it. */
  get arbitrationId(): string {
    const { timestampNs, sequence } = this.stamp
    return arbitrationIdOf(timestampNs, sequence)
  }

  #reading(): ReadDecision {
    this.#read ??= readDecisionRecord(this.record, 0, this.names)
    return this.#read
  }
}
