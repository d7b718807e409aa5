/**
 * What happens to the frames that reach the journal, on whichever thread writes it: the renderer makes lines of them, the tracker follows the
 * candidates of the decisions and gives entries for `counterfactuals-NNNNNN.ndjson`. Flushes nothing: whoever drives it does.
 */

import { writeCounterfactualLine } from '../journal/counterfactual-line.ts'
import { missingEntries } from '../journal/entry-recovery.ts'
import type { Journal } from '../journal/journal.ts'
import { journalFrames } from '../journal/journal-frame.ts'
import { LineBytes } from '../journal/line-bytes.ts'
import { JournalRenderer, type RendererNames } from '../journal/renderer.ts'
import { TrackingMark } from '../journal/tracking-mark.ts'
import { Tracker, type TrackingSetup } from '../stages/counterfactual/tracker.ts'
import { trackingFrames } from '../stages/counterfactual/tracking-frames.ts'

export class JournalDesk {
  readonly #journal: Journal
  readonly #renderer: JournalRenderer
  readonly #tracker: Tracker | null
  readonly #mark: TrackingMark | null
  /** Null: nothing is missing of earlier runs, any more. */
  #missing: Generator<string | null, void> | null
  /** Entries of earlier runs that were written. */
  recoveredEntries = 0

  /** @param tracking - Null: nothing is tracked. */
  constructor(journal: Journal, names: RendererNames, tracking: TrackingSetup | null) {
    const renderer = new JournalRenderer(journal, names)
    this.#renderer = renderer
    this.#tracker = null
    this.#journal = journal
    this.#mark = null
    this.#missing = null
    if (tracking === null) return
    const { folder, nextSequence } = journal
    this.#mark = new TrackingMark(folder, nextSequence)
    const { missingFrom } = this.#mark
    if (missingFrom !== null) this.#missing = missingEntries(folder, missingFrom, nextSequence)
    const line = new LineBytes()
    this.#tracker = new Tracker(tracking, names.timeline, (entry) => {
      line.clear()
      writeCounterfactualLine(line, entry, renderer.names, tracking.instruments)
      journal.append('counterfactuals', line.bytes)
    })
  }

  /** Takes a frame of the journal's stream. @throws {SignalboxError} as {@link JournalRenderer.take}. */
  take(kind: number, payload: Float64Array, start: number, length: number): void {
    if (kind === trackingFrames.plans) {
      this.#tracker?.planned(payload, start)
      return
    }
    this.#renderer.take(kind, payload, start)
    if (kind === journalFrames.decision) this.#tracker?.decided(payload, start, length)
  }

  /** False: this frame of the tracker's own stream has to wait for the other stream. */
  wants(kind: number, payload: Float64Array, start: number): boolean {
    return this.#tracker?.wants(kind, payload, start) ?? true
  }

  /** Takes a frame of the tracker's own stream. @throws {SignalboxError} `ERR_INVARIANT`, and as `Journal.append`. */
  takeTracking(kind: number, payload: Float64Array, start: number, length: number): void {
    this.#tracker?.take(kind, payload, start, length)
  }

  /** Looks for entries that are missing of a run before: a step of it, when nothing else is to be done. @returns False: there are none any more. */
  recover(): boolean {
    const step = this.#missing?.next()
    if (step === undefined) return false
    if (step.done === true) this.#missing = null
    else if (step.value !== null) {
      this.#journal.append('counterfactuals', step.value)
      this.recoveredEntries += 1
    }
    return this.#missing !== null
  }

  /** The run is over: entries are given with what is known. */
  finish(): void {
    this.#tracker?.finish()
  }

  /** All of it is on the disk. */
  settled(): void {
    if (this.#missing === null) this.#mark?.clear()
  }
}
