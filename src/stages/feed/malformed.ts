/**
 * The closed list of ways in which a row of a recording, or a message of the live feed, can be unusable. A malformed row is
 * counted by its kind and skipped; nothing of it reaches the run. Any thread; a {@link MalformedCounts} belongs to one.
 *
 * Books. A top-20 book is judged whole, as far as it is read (the best 20 of a side): one bad level refuses it,
 * because a sum over the rest would be a number that nobody's market had. A side without a level is no fault: that side's price,
 * quantity and depth are NaN.
 */
import { KindCounts } from './kind-counts.ts'

/** What each kind means; also the text of `--strict`'s error. `missing_…` includes null. */
export const malformedMeanings = {
  json: 'not one JSON object',
  too_long: 'longer than 64 KiB',
  missing_ts: 'has no time',
  bad_ts:
    'the time is not in integer Unix milliseconds of 13 digits, or not within the 104 days after the epoch of the run',
  late: 'the time goes back (in a recording that is put in order: by more than that reaches)',
  missing_px: 'has no px',
  bad_px: 'px is not a number above 0 and below 2^53 ticks',
  off_grid_px: 'px is not a multiple of the tick',
  missing_sz: 'has no sz',
  bad_sz: 'sz is not a number above 0 and below 2^53 lots',
  off_grid_sz: 'sz is not a multiple of the lot',
  missing_side: 'has no side',
  bad_side: 'the side is none that the venue knows',
  missing_bids: 'has no bids',
  bad_bids: 'the bids are not a list of prices and quantities',
  missing_asks: 'has no asks',
  bad_asks: 'the asks are not a list of prices and quantities',
  unsorted_book: 'the levels of a side do not go from the best price outwards',
  crossed_book: 'the best bid is not below the best ask',
  missing_update_id: 'has no number of its update (u, pu)',
  bad_update_id: 'the number of its update (u, pu) is not an integer below 2^53',
  missing_symbol: 'has no symbol',
  bad_symbol: 'the symbol is not 1 to 16 bytes without spaces, commas, quotes and what is not seen',
  missing_venue: 'has no venue',
  bad_candle: 'the low is not above 0, or open and close do not lie between low and high',
  columns: 'has too few columns for its format',
  bad_line: 'is not a receive time and a message',
  missing_funding: 'has no funding',
  bad_funding: 'funding is not a number in −1 … 1',
  missing_oi: 'has no open interest',
  bad_oi: 'the open interest is not a number of at least 0 and below 2^53 lots',
  missing_mark: 'has no mark price',
  bad_mark: 'the mark price is not a number of at least half a tick and below 2^53 ticks',
  missing_oracle: 'has no oracle price',
  bad_oracle: 'the oracle price is not a number of at least half a tick and below 2^53 ticks',
  missing_tid: 'has no number of the trade',
  bad_tid: 'the number of the trade is not an integer below 2^53',
  binary: 'a binary message',
  bad_message: 'a message without the parts that its channel promises',
  unknown_channel: 'a message of a channel that nobody subscribed to',
  unknown_coin: 'a coin that nobody subscribed to',
} as const

export type MalformedKind = keyof typeof malformedMeanings

export class MalformedCounts extends KindCounts<MalformedKind> {}
