/**
 * The mark that candidates are being followed: a file `tracking.open` in the journal's folder, with the first sequence of the run. It goes
 * when every decision has its entry, so one that is found tells of a run that was killed, or could not write to its end. One thread, under
 * the folder's lock.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const name = 'tracking.open'

export class TrackingMark {
  /** From which sequence on entries may be missing; null: none is. */
  readonly missingFrom: number | null
  readonly #path: string

  /** Sets the mark, or leaves the one that is there. @param firstSequence - Of the run that begins. */
  constructor(folder: string, firstSequence: number) {
    this.#path = join(folder, name)
    this.missingFrom = sequenceIn(this.#path)
    if (this.missingFrom !== null) return
    try {
      writeFileSync(this.#path, `${firstSequence}\n`)
    } catch {
      // A disk that takes no mark takes no entries either: the journal tells.
    }
  }

  /** Every decision has its entry, on the disk. */
  clear(): void {
    rmSync(this.#path, { force: true })
  }
}

function sequenceIn(path: string): number | null {
  try {
    const text = readFileSync(path, 'utf8').trim()
    // A mark that was cut off says that something is missing, and not from where.
    return /^\d{1,15}$/.test(text) ? Number(text) : 0
  } catch {
    return null
  }
}
