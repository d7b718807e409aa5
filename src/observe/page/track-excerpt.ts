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

/** What deserves how much: a symbol's own events the most, those of the others beside it less, the rest little. */
const levels = { own: 2, others: 1, rest: 0 } as const
type Level = (typeof levels)[keyof typeof levels]

/** Of a symbol's points, the share that the whole span may take; of what is left, the share of its own events. */
const overviewShare = 0.35
const ownShare = 0.7

/** Adjoining buckets of one level, by index. */
interface Piece {
  readonly from: number
  readonly until: number
  readonly level: Level
}

function piecesOf(track: PriceTrack, own: readonly Window[], others: readonly Window[]): Piece[] {
  const levelOf = new Uint8Array(track.count)
  const mark = (windows: readonly Window[], level: Level): void => {
    for (const { from, until } of windows) {
      levelOf.fill(level, track.indexFrom(from), track.indexFrom(until + track.width))
    }
  }
  mark(others, levels.others)
  mark(own, levels.own)
  const pieces: Piece[] = []
  let from = 0
  for (let index = 1; index <= track.count; index += 1) {
    if (index < track.count && levelOf[index] === levelOf[from]) continue
    pieces.push({ from, until: index, level: levelOf[from] as Level })
    from = index
  }
  return pieces
}

function countOf(track: PriceTrack, pieces: readonly Piece[], factor: number): number {
  return pieces.reduce((sum, { from, until }) => sum + track.countMerged(from, until, factor), 0)
}

/** The least power of two by which the pieces fit into `pointsMax`. */
function factorFor(track: PriceTrack, pieces: readonly Piece[], pointsMax: number): number {
  for (let factor = 1; ; factor *= 2) {
    // Each piece is at least one bucket, however wide.
    if (countOf(track, pieces, factor) <= Math.max(pointsMax, pieces.length)) return factor
  }
}

/**
 * At most `pointsMax` buckets in time order (more only where there are more windows than that).
 *
 * @param own - Windows around the symbol's own events. @param others - Around what happened to the symbols beside it.
 */
export function excerptOf(
  track: PriceTrack,
  own: readonly Window[],
  others: readonly Window[],
  pointsMax: number,
): MergedBucket[] {
  if (track.count === 0) return []
  const pieces = piecesOf(track, own, others)
  const at = (level: Level): Piece[] => pieces.filter((piece) => piece.level === level)
  // What lies between the windows is drawn at the width that the whole span would have, so that the line looks alike everywhere.
  const whole: Piece = { from: 0, until: track.count, level: levels.rest }
  const rest = factorFor(track, [whole], Math.floor(pointsMax * overviewShare))
  const left = pointsMax - countOf(track, at(levels.rest), rest)
  const finest = factorFor(track, at(levels.own), at(levels.others).length === 0 ? left : Math.floor(left * ownShare))
  const ownFactor = Math.min(rest, finest)
  const leftForOthers = left - countOf(track, at(levels.own), ownFactor)
  const otherFactor = Math.min(rest, Math.max(ownFactor, factorFor(track, at(levels.others), leftForOthers)))
  const factorOf = { [levels.rest]: rest, [levels.others]: otherFactor, [levels.own]: ownFactor }
  return pieces.flatMap(({ from, until, level }) => [...track.merged(from, until, factorOf[level])])
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
    widest: buckets.reduce((widest, { width }) => Math.max(widest, width), unitMs) / unitMs,
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
