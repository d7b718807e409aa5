/** `signalbox report JOURNAL`: what the rejected events would have earned, from a journal's counterfactuals. */
import { setImmediate as breath } from 'node:timers/promises'
import { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import { losslessText } from '../domain/lossless-text.ts'
import { type JournalReport, readReportInSteps } from '../learn/journal-report.ts'
import { fullReportJson } from '../learn/report-json.ts'
import { countText } from '../summary.ts'
import { unitsText } from './explain/figures.ts'
import { Interrupt } from './interrupt.ts'
import { PageFile } from './page-file.ts'
import { reportHtml } from './report/report-html.ts'
import { reportText } from './report/report-text.ts'
import { layoutOf } from './terminal/layout.ts'
import { ProgressBar } from './terminal/progress-bar.ts'

interface ReportOptions {
  readonly since?: string
  readonly regime?: string
  readonly strict?: boolean
  readonly html?: string
  readonly json?: boolean
}

/** So many lines that are no entries are named, the others counted. */
const namedMax = 100
const lookEveryNs = 20_000_000

/** The command, for `main.ts` to add. */
export function reportCommand(): Command {
  return new Command('report')
    .description(
      'what the rejected events would have earned: opportunity cost, inversions, by component, reason, regime, type',
    )
    .argument('<journal>', 'a journal folder, or one counterfactuals-….ndjson')
    .option('--since <t>', 'only entries since then: 90d or 12h before the newest one, or an ISO 8601 time (UTC)')
    .option('--regime <name>', 'only entries of this regime: expansion, contraction, trend, sideways; null: of none')
    .option('--strict', 'stop at the first line that is no entry, with exit code 2')
    .option('--html <file>', 'draw the figures, into one self-contained page')
    .option('--json', 'print the figures as one JSON object')
    .addHelpText('after', '\nExample:\n  $ signalbox report out --since 90d')
    .action(async (journal: string, options: ReportOptions) => {
      const page = options.html === undefined ? null : PageFile.open(options.html)
      try {
        const report = await readWatched(journal, options)
        if (report === null) {
          process.exitCode = 130
          return
        }
        page?.write(reportHtml(report))
        const text =
          options.json === true
            ? losslessText(fullReportJson(report.figures, unitsText))
            : reportText(report, layoutOf(process.stdout))
        process.stdout.write(`${text}\n`)
      } finally {
        page?.discard()
      }
    })
}

/** Reads with a progress bar. Null: interrupted, and a part of the entries would say something else than all. */
async function readWatched(journal: string, options: ReportOptions): Promise<JournalReport | null> {
  const interrupt = new Interrupt()
  const bar = new ProgressBar(process.stderr, systemClock.monotonicNs)
  let named = 0
  const say = (line: string): void => void process.stderr.write(`signalbox: ${line}\n`)
  const report = (line: string): void => {
    if (named === 0) bar.clear()
    if (named++ < namedMax) say(line)
  }
  const { since, regime, strict } = options
  const steps = readReportInSteps(journal, {
    ...(since === undefined ? {} : { since }),
    ...(regime === undefined ? {} : { regime }),
    strict: strict === true,
    report,
  })
  let lookedNs = systemClock.monotonicNs()
  try {
    for (;;) {
      const { done, value } = steps.next()
      if (done === true) {
        if (named > namedMax) say(`and ${countText(named - namedMax)} more lines that are no entries`)
        return value
      }
      bar.show(() => ({
        fraction: value.bytesTotal === 0 ? null : value.bytes / value.bytesTotal,
        text: `${countText(value.entries)} entries`,
      }))
      // A signal is only heard between two turns of the event loop.
      if (systemClock.monotonicNs() - lookedNs < lookEveryNs) continue
      await breath()
      lookedNs = systemClock.monotonicNs()
      if (!interrupt.isRequested) continue
      bar.clear()
      say('interrupted: a part of the entries would be another report')
      return null
    }
  } finally {
    steps.return(undefined as never)
    bar.clear()
    interrupt.dispose()
  }
}
