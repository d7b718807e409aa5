/** Recordings through an engine of their own, in event time, to their end or to an interrupt: what `replay` and `tune --data` share. */
import { systemClock } from '../base/clock.ts'
import { SignalboxError } from '../base/errors.ts'
import type { EngineConfig } from '../config.ts'
import { Engine } from '../engine.ts'
import type { RunJournal } from '../pipeline/run-journal.ts'
import type { TopologyName } from '../pipeline/topology.ts'
import type { BackendChoice } from '../region/backend/select.ts'
import type { RecordedFeed } from '../stages/feed/recorded-feed.ts'
import { EventCounts, type Summary, summarize } from '../summary.ts'
import type { Interrupt } from './interrupt.ts'
import { type RecordingChoice, reachedOf } from './recording-options.ts'
import { type Playing, playingOf } from './terminal/playing.ts'
import { ProgressBar } from './terminal/progress-bar.ts'

export interface RecordedRun {
  readonly config: EngineConfig
  readonly feed: RecordedFeed
  readonly choice: RecordingChoice
  readonly backend: BackendChoice
  readonly topology: TopologyName
  /** Event time ÷ real time; Infinity: as fast as it goes. */
  readonly speed: number
  /** Null: nothing is written. It is closed at the end, or left to its owner after a fault. */
  readonly journal: { readonly folder: string; readonly writer: RunJournal } | null
  readonly interrupt: Interrupt
  /** What the progress bar says before its figures; '': nothing. */
  readonly label: string
  /** Takes one line about something that a person should know. */
  readonly report: (line: string) => void
}

/** Between two looks at the clock, when the speed is bounded. */
const paceEveryNs = 20_000_000

/** @returns The summary; after an interrupt, of what came before. */
export async function runRecorded(run: RecordedRun): Promise<Summary> {
  const { config, feed, backend, topology, journal, report } = run
  const events = new EventCounts()
  const engine = new Engine({
    config,
    instruments: feed.instruments,
    timeline: feed.timeline,
    backend,
    topology,
    journal: journal?.writer ?? null,
    monotonicNs: systemClock.monotonicNs,
    mode: 'replay',
    report,
    observer: (message) => {
      if (message.kind === 'event') events.add(message)
    },
  })
  const beganNs = systemClock.monotonicNs()
  await drive(run, engine)
  engine.stop()
  await journal?.writer.close()
  const summary = summarize({
    engine,
    events,
    malformed: feed.malformed,
    leftOut: feed.leftOut,
    toUnixNs: (atNs) => feed.timeline.toUnixNs(atNs),
    seconds: (systemClock.monotonicNs() - beganNs) / 1e9,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    journal: journal?.folder ?? null,
  })
  engine.close()
  return summary
}

async function drive(run: RecordedRun, engine: Engine): Promise<void> {
  const bar = new ProgressBar(process.stderr, systemClock.monotonicNs)
  try {
    await driveWith(bar, run, engine)
  } finally {
    // Also before a fault's line.
    bar.clear()
  }
}

async function driveWith(bar: ProgressBar, run: RecordedRun, engine: Engine): Promise<void> {
  const { feed, journal, speed, interrupt, choice, label } = run
  const isPaced = speed !== Number.POSITIVE_INFINITY
  const warmUntilNs = feed.timeline.fromUnixMs(choice.warmUntilUnixMs)
  const playing = (atNs: number): Playing => {
    const { decisions, records } = engine
    const { fraction, text } = playingOf(reachedOf(feed, choice, atNs, { isPaced, records, decisions }))
    return { fraction, text: label + text }
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
    const health = journal?.writer.settle()
    if (health?.status === 'stopped') {
      throw new SignalboxError('ERR_IO', `the journal cannot be written (${health.errno}): make room and replay again`)
    }
    bar.show(() => playing(reachedNs))
  }
}
