/**
 * Binance USD-M's WebSocket messages, as far as Signalbox reads them: checked fields of an event, or what is wrong with it. Keys
 * that are not known are accepted. Pure; any thread.
 *
 * Times are the exchange's: T, when it happened, else E, when it was sent. (A mark price's T is its next funding; its time is E.)
 * Source: recorded sessions, and the venue's "WebSocket Market Streams".
 */
import type { Instrument } from '../../../domain/instrument.ts'
import { toNearestInteger } from '../../../domain/units.ts'
import type { MalformedKind } from '../malformed.ts'
import {
  type ContextFields,
  isFundingRate,
  isMissing,
  numberOf,
  offGrid,
  onGrid,
  readTradeFields,
  readUnixMs,
  type TradeFields,
} from '../row-fields.ts'
import type { BookTop, BookUpdate } from './local-book.ts'

export type BinanceEvent = Readonly<Record<string, unknown>>

/**
 * Hours between two fundings. A mark price tells the rate for all of it and not how long it is: 8 for most contracts, 4 or 1 for
 * some, whose rate is therefore understated here.
 */
const fundingIntervalHours = 8

/** A `trade` or `aggTrade`. */
export function readTrade(instrument: Instrument, event: BinanceEvent, out: TradeFields): MalformedKind | null {
  const side = event.m === true ? 'A' : event.m === false ? 'B' : isMissing(event.m) ? undefined : ''
  return readTradeFields(instrument, event.T ?? event.E, event.p, event.q, side, out)
}

/** A `markPriceUpdate`. Open interest is not told; nor is the funding rate of a contract that has none (an empty text). */
export function readMarkPrice(instrument: Instrument, event: BinanceEvent, out: ContextFields): MalformedKind | null {
  if (isMissing(event.E)) return 'missing_ts'
  out.atMs = readUnixMs(event.E)
  if (Number.isNaN(out.atMs)) return 'bad_ts'
  if (isMissing(event.p)) return 'missing_mark'
  out.markTicks = toNearestInteger(numberOf(event.p), instrument.priceDecimals)
  if (!(out.markTicks > 0)) return 'bad_mark'
  out.oracleTicks = isMissing(event.i) ? Number.NaN : toNearestInteger(numberOf(event.i), instrument.priceDecimals)
  if (!isMissing(event.i) && !(out.oracleTicks > 0)) return 'bad_oracle'
  out.openInterestLots = Number.NaN
  if (isMissing(event.r) || event.r === '') out.fundingRate = Number.NaN
  else {
    const rate = numberOf(event.r)
    if (!isFundingRate(rate)) return 'bad_funding'
    out.fundingRate = rate / fundingIntervalHours + 0
  }
  return null
}

/** A `bookTicker`. A side of price 0 is empty. */
export function readTop(instrument: Instrument, event: BinanceEvent): BookTop | MalformedKind {
  const atMs = timeOf(event)
  if (typeof atMs === 'string') return atMs
  const updateId = idOf(event.u)
  if (typeof updateId === 'string') return updateId
  const bid = readLevel(instrument, event.b, event.B)
  if (typeof bid === 'string') return bid
  const ask = readLevel(instrument, event.a, event.A)
  if (typeof ask === 'string') return ask
  if (bid.ticks >= ask.ticks) return 'crossed_book'
  return { atMs, updateId, bidTicks: bid.ticks, bidLots: bid.lots, askTicks: ask.ticks, askLots: ask.lots }
}

/** A `depthUpdate`. */
export function readUpdate(instrument: Instrument, event: BinanceEvent): BookUpdate | MalformedKind {
  const updateId = idOf(event.u)
  const previousId = idOf(event.pu)
  if (typeof updateId === 'string') return updateId
  if (typeof previousId === 'string') return previousId
  return readLevels(instrument, event, updateId, previousId, event.b, event.a)
}

/** A whole book, as it is asked for beside the stream. It names no symbol. */
export function readSnapshot(instrument: Instrument, event: BinanceEvent): BookUpdate | MalformedKind {
  const updateId = idOf(event.lastUpdateId)
  if (typeof updateId === 'string') return updateId
  return readLevels(instrument, event, updateId, updateId, event.bids, event.asks)
}

function readLevels(
  instrument: Instrument,
  event: BinanceEvent,
  updateId: number,
  previousId: number,
  bids: unknown,
  asks: unknown,
): BookUpdate | MalformedKind {
  const atMs = timeOf(event)
  if (typeof atMs === 'string') return atMs
  if (isMissing(bids)) return 'missing_bids'
  const bidLevels = Array.isArray(bids) ? readSide(instrument, bids) : 'bad_bids'
  if (typeof bidLevels === 'string') return bidLevels === 'bad_side' ? 'bad_bids' : bidLevels
  if (isMissing(asks)) return 'missing_asks'
  const askLevels = Array.isArray(asks) ? readSide(instrument, asks) : 'bad_asks'
  if (typeof askLevels === 'string') return askLevels === 'bad_side' ? 'bad_asks' : askLevels
  return { atMs, updateId, previousId, bids: bidLevels, asks: askLevels }
}

/** Price, lots, price, lots, …; 0 lots: nothing lies there any more. `bad_side`: it is not levels at all. */
function readSide(instrument: Instrument, levels: readonly unknown[]): number[] | MalformedKind {
  const list: number[] = []
  for (const level of levels) {
    if (!Array.isArray(level)) return 'bad_side'
    const ticks = onGrid(numberOf(level[0]), instrument.priceDecimals)
    if (!(ticks > 0)) return ticks === offGrid ? 'off_grid_px' : 'bad_px'
    const quantity = numberOf(level[1])
    const lots = quantity === 0 ? 0 : onGrid(quantity, instrument.sizeDecimals)
    if (quantity !== 0 && !(lots > 0)) return lots === offGrid ? 'off_grid_sz' : 'bad_sz'
    list.push(ticks, lots)
  }
  return list
}

function readLevel(instrument: Instrument, px: unknown, sz: unknown): { ticks: number; lots: number } | MalformedKind {
  if (isMissing(px)) return 'missing_px'
  if (isMissing(sz)) return 'missing_sz'
  const price = numberOf(px)
  if (price === 0) return { ticks: Number.NaN, lots: Number.NaN }
  const ticks = onGrid(price, instrument.priceDecimals)
  if (!(ticks > 0)) return ticks === offGrid ? 'off_grid_px' : 'bad_px'
  const lots = onGrid(numberOf(sz), instrument.sizeDecimals)
  if (!(lots > 0)) return lots === offGrid ? 'off_grid_sz' : 'bad_sz'
  return { ticks, lots }
}

/** The exchange's time, Unix milliseconds. */
export function timeOf(event: BinanceEvent): number | MalformedKind {
  const time = event.T ?? event.E
  if (isMissing(time)) return 'missing_ts'
  const atMs = readUnixMs(time)
  return Number.isNaN(atMs) ? 'bad_ts' : atMs
}

function idOf(value: unknown): number | MalformedKind {
  if (isMissing(value)) return 'missing_update_id'
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 'bad_update_id'
}
