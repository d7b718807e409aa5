/** A detector on one symbol, driven by hand-made rows. */

import type { DetectedSignal, DetectionSignal, TransitionSignal } from '../../../../src/domain/detection-signal.ts'
import { builtInEventTypes } from '../../../../src/domain/event.ts'
import { type HotField, hotFieldIndex, hotFields } from '../../../../src/domain/hot-state.ts'
import { instrumentOf } from '../../../../src/domain/instrument.ts'
import { Timeline } from '../../../../src/domain/units.ts'
import type { Detector } from '../../../../src/stages/detection/detector.ts'
import { DetectorSet } from '../../../../src/stages/detection/detector-set.ts'

export const epochMs = 1_781_654_400_000

export type Fields = Partial<Record<HotField, number>>

/** A row in which everything else is unknown. */
export function rowOf(fields: Fields): Float64Array {
  const row = new Float64Array(hotFields.length).fill(Number.NaN)
  for (const [field, value] of Object.entries(fields)) row[hotFieldIndex[field as HotField]] = value
  return row
}

export class Watched {
  readonly signals: DetectionSignal[] = []
  readonly #set: DetectorSet
  #fields: Fields

  /** @param fields - The row to begin with; later ones change it. */
  constructor(detectors: readonly Detector[], fields: Fields, eventTypes: readonly string[] = builtInEventTypes) {
    this.#fields = fields
    this.#set = new DetectorSet({
      instruments: [instrumentOf('BTC')],
      eventTypes,
      timeline: new Timeline(epochMs),
      detectors,
      emit: (signal) => this.signals.push(signal),
    })
  }

  /** The row at `atSeconds` with these fields changed; what was said of it. */
  at(atSeconds: number, changes: Fields = {}): DetectionSignal[] {
    this.#fields = { ...this.#fields, ...changes, updatedAtNs: Math.round(atSeconds * 1e9) }
    const before = this.signals.length
    this.#set.step(0, rowOf(this.#fields))
    return this.signals.slice(before)
  }

  /** As `at`, in short: `detected`, the names of the states gone to, or `failed`. */
  says(atSeconds: number, changes: Fields = {}): string[] {
    return this.at(atSeconds, changes).map((signal) => (signal.kind === 'transition' ? signal.to : signal.kind))
  }

  get events(): DetectedSignal[] {
    return this.signals.filter((signal) => signal.kind === 'detected')
  }

  get transitions(): TransitionSignal[] {
    return this.signals.filter((signal) => signal.kind === 'transition')
  }
}
