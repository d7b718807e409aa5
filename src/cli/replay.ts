/** `signalbox replay FILE…`: recorded market data through the engine, in event time, deterministic. */
import { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import { SignalboxError } from '../base/errors.ts'
import { Engine } from '../engine.ts'
import type { RunJournal } from '../pipeline/run-journal.ts'
import { openRecordings, type RecordedFeed } from '../stages/feed/recorded-feed.ts'
import { EventCounts, type Summary, summarize, summaryJson } from '../summary.ts'
import { backendOf, endJournal, openJournal, positiveOf, readConfig, topologyOf } from './command-input.ts'
import { Interrupt } from './interrupt.ts'
import {
  addRecordingOptions,
  noRecord,
  type RecordingChoice,
  type RecordingOptions,
  reachedOf,
  recordingChoiceOf,
  requireSymbols,
} from './recording-options.ts'
import { type Playing, playingOf } from './terminal/playing.ts'
import { ProgressBar } from './terminal/progress-bar.ts'
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

/** Between two looks at the clock, when the speed is bounded. */
const paceEveryNs = 20_000_000

async function replay(files: readonly string[], options: ReplayOptions): Promise<void> {
  const config = readConfig(options.config, options.policy)
  const backend = backendOf(options.backend)
  const topology = topologyOf(options.topology)
  const speed = options.speed === 'max' ? Number.POSITIVE_INFINITY : positiveOf('--speed', options.speed, 1e6)
  const choice = recordingChoiceOf(files, options, config)
  const feed = await openRecordings(files, choice.feed)
  let journal: RunJournal | null = null
  const report = (line: string): void => void process.stderr.write(`signalbox: ${line}\n`)
  try {
    await requireSymbols(feed, 'replay')
    if (options.journal !== undefined) {
      journal = await openJournal(options.journal, config, { isReplay: true, report })
    }
    const events = new EventCounts()
    const engine = new Engine({
      config,
      instruments: feed.instruments,
      timeline: feed.timeline,
      backend,
      topology,
      journal,
      monotonicNs: systemClock.monotonicNs,
      mode: 'replay',
      report,
      observer: (message) => {
        if (message.kind === 'event') events.add(message)
      },
    })
    const interrupt = new Interrupt()
    const beganNs = systemClock.monotonicNs()
    await drive({ feed, engine, journal, speed, interrupt, choice })
    engine.stop()
    await journal?.close()
    const summary = summarize({
      engine,
      events,
      malformed: feed.malformed,
      leftOut: feed.leftOut,
      toUnixNs: (atNs) => feed.timeline.toUnixNs(atNs),
      seconds: (systemClock.monotonicNs() - beganNs) / 1e9,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      journal: options.journal ?? null,
    })
    if (summary.records > 0 || !interrupt.isRequested) print(summary, feed, options.json === true)
    engine.close()
    interrupt.dispose()
    if (interrupt.wasInterrupted) {
      process.exitCode = 130
      report(`interrupted: only what came before is told${options.journal === undefined ? '' : ' and journalled'}`)
    }
  } finally {
    await feed.close()
    await endJournal(journal, report)
  }
}

interface Drive {
  readonly feed: RecordedFeed
  readonly engine: Engine
  readonly journal: RunJournal | null
  /** Event time ÷ real time; Infinity: as fast as it goes. */
  readonly speed: number
  readonly interrupt: Interrupt
  readonly choice: RecordingChoice
}

async function drive(run: Drive): Promise<void> {
  const bar = new ProgressBar(process.stderr, systemClock.monotonicNs)
  try {
    await driveWith(bar, run)
  } finally {
    // Also before a fault's line.
    bar.clear()
  }
}

async function driveWith(bar: ProgressBar, run: Drive): Promise<void> {
  const { feed, engine, journal, speed, interrupt, choice } = run
  const isPaced = speed !== Number.POSITIVE_INFINITY
  const warmUntilNs = feed.timeline.fromUnixMs(choice.warmUntilUnixMs)
  const playing = (atNs: number): Playing => {
    const { decisions } = engine
    return playingOf(reachedOf(feed, choice, atNs, { isPaced, records: engine.records, decisions }))
  }
  let reachedNs = Number.NaN
  let beganNs = Number.NaN
  let firstAtNs = Number.NaN
  for (;;) {
    const batch = await feed.nextBatch()
    if (batch.count === 0 || interrupt.isRequested) break
    for (let index = 0; index < batch.count; index += 1) {
      const record = batch.records[index]!
      reachedNs = record.atNs
      if (record.atNs < warmUntilNs) {
        engine.warmUp(record)
        continue
      }
      if (isPaced) {
        if (Number.isNaN(firstAtNs)) {
          firstAtNs = record.atNs
          beganNs = systemClock.monotonicNs()
        }
        // A batch lasts for minutes of real time, where the speed is low.
        bar.show(() => playing(record.atNs))
        const dueNs = beganNs + (record.atNs - firstAtNs) / speed
        await interrupt.waitUntil(dueNs, systemClock.monotonicNs, paceEveryNs)
        if (interrupt.isRequested) break
      }
      engine.process(record)
    }
    const health = journal?.settle()
    if (health?.status === 'stopped') {
      throw new SignalboxError('ERR_IO', `the journal cannot be written (${health.errno}): make room and replay again`)
    }
    bar.show(() => playing(reachedNs))
  }
}

function print(summary: Summary, feed: RecordedFeed, isJson: boolean): void {
  if (summary.records === 0) {
    throw noRecord('replay')
  }
  const lines = (): string[] => summaryLines(summary, feed.instruments, columnsOf(process.stdout))
  process.stdout.write(`${isJson ? summaryJson(summary) : lines().join('\n')}\n`)
}
