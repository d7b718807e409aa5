/** A policy as JSON, every key written out: what `parsePolicy` reads back as the same policy. Pure; cold. */
import { builtInEventTypes } from './event.ts'
import type { Policy } from './policy.ts'

export function policyJson(policy: Policy): Readonly<Record<string, unknown>> {
  const { weights, interlock, ageBoost } = policy
  return {
    selection: policy.selection,
    weights: {
      priority_score: weights.priorityScore,
      freshness: weights.freshness,
      regime_alignment: weights.regimeAlignment,
      expected_value: weights.expectedValue,
    },
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

/** The same as text, on one line. */
export function policyJsonText(policy: Policy): string {
  return textOf(policyJson(policy))
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
