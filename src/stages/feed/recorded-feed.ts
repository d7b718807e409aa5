/**
 * Recordings as a feed: any number of files, merged by time into batches of market records. For `replay`, `detect`, the warm-up
 * of a live run, and the playback server. One thread; file reading is asynchronous.
 *
 * Order: (time, format of the file, its symbol, its name, row), whatever the order of the arguments; formats in the order of
 * `recordingFormats`. A file is opened when the merge comes to its first row and let go after its last, so a year of days needs
 * the memory of those that overlap: about 1 MiB each.
 */
import { inputError, SignalboxError } from '../../base/errors.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { createMarketRecord, type MarketRecord } from '../../domain/market.ts'
import { nsPerMs, Timeline } from '../../domain/units.ts'
import { LeftOutCounts } from './left-out.ts'
import { MalformedCounts } from './malformed.ts'
import { MergeHeap } from './merge-heap.ts'
import { openSource } from './open-source.ts'
import { isParquetFormat } from './parquet/columns.ts'
import { defaultSourceVenue, ParquetSelection } from './parquet/selection.ts'
import type { RecordSource } from './record-source.ts'
import { compareBytes, findRecordings, type RecordingFile } from './recording-file.ts'
import { defaultReorder, type ReorderOptions } from './reorder-buffer.ts'
import { isWithin } from './row-fields.ts'
import { RunSymbols } from './run-symbols.ts'
import { findFirstMs, findSymbols, type SurveyOptions } from './survey.ts'

/** Records in one batch, at most. */
export const batchRecordsMax = 1_024

/** Rows that one file holds parsed, at most: 36 KiB, so that the blocks of a day's files stay in a core's cache together. */
export const blockRows = 512

/** What {@link RecordedFeed.nextBatch} hands out: `records[0 … count − 1]`, valid until the next call. */
export interface RecordBatch {
  /** Preallocated and reused: a receiver that keeps a record copies it. */
  readonly records: readonly MarketRecord[]
  /** 0 at the end. */
  count: number
}

export interface RecordedFeedOptions {
  /** The first malformed row is an error that names file and line; default false: it is counted and skipped. */
  readonly strict?: boolean
  /** Grids of symbols, before the known ones (`instrumentOf`). */
  readonly instruments?: Readonly<Record<string, Omit<Instrument, 'symbol'>>>
  /**
   * The run's symbols, for a run that has others beside the recordings' (warm-up of a live feed): a record's `symbolIndex`
   * counts in this list, a file of another symbol is refused, and rows of others in a file of many are passed over. Default: those
   * that the names of files tell and those that files of many symbols hold, in byte order.
   */
  readonly symbols?: readonly string[]
  /** With `symbols`: files of other symbols are passed over, and not refused; default false. */
  readonly passesOverOthers?: boolean
  /** The run's timeline; default: from the UTC midnight before the first row. */
  readonly timeline?: Timeline
  /** How far rows may be out of order in CSV and sessions; default {@link defaultReorder}: 60 s of event time, 65,536 rows. */
  readonly reorder?: ReorderOptions
  /** The venue whose rows are taken of Parquet files; default hyperliquid. */
  readonly sourceVenue?: string
  /** Only rows with fromUnixMs ≤ ts < untilUnixMs, Unix milliseconds; default: all. */
  readonly fromUnixMs?: number
  readonly untilUnixMs?: number
}

export interface RecordedFeed {
  /** Index = `symbolIndex`. */
  readonly instruments: readonly Instrument[]
  readonly timeline: Timeline
  /** Unix nanoseconds of the first and last record handed out; null before the first. */
  readonly firstNs: bigint | null
  readonly lastNs: bigint | null
  /** Malformed rows by kind ({@link malformedMeanings}); complete at the end, before it up to one block ahead of the records. */
  readonly malformed: ReadonlyMap<string, number>
  /** Well-formed rows that are no records of the run, by kind ({@link leftOutMeanings}); complete as `malformed` is. */
  readonly leftOut: ReadonlyMap<string, number>
  /** On disk, compressed, all files. */
  readonly bytesTotal: number
  readonly bytesRead: number
  /**
   * The next records in order. One call at a time.
   * @returns The same object at every call; `count` 0 at the end and from then on.
   * @throws {SignalboxError} `ERR_INPUT` naming the file (truncated or corrupt gzip, another format) or file and line (strict),
   *   after every record that precedes the fault in its file; `ERR_CLOSED` after `close()`.
   */
  nextBatch(): Promise<RecordBatch>
  /** Lets go of all files. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens recordings. Reads each file's first row to find the run's epoch, nothing more; but a file of many symbols (CSV, raw session)
 * is read once through when `symbols` does not say which are meant.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming the file: absent, a folder, no recording that is known, given twice, of a symbol
 *   that `symbols` lacks, of another format from its first row on (strict: malformed before its first good row), or
 *   so much later than the others that one run cannot hold both. Of Parquet files also what `ParquetSelection.open` refuses, by the
 *   option's name, and that DuckDB is not installed.
 */
export async function openRecordings(
  paths: readonly string[],
  options: RecordedFeedOptions = {},
): Promise<RecordedFeed> {
  const files = filesOf(await findRecordings(paths), options)
  const parquet = await openSelection(files, options)
  try {
    return await openFiles(files, parquet, options)
  } catch (error) {
    parquet?.close()
    throw error
  }
}

/** Those that the run reads. */
function filesOf(all: readonly RecordingFile[], options: RecordedFeedOptions): readonly RecordingFile[] {
  const { symbols, passesOverOthers } = options
  if (symbols === undefined || passesOverOthers !== true) return all
  const files = all.filter(({ symbol }) => symbol === null || symbols.includes(symbol))
  if (files.length > 0) return files
  const held = [...new Set(all.map(({ symbol }) => symbol))].sort(compareNullable)
  throw inputError('symbols', `no file is of ${symbols.join(', ')}; the files are of ${held.join(', ')}`)
}

function compareNullable(one: string | null, other: string | null): number {
  return compareBytes(one ?? '', other ?? '')
}

/** The run's Parquet files. A symbol that the run names must be in them, unless another recording may hold it. */
function openSelection(
  files: readonly RecordingFile[],
  { symbols, sourceVenue, fromUnixMs, untilUnixMs }: RecordedFeedOptions,
): Promise<ParquetSelection | null> {
  const others = files.filter(({ format }) => !isParquetFormat(format))
  const isElsewhere = (name: string): boolean => others.some(({ symbol }) => symbol === null || symbol === name)
  return ParquetSelection.open(files, {
    venue: sourceVenue ?? defaultSourceVenue,
    symbols: symbols ?? null,
    requiredSymbols: (symbols ?? []).filter((name) => !isElsewhere(name)),
    fromUnixMs: fromUnixMs ?? Number.NEGATIVE_INFINITY,
    untilUnixMs: untilUnixMs ?? Number.POSITIVE_INFINITY,
  })
}

async function openFiles(
  files: readonly RecordingFile[],
  parquet: ParquetSelection | null,
  options: RecordedFeedOptions,
): Promise<RecordedFeed> {
  const { instruments: grids } = options
  const survey = {
    parquet,
    timeline: options.timeline ?? null,
    strict: options.strict ?? false,
    fromUnixMs: options.fromUnixMs ?? Number.NEGATIVE_INFINITY,
    untilUnixMs: options.untilUnixMs ?? Number.POSITIVE_INFINITY,
    reorder: options.reorder ?? defaultReorder,
  }
  const names = options.symbols ?? (await symbolsOf(files, grids, survey))
  // Of other files the fault may be in the file: reading meets it again.
  if (names.length === 0 && parquet !== null) {
    const venue = options.sourceVenue ?? defaultSourceVenue
    const what = `holds no row of venue ${venue} between these times; --source-venue NAME chooses another venue`
    throw inputError(files[0]!.path, what)
  }
  for (const { path, symbol } of files) {
    if (symbol !== null && !names.includes(symbol)) {
      throw inputError(path, `is of ${symbol}, which is not one of the run's symbols (${names.join(', ')})`)
    }
  }
  // Of a symbol that the survey found no good row of, the bad ones are still to be counted; of one that was not asked for, none.
  const symbols = new RunSymbols(names, grids, options.symbols === undefined)
  const { instruments } = symbols
  const sourceOptions = { ...survey, symbols, symbolCount: names.length }
  const malformed = new MalformedCounts()
  const leftOut = new LeftOutCounts()

  const heads: number[] = []
  for (const file of files) heads.push(await findFirstMs(file, sourceOptions))
  const firstMs = heads.reduce(
    (least, head) => (Number.isFinite(head) ? Math.min(least, head) : least),
    Number.POSITIVE_INFINITY,
  )
  const timeline = options.timeline ?? (Number.isFinite(firstMs) ? Timeline.atMidnightBefore(firstMs) : new Timeline(0))
  for (const [rank, { path }] of files.entries()) {
    if (Number.isFinite(heads[rank]!) && options.timeline === undefined && !isWithin(timeline, heads[rank]!)) {
      throw inputError(
        path,
        'begins more than 104 days after the first record of the run, which is more than a run holds',
      )
    }
  }

  const sources = files.map((file) => openSource(file, { ...sourceOptions, timeline, malformed, leftOut, blockRows }))
  return new MergedRecordings(sources, heads, instruments, timeline, malformed, leftOut, parquet)
}

/** Those that the names tell, and those that files of many symbols hold, in byte order. */
async function symbolsOf(
  files: readonly RecordingFile[],
  grids: RecordedFeedOptions['instruments'],
  survey: Omit<SurveyOptions, 'symbols' | 'symbolCount'>,
): Promise<string[]> {
  const names = new Set<string>()
  for (const file of files) {
    if (file.symbol !== null) names.add(file.symbol)
    else if (isParquetFormat(file.format)) for (const name of survey.parquet!.coins) names.add(name)
    else for (const name of await findSymbols(file, new RunSymbols([], grids, true), survey)) names.add(name)
  }
  return [...names].sort(compareBytes)
}

class MergedRecordings implements RecordedFeed {
  readonly instruments: readonly Instrument[]
  readonly timeline: Timeline
  readonly bytesTotal: number

  readonly #sources: readonly RecordSource[]
  readonly #malformed: MalformedCounts
  readonly #leftOut: LeftOutCounts
  readonly #parquet: ParquetSelection | null
  readonly #heap: MergeHeap
  readonly #batch: RecordBatch
  readonly #records: MarketRecord[]
  #firstMs: number | null = null
  #lastMs: number | null = null
  #failure: unknown = null
  #isReading = false
  #isClosed = false

  constructor(
    sources: readonly RecordSource[],
    heads: readonly number[],
    instruments: readonly Instrument[],
    timeline: Timeline,
    malformed: MalformedCounts,
    leftOut: LeftOutCounts,
    parquet: ParquetSelection | null,
  ) {
    this.#sources = sources
    this.instruments = instruments
    this.timeline = timeline
    this.#malformed = malformed
    this.#leftOut = leftOut
    this.#parquet = parquet
    this.bytesTotal = sources.reduce((sum, source) => sum + source.sizeBytes, 0)
    this.#heap = new MergeHeap(sources.length)
    for (const [rank, head] of heads.entries()) this.#heap.push(rank, head)
    this.#records = Array.from({ length: batchRecordsMax }, createMarketRecord)
    this.#batch = { records: this.#records, count: 0 }
  }

  get firstNs(): bigint | null {
    return this.#firstMs === null ? null : BigInt(this.#firstMs) * BigInt(nsPerMs)
  }

  get lastNs(): bigint | null {
    return this.#lastMs === null ? null : BigInt(this.#lastMs) * BigInt(nsPerMs)
  }

  get malformed(): ReadonlyMap<string, number> {
    return this.#malformed.byKind
  }

  get leftOut(): ReadonlyMap<string, number> {
    return this.#leftOut.byKind
  }

  get bytesRead(): number {
    return this.#sources.reduce((sum, source) => sum + source.bytesRead, 0)
  }

  async nextBatch(): Promise<RecordBatch> {
    if (this.#isClosed) throw new SignalboxError('ERR_CLOSED', 'nextBatch after close')
    if (this.#isReading) throw new SignalboxError('ERR_INVALID_ARGUMENT', 'nextBatch while another call of it runs')
    this.#isReading = true
    try {
      return await this.#read()
    } finally {
      this.#isReading = false
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const source of this.#sources) await source.close()
    this.#parquet?.close()
  }

  async #read(): Promise<RecordBatch> {
    if (this.#failure !== null) throw this.#failure
    let count = 0
    while (count < batchRecordsMax) {
      const rank = this.#heap.top
      if (rank < 0) break
      const source = this.#sources[rank]!
      if (source.cursor === source.block.count) {
        try {
          await source.fill()
        } catch (error) {
          // What precedes the fault is handed out first; the next call throws it.
          this.#failure = error
          if (count > 0) break
          throw error
        }
        if (source.block.count === 0) {
          this.#heap.popTop()
          await source.close()
        } else {
          this.#heap.replaceTop(source.block.atMs(0))
        }
        continue
      }
      count = this.#take(rank, source, count)
      // A used-up block keeps its place by its last time: the refill comes before anything later is handed out.
      this.#heap.replaceTop(source.block.atMs(Math.min(source.cursor, source.block.count - 1)))
    }
    if (count > 0) {
      this.#firstMs ??= this.timeline.toUnixMs(this.#records[0]!.atNs)
      this.#lastMs = this.timeline.toUnixMs(this.#records[count - 1]!.atNs)
    }
    this.#batch.count = count
    return this.#batch
  }

  /** Hands out the top's rows up to the runner-up's head, the end of the block or of the batch. */
  #take(rank: number, source: RecordSource, start: number): number {
    const runnerUp = this.#heap.runnerUp
    const untilMs = runnerUp < 0 ? Number.POSITIVE_INFINITY : this.#heap.headOf(runnerUp)
    const isFirstOfEqual = runnerUp < 0 || rank < runnerUp
    const { block } = source
    const { epochMs } = this.timeline
    const records = this.#records
    let count = start
    let row = source.cursor
    while (count < batchRecordsMax && row < block.count) {
      const ms = block.atMs(row)
      if (!(ms < untilMs || (isFirstOfEqual && ms === untilMs))) break
      block.writeTo(records[count]!, row, epochMs)
      row += 1
      count += 1
    }
    source.cursor = row
    return count
  }
}
