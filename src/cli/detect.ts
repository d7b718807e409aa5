/** `signalbox detect FILE…`: what the detectors see in recorded market data, when, and on which evidence. Nothing is traded. */
import { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import type { EngineConfig } from '../config.ts'
import { type DetectedChange, DetectionRun } from '../detection-run.ts'
import { eventTypesOf } from '../domain/policy.ts'
import { eventLine } from '../journal/event-line.ts'
import { eventsPageHtml } from '../observe/page/events-page.ts'
import { builtInDetectors } from '../stages/detection/built-in-detectors.ts'
import { openRecordings, type RecordedFeed } from '../stages/feed/recorded-feed.ts'
import { countText, timeText } from '../summary.ts'
import { readConfig } from './command-input.ts'
import { DetectPage } from './detect-page.ts'
import { EventHistories, type EventHistory, kindOf } from './event-history.ts'
import { Interrupt } from './interrupt.ts'
import { whyNoEvents } from './no-events.ts'
import { PageFile } from './page-file.ts'
import {
  addRecordingOptions,
  givenTexts,
  noRecord,
  type RecordingChoice,
  type RecordingOptions,
  reachedOf,
  recordingChoiceOf,
  requireSymbols,
} from './recording-options.ts'
import { eventTable } from './terminal/event-table.ts'
import { paintFor } from './terminal/paint.ts'
import { type Playing, playingOf } from './terminal/playing.ts'
import { ProgressBar } from './terminal/progress-bar.ts'

interface DetectOptions extends RecordingOptions {
  readonly config?: string
  readonly json?: boolean
  readonly html?: string
}

/** The command, for `main.ts` to add. */
export function detectCommand(): Command {
  return addRecordingOptions(
    new Command('detect').description('what the detectors see in recorded market data, when, and on which evidence'),
  )
    .option('--config <file>', 'configuration (JSON): detectors, instruments, the types of its policy')
    .option('--json', 'print each change of an event as one JSON object a line, and nothing else')
    .option('--html <file>', 'draw the events over the price, into one self-contained page')
    .addHelpText('after', '\nExample:\n  $ signalbox detect samples/*.jsonl.gz --html events.html')
    .action(async (files: string[], options: DetectOptions) => {
      await detect(files, options)
    })
}

/** What a run over the whole input saw. */
interface Seen {
  readonly run: DetectionRun
  readonly histories: readonly EventHistory[]
  readonly whyNoEvents: string | null
  /** Of the recordings, on the timeline. */
  readonly firstNs: number
  readonly lastNs: number
  readonly seconds: number
}

async function detect(files: readonly string[], options: DetectOptions): Promise<void> {
  const config = readConfig(options.config, undefined)
  const choice = recordingChoiceOf(files, options, config)
  const feed = await openRecordings(files, choice.feed)
  let pageFile: PageFile | null = null
  try {
    await requireSymbols(feed, 'detect')
    if (options.html !== undefined) pageFile = PageFile.open(options.html)
    const page = pageFile === null ? null : new DetectPage(feed.instruments, feed.timeline)
    const interrupt = new Interrupt()
    const seen = await watch(feed, config, page, options.json === true, interrupt, choice)
    interrupt.dispose()
    if (interrupt.wasInterrupted) {
      process.exitCode = 130
      process.stderr.write(
        `signalbox: interrupted: only what came before is told${options.html === undefined ? '' : ', and no page is written'}\n`,
      )
    }
    if (seen === null) {
      if (interrupt.isRequested) return
      throw noRecord('detect')
    }
    const { histories, firstNs, lastNs } = seen
    // A page says what the whole input holds, or is not written.
    if (pageFile !== null && page !== null && !interrupt.isRequested) {
      const { malformed } = feed
      const { records } = seen.run
      const why = seen.whyNoEvents
      pageFile.write(
        eventsPageHtml(
          page.toData({
            files,
            config,
            given: givenTexts(options),
            areSymbolsNamed: options.symbols !== undefined,
            records,
            malformed,
            firstNs,
            lastNs,
            histories,
            whyNoEvents: why,
          }),
        ),
      )
    }
    if (options.json !== true) process.stdout.write(`${linesOf(seen, feed, options.html).join('\n')}\n`)
  } finally {
    pageFile?.discard()
    await feed.close()
  }
}

/** Takes all records through the detectors. Null: there was none. */
async function watch(
  feed: RecordedFeed,
  config: EngineConfig,
  page: DetectPage | null,
  isJson: boolean,
  interrupt: Interrupt,
  choice: RecordingChoice,
): Promise<Seen | null> {
  const { instruments, timeline } = feed
  const warmUntilNs = timeline.fromUnixMs(choice.warmUntilUnixMs)
  const detectors = builtInDetectors(config.detectors)
  const histories = new EventHistories()
  let lines = ''
  const onChange = (change: DetectedChange): void => {
    histories.add(change)
    if (!isJson) return
    const { event, state, atNs, evidence } = change
    lines += `${eventLine({ ...event, evidence }, state, timeline.toUnixNs(atNs))}\n`
  }
  const run = new DetectionRun({
    instruments,
    timeline,
    eventTypes: eventTypesOf(config.policy),
    detectors,
    onChange,
    report: (line) => process.stderr.write(`signalbox: ${line}\n`),
  })
  const bar = new ProgressBar(process.stderr, systemClock.monotonicNs)
  const beganNs = systemClock.monotonicNs()
  let firstNs = Number.NaN
  let lastNs = Number.NaN
  let reachedNs = Number.NaN
  const playing = (atNs: number): Playing =>
    playingOf(reachedOf(feed, choice, atNs, { isPaced: false, records: run.records, decisions: undefined }))
  for (;;) {
    const batch = await feed.nextBatch()
    if (batch.count === 0 || interrupt.isRequested) break
    for (let index = 0; index < batch.count; index += 1) {
      const record = batch.records[index]!
      reachedNs = record.atNs
      if (record.atNs < warmUntilNs) {
        run.warmUp(record)
        continue
      }
      if (Number.isNaN(firstNs)) firstNs = record.atNs
      lastNs = record.atNs
      run.process(record)
      page?.add(record, run)
    }
    if (lines !== '') {
      process.stdout.write(lines)
      lines = ''
    }
    bar.show(() => playing(reachedNs))
  }
  bar.clear()
  if (run.records === 0) return null
  const all = histories.all()
  const rows = instruments.map((_, symbolIndex) => run.row(symbolIndex))
  return {
    run,
    histories: all,
    whyNoEvents: all.length > 0 ? null : whyNoEvents(detectors.length, rows, (lastNs - firstNs) / 1e9),
    firstNs,
    lastNs,
    seconds: (systemClock.monotonicNs() - beganNs) / 1e9,
  }
}

/** What stands on a terminal: the events, then the counts. */
function linesOf(seen: Seen, feed: RecordedFeed, html: string | undefined): string[] {
  const { run, histories, seconds, lastNs } = seen
  const { timeline } = feed
  const paint = paintFor(process.stdout.isTTY === true, process.env.NO_COLOR)
  const layout = { timeline, lastNs, columns: process.stdout.columns ?? 80, paint }
  const lines = seen.whyNoEvents === null ? eventTable(histories, layout) : [seen.whyNoEvents]
  const counts = countsByType(histories)
  const malformed = [...feed.malformed].map(([kind, count]) => `${kind} ${countText(count)}`)
  const facts: [string, string][] = [
    ['span', `${timeText(timeline.toUnixNs(seen.firstNs))} to ${timeText(timeline.toUnixNs(lastNs))} UTC`],
    ['records', countText(run.records)],
    ['malformed', malformed.length === 0 ? 'none' : malformed.join(', ')],
    ['rate', `${countText(Math.round(run.records / seconds))} records/s over ${seconds.toFixed(1)} s`],
  ]
  if (html !== undefined && process.exitCode !== 130) facts.push(['page', html])
  if (counts.length > 0) lines.push('', ...aligned(counts))
  return [...lines, '', ...aligned(facts)]
}

function aligned(facts: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...facts.map(([label]) => label.length))
  return facts.map(([label, text]) => `${label.padEnd(width)}  ${text}`)
}

/** A line a type: its short name as the table has it, and how many events of each symbol. */
function countsByType(histories: readonly EventHistory[]): [string, string][] {
  const byType = new Map<string, Map<string, number>>()
  for (const { event } of histories) {
    const label = `${event.eventType} (${kindOf(event)})`
    const symbols = byType.get(label) ?? new Map<string, number>()
    byType.set(label, symbols)
    symbols.set(event.symbol, (symbols.get(event.symbol) ?? 0) + 1)
  }
  const sorted = <Value>(map: Map<string, Value>): [string, Value][] =>
    [...map].sort(([one], [other]) => (one < other ? -1 : 1))
  return sorted(byType).map(([label, symbols]) => {
    const total = [...symbols.values()].reduce((sum, count) => sum + count, 0)
    return [
      label,
      `${total}: ${sorted(symbols)
        .map(([symbol, count]) => `${symbol} ${count}`)
        .join(', ')}`,
    ]
  })
}
