/** What the sentences of an explanation are made of. */
import type { Decision } from '../../domain/decision.ts'
import type { DecisionInput } from './journal-folder.ts'

/** A decision and what it was taken on, where the journal still has that: then the sentences have the numbers. */
export interface RuleGround {
  readonly decision: Decision
  readonly input: DecisionInput | null
}
