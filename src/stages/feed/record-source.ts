/**
 * What the merge works on: one recording, of one kind or several, of one symbol or many, as a block of rows in time order that
 * is refilled when the merge has used it up. Implemented once per way of storing rows (lines: line-source.ts). One thread.
 */
import type { RowBlock } from './row-block.ts'

export interface RecordSource {
  readonly block: RowBlock
  /** The row of the block that the merge takes next; the merge moves it, `fill` sets it to 0. */
  cursor: number
  /** On disk, as stored. */
  readonly sizeBytes: number
  /** Taken from the disk so far; `sizeBytes` at the end. */
  readonly bytesRead: number
  /** The recording's bytes cannot be had (corrupt or truncated gzip, a disk's fault), whatever is in them. */
  readonly isUnreadable: boolean
  /**
   * Refills the block with the next rows, whose times never go back from block to block; `block.count` 0 is the end of the
   * recording. The first call opens it. Not called again before it has settled.
   * @throws {SignalboxError} `ERR_INPUT` naming the file, in strict mode also the line, after every row that precedes the fault;
   *   again at every later call.
   */
  fill(): Promise<void>
  /** Lets go of the recording and of the block's memory. Idempotent. */
  close(): Promise<void>
}
