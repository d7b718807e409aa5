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
