/** What commands share at the border: files read as text, options checked, both with one clear line when they are wrong. */
import { readFileSync } from 'node:fs'
import { inputError, messageOf } from '../base/errors.ts'
import { type EngineConfig, type NamedText, parseConfig } from '../config.ts'
import { Journal } from '../journal/journal.ts'
import { journalSeries } from '../pipeline/journal-sink.ts'
import type { BackendChoice } from '../region/backend/select.ts'

const bytesPerMb = 1_048_576

/** @throws {SignalboxError} `ERR_INPUT` naming the file. */
export function readNamedText(path: string): NamedText {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (thrown) {
    throw inputError(path, `cannot be read (${messageOf(thrown)})`)
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), name: path }
  } catch {
    throw inputError(path, 'is not text in UTF-8')
  }
}

export function readConfig(config: string | undefined, policy: string | undefined): EngineConfig {
  return parseConfig(
    config === undefined ? null : readNamedText(config),
    policy === undefined ? null : readNamedText(policy),
  )
}

export function backendOf(text: string): BackendChoice {
  if (text === 'auto' || text === 'native' || text === 'js') return text
  throw inputError('--backend', `must be auto, native or js, got ${JSON.stringify(text)}`)
}

/** A positive number of an option. */
export function positiveOf(option: string, text: string, max: number): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= max) return value
  throw inputError(option, `must be a number > 0 and ≤ ${max}, got ${JSON.stringify(text)}`)
}

/** The journal of a run. @throws {SignalboxError} `ERR_INPUT` naming the folder. */
export function openJournal(folder: string, config: EngineConfig, requireEmpty: boolean): Journal {
  const { durability, rotateMb } = config.journal
  return Journal.open(folder, { series: journalSeries, durability, rotateBytes: rotateMb * bytesPerMb, requireEmpty })
}
