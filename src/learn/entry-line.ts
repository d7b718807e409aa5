/** The slow way from a counterfactual line to a draft, for what the scanner finds unusual: says what is wrong, with its key. Cold. */
import { z } from 'zod'
import { show } from '../domain/border.ts'
import { parseEntry } from '../journal/entry-fields.ts'
import type { JournalLine } from '../journal/reader.ts'
import { draftField as at, type EntryDraft } from './entry-draft.ts'
import { type FilterName, filterNames } from './report-figures.ts'

/** An integer beyond 2^53 comes as a bigint; that this one was to be a number like any other is no fault of it. */
const number = z
  .union([z.number(), z.bigint()], { error: ({ input }) => `must be a number, got ${show(input)}` })
  .transform(Number)
  .refine(Number.isFinite, { error: 'must be a finite number' })
const timeNsMin = -(2n ** 63n)
const timeNsMax = 2n ** 63n - 1n
const timeNs = z
  .union([z.bigint(), z.number().int()], {
    error: ({ input }) => `must be an integer of nanoseconds, got ${show(input)}`,
  })
  .transform(BigInt)
  .refine((ns) => ns >= timeNsMin && ns <= timeNsMax, { error: 'must be an integer of 64 bits' })
const tier = z.int32({ error: ({ input }) => `must be an integer, got ${show(input)}` })

const text = z.string({ error: ({ input }) => `must be text, got ${show(input)}` })
const flag = z.boolean({ error: ({ input }) => `must be true or false, got ${show(input)}` })

/** Unknown keys are accepted. */
function entryObject<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$loose> {
  return z.looseObject(shape, { error: ({ input }) => `must be an object, got ${show(input)}` })
}

function list<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  return z.array(item, { error: ({ input }) => `must be a list, got ${show(input)}` })
}

const components = entryObject({
  priority_score: number,
  freshness: number,
  regime_alignment: number,
  expected_value: number,
})
const outcome = entryObject({ pnl: number, exit_reason: text }).nullable()
const both = {
  event_id: text,
  event_type: text,
  symbol: text,
  tier,
  detected_at_ns: timeNs,
  score: number,
  age_bonus: number,
  raw: components,
}
const schema = entryObject({
  arbitration_id: text,
  timestamp: timeNs,
  selection_reason: text,
  regime: text.nullable(),
  weights: components,
  selected: list(entryObject({ ...both, outcome, simulated_outcome: outcome.optional() })),
  rejected: list(
    entryObject({
      ...both,
      reason: text,
      admissible: flag,
      hypothetical_outcome: outcome,
      opportunity_cost: number.nullable(),
      filtered: z
        .enum(filterNames, {
          error: ({ input }) => `must be null or one of ${filterNames.join(', ')}, got ${show(input)}`,
        })
        .nullable(),
    }),
  ),
})

type Line = z.infer<typeof schema>
type Candidate = Line['selected'][number] | Line['rejected'][number]

/** Fills `draft` from a line. @throws {SignalboxError} `ERR_INPUT` naming file, line and key. */
export function draftFromLine(draft: EntryDraft, line: JournalLine): void {
  const entry = parseEntry(schema, line)
  const texts = new Texts()
  draft.clear(draft.bytes)
  texts.place(draft.arbitrationId, 0, entry.arbitration_id)
  texts.place(draft.selectionReason, 0, entry.selection_reason)
  texts.place(draft.regime, 0, entry.regime)
  const [seconds, restNs] = splitNs(entry.timestamp)
  draft.timestampSeconds = seconds
  draft.timestampRestNs = restNs
  placeComponents(draft.weights, 0, entry.weights)
  for (const one of entry.selected) {
    const start = addCandidate(draft, texts, one, true)
    placeOutcome(draft, texts, start, one.outcome)
    draft.candidates[start + at.simulatedPnl] = one.simulated_outcome?.pnl ?? Number.NaN
  }
  for (const one of entry.rejected) {
    const start = addCandidate(draft, texts, one, false)
    placeOutcome(draft, texts, start, one.hypothetical_outcome)
    texts.place(draft.candidates, start + at.reason, one.reason)
    draft.candidates[start + at.isAdmissible] = one.admissible ? 1 : 0
    draft.candidates[start + at.opportunityCost] = one.opportunity_cost ?? Number.NaN
    draft.candidates[start + at.filter] = filterNames.indexOf(one.filtered as FilterName) + 1
  }
  draft.bytes = texts.bytes()
}

/** Seconds, rounded down, and the nanoseconds after them. */
export function splitNs(ns: bigint): readonly [seconds: number, restNs: number] {
  const billion = 1_000_000_000n
  const rest = ((ns % billion) + billion) % billion
  return [Number((ns - rest) / billion), Number(rest)]
}

function addCandidate(draft: EntryDraft, texts: Texts, one: Candidate, isSelected: boolean): number {
  const start = draft.addCandidate(isSelected)
  const values = draft.candidates
  placeComponents(values, start, one.raw)
  values[start + at.ageBonus] = one.age_bonus
  values[start + at.score] = one.score
  const [seconds, restNs] = splitNs(one.detected_at_ns)
  values[start + at.detectedSeconds] = seconds
  values[start + at.detectedRestNs] = restNs
  values[start + at.tier] = one.tier
  texts.place(values, start + at.eventId, one.event_id)
  texts.place(values, start + at.eventType, one.event_type)
  texts.place(values, start + at.symbol, one.symbol)
  return start
}

function placeOutcome(
  { candidates }: EntryDraft,
  texts: Texts,
  start: number,
  outcome: Line['selected'][0]['outcome'],
) {
  candidates[start + at.pnl] = outcome?.pnl ?? Number.NaN
  candidates[start + at.holdMs] = typeof outcome?.hold_time_ms === 'number' ? outcome.hold_time_ms : 0
  texts.place(candidates, start + at.exitReason, outcome?.exit_reason ?? null)
}

function placeComponents(values: Float64Array, start: number, raw: Line['weights']): void {
  values[start] = raw.priority_score
  values[start + 1] = raw.freshness
  values[start + 2] = raw.regime_alignment
  values[start + 3] = raw.expected_value
}

/** The texts of a line one after the other. */
class Texts {
  readonly #parts: Buffer[] = []
  #size = 0

  /** Writes where the text stands to `values[to]` and `values[to + 1]`. */
  place(values: Float64Array | Int32Array, to: number, text: string | null): void {
    if (text === null) {
      values[to] = -1
      return
    }
    const part = Buffer.from(text)
    this.#parts.push(part)
    values[to] = this.#size
    this.#size += part.length
    values[to + 1] = this.#size
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
}
