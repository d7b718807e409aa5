/**
 * Renders what reaches the journal's thread into the lines of the journal folder (CONTRACTS "Journal entry"). One thread: that of
 * the {@link Journal}. Flushes nothing: whoever drives it does.
 */
import { invariant } from '../base/assert.ts'
import { arbitrationIdOf } from '../domain/decision.ts'
import { type DecisionRecordNames, readDecisionRecord } from '../domain/decision-record.ts'
import { decisionLine } from './decision-line.ts'
import { inputLine } from './input-line.ts'
import type { Journal } from './journal.ts'
import { journalFrames, readText } from './journal-frame.ts'

/** The series of a run's journal in the order in which a batch reaches the disk: what a line refers to is there before it. */
export const journalSeries = ['events', 'inputs', 'decisions', 'trades', 'refusals'] as const
export type JournalSeries = (typeof journalSeries)[number]

/** How many events are known by name, the newest: more than a table of any size has slots. */
const namesMax = 262_144

/** What a renderer is told once. */
export interface RendererNames extends Omit<DecisionRecordNames, 'idOf'> {
  /** The whole policy as JSON text. */
  readonly policyText: string
}

export class JournalRenderer {
  readonly #journal: Journal
  readonly #names: DecisionRecordNames
  readonly #policyText: string
  /** Ids by handle, oldest first. */
  readonly #ids = new Map<number, string>()

  constructor(journal: Journal, names: RendererNames) {
    this.#journal = journal
    this.#policyText = names.policyText
    this.#names = { ...names, idOf: (handle) => this.#ids.get(handle) ?? '' }
  }

  /**
   * Takes one frame: appends what it says. The payload is not kept.
   *
   * @throws {SignalboxError} as `Journal.append`; `ERR_INVARIANT` `JNL-5` for a kind that there is none of.
   */
  take(kind: number, payload: Float64Array, start: number): void {
    switch (kind) {
      case journalFrames.decision:
        this.#decision(payload, start)
        break
      case journalFrames.eventName:
        this.#name(payload[start]!, readText(payload, start))
        break
      case journalFrames.line:
        this.#journal.append(journalSeries[payload[start]!]!, readText(payload, start))
        break
      default:
        invariant(false, 'JNL-5', `a frame of kind ${kind} reached the journal`)
    }
  }

  #decision(payload: Float64Array, start: number): void {
    const { decision, stamp, scenario } = readDecisionRecord(payload, start, this.#names)
    const arbitrationId = arbitrationIdOf(stamp.timestampNs, stamp.sequence)
    this.#journal.append('inputs', inputLine(arbitrationId, scenario, this.#policyText))
    this.#journal.append('decisions', decisionLine(decision, stamp, arbitrationId))
  }

  #name(handle: number, eventId: string): void {
    this.#ids.set(handle, eventId)
    if (this.#ids.size <= namesMax) return
    for (const oldest of this.#ids.keys()) {
      this.#ids.delete(oldest)
      break
    }
  }
}
