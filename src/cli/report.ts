/** `signalbox report JOURNAL`: what the rejected events would have earned, from a journal's counterfactuals. */
import { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import { losslessText } from '../domain/lossless-text.ts'
import { type JournalReport, readReportInSteps } from '../learn/journal-report.ts'
import { fullReportJson } from '../learn/report-json.ts'
import { unitsText } from './explain/figures.ts'
import { Interrupt } from './interrupt.ts'
import { PageFile } from './page-file.ts'
import { reportHtml } from './report/report-html.ts'
import { reportText } from './report/report-text.ts'
import { layoutOf } from './terminal/layout.ts'
import { ProgressBar } from './terminal/progress-bar.ts'
import { watchReading } from './watched.ts'

interface ReportOptions {
  readonly since?: string
  readonly regime?: string
  readonly strict?: boolean
  readonly html?: string
  readonly json?: boolean
}

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
            ? losslessText(fullReportJson(report.figures, unitsText, report.inForce))
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
  const say = (line: string): void => void process.stderr.write(`signalbox: ${line}\n`)
  const { since, regime, strict } = options
  try {
    const bar = new ProgressBar(process.stderr, systemClock.monotonicNs)
    const report = await watchReading({ bar, interrupt, say }, (report) =>
      readReportInSteps(journal, {
        ...(since === undefined ? {} : { since }),
        ...(regime === undefined ? {} : { regime }),
        strict: strict === true,
        report,
      }),
    )
    if (report === null) say('interrupted: a part of the entries would be another report')
    return report
  } finally {
    interrupt.dispose()
  }
}
