/**
 * What of a track goes into a page: coarse over the whole span, fine around what happened, within a fixed number of points. So a
 * day of 800,000 trades is a page of 2 MB at most, and a person who zooms into an event sees its seconds. Pure.
 */
import { type Instrument, toPrice, toQuantity } from '../../domain/instrument.ts'
import type { PageSymbol } from './page-data.ts'
import type { MergedBucket, PriceTrack } from './price-track.ts'

/** A time span that deserves detail, in the track's unit; both ends included. */
export interface Window {
  readonly from: number
  readonly until: number
}

/** Of a symbol's points, the share that the whole span may take; the rest is for the windows. */
const overviewShare = 0.35

/** Overlapping windows as one, in time order. */
export function unionOf(windows: readonly Window[]): Window[] {
  const union: { from: number; until: number }[] = []
  for (const { from, until } of [...windows].sort((one, other) => one.from - other.from)) {
    const newest = union.at(-1)
    if (newest !== undefined && from <= newest.until) newest.until = Math.max(newest.until, until)
    else union.push({ from, until })
  }
  return union
}

/** Buckets by index, those of a window apart from those between. */
interface Piece {
  readonly from: number
  readonly until: number
  readonly isWindow: boolean
}

function piecesOf(track: PriceTrack, windows: readonly Window[]): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const window of unionOf(windows)) {
    const begin = track.indexFrom(window.from)
    const end = track.indexFrom(window.until + track.width)
    pieces.push({ from, until: begin, isWindow: false }, { from: begin, until: end, isWindow: true })
    from = end
  }
  pieces.push({ from, until: track.count, isWindow: false })
  return pieces.filter((piece) => piece.until > piece.from)
}

/** The least power of two by which the pieces fit into `pointsMax`. */
function factorFor(track: PriceTrack, pieces: readonly Piece[], pointsMax: number): number {
  for (let factor = 1; ; factor *= 2) {
    const count = pieces.reduce((sum, { from, until }) => sum + track.countMerged(from, until, factor), 0)
    // Each piece is at least one bucket, however wide.
    if (count <= Math.max(pointsMax, pieces.length)) return factor
  }
}

/** At most `pointsMax` buckets in time order (more only where there are more windows than that). */
export function excerptOf(track: PriceTrack, windows: readonly Window[], pointsMax: number): MergedBucket[] {
  const pieces = piecesOf(track, windows)
  const between = pieces.filter((piece) => !piece.isWindow)
  const inside = pieces.filter((piece) => piece.isWindow)
  // What lies between the windows is drawn at the width that the whole span would have, so that the line looks alike everywhere.
  const whole = [{ from: 0, until: track.count, isWindow: false }]
  const coarse = factorFor(track, whole, Math.floor(pointsMax * overviewShare))
  const used = between.reduce((sum, { from, until }) => sum + track.countMerged(from, until, coarse), 0)
  const fine = Math.min(coarse, factorFor(track, inside, pointsMax - used))
  return pieces.flatMap(({ from, until, isWindow }) => [...track.merged(from, until, isWindow ? fine : coarse)])
}

/** The excerpt as the page's columns. Times in the track are milliseconds since `epochMs`, flow is in lots. */
export function pageSymbolOf(
  instrument: Instrument,
  epochMs: number,
  unitMs: number,
  buckets: readonly MergedBucket[],
): PageSymbol {
  const traded = buckets.filter((bucket) => !Number.isNaN(bucket.last))
  const told = buckets.filter((bucket) => !Number.isNaN(bucket.openInterest) || !Number.isNaN(bucket.funding))
  const kiloQuote = (bucket: MergedBucket): number =>
    (toQuantity(instrument, bucket.flow) * toPrice(instrument, bucket.last)) / 1000
  return {
    symbol: instrument.symbol,
    priceDecimals: instrument.priceDecimals,
    unitMs,
    epochMs,
    at: differences(traded.map((bucket) => bucket.at / unitMs)),
    last: differences(traded.map((bucket) => bucket.last)),
    low: traded.map((bucket) => bucket.last - bucket.low),
    high: traded.map((bucket) => bucket.high - bucket.last),
    flow: traded.map((bucket) => rounded(kiloQuote(bucket), 3)),
    contextAt: differences(told.map((bucket) => bucket.at / unitMs)),
    openInterest: told.map((bucket) => rounded(toQuantity(instrument, bucket.openInterest), 7)),
    funding: told.map((bucket) => rounded(bucket.funding * 1e9, 6)),
  }
}

function differences(values: readonly number[]): number[] {
  return values.map((value, index) => (index === 0 ? value : value - values[index - 1]!))
}

function rounded(value: number, digits: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(digits))
}
