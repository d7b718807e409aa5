/**
 * Decisions that went to be reserved on another thread, until the answer: of a decision only header and members cross (WIRE-3), and
 * whoever journals or shows it needs the whole. Of arbitration's thread.
 */
import { IntegerMap } from '../base/integer-map.ts'
import type { DecisionMade } from '../domain/decision-made.ts'
import { decisionHeader } from '../domain/decision-record.ts'

export class PendingDecisions {
  readonly #bySequence = new IntegerMap<DecisionMade>()

  add(decision: DecisionMade): void {
    this.#bySequence.set(decision.record[decisionHeader.sequence]!, decision)
  }

  /** The whole of one that came back, once; undefined: it was not made here. */
  take(answered: DecisionMade): DecisionMade | undefined {
    const sequence = answered.record[decisionHeader.sequence]!
    const whole = this.#bySequence.get(sequence)
    this.#bySequence.delete(sequence)
    return whole
  }
}
