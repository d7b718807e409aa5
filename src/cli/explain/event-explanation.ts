/** What became of an event and why: one object, as `--json` prints it and the page shows it. Reads the journal; no clock. */
import type { DecisionEntry } from '../../journal/decision-entry.ts'
import type { EventEntry } from '../../journal/event-entry.ts'
import type { RefusalEntry } from '../../journal/refusal-entry.ts'
import type { TradeEntry } from '../../journal/trade-entry.ts'
import type { TradeJson } from './arbitration-explanation.ts'
import { isoText } from './figures.ts'
import type { DecisionInput, JournalFolder } from './journal-folder.ts'
import { givesDecision, notesOf } from './redecision.ts'
import { type RefusalJson, refusalJson, refusalText } from './refusal-words.ts'
import { rejectionSentence, selectionSentence, statusSentence } from './rule-words.ts'
import { type WhatIfJson, whatIfJson } from './what-if-words.ts'

export interface TakenPartJson {
  readonly arbitration_id: string
  readonly at_ns: bigint
  readonly at: string
  readonly rank: number
  readonly candidates: number
  readonly score: number
  /** `selected`, or the reason that it was not. */
  readonly verdict: string
  readonly blocked_by: string | null
  readonly score_diff: number | null
  /** Who was. */
  readonly selected: readonly string[]
  readonly reservation_status: string | null
  readonly sentence: string
  /** It was turned down as in the decision before it: for the same reason, by the same event, and the same were selected. */
  readonly as_before: boolean
  /** Of the decisions that turned it down otherwise than the one before did, the last few; null: not searched. */
  readonly what_if: WhatIfJson | null
}

export interface EventJson {
  readonly kind: 'event'
  readonly event_id: string
  readonly event_type: string | null
  readonly symbol: string | null
  readonly side: string | null
  readonly priority_score: number | null
  readonly life: readonly {
    readonly state: string
    readonly at_ns: bigint
    readonly at: string
    /** Since the state before; null for the first. */
    readonly after_ns: bigint | null
    readonly evidence: Readonly<Record<string, number | null>>
  }[]
  readonly decisions: readonly TakenPartJson[]
  /** Decisions between the first and the last of the list that are left out. */
  readonly decisions_left_out: number
  /** `refused`: selected and ordered, but its entry was never filled. */
  readonly outcome: 'traded' | 'refused' | 'selected' | 'rejected' | 'never_decided'
  readonly sentence: string
  /** `strategy`: the one that claimed it by itself, in a worker; absent where a decision selected it. */
  readonly trade: (TradeJson & { readonly fees: number; readonly funding: number; readonly strategy?: string }) | null
  readonly refusal: RefusalJson | null
  /** What it would have come to, where the journal holds counterfactuals. */
  readonly hypothetical: {
    readonly arbitration_id: string
    readonly pnl: number | null
    readonly exit_reason: string | null
    readonly opportunity_cost: number | null
    readonly filtered: string | null
  } | null
  readonly notes: readonly string[]
}

/** The list keeps the first and the last so many decisions. */
const decisionsKept = 50
/** For so many decisions at most, the last ones, changes are searched. */
const whatIfMax = 6

/** What is known of the event; null where the journal does not name it. */
export function explainEvent(journal: JournalFolder, eventId: string): EventJson | null {
  const life = [...journal.lifecycles(new Set([eventId]))]
  const { kept, leftOut } = keepEnds(journal.decisionsWith(eventId))
  if (life.length === 0 && kept.length === 0) return null
  const fates = kept.map((entry) => rejectionOf(entry, eventId))
  const isAsBefore = (at: number): boolean => fates[at] !== '' && fates[at] === fates[at - 1]
  const searched = kept.filter((_, at) => fates[at] !== '' && !isAsBefore(at)).slice(-whatIfMax)
  const last = kept.at(-1) ?? null
  const wanted = new Set(kept.map(({ arbitrationId }) => arbitrationId))
  const inputs = wanted.size === 0 ? new Map<string, DecisionInput>() : journal.inputs(wanted)
  const notes = new Set<string>()
  const decisions = kept.map((entry, at): TakenPartJson => {
    const isSearched = searched.includes(entry)
    const input = inputs.get(entry.arbitrationId) ?? null
    const part = { ...takenPart(entry, eventId, input), as_before: isAsBefore(at) }
    if (!isSearched) return { ...part, what_if: null }
    const isDecidedAgain = input === null ? null : givesDecision(input, entry.decision)
    for (const note of notesOf(entry.decision, isDecidedAgain)) notes.add(note)
    return { ...part, what_if: isDecidedAgain === true ? whatIfJson(input!, eventId) : null }
  })
  const [trade] = [...journal.trades(new Set([eventId]))].slice(-1)
  const [refusal] = [...journal.refusals(new Set([eventId]))].slice(-1)
  const named = life[0]
  const candidate = last?.decision.candidates.find((one) => one.eventId === eventId)
  return {
    kind: 'event',
    event_id: eventId,
    event_type: named?.event_type ?? candidate?.eventType ?? null,
    symbol: named?.symbol ?? candidate?.symbol ?? null,
    side: named?.side ?? null,
    priority_score: named?.priority_score ?? candidate?.raw.priorityScore ?? null,
    life: life.map((change, at) => ({
      state: change.state,
      at_ns: change.at_ns,
      at: isoText(change.at_ns),
      after_ns: at === 0 ? null : change.at_ns - life[at - 1]!.at_ns,
      evidence: change.evidence,
    })),
    decisions,
    decisions_left_out: leftOut,
    ...fateOf(decisions, life, trade, refusal),
    trade:
      trade === undefined
        ? null
        : {
            event_id: eventId,
            symbol: trade.symbol,
            side: trade.side,
            quantity: trade.quantity,
            capital: trade.capital,
            pnl: trade.outcome.pnl,
            entry_price: trade.outcome.entry_price,
            exit_price: trade.outcome.exit_price,
            hold_time_ms: trade.outcome.hold_time_ms,
            exit_reason: trade.outcome.exit_reason,
            fees: trade.fees,
            funding: trade.funding,
            ...(trade.strategy === undefined ? {} : { strategy: trade.strategy }),
          },
    refusal: refusal === undefined ? null : refusalJson(refusal),
    hypothetical: hypotheticalOf(journal, decisions, eventId),
    notes: [...notes],
  }
}

function takenPart(
  entry: DecisionEntry,
  eventId: string,
  input: DecisionInput | null,
): Omit<TakenPartJson, 'as_before' | 'what_if'> {
  const { decision } = entry
  const ground = { decision, input }
  const candidate = decision.candidates.find((one) => one.eventId === eventId)!
  const rejected = decision.rejected.find((one) => one.eventId === eventId)
  const member = decision.selected.indexOf(eventId)
  return {
    arbitration_id: entry.arbitrationId,
    at_ns: entry.timestampNs,
    at: isoText(entry.timestampNs),
    rank: candidate.rank,
    candidates: decision.candidates.length,
    score: candidate.score,
    verdict: rejected?.reason ?? 'selected',
    blocked_by: rejected?.blockedBy ?? null,
    score_diff: rejected?.scoreDiff ?? null,
    selected: decision.selected,
    reservation_status: member < 0 ? null : entry.reservations[member]!,
    sentence: rejected === undefined ? selectionSentence(ground) : rejectionSentence(ground, rejected),
  }
}

/** How a decision turned the event down, to be compared; '' where it selected it. */
function rejectionOf({ decision }: DecisionEntry, eventId: string): string {
  const rejected = decision.rejected.find((one) => one.eventId === eventId)
  return rejected === undefined ? '' : [rejected.reason, rejected.blockedBy, ...decision.selected].join('\n')
}

function fateOf(
  decisions: readonly TakenPartJson[],
  life: readonly EventEntry[],
  trade: TradeEntry | undefined,
  refusal: RefusalEntry | undefined,
): Pick<EventJson, 'outcome' | 'sentence'> {
  const end = life.at(-1)
  const cause = end === undefined ? '' : endText(end)
  const last = decisions.at(-1)
  const selected = decisions.findLast(({ verdict }) => verdict === 'selected')
  if (trade !== undefined) {
    const by = originText(trade, selected?.arbitration_id)
    return { outcome: 'traded', sentence: `It was ${by} and traded.` }
  }
  if (refusal !== undefined) {
    const by = originText(refusal, undefined)
    return { outcome: 'refused', sentence: `It was ${by}, and ${refusalText(refusal)}${cause}.` }
  }
  if (selected !== undefined) {
    const status = statusSentence(selected.reservation_status!)
    return {
      outcome: 'selected',
      sentence: `It was selected by ${selected.arbitration_id} (${status}), and no trade was closed on it${cause}.`,
    }
  }
  if (last === undefined) {
    return { outcome: 'never_decided', sentence: `No written decision had it among its candidates${cause}.` }
  }
  return { outcome: 'rejected', sentence: `It was never selected${cause}. In the end: ${last.sentence}` }
}

/** Who had it entered. */
function originText(entry: TradeEntry | RefusalEntry, selectedBy: string | undefined): string {
  const { strategy, arbitration_id: id } = entry
  return strategy === undefined ? `selected by ${selectedBy ?? id}` : `claimed by strategy ${strategy} in its worker`
}

function endText({ state, evidence, reason }: EventEntry): string {
  if (evidence.declined === 1) return `; nothing was ordered on it (${reason ?? 'declined'})`
  if (evidence.expired === 1) return '; it expired'
  return state === 'COMPLETED' || state === 'INVALIDATED' ? `; it ended ${state}` : ''
}

function hypotheticalOf(
  journal: JournalFolder,
  decisions: readonly TakenPartJson[],
  eventId: string,
): EventJson['hypothetical'] {
  const ids = new Set(decisions.map(({ arbitration_id: id }) => id))
  if (ids.size === 0) return null
  let result: EventJson['hypothetical'] = null
  for (const [id, entry] of journal.counterfactuals(ids)) {
    const found = entry.rejected.find((one) => one.event_id === eventId)
    if (found === undefined) continue
    result = {
      arbitration_id: id,
      pnl: found.hypothetical_outcome?.pnl ?? null,
      exit_reason: found.hypothetical_outcome?.exit_reason ?? null,
      opportunity_cost: found.opportunity_cost,
      filtered: found.filtered,
    }
  }
  return result
}

/** The first and the last of many, in memory that does not grow. */
function keepEnds(entries: Iterable<DecisionEntry>): { readonly kept: DecisionEntry[]; readonly leftOut: number } {
  const first: DecisionEntry[] = []
  const last: DecisionEntry[] = []
  let leftOut = 0
  for (const entry of entries) {
    if (first.length < decisionsKept) first.push(entry)
    else {
      last.push(entry)
      if (last.length > decisionsKept) {
        last.shift()
        leftOut += 1
      }
    }
  }
  return { kept: [...first, ...last], leftOut }
}
