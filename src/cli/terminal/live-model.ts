/**
 * What a person watching a live run wants to know, gathered from the messages between the stages: active events with rank and
 * score, the last decisions with their reasons, positions, closed trades and refused
 * entries. Plain data; rendered by live-table.ts. One thread.
 */
import type { LifecycleState, MarketEvent } from '../../domain/event.ts'
import type {
  DecisionReserved,
  EventChange,
  EventDeclined,
  PipelineMessage,
  Position,
  PositionChange,
  PositionSettled,
} from '../../domain/message.ts'

/** One active event as the last decision saw it. */
export interface EventRow {
  readonly event: MarketEvent
  state: LifecycleState
  /** NaN before its first decision. */
  score: number
  /** In the last decision; 0: it was no candidate there, because it is new, or held, or was traded. */
  rank: number
  /** `selected`, the reason of its rejection, or what became of the selection: `held`, `traded`, a refusal. */
  verdict: string
}

export interface PositionRow {
  readonly position: Position
  state: PositionChange['to']
}

export interface DecisionRow {
  readonly message: DecisionReserved
  /** Of the selected: those that no order followed, and why. */
  readonly declined: Map<string, string>
}

/** No terminal shows more. */
const historyMax = 100

export class LiveModel {
  readonly events = new Map<string, EventRow>()
  readonly positions = new Map<number, PositionRow>()
  /** Newest first. */
  readonly decisions: DecisionRow[] = []
  /** Positions that are over: trades, and entries that the venue refused. */
  readonly settled: PositionSettled[] = []

  take(message: PipelineMessage): void {
    switch (message.kind) {
      case 'event':
        this.#onEvent(message)
        break
      case 'reserved':
        this.#onDecision(message)
        break
      case 'position':
        this.#onPosition(message)
        break
      case 'settled':
        this.#onSettled(message)
        break
      case 'declined':
        this.#onDeclined(message)
        break
    }
  }

  /** Ranked events in their ranks, then the others, the oldest first. */
  eventsInOrder(): EventRow[] {
    const rankOf = (row: EventRow): number => (row.rank === 0 ? Number.POSITIVE_INFINITY : row.rank)
    return [...this.events.values()].sort((one, other) =>
      rankOf(one) === rankOf(other) ? one.event.detectedAtNs - other.event.detectedAtNs : rankOf(one) - rankOf(other),
    )
  }

  #onEvent(change: EventChange): void {
    const { event, state } = change
    if (state === 'COMPLETED' || state === 'INVALIDATED') {
      this.events.delete(event.eventId)
      return
    }
    const row = this.events.get(event.eventId)
    if (row === undefined) {
      this.events.set(event.eventId, { event, state, score: Number.NaN, rank: 0, verdict: '' })
    } else row.state = state
  }

  #onDecision(message: DecisionReserved): void {
    const { decision } = message.decision
    // Who was no candidate has no rank, whatever the decision before said: of two events, only one is first.
    for (const row of this.events.values()) row.rank = 0
    for (const candidate of decision.candidates) {
      const row = this.events.get(candidate.eventId)
      if (row === undefined) continue
      row.score = candidate.score
      row.rank = candidate.rank
    }
    decision.selected.forEach((eventId, index) => {
      const status = message.statuses[index]
      this.#setVerdict(eventId, status === 'SUCCESS' ? 'selected' : `selected, ${status}`)
    })
    for (const rejected of decision.rejected) this.#setVerdict(rejected.eventId, rejected.reason)
    this.decisions.unshift({ message, declined: new Map() })
    this.decisions.length = Math.min(this.decisions.length, historyMax)
  }

  #onDeclined(message: EventDeclined): void {
    this.#setVerdict(message.eventId, message.reason)
    // It was selected by the newest decision that selected it: what came of an older one is over.
    const made = this.decisions.find((row) => row.message.decision.decision.selected.includes(message.eventId))
    made?.declined.set(message.eventId, message.reason)
  }

  #onPosition(change: PositionChange): void {
    const { token, member } = change.position.grant
    const row = this.positions.get(token)
    if (row === undefined) this.positions.set(token, { position: change.position, state: change.to })
    else row.state = change.to
    const held = this.events.get(member.event.eventId)
    // It competes no more: the ranks are those of the others.
    if (held !== undefined) held.rank = 0
    this.#setVerdict(member.event.eventId, 'held')
  }

  #onSettled(message: PositionSettled): void {
    const { token, member } = message.position.grant
    this.positions.delete(token)
    this.#setVerdict(member.event.eventId, message.refusal?.reason ?? 'traded')
    this.settled.unshift(message)
    this.settled.length = Math.min(this.settled.length, historyMax)
  }

  #setVerdict(eventId: string, verdict: string): void {
    const row = this.events.get(eventId)
    if (row !== undefined) row.verdict = verdict
  }
}
