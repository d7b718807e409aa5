/** What lots are worth and how many a sum of money buys, exactly, rounded to the side that is safe. Pure; any thread. */
import type { Instrument } from '../domain/instrument.ts'
import { minorPerUnit, powersOfTen } from '../domain/units.ts'
import { multiplyDivideCeil, multiplyDivideFloor } from './exact.ts'

/** The most lots whose exact value at `ticks` each is at most `minor`; `Infinity` beyond 2^53, for it stands in a minimum. */
export function lotsWorth(instrument: Instrument, minor: number, ticks: number): number {
  const scale = instrument.priceDecimals + instrument.sizeDecimals
  // A lot at a tick is worth minorPerUnit ÷ 10^scale minor units; taken so that the numbers stay small.
  return scale >= 2
    ? multiplyDivideFloor(minor, powersOfTen[scale]! / minorPerUnit, ticks)
    : multiplyDivideFloor(minor, 1, ticks * (minorPerUnit / powersOfTen[scale]!))
}

/**
 * The least whole number of minor units that is not below the exact value of `lots` at `ticks`; `Infinity` beyond 2^53. So the
 * exact value is at most a whole number of minor units if and only if this is.
 */
export function worthOf(instrument: Instrument, ticks: number, lots: number): number {
  const scale = instrument.priceDecimals + instrument.sizeDecimals
  return scale >= 2
    ? multiplyDivideCeil(ticks, lots, powersOfTen[scale]! / minorPerUnit)
    : multiplyDivideCeil(ticks, lots * (minorPerUnit / powersOfTen[scale]!), 1)
}
