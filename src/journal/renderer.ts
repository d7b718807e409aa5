/**
 * Renders what reaches the journal's thread into the lines of the journal folder (CONTRACTS "Journal entry"). One thread: that of
 * the {@link Journal}. Flushes nothing: whoever drives it does.
 */
import { invariant } from '../base/assert.ts'
import type { PolicyText } from '../domain/policy-json.ts'
import type { Timeline } from '../domain/units.ts'
import { writeDecisionLine } from './decision-line.ts'
import { writeInputLine } from './input-line.ts'
import type { Journal } from './journal.ts'
import { journalFrames, readText } from './journal-frame.ts'
import { LineBytes } from './line-bytes.ts'
import { LineNames } from './line-names.ts'
import { PolicyBytes } from './policy-bytes.ts'
import { journalSeries } from './series.ts'

/** What a renderer is told once. */
export interface RendererNames {
  readonly types: readonly string[]
  readonly symbols: readonly string[]
  readonly timeline: Timeline
  readonly policyText: PolicyText
}

export class JournalRenderer {
  readonly #journal: Journal
  /** What numbers mean in lines. */
  readonly names: LineNames
  readonly #policy: PolicyBytes
  readonly #line = new LineBytes()

  constructor(journal: Journal, { types, symbols, timeline, policyText }: RendererNames) {
    this.#journal = journal
    this.names = new LineNames({ types, symbols, epochNs: timeline.epochNs })
    this.#policy = new PolicyBytes(policyText)
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
        this.names.nameEvent(payload[start]!, readText(payload, start))
        break
      case journalFrames.line:
        this.#journal.append(journalSeries[payload[start]!]!, readText(payload, start))
        break
      default:
        invariant(false, 'JNL-5', `a frame of kind ${kind} reached the journal`)
    }
  }

  #decision(payload: Float64Array, start: number): void {
    const line = this.#line
    line.clear()
    writeInputLine(line, payload, start, this.names, this.#policy)
    this.#journal.append('inputs', line.bytes)
    line.clear()
    writeDecisionLine(line, payload, start, this.names)
    this.#journal.append('decisions', line.bytes)
  }
}
