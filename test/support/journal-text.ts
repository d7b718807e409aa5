/**
 * Decisions and their inputs as journal lines, from objects and by the platform's own JSON: what the journal's writers, which
 * go from the binary record straight to bytes, are held against.
 */
import { arbitrationIdOf, type Decision, type DecisionStamp } from '../../src/domain/decision.ts'
import type { Weights } from '../../src/domain/policy.ts'
import type { Scenario } from '../../src/domain/scenario.ts'

/** A number that is written as it stands here. */
class Literal {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** As `JSON.stringify`, literals as they are. Keys that are undefined are left out. */
function jsonText(value: unknown): string {
  if (value instanceof Literal) return value.text
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(',')}}`
}

function money(minor: number): Literal {
  const cents = BigInt(minor)
  const size = cents < 0n ? -cents : cents
  const text = `${size / 100n}.${String(size % 100n).padStart(2, '0')}`.replace(/\.?0+$/, '')
  return new Literal(cents < 0n ? `-${text}` : text)
}

function rounded(value: number): number {
  return Number(value.toPrecision(12))
}

function whole(value: bigint): Literal {
  return new Literal(String(value))
}

/** A line of `decisions-…`. */
export function decisionText(decision: Decision, stamp: DecisionStamp): string {
  const { timestampNs, sequence, reservations } = stamp
  return jsonText({
    timestamp: whole(timestampNs),
    arbitration_id: arbitrationIdOf(timestampNs, sequence),
    sequence,
    weights_version: stamp.weightsVersion,
    state_version: stamp.stateVersion,
    candidates: decision.candidates.map((candidate) => ({
      event_id: candidate.eventId,
      event_type: candidate.eventType,
      symbol: candidate.symbol,
      ...components(candidate.raw, 'regime_alignment', 'expected_value'),
      components: components(candidate.weighted, 'regime', 'ev'),
      base_score: rounded(candidate.baseScore),
      age_bonus: rounded(candidate.ageBonus),
      score: rounded(candidate.score),
      tier: candidate.tier,
      rank: candidate.rank,
    })),
    admissible_count: decision.admissibleCount,
    selected: decision.selected,
    selection_reason: decision.selectionReason,
    rejected_events: decision.rejected.map((rejected) => ({
      event_id: rejected.eventId,
      reason: rejected.reason,
      admissible: rejected.admissible,
      score_diff: rejected.scoreDiff === null ? null : rounded(rejected.scoreDiff),
      blocked_by: rejected.blockedBy,
    })),
    allocations: decision.allocations.map((allocation, at) => ({
      event_id: allocation.eventId,
      capital: money(allocation.capitalMinor),
      reservation_status: reservations[at],
    })),
    capital_allocated: money(decision.capitalAllocatedMinor),
    capital_unallocated: money(decision.capitalUnallocatedMinor),
    deficits: decision.deficitsMinor === undefined ? undefined : moneyByType(Object.entries(decision.deficitsMinor)),
    reservation_status: reservations[0] ?? 'NOT_ATTEMPTED',
  })
}

function components(weights: Weights, regime: string, expected: string): Record<string, number> {
  return {
    priority_score: rounded(weights.priorityScore),
    freshness: rounded(weights.freshness),
    [regime]: rounded(weights.regimeAlignment),
    [expected]: rounded(weights.expectedValue),
  }
}

/** A line of `inputs-…`, whatever the distance of its times. @param policyText - The whole policy as JSON. */
export function inputText(arbitrationId: string, scenario: Scenario, policyText: string): string {
  return jsonText({
    arbitration_id: arbitrationId,
    scenario: {
      now_ns: whole(scenario.nowNs),
      capital: money(scenario.capitalMinor),
      regime: scenario.regime,
      trading_state: scenario.tradingState,
      state_age_ms: scenario.stateAgeMs,
      open_positions: scenario.openPositions.map((position) => ({
        event_id: position.eventId,
        event_type: position.eventType,
        symbol: position.symbol,
        capital: money(position.capitalMinor),
      })),
      history: { last_executed_type: scenario.lastExecutedType, deficits: moneyByType(scenario.deficitsMinor) },
      policy: new Literal(policyText),
      candidates: scenario.candidates.map((candidate) => ({
        event_id: candidate.eventId,
        event_type: candidate.eventType,
        symbol: candidate.symbol,
        side: candidate.side,
        lifecycle_state: candidate.lifecycleState,
        priority_score: candidate.priorityScore,
        detected_at_ns: whole(candidate.detectedAtNs),
        waiting_since_ns: whole(candidate.waitingSinceNs),
        expires_at_ns: candidate.expiresAtNs === null ? null : whole(candidate.expiresAtNs),
        regime_alignment: candidate.regimeAlignment,
        expected_value: candidate.expectedValue,
        capital_required: money(candidate.capitalRequiredMinor),
        lot_capital:
          candidate.lotCapitalMinor > 0
            ? money(Math.min(candidate.lotCapitalMinor, Number.MAX_SAFE_INTEGER))
            : undefined,
      })),
    },
  })
}

function moneyByType(entries: Iterable<readonly [string, number]>): Record<string, Literal> {
  return Object.fromEntries([...entries].map(([type, minor]) => [type, money(minor)]))
}
