/**
 * The candidates of one decision as a structure of arrays, preallocated: refilling it allocates nothing. Filled by the
 * arbitration stage or from a scenario, read by the arbiter. An object belongs to one thread.
 */
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { lifecycleNames } from '../domain/event.ts'

/** One candidate to be added. Times in nanoseconds of one epoch, money in minor units. */
export interface CandidateInput {
  /** What its owner calls it: the registry's handle in the engine. 0 by default. */
  readonly handle?: number
  /** +1 long, −1 short, 0 (by default) unknown: not needed for the decision, kept for its record. */
  readonly side?: number
  /** Its symbol's at detection, into the regimes; −1 (by default): not known. It matters where a regime has weights of its own. */
  readonly regimeIndex?: number
  /** 1–63 bytes of UTF-8, unique in the set (the registry or the scenario's codec sees to it). */
  readonly eventId: string
  /** Into the arbiter's types. */
  readonly typeIndex: number
  readonly symbolIndex: number
  /** A number of `lifecycle`. */
  readonly lifecycleState: number
  /** The three in [0, 1]. */
  readonly priorityScore: number
  readonly regimeAlignment: number
  readonly expectedValue: number
  readonly detectedAtNs: number
  readonly waitingSinceNs: number
  /** Infinity: never. */
  readonly expiresAtNs: number
  readonly capitalRequiredMinor: number
  /** The smallest allocation that buys one lot; 0 asks for none; Infinity when the risk budget buys none (`risk_limit`). */
  readonly lotCapitalMinor: number
}

/** One comparison a value: what is missing or NaN fails it too. */
function isInRange(input: CandidateInput): boolean {
  const { priorityScore, regimeAlignment, expectedValue, typeIndex, symbolIndex, lifecycleState } = input
  return (
    priorityScore >= 0 &&
    priorityScore <= 1 &&
    regimeAlignment >= 0 &&
    regimeAlignment <= 1 &&
    expectedValue >= 0 &&
    expectedValue <= 1 &&
    typeIndex >= 0 &&
    symbolIndex >= 0 &&
    lifecycleState >= 0 &&
    lifecycleState < lifecycleNames.length &&
    input.detectedAtNs < Number.POSITIVE_INFINITY &&
    input.waitingSinceNs < Number.POSITIVE_INFINITY &&
    input.expiresAtNs <= Number.POSITIVE_INFINITY &&
    input.capitalRequiredMinor >= 0 &&
    input.lotCapitalMinor >= 0
  )
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  priorityScore: [0, 1],
  regimeAlignment: [0, 1],
  expectedValue: [0, 1],
  typeIndex: [0, Number.MAX_SAFE_INTEGER],
  symbolIndex: [0, Number.MAX_SAFE_INTEGER],
  lifecycleState: [0, lifecycleNames.length - 1],
  detectedAtNs: [Number.NEGATIVE_INFINITY, Number.MAX_VALUE],
  waitingSinceNs: [Number.NEGATIVE_INFINITY, Number.MAX_VALUE],
  expiresAtNs: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  capitalRequiredMinor: [0, Number.POSITIVE_INFINITY],
  lotCapitalMinor: [0, Number.POSITIVE_INFINITY],
}

/** The error about the first value that is out of its range. */
function outOfRange(input: CandidateInput): SignalboxError {
  const numberOf = (field: string): number => Number(input[field as keyof CandidateInput])
  const [field, [min, max]] = Object.entries(ranges).find(
    ([name, range]) => !(numberOf(name) >= range[0] && numberOf(name) <= range[1]),
  )!
  const value = input[field as keyof CandidateInput]
  const message = `${field} of ${input.eventId} must be a number in ${min} … ${max}, got ${String(value)}`
  return new SignalboxError('ERR_INVALID_ARGUMENT', message, { field, value })
}

/** Candidates 0 … `count` − 1. */
export class CandidateSet {
  readonly capacity: number
  count = 0
  readonly ids: string[]
  readonly handle: Float64Array
  readonly side: Int8Array
  readonly regime: Int8Array
  readonly typeIndex: Int32Array
  readonly symbolIndex: Int32Array
  readonly lifecycle: Uint8Array
  readonly priorityScore: Float64Array
  readonly regimeAlignment: Float64Array
  readonly expectedValue: Float64Array
  readonly detectedAtNs: Float64Array
  readonly waitingSinceNs: Float64Array
  readonly expiresAtNs: Float64Array
  readonly capitalRequiredMinor: Float64Array
  readonly lotCapitalMinor: Float64Array
  /**
   * What a double could not hold of a time that lies more than 2^53 ns (104 days) from the epoch: exact time − nearest double.
   * Always 0 in the engine. Orders by (time, rest) are exact; the score needs no more than the double.
   */
  readonly detectedAtRestNs: Float64Array
  readonly waitingSinceRestNs: Float64Array

  /** @param capacity - 1 … 2^20 candidates. */
  constructor(capacity: number) {
    this.capacity = requireInteger('capacity', capacity, 1, 1_048_576)
    this.ids = new Array<string>(capacity).fill('')
    this.handle = new Float64Array(capacity)
    this.side = new Int8Array(capacity)
    this.regime = new Int8Array(capacity)
    this.typeIndex = new Int32Array(capacity)
    this.symbolIndex = new Int32Array(capacity)
    this.lifecycle = new Uint8Array(capacity)
    this.priorityScore = new Float64Array(capacity)
    this.regimeAlignment = new Float64Array(capacity)
    this.expectedValue = new Float64Array(capacity)
    this.detectedAtNs = new Float64Array(capacity)
    this.waitingSinceNs = new Float64Array(capacity)
    this.expiresAtNs = new Float64Array(capacity)
    this.capitalRequiredMinor = new Float64Array(capacity)
    this.lotCapitalMinor = new Float64Array(capacity)
    this.detectedAtRestNs = new Float64Array(capacity)
    this.waitingSinceRestNs = new Float64Array(capacity)
  }

  clear(): void {
    this.count = 0
  }

  /**
   * Adds one candidate. That its id is unique is trusted (the registry or the scenario's codec has seen to it).
   *
   * @returns Its index.
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` when the set is full, or naming a value out of its range (ERRATA E10).
   */
  add(input: CandidateInput): number {
    const index = this.count
    if (index === this.capacity) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', `the set holds at most ${this.capacity} candidates`, {
        field: 'candidates',
      })
    }
    if (!isInRange(input)) throw outOfRange(input)
    this.ids[index] = input.eventId
    this.handle[index] = input.handle ?? 0
    this.side[index] = input.side ?? 0
    this.regime[index] = input.regimeIndex ?? -1
    this.typeIndex[index] = input.typeIndex
    this.symbolIndex[index] = input.symbolIndex
    this.lifecycle[index] = input.lifecycleState
    this.priorityScore[index] = input.priorityScore
    this.regimeAlignment[index] = input.regimeAlignment
    this.expectedValue[index] = input.expectedValue
    this.detectedAtNs[index] = input.detectedAtNs
    this.waitingSinceNs[index] = input.waitingSinceNs
    this.expiresAtNs[index] = input.expiresAtNs
    this.capitalRequiredMinor[index] = input.capitalRequiredMinor
    this.lotCapitalMinor[index] = input.lotCapitalMinor
    this.detectedAtRestNs[index] = 0
    this.waitingSinceRestNs[index] = 0
    this.count = index + 1
    return index
  }
}
