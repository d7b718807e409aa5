/**
 * What a top-20 book must hold, as parsed JSON: for Hyperliquid's recordings and raw sessions. The fast path for the former is
 * hyperliquid/book-scanner.ts. Pure; any thread.
 *
 * A side is read as far as its best {@link depthLevels}; what lies behind is not looked at. See malformed.ts for what refuses a book.
 */
import type { Instrument } from '../../domain/instrument.ts'
import { depthLevels } from '../../domain/market.ts'
import type { MalformedKind } from './malformed.ts'
import { type BookFields, isMissing, numberOf, offGrid, onGrid, readUnixMs } from './row-fields.ts'

/** How a source writes a level: `[px, sz, …]` or `{"px", "sz", …}`. */
export type LevelShape = 'list' | 'object'

/** Reads a book into `out`, or names the first thing that is wrong, in the order ts, bids, asks, both; `out` is then unspecified. */
export function readBookFields(
  instrument: Instrument,
  ts: unknown,
  bids: unknown,
  asks: unknown,
  shape: LevelShape,
  out: BookFields,
): MalformedKind | null {
  if (isMissing(ts)) return 'missing_ts'
  out.atMs = readUnixMs(ts)
  if (Number.isNaN(out.atMs)) return 'bad_ts'
  if (isMissing(bids)) return 'missing_bids'
  if (!Array.isArray(bids)) return 'bad_bids'
  if (isMissing(asks)) return 'missing_asks'
  if (!Array.isArray(asks)) return 'bad_asks'
  const side = { bestTicks: 0, bestLots: 0, depthLots: 0 }
  const bidFault = readSide(instrument, bids, shape, -1, side)
  if (bidFault !== null) return bidFault === 'bad_side' ? 'bad_bids' : bidFault
  out.bidTicks = side.bestTicks
  out.bidLots = side.bestLots
  out.bidDepthLots = side.depthLots
  const askFault = readSide(instrument, asks, shape, 1, side)
  if (askFault !== null) return askFault === 'bad_side' ? 'bad_asks' : askFault
  out.askTicks = side.bestTicks
  out.askLots = side.bestLots
  out.askDepthLots = side.depthLots
  // A missing side is NaN and crosses nothing.
  return out.bidTicks >= out.askTicks ? 'crossed_book' : null
}

interface SideFields {
  bestTicks: number
  bestLots: number
  depthLots: number
}

/** `direction` +1: prices rise from level to level. `bad_side`: it is not levels at all. */
function readSide(
  instrument: Instrument,
  levels: readonly unknown[],
  shape: LevelShape,
  direction: 1 | -1,
  out: SideFields,
): MalformedKind | null {
  out.bestTicks = Number.NaN
  out.bestLots = Number.NaN
  out.depthLots = Number.NaN
  let lastTicks = direction * Number.NEGATIVE_INFINITY
  const count = Math.min(levels.length, depthLevels)
  for (let index = 0; index < count; index += 1) {
    const level = levels[index]
    if (typeof level !== 'object' || level === null) return 'bad_side'
    const { px, sz } = shape === 'list' ? pairOf(level) : (level as { px?: unknown; sz?: unknown })
    const ticks = onGrid(numberOf(px), instrument.priceDecimals)
    if (!(ticks > 0)) return ticks === offGrid ? 'off_grid_px' : 'bad_px'
    const lots = onGrid(numberOf(sz), instrument.sizeDecimals)
    if (!(lots > 0)) return lots === offGrid ? 'off_grid_sz' : 'bad_sz'
    if (!(direction * ticks > direction * lastTicks)) return 'unsorted_book'
    lastTicks = ticks
    if (index === 0) {
      out.bestTicks = ticks
      out.bestLots = lots
      out.depthLots = 0
    }
    out.depthLots += lots
  }
  return out.depthLots <= Number.MAX_SAFE_INTEGER || count === 0 ? null : 'bad_sz'
}

function pairOf(level: object): { px?: unknown; sz?: unknown } {
  const [px, sz] = Array.isArray(level) ? (level as unknown[]) : []
  return { px, sz }
}
