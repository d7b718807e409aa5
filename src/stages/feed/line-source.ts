/**
 * A recording of lines as a source of the merge: its lines are read by a {@link RowReader} of its format, which puts rows through
 * the intake. Memory is bounded by the chunk, the block and one line. One thread.
 *
 * What is wrong with the whole file (unreadable, another format, strict) is thrown by the {@link LineSource.fill} that finds no
 * row before it: every row ahead of it is handed out first, so that where a run stops depends on the files alone.
 */

import { notScanned } from './hyperliquid/row-scanner.ts'
import type { RecordSource } from './record-source.ts'
import { RecordedLines, tooLong } from './recorded-lines.ts'
import type { RowBlock } from './row-block.ts'
import type { RowIntake } from './row-intake.ts'
import type { StoredFile } from './stored-file.ts'

/** Knows one format's lines and writes what they tell through a {@link RowIntake}. */
export interface RowReader {
  /**
   * Reads the line at `start` straight from the bytes, if it is written in the way that this reader knows; the bytes hold its newline.
   * @returns The position after the newline, or {@link notScanned}: nothing was done, and the line goes to `readText`.
   */
  scan(bytes: Uint8Array, start: number): number
  /** Reads a line, without its newline, in any form that the format allows; never an empty one. */
  readText(text: string): void
}

export class LineSource implements RecordSource {
  readonly block: RowBlock
  readonly sizeBytes: number
  cursor = 0
  isUnreadable = false

  readonly #lines: RecordedLines
  readonly #rows: RowReader
  readonly #intake: RowIntake

  constructor(file: StoredFile, rows: RowReader, intake: RowIntake) {
    this.sizeBytes = file.sizeBytes
    this.block = intake.block
    this.#lines = new RecordedLines(file)
    this.#rows = rows
    this.#intake = intake
  }

  get bytesRead(): number {
    return this.#lines.bytesRead
  }

  async fill(): Promise<void> {
    const intake = this.#intake
    const lines = this.#lines
    this.cursor = 0
    intake.begin()
    for (;;) {
      if (intake.failure === null && !intake.isFull) this.#readLines()
      if (intake.isFull) return
      if (intake.failure !== null || lines.isAtEnd) {
        intake.flush()
        if (this.block.count > 0 || intake.failure === null) return
        throw intake.failure
      }
      await this.#advance()
    }
  }

  async close(): Promise<void> {
    this.#intake.drop()
    await this.#lines.close()
  }

  async #advance(): Promise<void> {
    try {
      await this.#lines.advance()
    } catch (error) {
      this.#intake.failure = error as Error
      this.isUnreadable = true
      return
    }
    const carried = this.#lines.takeCarried()
    if (carried !== null) {
      this.#intake.line += 1
      this.#read(carried)
    }
    if (this.#lines.isAtEnd && this.#intake.failure === null) this.#intake.end()
  }

  /** Whole lines of the chunk, until it or the block is used up. */
  #readLines(): void {
    const lines = this.#lines
    const rows = this.#rows
    const intake = this.#intake
    const { chunk, end } = lines
    let { position } = lines
    while (position < end && !intake.isFull && intake.failure === null) {
      intake.line += 1
      const next = rows.scan(chunk, position)
      if (next !== notScanned) {
        position = next
        continue
      }
      lines.position = position
      this.#read(lines.takeLine())
      position = lines.position
    }
    lines.position = position
  }

  /** A line in any form; an empty one is passed over. */
  #read(line: string | typeof tooLong): void {
    if (line === tooLong) this.#intake.refuse('too_long')
    else if (line.trim() !== '') this.#rows.readText(line)
  }
}
