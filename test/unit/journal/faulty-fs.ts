/** Real files behind a disk that can be made small, slow to take bytes, or broken; and folders that are removed afterwards. */
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AppenderFs } from '../../../src/journal/appender.ts'

export class FaultyFs implements AppenderFs {
  /** How much the disk still takes. */
  freeBytes = Number.POSITIVE_INFINITY
  /** A single write takes no more. */
  writeBytesMax = Number.POSITIVE_INFINITY
  /** Errnos that the next writes end with, one each. */
  writeFaults: string[] = []
  /** Errnos that the next calls of `fdatasync` and `fsync` end with, one each. */
  syncFaults: string[] = []
  /** Errnos that the next calls of `open` end with, one each. */
  openFaults: string[] = []
  /** Errnos that the next calls of `ftruncate` end with, one each. */
  truncateFaults: string[] = []
  /** The canary's fault: `ftruncate` says that it did and does nothing. */
  keepsTornTails = false
  /** Syncs only say that they did: the many rounds of a random test need no disk. */
  skipsSyncs = false
  /** Names of the calls, in order. */
  readonly calls: string[] = []

  openSync(path: string, flags: string): number {
    this.#note('open', this.openFaults)
    return fs.openSync(path, flags)
  }

  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    this.#note('write', this.writeFaults)
    const taken = Math.min(length, this.freeBytes, this.writeBytesMax)
    if (taken === 0) throw fault('ENOSPC')
    this.freeBytes -= taken
    return fs.writeSync(fd, bytes, offset, taken, position)
  }

  ftruncateSync(fd: number, length: number): void {
    this.#note('ftruncate', this.truncateFaults)
    if (this.keepsTornTails) return
    this.freeBytes += fs.fstatSync(fd).size - length
    fs.ftruncateSync(fd, length)
  }

  fdatasyncSync(fd: number): void {
    this.#note('fdatasync', this.syncFaults)
    if (!this.skipsSyncs) fs.fdatasyncSync(fd)
  }

  fsyncSync(fd: number): void {
    this.#note('fsync', this.syncFaults)
    if (!this.skipsSyncs) fs.fsyncSync(fd)
  }

  closeSync(fd: number): void {
    this.#note('close', [])
    fs.closeSync(fd)
  }

  #note(call: string, faults: string[]): void {
    this.calls.push(call)
    const errno = faults.shift()
    if (errno !== undefined) throw fault(errno)
  }
}

function fault(errno: string): Error {
  return Object.assign(new Error(`${errno}: put in by the test`), { code: errno })
}

/** A fresh folder for one test. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(join(tmpdir(), 'signalbox-journal-'))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The folder's files and their contents. */
export function contentsOf(folder: string): Record<string, string> {
  const contents: Record<string, string> = {}
  for (const name of fs.readdirSync(folder).sort()) contents[name] = fs.readFileSync(join(folder, name), 'utf8')
  return contents
}
