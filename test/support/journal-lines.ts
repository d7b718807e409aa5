/** Lines of a journal folder, as tests compare them. */
import { readJournal } from '../../src/journal/reader.ts'

export function journalLines(folder: string, series: string): string[] {
  const lines: string[] = []
  for (const read of readJournal(folder, series)) {
    if (read.kind !== 'line') throw new Error(`${series}: ${read.kind}`)
    lines.push(read.text)
  }
  return lines
}

/** A decision itself: without what the engine stamps on it. */
export function bareDecision(line: string): string {
  return line
    .replace(
      /^\{"timestamp":(\d+),"arbitration_id":"[^"]*","sequence":\d+,"weights_version":\d+,"state_version":\d+/,
      '$1',
    )
    .replaceAll(/"reservation_status":"[A-Z_]*"/g, '')
}
