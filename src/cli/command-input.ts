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

const symbolsSeparator = ','

/** Symbols of an option, `BTC,ETH`. Undefined: not given. */
export function symbolsOf(option: string, text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  const symbols = text.split(symbolsSeparator).map((symbol) => symbol.trim())
  const twice = symbols.find((symbol, index) => symbols.indexOf(symbol) !== index)
  if (symbols.includes('')) throw inputError(option, `must be symbols like BTC,ETH, got ${JSON.stringify(text)}`)
  if (twice !== undefined) throw inputError(option, `names ${twice} twice`)
  return symbols
}

const isoPattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/
const unixMsPattern = /^[1-9]\d{12}$/

/** A time of an option, in Unix milliseconds: given so, or as ISO 8601, which without a zone is UTC. Undefined: not given. */
export function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (unixMsPattern.test(text)) return Number(text)
  const match = isoPattern.exec(text)
  // Of a date alone the language takes UTC by itself, of a time without a zone the machine's.
  const isZoned = match !== null && (match[1] === undefined || match[4] !== undefined)
  const unixMs = match === null ? Number.NaN : Date.parse(isZoned ? text : `${text}Z`)
  if (!Number.isNaN(unixMs)) return unixMs
  const shown = JSON.stringify(text)
  throw inputError(option, `must be a time as 2026-06-17T18:00:00Z or in Unix milliseconds, got ${shown}`)
}

/** A span of event time, `--from` ≤ t < `--to`. */
export interface TimeRange {
  readonly fromUnixMs?: number
  readonly untilUnixMs?: number
}

export function rangeOf(from: string | undefined, to: string | undefined): TimeRange {
  const fromUnixMs = timeOf('--from', from)
  const untilUnixMs = timeOf('--to', to)
  if (fromUnixMs !== undefined && untilUnixMs !== undefined && fromUnixMs >= untilUnixMs) {
    throw inputError('--to', `must be after --from, got ${JSON.stringify(to)}`)
  }
  return {
    ...(fromUnixMs === undefined ? {} : { fromUnixMs }),
    ...(untilUnixMs === undefined ? {} : { untilUnixMs }),
  }
}
