/** Which pots have nothing to spend on at a decision. Pure. */
import type { CandidateSet } from '../../decide/candidate-set.ts'
import { type DecisionView, rejectionCode } from '../../decide/decision-view.ts'
import type { Pots } from '../../domain/pots.ts'

/** The reasons of step 3 that come after the pot was asked. */
const potReasons: ReadonlySet<number> = new Set([
  rejectionCode('slot_budget_exhausted'),
  rejectionCode('insufficient_capital'),
])

/**
 * The pots that lend at this decision, as the ledger's mask: none of their types has a candidate that passes the rules
 * before `slot_budget_exhausted` (CONTRACTS "Budget").
 */
export function idlePotsOf(view: DecisionView, candidates: CandidateSet, pots: Pots): number {
  let idle = 2 ** pots.sharesPpm.length - 1
  for (let candidate = 0; candidate < view.count; candidate += 1) {
    const isPassing = view.admissible[candidate] === 1 || potReasons.has(view.rejection[candidate]!)
    const pot = pots.ofType[candidates.typeIndex[candidate]!]!
    if (isPassing && pot >= 0) idle &= ~(1 << pot)
  }
  return idle
}
