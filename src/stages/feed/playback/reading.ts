/** One reading of recordings for the tape: their records in order, from wherever it was wound to. One thread. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { MarketRecord } from '../../../domain/market.ts'
import { openRecordings, type RecordBatch, type RecordedFeed, type RecordedFeedOptions } from '../recorded-feed.ts'

export class TapeReading {
  readonly feed: RecordedFeed
  #batch: RecordBatch
  #cursor = 0

  private constructor(feed: RecordedFeed, batch: RecordBatch) {
    this.feed = feed
    this.#batch = batch
  }

  /** @throws {SignalboxError} as `openRecordings` and its `nextBatch`. */
  static async open(files: readonly string[], options: RecordedFeedOptions): Promise<TapeReading> {
    const feed = await openRecordings(files, options)
    try {
      return new TapeReading(feed, await feed.nextBatch())
    } catch (thrown) {
      await feed.close()
      throw thrown
    }
  }

  /** Makes {@link next} ready. False: there is no record left. */
  async advance(): Promise<boolean> {
    if (this.#cursor === this.#batch.count) {
      this.#batch = await this.feed.nextBatch()
      this.#cursor = 0
    }
    return this.#cursor < this.#batch.count
  }

  /** The next record, valid until `advance`; null at the end of what is in memory. */
  get next(): MarketRecord | null {
    return this.#cursor < this.#batch.count ? this.#batch.records[this.#cursor]! : null
  }

  /** Done with {@link next}. */
  skip(): void {
    this.#cursor += 1
  }

  /** Unix milliseconds of a record. */
  unixMsOf(record: MarketRecord): number {
    return this.feed.timeline.toUnixMs(record.atNs)
  }

  /**
   * Passes over what lies before `unixMs`, a batch a turn of the event loop.
   * @param pass - Takes each record that is passed over.
   * @returns False: nothing is left.
   */
  async windTo(unixMs: number, pass: (record: MarketRecord, recordMs: number) => void): Promise<boolean> {
    while (await this.advance()) {
      for (let record = this.next; record !== null; record = this.next) {
        const recordMs = this.unixMsOf(record)
        if (recordMs >= unixMs) return true
        pass(record, recordMs)
        this.skip()
      }
      await nextTurn()
    }
    return false
  }

  async close(): Promise<void> {
    await this.feed.close()
  }
}
