/** A symbol's columns as they were before they were written as differences, and where nothing was seen. */
import type { PageSymbol } from '../page-data.ts'

/** More than this without any record is a market that was not seen: the line breaks. */
const silenceMs = 180_000
/** Where records are usually further apart than that, as in an hourly table, so many times their usual distance is a silence. */
const silenceSteps = 3
/** What is usual is not known of a few records far apart: a day without any is always a silence. */
const silenceMsMax = 86_400_000

type Column = (number | null)[]

/** What holds from the time it was told until it is told anew. */
export interface HeldSeries {
  /** Unix milliseconds, ascending. */
  readonly at: number[]
  readonly values: Column
}

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
  readonly openInterest: HeldSeries
  /** Percent an hour. */
  readonly funding: HeldSeries
}

export function seriesOf(page: PageSymbol): SymbolSeries {
  const toMs = (units: number): number => page.epochMs + units * page.unitMs
  const contextAt = sums(page.contextAt).map(toMs)
  const at = sums(page.at).map(toMs)
  const scale = 10 ** page.priceDecimals
  const lastTicks = sums(page.last)
  const widestMs = page.widest * page.unitMs
  const funding = page.funding.map((value) => (value === null ? null : value / 1e7))
  const seenUntil = Math.max(at.at(-1) ?? Number.NEGATIVE_INFINITY, contextAt.at(-1) ?? Number.NEGATIVE_INFINITY)
  const series: SymbolSeries = {
    symbol: page.symbol,
    priceDecimals: page.priceDecimals,
    at: [],
    last: [],
    low: [],
    high: [],
    flow: [],
    openInterest: heldSeries(contextAt, page.openInterest, widestMs, seenUntil),
    funding: heldSeries(contextAt, funding, widestMs, seenUntil),
  }
  const silence = silenceOf(
    [...new Set([...at, ...contextAt])].sort((one, other) => one - other),
    widestMs,
  )
  let context = 0
  for (const [index, time] of at.entries()) {
    let silentSince = at[index - 1] ?? time
    let isSilent = false
    // Contexts between two trades tell that somebody was listening.
    for (; context < contextAt.length && contextAt[context]! <= time; context += 1) {
      isSilent ||= contextAt[context]! - silentSince > silence
      silentSince = Math.max(silentSince, contextAt[context]!)
    }
    isSilent ||= time - silentSince > silence
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
  return series
}

/** The times at which a column was told, its line broken by silences. The newest value holds while the symbol is seen. */
function heldSeries(
  times: readonly number[],
  column: Readonly<Column>,
  widestMs: number,
  seenUntil: number,
): HeldSeries {
  const told = times.filter((_, index) => column[index] !== null)
  const values = column.filter((value) => value !== null)
  const silence = silenceOf(told, widestMs)
  const held: HeldSeries = { at: [], values: [] }
  for (const [index, time] of told.entries()) {
    const before = told[index - 1] ?? time
    if (time - before > silence) {
      held.at.push((before + time) / 2)
      held.values.push(null)
    }
    held.at.push(time)
    held.values.push(values[index]!)
  }
  const newest = told.at(-1)
  if (newest !== undefined && seenUntil > newest && seenUntil - newest <= silence) {
    held.at.push(seenUntil)
    held.values.push(values.at(-1)!)
  }
  return held
}

/** The longest distance between two times that is no silence. @param times - Ascending. */
function silenceOf(times: readonly number[], widestMs: number): number {
  const distances = times.slice(1).map((time, index) => time - times[index]!)
  const usual = distances.sort((one, other) => one - other)[distances.length >> 1] ?? 0
  // Records of two neighbouring buckets may be a bucket closer together than the buckets' times.
  if (usual - widestMs <= silenceMs) return silenceMs + widestMs
  return Math.min(usual * silenceSteps, silenceMsMax) + widestMs
}

function sums(differences: readonly number[]): number[] {
  let sum = 0
  return differences.map((difference) => {
    sum += difference
    return sum
  })
}
