/**
 * The names of a journal folder's files: `<series>-NNNNNN.ndjson`, where NNNNNN counts rotations from 000001.
 * Any thread.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SignalboxError } from '../base/errors.ts'

/**
 * The series that every run writes, in the order in which a batch reaches the disk: an event before the decision about it,
 * a decision before the trade that it caused. A crash between two of them leaves no line that refers to a missing one.
 */
export const journalSeries = ['events', 'inputs', 'decisions', 'trades', 'refusals', 'counterfactuals'] as const
export type JournalSeries = (typeof journalSeries)[number]

/** One file of a series. */
export interface SeriesFile {
  /** From 1. */
  readonly number: number
  readonly name: string
  readonly path: string
}

const seriesPattern = /^[a-z][a-z_]{0,31}$/
const filePattern = /^([a-z][a-z_]{0,31})-(\d{6,15})\.ndjson$/

/** Throws `ERR_INVALID_ARGUMENT` unless `series` is 1–32 lower-case letters and underscores that begin with a letter. */
export function requireSeries(series: string): string {
  if (!seriesPattern.test(series)) {
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `series must be lower-case letters, got ${series}`, {
      field: 'series',
      value: series,
    })
  }
  return series
}

export function seriesFileOf(folder: string, series: string, number: number): SeriesFile {
  const name = `${series}-${String(number).padStart(6, '0')}.ndjson`
  return { number, name, path: join(folder, name) }
}

/** The series that a file name belongs to, or null. */
export function seriesOf(name: string): string | null {
  return filePattern.exec(name)?.[1] ?? null
}

/** The files of one series, oldest first. Throws what the file system throws. */
export function listSeries(folder: string, series: string): SeriesFile[] {
  const files: SeriesFile[] = []
  for (const name of readdirSync(folder)) {
    const match = filePattern.exec(name)
    if (match !== null && match[1] === series) files.push({ number: Number(match[2]), name, path: join(folder, name) })
  }
  return files.sort((left, right) => left.number - right.number)
}
