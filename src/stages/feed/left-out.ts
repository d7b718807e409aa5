/**
 * The closed list of rows that are well formed and still no records of the run: they are counted by kind, apart from the malformed,
 * and `--strict` has nothing against them. Rows of symbols that are not the run's, and rows outside its range, are not even counted.
 * Any thread; a {@link LeftOutCounts} belongs to one.
 */
import { KindCounts } from './kind-counts.ts'

export const leftOutMeanings = {
  duplicate: 'the same row, trade or book update once more',
  off_book: 'a trade that the insurance fund or auto-deleveraging made: no price of the tape',
  other_trade_stream:
    'a trade of a symbol whose trades are read from its other stream, trade or aggTrade, as the first of it was',
  unfilled: 'a forced order of which nothing was filled',
  stale_top: 'a best bid and offer that is not newer than the book that was read before it',
  stale_book: 'a book update or snapshot that is not newer than the book that was read before it',
  book_gap: 'a book update that does not follow the one before it: the book was begun anew, with this update',
  unclaimed_book: 'a book snapshot without a symbol in a session of several books, or of none so far',
  untimed: 'a context before the first message that has a time',
  unsided: 'a liquidation of a table that names one side for all of them, and so tells none',
  unknown_contract: 'a quantity in contracts of which nobody has said how many coins they hold',
  unknown_period: 'a funding rate of a series of one row: the length of its period is not known',
  no_price: 'an open interest in dollars with no candle of the day before it that tells what a coin was worth',
  untraded: 'a candle in which fewer than four lots changed hands',
  other_message: 'a message of a kind that tells nothing which a run takes',
} as const

export type LeftOutKind = keyof typeof leftOutMeanings

export function isLeftOut(kind: string): kind is LeftOutKind {
  return Object.hasOwn(leftOutMeanings, kind)
}

export class LeftOutCounts extends KindCounts<LeftOutKind> {}
