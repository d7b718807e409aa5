/**
 * The reader of journals: lines in order, of a folder's series or of one file, while somebody may still be writing. Any
 * thread; blocks on the disk; holds one line (at most 64 MiB) and one chunk in memory.
 *
 * A line that is torn or not a JSON object is yielded as a value that says where and why, so that a report can count it and
 * go on; `strict` throws instead. It reads losslessly: integers beyond 2^53 come as bigint (ERRATA E30).
 */
import { isUtf8 } from 'node:buffer'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { inputError, messageOf, SignalboxError } from '../base/errors.ts'
import { parseLossless } from '../domain/lossless-json.ts'
import { errnoOf } from './errno.ts'
import { listSeries, requireSeries, type SeriesFile, seriesFileOf } from './series.ts'

/** One whole line. */
export interface JournalLine {
  readonly kind: 'line'
  readonly file: string
  /** From 1, in its file. */
  readonly line: number
  readonly text: string
  readonly value: Readonly<Record<string, unknown>>
}

/**
 * What is not a line of a journal.
 *
 * - `torn`: the end of the newest file lacks its newline and is no JSON object: its writer died, or is writing it now.
 * - `foreign`: anything else that is not one JSON object, a torn line in the middle of a file included.
 * - `missing`: a file between two others of the series is not there; `line` is 0.
 */
export interface JournalProblem {
  readonly kind: 'problem'
  readonly problem: 'torn' | 'foreign' | 'missing'
  readonly file: string
  readonly line: number
  readonly message: string
}

export type JournalRead = JournalLine | JournalProblem

export interface ReadOptions {
  /** Throw `ERR_INPUT` naming file and line at the first problem. Default false. */
  readonly strict?: boolean
  /** Somebody is writing: an unfinished end is left out, not a problem. Default false. */
  readonly live?: boolean
  /**
   * Lines whose text it is false for are passed over before they are parsed, which is most of the cost of a line. What is
   * wrong with such a line is not said. Default: all lines.
   */
  readonly only?: (text: string) => boolean
  /** Size of one read; 1 … 2^24, default 256 KiB. */
  readonly chunkBytes?: number
}

const lineBytesMax = 64 * 1024 * 1024
const newline = 0x0a
const tornMessage = 'is torn: it ends without a newline'

/**
 * The lines of `series` in the folder `path`, rotation by rotation; or those of `path` itself when it is a file. Blank lines
 * are skipped. A last line that is a whole JSON object counts although its newline is missing. Stops at the end as it is
 * when it gets there, so lines that were appended meanwhile are included.
 *
 * @throws {SignalboxError} `ERR_INPUT` when the path is missing, the folder has no such series, or with `strict`; `ERR_IO`
 *   when the disk fails.
 */
export function* readJournal(path: string, series: string, options: ReadOptions = {}): Generator<JournalRead, void> {
  for (const raw of readJournalBytes(path, series, options)) {
    const read = raw.kind === 'problem' ? raw : journalReadOf(raw, options.only)
    if (read === null) continue
    if (read.kind === 'problem' && options.strict === true) throw inputError(`${read.file}:${read.line}`, read.message)
    yield read
  }
}

/** What stands between two newlines, unparsed. */
export interface JournalBytes {
  readonly kind: 'bytes'
  readonly file: string
  /** From 1, in its file. */
  readonly line: number
  /** Valid until the next line is asked for. */
  readonly bytes: Buffer
  /** It is the end of the newest file and lacks its newline. */
  readonly isUnfinished: boolean
}

/**
 * The lines that {@link readJournal} parses, as bytes, for whoever parses faster; of problems only those that need no parsing.
 * {@link journalReadOf} says of a line what `readJournal` would.
 *
 * @throws {SignalboxError} as {@link readJournal}; `strict` and `only` are passed over.
 */
export function* readJournalBytes(
  path: string,
  series: string,
  options: ReadOptions = {},
): Generator<JournalBytes | JournalProblem, void> {
  requireSeries(series)
  try {
    yield* statSync(path).isDirectory() ? readFolder(path, series, options) : readOne(path, options)
  } catch (thrown) {
    const errno = errnoOf(thrown)
    if (errno === undefined) throw thrown
    if (errno === 'ENOENT') throw inputError(path, 'there is no such file or folder', path)
    if (errno === 'EACCES' || errno === 'EPERM') throw inputError(path, 'cannot be read', path)
    throw new SignalboxError('ERR_IO', `${path}: ${messageOf(thrown)}`, { field: path, cause: thrown })
  }
}

/** The line as a value, or what is wrong with it; null for a blank one and for one that `only` passes over. */
export function journalReadOf(raw: JournalBytes, only?: ReadOptions['only']): JournalRead | null {
  const { file, line, bytes, isUnfinished } = raw
  if (!isUnfinished) return readLine(file, line, bytes, only)
  const read = readLine(file, line, bytes)
  if (read === null) return null
  if (read.kind === 'line') return (only?.(read.text) ?? true) ? read : null
  return { ...read, problem: 'torn', message: tornMessage }
}

function* readFolder(folder: string, series: string, options: ReadOptions): Generator<JournalBytes | JournalProblem> {
  const [oldest] = listSeries(folder, series)
  if (oldest === undefined)
    throw inputError(folder, `holds no ${series}-NNNNNN.ndjson; it is not a journal of them`, folder)
  let file: SeriesFile | undefined = oldest
  while (file !== undefined) {
    const scanner = new LineScanner(file.path, options.chunkBytes)
    try {
      yield* wholeLines(scanner, file.path)
      // A file is final once its successor is there (JNL-1), so the successor is looked for before the last look at this one:
      // what was appended between the two is not passed over.
      const next = successorOf(folder, series, file)
      if (next !== undefined) yield* wholeLines(scanner, file.path)
      yield* unfinishedEnd(scanner, file.path, next !== undefined, options)
      if (next !== undefined && next.number !== file.number + 1) {
        const missing = seriesFileOf(folder, series, file.number + 1).path
        yield {
          kind: 'problem',
          problem: 'missing',
          file: missing,
          line: 0,
          message: `is missing, though ${next.name} is there`,
        }
      }
      file = next
    } finally {
      scanner.close()
    }
  }
}

function* readOne(path: string, options: ReadOptions): Generator<JournalBytes | JournalProblem> {
  const scanner = new LineScanner(path, options.chunkBytes)
  try {
    yield* wholeLines(scanner, path)
    yield* unfinishedEnd(scanner, path, false, options)
  } finally {
    scanner.close()
  }
}

function successorOf(folder: string, series: string, file: SeriesFile): SeriesFile | undefined {
  return listSeries(folder, series).find((other) => other.number > file.number)
}

function* wholeLines(scanner: LineScanner, file: string): Generator<JournalBytes | JournalProblem> {
  for (let bytes = scanner.next(); bytes !== null; bytes = scanner.next()) {
    const { line } = scanner
    if (bytes === 'oversize') yield foreign(file, line, `is longer than ${lineBytesMax} bytes`)
    else yield { kind: 'bytes', file, line, bytes, isUnfinished: false }
  }
}

/** What follows the last newline, if anything. */
function* unfinishedEnd(
  scanner: LineScanner,
  file: string,
  final: boolean,
  options: ReadOptions,
): Generator<JournalBytes | JournalProblem> {
  if (options.live === true && !final) return
  const rest = scanner.rest()
  if (rest === null) return
  const line = scanner.line + 1
  if (rest === 'oversize') yield { ...foreign(file, line, tornMessage), problem: 'torn' }
  else yield { kind: 'bytes', file, line, bytes: rest, isUnfinished: true }
}

/** The line as a value; null for a blank one and for one that is passed over. */
function readLine(
  file: string,
  line: number,
  bytes: Buffer,
  only: ReadOptions['only'] = undefined,
): JournalRead | null {
  if (!isUtf8(bytes)) return foreign(file, line, 'is not UTF-8')
  const text = bytes.toString('utf8')
  if (text.trim() === '' || only?.(text) === false) return null
  let value: unknown
  try {
    value = parseLossless(text)
  } catch (thrown) {
    return foreign(file, line, `is not JSON (${messageOf(thrown).replace('line 1, ', '')})`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return foreign(file, line, 'is not a JSON object')
  }
  return { kind: 'line', file, line, text, value: value as Readonly<Record<string, unknown>> }
}

function foreign(file: string, line: number, message: string): JournalProblem {
  return { kind: 'problem', problem: 'foreign', file, line, message }
}

/** Splits a growing file at its newlines. What it returns is valid until the next call. */
class LineScanner {
  /** Lines that were returned so far: the number of the last one. */
  line = 0
  readonly #fd: number
  readonly #chunkBytes: number
  #buffer: Buffer
  #start = 0
  #end = 0
  /** Below here there is no newline: where the next search begins. */
  #searched = 0
  #position = 0
  /** The line is too long and is being passed over. */
  #skipping = false

  constructor(path: string, chunkBytes = 256 * 1024) {
    this.#chunkBytes = chunkBytes
    this.#buffer = Buffer.alloc(chunkBytes)
    this.#fd = openSync(path, 'r')
  }

  /** The next whole line without its newline, or null when the file holds no further one now. */
  next(): Buffer | 'oversize' | null {
    for (;;) {
      const index = this.#buffer.subarray(0, this.#end).indexOf(newline, this.#searched)
      if (index !== -1) {
        const bytes = this.#buffer.subarray(this.#start, index)
        this.#start = index + 1
        this.#searched = this.#start
        this.line += 1
        if (!this.#skipping) return bytes
        this.#skipping = false
        return 'oversize'
      }
      this.#searched = this.#end
      if (this.#end - this.#start > lineBytesMax) this.#skipping = true
      if (this.#skipping) this.#start = this.#end
      if (!this.#readMore()) return null
    }
  }

  /** What stands after the last newline; null when nothing does. */
  rest(): Buffer | 'oversize' | null {
    if (this.#skipping) return 'oversize'
    return this.#start === this.#end ? null : this.#buffer.subarray(this.#start, this.#end)
  }

  close(): void {
    closeSync(this.#fd)
  }

  #readMore(): boolean {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end)
      this.#end -= this.#start
      this.#searched -= this.#start
      this.#start = 0
    }
    if (this.#end === this.#buffer.length) {
      const grown = Buffer.alloc(this.#buffer.length * 2)
      this.#buffer.copy(grown, 0, 0, this.#end)
      this.#buffer = grown
    }
    const room = Math.min(this.#chunkBytes, this.#buffer.length - this.#end)
    const count = readSync(this.#fd, this.#buffer, this.#end, room, this.#position)
    this.#end += count
    this.#position += count
    return count > 0
  }
}
