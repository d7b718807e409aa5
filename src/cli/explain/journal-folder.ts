/**
 * A journal folder as `explain` looks things up in it: streaming, a line at a time, only the lines that may matter parsed. What
 * cannot be read is reported once and passed over. One thread; blocks on the disk.
 */
import { readdirSync, statSync } from 'node:fs'
import { inputError, messageOf } from '../../base/errors.ts'
import type { Policy } from '../../domain/policy.ts'
import { mergePolicySources } from '../../domain/policy-codec.ts'
import type { Scenario } from '../../domain/scenario.ts'
import { openScenario, parseScenario } from '../../domain/scenario-codec.ts'
import { type CounterfactualEntry, counterfactualEntryOf } from '../../journal/counterfactual-entry.ts'
import { type DecisionEntry, decisionEntryOf } from '../../journal/decision-entry.ts'
import { type EventEntry, eventEntryOf } from '../../journal/event-entry.ts'
import { type JournalLine, type JournalProblem, readJournal } from '../../journal/reader.ts'
import { type RefusalEntry, refusalEntryOf } from '../../journal/refusal-entry.ts'
import { listSeries, seriesOf } from '../../journal/series.ts'
import { type TradeEntry, tradeEntryOf } from '../../journal/trade-entry.ts'

/** The series of a journal folder that an explanation may need. */
const journalSeries = ['decisions', 'inputs', 'events', 'trades', 'refusals', 'counterfactuals'] as const

/** What a decision was taken on. */
export interface DecisionInput {
  readonly scenario: Scenario
  readonly policy: Policy
}

// Our own lines have no space in them; those of somebody else's tool may.
const arbitrationIdPattern = /"arbitration_id"\s*:\s*"([^"]*)"/
const eventIdPattern = /"event_id"\s*:\s*("(?:[^"\\]|\\.)*")/

/** The arbitration id of a line of `decisions-…` or `inputs-…`, without parsing it; '' where it has none. */
export function arbitrationIdIn(text: string): string {
  return arbitrationIdPattern.exec(text)?.[1] ?? ''
}

export class JournalFolder {
  readonly path: string
  readonly #series: ReadonlySet<string>
  readonly #report: (line: string) => void
  readonly #reported = new Set<string>()
  /** Lines that were asked for by their text and then could not be read. */
  readonly #damaged: { readonly text: string; readonly problem: JournalProblem }[] = []

  /**
   * @param report - Takes one line for each thing that could not be read: a torn end, a foreign line, a missing file.
   * @throws {SignalboxError} `ERR_INPUT` naming the folder where it is none, or no journal.
   */
  constructor(path: string, report: (line: string) => void) {
    this.path = path
    this.#report = report
    let names: string[]
    try {
      if (!statSync(path).isDirectory()) throw inputError(path, 'is a file; a journal is a folder')
      names = readdirSync(path)
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException
      if (code === 'ENOENT') throw inputError(path, 'there is no such folder')
      if (code === 'EACCES' || code === 'EPERM') throw inputError(path, `cannot be read (${messageOf(thrown)})`)
      throw thrown
    }
    this.#series = new Set(names.flatMap((name) => seriesOf(name) ?? []))
    if (!this.#series.has('decisions') && !this.#series.has('events')) {
      throw inputError(path, 'is not a journal: it holds no decisions-NNNNNN.ndjson and no events-NNNNNN.ndjson')
    }
    for (const series of journalSeries) if (this.#series.has(series)) this.#lookAtEnd(series)
  }

  /** A search ends where it has found: so a torn end is looked for by itself, in the newest file, where alone it can be (JNL-1). */
  #lookAtEnd(series: string): void {
    const newest = listSeries(this.path, series).at(-1)!.path
    for (const read of readJournal(newest, series, { only: () => false })) {
      if (read.kind === 'problem') this.#say(read)
    }
  }

  /** A decision and the one before it, or null. */
  decision(arbitrationId: string): { readonly found: DecisionEntry; readonly before: DecisionEntry | null } | null {
    let before = ''
    let text = ''
    const only = (line: string): boolean => {
      before = text
      text = line
      return arbitrationIdIn(line) === arbitrationId
    }
    for (const line of this.#lines('decisions', only)) {
      const found = decisionEntryOf(line)
      if (found.arbitrationId !== arbitrationId) continue
      const previous = arbitrationIdIn(before)
      return { found, before: previous === '' ? null : this.#decisionOf(previous) }
    }
    return null
  }

  /** The decisions in which an event was a candidate, in order. */
  *decisionsWith(eventId: string): Generator<DecisionEntry> {
    const mark = JSON.stringify(eventId)
    for (const line of this.#lines('decisions', (text) => text.includes(mark))) {
      const entry = decisionEntryOf(line)
      if (entry.decision.candidates.some((candidate) => candidate.eventId === eventId)) yield entry
    }
  }

  /** Which decision before `until` selected each of these events, the last where there are several: arbitration ids. */
  selectedBy(eventIds: ReadonlySet<string>, until: string): Map<string, string> {
    const found = new Map<string, string>()
    if (eventIds.size === 0) return found
    const marks = [...eventIds].map((id) => JSON.stringify(id))
    const only = (text: string): boolean => marks.some((mark) => text.includes(mark)) || arbitrationIdIn(text) === until
    for (const line of this.#lines('decisions', only)) {
      const { decision, arbitrationId } = decisionEntryOf(line)
      if (arbitrationId === until) break
      for (const id of decision.selected) if (eventIds.has(id)) found.set(id, arbitrationId)
    }
    return found
  }

  /** What these decisions were taken on, by arbitration id; those that the journal does not hold are left out. */
  inputs(arbitrationIds: ReadonlySet<string>): Map<string, DecisionInput> {
    const inputs = new Map<string, DecisionInput>()
    for (const line of this.#lines('inputs', (text) => arbitrationIds.has(arbitrationIdIn(text)))) {
      const { arbitration_id: id, scenario } = line.value
      if (typeof id === 'string') inputs.set(id, decisionInputOf(scenario, `${line.file}:${line.line}: scenario`))
      if (inputs.size === arbitrationIds.size) break
    }
    return inputs
  }

  /** The lifecycle changes of these events, in order. */
  *lifecycles(eventIds: ReadonlySet<string>): Generator<EventEntry> {
    for (const line of this.#lines('events', (text) => eventIds.has(eventIdIn(text)))) yield eventEntryOf(line)
  }

  /** The closed trades of these events, in order. */
  *trades(eventIds: ReadonlySet<string>): Generator<TradeEntry> {
    for (const line of this.#lines('trades', (text) => eventIds.has(eventIdIn(text)))) yield tradeEntryOf(line)
  }

  /** The entries on these events that were never filled, in order. */
  *refusals(eventIds: ReadonlySet<string>): Generator<RefusalEntry> {
    for (const line of this.#lines('refusals', (text) => eventIds.has(eventIdIn(text)))) yield refusalEntryOf(line)
  }

  /** The counterfactuals of these decisions by arbitration id, the last line of each (a later one replaces an earlier one). */
  counterfactuals(arbitrationIds: ReadonlySet<string>): Map<string, CounterfactualEntry> {
    const found = new Map<string, CounterfactualEntry>()
    for (const line of this.#lines('counterfactuals', (text) => arbitrationIds.has(arbitrationIdIn(text)))) {
      const entry = counterfactualEntryOf(line)
      found.set(entry.arbitration_id, entry)
    }
    return found
  }

  /** Every arbitration id, unparsed, for suggestions. */
  *arbitrationIds(): Generator<string> {
    yield* this.#texts('decisions', arbitrationIdIn)
  }

  /** Every lifecycle line's event id, unparsed, for suggestions. */
  *eventIds(): Generator<string> {
    yield* this.#texts('events', eventIdIn)
  }

  /** The damaged line that an id was looked for in, where that was one. */
  damagedLineOf(id: string): JournalProblem | null {
    const isOf = (text: string): boolean => arbitrationIdIn(text) === id || eventIdIn(text) === id
    return this.#damaged.find(({ text }) => isOf(text))?.problem ?? null
  }

  /** What a text that is no id is, where it is something else of this journal. */
  kindOf(text: string): string | null {
    if (/^\d{1,15}$/.test(text)) {
      const ending = `_${text.padStart(6, '0')}`
      for (const id of this.arbitrationIds()) if (id.endsWith(ending)) return `the sequence of ${id}`
    }
    const quoted = JSON.stringify(text)
    for (const line of this.#lines('events', (one) => one.includes(quoted))) {
      const { event_type: type, symbol } = line.value
      if (type === text) return 'an event type'
      if (symbol === text) return 'a symbol'
    }
    return null
  }

  #decisionOf(arbitrationId: string): DecisionEntry | null {
    const only = (text: string): boolean => arbitrationIdIn(text) === arbitrationId
    for (const line of this.#lines('decisions', only)) return decisionEntryOf(line)
    return null
  }

  /** What `pick` finds in each line's text; nothing is parsed. */
  *#texts(series: string, pick: (text: string) => string): Generator<string> {
    // The reader yields only what it parses, so that what was picked is handed over by the chunk.
    const picked: string[] = []
    const only = (text: string): boolean => {
      const found = pick(text)
      if (found !== '') picked.push(found)
      return picked.length >= 1024
    }
    for (const _ of this.#lines(series, only)) yield* picked.splice(0)
    yield* picked.splice(0)
  }

  *#lines(series: string, only: (text: string) => boolean): Generator<JournalLine> {
    if (!this.#series.has(series)) return
    // The text that was last asked for: a problem may be of that line.
    let asked = ''
    const remembering = (text: string): boolean => {
      const isAsked = only(text)
      asked = isAsked ? text : ''
      return isAsked
    }
    for (const read of readJournal(this.path, series, { only: remembering })) {
      const text = asked
      asked = ''
      if (read.kind === 'line') {
        yield read
        continue
      }
      if (text !== '') this.#damaged.push({ text, problem: read })
      this.#say(read)
    }
  }

  #say({ file, line, message, problem }: JournalProblem): void {
    const what = `${line === 0 ? file : `${file}:${line}`}: ${message}${problem === 'torn' ? '; read up to there' : ''}`
    if (!this.#reported.has(what)) this.#report(what)
    this.#reported.add(what)
  }
}

function eventIdIn(text: string): string {
  const quoted = eventIdPattern.exec(text)?.[1]
  if (quoted === undefined) return ''
  try {
    return JSON.parse(quoted) as string
  } catch {
    // Not JSON, so no line of a journal: whoever parses it will say so.
    return ''
  }
}

function decisionInputOf(json: unknown, path: string): DecisionInput {
  const raw = openScenario(json, path)
  const policy = mergePolicySources([{ override: raw.policy, path: `${path}.policy` }])
  return { scenario: parseScenario(raw, policy), policy }
}
