/** `signalbox run`: the engine, live. SIGTERM or the first SIGINT drains and exits 0, a second SIGINT exits 130. */
import { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import { collectAlone } from '../base/collections.ts'
import { inputError } from '../base/errors.ts'
import { freshSeed, Random } from '../base/random.ts'
import { type EngineConfig, requireFeed } from '../config.ts'
import { LiveRun } from '../live-run.ts'
import type { RunJournal } from '../pipeline/run-journal.ts'
import type { TopologyName } from '../pipeline/topology.ts'
import { detectorOptionTables } from '../stages/detection/built-in-detectors.ts'
import { optionLines } from '../stages/detection/detector-options.ts'
import { EventCounts, summarize, summaryJson } from '../summary.ts'
import { ScheduledAdaptation } from './adaptation/scheduled-adaptation.ts'
import { backendOf, endJournal, openJournal, positiveOf, readConfig, topologyOf } from './command-input.ts'
import { Interrupt } from './interrupt.ts'
import { ScheduledReport } from './report/scheduled-report.ts'
import { LiveView } from './terminal/live-view.ts'
import { columnsOf, summaryLines } from './terminal/summary-page.ts'

interface RunOptions {
  readonly config?: string
  readonly policy?: string
  readonly feed?: string
  readonly venue?: string
  readonly journal?: string
  readonly backend: string
  readonly timeScale: string
  readonly warmup?: string[]
  readonly topology?: string
  readonly json?: boolean
}

/** The command, for `main.ts` to add. */
export function runCommand(): Command {
  return new Command('run')
    .description('run the engine live: feed → state → … → orders (paper)')
    .option('--config <file>', 'configuration (JSON)')
    .option('--policy <file>', "policy (JSON) that overrides the configuration's, key by key")
    .option('--feed <feed>', 'hyperliquid, or a ws:// or wss:// address that speaks its protocol')
    .option('--venue <venue>', 'paper')
    .option('--journal <dir>', 'write the journal into this folder')
    .option('--backend <name>', 'auto, native or js', 'auto')
    .option('--time-scale <x>', 'event time ÷ real time of the feed', '1')
    .option('--warmup <files...>', 'recordings that are applied to the state before the feed opens')
    .option('--topology <name>', "threads of the stages: inline, compact or spread; the configuration's, else compact")
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', detectorsHelp)
    .addHelpText('after', '\nExample:\n  $ signalbox run --journal out')
    .action(async (options: RunOptions) => {
      const given = readConfig(options.config, options.policy)
      if (options.feed !== undefined) requireFeed('--feed', options.feed)
      const config: EngineConfig = { ...given, feed: options.feed ?? given.feed }
      if (options.venue !== undefined && options.venue !== 'paper') {
        throw inputError('--venue', `must be paper, got ${JSON.stringify(options.venue)}`)
      }
      if (config.adaptation.mode !== 'manual' && options.journal === undefined) {
        throw inputError(
          '--journal',
          `adaptation.mode ${config.adaptation.mode} learns from a journal: name its folder`,
        )
      }
      await runLive({
        config,
        topology: options.topology === undefined ? config.pipeline.topology : topologyOf(options.topology),
        backend: options.backend,
        journalFolder: options.journal ?? null,
        timeScale: positiveOf('--time-scale', options.timeScale, 1e6),
        warmup: options.warmup ?? [],
        isJson: options.json === true,
        progress: null,
        endOnNormalClose: false,
      })
    })
}

function detectorsHelp(): string {
  const lines = Object.entries(detectorOptionTables).flatMap(([kind, table]) => [
    `  ${kind}`,
    ...optionLines(table).map((line) => `    ${line}`),
  ])
  return `\nOptions of "detectors" in the configuration: key, default, range, unit.\n${lines.join('\n')}`
}

export interface LiveRunSetup {
  readonly config: EngineConfig
  readonly topology: TopologyName
  readonly backend: string
  readonly journalFolder: string | null
  readonly timeScale: number
  readonly warmup: readonly string[]
  readonly warmupUntilUnixMs?: number
  readonly isJson: boolean
  /** How much of a playback has been played, 0 … 1. */
  readonly progress: (() => number) | null
  readonly endOnNormalClose: boolean
}

/** Runs until the feed ends or somebody interrupts, then drains and prints the summary. */
export async function runLive(setup: LiveRunSetup): Promise<void> {
  const { config, journalFolder, isJson } = setup
  const interrupt = new Interrupt()
  const events = new EventCounts()
  const backend = backendOf(setup.backend)
  const shownOn = isJson ? process.stderr : process.stdout
  const view = new LiveView(shownOn, process.stderr, systemClock.monotonicNs, setup.progress)
  const report = (line: string): void => view.notice(line)
  let journal: RunJournal | null = null
  let scheduled: ScheduledReport | null = null
  let adaptation: ScheduledAdaptation | null = null
  try {
    if (journalFolder !== null) {
      journal = await openJournal(journalFolder, config, { isReplay: false, report })
      scheduled = scheduledReportOf(journalFolder, config, report)
      adaptation = scheduledAdaptationOf(journalFolder, config, report)
    }
    // On one thread nobody has to wait for a core.
    if (setup.topology !== 'inline') collectAlone()
    const run = await LiveRun.open({
      config,
      topology: setup.topology,
      backend,
      journal,
      timeScale: setup.timeScale,
      warmup: setup.warmup,
      ...(setup.warmupUntilUnixMs === undefined ? {} : { warmupUntilUnixMs: setup.warmupUntilUnixMs }),
      clock: systemClock,
      random: new Random(freshSeed()),
      endOnNormalClose: setup.endOnNormalClose,
      report,
      onStatus: (status) => view.onStatus(status),
      observer: (message) => {
        if (message.kind === 'event') events.add(message)
        view.take(message)
      },
    })
    const beganNs = systemClock.monotonicNs()
    view.start(run)
    run.start()
    await Promise.race([run.ended, interrupted(interrupt)])
    await run.stop()
    view.stop()
    const summary = summarize({
      engine: run.engine,
      events,
      malformed: run.feed.counters.malformed,
      toUnixNs: (atNs) => run.timeline.toUnixNs(atNs),
      seconds: (systemClock.monotonicNs() - beganNs) / 1e9,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      journal: journalFolder,
    })
    const lines = (): string[] => summaryLines(summary, run.feed.instruments, columnsOf(process.stdout))
    process.stdout.write(isJson ? `${summaryJson(summary)}\n` : `\nSummary\n${lines().join('\n')}\n`)
    run.engine.close()
  } finally {
    // After a fault: its line comes to a terminal that shows it.
    view.stop()
    await scheduled?.stop()
    await adaptation?.stop()
    await endJournal(journal, report)
    // Last: a reader that goes while the journal is closed must not end the process.
    interrupt.dispose()
  }
}

/** Null: the configuration wants none. */
function scheduledReportOf(
  folder: string,
  { counterfactuals: { isTracked, reportEveryHours } }: EngineConfig,
  report: (line: string) => void,
): ScheduledReport | null {
  if (!isTracked || reportEveryHours === 0) return null
  const wallMs = (): number => Number(systemClock.wallNs() / 1_000_000n)
  return new ScheduledReport({ folder, everyMs: reportEveryHours * 3_600_000, wallMs, report })
}

/** Null: a person decides on weights. */
function scheduledAdaptationOf(
  folder: string,
  { policy, adaptation: { mode, everyHours, lookS } }: EngineConfig,
  report: (line: string) => void,
): ScheduledAdaptation | null {
  if (mode === 'manual') return null
  const everyMs = everyHours * 3_600_000
  return new ScheduledAdaptation({ folder, policy, mode, everyMs, lookMs: lookS * 1_000, report })
}

function interrupted(interrupt: Interrupt): Promise<void> {
  return new Promise((resolve) => {
    if (interrupt.isRequested) resolve()
    else interrupt.requested.addEventListener('abort', () => resolve(), { once: true })
  })
}
