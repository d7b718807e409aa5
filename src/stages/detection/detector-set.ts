/**
 * All detectors over all symbols: one row in, what they say of it out. The detection stage owns one; replay, tests and `detect`
 * drive it directly. One thread. A step allocates nothing while nothing fires.
 */
import { inputError } from '../../base/errors.ts'
import type { DetectionSignal } from '../../domain/detection-signal.ts'
import type { HotRow } from '../../domain/hot-state.ts'
import type { Instrument } from '../../domain/instrument.ts'
import type { Timeline } from '../../domain/units.ts'
import type { Detector } from './detector.ts'
import { SymbolWatch } from './symbol-watch.ts'

const kindPattern = /^[a-z][a-z0-9-]{0,23}$/

export interface DetectorSetSettings {
  /** By symbol index. */
  readonly instruments: readonly Instrument[]
  /** The run's event types (`eventTypesOf` of its policy). */
  readonly eventTypes: readonly string[]
  /** For the Unix milliseconds in event ids. */
  readonly timeline: Timeline
  /** In the order in which they look at a row, and speak. */
  readonly detectors: readonly Detector[]
  /** Takes each signal before the step that caused it returns. Must not call back into the set. */
  readonly emit: (signal: DetectionSignal) => void
}

export class DetectorSet {
  readonly #watchesOf: readonly (readonly SymbolWatch[])[]

  /** @throws {SignalboxError} `ERR_INPUT` for a detector whose kind is malformed or taken, or whose type nobody declared. */
  constructor(settings: DetectorSetSettings) {
    const { instruments, eventTypes, timeline, detectors, emit } = settings
    const kinds = new Set<string>()
    for (const { kind, eventType } of detectors) {
      if (!kindPattern.test(kind)) {
        throw inputError(`detector "${kind}"`, 'its kind must be 1–24 of a–z, 0–9 and -, a letter first', kind)
      }
      if (kinds.has(kind)) throw inputError(`detector "${kind}"`, 'another detector has this kind', kind)
      if (!eventTypes.includes(eventType)) {
        throw inputError(
          `detector "${kind}"`,
          `event type ${eventType} is not declared in the policy's types`,
          eventType,
        )
      }
      kinds.add(kind)
    }
    this.#watchesOf = instruments.map((instrument, symbolIndex) =>
      detectors.map(
        (detector) =>
          new SymbolWatch(detector, eventTypes.indexOf(detector.eventType), instrument, symbolIndex, timeline, emit),
      ),
    )
  }

  /**
   * Shows a symbol's fresh row to every detector, in order. Call it after each record of the symbol; rows may be skipped (a
   * conflated snapshot), but not go back in time.
   */
  step(symbolIndex: number, row: HotRow): void {
    for (const watch of this.#watchesOf[symbolIndex]!) watch.step(row)
  }
}
