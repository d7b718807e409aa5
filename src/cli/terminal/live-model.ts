/**
 * What a person watching a live run wants to know, gathered from the messages between the stages: active events with rank and
 * score, the last decisions with their reasons, positions, closed trades and refused entries. Plain data; rendered by
 * live-table.ts and live-lines.ts. One thread.
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
  rank: number
  /** What the last decision said of it: `selected`, or the reason of its rejection. */
  verdict: string
}

export interface PositionRow {
  readonly position: Position
  state: PositionChange['to']
}

const decisionsShown = 6
const settledShown = 4

export class LiveModel {
  readonly events = new Map<string, EventRow>()
  readonly positions = new Map<number, PositionRow>()
  /** Newest first. */
  decisions: DecisionReserved[] = []
  settled: PositionSettled[] = []

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
    for (const candidate of decision.candidates) {
      const row = this.events.get(candidate.eventId)
      if (row === undefined) continue
      row.score = candidate.score
      row.rank = candidate.rank
      row.verdict = 'selected'
    }
    for (const rejected of decision.rejected) {
      const row = this.events.get(rejected.eventId)
      if (row !== undefined) row.verdict = rejected.reason
    }
    this.decisions = [message, ...this.decisions].slice(0, decisionsShown)
  }

  #onDeclined(message: EventDeclined): void {
    const row = this.events.get(message.eventId)
    if (row !== undefined) row.verdict = message.reason
  }

  #onPosition(change: PositionChange): void {
    const { token } = change.position.grant
    const row = this.positions.get(token)
    if (row === undefined) this.positions.set(token, { position: change.position, state: change.to })
    else row.state = change.to
  }

  #onSettled(message: PositionSettled): void {
    const { grant } = message.position
    this.positions.delete(grant.token)
    this.settled = [message, ...this.settled].slice(0, settledShown)
    const row = this.events.get(grant.member.event.eventId)
    if (row !== undefined && message.refusal !== null) row.verdict = message.refusal.reason
  }
}
