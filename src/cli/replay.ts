/** `signalbox replay FILE…`: recorded market data through the engine, in event time, deterministic. */
import { Command } from 'commander'
import type { RunJournal } from '../pipeline/run-journal.ts'
import { openRecordings, type RecordedFeed } from '../stages/feed/recorded-feed.ts'
import { type Summary, summaryJson } from '../summary.ts'
import { backendOf, endJournal, openJournal, positiveOf, readConfig, topologyOf } from './command-input.ts'
import { Interrupt } from './interrupt.ts'
import { runRecorded } from './recorded-run.ts'
import {
  addRecordingOptions,
  noRecord,
  type RecordingOptions,
  recordingChoiceOf,
  requireSymbols,
} from './recording-options.ts'
import { columnsOf, summaryLines } from './terminal/summary-page.ts'

interface ReplayOptions extends RecordingOptions {
  readonly speed: string
  readonly journal?: string
  readonly config?: string
  readonly policy?: string
  readonly backend: string
  readonly topology: string
  readonly json?: boolean
}

/** The command, for `main.ts` to add. */
export function replayCommand(): Command {
  return addRecordingOptions(
    new Command('replay').description('run recorded market data through the engine: event time, deterministic'),
  )
    .option('--speed <x>', 'max, or event time ÷ real time: 1, 10, …', 'max')
    .option('--journal <dir>', 'write the journal into this empty or new folder')
    .option('--config <file>', 'configuration (JSON)')
    .option('--policy <file>', "policy (JSON) that overrides the configuration's, key by key")
    .option('--backend <name>', 'auto, native or js', 'auto')
    .option('--topology <name>', 'threads of the stages: inline, compact or spread; the journal is the same', 'inline')
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', '\nExample:\n  $ signalbox replay samples/*.jsonl.gz --from 2026-06-17T18:00Z --journal out')
    .action(async (files: string[], options: ReplayOptions) => {
      await replay(files, options)
    })
}

async function replay(files: readonly string[], options: ReplayOptions): Promise<void> {
  const config = readConfig(options.config, options.policy)
  const backend = backendOf(options.backend)
  const topology = topologyOf(options.topology)
  const speed = options.speed === 'max' ? Number.POSITIVE_INFINITY : positiveOf('--speed', options.speed, 1e6)
  const choice = recordingChoiceOf(files, options, config)
  const feed = await openRecordings(files, choice.feed)
  const { journal: folder } = options
  let writer: RunJournal | null = null
  const report = (line: string): void => void process.stderr.write(`signalbox: ${line}\n`)
  try {
    await requireSymbols(feed, 'replay')
    if (folder !== undefined) writer = await openJournal(folder, config, { isReplay: true, report })
    const journal = folder === undefined || writer === null ? null : { folder, writer }
    const interrupt = new Interrupt()
    const settings = { config, feed, choice, backend, topology, speed, journal, interrupt, label: '', report }
    const summary = await runRecorded(settings)
    if (summary.records > 0 || !interrupt.isRequested) print(summary, feed, options.json === true)
    interrupt.dispose()
    if (interrupt.wasInterrupted) {
      process.exitCode = 130
      report(`interrupted: only what came before is told${folder === undefined ? '' : ' and journalled'}`)
    }
  } finally {
    await feed.close()
    await endJournal(writer, report)
  }
}

function print(summary: Summary, feed: RecordedFeed, isJson: boolean): void {
  if (summary.records === 0) {
    throw noRecord('replay')
  }
  const lines = (): string[] => summaryLines(summary, feed.instruments, columnsOf(process.stdout))
  process.stdout.write(`${isJson ? summaryJson(summary) : lines().join('\n')}\n`)
}
