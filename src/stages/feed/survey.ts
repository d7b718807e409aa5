/**
 * What must be known of a recording before the merge begins: the time of its first row, and of a file of many symbols, where
 * nobody said which are meant, whose rows it holds. Start of a run; one thread.
 */
import { LeftOutCounts } from './left-out.ts'
import { MalformedCounts } from './malformed.ts'
import { openSource, type SourceOptions } from './open-source.ts'
import type { RecordingFile } from './recording-file.ts'
import type { RunSymbols } from './run-symbols.ts'

export type SurveyOptions = Omit<SourceOptions, 'blockRows' | 'malformed' | 'leftOut'>

/**
 * The time of a file's first row, Unix milliseconds, or −∞ when it has none or cannot be read: such a file comes first in the
 * merge, where its malformed rows are counted and its fault is thrown. Reads no further than it must.
 * @throws {SignalboxError} `ERR_INPUT` as the source's first `fill`, unless the bytes cannot be had.
 */
export async function findFirstMs(file: RecordingFile, options: SurveyOptions): Promise<number> {
  const probe = openSource(file, { ...options, ...uncounted(), blockRows: 1 })
  try {
    await probe.fill()
    return probe.block.count > 0 ? probe.block.atMs(0) : Number.NEGATIVE_INFINITY
  } catch (error) {
    if (probe.isUnreadable) return Number.NEGATIVE_INFINITY
    throw error
  } finally {
    await probe.close()
  }
}

/** Rows of one block of {@link findSymbols}. */
const surveyRows = 1_024

/**
 * The symbols that a file of many has rows of, in the run's range. Reads it once through, keeping nothing: with the run's symbols
 * given there is no need to. A fault ends it in silence; the merge comes to it in its own time.
 */
export async function findSymbols(
  file: RecordingFile,
  symbols: RunSymbols,
  options: Omit<SurveyOptions, 'symbols' | 'symbolCount'>,
): Promise<Set<string>> {
  const source = openSource(file, {
    ...options,
    ...uncounted(),
    symbols,
    symbolCount: Number.POSITIVE_INFINITY,
    strict: false,
    blockRows: surveyRows,
  })
  const indices = new Set<number>()
  try {
    do {
      await source.fill()
      for (let row = 0; row < source.block.count; row += 1) indices.add(source.block.symbolIndex(row))
    } while (source.block.count > 0)
  } catch {
    // What precedes it has been seen; `findFirstMs` and the merge meet the same fault and tell it.
  } finally {
    await source.close()
  }
  const { instruments } = symbols
  return new Set([...indices].map((index) => instruments[index]!.symbol))
}

function uncounted(): { malformed: MalformedCounts; leftOut: LeftOutCounts } {
  return { malformed: new MalformedCounts(), leftOut: new LeftOutCounts() }
}
