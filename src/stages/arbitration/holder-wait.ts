/**
 * Who holds what a candidate waits for (ERRATA E19, second sense): whether a candidate was turned down because of an open position
 * of a lower tier. No fault of the decision, which never takes back what it gave; how long it lasts is worth knowing. Pure; used by
 * the arbitration stage's health, allocates nothing.
 */
import type { CandidateSet } from '../../decide/candidate-set.ts'
import { type DecisionView, rejectionCode } from '../../decide/decision-view.ts'
import type { PositionSet } from '../../decide/position-set.ts'

const interlocked = rejectionCode('interlocked')
const slotTaken = rejectionCode('slot_taken')
const maxOpenPositions = rejectionCode('max_open_positions')
const insufficientCapital = rejectionCode('insufficient_capital')

/**
 * True where the rule that turned the candidate down is about the open positions, and one that stands in the way is of a lower tier:
 * the position that blocks (`interlocked`, `slot_taken`), any position where the account is full, and for `insufficient_capital` the
 * lower tiers together, where what they hold would have been enough. A candidate whose own event is open waits for nobody.
 *
 * @param tierByType - 1 is the highest tier, so a lower one has the greater number.
 */
export function waitsForLowerTier(
  view: DecisionView,
  candidates: CandidateSet,
  positions: PositionSet,
  tierByType: Int32Array,
  at: number,
): boolean {
  if (view.admissible[at] === 1 || positions.count === 0) return false
  const tier = view.tier[at]!
  switch (view.rejection[at]) {
    case interlocked:
    case slotTaken: {
      const blocker = view.blockedByPosition[at]!
      return blocker >= 0 && tierByType[positions.typeIndex[blocker]!]! > tier
    }
    case maxOpenPositions:
      for (let position = 0; position < positions.count; position += 1) {
        if (tierByType[positions.typeIndex[position]!]! > tier) return true
      }
      return false
    case insufficientCapital: {
      let heldMinor = 0
      for (let position = 0; position < positions.count; position += 1) {
        if (tierByType[positions.typeIndex[position]!]! > tier) heldMinor += positions.capitalMinor[position]!
      }
      return heldMinor > 0 && view.availableMinor + heldMinor >= candidates.capitalRequiredMinor[at]!
    }
    default:
      return false
  }
}
