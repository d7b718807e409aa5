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
import { tradeLine } from '../journal/trade-line.ts'

/** The series of a journal in the order in which a batch reaches the disk: what a line refers to is there before it. */
export const journalSeries = ['events', 'inputs', 'decisions', 'trades'] as const

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
          if (input.outcome !== null) {
            const { grant } = input.position
            journal.append(
              'trades',
              tradeLine({
                eventId: grant.member.event.eventId,
                arbitrationId: grant.arbitrationId,
                instrument: this.#instruments[grant.member.event.symbolIndex]!,
                side: input.position.plan.side,
                capitalMinor: grant.member.capitalMinor,
                outcome: input.outcome,
              }),
            )
          }
          break
      }
    }
  }
}
