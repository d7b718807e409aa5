/**
 * One decision with what became, or would have become, of its candidates, as one line of `counterfactuals-NNNNNN.ndjson` (CONTRACTS
 * "Counterfactual entry", keys in that order). Written from the decision's record. Pure; on the thread of the lines.
 */
import { rejectionReasons, selectionReasons } from '../domain/decision.ts'
import {
  decisionCandidate as candidateAt,
  decisionCandidateSize,
  decisionParts,
  decisionHeader as headerAt,
} from '../domain/decision-record.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { TradeOutcome } from '../domain/outcome.ts'
import { regimes } from '../domain/regime.ts'
import { moneyText, significant12 } from './json-number.ts'
import { type LineBytes, token } from './line-bytes.ts'
import type { LineNames } from './line-names.ts'
import { outcomeText } from './trade-line.ts'

/** What is known of a candidate. */
export interface CandidateOutcome {
  readonly isSelected: boolean
  /** False: the entry says nothing of it. */
  isWritten: boolean
  /** Of a selected one what it really earned, of a rejected one what it would have; null: not known, or never entered. */
  outcome: TradeOutcome | null
  /** Of a selected one: what the simulation says of it. */
  simulated: TradeOutcome | null
}

export interface CounterfactualValues {
  /** The decision's record, at 0. */
  readonly record: Float64Array
  /** By rank. */
  readonly outcomes: readonly CandidateOutcome[]
}

/** A raw priority score below this is filtered (the specification's "Filtering Noise"). */
const priorityMin = 0.5

const tokens = {
  arbitrationId: token('{"arbitration_id":"'),
  timestamp: token('","timestamp":'),
  selectionReason: token(',"selection_reason":"'),
  regime: token('","regime":'),
  weightsVersion: token(',"weights_version":'),
  detectedAt: token(',"detected_at_ns":'),
  selected: token(',"selected":['),
  rejected: token('],"rejected":['),
}

type Filter = 'unfinished' | 'inadmissible' | 'invalidated' | 'low_priority'

/** One rejected event's cost, minor units, and why it does not count. */
interface Judged {
  readonly rank: number
  readonly costMinor: number | null
  readonly filtered: Filter | null
}

/** Writes the entry as JSON behind what `line` holds, without the line's end. */
export function writeCounterfactualLine(
  line: LineBytes,
  { record, outcomes }: CounterfactualValues,
  names: LineNames,
  instruments: readonly Instrument[],
): void {
  const header = (field: keyof typeof headerAt): number => record[headerAt[field]]!
  const { candidates } = decisionParts(record, 0)
  const place = (rank: number): number => candidates + rank * decisionCandidateSize
  const regime = regimes[header('regime')]
  line.token(tokens.arbitrationId)
  names.writeArbitrationId(line, header('atNs'), header('sequence'))
  line.token(tokens.timestamp)
  names.writeTime(line, header('atNs'))
  line.token(tokens.selectionReason)
  line.ascii(selectionReasons[header('selectionReason')]!)
  line.token(tokens.regime)
  line.ascii(regime === undefined ? 'null' : `"${regime}"`)
  line.token(tokens.weightsVersion)
  line.exact(header('weightsVersion'))
  line.ascii(`,"weights":${rawText((field) => header(weightOf[field]))}`)

  const writeHead = (rank: number): void => {
    const at = place(rank)
    const value = (field: keyof typeof candidateAt): number => record[at + candidateAt[field]]!
    line.token(names.eventHead(value('handle'), value('typeIndex'), value('symbolIndex')))
    line.ascii(`,"tier":${value('tier')}`)
    line.token(tokens.detectedAt)
    names.writeTime(line, value('detectedAtNs'))
    const weighted = (field: RawField): string => significant12(header(weightOf[field]) * value(field))
    line.ascii(
      `,"score":${significant12(value('score'))},"age_bonus":${significant12(value('ageBonus'))}` +
        `,"components":{"priority_score":${weighted('priorityScore')},"freshness":${weighted('freshness')}` +
        `,"regime":${weighted('regimeAlignment')},"ev":${weighted('expectedValue')}},"raw":${rawText(value)}`,
    )
  }
  const outcomeOf = (rank: number, outcome: TradeOutcome | null): string =>
    outcome === null ? 'null' : outcomeText(instruments[record[place(rank) + candidateAt.symbolIndex]!]!, outcome)

  const selected = [...outcomes.keys()].filter((rank) => outcomes[rank]!.isSelected)
  line.token(tokens.selected)
  for (const rank of selected) {
    if (rank !== selected[0]) line.comma()
    const { outcome, simulated } = outcomes[rank]!
    writeHead(rank)
    line.ascii(`,"outcome":${outcomeOf(rank, outcome)}`)
    line.ascii(simulated === null ? '}' : `,"simulated_outcome":${outcomeOf(rank, simulated)}}`)
  }
  line.token(tokens.rejected)
  const displacedMinor = selected.length === 0 ? 0 : (outcomes[selected.at(-1)!]!.outcome?.pnlMinor ?? null)
  const rejected = [...outcomes.keys()].filter((rank) => outcomes[rank]!.isWritten && !outcomes[rank]!.isSelected)
  const judged = rejected.map((rank) => judge(rank, record, place(rank), outcomes[rank]!, displacedMinor))
  for (const { rank, costMinor, filtered } of judged) {
    if (rank !== rejected[0]) line.comma()
    const at = place(rank)
    const isAdmissible = record[at + candidateAt.admissible] === 1
    writeHead(rank)
    line.ascii(
      `,"reason":"${rejectionReasons[record[at + candidateAt.rejection]!]}","admissible":${isAdmissible}` +
        `,"hypothetical_outcome":${outcomeOf(rank, outcomes[rank]!.outcome)}` +
        `,"opportunity_cost":${costMinor === null ? 'null' : moneyText(costMinor)}` +
        `,"filtered":${filtered === null ? 'null' : `"${filtered}"`}}`,
    )
  }
  writeAnalysis(line, judged, (rank) => record[place(rank) + candidateAt.handle]!, names)
}

type RawField = 'priorityScore' | 'freshness' | 'regimeAlignment' | 'expectedValue'

const weightOf = {
  priorityScore: 'weightPriority',
  freshness: 'weightFreshness',
  regimeAlignment: 'weightRegime',
  expectedValue: 'weightExpected',
} as const satisfies Record<RawField, keyof typeof headerAt>

function rawText(value: (field: RawField) => number): string {
  const text = (field: RawField): string => significant12(value(field))
  return (
    `{"priority_score":${text('priorityScore')},"freshness":${text('freshness')}` +
    `,"regime_alignment":${text('regimeAlignment')},"expected_value":${text('expectedValue')}}`
  )
}

/** @param displacedMinor - What the worst-ranked selected event earned, which it would have displaced; 0: nothing was selected; null: not known. */
function judge(
  rank: number,
  record: Float64Array,
  at: number,
  { outcome }: CandidateOutcome,
  displacedMinor: number | null,
): Judged {
  const costMinor = outcome === null || displacedMinor === null ? null : outcome.pnlMinor - displacedMinor
  const filtered = (): Filter | null => {
    if (costMinor === null) return 'unfinished'
    if (record[at + candidateAt.admissible] !== 1) return 'inadmissible'
    if (outcome!.exitReason === 'invalidated') return 'invalidated'
    return record[at + candidateAt.priorityScore]! < priorityMin ? 'low_priority' : null
  }
  return { rank, costMinor, filtered: filtered() }
}

/** Over the rejected events that no filter took out; of equal costs the better rank. */
function writeAnalysis(
  line: LineBytes,
  judged: readonly Judged[],
  handleOf: (rank: number) => number,
  names: LineNames,
): void {
  let best: Judged | null = null
  let totalMinor = 0
  for (const one of judged) {
    if (one.filtered !== null) continue
    totalMinor += Math.max(0, one.costMinor!)
    if (best === null || one.costMinor! > best.costMinor!) best = one
  }
  const regretMinor = Math.max(0, best?.costMinor ?? 0)
  line.ascii(`],"analysis":{"selected_better":${regretMinor === 0},"best_alternative":`)
  if (best === null) line.ascii('null')
  else line.token(names.eventId(handleOf(best.rank)))
  line.ascii(`,"total_opportunity_cost":${moneyText(totalMinor)},"regret":${moneyText(regretMinor)}}}`)
}
