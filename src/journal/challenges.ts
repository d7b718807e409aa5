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
  /** When adaptation last noted what a search said, Unix milliseconds; null: never. What a person's `tune` says is no look of its own. */
  readonly searchedMs: number | null
  /** One line for each that means to be a challenge and is none: it is passed over. */
  readonly faults: readonly string[]
}

/** Who noted a result: `by` of its line. */
export const adaptationMark = 'adaptation'

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
        const said = parseChallenge(value, `${path}:${read.line}: `)
        if (said.kind === 'begin') challenge = said.challenge
        else if (said.version === challenge?.version) challenge = null
      } catch (thrown) {
        if (!(thrown instanceof SignalboxError)) throw thrown
        faults.push(thrown.message)
      }
    } else if (Object.hasOwn(value, 'in_sample') && value.by === adaptationMark) {
      const ms = typeof value.at === 'string' ? Date.parse(value.at) : Number.NaN
      if (Number.isFinite(ms)) searchedMs = ms
    }
  }
  return { challenge, searchedMs, faults }
}
