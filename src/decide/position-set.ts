/**
 * The open positions that a decision sees, in list order, as a structure of arrays: refilling it allocates nothing. Filled by
 * the arbitration stage (every slot of the ledger, RESERVED included) or from a scenario. An object belongs to one thread.
 */
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'

/** Positions 0 … `count` − 1, in the order in which they block. */
export class PositionSet {
  readonly capacity: number
  count = 0
  readonly eventIds: string[]
  /** What their owner calls the events: the registry's handles in the engine. */
  readonly handle: Float64Array
  /** Into the arbiter's types. */
  readonly typeIndex: Int32Array
  readonly symbolIndex: Int32Array
  readonly capitalMinor: Float64Array

  /** @param capacity - 0 … 2^20 positions. */
  constructor(capacity: number) {
    this.capacity = requireInteger('capacity', capacity, 0, 1_048_576)
    this.eventIds = new Array<string>(capacity).fill('')
    this.handle = new Float64Array(capacity)
    this.typeIndex = new Int32Array(capacity)
    this.symbolIndex = new Int32Array(capacity)
    this.capitalMinor = new Float64Array(capacity)
  }

  clear(): void {
    this.count = 0
  }

  /** @throws {SignalboxError} `ERR_INVALID_ARGUMENT` when the set is full. */
  add(eventId: string, typeIndex: number, symbolIndex: number, capitalMinor: number, handle = 0): void {
    const index = this.count
    if (index === this.capacity) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', `the set holds at most ${this.capacity} positions`, {
        field: 'positions',
      })
    }
    this.eventIds[index] = eventId
    this.handle[index] = handle
    this.typeIndex[index] = typeIndex
    this.symbolIndex[index] = symbolIndex
    this.capitalMinor[index] = capitalMinor
    this.count = index + 1
  }

  /** How many are on a symbol. */
  countOn(symbolIndex: number): number {
    let count = 0
    for (let at = 0; at < this.count; at++) if (this.symbolIndex[at] === symbolIndex) count++
    return count
  }
}
