/**
 * What the fields of a trade and of a context must hold, once for recordings and the live feed: awkward numbers become
 * integers here (ERRATA E33). Pure; any thread.
 *
 * Numbers may come as JSON numbers or as decimal strings of the same grammar. A trade lies on its instrument's grid or is
 * refused; the numbers of a context are averages and carry float noise in recordings, so they go to the nearest integer.
 */
import { type Instrument, notionalMinor } from '../../domain/instrument.ts'
import { powersOfTen, type Timeline, toNearestInteger, toScaledInteger } from '../../domain/units.ts'
import type { MalformedKind } from './malformed.ts'

/** Times outside are another unit (seconds, microseconds) or nonsense: 2001-09-09 … 2286-11-20. */
export const unixMsMin = 1e12
export const unixMsMax = 1e13 - 1

/** A checked trade. */
export interface TradeFields {
  atMs: number
  priceTicks: number
  quantityLots: number
  aggressor: number
}

/** A checked context. */
export interface ContextFields {
  atMs: number
  markTicks: number
  oracleTicks: number
  openInterestLots: number
  fundingRate: number
}

/** A checked liquidation: what was filled, at its average price. */
export interface LiquidationFields extends TradeFields {
  notionalMinor: number
}

/** A checked book; units and NaN as in a market record. */
export interface BookFields {
  atMs: number
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
  bidDepthLots: number
  askDepthLots: number
}

export function createTradeFields(): TradeFields {
  return { atMs: 0, priceTicks: 0, quantityLots: 0, aggressor: 0 }
}

export function createContextFields(): ContextFields {
  return { atMs: 0, markTicks: 0, oracleTicks: 0, openInterestLots: 0, fundingRate: 0 }
}

export function createLiquidationFields(): LiquidationFields {
  return { ...createTradeFields(), notionalMinor: 0 }
}

export function createBookFields(): BookFields {
  return { atMs: 0, bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0, bidDepthLots: 0, askDepthLots: 0 }
}

/** Reads a trade into `out`, or names the first field that is wrong, in the order ts, px, sz, side; `out` is then unspecified. */
export function readTradeFields(
  instrument: Instrument,
  ts: unknown,
  px: unknown,
  sz: unknown,
  side: unknown,
  out: TradeFields,
): MalformedKind | null {
  if (isMissing(ts)) return 'missing_ts'
  out.atMs = readUnixMs(ts)
  if (Number.isNaN(out.atMs)) return 'bad_ts'
  if (isMissing(px)) return 'missing_px'
  const ticks = onGrid(numberOf(px), instrument.priceDecimals)
  if (!(ticks > 0)) return ticks === offGrid ? 'off_grid_px' : 'bad_px'
  out.priceTicks = ticks
  if (isMissing(sz)) return 'missing_sz'
  const lots = onGrid(numberOf(sz), instrument.sizeDecimals)
  if (!(lots > 0)) return lots === offGrid ? 'off_grid_sz' : 'bad_sz'
  out.quantityLots = lots
  if (isMissing(side)) return 'missing_side'
  if (side !== 'B' && side !== 'A') return 'bad_side'
  out.aggressor = side === 'B' ? 1 : -1
  return null
}

/**
 * Reads a liquidation into `out`, or names the first field that is wrong, in the order ts, side, px, sz; `out` is then unspecified.
 * `side` is the order's, `SELL` or `BUY`. The average fill price goes to the nearest tick, the quantity to the nearest lot, and
 * what they are worth is rounded once.
 */
export function readLiquidationFields(
  instrument: Instrument,
  ts: unknown,
  side: unknown,
  averagePx: unknown,
  filledSz: unknown,
  out: LiquidationFields,
): MalformedKind | null {
  if (isMissing(ts)) return 'missing_ts'
  out.atMs = readUnixMs(ts)
  if (Number.isNaN(out.atMs)) return 'bad_ts'
  if (isMissing(side)) return 'missing_side'
  if (side !== 'SELL' && side !== 'BUY') return 'bad_side'
  // The venue sells what a long held: the order is the aggressor.
  out.aggressor = side === 'BUY' ? 1 : -1
  if (isMissing(averagePx)) return 'missing_px'
  out.priceTicks = toNearestInteger(numberOf(averagePx), instrument.priceDecimals)
  if (!(out.priceTicks > 0)) return 'bad_px'
  if (isMissing(filledSz)) return 'missing_sz'
  out.quantityLots = toNearestInteger(numberOf(filledSz), instrument.sizeDecimals)
  if (!(out.quantityLots > 0)) return 'bad_sz'
  out.notionalMinor = notionalMinor(instrument, out.priceTicks, out.quantityLots)
  return out.notionalMinor <= Number.MAX_SAFE_INTEGER ? null : 'bad_sz'
}

/**
 * Reads what a context tells into `out` (its time excepted), or names the first field that is wrong, in the order funding,
 * open interest, mark, oracle; `out` is then unspecified.
 */
export function readContextFields(
  instrument: Instrument,
  funding: unknown,
  oi: unknown,
  mark: unknown,
  oracle: unknown,
  out: ContextFields,
): MalformedKind | null {
  if (isMissing(funding)) return 'missing_funding'
  const rate = numberOf(funding)
  if (!isFundingRate(rate)) return 'bad_funding'
  out.fundingRate = rate + 0
  if (isMissing(oi)) return 'missing_oi'
  const lots = toNearestInteger(numberOf(oi), instrument.sizeDecimals)
  if (!(lots >= 0)) return 'bad_oi'
  out.openInterestLots = lots + 0
  if (isMissing(mark)) return 'missing_mark'
  const markTicks = toNearestInteger(numberOf(mark), instrument.priceDecimals)
  if (!(markTicks > 0)) return 'bad_mark'
  out.markTicks = markTicks
  if (isMissing(oracle)) return 'missing_oracle'
  const oracleTicks = toNearestInteger(numberOf(oracle), instrument.priceDecimals)
  if (!(oracleTicks > 0)) return 'bad_oracle'
  out.oracleTicks = oracleTicks
  return null
}

/** Unix milliseconds of 13 digits, or NaN. */
export function readUnixMs(value: unknown): number {
  const unixMs = numberOf(value)
  return Number.isInteger(unixMs) && unixMs >= unixMsMin && unixMs <= unixMsMax ? unixMs : Number.NaN
}

export function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

/** Whether a time has a number on the timeline: not before its epoch, below 2^53 ns after it. */
export function isWithin(timeline: Timeline, unixMs: number): boolean {
  const atNs = timeline.fromUnixMs(unixMs)
  return atNs >= 0 && atNs <= Number.MAX_SAFE_INTEGER
}

/** A fraction an hour; venues cap it far below 1, so beyond it the field is something else. */
export function isFundingRate(rate: number): boolean {
  return rate >= -1 && rate <= 1
}

const decimalPattern = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/

/** A JSON number, or a decimal string of JSON's grammar; NaN for all else. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && decimalPattern.test(value) ? Number(value) : Number.NaN
}

export const offGrid = 0

/** The integer above 0, `offGrid`, or NaN when `value` is not above 0 or its integer passes 2^53. */
export function onGrid(value: number, decimals: number): number {
  if (!(value > 0) || !(value * powersOfTen[decimals]! <= Number.MAX_SAFE_INTEGER)) return Number.NaN
  const scaled = toScaledInteger(value, decimals)
  // A price of less than 10^−9 ticks passes the tolerance of toScaledInteger as 0: it is not on the grid either.
  return scaled > 0 ? scaled : offGrid
}

/** One JSON object, or null for any other text. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return isObject(parsed) ? parsed : null
  } catch {
    return null // counted as `json` by the caller
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
