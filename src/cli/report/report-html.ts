/** A report as its page. Pure but for the static parts of the build. */
import { findingsOf, inversionVerdict } from '../../learn/findings.ts'
import type { JournalReport } from '../../learn/journal-report.ts'
import { unitsText } from '../explain/figures.ts'
import { reportPage } from '../report-page.ts'

/** @throws {SignalboxError} `ERR_IO` when a part of the build is missing. */
export function reportHtml({ journal, figures, tuned, inForce }: JournalReport): string {
  const findings = findingsOf(figures, unitsText).map(({ sentence }) => sentence)
  return reportPage({ journal, figures, verdict: inversionVerdict(figures), findings, tuned, inForce })
}
