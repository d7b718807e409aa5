/** The detection stage: shows every fresh row of the hot state to the detectors and passes on what they say. */
import type { Emit, Stage } from '../../channel/stage.ts'
import type { DetectionSignal } from '../../domain/detection-signal.ts'
import type { HotField } from '../../domain/hot-state.ts'
import type { StateUpdate } from '../../domain/message.ts'
import { type SnapshotReader, snapshotOverrun } from '../../region/snapshot.ts'
import { DetectorSet, type DetectorSetSettings } from './detector-set.ts'

export class DetectionStage implements Stage<StateUpdate, DetectionSignal> {
  readonly name = 'detection'
  readonly #reader: SnapshotReader<string, HotField>
  readonly #detectors: DetectorSet
  #emit: Emit<DetectionSignal> = () => undefined

  constructor(settings: Omit<DetectorSetSettings, 'emit'>, reader: SnapshotReader<string, HotField>) {
    this.#reader = reader
    this.#detectors = new DetectorSet({ ...settings, emit: (signal) => this.#emit(signal) })
  }

  onBatch(updates: readonly StateUpdate[], count: number, emit: Emit<DetectionSignal>): void {
    this.#emit = emit
    for (let index = 0; index < count; index += 1) {
      const { symbolIndex } = updates[index]!
      // A row that the writer kept lapping is older than the next update, which is on its way.
      if (this.#reader.readRow(symbolIndex) === snapshotOverrun) continue
      this.#detectors.step(symbolIndex, this.#reader.rows[symbolIndex]!)
    }
  }
}
