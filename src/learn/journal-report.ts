/** A journal's report: its entries read, the part that is asked for, what was tuned last. Any thread; blocks on the disk. */
import { inputError } from '../base/errors.ts'
import { regimes } from '../domain/regime.ts'
import type { NumberedWeightSet } from '../domain/weight-set.ts'
import { scanWeightSets } from '../journal/weight-sets.ts'
import { type Counterfactuals, type ReadProgress, readCounterfactualsInSteps } from './entry-reader.ts'
import { lastNsOf, noRegime, regimesOf, reportOf } from './report.ts'
import type { ReportFigures } from './report-figures.ts'
import { parseSince, sinceNsOf } from './since.ts'
import { readTunedWeights, type TunedWeights } from './tuned-weights.ts'

export interface JournalReportOptions {
  /** `90d`, `12h` (before the newest entry), or an ISO 8601 time. Default: all entries. */
  readonly since?: string
  /** Only entries of this regime; `null`: of none. Default: all. */
  readonly regime?: string
  /** Stop at the first line that is no entry. Default false. */
  readonly strict?: boolean
  /** Somebody is writing: an unfinished end is left out. Default false. */
  readonly live?: boolean
  /** Takes one line for each line that is passed over. Default: nobody. */
  readonly report?: (line: string) => void
}

export interface JournalReport {
  /** The folder or file that was read. */
  readonly journal: string
  readonly figures: ReportFigures
  /** Lines that were no entries. */
  readonly skipped: number
  /** Null: nobody has tuned this journal. */
  readonly tuned: TunedWeights | null
  /** The journal's newest weight set; null: there is none. */
  readonly inForce: NumberedWeightSet | null
  /** As it was asked for; null: all. */
  readonly since: string | null
  readonly regime: string | null
}

/**
 * Reads and counts.
 *
 * @throws {SignalboxError} `ERR_INPUT` naming the path, `--since`, `--regime` (one that is neither of the four, nor `null`, nor of an entry), or with
 *   `strict` file and line.
 */
export function readReport(journal: string, options: JournalReportOptions = {}): JournalReport {
  const steps = readReportInSteps(journal, options)
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** As {@link readReport}, handing over after some hundred lines. */
export function* readReportInSteps(
  journal: string,
  options: JournalReportOptions = {},
): Generator<ReadProgress, JournalReport> {
  const { since: sinceText, regime, ...reading } = options
  const since = sinceText === undefined ? null : parseSince(sinceText)
  const read: Counterfactuals = yield* readCounterfactualsInSteps(journal, reading)
  const { entries, skipped } = read
  if (regime !== undefined) requireRegime(regime, regimesOf(entries))
  const sinceNs = since === null ? undefined : sinceNsOf(since, lastNsOf(entries))
  const figures = reportOf(entries, {
    ...(sinceNs === undefined ? {} : { sinceNs }),
    ...(regime === undefined ? {} : { regime }),
  })
  return {
    journal,
    figures,
    skipped,
    tuned: readTunedWeights(journal),
    inForce: scanWeightSets(journal).sets.at(-1) ?? null,
    since: sinceText ?? null,
    regime: regime ?? null,
  }
}

function requireRegime(regime: string, present: readonly string[]): void {
  const known = [...new Set([...regimes, noRegime, ...present])]
  if (known.includes(regime)) return
  throw inputError('--regime', `must be one of ${known.join(', ')}, got ${JSON.stringify(regime)}`, regime)
}
