/** Every event of a detection run with its changes, kept for those who show whole events: the table and the page. */
import type { DetectedChange, DetectedEvent } from '../detection-run.ts'

/** One event from its trigger to its newest change. */
export interface EventHistory {
  readonly event: DetectedEvent
  /** In time order; the first is TRIGGERED. */
  readonly changes: readonly DetectedChange[]
}

/** The change that ended the event; null while it is live. */
export function endOf(history: EventHistory): DetectedChange | null {
  const newest = history.changes.at(-1)!
  return newest.state === 'COMPLETED' || newest.state === 'INVALIDATED' ? newest : null
}

/** What begins the event's id: its detector's short name, which holds no `_`. */
export function kindOf(event: DetectedEvent): string {
  return event.eventId.slice(0, event.eventId.indexOf('_'))
}

export class EventHistories {
  readonly #changesOf = new Map<string, DetectedChange[]>()

  add(change: DetectedChange): void {
    const { eventId } = change.event
    const changes = this.#changesOf.get(eventId)
    if (changes === undefined) this.#changesOf.set(eventId, [change])
    else changes.push(change)
  }

  /** In the order of their detection. */
  all(): EventHistory[] {
    return [...this.#changesOf.values()].map((changes) => ({ event: changes[0]!.event, changes }))
  }
}
