/**
 * Whether a decision of the journal can be taken again on its inputs: only then can a change of it be verified. The built-in scorer is
 * the only one known here; what another one scored is told by its components, which do not add up. Pure.
 */
import { decideScenario } from '../../decide/from-scenario.ts'
import { isSameDecision } from '../../decide/what-if.ts'
import type { Decision } from '../../domain/decision.ts'
import type { DecisionInput } from './journal-folder.ts'

/** The twelve digits of a line are off by half of the last one, which is at most so much of the number; a little more for the sum. */
const roundingOfLine = 6e-12

/** Whether deciding again on the inputs gives the journal's decision, its scores included. */
export function givesDecision(input: DecisionInput, decision: Decision): boolean {
  if (!hasBuiltInScores(decision)) return false
  const again = decideScenario(input.scenario, input.policy)
  return (
    isSameDecision(again, decision) &&
    again.candidates.every(({ eventId, score }, at) => {
      const recorded = decision.candidates[at]
      return recorded?.eventId === eventId && isEqualOnLine(score, recorded.score)
    })
  )
}

/** Whether every base score is the sum of its weighted components, as far as the line tells. */
export function hasBuiltInScores({ candidates }: Decision): boolean {
  return candidates.every(({ weighted, baseScore }) => {
    const { priorityScore, freshness, regimeAlignment, expectedValue } = weighted
    return isEqualOnLine(priorityScore + freshness + regimeAlignment + expectedValue, baseScore)
  })
}

function isEqualOnLine(a: number, b: number): boolean {
  return Math.abs(a - b) <= roundingOfLine * (Math.abs(a) + Math.abs(b))
}

/** What limits the explanation. */
export function notesOf(decision: Decision, isDecidedAgain: boolean | null): string[] {
  if (!hasBuiltInScores(decision)) {
    return ['It was scored by another scorer than the built-in one, so no changes are searched.']
  }
  if (isDecidedAgain === true) return []
  if (isDecidedAgain === null) {
    return ['The journal does not hold what this decision was taken on, so no change can be verified.']
  }
  return decision.rejected.some(({ reason }) => reason === 'risk_limit')
    ? ['What a lot costs is not in this journal, so no change of a decision with a risk_limit can be verified.']
    : ['Deciding again on its inputs does not give this decision, so no change can be verified.']
}
