/**
 * The thread of one scheduled report: reads the journal, writes the report beside it, says so and ends. A worker's entry; started by
 * `scheduled-report.ts` only.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../base/errors.ts'
import { losslessText } from '../../domain/lossless-text.ts'
import { fullReportJson } from '../../learn/report-json.ts'
import { unitsText } from '../explain/figures.ts'
import { reportFolder } from './folder-report.ts'
import { reportHtml } from './report-html.ts'

export interface ReportWorkerData {
  readonly folder: string
  /** The files' name without its ending. */
  readonly name: string
}

const { folder, name } = workerData as ReportWorkerData

/** Whole, or not at all. */
function write(ending: string, text: string): void {
  const path = join(folder, `${name}.${ending}`)
  writeFileSync(`${path}.part`, text)
  renameSync(`${path}.part`, path)
}

try {
  const report = reportFolder(folder)
  write('txt', `${report.text}\n`)
  write('json', `${losslessText(fullReportJson(report.figures, unitsText, report.inForce))}\n`)
  write('html', reportHtml(report))
  parentPort!.postMessage(
    `the report of ${report.figures.arbitrations} arbitrations is in ${join(folder, name)}.txt, .json and .html`,
  )
} catch (thrown) {
  parentPort!.postMessage(`no report was written: ${messageOf(thrown)}`)
}
