/**
 * A numbered weight set: what a decision's scores are weighted by. It comes to the arbiter as data (a line of a journal's
 * `weights.ndjson`, then a snapshot of the region), never by import; every decision bears its number. Pure; any thread.
 */
import type { Weights } from './policy.ts'
import { type Regime, regimes } from './regime.ts'

export interface WeightSet {
  /** 1: the policy's own weights; those of a journal's `weights.ndjson` are numbered from 2. */
  readonly version: number
  readonly weights: Weights
  /** In place of `weights` where the decision's regime has its own: that of the best candidate under `weights`. */
  readonly byRegime: Readonly<Partial<Record<Regime, Weights>>>
}

/** A set of a journal's `weights.ndjson`. */
export interface NumberedWeightSet extends WeightSet {
  /** When it was appended, as ISO 8601. */
  readonly at: string
  /** Why, in a person's words. */
  readonly reason: string
  /** The version whose weights a rollback brought back; null: it is none. */
  readonly returnsTo: number | null
}

export const policyWeightsVersion = 1

/** What a policy begins with. */
export function policyWeightSet(weights: Weights): WeightSet {
  return { version: policyWeightsVersion, weights, byRegime: {} }
}

/** One line for people: `weights 3: priority 0.39, freshness 0.31, regime 0.2, expected value 0.1; own weights in trend (why)`. */
export function weightSetText({ version, weights, byRegime, reason }: NumberedWeightSet): string {
  const own = regimes.filter((regime) => byRegime[regime] !== undefined)
  const parts = own.length === 0 ? '' : `; own weights in ${own.join(', ')}`
  return `weights ${version}: ${weightsText(weights)}${parts} (${reason})`
}

function weightsText({ priorityScore, freshness, regimeAlignment, expectedValue }: Weights): string {
  const short = (weight: number): number => Number(weight.toPrecision(4))
  return (
    `priority ${short(priorityScore)}, freshness ${short(freshness)}` +
    `, regime ${short(regimeAlignment)}, expected value ${short(expectedValue)}`
  )
}
