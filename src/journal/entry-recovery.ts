/**
 * Entries of a run that was killed: of each decision that should have a line in `counterfactuals-NNNNNN.ndjson` and has none, the line with
 * what the journal knows. What a trade really earned is there when it was closed; how the market went on nobody knows, so all that is
 * hypothetical stays unfinished. Read before the folder is written again; blocks on the disk; one line in memory, and an id a decision.
 */
import { parseLossless } from '../domain/lossless-json.ts'
import { readJournal } from './reader.ts'
import { listSeries } from './series.ts'

interface DecisionLine {
  readonly arbitration_id: string
  readonly weights_version: number
  readonly candidates: readonly Candidate[]
  readonly selected: readonly string[]
  readonly selection_reason: string
  readonly rejected_events: readonly { event_id: string; reason: string; admissible: boolean }[]
}

interface Candidate {
  readonly event_id: string
  readonly event_type: string
  readonly symbol: string
  readonly priority_score: number
  readonly freshness: number
  readonly regime_alignment: number
  readonly expected_value: number
  readonly components: object
  readonly age_bonus: number
  readonly score: number
  readonly tier: number
  readonly rank: number
}

/** A decision without an entry: its line as text, and the rejected that the entry is to say something of. */
interface Missing {
  readonly text: string
  readonly rejected: ReadonlySet<string>
}

interface InputsLine {
  readonly arbitration_id: string
  readonly scenario: {
    readonly regime: string | null
    readonly policy: { readonly weights: object }
    readonly candidates: readonly { readonly event_id: string; readonly detected_at_ns: bigint | number }[]
  }
}

const idPattern = /"arbitration_id":"([^"]+)"/

/**
 * The lines that are missing, in the order of the decisions.
 * @param folder - A journal's, under its writer's lock.
 */
export function missingEntries(folder: string): string[] {
  const missing = missingDecisions(folder)
  if (missing.size === 0) return []
  const earned = new Map<string, unknown>()
  for (const { value } of linesOf(folder, 'trades', (text) => missing.has(idOf(text)))) {
    earned.set(`${value.arbitration_id} ${value.event_id}`, value.outcome)
  }
  const lines: string[] = []
  for (const { value } of linesOf(folder, 'inputs', (text) => missing.has(idOf(text)))) {
    const inputs = value as unknown as InputsLine
    const decision = missing.get(inputs.arbitration_id)!
    missing.delete(inputs.arbitration_id)
    lines.push(entryLine(decision, inputs, earned))
  }
  return lines
}

/** By arbitration id. By the tracker's rule: the selected, the admissible, and who is new or has another rank or reason than before. */
function missingDecisions(folder: string): Map<string, Missing> {
  const known = new Set<string>()
  for (const _ of linesOf(folder, 'counterfactuals', (text) => known.add(idOf(text)) === undefined));
  const missing = new Map<string, Missing>()
  let before = new Map<string, string>()
  const look = (text: string): boolean => {
    const { arbitration_id, candidates, selected, rejected_events } = JSON.parse(text) as DecisionLine
    const rankOf = new Map(candidates.map(({ event_id, rank }) => [event_id, rank]))
    const now = new Map(rejected_events.map(({ event_id, reason }) => [event_id, `${rankOf.get(event_id)} ${reason}`]))
    const isNews = ({ event_id }: { event_id: string }): boolean => before.get(event_id) !== now.get(event_id)
    const written = rejected_events.filter((event) => event.admissible || isNews(event)).map(({ event_id }) => event_id)
    before = now
    if (!known.has(arbitration_id) && selected.length + written.length > 0) {
      missing.set(arbitration_id, { text, rejected: new Set(written) })
    }
    return false
  }
  for (const _ of linesOf(folder, 'decisions', look));
  return missing
}

function* linesOf(folder: string, series: string, only: (text: string) => boolean) {
  if (listSeries(folder, series).length === 0) return
  for (const read of readJournal(folder, series, { only: (text) => isObject(text) && only(text) })) {
    if (read.kind === 'line') yield read
  }
}

/** A line that is not one has no id, and is nobody's business here. */
function isObject(text: string): boolean {
  return text.startsWith('{') && text.endsWith('}') && idPattern.test(text)
}

function idOf(text: string): string {
  return idPattern.exec(text)![1]!
}

function entryLine(missing: Missing, { scenario }: InputsLine, earned: ReadonlyMap<string, unknown>): string {
  const decision = JSON.parse(missing.text) as DecisionLine
  const { arbitration_id, candidates, selected, selection_reason, rejected_events, weights_version } = decision
  const { timestamp } = parseLossless(missing.text) as { timestamp: bigint | number }
  const detected = new Map(scenario.candidates.map(({ event_id, detected_at_ns }) => [event_id, detected_at_ns]))
  const head = (candidate: Candidate): string => {
    const { event_id, event_type, symbol, tier, score, age_bonus, components } = candidate
    const { priority_score, freshness, regime_alignment, expected_value } = candidate
    const raw = { priority_score, freshness, regime_alignment, expected_value }
    const first = JSON.stringify({ event_id, event_type, symbol, tier }).slice(0, -1)
    const rest = JSON.stringify({ score, age_bonus, components, raw }).slice(1, -1)
    return `${first},"detected_at_ns":${detected.get(event_id)},${rest}`
  }
  const chosen = candidates
    .filter(({ event_id }) => selected.includes(event_id))
    .map((candidate) => {
      const outcome = earned.get(`${arbitration_id} ${candidate.event_id}`) ?? null
      return `${head(candidate)},"outcome":${JSON.stringify(outcome)}}`
    })
  const byId = new Map(candidates.map((candidate) => [candidate.event_id, candidate]))
  const rejected = rejected_events
    .filter(({ event_id }) => missing.rejected.has(event_id))
    .map(({ event_id, reason, admissible }) => {
      const why = JSON.stringify({ reason, admissible }).slice(1, -1)
      const unknown = '"hypothetical_outcome":null,"opportunity_cost":null,"filtered":"unfinished"'
      return `${head(byId.get(event_id)!)},${why},${unknown}}`
    })
  const analysis = { selected_better: true, best_alternative: null, total_opportunity_cost: 0, regret: 0 }
  return (
    `{"arbitration_id":${JSON.stringify(arbitration_id)},"timestamp":${timestamp}` +
    `,"selection_reason":${JSON.stringify(selection_reason)},"regime":${JSON.stringify(scenario.regime)}` +
    `,"weights_version":${weights_version},"weights":${JSON.stringify(scenario.policy.weights)}` +
    `,"selected":[${chosen.join(',')}],"rejected":[${rejected.join(',')}],"analysis":${JSON.stringify(analysis)}}`
  )
}
