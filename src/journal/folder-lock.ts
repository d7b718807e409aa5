/**
 * One writer a journal folder, and one at a time that appends to its weight sets. Any thread; blocks on the disk.
 *
 * The lock is a file whose name says who holds it: `writer-<host>-<pid>-<start>.lock`, `<start>` being the boot and the tick
 * at which that process started, so that a name is never used by two processes. A writer first makes its own file, then
 * looks for others: of two that do so at once, at least one sees the other and withdraws; never do both go on (they may
 * both withdraw). Because a name belongs to one process for good, the file of a dead one may be removed by anybody at any
 * time without taking a living one's lock: there is no moment between "it is stale" and "remove it" that matters.
 *
 * A file of this host is judged by its process: gone, or one that started at another tick: dead. Where the system does not
 * tell when a process started (anything but Linux), a living process with that id counts as the holder. A file of another
 * host cannot be judged: it is respected until a person removes it. Two containers that share a folder must differ in their
 * host names. A worker thread that ends without `release` keeps the folder until its process ends.
 */
import { closeSync, openSync, readdirSync, readFileSync, unlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { inputError, messageOf, SignalboxError } from '../base/errors.ts'
import { errnoOf } from './errno.ts'

const lockPatterns = {
  writer: /^writer-(.+)-(\d+)-([0-9a-f]+\.\d+|unknown)\.lock$/,
  weights: /^weights-(.+)-(\d+)-([0-9a-f]+\.\d+|unknown)\.lock$/,
} as const

/** What is locked: the journal's series, for a run; its `weights.ndjson`, for an append. */
export type LockRole = 'writer' | 'weights'

/** Who has it: this process, another of this host, or one of a host that cannot be seen from here. */
export interface LockHolder {
  readonly kind: 'self' | 'process' | 'foreign'
  readonly pid: number
  readonly host: string
  /** Of the lock's file. */
  readonly name: string
}

/** The folder's lock, held until `release` or the end of the process. */
export class FolderLock {
  readonly path: string
  #held = true

  private constructor(path: string) {
    this.path = path
  }

  /**
   * Takes the lock of an existing folder. Never waits.
   *
   * @throws {SignalboxError} `ERR_INPUT` naming the folder and the holder when somebody else has it. What the file system
   *   throws passes through.
   */
  static acquire(folder: string): FolderLock {
    const lock = FolderLock.tryAcquire(folder, 'writer')
    if (lock instanceof FolderLock) return lock
    const { kind, pid, host, name } = lock
    if (kind === 'self') throw inputError(folder, `this process writes it already (${name}); close that journal first`)
    if (kind === 'process') {
      throw inputError(folder, `process ${pid} is writing it; stop that one or choose another folder`)
    }
    throw inputError(
      folder,
      `process ${pid} of host ${host} may be writing it, which cannot be seen from here; if it is gone, remove ${name}`,
    )
  }

  /** The lock, or who has it. Never waits. What the file system throws passes through. */
  static tryAcquire(folder: string, role: LockRole): FolderLock | LockHolder {
    const host =
      hostname()
        .replaceAll(/[^A-Za-z0-9.]/g, '_')
        .slice(0, 64) || 'localhost'
    const own = `${role}-${host}-${process.pid}-${startOf(process.pid) ?? 'unknown'}.lock`
    const path = join(folder, own)
    try {
      closeSync(openSync(path, 'wx'))
    } catch (thrown) {
      if (errnoOf(thrown) !== 'EEXIST') throw thrown
      return { kind: 'self', pid: process.pid, host, name: own }
    }
    try {
      const holder = otherHolder(folder, role, host, own)
      if (holder !== null) remove(path)
      return holder ?? new FolderLock(path)
    } catch (thrown) {
      remove(path)
      throw thrown
    }
  }

  /** Lets go. A second call does nothing. */
  release(): void {
    if (!this.#held) return
    this.#held = false
    try {
      remove(this.path)
    } catch (thrown) {
      throw new SignalboxError('ERR_IO', `${this.path}: ${messageOf(thrown)}`, { field: this.path, cause: thrown })
    }
  }
}

/** The first other one that holds it, or may; the files of dead ones are removed. */
function otherHolder(folder: string, role: LockRole, host: string, own: string): LockHolder | null {
  for (const name of readdirSync(folder)) {
    const match = lockPatterns[role].exec(name)
    if (name === own || match === null) continue
    const [, itsHost, pid, start] = match as unknown as [string, string, string, string]
    const holder = { pid: Number(pid), host: itsHost, name }
    if (itsHost !== host) return { kind: 'foreign', ...holder }
    if (isAlive(holder.pid, start)) return { kind: 'process', ...holder }
    remove(join(folder, name))
  }
  return null
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch (thrown) {
    // Another opener removed the dead one's file first.
    if (errnoOf(thrown) !== 'ENOENT') throw thrown
  }
}

/** When a living process started, as `<boot>.<tick>`; null when the system does not tell. */
function startOf(pid: number): string | null {
  const stat = statOf(pid)
  return stat === null ? null : stat.start
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    // EPERM: it lives and belongs to somebody else.
    if (errnoOf(thrown) === 'ESRCH') return false
  }
  const stat = statOf(pid)
  if (stat === null) return true
  // A zombie has closed its files and only waits to be reaped.
  return stat.state !== 'Z' && stat.state !== 'X' && (stat.start === start || start === 'unknown')
}

function statOf(pid: number): { state: string; start: string } | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')
      .replaceAll(/[^0-9a-f]/g, '')
      .slice(0, 16)
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // Field 2 is the command in parentheses and may hold anything; field 3 is the state, field 22 the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0]!, start: `${boot}.${fields[19]}` }
  } catch {
    // No /proc here, or it hides this process: the caller falls back on the process id alone.
    return null
  }
}
