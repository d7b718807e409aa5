/**
 * The appender: whole lines, in order, into one file series `<series>-NNNNNN.ndjson`. One thread (the journal's own, or the
 * one of a replay); blocks on the disk. The caller holds the folder's lock.
 *
 * What a line survives once it counts in `acknowledgedLines`:
 *
 * | durability | `flush()` | process killed | power cut |
 * |---|---|---|---|
 * | `buffered` | writes only when `bufferBytes` have gathered | survives | what the system had not written is lost |
 * | `written` | writes all | survives | what the system had not written is lost |
 * | `synced` | writes all and waits for the disk (`fdatasync`) | survives | survives |
 *
 * A line that is not acknowledged yet is in memory only and dies with the process; `buffered` differs from `written` in how
 * many those may be. `close()` syncs whatever the level, and so does a rotation:
 *
 * JNL-1: a file is synced whole before its successor is made, so only the newest can have a torn end.
 * JNL-2: below the acknowledged size of a file there are whole lines only. Every write goes to that position, so that a
 *   retry overwrites what a failed one left; and what it left is cut off at once, so that no half line stays for a reader.
 * JNL-3: a line leaves memory only when it is acknowledged, and each is acknowledged once, in order.
 *
 * When the disk is full (or fails otherwise) the appender is `stopped` and names the errno; nothing acknowledged is touched,
 * the rest stays in memory. `flush()` may be called again at any time and goes on where it stopped. Meanwhile `append` takes
 * lines up to `pendingBytesMax` and refuses more (`ERR_IO`): its caller should have halted what makes the lines.
 * After a failed `fdatasync` the bytes are cut and written anew, for the system may have dropped the dirty pages
 * and would call the next sync a success (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
 */
import nodeFs from 'node:fs'
import { requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import { errnoOf } from './errno.ts'
import { PendingLines } from './pending-lines.ts'
import { type RecoveredSeries, recoverSeries } from './recover.ts'
import { requireSeries, seriesFileOf } from './series.ts'

export const durabilities = ['buffered', 'written', 'synced'] as const
/** See the table at the head of this file. */
export type Durability = (typeof durabilities)[number]

/** What the appender asks of the file system; `node:fs` by default. Tests put faults here. */
export interface AppenderFs {
  openSync(path: string, flags: string): number
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number
  ftruncateSync(fd: number, length: number): void
  fdatasyncSync(fd: number): void
  fsyncSync(fd: number): void
  closeSync(fd: number): void
}

export interface AppenderOptions {
  /** Default `written`. */
  readonly durability?: Durability
  /** A file does not grow beyond this, unless a single line does; 1 … 2^40, default 256 MiB. */
  readonly rotateBytes?: number
  /** Size of the buffer in which lines gather; 64 … 2^30, default 1 MiB. It is written when it is full, whatever the level. */
  readonly bufferBytes?: number
  /** How much may wait in memory while the disk refuses; at least `bufferBytes`, at most 2^30; default 64 MiB. */
  readonly pendingBytesMax?: number
  readonly fs?: AppenderFs
}

/** What a flush came to. `stopped`: nothing is lost, some lines wait in memory, `flush` may be called again. */
export type AppendResult = { readonly status: 'ok' } | { readonly status: 'stopped'; readonly errno: string }

export type AppenderState = 'running' | 'stopped' | 'closed'

const ok: AppendResult = Object.freeze({ status: 'ok' })
/** A write that makes no progress so many times running has failed; a regular file hardly ever makes one wait. */
const fruitlessWritesMax = 1000

function byteLengthOf(line: string | Buffer): number {
  return typeof line === 'string' ? Buffer.byteLength(line) : line.length
}

export class Appender {
  readonly series: string
  readonly durability: Durability
  /** What opening the series found: torn bytes cut, the last line. */
  readonly recovered: RecoveredSeries
  readonly #folder: string
  readonly #bufferBytes: number
  readonly #pendingBytesMax: number
  readonly #fs: AppenderFs

  readonly #pending: PendingLines
  /** −1 before the first file and, in a rotation, between two. */
  #fd = -1
  #fileNumber: number
  /** Acknowledged size of the open file: the position of the next write (JNL-2). */
  #fileBytes: number
  /** A write failed and what it left behind could not be cut off yet. */
  #tornTail = false
  /** A file was made and the folder has not been synced since. */
  #folderDirty = false

  #state: AppenderState = 'running'
  #errno: string | null = null
  #acknowledgedLines = 0
  #acknowledgedBytes = 0

  private constructor(folder: string, series: string, options: AppenderOptions) {
    this.series = requireSeries(series)
    this.durability = options.durability ?? 'written'
    if (!durabilities.includes(this.durability)) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', `durability must be one of ${durabilities.join(', ')}`, {
        field: 'durability',
        value: this.durability,
      })
    }
    const rotateBytes = requireInteger('rotateBytes', options.rotateBytes ?? 256 * 1024 * 1024, 1, 2 ** 40)
    this.#bufferBytes = requireInteger('bufferBytes', options.bufferBytes ?? 1024 * 1024, 64, 2 ** 30)
    this.#pendingBytesMax = requireInteger(
      'pendingBytesMax',
      options.pendingBytesMax ?? Math.max(64 * 1024 * 1024, this.#bufferBytes),
      this.#bufferBytes,
      2 ** 30,
    )
    this.#fs = options.fs ?? nodeFs
    this.#folder = folder
    this.recovered = recoverSeries(folder, series)
    const newest = this.recovered.files.at(-1)
    this.#fileNumber = newest?.number ?? 0
    this.#fileBytes = this.recovered.newestBytes
    this.#pending = new PendingLines(this.#bufferBytes, this.#pendingBytesMax, rotateBytes, this.#fileBytes)
    if (newest !== undefined) this.#fd = this.#fs.openSync(newest.path, 'r+')
  }

  /**
   * Opens a series of an existing folder, repairs its torn end and makes its first file when there is none.
   *
   * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` outside the options' ranges; `ERR_INPUT` when the newest file is not a
   *   journal's. What the file system throws passes through.
   */
  static open(folder: string, series: string, options: AppenderOptions = {}): Appender {
    const appender = new Appender(folder, series, options)
    if (appender.#fd === -1) {
      try {
        appender.#openNextFile()
        appender.#syncFolder()
      } catch (thrown) {
        appender.abandon()
        throw thrown
      }
    }
    return appender
  }

  get state(): AppenderState {
    return this.#state
  }

  /** Why it is stopped: `ENOSPC`, `EIO`, …; null while it runs. */
  get errno(): string | null {
    return this.#errno
  }

  /** Lines since `open` that are durable at the chosen level. */
  get acknowledgedLines(): number {
    return this.#acknowledgedLines
  }

  /** Bytes of those lines, newlines included. */
  get acknowledgedBytes(): number {
    return this.#acknowledgedBytes
  }

  /** Lines taken and not acknowledged yet. */
  get pendingLines(): number {
    return this.#pending.lines
  }

  get pendingBytes(): number {
    return this.#pending.bytes
  }

  /** Whether `append` takes this line without a write: the writer of several series flushes them in order first. */
  hasRoomFor(line: string | Buffer): boolean {
    return this.#pending.hasRoomFor(line)
  }

  /**
   * Takes one line (without its newline; as bytes it is UTF-8, and copied). It is in memory afterwards, not yet acknowledged; only when the buffer is full
   * does it write first.
   *
   * @throws {SignalboxError} and has not taken the line: `ERR_IO` when the disk refuses and `pendingBytesMax` is reached;
   *   `ERR_INVALID_ARGUMENT` when the line is empty, holds a newline or is longer than that; `ERR_CLOSED`.
   */
  append(line: string | Buffer): void {
    if (this.#state === 'closed') throw this.#closedError()
    if (line.length === 0 || line.includes('\n')) {
      throw new SignalboxError('ERR_INVALID_ARGUMENT', 'a line must not be empty nor hold a newline', { field: 'line' })
    }
    if (!this.hasRoomFor(line)) this.#makeRoom(byteLengthOf(line) + 1)
    this.#pending.add(line)
  }

  /**
   * Brings what was appended to the chosen level of durability and counts it as acknowledged; tried again after `stopped`,
   * it goes on where it stopped.
   *
   * @throws {SignalboxError} `ERR_CLOSED`.
   */
  flush(): AppendResult {
    if (this.#state === 'closed') throw this.#closedError()
    if (this.durability === 'buffered' && this.#state === 'running' && this.pendingBytes < this.#bufferBytes) return ok
    return this.#drain()
  }

  /** Writes everything, at `buffered` too, and acknowledges it. As `flush` otherwise. */
  drain(): AppendResult {
    if (this.#state === 'closed') throw this.#closedError()
    return this.#drain()
  }

  /**
   * Writes what is left, syncs the file and the folder, and lets go. A second call does nothing.
   *
   * @throws {SignalboxError} `ERR_IO` when the disk refuses: the appender stays open, its lines stay in memory, and `close`
   *   may be called again; `abandon` gives them up.
   */
  close(): void {
    if (this.#state === 'closed') return
    const drained = this.#drain()
    if (drained.status === 'ok') {
      try {
        this.#fs.fsyncSync(this.#fd)
      } catch (thrown) {
        this.#stop(thrown)
      }
    }
    if (this.#state === 'stopped') {
      throw new SignalboxError(
        'ERR_IO',
        `${this.#path()}: ${this.#errno}; it is not closed, and ${this.pendingLines} lines are not written yet`,
        { field: this.#path(), value: this.#errno },
      )
    }
    this.abandon()
  }

  /** Lets go without writing: lines that are not acknowledged are lost. Returns how many. */
  abandon(): number {
    if (this.#state === 'closed') return 0
    this.#state = 'closed'
    if (this.#fd !== -1) this.#fs.closeSync(this.#fd)
    this.#fd = -1
    return this.pendingLines
  }

  #drain(): AppendResult {
    try {
      while (this.#pending.lines > 0) this.#writeFirstSegment()
    } catch (thrown) {
      return this.#stop(thrown)
    }
    this.#state = 'running'
    this.#errno = null
    return ok
  }

  /** All lines of the first segment, or none: on a fault the file is cut back to its acknowledged size. */
  #writeFirstSegment(): void {
    const segment = this.#pending.first
    if (segment.opensFile) {
      this.#rotate()
      segment.opensFile = false
    }
    if (this.#tornTail) this.#cutTornTail()
    if (this.#folderDirty) this.#syncFolder()
    try {
      this.#writeFully(this.#pending.buffer, this.#pending.start, segment.bytes)
      if (this.durability === 'synced') this.#fs.fdatasyncSync(this.#fd)
    } catch (thrown) {
      this.#tornTail = true
      try {
        this.#cutTornTail()
      } catch (second) {
        // The next flush cuts it before it writes anything; the first fault is the one to report.
        if (errnoOf(second) === undefined) throw second
      }
      throw thrown
    }
    this.#fileBytes += segment.bytes
    this.#acknowledgedBytes += segment.bytes
    this.#acknowledgedLines += segment.lines
    this.#pending.acknowledgeFirst()
  }

  #writeFully(bytes: Buffer, offset: number, length: number): void {
    let done = 0
    let fruitless = 0
    while (done < length) {
      let count = 0
      try {
        count = this.#fs.writeSync(this.#fd, bytes, offset + done, length - done, this.#fileBytes + done)
      } catch (thrown) {
        const errno = errnoOf(thrown)
        if (errno !== 'EINTR' && errno !== 'EAGAIN') throw thrown
        if (fruitless >= fruitlessWritesMax) throw thrown
      }
      fruitless = count > 0 ? 0 : fruitless + 1
      if (fruitless > fruitlessWritesMax) {
        throw Object.assign(new Error(`EIO: ${fruitless} writes in a row wrote nothing`), { code: 'EIO' })
      }
      done += count
    }
  }

  #cutTornTail(): void {
    this.#fs.ftruncateSync(this.#fd, this.#fileBytes)
    this.#tornTail = false
  }

  /** Finishes the open file for good (JNL-1), then makes the next. Each step may fail and is taken up again there. */
  #rotate(): void {
    if (this.#fd !== -1) {
      if (this.#tornTail) this.#cutTornTail()
      this.#fs.fsyncSync(this.#fd)
      const finished = this.#fd
      this.#fd = -1
      this.#fs.closeSync(finished)
    }
    this.#openNextFile()
  }

  #openNextFile(): void {
    // Exclusive: a file of that name would be somebody else's, and is not written over.
    this.#fd = this.#fs.openSync(seriesFileOf(this.#folder, this.series, this.#fileNumber + 1).path, 'wx')
    this.#fileNumber += 1
    this.#fileBytes = 0
    this.#folderDirty = true
  }

  /** Makes the name of a new file durable. Windows does not open folders and needs no such thing. */
  #syncFolder(): void {
    if (process.platform !== 'win32') {
      const fd = this.#fs.openSync(this.#folder, 'r')
      try {
        this.#fs.fsyncSync(fd)
      } catch (thrown) {
        // File systems that keep no folder of their own on a disk (some network and user-space ones) say EINVAL.
        if (errnoOf(thrown) !== 'EINVAL') throw thrown
      } finally {
        this.#fs.closeSync(fd)
      }
    }
    this.#folderDirty = false
  }

  #makeRoom(lineBytes: number): void {
    if (lineBytes > this.#pendingBytesMax) {
      throw new SignalboxError(
        'ERR_INVALID_ARGUMENT',
        `a line of ${lineBytes} bytes is longer than pendingBytesMax (${this.#pendingBytesMax})`,
        { field: 'line', value: lineBytes },
      )
    }
    if (this.#pending.hasRoomForBytes(lineBytes)) return
    // While stopped, only `flush` asks the disk again: an engine that halted must not be slowed down by each line.
    if (this.#state === 'running') this.#drain()
    if (this.#pending.tryMakeRoom(lineBytes)) return
    throw new SignalboxError(
      'ERR_IO',
      `${this.#path()}: ${this.#errno}; ${this.pendingLines} lines wait in memory and no more are taken`,
      { field: this.#path(), value: this.#errno },
    )
  }

  #stop(thrown: unknown): AppendResult {
    const errno = errnoOf(thrown)
    // Without an errno it is a fault of the program, not of the disk.
    if (errno === undefined) throw thrown
    this.#state = 'stopped'
    this.#errno = errno
    return { status: 'stopped', errno }
  }

  #path(): string {
    return seriesFileOf(this.#folder, this.series, Math.max(1, this.#fileNumber)).path
  }

  #closedError(): SignalboxError {
    return new SignalboxError('ERR_CLOSED', `the appender of ${this.series} is closed`)
  }
}
