/** What a fill costs. Pure; any thread. */
import type { Instrument } from '../domain/instrument.ts'
import { minorPerUnit, powersOfTen } from '../domain/units.ts'
import { divideNearest } from './exact.ts'

const million = 1_000_000

/**
 * `feePpm` parts per million of the fill's exact notional, in minor units, rounded once, halves up; ≥ 0.
 * `priceTicks` and `quantityLots` are integers ≥ 0.
 */
export function feeMinor(instrument: Instrument, priceTicks: number, quantityLots: number, feePpm: number): number {
  const scale = instrument.priceDecimals + instrument.sizeDecimals
  const numerator = priceTicks * quantityLots * (minorPerUnit * feePpm)
  const denominator = powersOfTen[scale]! * million
  if (numerator * 2 + denominator <= Number.MAX_SAFE_INTEGER) {
    const doubled = numerator * 2 + denominator
    return (doubled - (doubled % (denominator * 2))) / (denominator * 2)
  }
  return divideNearest(
    BigInt(priceTicks) * BigInt(quantityLots) * BigInt(minorPerUnit * feePpm),
    10n ** BigInt(scale) * BigInt(million),
  )
}
