/** What commands share at the border: files read as text, options checked, both with one clear line when they are wrong. */
import { readFileSync } from 'node:fs'
import { inputError, messageOf } from '../base/errors.ts'
import { type EngineConfig, type NamedText, parseConfig } from '../config.ts'
import { decisionRecordSize } from '../domain/decision-record.ts'
import { eventTypesMax } from '../domain/event.ts'
import { journalSeries } from '../journal/series.ts'
import { JournalThread } from '../pipeline/journal-thread.ts'
import type { RunJournal } from '../pipeline/run-journal.ts'
import { type TopologyName, topologies } from '../pipeline/topology.ts'
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

export function topologyOf(text: string): TopologyName {
  if (Object.hasOwn(topologies, text)) return text as TopologyName
  throw inputError('--topology', `must be ${Object.keys(topologies).join(', ')}, got ${JSON.stringify(text)}`)
}

/** A positive number of an option. */
export function positiveOf(option: string, text: string, max: number): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= max) return value
  throw inputError(option, `must be a number > 0 and ≤ ${max}, got ${JSON.stringify(text)}`)
}

/**
 * The journal of a run, on a thread of its own.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming the folder.
 */
export function openJournal(
  folder: string,
  config: EngineConfig,
  settings: { readonly isReplay: boolean; readonly report: (line: string) => void },
): Promise<JournalThread> {
  const { durability, rotateMb } = config.journal
  return JournalThread.open(folder, {
    series: journalSeries,
    durability,
    rotateBytes: rotateMb * bytesPerMb,
    // A replay's journal is its own, and its disk's refusal is its end.
    requireEmpty: settings.isReplay,
    onStopped: settings.isReplay ? 'fail' : 'retry',
    frameMax: decisionRecordSize(eventTypesMax, config.positionsMax, config.eventCapacity),
    report: settings.report,
  })
}

/**
 * After a fault: what was sent is written all the same, and that it cannot be is told beside the fault, unless the journal itself is
 * the fault. After `close` nothing happens.
 */
export async function endJournal(journal: RunJournal | null, report: (line: string) => void): Promise<void> {
  if (journal === null) return
  if (journal.isBroken) {
    await journal.abandon()
    return
  }
  try {
    await journal.close()
  } catch (thrown) {
    report(messageOf(thrown))
  }
}
