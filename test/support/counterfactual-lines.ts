/** Made-up counterfactual entries for tests: whole lines, every key there. */

export interface MadeUpEvent {
  readonly id: string
  /** Null: unfinished. */
  readonly pnl: number | null
  readonly filtered?: string | null
  readonly cost?: number | null
  /** Raw components in their order. */
  readonly raw?: readonly [number, number, number, number]
}

export interface MadeUpEntry {
  readonly id: string
  readonly timestamp?: string
  readonly selected: readonly MadeUpEvent[]
  readonly rejected: readonly MadeUpEvent[]
}

/** As a line, without its end. */
export function counterfactualLine({ id, timestamp = '1737442838123456789', selected, rejected }: MadeUpEntry): string {
  const weights = { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 }
  const entry = {
    arbitration_id: id,
    timestamp: 0,
    selection_reason: 'highest_score',
    regime: 'expansion',
    weights_version: 1,
    weights,
    selected: selected.map((event) => ({ ...factsOf(event), outcome: outcomeOf(event) })),
    rejected: rejected.map((event) => ({
      ...factsOf(event),
      reason: 'lower_score',
      admissible: true,
      hypothetical_outcome: outcomeOf(event),
      opportunity_cost: event.cost ?? null,
      filtered: event.filtered ?? null,
    })),
    analysis: {},
  }
  return JSON.stringify(entry).replace('"timestamp":0', `"timestamp":${timestamp}`)
}

function factsOf({ id, raw = [0.5, 0.4, 0.5, 1] }: MadeUpEvent): object {
  const [priority_score, freshness, regime_alignment, expected_value] = raw
  return {
    event_id: id,
    event_type: 'FAILED_HUNT',
    symbol: 'BTC',
    tier: 2,
    detected_at_ns: 1,
    score: 0.5,
    age_bonus: 0,
    components: { priority_score: 0.2, freshness: 0.1, regime: 0.1, ev: 0.1 },
    raw: { priority_score, freshness, regime_alignment, expected_value },
  }
}

function outcomeOf({ pnl }: MadeUpEvent): object | null {
  return pnl === null
    ? null
    : { entry_price: 100, exit_price: 101.5, pnl, hold_time_ms: 45_000, exit_reason: 'target_hit' }
}
