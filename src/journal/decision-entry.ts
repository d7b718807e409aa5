/** Reads one line of `decisions-NNNNNN.ndjson` back into the decision that `decision-line.ts` wrote. Pure; any thread. */
import { z } from 'zod'
import { type Decision, rejectionReasons, selectionReasons } from '../domain/decision.ts'
import { parseEntry, wholeMinor, wholeNs } from './entry-fields.ts'
import type { JournalLine } from './reader.ts'

/** A decision of the journal. Scores and components have the 12 significant digits of the line. */
export interface DecisionEntry {
  readonly arbitrationId: string
  /** Unix nanoseconds. */
  readonly timestampNs: bigint
  readonly sequence: number
  readonly weightsVersion: number
  readonly stateVersion: number
  readonly decision: Decision
  /** By selected event, in the order of `decision.selected`. */
  readonly reservations: readonly string[]
}

const candidate = z.looseObject({
  event_id: z.string(),
  event_type: z.string(),
  symbol: z.string(),
  priority_score: z.number(),
  freshness: z.number(),
  regime_alignment: z.number(),
  expected_value: z.number(),
  components: z.looseObject({
    priority_score: z.number(),
    freshness: z.number(),
    regime: z.number(),
    ev: z.number(),
  }),
  base_score: z.number(),
  age_bonus: z.number(),
  score: z.number(),
  tier: z.number(),
  rank: z.number(),
})

const schema = z.looseObject({
  timestamp: wholeNs,
  arbitration_id: z.string(),
  sequence: z.number(),
  weights_version: z.number(),
  state_version: z.number(),
  candidates: z.array(candidate),
  admissible_count: z.number(),
  selected: z.array(z.string()),
  selection_reason: z.enum(selectionReasons),
  rejected_events: z.array(
    z.looseObject({
      event_id: z.string(),
      reason: z.enum(rejectionReasons),
      admissible: z.boolean(),
      score_diff: z.number().nullish(),
      blocked_by: z.string().nullish(),
    }),
  ),
  allocations: z.array(
    z.looseObject({ event_id: z.string(), capital: wholeMinor, reservation_status: z.string().nullish() }),
  ),
  capital_allocated: wholeMinor,
  capital_unallocated: wholeMinor,
  deficits: z.record(z.string(), wholeMinor).nullish(),
  /** Of the best-ranked member; each allocation carries its own. */
  reservation_status: z.string().nullish(),
})

/** @throws {SignalboxError} `ERR_INPUT` naming file, line and key where the line is no decision. */
export function decisionEntryOf(line: JournalLine): DecisionEntry {
  const json = parseEntry(schema, line)
  return {
    arbitrationId: json.arbitration_id,
    timestampNs: json.timestamp,
    sequence: json.sequence,
    weightsVersion: json.weights_version,
    stateVersion: json.state_version,
    decision: {
      candidates: json.candidates.map((one) => ({
        eventId: one.event_id,
        eventType: one.event_type,
        symbol: one.symbol,
        raw: {
          priorityScore: one.priority_score,
          freshness: one.freshness,
          regimeAlignment: one.regime_alignment,
          expectedValue: one.expected_value,
        },
        weighted: {
          priorityScore: one.components.priority_score,
          freshness: one.components.freshness,
          regimeAlignment: one.components.regime,
          expectedValue: one.components.ev,
        },
        baseScore: one.base_score,
        ageBonus: one.age_bonus,
        score: one.score,
        tier: one.tier,
        rank: one.rank,
      })),
      admissibleCount: json.admissible_count,
      selected: json.selected,
      selectionReason: json.selection_reason,
      rejected: json.rejected_events.map((one) => ({
        eventId: one.event_id,
        reason: one.reason,
        admissible: one.admissible,
        scoreDiff: one.score_diff ?? null,
        blockedBy: one.blocked_by ?? null,
      })),
      allocations: json.allocations.map((one) => ({ eventId: one.event_id, capitalMinor: one.capital })),
      capitalAllocatedMinor: json.capital_allocated,
      capitalUnallocatedMinor: json.capital_unallocated,
      ...(json.deficits == null ? {} : { deficitsMinor: json.deficits }),
    },
    reservations: json.allocations.map((one) => one.reservation_status ?? json.reservation_status ?? 'NOT_ATTEMPTED'),
  }
}
