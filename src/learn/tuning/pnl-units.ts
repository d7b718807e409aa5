/**
 * Pnl as whole units whose sums are exact in doubles, so that a total depends neither on the order of the sum nor on the number of threads,
 * and equal choices have equal totals. Pure; any thread.
 */
import type { ArbitrationSet } from './arbitration-set.ts'
import { sharedFloats } from './shared-columns.ts'

/** Whole numbers by candidate; a sum of them ÷ `perUnit` is in units of the quote currency. */
export interface PnlPart {
  readonly units: Float64Array
  readonly perUnit: number
}

/** Sums and differences of sums stay below 2^53. */
const sumMax = 2 ** 51
/** Sums of a part that is no decimal: below 2^51 with room for rounding. */
const partMax = 2 ** 49
const decimalsMax = 9

/**
 * One part where all pnl have few decimals and their sums have room for them: exact. Else two, in powers of two: what is left out of the second is less than
 * 2^-98 of the sum of all.
 */
export function pnlPartsOf({ pnl, first }: Pick<ArbitrationSet, 'pnl' | 'first'>): readonly PnlPart[] {
  const decimals = decimalsOf(pnl)
  if (decimals !== null) {
    const perUnit = 10 ** decimals
    if (largestSum(pnl, first) * perUnit < sumMax) return [{ units: unitsOf(pnl, perUnit), perUnit }]
  }
  const coarse = partOf(pnl, largestSum(pnl, first))
  const rest = sharedFloats(pnl.length)
  for (let row = 0; row < rest.length; row += 1) rest[row] = pnl[row]! - coarse.units[row]! / coarse.perUnit
  return [coarse, partOf(rest, largestSum(rest, first))]
}

/** The total that sums of the parts make. */
export function totalOf(parts: readonly PnlPart[], sums: readonly number[]): number {
  return parts.reduce((total, { perUnit }, part) => total + sums[part]! / perUnit, 0)
}

/** The decimals that all have at most; null: more than {@link decimalsMax}. */
function decimalsOf(pnl: Float64Array): number | null {
  let decimals = 0
  let perUnit = 1
  for (let row = 0; row < pnl.length; row += 1) {
    const own = pnl[row]!
    while (Math.round(own * perUnit) / perUnit !== own) {
      if (decimals === decimalsMax) return null
      decimals += 1
      perUnit = 10 ** decimals
    }
  }
  return decimals
}

/** Of a double: what is so small that more would be needed is summed less finely. */
const exponentMax = 1_000

function partOf(values: Float64Array, sum: number): PnlPart {
  const perUnit = sum > 0 ? 2 ** Math.min(exponentMax, Math.floor(Math.log2(partMax) - Math.log2(sum))) : 1
  return { units: unitsOf(values, perUnit), perUnit }
}

function unitsOf(values: Float64Array, perUnit: number): Float64Array {
  const units = sharedFloats(values.length)
  for (let row = 0; row < units.length; row += 1) units[row] = Math.round(values[row]! * perUnit)
  return units
}

/** No sum of one candidate of each arbitration is greater. */
function largestSum(values: Float64Array, first: Int32Array): number {
  let sum = 0
  for (let arbitration = 0; arbitration + 1 < first.length; arbitration += 1) {
    let greatest = 0
    for (let row = first[arbitration]!; row < first[arbitration + 1]!; row += 1) {
      const size = Math.abs(values[row]!)
      if (size > greatest) greatest = size
    }
    sum += greatest
  }
  return sum
}
