/**
 * Funding of a perpetual: at every full UTC hour a position pays or receives its notional at the oracle price × the rate of
 * that hour; longs pay when the rate is positive. Pure; any thread.
 *
 * Source: Hyperliquid docs, "Funding" (hourly, oracle price).
 */
import type { Side } from '../domain/event.ts'
import type { Instrument } from '../domain/instrument.ts'
import { minorPerUnit, nsPerSecond, type Timeline } from '../domain/units.ts'
import { divideNearest } from './exact.ts'

export const fundingIntervalNs = 3600 * nsPerSecond

const rateScale = 1e12
const rateDivisor = 1_000_000_000_000n

/** The first full UTC hour strictly after `atNs`, on the timeline. */
export function fundingHourAfter(timeline: Timeline, atNs: number): number {
  // The timeline's epoch need not be a full hour; Unix time 0 is one.
  const hourMs = fundingIntervalNs / 1e6
  const epochInHourNs = (timeline.epochMs - Math.floor(timeline.epochMs / hourMs) * hourMs) * 1e6
  return (Math.floor((atNs + epochInHourNs) / fundingIntervalNs) + 1) * fundingIntervalNs - epochInHourNs
}

/**
 * The funding of one position, summed exactly over its hours and rounded once at the end, so that a small position's cents
 * do not vanish hour by hour. One trade's; any thread.
 */
export class FundingAccount {
  /** Full hours for which no oracle price or rate was known: nothing was booked for them. */
  unknownHours = 0
  /** Σ oracle price in ticks × rate in 10^−12. */
  #sum = 0n

  /** Books one full hour. `rate` is the fraction an hour, to the nearest 10^−12; NaN in either: counted as unknown. */
  book(oracleTicks: number, rate: number): void {
    const scaledRate = Math.round(rate * rateScale)
    if (!Number.isSafeInteger(oracleTicks) || !Number.isSafeInteger(scaledRate)) {
      this.unknownHours += 1
      return
    }
    this.#sum += BigInt(oracleTicks) * BigInt(scaledRate)
  }

  /** Received (+) or paid (−) so far, minor units, rounded to the nearest, halves away from zero. */
  totalMinor(instrument: Instrument, side: Side, quantityLots: number): number {
    const paidByLongs = this.#sum * BigInt(quantityLots) * BigInt(minorPerUnit)
    const denominator = 10n ** BigInt(instrument.priceDecimals + instrument.sizeDecimals) * rateDivisor
    return divideNearest(side === 'long' ? -paidByLongs : paidByLongs, denominator)
  }
}
