/** What the ledger is to enforce, checked and put where its call finds it. */
import { invalidArgument, requireKeys, requireList } from '../base/arguments.ts'
import { requireInteger, shown } from '../base/assert.ts'
import { layout } from './layout.ts'
import type { RegionShape } from './schema.ts'

/** What the ledger enforces, from `Reservations.setLimits` on. Unknown keys are refused by name. */
export interface ReservationLimits {
  /** The account's capital, minor units, −(2^53 − 1) … 2^53 − 1; may be negative after losses, and then admits nothing. */
  readonly capitalMinor: number
  /** 1 … the region's `positionsMax`. */
  readonly maxOpenPositions: number
  /** 1 … 65,535; a symbol is an event's `symbolIndex`. */
  readonly maxPositionsPerSymbol: number
  /** Which types may be held together. Null: any. */
  readonly interlock: {
    /** Whether it is asked of all positions of the account or of those of the same symbol only. */
    readonly scope: 'account' | 'symbol'
    /**
     * For each type index, in order, the type indices that may be held beside it; a type goes with itself always. Listed in either
     * direction suffices: `[[1], []]` is `[[1], [0]]`. As many lists as the schema has types.
     */
    readonly compatible: readonly (readonly number[])[]
  } | null
  /**
   * Parts of the capital that are kept for types. Null: one pot for all. A pot is a share of the capital that only the types that
   * point at it may take, and others while it is idle and lends (`idlePots` of `reserveAll`); what no pot has is nobody's.
   */
  readonly pots: {
    /** The share of each pot, parts per million; up to 16, together at most 1,000,000. */
    readonly sharesPpm: readonly number[]
    /** For each type index, in order, the index of its pot; −1: none, and then the type gets nothing. As many as the schema has types. */
    readonly ofType: readonly number[]
  } | null
}

const limitKeys = ['capitalMinor', 'maxOpenPositions', 'maxPositionsPerSymbol', 'interlock', 'pots']

/**
 * The limits as the ledger's call finds them behind `page.rows`. Read into numbers of their own: the page may be written by what a getter calls.
 *
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` naming what is out of range or unknown.
 */
export function limitsRow(limits: ReservationLimits, { typeCount, positionsMax }: RegionShape): Float64Array {
  requireKeys('limits', limits, limitKeys)
  const row = new Float64Array(4 + layout.typesMax * 3 + layout.potsMax)
  const { MAX_SAFE_INTEGER } = Number
  row[0] = requireInteger('capitalMinor', limits.capitalMinor, -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
  row[1] = requireInteger('maxOpenPositions', limits.maxOpenPositions, 1, positionsMax)
  row[2] = requireInteger('maxPositionsPerSymbol', limits.maxPositionsPerSymbol, 1, 65_535)
  row[3] =
    putPots(row, 4, limits.pots, typeCount) |
    putInterlock(row, 4 + layout.typesMax + layout.potsMax, limits.interlock, typeCount)
  return row
}

/** @returns The flags. */
function putPots(row: Float64Array, at: number, pots: ReservationLimits['pots'], typeCount: number): number {
  if (pots === null) return 0
  requireKeys('pots', pots, ['sharesPpm', 'ofType'], ', or null for one pot')
  const { sharesPpm, ofType } = pots
  requireList('pots.sharesPpm', sharesPpm)
  requireInteger('pots.sharesPpm.length', sharesPpm.length, 0, layout.potsMax)
  let sum = 0
  for (const [pot, share] of sharesPpm.entries()) {
    sum += requireInteger(`pots.sharesPpm[${pot}]`, share, 0, 1_000_000)
    row[at + layout.typesMax + pot] = share
  }
  requireInteger('pots.sharesPpm: the sum', sum, 0, 1_000_000)
  requireOnePerType('pots.ofType', ofType, typeCount)
  for (const [type, pot] of ofType.entries()) {
    row[at + type] = requireInteger(`pots.ofType[${type}]`, pot, -1, sharesPpm.length - 1) + 1
  }
  return layout.flagPots
}

/** A mask a type, in two halves. @returns The flags. */
function putInterlock(
  row: Float64Array,
  at: number,
  interlock: ReservationLimits['interlock'],
  typeCount: number,
): number {
  const allow = (type: number, other: number): void => {
    const half = at + type * 2 + (other >> 5)
    row[half] = (row[half]! | (1 << (other & 31))) >>> 0
  }
  for (let type = 0; type < typeCount; type += 1) allow(type, type)
  if (interlock === null) return 0
  requireKeys('interlock', interlock, ['scope', 'compatible'], ', or null for none')
  const { scope, compatible } = interlock
  if (scope !== 'account' && scope !== 'symbol') {
    throw invalidArgument('interlock.scope', `must be "account" or "symbol", got ${shown(scope)}`, scope)
  }
  requireOnePerType('interlock.compatible', compatible, typeCount)
  for (const [type, others] of compatible.entries()) {
    requireList(`interlock.compatible[${type}]`, others)
    for (const [index, other] of others.entries()) {
      requireInteger(`interlock.compatible[${type}][${index}]`, other, 0, typeCount - 1)
      allow(type, other)
      allow(other, type)
    }
  }
  return layout.flagInterlock | (scope === 'symbol' ? layout.flagInterlockBySymbol : 0)
}

function requireOnePerType(field: string, list: readonly unknown[], typeCount: number): void {
  requireList(field, list)
  if (list.length === typeCount) return
  const why = `must have an entry for each of the region's ${typeCount} event types, got ${list.length}`
  throw invalidArgument(field, why, list)
}
