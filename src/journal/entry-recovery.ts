/**
 * Entries of a run that did not end by itself: of each decision that should have a line in `counterfactuals-NNNNNN.ndjson` and has none, the
 * line with what the journal knows. What a trade really earned is there when it was closed; how the market went on nobody knows, so all that
 * is hypothetical stays unfinished. Read in steps, beside what is written; blocks on the disk. A line or two, and a byte a decision, in memory.
 */
import { parseLossless } from '../domain/lossless-json.ts'
import { significant12 } from './json-number.ts'
import { type JournalRead, readJournal } from './reader.ts'
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

interface InputsLine {
  readonly arbitration_id: string
  readonly scenario: {
    readonly regime: string | null
    readonly policy: { readonly weights: Readonly<Record<string, number | bigint>> }
    readonly candidates: readonly { readonly event_id: string; readonly detected_at_ns: bigint | number }[]
  }
}

const idPattern = /"arbitration_id":"(arb_\d{8}_\d{6}_(\d{1,15}))"/
/** Lines between two steps. */
const stepLines = 64

/**
 * The lines that are missing, in the order of the decisions; null: a step that found none.
 * @param folder - A journal's, under its writer's lock.
 * @param first - The sequence with which the run began that did not end; earlier ones are complete.
 * @param end - The first sequence that is not looked at: what is being decided now.
 */
export function* missingEntries(folder: string, first: number, end: number): Generator<string | null, void> {
  const isSought = (sequence: number): boolean => sequence >= first && sequence < end
  const known = new Set<number>()
  yield* scan(folder, 'counterfactuals', (_, sequence) => {
    if (isSought(sequence)) known.add(sequence)
    return null
  })
  const earned = new Map<string, unknown>()
  yield* scan(folder, 'trades', (text, sequence) => {
    if (!isSought(sequence) || known.has(sequence)) return null
    const trade = parsed<{ arbitration_id: string; event_id: string; outcome: unknown }>(text)
    if (trade !== null) earned.set(`${trade.arbitration_id} ${trade.event_id}`, trade.outcome)
    return null
  })
  const inputs = new InputsOf(folder)
  try {
    let before = ''
    yield* scan(folder, 'decisions', (text, sequence) => {
      const previous = before
      before = text
      if (!isSought(sequence) || known.has(sequence)) return null
      const decision = parsed<DecisionLine>(text)
      const written = decision === null ? null : writtenOf(decision, parsed<DecisionLine>(previous))
      if (decision === null || written === null) return null
      const input = inputs.find(sequence, decision.arbitration_id)
      return input === null ? null : entryLine(text, decision, written, input, earned)
    })
  } finally {
    inputs.close()
  }
}

/** Lines of a series that bear an arbitration id; what is none is nobody's business here. A step a line that is found, or some that are not. */
function* scan(
  folder: string,
  series: string,
  look: (text: string, sequence: number) => string | null,
): Generator<string | null, void> {
  if (listSeries(folder, series).length === 0) return
  let found: string | null = null
  let lines = 0
  const reads = readJournal(folder, series, {
    live: true,
    // Parsed by whoever wants to: most of the cost of a line.
    only: (text) => {
      const sequence = sequenceOf(text)
      if (sequence !== null) found = look(text, sequence)
      lines += 1
      return found !== null || lines % stepLines === 0
    },
  })
  for (const _ of reads) {
    yield found
    found = null
  }
}

function sequenceOf(text: string): number | null {
  const match = idPattern.exec(text)
  return match === null || !text.startsWith('{') || !text.endsWith('}') ? null : Number(match[2])
}

/** Null: it is no such line. */
function parsed<Line>(text: string): Line | null {
  try {
    return JSON.parse(text) as Line
  } catch {
    return null
  }
}

/** The rejected of whom the entry is to say something, by the tracker's rule; null: it would say nothing, or the line is no decision. */
function writtenOf(decision: DecisionLine, previous: DecisionLine | null): ReadonlySet<string> | null {
  if (!isDecision(decision)) return null
  const before = previous !== null && isDecision(previous) ? standingsOf(previous) : new Map<string, string>()
  const now = standingsOf(decision)
  const written = decision.rejected_events
    .filter(({ event_id, admissible }) => admissible || before.get(event_id) !== now.get(event_id))
    .map(({ event_id }) => event_id)
  return decision.selected.length + written.length === 0 ? null : new Set(written)
}

function isDecision({ candidates, selected, rejected_events }: Partial<DecisionLine>): boolean {
  return [candidates, selected, rejected_events].every(Array.isArray)
}

/** Rank and reason of the rejected, by event. */
function standingsOf({ candidates, rejected_events }: DecisionLine): Map<string, string> {
  const rankOf = new Map(candidates.map(({ event_id, rank }) => [event_id, rank]))
  return new Map(rejected_events.map(({ event_id, reason }) => [event_id, `${rankOf.get(event_id)} ${reason}`]))
}

/** The inputs of decisions that are asked for in their order. */
class InputsOf {
  readonly #reads: Generator<JournalRead, void> | null
  #sought = 0
  /** Read, and of a later decision than was asked for. */
  #ahead: InputsLine | null = null

  constructor(folder: string) {
    const isThere = listSeries(folder, 'inputs').length > 0
    const only = (text: string): boolean => (sequenceOf(text) ?? -1) >= this.#sought
    this.#reads = isThere ? readJournal(folder, 'inputs', { live: true, only }) : null
  }

  /** Null: there is no such line, or it is no decision's inputs. */
  find(sequence: number, arbitrationId: string): InputsLine | null {
    this.#sought = sequence
    const inputs = this.#ahead ?? this.#next()
    this.#ahead = null
    if (inputs === null) return null
    if (inputs.arbitration_id !== arbitrationId) {
      this.#ahead = inputs
      return null
    }
    return Array.isArray(inputs.scenario?.candidates) ? inputs : null
  }

  #next(): InputsLine | null {
    const read = this.#reads?.next()
    if (read === undefined || read.done === true || read.value.kind !== 'line') return null
    return read.value.value as unknown as InputsLine
  }

  close(): void {
    this.#reads?.return()
  }
}

function entryLine(
  text: string,
  decision: DecisionLine,
  written: ReadonlySet<string>,
  { scenario }: InputsLine,
  earned: ReadonlyMap<string, unknown>,
): string {
  const { arbitration_id, candidates, selected, selection_reason, rejected_events, weights_version } = decision
  const { timestamp } = parseLossless(text) as { timestamp: bigint | number }
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
    .filter(({ event_id }) => written.has(event_id))
    .map(({ event_id, reason, admissible }) => {
      const why = JSON.stringify({ reason, admissible }).slice(1, -1)
      const unknown = '"hypothetical_outcome":null,"opportunity_cost":null,"filtered":"unfinished"'
      return `${head(byId.get(event_id)!)},${why},${unknown}}`
    })
  const analysis = { selected_better: true, best_alternative: null, total_opportunity_cost: 0, regret: 0 }
  return (
    `{"arbitration_id":${JSON.stringify(arbitration_id)},"timestamp":${timestamp}` +
    `,"selection_reason":${JSON.stringify(selection_reason)},"regime":${JSON.stringify(scenario.regime)}` +
    `,"weights_version":${weights_version},"weights":${roundedText(scenario.policy.weights)}` +
    `,"selected":[${chosen.join(',')}],"rejected":[${rejected.join(',')}],"analysis":${JSON.stringify(analysis)}}`
  )
}

/** The inputs have them in full, an entry with 12 digits. */
function roundedText(weights: Readonly<Record<string, number | bigint>>): string {
  const entries = Object.entries(weights).map(([name, weight]) => `"${name}":${significant12(Number(weight))}`)
  return `{${entries.join(',')}}`
}
