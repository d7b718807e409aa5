/**
 * The door between the rows of one recording and its block: here a row's time is judged, rows are put in order where the format
 * does not promise it, what is malformed or left out is counted, and it is decided whether the whole file is what it claims to be.
 * Whoever reads rows (line by line, or from columns) brings every one of them here. One thread.
 */
import { inputError } from '../../base/errors.ts'
import type { Timeline } from '../../domain/units.ts'
import type { LeftOutCounts, LeftOutKind } from './left-out.ts'
import { MalformedCounts, type MalformedKind, malformedMeanings } from './malformed.ts'
import { ReorderBuffer, type ReorderOptions } from './reorder-buffer.ts'
import { RowBlock } from './row-block.ts'
import {
  type BookFields,
  type ContextFields,
  isWithin,
  type LiquidationFields,
  type TradeFields,
} from './row-fields.ts'

/** A file whose first rows are all malformed is no recording of its kind. */
export const formatRowsMax = 100

export interface IntakeOptions {
  /** Null while the run's epoch is not known: then no time is out of its range. */
  readonly timeline: Timeline | null
  readonly strict: boolean
  /**
   * How many symbols the run has. Rows of those that a file of many names beyond them are judged as all others, so that what is
   * malformed is counted, and then passed over.
   */
  readonly symbolCount: number
  /** Rows outside fromUnixMs ≤ ts < untilUnixMs are passed over. */
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  /** Where malformed rows are counted, beside the recording's own count. */
  readonly malformed: MalformedCounts
  readonly leftOut: LeftOutCounts
  readonly blockRows: number
}

/** What the intake has to know of a recording's format. */
export interface IntakeFormat {
  /** A good row, for the message that a file is of another format. */
  readonly example: string
  /** How far rows may be out of order and still be put in order; null: the format promises order, and a row behind is malformed. */
  readonly reorder: ReorderOptions | null
}

export class RowIntake {
  readonly block: RowBlock
  /** Where the row now read stands in its file, from 1. */
  line = 0
  /** What is wrong with the whole file; nothing is to be read behind it. */
  failure: Error | null = null

  readonly #path: string
  readonly #example: string
  readonly #options: IntakeOptions
  readonly #own = new MalformedCounts()
  readonly #reorder: ReorderBuffer | null
  /** Where an admitted row is written: the block, or a place from which the buffer takes it. */
  readonly #desk: RowBlock
  #rows = 0
  #validRows = 0
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(path: string, format: IntakeFormat, options: IntakeOptions) {
    this.#path = path
    this.#example = format.example
    this.#options = options
    this.block = new RowBlock(options.blockRows)
    this.#reorder = format.reorder === null ? null : new ReorderBuffer(format.reorder)
    this.#desk = this.#reorder === null ? this.block : new RowBlock(1)
  }

  /** Nothing more is to be read before the block is begun anew. */
  get isFull(): boolean {
    return this.block.isFull
  }

  /** Empties the block, and fills it with what was due already. */
  begin(): void {
    this.block.count = 0
    this.#reorder?.release(this.block)
  }

  /** Takes a well-formed trade. Its time may still be refused, or be outside the run's range. */
  trade(symbolIndex: number, row: Readonly<TradeFields>): void {
    if (!this.#admits(symbolIndex, row.atMs)) return
    this.#desk.pushTrade(symbolIndex, row)
    if (this.#reorder !== null) this.#putInOrder(this.#reorder)
  }

  /** As {@link trade}. */
  liquidation(symbolIndex: number, row: Readonly<LiquidationFields>): void {
    if (!this.#admits(symbolIndex, row.atMs)) return
    this.#desk.pushLiquidation(symbolIndex, row)
    if (this.#reorder !== null) this.#putInOrder(this.#reorder)
  }

  /** As {@link trade}. NaN is what the source does not tell. */
  context(symbolIndex: number, row: Readonly<ContextFields>): void {
    if (!this.#admits(symbolIndex, row.atMs)) return
    this.#desk.pushContext(symbolIndex, row)
    if (this.#reorder !== null) this.#putInOrder(this.#reorder)
  }

  /** As {@link trade}. */
  book(symbolIndex: number, row: Readonly<BookFields>): void {
    if (!this.#admits(symbolIndex, row.atMs)) return
    this.#desk.pushBook(symbolIndex, row)
    if (this.#reorder !== null) this.#putInOrder(this.#reorder)
  }

  /** Counts a malformed row; in strict mode, or as the last of too many, it ends the recording. */
  refuse(kind: MalformedKind): void {
    this.#rows += 1
    this.#own.add(kind)
    this.#options.malformed.add(kind)
    if (this.#options.strict) {
      this.failure ??= inputError(`${this.#path}:${this.line}`, `${kind}: ${malformedMeanings[kind]}`)
    } else if (this.#validRows === 0 && this.#rows === formatRowsMax) {
      this.failure ??= this.#describeFormat()
    }
  }

  /** A well-formed row that is no record of the run. */
  leaveOut(kind: LeftOutKind): void {
    this.#options.leftOut.add(kind)
    this.passOver()
  }

  /** A well-formed row that does not concern the run: another symbol's, or one that only keeps a connection alive. */
  passOver(): void {
    this.#rows += 1
    this.#validRows += 1
  }

  /** The recording has ended. One too short for `formatRowsMax` is of another format only if nothing in it could be read at all. */
  end(): void {
    const byKind = this.#own.byKind
    const unreadable = (byKind.get('json') ?? 0) + (byKind.get('columns') ?? 0) + (byKind.get('bad_line') ?? 0)
    if (this.#rows > 0 && unreadable === this.#rows) this.failure ??= this.#describeFormat()
  }

  /** Nothing more will be read, because of the end or of a failure: what waits in the order follows. */
  flush(): void {
    this.#reorder?.end()
    this.#reorder?.release(this.block)
  }

  /** Lets go of the memory. */
  drop(): void {
    this.block.drop()
    this.#reorder?.drop()
  }

  #admits(symbolIndex: number, atMs: number): boolean {
    const { timeline, fromUnixMs, untilUnixMs, symbolCount } = this.#options
    if (!(atMs >= fromUnixMs && atMs < untilUnixMs) || symbolIndex >= symbolCount) {
      this.passOver()
      return false
    }
    if (timeline !== null && !isWithin(timeline, atMs)) {
      this.refuse('bad_ts')
      return false
    }
    if (atMs < this.#lastMs) {
      this.refuse('late')
      return false
    }
    this.#rows += 1
    this.#validRows += 1
    if (this.#reorder === null) this.#lastMs = atMs
    return true
  }

  #putInOrder(reorder: ReorderBuffer): void {
    reorder.take(this.#desk, 0)
    this.#desk.count = 0
    reorder.release(this.block)
    this.#lastMs = reorder.releasedMs
  }

  #describeFormat(): Error {
    const rows = this.#rows === 1 ? 'its only row is' : `its first ${this.#rows} rows are`
    return inputError(this.#path, `is not a recording: ${rows} malformed (${this.#own}); expected ${this.#example}`)
  }
}
