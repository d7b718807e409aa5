/** Where a journal's lines are: a folder's series, or one file that is one of them. Any thread; blocks on the disk. */
import { isUtf8 } from 'node:buffer'
import { readdirSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { inputError, messageOf } from '../base/errors.ts'
import { type JournalBytes, type JournalProblem, journalReadOf, readJournalBytes } from '../journal/reader.ts'
import { seriesOf } from '../journal/series.ts'
import { journalViews } from './views.ts'

const known: ReadonlySet<string> = new Set(journalViews.map(({ lines }) => lines.series))

/** One whole line that nobody has parsed: that it is a JSON object is not known. */
export interface JournalText {
  readonly kind: 'text'
  readonly file: string
  /** From 1, in its file. */
  readonly line: number
  readonly text: string
}

export class JournalSource {
  readonly path: string
  readonly #series: ReadonlySet<string>

  /** @throws {SignalboxError} `ERR_INPUT` naming the path where nothing is there, or a folder with no file of a journal. */
  constructor(path: string) {
    this.path = path
    try {
      this.#series = statSync(path).isDirectory() ? seriesIn(path) : new Set([seriesOfFile(path)])
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') throw inputError(path, 'there is no such file or folder')
      if (code === 'EACCES' || code === 'EPERM') throw inputError(path, `cannot be read (${messageOf(thrown)})`)
      throw thrown
    }
  }

  /** Nothing where the journal has no such series: not every run has trades. */
  *lines(series: string): Generator<JournalText | JournalProblem> {
    if (!this.#series.has(series)) return
    for (const raw of readJournalBytes(this.path, series)) {
      const read = raw.kind === 'problem' ? raw : textOf(raw)
      if (read !== null) yield read
    }
  }
}

/** Null for a blank line. */
function textOf(raw: JournalBytes): JournalText | JournalProblem | null {
  if (raw.isUnfinished || !isUtf8(raw.bytes)) {
    // What is wrong with it, or that it is a line after all, our own reader says.
    const read = journalReadOf(raw)
    return read?.kind === 'line' ? { kind: 'text', file: read.file, line: read.line, text: read.text } : read
  }
  const { file, line } = raw
  const text = raw.bytes.toString('utf8')
  return text.trim() === '' ? null : { kind: 'text', file, line, text }
}

function seriesIn(folder: string): Set<string> {
  const found = new Set(readdirSync(folder).flatMap((name) => seriesOf(name) ?? []))
  if ([...found].some((series) => known.has(series))) return found
  throw inputError(folder, `is not a journal: it holds no ${[...known].join(', ')}-NNNNNN.ndjson`)
}

/** A file of another name is taken for what `report` and `tune` take such a file for. */
function seriesOfFile(path: string): string {
  const series = seriesOf(basename(path))
  return series !== null && known.has(series) ? series : 'counterfactuals'
}
