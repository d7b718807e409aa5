/** A symbol's columns as they were before they were written as differences, and where nothing was seen. */
import type { PageSymbol } from '../page-data.ts'

/** More than this without any record is a market that was not seen: the line breaks. */
const silenceMs = 180_000

type Column = (number | null)[]

export interface SymbolSeries {
  readonly symbol: string
  readonly priceDecimals: number
  /** Unix milliseconds, ascending; prices in the quote currency. */
  readonly at: number[]
  readonly last: Column
  readonly low: Column
  readonly high: Column
  /** Thousands of the quote currency. */
  readonly flow: Column
  readonly contextAt: number[]
  readonly openInterest: Column
  /** Percent an hour. */
  readonly funding: Column
}

export function seriesOf(page: PageSymbol): SymbolSeries {
  const toMs = (units: number): number => page.epochMs + units * page.unitMs
  const contextAt = sums(page.contextAt).map(toMs)
  const at = sums(page.at).map(toMs)
  const scale = 10 ** page.priceDecimals
  const lastTicks = sums(page.last)
  const series: SymbolSeries = {
    symbol: page.symbol,
    priceDecimals: page.priceDecimals,
    at: [],
    last: [],
    low: [],
    high: [],
    flow: [],
    contextAt: [],
    openInterest: [],
    funding: [],
  }
  let context = 0
  for (const [index, time] of at.entries()) {
    let silentSince = at[index - 1] ?? time
    let isSilent = false
    // Contexts between two trades tell that somebody was listening.
    for (; context < contextAt.length && contextAt[context]! <= time; context += 1) {
      isSilent ||= contextAt[context]! - silentSince > silenceMs
      silentSince = Math.max(silentSince, contextAt[context]!)
    }
    isSilent ||= time - silentSince > silenceMs
    if (isSilent) {
      series.at.push((at[index - 1]! + time) / 2)
      for (const column of [series.last, series.low, series.high, series.flow]) column.push(null)
    }
    series.at.push(time)
    series.last.push(lastTicks[index]! / scale)
    series.low.push((lastTicks[index]! - page.low[index]!) / scale)
    series.high.push((lastTicks[index]! + page.high[index]!) / scale)
    series.flow.push(page.flow[index]!)
  }
  for (const [index, time] of contextAt.entries()) {
    const before = contextAt[index - 1] ?? time
    if (time - before > silenceMs) {
      series.contextAt.push((before + time) / 2)
      series.openInterest.push(null)
      series.funding.push(null)
    }
    series.contextAt.push(time)
    series.openInterest.push(page.openInterest[index]!)
    const funding = page.funding[index]!
    series.funding.push(funding === null ? null : funding / 1e7)
  }
  return series
}

function sums(differences: readonly number[]): number[] {
  let sum = 0
  return differences.map((difference) => {
    sum += difference
    return sum
  })
}
