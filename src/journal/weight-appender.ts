/**
 * Appends to the `weights.ndjson` of a journal's folder, while an engine may be running on it. Any thread of any process; blocks on the
 * disk, and up to some two seconds on another appender. A version is given once: whoever appends has the file's lock from reading the last
 * one until its own is on the disk. What is returned is durable. Lines that are wrong count as if they were not there, as for a running engine.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { inputError, messageOf, SignalboxError } from '../base/errors.ts'
import { parseLossless } from '../domain/lossless-json.ts'
import type { Weights } from '../domain/policy.ts'
import { type NumberedWeightSet, policyWeightsVersion, type WeightSet } from '../domain/weight-set.ts'
import { claimsToBeSet, parseWeightSet, weightSetLine } from '../domain/weight-set-codec.ts'
import { errnoOf } from './errno.ts'
import { FolderLock } from './folder-lock.ts'
import { scanWeightSets, weightsFile } from './weight-sets.ts'

/** A set without its number. */
export interface WeightSetDraft {
  readonly weights: Weights
  readonly byRegime: WeightSet['byRegime']
  /** 1 … 500 bytes of text. */
  readonly reason: string
  /** ISO 8601. */
  readonly at: string
  /** What decided before there was any set: written as version 1 where the file has none, so that a rollback has where to go. */
  readonly base: Weights
  /** Lines that are no sets, written with it in one append: both are there, or neither. */
  readonly also?: (set: NumberedWeightSet) => readonly string[]
}

/** `nothing`: no set is before the current one. */
export type Rollback =
  | { readonly status: 'ok'; readonly set: NumberedWeightSet }
  | { readonly status: 'nothing'; readonly why: string }

/**
 * Appends the set under the next number.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming the folder, the file's line or the draft's key that is wrong, or who is appending;
 *   `ERR_IO` when the disk refuses: then nothing was appended.
 */
export function appendWeightSet(folder: string, draft: WeightSetDraft): NumberedWeightSet {
  return locked(folder, (append) => appendTo(scanWeightSets(folder).sets, draft, append))
}

/**
 * The same, if `after` is still the newest version; null: it is not, and nothing was appended.
 *
 * @param after - The version that the draft goes on from; 0: there was none.
 * @throws {SignalboxError} as {@link appendWeightSet}.
 */
export function appendWeightSetAfter(folder: string, after: number, draft: WeightSetDraft): NumberedWeightSet | null {
  return locked(folder, (append) => {
    const { sets } = scanWeightSets(folder)
    return (sets.at(-1)?.version ?? 0) === after ? appendTo(sets, draft, append) : null
  })
}

type Append = (lines: readonly string[]) => void

function appendTo(
  sets: readonly NumberedWeightSet[],
  { weights, byRegime, reason, at, base, also }: WeightSetDraft,
  append: Append,
): NumberedWeightSet {
  const added = { weights, byRegime, reason, at, returnsTo: null }
  const first = { version: policyWeightsVersion, weights: base, byRegime: {}, reason: firstReason, at, returnsTo: null }
  const lines = sets.length === 0 ? [lineOf(first)] : []
  const set = { ...added, version: (sets.at(-1)?.version ?? policyWeightsVersion) + 1 }
  append([...lines, lineOf(set), ...(also?.(set) ?? [])])
  return set
}

const firstReason = "the policy's own weights"

/**
 * Appends a set with the weights of the one before the current one. What was rolled back stays behind: rolling back twice goes two steps
 * back, not to and fro.
 *
 * @param at - ISO 8601.
 * @param only - The version that is to be undone: another one that is in force meanwhile stays. And what is written with the rollback.
 * @throws {SignalboxError} as {@link appendWeightSet}.
 */
export function rollbackWeightSet(
  folder: string,
  at: string,
  only: { readonly version: number; readonly also: readonly string[] } | null = null,
): Rollback {
  return locked<Rollback>(folder, (append) => {
    const { sets } = scanWeightSets(folder)
    const current = sets.at(-1)
    if (current === undefined) return { status: 'nothing', why: 'no weight set was ever applied' }
    if (only !== null && only.version !== current.version) {
      return { status: 'nothing', why: `version ${current.version} is in force meanwhile` }
    }
    const from = originOf(current, sets)
    const before = sets.find(({ version }) => version === from.version - 1)
    if (before === undefined) {
      return {
        status: 'nothing',
        why: `version ${current.version} has the weights of version ${from.version}, the first`,
      }
    }
    const target = originOf(before, sets)
    const { weights, byRegime } = target
    const reason = `rollback of version ${from.version} to version ${target.version}`
    const set = { version: current.version + 1, weights, byRegime, at, reason, returnsTo: target.version }
    append([lineOf(set), ...(only?.also ?? [])])
    return { status: 'ok', set }
  })
}

/**
 * Appends a line that is no set: a result of `tune`.
 *
 * @param jsonText - One JSON object on one line.
 * @throws {SignalboxError} as {@link appendWeightSet}; `ERR_INVALID_ARGUMENT` for anything else, a set included.
 */
export function appendWeightsLine(folder: string, jsonText: string): void {
  appendWeightsLines(folder, [jsonText])
}

/** Several of them in one append: all are there, or none. */
export function appendWeightsLines(folder: string, jsonTexts: readonly string[]): void {
  for (const jsonText of jsonTexts) requireOtherLine(jsonText)
  locked(folder, (append) => append(jsonTexts))
}

function requireOtherLine(jsonText: string): void {
  const refuse = (why: string): never => {
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `jsonText ${why}`, { field: 'jsonText', value: jsonText })
  }
  if (/[\n\r]/.test(jsonText)) refuse('must be one line')
  const value = parseLossless(jsonText, 'jsonText')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('must be a JSON object')
  if (claimsToBeSet(value as Record<string, unknown>)) refuse('is a weight set: append it by appendWeightSet')
}

/** The set whose weights it has: its own, or that which a rollback returned to. */
function originOf(set: NumberedWeightSet, sets: readonly NumberedWeightSet[]): NumberedWeightSet {
  let origin = set
  // Each returns to an earlier one, so this ends.
  while (origin.returnsTo !== null) {
    const { version, returnsTo } = origin
    const next = sets.find((other) => other.version === returnsTo)
    if (next === undefined)
      throw inputError(weightsFile, `version ${version} returns to ${returnsTo}, which is not there`)
    origin = next
  }
  return origin
}

/** The line of a set that is read back as it. @throws {SignalboxError} `ERR_INPUT` naming the key. */
function lineOf(set: NumberedWeightSet): string {
  const line = weightSetLine(set)
  parseWeightSet(parseLossless(line), '')
  return line
}

const attemptsMax = 400

/** Runs `use` with the file's lock; what it appends is on the disk when `append` returns. */
function locked<Result>(folder: string, use: (append: Append) => Result): Result {
  return naming(folder, () => {
    const lock = lockOf(folder)
    try {
      return use((lines) => appendLines(folder, lines))
    } finally {
      lock.release()
    }
  })
}

function lockOf(folder: string): FolderLock {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let attempt = 1; ; attempt += 1) {
    const lock = FolderLock.tryAcquire(folder, 'weights')
    if (lock instanceof FolderLock) return lock
    if (attempt === attemptsMax || lock.kind === 'foreign') {
      const { pid, host, name } = lock
      throw inputError(
        folder,
        `process ${pid} of ${host} is appending to its ${weightsFile}; if it is gone, remove ${name}`,
      )
    }
    // Two who saw each other both withdraw; not both after the same time again.
    Atomics.wait(pause, 0, 0, 1 + ((process.pid * attempt) % 11))
  }
}

/** Under the lock. Nothing of it stays where the disk refuses some of it. */
function appendLines(folder: string, lines: readonly string[]): void {
  const path = join(folder, weightsFile)
  const fd = openSync(path, 'a+')
  try {
    const size = mendEnd(fd)
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
      fsyncSync(fd)
    } catch (thrown) {
      ftruncateSync(fd, size)
      throw thrown
    }
    if (size === 0) syncFolder(folder)
  } finally {
    closeSync(fd)
  }
}

/**
 * Brings the file to the end of a line: an end without its newline gets it where it is a whole object, which counts for every reader, and is
 * cut off else. Returns the size.
 */
function mendEnd(fd: number): number {
  const { size } = fstatSync(fd)
  const bytes = Buffer.alloc(size)
  for (let read = 0; read < size; ) {
    const count = readSync(fd, bytes, read, size - read, read)
    if (count === 0) break
    read += count
  }
  const end = bytes.lastIndexOf(0x0a) + 1
  if (end === size) return size
  if (isObject(bytes.toString('utf8', end))) {
    writeSync(fd, '\n')
    return size + 1
  }
  ftruncateSync(fd, end)
  return end
}

function isObject(text: string): boolean {
  try {
    const value = parseLossless(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** So that a new file's name is durable too. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** What the file system refuses becomes one clear line about the folder. */
function naming<Result>(folder: string, run: () => Result): Result {
  try {
    return run()
  } catch (thrown) {
    const errno = errnoOf(thrown)
    if (errno === undefined) throw thrown
    if (errno === 'ENOENT' || errno === 'ENOTDIR') throw inputError(folder, 'is no folder of a journal', folder)
    if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS') {
      throw inputError(folder, `its ${weightsFile} cannot be written (${messageOf(thrown)})`, folder)
    }
    throw new SignalboxError('ERR_IO', `${folder}: ${messageOf(thrown)}`, { field: folder, cause: thrown })
  }
}
