/**
 * The journal at the end of the pipeline: turns what the stages say into the lines of the journal folder (CONTRACTS "Journal
 * entry"). On the journal's thread; flushed by whoever drives the pipeline.
 */
import type { Stage } from '../channel/stage.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { DecisionReserved, EventChange, PositionSettled } from '../domain/message.ts'
import type { Policy } from '../domain/policy.ts'
import { policyJson } from '../domain/policy-json.ts'
import type { Timeline } from '../domain/units.ts'
import { decisionLine } from '../journal/decision-line.ts'
import { eventLine } from '../journal/event-line.ts'
import { inputLine } from '../journal/input-line.ts'
import type { Journal } from '../journal/journal.ts'
import { refusalLine } from '../journal/refusal-line.ts'
import { tradeLine } from '../journal/trade-line.ts'

/** The series of a journal in the order in which a batch reaches the disk: what a line refers to is there before it. */
export const journalSeries = ['events', 'inputs', 'decisions', 'trades', 'refusals'] as const

export type JournalInput = EventChange | DecisionReserved | PositionSettled

export class JournalSink implements Stage<JournalInput, never> {
  readonly name = 'journal'
  readonly #journal: Journal | null
  readonly #instruments: readonly Instrument[]
  readonly #timeline: Timeline
  readonly #policyText: string

  /** @param journal - Null: a run that keeps no journal. */
  constructor(journal: Journal | null, instruments: readonly Instrument[], timeline: Timeline, policy: Policy) {
    this.#journal = journal
    this.#instruments = instruments
    this.#timeline = timeline
    this.#policyText = JSON.stringify(policyJson(policy))
  }

  onBatch(inputs: readonly JournalInput[], count: number): void {
    const journal = this.#journal
    if (journal === null) return
    for (let index = 0; index < count; index += 1) {
      const input = inputs[index]!
      switch (input.kind) {
        case 'event':
          journal.append(
            'events',
            eventLine({ ...input.event, evidence: input.evidence }, input.state, this.#timeline.toUnixNs(input.atNs)),
          )
          break
        case 'reserved':
          journal.append('inputs', inputLine(input.decision.arbitrationId, input.decision.scenario, this.#policyText))
          journal.append(
            'decisions',
            decisionLine(input.decision.decision, { ...input.decision.stamp, reservations: input.statuses }),
          )
          break
        case 'settled':
          this.#settled(journal, input)
          break
      }
    }
  }

  /** A position ends in one line: the trade that it was, or why it never became one. */
  #settled(journal: Journal, { position, outcome, refusal }: PositionSettled): void {
    const { grant, plan, order } = position
    const { event, capitalMinor } = grant.member
    const from = {
      eventId: event.eventId,
      arbitrationId: grant.arbitrationId,
      instrument: this.#instruments[event.symbolIndex]!,
      side: plan.side,
      capitalMinor,
    }
    if (outcome !== null) journal.append('trades', tradeLine({ ...from, outcome }))
    if (refusal !== null) {
      const atNs = this.#timeline.toUnixNs(refusal.atNs)
      journal.append('refusals', refusalLine({ ...from, order, refusal, atNs }))
    }
  }
}
