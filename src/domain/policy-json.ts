/** A policy as JSON, every key written out: what `parsePolicy` reads back as the same policy. Pure; cold. */
import { builtInEventTypes } from './event.ts'
import type { Policy, Weights } from './policy.ts'

export function policyJson(policy: Policy): Readonly<Record<string, unknown>> {
  const { weights, interlock, ageBoost } = policy
  return {
    selection: policy.selection,
    weights: weightsJson(weights),
    freshness_horizon_s: policy.freshnessHorizonS,
    expected_value: policy.expectedValue,
    // A declared type's tier stands with its declaration.
    tiers: Object.fromEntries(
      Object.entries(policy.tiers).filter(([type]) => (builtInEventTypes as readonly string[]).includes(type)),
    ),
    interlock: interlock === null ? null : { scope: interlock.scope, compatible: interlock.compatible },
    max_open_positions: policy.maxOpenPositions,
    max_positions_per_symbol: policy.maxPositionsPerSymbol,
    age_boost: ageBoost === null ? null : { cap: ageBoost.cap, horizon_s: ageBoost.horizonS },
    max_wait_s: policy.maxWaitS,
    fair_queue: policy.fairQueue,
    fair_queue_quantum: policy.fairQueueQuantum,
    capital_slots: policy.capitalSlots,
    capital_slots_borrow: policy.capitalSlotsBorrow,
    allocation: policy.allocation,
    risk_per_trade: policy.riskPerTrade,
    leverage: policy.leverage,
    min_priority_score: policy.minPriorityScore,
    entry: policy.entry,
    max_state_age_ms: policy.maxStateAgeMs,
    decision_interval_ms: policy.decisionIntervalMs,
    types: policy.types,
    regime_table: policy.regimeTable,
  }
}

/** Weights by the names that they have in policies, inputs, entries and sets. */
export function weightsJson(weights: Weights): Readonly<Record<string, number>> {
  return {
    priority_score: weights.priorityScore,
    freshness: weights.freshness,
    regime_alignment: weights.regimeAlignment,
    expected_value: weights.expectedValue,
  }
}

/** The same as text, on one line. */
export function policyJsonText(policy: Policy): string {
  return textOf(policyJson(policy))
}

/** The text of a policy but for its weights, which stand between the two: they change while it runs, nothing else does. */
export interface PolicyText {
  readonly before: string
  readonly after: string
}

/** With {@link weightsJsonText} of its weights between them: {@link policyJsonText}. */
export function policyTextAroundWeights(policy: Policy): PolicyText {
  const { selection, weights: _, ...rest } = policyJson(policy)
  return { before: `${textOf({ selection }).slice(0, -1)},"weights":`, after: `,${textOf(rest).slice(1)}` }
}

export function weightsJsonText(weights: Weights): string {
  return textOf(weightsJson(weights))
}

/**
 * As JSON.stringify, but that an integer beyond 2^53 has an exponent: its digits would be read losslessly, as an integer that is no
 * `number`, and be refused where one is asked for.
 */
function textOf(value: unknown): string {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential()
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${textOf(item)}`).join(',')}}`
}
