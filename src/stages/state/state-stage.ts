/** The state stage: applies market records to the hot state and publishes it in the region's snapshot `hot`. */
import { inputError } from '../../base/errors.ts'
import type { Emit, Stage } from '../../channel/stage.ts'
import { type HotField, hotFields } from '../../domain/hot-state.ts'
import type { MarketRecord } from '../../domain/market.ts'
import type { StateUpdate } from '../../domain/message.ts'
import { layout } from '../../region/layout.ts'
import type { SnapshotSchema } from '../../region/schema.ts'
import type { SnapshotWriter } from '../../region/snapshot.ts'
import { MarketState } from './market-state.ts'

const headFields = ['stateVersion', 'updatedAtNs'] as const
export type HotHead = (typeof headFields)[number]

/** As many rows as a snapshot of the region holds, behind the 8 words of the head. */
export const hotSymbolsMax = Math.floor((layout.payloadWordsMax - 8) / hotFields.length)

/**
 * The schema of the hot state's snapshot, a row a symbol.
 * @throws {SignalboxError} `ERR_INPUT` for more symbols than {@link hotSymbolsMax}.
 */
export function hotSchema(symbols: readonly string[]): SnapshotSchema<HotHead, HotField> {
  if (symbols.length > hotSymbolsMax) {
    throw inputError('symbols', `are ${symbols.length}, and a run holds at most ${hotSymbolsMax}; name some of them`)
  }
  return { name: 'hot', head: headFields, fields: hotFields, rows: symbols }
}

export class StateStage implements Stage<MarketRecord, StateUpdate> {
  readonly name = 'state'
  readonly #state: MarketState
  readonly #writer: SnapshotWriter<HotHead, HotField>
  readonly #update: StateUpdate = { kind: 'state', symbolIndex: 0, atNs: 0, stateVersion: 0 }

  /** @param stateVersion - Of the state whose place it takes: records count on from there. */
  constructor(symbolCount: number, writer: SnapshotWriter<HotHead, HotField>, stateVersion = 0) {
    // The state keeps its rows where the writer publishes from: nothing is copied in between.
    this.#state = new MarketState(symbolCount, writer.rowValues, stateVersion)
    this.#writer = writer
  }

  get stateVersion(): number {
    return this.#state.version
  }

  onBatch(records: readonly MarketRecord[], count: number, emit: Emit<StateUpdate>): void {
    const update = this.#update
    const writer = this.#writer
    for (let index = 0; index < count; index += 1) {
      const record = records[index]!
      this.#state.apply(record)
      writer.head[0] = this.#state.version
      writer.head[1] = record.atNs
      writer.publish()
      update.symbolIndex = record.symbolIndex
      update.atNs = record.atNs
      update.stateVersion = this.#state.version
      emit(update)
    }
  }
}
