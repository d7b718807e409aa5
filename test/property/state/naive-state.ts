/**
 * The hot state recomputed from all records each time, straight from the definitions in `domain/hot-state.ts` and sharing no code
 * with the incremental one (but the regime's thresholds, which have a test of their own).
 */
import {
  fundingMinutesMin,
  type HotField,
  liquidationMemorySeconds,
  longRunHalfLifeSeconds,
  longRunSecondsMin,
  priorSeconds,
  priorSecondsMin,
  silenceSecondsMax,
} from '../../../src/domain/hot-state.ts'
import { createMarketRecord, type MarketRecord, recordKinds } from '../../../src/domain/market.ts'
import { nextRegime } from '../../../src/stages/state/next-regime.ts'

type Row = Record<HotField, number>

const second = 1e9
const tenth = 1e8
const secondOf = (record: MarketRecord): number => Math.floor(record.atNs / second)

/** Rows after each record of a tape of one symbol. */
export function naiveRows(tape: readonly MarketRecord[]): Row[] {
  const rows: Row[] = []
  let regime = Number.NaN
  for (let index = 0; index < tape.length; index += 1) {
    const row = naiveRow(tape.slice(0, index + 1))
    const begins = index === 0 || isSilence(tape[index - 1]!, tape[index]!)
    if (begins) regime = Number.NaN
    else if (secondOf(tape[index]!) > secondOf(tape[index - 1]!)) {
      regime = nextRegime(regime, row.volatility60s / (row.volatility1sLong * Math.sqrt(60)), row.efficiency5m)
    }
    rows.push({ ...row, regime })
  }
  return rows
}

function isSilence(earlier: MarketRecord, later: MarketRecord): boolean {
  return later.atNs - earlier.atNs > silenceSecondsMax * second
}

/** The tape cut at its silences. */
function segmentsOf(tape: readonly MarketRecord[]): MarketRecord[][] {
  const segments: MarketRecord[][] = []
  for (const [index, record] of tape.entries()) {
    if (index === 0 || isSilence(tape[index - 1]!, record)) segments.push([])
    segments.at(-1)!.push(record)
  }
  return segments
}

function naiveRow(tape: readonly MarketRecord[]): Omit<Row, 'regime'> {
  const now = tape.at(-1)!.atNs
  const segments = segmentsOf(tape)
  const segment = segments.at(-1)!
  const trades = segment.filter((record) => record.kind === recordKinds.trade)
  const contexts = tape.filter((record) => record.kind === recordKinds.context)
  const lastTicks = tape.findLast((record) => record.kind === recordKinds.trade)?.priceTicks ?? Number.NaN
  const logLast = Math.log(trades.at(-1)?.priceTicks ?? Number.NaN)

  const opensAt = (seconds: number, bucket: number): number =>
    (Math.floor(now / bucket) - (seconds * second) / bucket + 1) * bucket
  const logPriceBefore = (atNs: number): number =>
    Math.log(trades.findLast((record) => record.atNs < atNs)?.priceTicks ?? Number.NaN)
  const returnOver = (seconds: number, bucket: number): number => logLast - logPriceBefore(opensAt(seconds, bucket))
  const inWindow = (seconds: number, bucket: number): MarketRecord[] =>
    trades.filter((record) => record.atNs >= opensAt(seconds, bucket))
  const signed = (seconds: number, bucket: number): number =>
    trades.length === 0
      ? Number.NaN
      : inWindow(seconds, bucket).reduce((sum, r) => sum + r.aggressor * r.quantityLots, 0)
  const volume = (seconds: number, bucket: number): number =>
    trades.length === 0 ? Number.NaN : inWindow(seconds, bucket).reduce((sum, r) => sum + r.quantityLots, 0)
  const prices = (seconds: number): number[] => inWindow(seconds, second).map((record) => record.priceTicks)
  const highest = (values: number[]): number => (values.length === 0 ? Number.NaN : Math.max(...values))
  const lowest = (values: number[]): number => (values.length === 0 ? Number.NaN : Math.min(...values))

  const liquidations = segment.filter((record) => record.kind === recordKinds.liquidation)
  const tellsLiquidations = tape.some(
    (record) =>
      record.kind === recordKinds.liquidation &&
      Math.floor(now / second) - secondOf(record) <= liquidationMemorySeconds,
  )
  const liquidated = (aggressor: number, seconds: number, bucket: number): number =>
    tellsLiquidations
      ? liquidations
          .filter((record) => record.aggressor === aggressor && record.atNs >= opensAt(seconds, bucket))
          .reduce((sum, record) => sum + record.notionalMinor, 0)
      : Number.NaN

  const running = Math.floor(now / second)
  // The prior window: the 1,800 seconds that ended before the 60 running ones.
  const priorEnd = running - 59
  const prior = (): number[] =>
    running - 60 - Math.floor(segment[0]!.atNs / second) < priorSecondsMin
      ? []
      : trades.filter((r) => secondOf(r) < priorEnd && secondOf(r) >= priorEnd - priorSeconds).map((r) => r.priceTicks)
  const volatility1s = (): number => {
    if (Number.isNaN(logPriceBefore(opensAt(1, tenth)))) return Number.NaN
    let squares = 0
    const last = Math.floor(now / tenth)
    for (let t = last - 9; t <= last; t += 1) {
      squares += Math.min(0.25, (logPriceBefore((t + 1) * tenth) - logPriceBefore(t * tenth)) ** 2)
    }
    return Math.sqrt(squares)
  }
  const book = tape.findLast((record) => record.kind === recordKinds.book) ?? createMarketRecord()
  const volatility = (seconds: number): number => {
    if (Number.isNaN(logPriceBefore(opensAt(seconds, second)))) return Number.NaN
    let squares = 0
    for (let s = running - seconds + 1; s <= running; s += 1) {
      squares += Math.min(0.25, (logPriceBefore((s + 1) * second) - logPriceBefore(s * second)) ** 2)
    }
    return Math.sqrt(squares)
  }
  const efficiency = (): number => {
    const at = (age: number): number => logPriceBefore((running - age) * second)
    let path = 0
    for (let step = 0; step < 30; step += 1) path += Math.abs(at(step * 10) - at(step * 10 + 10))
    return path === 0 ? 0 : Math.min(1, Math.abs(at(0) - at(300)) / path)
  }

  const told = (field: 'markTicks' | 'oracleTicks' | 'openInterestLots' | 'fundingRate'): number =>
    contexts.findLast((record) => !Number.isNaN(record[field]))?.[field] ?? Number.NaN
  const openInterestBefore =
    contexts.findLast((record) => record.atNs < opensAt(300, second) && !Number.isNaN(record.openInterestLots))
      ?.openInterestLots ?? Number.NaN
  // The window of 5 minutes must have begun after the last silence.
  const openInterestThen =
    opensAt(300, second) > Math.floor(segment[0]!.atNs / second) * second ? openInterestBefore : Number.NaN

  const long = longRun(segments, running)
  return {
    updatedAtNs: now,
    recordCount: tape.length,
    lastTicks,
    markTicks: told('markTicks'),
    oracleTicks: told('oracleTicks'),
    premium: (told('markTicks') - told('oracleTicks')) / told('oracleTicks'),
    fundingRate: told('fundingRate'),
    fundingZ: fundingZ(contexts, now),
    openInterestLots: told('openInterestLots'),
    openInterestChange5m: told('openInterestLots') / openInterestThen - 1,
    return1s: returnOver(1, tenth),
    return5s: returnOver(5, tenth),
    return15s: returnOver(15, second),
    return60s: returnOver(60, second),
    return5m: returnOver(300, second),
    volatility1s: volatility1s(),
    volatility5s: volatility(5),
    volatility15s: volatility(15),
    volatility60s: volatility(60),
    volatility5m: volatility(300),
    volatility1sLong: Math.sqrt(long.square1s),
    volatility60sLong: Math.sqrt(long.square60s),
    signedLots1s: signed(1, tenth),
    signedLots5s: signed(5, tenth),
    signedLots15s: signed(15, second),
    signedLots60s: signed(60, second),
    signedLots5m: signed(300, second),
    volumeLots1s: volume(1, tenth),
    volumeLots5s: volume(5, tenth),
    volumeLots15s: volume(15, second),
    volumeLots60s: volume(60, second),
    volumeLots5m: volume(300, second),
    volumeLots1sLong: long.volume,
    longLiquidationMinor1s: liquidated(-1, 1, tenth),
    longLiquidationMinor5s: liquidated(-1, 5, tenth),
    longLiquidationMinor15s: liquidated(-1, 15, second),
    longLiquidationMinor60s: liquidated(-1, 60, second),
    longLiquidationMinor5m: liquidated(-1, 300, second),
    shortLiquidationMinor1s: liquidated(1, 1, tenth),
    shortLiquidationMinor5s: liquidated(1, 5, tenth),
    shortLiquidationMinor15s: liquidated(1, 15, second),
    shortLiquidationMinor60s: liquidated(1, 60, second),
    shortLiquidationMinor5m: liquidated(1, 300, second),
    high60s: highest(prices(60)),
    low60s: lowest(prices(60)),
    high5m: highest(prices(300)),
    low5m: lowest(prices(300)),
    priorHigh30m: highest(prior()),
    priorLow30m: lowest(prior()),
    efficiency5m: efficiency(),
    bookAtNs: book.kind === recordKinds.book ? book.atNs : Number.NaN,
    bidTicks: book.bidTicks,
    bidLots: book.bidLots,
    askTicks: book.askTicks,
    askLots: book.askLots,
    imbalance: (book.bidLots - book.askLots) / (book.bidLots + book.askLots),
    depthImbalance: (book.bidDepthLots - book.askDepthLots) / (book.bidDepthLots + book.askDepthLots),
  }
}

interface LongRun {
  square1s: number
  square60s: number
  volume: number
}

/** Weighted means over all completed seconds that were seen, in every segment. */
function longRun(segments: readonly MarketRecord[][], running: number): LongRun {
  const square1s = new WeightedMean()
  const square60s = new WeightedMean()
  const volume = new WeightedMean()
  for (const [index, segment] of segments.entries()) {
    const from = secondOf(segment[0]!)
    const until = index === segments.length - 1 ? running : secondOf(segment.at(-1)!) + 1
    const closes: number[] = []
    const volumes: number[] = []
    let next = 0
    let close = Number.NaN
    for (let s = from; s < until; s += 1) {
      let lots = 0
      for (; next < segment.length && secondOf(segment[next]!) === s; next += 1) {
        if (segment[next]!.kind !== recordKinds.trade) continue
        close = Math.log(segment[next]!.priceTicks)
        lots += segment[next]!.quantityLots
      }
      closes.push(close)
      volumes.push(lots)
    }
    const reach = (offset: number, back: number): number => closes[offset]! - (closes[offset - back] ?? Number.NaN)
    for (let offset = 0; offset < closes.length; offset += 1) {
      const weight = 2 ** (-(running - 1 - (from + offset)) / longRunHalfLifeSeconds)
      if (!Number.isNaN(reach(offset, 1))) {
        square1s.add(weight, reach(offset, 1) ** 2)
        volume.add(weight, volumes[offset]!)
      }
      if (!Number.isNaN(reach(offset, 60))) square60s.add(weight, reach(offset, 60) ** 2)
    }
  }
  return { square1s: square1s.value(), square60s: square60s.value(), volume: volume.value() }
}

class WeightedMean {
  #sum = 0
  #weight = 0

  add(weight: number, value: number): void {
    this.#sum += weight * value
    this.#weight += weight
  }

  value(): number {
    let enough = 0
    for (let age = 0; age < longRunSecondsMin; age += 1) enough += 2 ** (-age / longRunHalfLifeSeconds)
    return this.#weight < enough * (1 - 1e-9) ? Number.NaN : this.#sum / this.#weight
  }
}

function fundingZ(contexts: readonly MarketRecord[], now: number): number {
  const minute = Math.floor(now / 60e9)
  const byMinute = new Map<number, number>()
  for (const { atNs, fundingRate } of contexts) {
    const at = Math.floor(atNs / 60e9)
    if (!Number.isNaN(fundingRate) && at > minute - 1440) byMinute.set(at, fundingRate)
  }
  const values = [...byMinute.values()]
  if (values.length < fundingMinutesMin || new Set(values).size === 1) return Number.NaN
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  const last = contexts.findLast((record) => !Number.isNaN(record.fundingRate))!.fundingRate
  return (last - mean) / Math.sqrt(variance)
}
