/**
 * The journal at the end of the pipeline: sends what the stages say to the journal, whichever thread writes it (CONTRACTS "Journal
 * entry"). A decision goes in binary; what is rare goes as the line it will be.
 */
import type { Stage } from '../channel/stage.ts'
import { arbitrationIdOf } from '../domain/decision.ts'
import { decisionCandidate, decisionCandidateSize, decisionParts } from '../domain/decision-record.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { DecisionReserved, EventChange, PositionSettled } from '../domain/message.ts'
import { reservationStatuses } from '../domain/reservation.ts'
import type { Timeline } from '../domain/units.ts'
import { eventLine } from '../journal/event-line.ts'
import { type JournalPort, journalFrames, sendText } from '../journal/journal-frame.ts'
import { refusalLine } from '../journal/refusal-line.ts'
import { type JournalSeries, journalSeries } from '../journal/series.ts'
import { tradeLine } from '../journal/trade-line.ts'

export type JournalInput = EventChange | DecisionReserved | PositionSettled

export class JournalSink implements Stage<JournalInput, never> {
  readonly name = 'journal'
  readonly #port: JournalPort | null
  readonly #instruments: readonly Instrument[]
  readonly #timeline: Timeline

  /** @param port - Null: a run that keeps no journal. */
  constructor(port: JournalPort | null, instruments: readonly Instrument[], timeline: Timeline) {
    this.#port = port
    this.#instruments = instruments
    this.#timeline = timeline
  }

  onBatch(inputs: readonly JournalInput[], count: number): void {
    const port = this.#port
    if (port === null) return
    for (let index = 0; index < count; index += 1) {
      const input = inputs[index]!
      switch (input.kind) {
        case 'event':
          this.#event(port, input)
          break
        case 'reserved':
          sendDecision(port, input)
          break
        case 'settled':
          this.#settled(port, input)
          break
      }
    }
  }

  #event(port: JournalPort, change: EventChange): void {
    const { event, handle, state } = change
    // Decisions name events by handle; this is who that is.
    if (state === 'TRIGGERED') sendText(port, journalFrames.eventName, handle, event.eventId)
    const atNs = this.#timeline.toUnixNs(change.atNs)
    sendLine(port, 'events', eventLine({ ...event, evidence: change.evidence }, state, atNs, change.reason))
  }

  /** A position ends in one line: the trade that it was, or why it never became one. */
  #settled(port: JournalPort, { position, outcome, refusal }: PositionSettled): void {
    const { grant, plan, order } = position
    const { event, capitalMinor } = grant.member
    const from = {
      eventId: event.eventId,
      arbitrationId:
        grant.strategy === undefined
          ? arbitrationIdOf(this.#timeline.toUnixNs(grant.decidedAtNs), grant.sequence)
          : null,
      strategy: grant.strategy,
      instrument: this.#instruments[event.symbolIndex]!,
      side: plan.side,
      capitalMinor,
    }
    if (outcome !== null) sendLine(port, 'trades', tradeLine({ ...from, outcome }))
    if (refusal !== null) {
      const atNs = this.#timeline.toUnixNs(refusal.atNs)
      sendLine(port, 'refusals', refusalLine({ ...from, order, refusal, atNs }))
    }
  }
}

/** The record as it is, with what became of the reservation of each selected candidate. Allocates nothing. */
function sendDecision(port: JournalPort, { decision, statuses }: DecisionReserved): void {
  const { record, length } = decision
  const start = port.claim(length)
  const { payload } = port
  for (let index = 0; index < length; index += 1) payload[start + index] = record[index]!
  const parts = decisionParts(payload, start)
  let member = 0
  for (let at = parts.candidates; member < statuses.length && at < parts.end; at += decisionCandidateSize) {
    if (payload[at + decisionCandidate.rejection]! >= 0) continue
    payload[at + decisionCandidate.reservation] = reservationStatuses.indexOf(statuses[member]!)
    member += 1
  }
  port.commit(journalFrames.decision, length)
}

function sendLine(port: JournalPort, series: JournalSeries, line: string): void {
  sendText(port, journalFrames.line, journalSeries.indexOf(series), line)
}
