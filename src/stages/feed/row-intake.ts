/**
 * The door between the rows of one recording and its block: here a row's time is judged, what is malformed is counted, and it is
 * decided whether the whole file is what it claims to be. Whoever reads rows (line by line, or from columns) asks it for every
 * row. One thread.
 */
import { inputError } from '../../base/errors.ts'
import type { Timeline } from '../../domain/units.ts'
import { MalformedCounts, type MalformedKind, malformedMeanings } from './malformed.ts'
import { RowBlock } from './row-block.ts'
import { isWithin } from './row-fields.ts'

/** A file whose first rows are all malformed is no recording of its kind. */
export const formatRowsMax = 100

export interface IntakeOptions {
  /** Null while the run's epoch is not known: then no time is out of its range. */
  readonly timeline: Timeline | null
  readonly strict: boolean
  /** Rows outside fromUnixMs ≤ ts < untilUnixMs are passed over. */
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  /** Where malformed rows are counted, beside the recording's own count. */
  readonly counts: MalformedCounts
  readonly blockRows: number
}

export class RowIntake {
  readonly block: RowBlock
  /** Where the row now read stands in its file, from 1. */
  line = 0
  /** What is wrong with the whole file; nothing is to be read behind it. */
  failure: Error | null = null

  readonly #path: string
  /** A good row of the format, for the message that a file is another. */
  readonly #example: string
  readonly #options: IntakeOptions
  readonly #own = new MalformedCounts()
  #rows = 0
  #validRows = 0
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(path: string, example: string, options: IntakeOptions) {
    this.#path = path
    this.#example = example
    this.#options = options
    this.block = new RowBlock(options.blockRows)
  }

  /** No further row may be admitted before the block was cleared. */
  get isFull(): boolean {
    return this.block.isFull
  }

  /**
   * A row that is well formed asks for its place at `atMs`, Unix milliseconds.
   * @returns Whether it is to be pushed, at once and only once; false: its time is refused, or outside the run's range.
   */
  admits(atMs: number): boolean {
    const { timeline, fromUnixMs, untilUnixMs } = this.#options
    if (timeline !== null && !isWithin(timeline, atMs)) {
      this.refuse('bad_ts')
      return false
    }
    if (atMs < this.#lastMs) {
      this.refuse('late')
      return false
    }
    this.#lastMs = atMs
    this.#rows += 1
    this.#validRows += 1
    return atMs >= fromUnixMs && atMs < untilUnixMs
  }

  /** Counts a malformed row; in strict mode, or as the last of too many, it ends the recording. */
  refuse(kind: MalformedKind): void {
    this.#rows += 1
    this.#own.add(kind)
    this.#options.counts.add(kind)
    if (this.#options.strict) {
      this.failure = inputError(`${this.#path}:${this.line}`, `${kind}: ${malformedMeanings[kind]}`)
    } else if (this.#validRows === 0 && this.#rows === formatRowsMax) {
      this.failure = this.#describeFormat()
    }
  }

  /** The recording has ended. One too short for `formatRowsMax` is of another format only if nothing in it is JSON. */
  end(): void {
    const isAnother = this.#rows > 0 && this.#own.byKind.get('json') === this.#rows
    if (isAnother) this.failure ??= this.#describeFormat()
  }

  #describeFormat(): Error {
    const rows = this.#rows === 1 ? 'its only row is' : `its first ${this.#rows} rows are`
    return inputError(this.#path, `is not a recording: ${rows} malformed (${this.#own}); expected ${this.#example}`)
  }
}
