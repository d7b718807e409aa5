/**
 * Whom a decision chose before the capital was shared (CONTRACTS, step 6): the selected, and those that the sharing dropped. The rules
 * of a portfolio judge the others against this set. Pure; any thread; cold (`explain`).
 */
import type { Decision, RejectedEvent } from '../domain/decision.ts'

/** Whether an event was chosen and then dropped: whoever is admissible fails by capital or by the lot in no other way. */
export function wasDropped({ admissible, reason }: RejectedEvent): boolean {
  return admissible && (reason === 'insufficient_capital' || reason === 'risk_limit')
}

/** The chosen events' ids, best rank first. */
export function chosenOf({ candidates, selected, rejected }: Decision): string[] {
  const chosen = new Set([...selected, ...rejected.filter(wasDropped).map(({ eventId }) => eventId)])
  return candidates.map(({ eventId }) => eventId).filter((id) => chosen.has(id))
}
