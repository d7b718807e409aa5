/**
 * A run's policy as JSON in the lines of its inputs, with the weights that each decision was made with: those of the weight set, or of its
 * regime. They seldom change, so their bytes are kept. One thread.
 */
import { decisionHeader as headerAt } from '../domain/decision-record.ts'
import { type PolicyText, weightsJsonText } from '../domain/policy-json.ts'
import { type LineBytes, type Token, token } from './line-bytes.ts'

export class PolicyBytes {
  readonly #before: Token
  readonly #after: Token
  #weights: Token = token('')
  #priorityScore = Number.NaN
  #freshness = Number.NaN
  #regimeAlignment = Number.NaN
  #expectedValue = Number.NaN

  constructor({ before, after }: PolicyText) {
    this.#before = token(before)
    this.#after = token(after)
  }

  /** Writes the policy of the decision whose record is at `values[start]`. */
  write(line: LineBytes, values: Float64Array, start: number): void {
    const priorityScore = values[start + headerAt.weightPriority]!
    const freshness = values[start + headerAt.weightFreshness]!
    const regimeAlignment = values[start + headerAt.weightRegime]!
    const expectedValue = values[start + headerAt.weightExpected]!
    if (
      priorityScore !== this.#priorityScore ||
      freshness !== this.#freshness ||
      regimeAlignment !== this.#regimeAlignment ||
      expectedValue !== this.#expectedValue
    ) {
      this.#weights = token(weightsJsonText({ priorityScore, freshness, regimeAlignment, expectedValue }))
      this.#priorityScore = priorityScore
      this.#freshness = freshness
      this.#regimeAlignment = regimeAlignment
      this.#expectedValue = expectedValue
    }
    line.token(this.#before)
    line.token(this.#weights)
    line.token(this.#after)
  }
}
