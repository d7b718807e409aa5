/** What a journal's `weights.ndjson` says beside its sets: the comparison that goes on, and when weights were last searched. Any thread; blocks on the disk. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { SignalboxError } from '../base/errors.ts'
import { type Challenge, parseChallenge } from '../domain/challenge.ts'
import { readJournal } from './reader.ts'
import { weightsFile } from './weight-sets.ts'

export interface TuningHistory {
  /** The last that was not ended; null: none goes on. */
  readonly challenge: Challenge | null
  /** When a search's result was last noted, Unix milliseconds; null: never. */
  readonly searchedMs: number | null
  /** One line for each that means to be a challenge and is none: it is passed over. */
  readonly faults: readonly string[]
}

export function readTuningHistory(folder: string): TuningHistory {
  const path = join(folder, weightsFile)
  let challenge: Challenge | null = null
  let searchedMs: number | null = null
  const faults: string[] = []
  if (!existsSync(path)) return { challenge, searchedMs, faults }
  for (const read of readJournal(path, 'weights')) {
    if (read.kind === 'problem') continue
    const { value } = read
    if (Object.hasOwn(value, 'challenger')) {
      try {
        challenge = parseChallenge(value, `${path}:${read.line}: `)
      } catch (thrown) {
        if (!(thrown instanceof SignalboxError)) throw thrown
        faults.push(thrown.message)
      }
    } else if (Object.hasOwn(value, 'in_sample')) {
      const ms = typeof value.at === 'string' ? Date.parse(value.at) : Number.NaN
      if (Number.isFinite(ms)) searchedMs = ms
    }
  }
  return { challenge, searchedMs, faults }
}
