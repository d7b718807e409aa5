/**
 * The hot state of all symbols: records in, rows of numbers out. The state stage owns one and publishes its rows; replay, tests
 * and `detect` drive it directly. One thread; knows nothing of regions or channels.
 */
import { requireInteger } from '../../base/assert.ts'
import { type HotRow, hotFields } from '../../domain/hot-state.ts'
import type { MarketRecord } from '../../domain/market.ts'
import { SymbolState } from './symbol-state.ts'

/** How many symbols one state may hold: what a region's snapshot slot is sized for at most. */
export const symbolsMax = 4096

export class MarketState {
  /** Row after row, symbol by symbol, each `hotFields.length` doubles. Read it; only `apply` writes. */
  readonly rows: Float64Array
  readonly #states: readonly SymbolState[]
  readonly #rowOf: readonly HotRow[]
  #version: number

  /**
   * @param symbolCount - 1 … 4096.
   * @param rows - Where the rows are kept, `symbolCount × hotFields.length` doubles; by default an array of its own.
   * @param version - Where the count of records goes on: of a state that takes the place of another.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` outside the ranges.
   */
  constructor(symbolCount: number, rows?: Float64Array, version = 0) {
    requireInteger('symbolCount', symbolCount, 1, symbolsMax)
    this.#version = version
    const length = symbolCount * hotFields.length
    this.rows = rows ?? new Float64Array(length)
    requireInteger('rows.length', this.rows.length, length, length)
    const views = Array.from({ length: symbolCount }, (_, index) =>
      this.rows.subarray(index * hotFields.length, (index + 1) * hotFields.length),
    )
    this.#rowOf = views
    this.#states = views.map((row) => new SymbolState(row))
  }

  /** Records applied since the beginning, over all symbols: the decision's `state_version`. */
  get version(): number {
    return this.#version
  }

  /** One symbol's row, a view that `apply` keeps up to date. Never allocates. */
  row(symbolIndex: number): HotRow {
    return this.#rowOf[symbolIndex]!
  }

  /** Applies one record to its symbol's row. O(1); the record is not kept. */
  apply(record: MarketRecord): void {
    this.#states[record.symbolIndex]!.apply(record)
    this.#version += 1
  }
}
