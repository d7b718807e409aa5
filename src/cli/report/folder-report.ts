/** The report of a journal folder in one call, for whoever makes one beside a run: no clock, no terminal, no signals. Any thread. */
import { type JournalReport, type JournalReportOptions, readReport } from '../../learn/journal-report.ts'
import { reportText } from './report-text.ts'

export interface FolderReport extends JournalReport {
  /** As `signalbox report` prints it, 80 columns wide, without colours. */
  readonly text: string
}

/**
 * Reads a journal that may still be written, and reports. Blocks for as long as it takes (a million entries: some 20 s), so a worker
 * thread is the place for it.
 *
 * @throws {SignalboxError} as `readReport`.
 */
export function reportFolder(journal: string, options: JournalReportOptions = {}): FolderReport {
  const report = readReport(journal, { live: true, ...options })
  return { ...report, text: reportText(report) }
}
