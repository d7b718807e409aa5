/**
 * One recording as a source of the merge: its bytes become lines, its lines rows, its rows a block of columns that is refilled
 * when the merge has used it up. Memory is bounded by the chunk, the block and one line. One thread.
 *
 * What is wrong with the whole file (unreadable, another format, strict) is thrown by the {@link RecordingSource.fill} that
 * finds no row before it: every row ahead of it is handed out first, so that where a run stops depends on the files alone.
 */
import { inputError } from '../../base/errors.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { type RecordKind, recordKinds } from '../../domain/market.ts'
import type { Timeline } from '../../domain/units.ts'
import { ChunkReader } from './chunk-reader.ts'
import { MalformedCounts, type MalformedKind, malformedMeanings } from './malformed.ts'
import type { RecordingFile } from './recording-file.ts'
import { RowBlock } from './row-block.ts'
import {
  createContextFields,
  createTradeFields,
  isMissing,
  isWithin,
  readContextFields,
  readTradeFields,
  readUnixMs,
} from './row-fields.ts'
import { notScanned, RowScanner } from './row-scanner.ts'

/** A line longer than this is no row of a recording; it is skipped without being kept. */
export const lineBytesMax = 64 * 1024

/** A file whose first rows are all malformed is no recording of its kind. */
export const formatRowsMax = 100

const newline = 0x0a

export interface SourceOptions {
  readonly instrument: Instrument
  /** Null while the run's epoch is not known: then no time is out of its range. */
  readonly timeline: Timeline | null
  readonly strict: boolean
  /** Rows outside fromUnixMs ≤ ts < untilUnixMs are passed over. */
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  /** Where malformed rows are counted, beside the source's own count. */
  readonly counts: MalformedCounts
  readonly blockRows: number
}

export class RecordingSource {
  readonly file: RecordingFile
  readonly block: RowBlock
  /** The row of the block that the merge takes next. */
  cursor = 0
  /** The file's bytes cannot be had (corrupt or truncated gzip, a disk's fault), whatever is in them. */
  isUnreadable = false

  readonly #options: SourceOptions
  readonly #scanner = new RowScanner()
  readonly #trade = createTradeFields()
  readonly #context = createContextFields()
  readonly #own = new MalformedCounts()
  #reader: ChunkReader | null = null
  #isAtEnd = false
  #failure: Error | null = null
  /** #chunk[#position … #end − 1] are whole lines not yet read; what follows #end is the begin of a line. */
  #chunk: Buffer = Buffer.alloc(0)
  #position = 0
  #end = 0
  /** The begin of a line whose end is in the next chunk. */
  #carry = Buffer.alloc(1024)
  #carryBytes = 0
  #isCarryTooLong = false
  #line = 0
  #rows = 0
  #validRows = 0
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(file: RecordingFile, options: SourceOptions) {
    this.file = file
    this.block = new RowBlock(file.kind, options.blockRows)
    this.#options = options
  }

  /** Bytes of the file taken from the disk so far. */
  get bytesRead(): number {
    return this.#isAtEnd ? this.file.sizeBytes : (this.#reader?.bytesRead ?? 0)
  }

  /**
   * Refills the block; `block.count` 0 is the end of the recording.
   * @throws {SignalboxError} `ERR_INPUT` naming the file, and in strict mode the line; again at every later call.
   */
  async fill(): Promise<void> {
    this.block.count = 0
    this.cursor = 0
    for (;;) {
      if (this.#failure === null) this.#readLines()
      if (this.block.count === this.block.capacity) return
      if (this.#failure !== null) {
        if (this.block.count > 0) return
        throw this.#failure
      }
      if (this.#isAtEnd) return
      await this.#nextChunk()
    }
  }

  async close(): Promise<void> {
    await this.#reader?.close()
  }

  async #nextChunk(): Promise<void> {
    this.#reader ??= new ChunkReader(this.file)
    this.#keep(this.#chunk, this.#end, this.#chunk.length)
    this.#position = 0
    this.#end = 0
    let chunk: Buffer | null
    try {
      chunk = await this.#reader.next()
    } catch (error) {
      this.#failure = error as Error
      this.isUnreadable = true
      return
    }
    if (chunk === null) {
      this.#chunk = Buffer.alloc(0)
      this.#isAtEnd = true
      // The last line may lack its newline.
      if (this.#carryBytes > 0 || this.#isCarryTooLong) this.#readCarry()
      if (this.#failure === null && this.#isAnotherFormat()) this.#failure = this.#describeFormat()
      return
    }
    this.#chunk = chunk
    if (this.#carryBytes > 0 || this.#isCarryTooLong) {
      const first = chunk.indexOf(newline)
      if (first < 0) return // #end is 0: all of it is kept at the next chunk
      this.#keep(chunk, 0, first)
      this.#position = first + 1
      this.#end = chunk.lastIndexOf(newline) + 1
      this.#readCarry()
      return
    }
    this.#end = chunk.lastIndexOf(newline) + 1
  }

  /** Appends to the carried begin of a line; beyond the longest line it is forgotten. */
  #keep(chunk: Buffer, start: number, end: number): void {
    const bytes = this.#carryBytes + end - start
    if (this.#isCarryTooLong || bytes > lineBytesMax) {
      this.#isCarryTooLong = true
      this.#carryBytes = 0
      return
    }
    if (bytes > this.#carry.length) {
      const larger = Buffer.alloc(Math.min(lineBytesMax, 2 * bytes))
      this.#carry.copy(larger, 0, 0, this.#carryBytes)
      this.#carry = larger
    }
    chunk.copy(this.#carry, this.#carryBytes, start, end)
    this.#carryBytes = bytes
  }

  #readCarry(): void {
    this.#line += 1
    if (this.#isCarryTooLong) this.#refuse('too_long')
    else this.#readText(this.#carry.toString('utf8', 0, this.#carryBytes))
    this.#carryBytes = 0
    this.#isCarryTooLong = false
  }

  /** Whole lines of the chunk, until it or the block is used up. */
  #readLines(): void {
    const { block, file } = this
    const { instrument } = this.#options
    const chunk = this.#chunk
    const end = this.#end
    const isTrades = file.kind === recordKinds.trade
    let position = this.#position
    while (position < end && block.count < block.capacity && this.#failure === null) {
      this.#line += 1
      const next = isTrades
        ? this.#scanner.scanTrade(chunk, position, instrument, this.#trade)
        : this.#scanner.scanContext(chunk, position, instrument, this.#context)
      if (next !== notScanned) {
        this.#admit(isTrades ? this.#trade.atMs : this.#context.atMs)
        position = next
        continue
      }
      const lineEnd = chunk.indexOf(newline, position)
      if (lineEnd - position > lineBytesMax) this.#refuse('too_long')
      else this.#readText(chunk.toString('utf8', position, lineEnd))
      position = lineEnd + 1
    }
    this.#position = position
  }

  /** A line in any form that JSON allows; an empty one is passed over. */
  #readText(text: string): void {
    if (text.trim() === '') return
    const row = parseObject(text)
    if (row === null) {
      this.#refuse('json')
      return
    }
    if (this.file.kind === recordKinds.trade) {
      const kind = readTradeFields(this.#options.instrument, row.ts, row.px, row.sz, row.side, this.#trade)
      if (kind === null) this.#admit(this.#trade.atMs)
      else this.#refuse(kind)
      return
    }
    const kind = this.#readContext(row)
    if (kind === null) this.#admit(this.#context.atMs)
    else this.#refuse(kind)
  }

  #readContext(row: Record<string, unknown>): MalformedKind | null {
    if (isMissing(row.ts)) return 'missing_ts'
    this.#context.atMs = readUnixMs(row.ts)
    if (Number.isNaN(this.#context.atMs)) return 'bad_ts'
    return readContextFields(this.#options.instrument, row.funding, row.oi, row.mark, row.oracle, this.#context)
  }

  /** The row just read is well formed; here its time is judged. */
  #admit(atMs: number): void {
    const { timeline, fromUnixMs, untilUnixMs } = this.#options
    if (timeline !== null && !isWithin(timeline, atMs)) {
      this.#refuse('bad_ts')
      return
    }
    if (atMs < this.#lastMs) {
      this.#refuse('late')
      return
    }
    this.#lastMs = atMs
    this.#rows += 1
    this.#validRows += 1
    if (atMs < fromUnixMs || atMs >= untilUnixMs) return
    if (this.file.kind === recordKinds.trade) this.block.pushTrade(this.#trade)
    else this.block.pushContext(this.#context)
  }

  #refuse(kind: MalformedKind): void {
    this.#rows += 1
    this.#own.add(kind)
    this.#options.counts.add(kind)
    if (this.#options.strict) {
      this.#failure = inputError(`${this.file.path}:${this.#line}`, `${kind}: ${malformedMeanings[kind]}`)
    } else if (this.#validRows === 0 && this.#rows === formatRowsMax) {
      this.#failure = this.#describeFormat()
    }
  }

  /** A file too short for `formatRowsMax` is another format only if nothing in it is JSON. */
  #isAnotherFormat(): boolean {
    return this.#rows > 0 && this.#own.byKind.get('json') === this.#rows
  }

  #describeFormat(): Error {
    const rows = this.#rows === 1 ? 'its only row is' : `its first ${this.#rows} rows are`
    return inputError(
      this.file.path,
      `is not a recording: ${rows} malformed (${this.#own}); expected ${exampleOf(this.file.kind)}`,
    )
  }
}

function exampleOf(kind: RecordKind): string {
  return kind === recordKinds.trade
    ? '{"ts":1781654400032,"px":65640.0,"sz":0.00162,"side":"B"}'
    : '{"ts":1781654423451,"funding":1.25e-05,"oi":31663.5,"mark":65668.0,"oracle":65703.0}'
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null
  } catch {
    return null // counted as `json` by the caller
  }
}
