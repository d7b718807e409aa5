/** What a recording of a few lines becomes: for tests of one format. */
import type { MarketRecord } from '../../../../src/domain/market.ts'
import { openRecordings, type RecordedFeedOptions } from '../../../../src/stages/feed/recorded-feed.ts'
import { drain, RecordingFolder } from './recordings.ts'

export interface Reading {
  readonly records: readonly MarketRecord[]
  readonly malformed: readonly (readonly [string, number])[]
  readonly leftOut: readonly (readonly [string, number])[]
  readonly symbols: readonly string[]
}

export async function readLines(
  name: string,
  lines: readonly string[],
  options: RecordedFeedOptions = {},
): Promise<Reading> {
  const folder = new RecordingFolder()
  try {
    const feed = await openRecordings([folder.write(name, lines)], options)
    const records = await drain(feed)
    await feed.close()
    return {
      records,
      malformed: [...feed.malformed],
      leftOut: [...feed.leftOut],
      symbols: feed.instruments.map(({ symbol }) => symbol),
    }
  } finally {
    folder.remove()
  }
}
