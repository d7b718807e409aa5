/**
 * Reads the counterfactuals of a journal folder, rotation by rotation, or of one file, in one pass. Memory is the store's and one line's.
 * Any thread; blocks on the disk.
 */
import { isUtf8 } from 'node:buffer'
import { readdirSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { inputError, messageOf, SignalboxError } from '../base/errors.ts'
import { type JournalBytes, type JournalProblem, journalReadOf, readJournalBytes } from '../journal/reader.ts'
import { listSeries, seriesOf } from '../journal/series.ts'
import { EntryDraft } from './entry-draft.ts'
import { draftFromLine } from './entry-line.ts'
import { EntryScanner } from './entry-scanner.ts'
import { EntryStore } from './entry-store.ts'

export const counterfactualSeries = 'counterfactuals'

export interface ReadCounterfactualsOptions {
  /** Stop at the first line that is no entry. Default false: it is reported and passed over. */
  readonly strict?: boolean
  /** Somebody is writing: an unfinished end is left out, not a problem. Default false. */
  readonly live?: boolean
  /** Takes one line (`file:line: what is wrong`) for each that is passed over. Default: nobody. */
  readonly report?: (line: string) => void
}

export interface Counterfactuals {
  readonly entries: EntryStore
  /** Lines that were no entries, and files that are missing between others. */
  readonly skipped: number
}

/** How far a reading has come. */
export interface ReadProgress {
  readonly bytes: number
  /** Of the files as they were at the beginning; the reading may pass it. */
  readonly bytesTotal: number
  readonly entries: number
}

const linesPerStep = 512

/**
 * All counterfactual entries of `path`: a journal folder or one `counterfactuals-NNNNNN.ndjson`. A folder of a journal that holds no
 * such file gives none.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming the path when it is missing, no journal or a file of another series; with `strict` naming file and line; `ERR_IO` when
 *   the disk fails.
 * @see CONTRACTS "Counterfactual entry"
 */
export function readCounterfactuals(path: string, options: ReadCounterfactualsOptions = {}): Counterfactuals {
  const steps = readCounterfactualsInSteps(path, options)
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** As {@link readCounterfactuals}, handing over after some hundred lines, so that its caller can look about. */
export function* readCounterfactualsInSteps(
  path: string,
  options: ReadCounterfactualsOptions = {},
): Generator<ReadProgress, Counterfactuals> {
  const reader = new EntryReader(options)
  const bytesTotal = sizeOf(path)
  if (bytesTotal === null) return { entries: reader.entries, skipped: 0 }
  let bytes = 0
  let lines = 0
  for (const raw of readJournalBytes(path, counterfactualSeries, {
    live: options.live === true,
    chunkBytes: 1 << 20,
  })) {
    reader.take(raw)
    if (raw.kind === 'bytes') bytes += raw.bytes.length + 1
    if (++lines % linesPerStep === 0) yield { bytes, bytesTotal, entries: reader.entries.count }
  }
  return { entries: reader.entries, skipped: reader.skipped }
}

class EntryReader {
  readonly entries = new EntryStore()
  skipped = 0
  readonly #options: ReadCounterfactualsOptions
  readonly #draft = new EntryDraft()
  readonly #scanner = new EntryScanner(this.#draft)

  constructor(options: ReadCounterfactualsOptions) {
    this.#options = options
  }

  take(raw: JournalBytes | JournalProblem): void {
    if (raw.kind === 'problem') {
      this.#skip(`${placeOf(raw.file, raw.line)}: ${raw.message}`)
      return
    }
    const wrong = isUtf8(raw.bytes) && this.#scanner.scan(raw.bytes) ? null : this.#slowly(raw)
    if (wrong !== null) {
      if (wrong !== '') this.#skip(wrong)
      return
    }
    const refusal = this.entries.add(this.#draft)
    if (refusal !== null) this.#skip(`${placeOf(raw.file, raw.line)}: ${refusal}`)
  }

  /** Null: the draft is filled. '': the line is blank. Else what is wrong. */
  #slowly(raw: JournalBytes): string | null {
    const read = journalReadOf(raw)
    if (read === null) return ''
    if (read.kind === 'problem') return `${placeOf(read.file, read.line)}: ${read.message}`
    try {
      draftFromLine(this.#draft, read)
      return null
    } catch (thrown) {
      if (thrown instanceof SignalboxError && thrown.code === 'ERR_INPUT') return messageOf(thrown)
      throw thrown
    }
  }

  #skip(line: string): void {
    if (this.#options.strict === true) throw new SignalboxError('ERR_INPUT', line)
    this.skipped += 1
    this.#options.report?.(line)
  }
}

function placeOf(file: string, line: number): string {
  return line === 0 ? file : `${file}:${line}`
}

/** Of all files; null: a journal that has none of counterfactuals. What is wrong with the path is said by who reads it. */
function sizeOf(path: string): number | null {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw inputError(path, 'there is no such file or folder', path)
  if (!found.isDirectory()) {
    const series = seriesOf(basename(path)) ?? counterfactualSeries
    if (series === counterfactualSeries) return found.size
    throw inputError(path, `is a file of ${series}; what is read here is ${counterfactualSeries}`, path)
  }
  const files = listSeries(path, counterfactualSeries)
  if (files.length > 0) return files.reduce((sum, file) => sum + statSync(file.path).size, 0)
  const isJournal = readdirSync(path).some((name) => seriesOf(name) !== null || name === 'weights.ndjson')
  if (isJournal) return null
  throw inputError(path, `is not a journal: it holds no ${counterfactualSeries}-NNNNNN.ndjson`, path)
}
