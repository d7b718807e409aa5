/**
 * The weight sets of a journal's folder, read from its `weights.ndjson`: the lines that are sets, in their order, each numbered one above
 * the one before. Any thread; blocks on the disk. `weight-appender.ts` writes them.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { inputError, messageOf, SignalboxError } from '../base/errors.ts'
import type { NumberedWeightSet } from '../domain/weight-set.ts'
import { claimsToBeSet, parseWeightSet } from '../domain/weight-set-codec.ts'
import { errnoOf } from './errno.ts'
import { readJournal } from './reader.ts'

/** The file's name in the folder. */
export const weightsFile = 'weights.ndjson'

/** A line that means to be a set and is none, or is nothing that belongs there. */
export interface WeightFault {
  /** From 1. */
  readonly line: number
  /** Its message begins with file and line. */
  readonly error: SignalboxError
}

/** What a `weights.ndjson` holds. */
export interface ScannedWeightSets {
  readonly sets: readonly NumberedWeightSet[]
  readonly faults: readonly WeightFault[]
}

/**
 * The sets of a folder, oldest first; none where it has no `weights.ndjson`. Other lines of the file are passed over, and so is a last line
 * that somebody has not finished.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming file and line of the first that means to be a set and is none; `ERR_IO`.
 */
export function readWeightSets(folder: string): readonly NumberedWeightSet[] {
  const { sets, faults } = scanWeightSets(folder)
  const [first] = faults
  if (first !== undefined) throw first.error
  return sets
}

/** The newest of {@link readWeightSets}; null: there is none, the policy's own weights hold. */
export function currentWeightSet(folder: string): NumberedWeightSet | null {
  return readWeightSets(folder).at(-1) ?? null
}

/**
 * The sets of a folder, and the lines that are wrong, which count as if they were not there.
 *
 * @throws {SignalboxError} `ERR_INPUT` where the file cannot be read, `ERR_IO` where the disk fails.
 */
export function scanWeightSets(folder: string): ScannedWeightSets {
  const path = join(folder, weightsFile)
  const sets: NumberedWeightSet[] = []
  const faults: WeightFault[] = []
  if (!isFile(path)) return { sets, faults }
  for (const read of readJournal(path, 'weights')) {
    const { line } = read
    const place = `${path}:${line}: `
    if (read.kind === 'problem') {
      // A torn end is somebody's who is writing it now, or died at it.
      if (read.problem !== 'torn') faults.push({ line, error: inputError(`${path}:${line}`, read.message) })
      continue
    }
    if (!claimsToBeSet(read.value)) continue
    try {
      sets.push(successor(sets.at(-1) ?? null, parseWeightSet(read.value, place), place))
    } catch (thrown) {
      if (!(thrown instanceof SignalboxError)) throw thrown
      faults.push({ line, error: thrown })
    }
  }
  return { sets, faults }
}

/** The set, if its number is the next: the first is 1, the policy's that were there before, or 2. */
function successor(before: NumberedWeightSet | null, set: NumberedWeightSet, place: string): NumberedWeightSet {
  const { version } = set
  const isNext = before === null ? version <= 2 : version === before.version + 1
  if (isNext) return set
  const expected = before === null ? '1 or 2: it is the first' : String(before.version + 1)
  throw inputError(`${place}version`, `must be ${expected}, got ${version}`, version)
}

/** False: there is nothing. @throws {SignalboxError} `ERR_INPUT` for something that is no file: a pipe would be waited for. */
function isFile(path: string): boolean {
  try {
    if (statSync(path).isFile()) return true
  } catch (thrown) {
    const errno = errnoOf(thrown)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return false
    throw inputError(path, `cannot be read (${messageOf(thrown)})`, path)
  }
  throw inputError(path, 'is no file', path)
}
