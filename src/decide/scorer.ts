/**
 * A scorer: a user's own rule that makes the base score of an event's components, in place of the built-in weighted sum. It changes
 * nothing else: the age bonus is added to what it says, and ranking, choice, allocation and record go on from there.
 */
import { messageOf, SignalboxError } from '../base/errors.ts'
import type { Weights } from '../domain/policy.ts'

/** The raw components of an event, each in [0, 1]; they are named as their weights. */
export type ScoreComponents = Weights

/** What else may be known of the event. */
export interface ScoreContext {
  /** Into the types that the arbiter was made for: the built-in ones, then the policy's own in the order of their declaration. */
  readonly typeIndex: number
  /** 1 is the highest. */
  readonly tier: number
  readonly symbolIndex: number
  /** How long ago it was detected, and how long it has waited, nanoseconds, ≥ 0. */
  readonly ageNs: number
  readonly waitNs: number
}

/**
 * The base score of one event: a finite number ≥ 0 that is finite also with the age bonus; the weighted sum of the default policy is
 * in 0 … 1. Called for every candidate of every decision, in no promised order. Pure: the same arguments give the same number, or
 * a replay is no replay. All three arguments are reused: valid during the call.
 *
 * @param weights - The policy's, or the newest set: to be used or not.
 */
export type Scorer = (
  components: Readonly<ScoreComponents>,
  weights: Weights,
  context: Readonly<ScoreContext>,
) => number

/** Whether a scorer gave what is no base score, or threw: its own fault, and no reason to trust its other scores. */
export function isScorerFault(thrown: unknown): thrown is SignalboxError {
  return thrown instanceof SignalboxError && thrown.field === faultField
}

const faultField = 'scorer'

/** One scorer with the objects that it is called with; on the arbiter's thread. */
export class ScorerCall {
  readonly components: { -readonly [Key in keyof ScoreComponents]: number } = {
    priorityScore: 0,
    freshness: 0,
    regimeAlignment: 0,
    expectedValue: 0,
  }
  readonly context: { -readonly [Key in keyof ScoreContext]: number } = {
    typeIndex: 0,
    tier: 0,
    symbolIndex: 0,
    ageNs: 0,
    waitNs: 0,
  }
  readonly #weights: { -readonly [Key in keyof Weights]: number } = { ...this.components }
  readonly #scorer: Scorer

  constructor(scorer: Scorer) {
    this.#scorer = scorer
  }

  /**
   * The base score of what stands in `components` and `context`.
   *
   * @param bonus - What will be added to it.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming the event and the value; {@link isScorerFault} tells it.
   */
  baseScore(eventId: string, weights: Weights, bonus: number): number {
    const given = this.#weights
    // Copies, all three: what a scorer writes into them harms nobody.
    given.priorityScore = weights.priorityScore
    given.freshness = weights.freshness
    given.regimeAlignment = weights.regimeAlignment
    given.expectedValue = weights.expectedValue
    let base: number
    try {
      base = this.#scorer(this.components, given, this.context)
    } catch (thrown) {
      throw new SignalboxError(
        'ERR_INVALID_ARGUMENT',
        `the scorer threw for the event ${eventId}: ${messageOf(thrown).replace(/\s*\n\s*/g, ' ')}`,
        {
          field: faultField,
          cause: thrown,
        },
      )
    }
    if (typeof base === 'number' && base >= 0 && base + bonus < Number.POSITIVE_INFINITY) return base
    const shown = typeof base === 'number' ? String(base) : typeof base
    throw new SignalboxError(
      'ERR_INVALID_ARGUMENT',
      `the scorer gave ${shown} for the event ${eventId}; a base score is a finite number ≥ 0`,
      { field: faultField, value: base },
    )
  }
}
