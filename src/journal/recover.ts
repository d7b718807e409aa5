/**
 * Recovery: what a series' newest file ends with after a crash, and where its writer may go on. The caller holds the
 * folder's lock. Blocks on the disk.
 *
 * JNL-1: every file of a series but the newest was synced whole before its successor was made (see `appender.ts`), so only
 * the newest can have a torn end.
 *
 * What a dead writer can leave behind its last whole line: a piece without a newline (the process died in a write, or the
 * power failed), NUL bytes (the file had grown, its blocks had not been written), or both in one line. All of these begin
 * with `{` or NUL, for every line of ours begins with `{`. Anything else was not written by us: it is refused by name and
 * left alone.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { inputError } from '../base/errors.ts'
import { listSeries, type SeriesFile } from './series.ts'

/** What {@link recoverSeries} found and did. */
export interface RecoveredSeries {
  readonly series: string
  /** Oldest first. */
  readonly files: readonly SeriesFile[]
  /** Size of the newest file after the cut; 0 without one. */
  readonly newestBytes: number
  /** Bytes of torn lines that were cut off the end of the newest file. */
  readonly cutBytes: number
  /** The beginning (at most 512 bytes) of each line that was cut, last line first, at most 8 of them. */
  readonly cutHeads: readonly string[]
  /** The last line was a whole JSON object that lacked only its newline: the newline was added, nothing was cut. */
  readonly newlineAdded: boolean
  /** The series' last line, whichever file holds it; null without one. */
  readonly lastLine: string | null
  /** The file of {@link lastLine}. */
  readonly lastLineFile: string | null
}

/** No line of ours is longer; a longer one at the end counts as torn. */
const lineBytesMax = 64 * 1024 * 1024
const chunkBytes = 64 * 1024
const newline = 0x0a
const brace = 0x7b

/**
 * Cuts the torn end off a series' newest file and syncs it; nothing before the torn end is touched.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming the file when its end is neither a line of ours nor the torn piece of one.
 *   What the file system throws passes through.
 * @see CONTRACTS "A torn last line"; DESIGN "Bad input, faults"
 */
export function recoverSeries(folder: string, series: string): RecoveredSeries {
  const files = listSeries(folder, series)
  const newest = files.at(-1)
  const none = { series, files, newestBytes: 0, cutBytes: 0, cutHeads: [], newlineAdded: false }
  if (newest === undefined) return { ...none, lastLine: null, lastLineFile: null }

  const fd = openSync(newest.path, 'r+')
  let end: FileEnd
  try {
    const size = fstatSync(fd).size
    end = findEnd(fd, newest.path, size)
    if (end.keptBytes < size) ftruncateSync(fd, end.keptBytes)
    if (end.lacksNewline) writeSync(fd, Buffer.of(newline), 0, 1, end.keptBytes)
    if (end.keptBytes < size || end.lacksNewline) fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  const repaired = {
    ...none,
    newestBytes: end.keptBytes + (end.lacksNewline ? 1 : 0),
    cutBytes: end.cutBytes,
    cutHeads: end.cutHeads,
    newlineAdded: end.lacksNewline,
  }
  if (end.lastLine !== null) return { ...repaired, lastLine: end.lastLine, lastLineFile: newest.path }
  for (const file of files.slice(0, -1).reverse()) {
    const lastLine = lastLineOf(file.path)
    if (lastLine !== null) return { ...repaired, lastLine, lastLineFile: file.path }
  }
  return { ...repaired, lastLine: null, lastLineFile: null }
}

/** A number with what ends it: one that was cut short may have been another. */
const sequencePattern = /"sequence":(\d{1,15})[,}]/
const idPattern = /"arbitration_id":"arb_\d{8}_\d{6}_(\d{1,15})"/

/**
 * The greatest decision sequence that a recovered series knows of, 0 without one: of its decisions, or of the decisions that its
 * lines name. A torn line counts as the one behind the last whole line, or as what can still be read of it: its reservation
 * may have been made (ERRATA E31).
 *
 * @throws {SignalboxError} `ERR_INPUT` naming the file when the last line of `decisions` has no integer `sequence`.
 */
export function lastSequenceOf(recovered: RecoveredSeries): number {
  const { lastLine, cutHeads } = recovered
  const areDecisions = recovered.series === 'decisions'
  const whole = areDecisions ? lastDecisionOf(recovered) : namedIn(lastLine ?? '')
  const torn = areDecisions || whole > 0 ? whole + cutHeads.length : 0
  return Math.max(torn, ...cutHeads.map(namedIn))
}

function lastDecisionOf({ lastLine, lastLineFile }: RecoveredSeries): number {
  if (lastLine === null) return 0
  const { sequence } = JSON.parse(lastLine) as { sequence?: unknown }
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1) {
    throw inputError(lastLineFile!, 'its last line has no sequence; it is not a journal of decisions')
  }
  return sequence
}

/** Of the decision that a line names, or is; 0 for none. */
function namedIn(line: string): number {
  return Number((idPattern.exec(line) ?? sequencePattern.exec(line))?.[1] ?? 0)
}

interface FileEnd {
  keptBytes: number
  cutBytes: number
  cutHeads: string[]
  lacksNewline: boolean
  lastLine: string | null
}

/** Walks back from the end of the file, line by line, to the last one that is whole. Changes nothing. */
function findEnd(fd: number, path: string, size: number): FileEnd {
  let end = size
  const cutHeads: string[] = []
  while (end > 0) {
    const terminated = readAt(fd, end - 1, 1)[0] === newline
    const bodyEnd = terminated ? end - 1 : end
    const start = lastNewlineBefore(fd, bodyEnd) + 1
    const text = wholeLine(fd, start, bodyEnd)
    if (text !== null) {
      return { keptBytes: end, cutBytes: size - end, cutHeads, lacksNewline: !terminated, lastLine: text }
    }
    if (start < bodyEnd) {
      const head = readAt(fd, start, Math.min(512, bodyEnd - start))
      if (head[0] !== brace && head[0] !== 0) {
        throw inputError(path, 'its last line is not a line of a journal; nothing was changed')
      }
      if (cutHeads.length < 8) cutHeads.push(head.toString('utf8'))
    }
    end = start
  }
  return { keptBytes: 0, cutBytes: size, cutHeads, lacksNewline: false, lastLine: null }
}

/** The last whole line of a file that is no longer written. */
function lastLineOf(path: string): string | null {
  const fd = openSync(path, 'r')
  try {
    return findEnd(fd, path, fstatSync(fd).size).lastLine
  } finally {
    closeSync(fd)
  }
}

/** The text of `start … end − 1` when it is a JSON object, else null. */
function wholeLine(fd: number, start: number, end: number): string | null {
  if (end - start < 2 || end - start > lineBytesMax) return null
  const bytes = readAt(fd, start, end - start)
  if (bytes[0] !== brace) return null
  const text = bytes.toString('utf8')
  try {
    JSON.parse(text)
    return text
  } catch {
    // Not JSON is the answer here, not a fault: the caller cuts or refuses it.
    return null
  }
}

/** Offset of the last newline before `end`, −1 without one. */
function lastNewlineBefore(fd: number, end: number): number {
  for (let to = end; to > 0; ) {
    const from = Math.max(0, to - chunkBytes)
    const index = readAt(fd, from, to - from).lastIndexOf(newline)
    if (index !== -1) return from + index
    to = from
  }
  return -1
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let done = 0
  while (done < length) {
    const count = readSync(fd, bytes, done, length - done, position + done)
    // The caller holds the lock and asked for bytes below the size that it has just seen.
    if (count === 0) return bytes.subarray(0, done)
    done += count
  }
  return bytes
}
