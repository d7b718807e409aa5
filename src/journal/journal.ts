/**
 * A journal folder under its one writer: the appenders of its series behind one lock, flushed together in causal order.
 * One thread; blocks on the disk. Its caller decides when a batch is flushed: nothing is acknowledged before.
 *
 * JNL-4: of two lines appended in the order of `series` (an event, then the decision about it), the later is never
 * acknowledged before the earlier: a flush goes through the series in that order and stops at the first that refuses.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inputError, messageOf, SignalboxError } from '../base/errors.ts'
import { Appender, type AppenderOptions, type AppenderState, type AppendResult } from './appender.ts'
import { errnoOf } from './errno.ts'
import { FolderLock } from './folder-lock.ts'
import { lastSequenceOf, type RecoveredSeries } from './recover.ts'
import { journalSeries, requireSeries, seriesOf } from './series.ts'

export interface JournalOptions extends AppenderOptions {
  /** In the order in which a batch reaches the disk; default those that an engine writes: `events`,
   * `inputs`, `decisions`, `trades`, `refusals`. */
  readonly series?: readonly string[]
  /** Refuse a folder that has entries: a replay's journal is its own (CONTRACTS "Journal entry"). Default false. */
  readonly requireEmpty?: boolean
}

/** Errnos of a machine in trouble; every other refusal to open a folder is the fault of the path that was given. */
const machineErrnos: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM'])

export class Journal {
  readonly folder: string
  /** What opening found in each series: torn bytes that were cut, the last line. */
  readonly recovered: readonly RecoveredSeries[]
  /** The first decision sequence that this journal has never used: 1 in a new folder. Fixed at `open`. */
  readonly nextSequence: number
  readonly #lock: FolderLock
  readonly #appenders: ReadonlyMap<string, Appender>

  private constructor(folder: string, lock: FolderLock, appenders: ReadonlyMap<string, Appender>) {
    this.folder = folder
    this.#lock = lock
    this.#appenders = appenders
    this.recovered = [...appenders.values()].map((appender) => appender.recovered)
    // A crash may leave inputs, even trades, of a decision whose own line was never written: its number is used all the same.
    this.nextSequence = Math.max(0, ...this.recovered.map(lastSequenceOf)) + 1
  }

  /**
   * Opens a folder for writing, makes it when it is missing, takes its lock and repairs the torn ends of its series.
   *
   * @throws {SignalboxError} `ERR_INPUT` naming the folder: it is not a folder, cannot be written, is being written by
   *   another process (or this one), has entries (`requireEmpty`), or holds a file that is no journal's. `ERR_IO` when the
   *   disk is full or broken. `ERR_INVALID_ARGUMENT` outside the options' ranges.
   */
  static open(folder: string, options: JournalOptions = {}): Journal {
    const series = (options.series ?? journalSeries).map(requireSeries)
    if (folder === '' || folder.includes('\0')) throw inputError('journal', 'is not the name of a folder', folder)
    return naming(folder, () => {
      makeFolder(folder)
      const lock = FolderLock.acquire(folder)
      const appenders = new Map<string, Appender>()
      try {
        if (options.requireEmpty === true) requireNoEntries(folder)
        for (const name of series) appenders.set(name, Appender.open(folder, name, options))
        return new Journal(folder, lock, appenders)
      } catch (thrown) {
        for (const appender of appenders.values()) appender.abandon()
        lock.release()
        throw thrown
      }
    })
  }

  /** `stopped` as soon as one series is; `closed` after a `close` that went through, or `abandon`. */
  get state(): AppenderState {
    const open = this.#open()
    if (open.length === 0) return 'closed'
    return open.some((appender) => appender.state === 'stopped') ? 'stopped' : 'running'
  }

  /** Lines of one series since `open` that are durable at the chosen level. */
  acknowledgedLines(series: string): number {
    return this.#appenderOf(series).acknowledgedLines
  }

  /** Lines of all series that were taken and are not acknowledged yet. */
  get pendingLines(): number {
    let lines = 0
    for (const appender of this.#appenders.values()) lines += appender.pendingLines
    return lines
  }

  /**
   * Takes one line (as bytes it is UTF-8, and copied) into a series' buffer; `flush` acknowledges it.
   *
   * @throws {SignalboxError} and has not taken the line: as {@link Appender.append}; `ERR_INVALID_ARGUMENT` for a series that
   *   was not opened.
   */
  append(series: string, line: string | Buffer): void {
    const appender = this.#appenderOf(series)
    // A full buffer writes; what it may refer to has to be there first (JNL-4).
    if (appender.state === 'running' && !appender.hasRoomFor(line)) this.#drain()
    appender.append(line)
  }

  /**
   * Brings all that was appended to the chosen level of durability, in the order of the series. `stopped`: some lines wait
   * in memory, nothing is lost; call it again.
   *
   * @throws {SignalboxError} `ERR_CLOSED`.
   */
  flush(): AppendResult {
    if (this.state === 'closed') throw new SignalboxError('ERR_CLOSED', `the journal ${this.folder} is closed`)
    for (const appender of this.#open()) {
      const result = appender.flush()
      if (result.status === 'stopped') return result
    }
    return { status: 'ok' }
  }

  /**
   * Writes what is left, syncs every file, and lets the folder go. A second call does nothing.
   *
   * @throws {SignalboxError} `ERR_IO` when the disk refuses: the journal stays open and keeps its lines; `close` may be
   *   called again, `abandon` gives them up.
   */
  close(): void {
    if (this.state === 'closed') return
    const drained = this.#drain()
    if (drained.status === 'stopped') {
      throw new SignalboxError(
        'ERR_IO',
        `${this.folder}: ${drained.errno}; ${this.pendingLines} lines of the journal are not written yet`,
        { field: this.folder, value: drained.errno },
      )
    }
    for (const appender of this.#open()) appender.close()
    this.#lock.release()
  }

  /** Lets go without writing; returns how many lines were lost. */
  abandon(): number {
    let lost = 0
    for (const appender of this.#appenders.values()) lost += appender.abandon()
    this.#lock.release()
    return lost
  }

  /** All of them, but after a `close` that the disk cut short: then those that are left. */
  #open(): Appender[] {
    return [...this.#appenders.values()].filter((appender) => appender.state !== 'closed')
  }

  #drain(): AppendResult {
    for (const appender of this.#open()) {
      const result = appender.drain()
      if (result.status === 'stopped') return result
    }
    return { status: 'ok' }
  }

  #appenderOf(series: string): Appender {
    const appender = this.#appenders.get(series)
    if (appender !== undefined) return appender
    throw new SignalboxError('ERR_INVALID_ARGUMENT', `the journal was opened without the series ${series}`, {
      field: 'series',
      value: series,
    })
  }
}

/** Runs `open` so that what the file system refuses becomes one clear line about the folder. */
function naming(folder: string, open: () => Journal): Journal {
  try {
    return open()
  } catch (thrown) {
    const errno = errnoOf(thrown)
    if (errno === undefined) throw thrown
    if (machineErrnos.has(errno)) {
      throw new SignalboxError('ERR_IO', `${folder}: ${messageOf(thrown)}`, { field: folder, cause: thrown })
    }
    if (errno === 'EEXIST' || errno === 'ENOTDIR') throw inputError(folder, 'is not a folder', folder)
    throw inputError(folder, `cannot be written as a journal (${messageOf(thrown)})`, folder)
  }
}

/**
 * Makes the folder and what is missing above it. Not `mkdir` with `recursive`: below `/proc`, which answers ENOENT for a name
 * in a folder that is there, Node 20 tries for ever.
 */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return
  try {
    mkdirSync(folder)
  } catch (thrown) {
    if (errnoOf(thrown) !== 'ENOENT' || dirname(folder) === folder) throw thrown
    makeFolder(dirname(folder))
    mkdirSync(folder)
  }
}

function requireNoEntries(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (seriesOf(name) === null && name !== 'weights.ndjson') continue
    if (statSync(join(folder, name)).size > 0) {
      throw inputError(folder, `has entries already (${name}); choose an empty folder`, folder)
    }
  }
}
