/** Why a decision was as it was: one object, as `--json` prints it and the page shows it. Reads the journal; no clock. */
import type { Decision } from '../../domain/decision.ts'
import { nsPerSecond, toMoney } from '../../domain/units.ts'
import type { DecisionEntry } from '../../journal/decision-entry.ts'
import type { TradeEntry } from '../../journal/trade-entry.ts'
import { type AllocationJson, allocationOf } from './allocation.ts'
import { changesBetween } from './decision-changes.ts'
import { isoText } from './figures.ts'
import type { DecisionInput, JournalFolder } from './journal-folder.ts'
import { givesDecision, hasBuiltInScores, notesOf } from './redecision.ts'
import { type RefusalJson, refusalJson, refusalText } from './refusal-words.ts'
import { blockerOf, rejectionSentence, selectionSentence, statusSentence, waitNsOf } from './rule-words.ts'
import { type WhatIfJson, whatIfJson } from './what-if-words.ts'

interface ComponentJson {
  readonly raw: number
  readonly weighted: number
}

export interface RankedJson {
  readonly rank: number
  readonly event_id: string
  readonly event_type: string
  readonly symbol: string
  readonly side: string | null
  readonly lifecycle_state: string | null
  readonly tier: number
  readonly priority_score: ComponentJson
  readonly freshness: ComponentJson
  readonly regime_alignment: ComponentJson
  readonly expected_value: ComponentJson
  readonly base_score: number
  readonly age_bonus: number
  readonly waited_s: number | null
  readonly score: number
  /** `selected`, or the reason that it was not. */
  readonly verdict: string
}

export interface RejectedJson {
  readonly event_id: string
  readonly reason: string
  readonly admissible: boolean
  readonly score_diff: number | null
  readonly blocked_by: {
    readonly event_id: string
    readonly what: string | null
    readonly event_type: string | null
    readonly symbol: string | null
  } | null
  readonly sentence: string
  readonly what_if: WhatIfJson | null
}

export interface TradeJson {
  readonly event_id: string
  readonly symbol: string
  readonly side: string
  readonly quantity: number
  readonly capital: number
  readonly pnl: number
  readonly entry_price: number
  readonly exit_price: number
  readonly hold_time_ms: number
  readonly exit_reason: string
}

export interface NotTradedJson {
  readonly event_id: string
  readonly sentence: string
  /** Where its entry was sent and never filled. */
  readonly refusal: RefusalJson | null
}

export interface ArbitrationJson {
  readonly kind: 'arbitration'
  readonly arbitration_id: string
  readonly sequence: number
  readonly at_ns: bigint
  readonly at: string
  readonly state_version: number
  readonly weights_version: number
  readonly weights: Readonly<Record<string, number>> | null
  /** What made the base scores, by what their components add up to. */
  readonly scorer: 'built_in' | 'other'
  readonly selection_rule: string | null
  readonly regime: string | null
  readonly capital: number | null
  readonly open_positions: readonly {
    readonly event_id: string
    readonly event_type: string
    readonly symbol: string
    readonly capital: number
    readonly selected_by: string | null
  }[]
  readonly ranking: readonly RankedJson[]
  readonly admissible_count: number
  readonly selected: readonly string[]
  readonly selection_reason: string
  readonly sentence: string
  readonly rejected: readonly RejectedJson[]
  readonly allocation: AllocationJson
  readonly trades: readonly TradeJson[]
  /** Selected events without a closed trade, and how they ended as far as the journal says. */
  readonly not_traded: readonly NotTradedJson[]
  readonly before: {
    readonly arbitration_id: string
    readonly seconds: number
    readonly changes: readonly string[]
  } | null
  /** Whether the journal's inputs give the journal's decision when decided again; null: it holds no inputs. */
  readonly decided_again: boolean | null
  readonly notes: readonly string[]
}

/** For how many of the rejected, best rank first, changes are searched: fewer where each decision is a large one. */
function whatIfMaxOf(decision: Decision): number {
  return decision.candidates.length <= 25 ? 8 : 3
}

/** What is known of the decision; null where the journal has none of this id. */
export function explainArbitration(journal: JournalFolder, arbitrationId: string): ArbitrationJson | null {
  const looked = journal.decision(arbitrationId)
  if (looked === null) return null
  const { found, before } = looked
  const ids = before === null ? [arbitrationId] : [arbitrationId, before.arbitrationId]
  const inputs = journal.inputs(new Set(ids))
  const input = inputs.get(arbitrationId) ?? null
  const { decision } = found
  const ground = { decision, input }
  const isDecidedAgain = input === null ? null : givesDecision(input, decision)
  const positions = input?.scenario.openPositions ?? []
  const selectedBy = journal.selectedBy(new Set(positions.map(({ eventId }) => eventId)), arbitrationId)
  const trades = [...journal.trades(new Set(decision.selected))].filter((one) => one.arbitration_id === arbitrationId)
  const weights = input?.policy.weights
  return {
    kind: 'arbitration',
    arbitration_id: arbitrationId,
    sequence: found.sequence,
    at_ns: found.timestampNs,
    at: isoText(found.timestampNs),
    state_version: found.stateVersion,
    weights_version: found.weightsVersion,
    weights:
      weights === undefined
        ? null
        : {
            priority_score: weights.priorityScore,
            freshness: weights.freshness,
            regime_alignment: weights.regimeAlignment,
            expected_value: weights.expectedValue,
          },
    scorer: hasBuiltInScores(decision) ? 'built_in' : 'other',
    selection_rule: input?.policy.selection ?? null,
    regime: input?.scenario.regime ?? null,
    capital: input === null ? null : toMoney(input.scenario.capitalMinor),
    open_positions: positions.map(({ eventId, eventType, symbol, capitalMinor }) => ({
      event_id: eventId,
      event_type: eventType,
      symbol,
      capital: toMoney(capitalMinor),
      selected_by: selectedBy.get(eventId) ?? null,
    })),
    ranking: rankingOf(decision, input),
    admissible_count: decision.admissibleCount,
    selected: decision.selected,
    selection_reason: decision.selectionReason,
    sentence: selectionSentence(ground),
    rejected: decision.rejected.map((rejected, at) => {
      const blocker = blockerOf(ground, rejected)
      return {
        event_id: rejected.eventId,
        reason: rejected.reason,
        admissible: rejected.admissible,
        score_diff: rejected.scoreDiff,
        blocked_by:
          blocker === null
            ? null
            : {
                event_id: blocker.eventId,
                what: blocker.what,
                event_type: blocker.eventType,
                symbol: blocker.symbol,
              },
        sentence: rejectionSentence(ground, rejected),
        what_if: isDecidedAgain === true && at < whatIfMaxOf(decision) ? whatIfJson(input!, rejected.eventId) : null,
      }
    }),
    allocation: allocationOf(found, input),
    trades: trades.map((one) => ({
      event_id: one.event_id,
      symbol: one.symbol,
      side: one.side,
      quantity: one.quantity,
      capital: one.capital,
      pnl: one.outcome.pnl,
      entry_price: one.outcome.entry_price,
      exit_price: one.outcome.exit_price,
      hold_time_ms: one.outcome.hold_time_ms,
      exit_reason: one.outcome.exit_reason,
    })),
    not_traded: notTradedOf(journal, found, trades),
    before:
      before === null
        ? null
        : {
            arbitration_id: before.arbitrationId,
            seconds: Number(found.timestampNs - before.timestampNs) / nsPerSecond,
            changes: changesBetween(
              { decision: before.decision, input: inputs.get(before.arbitrationId) ?? null },
              ground,
            ),
          },
    decided_again: isDecidedAgain,
    notes: notesOf(decision, isDecidedAgain),
  }
}

function notTradedOf(
  journal: JournalFolder,
  { arbitrationId, decision, reservations }: DecisionEntry,
  trades: readonly TradeEntry[],
): ArbitrationJson['not_traded'] {
  const left = decision.selected.filter((id) => !trades.some((one) => one.event_id === id))
  if (left.length === 0) return []
  const declined = new Map<string, string>()
  for (const { event_id: id, evidence, reason } of journal.lifecycles(new Set(left))) {
    if (evidence.declined === 1) declined.set(id, reason ?? 'declined')
  }
  const refusals = [...journal.refusals(new Set(left))].filter((one) => one.arbitration_id === arbitrationId)
  return left.map((id) => {
    const status = reservations[decision.selected.indexOf(id)]!
    if (status !== 'SUCCESS') return { event_id: id, sentence: statusSentence(status), refusal: null }
    const refusal = refusals.find((one) => one.event_id === id)
    if (refusal !== undefined) {
      return { event_id: id, sentence: refusalText(refusal), refusal: refusalJson(refusal) }
    }
    const sentence = declined.has(id) ? `nothing was ordered on it (${declined.get(id)})` : 'no trade was closed on it'
    return { event_id: id, sentence, refusal: null }
  })
}

function rankingOf(decision: Decision, input: DecisionInput | null): RankedJson[] {
  return decision.candidates.map((one) => {
    const json = input?.scenario.candidates.find(({ eventId }) => eventId === one.eventId)
    const component = (key: keyof typeof one.raw): ComponentJson => ({ raw: one.raw[key], weighted: one.weighted[key] })
    return {
      rank: one.rank,
      event_id: one.eventId,
      event_type: one.eventType,
      symbol: one.symbol,
      side: json?.side ?? null,
      lifecycle_state: json?.lifecycleState ?? null,
      tier: one.tier,
      priority_score: component('priorityScore'),
      freshness: component('freshness'),
      regime_alignment: component('regimeAlignment'),
      expected_value: component('expectedValue'),
      base_score: one.baseScore,
      age_bonus: one.ageBonus,
      waited_s: json === undefined ? null : Number(waitNsOf(input!.scenario, json)) / nsPerSecond,
      score: one.score,
      verdict: decision.rejected.find(({ eventId }) => eventId === one.eventId)?.reason ?? 'selected',
    }
  })
}
