/**
 * One recording's lines: whole ones lie in the chunk that was read last, where the fast path reads them in place; one that lies
 * across chunks, or lacks its newline at the end, is carried. Memory is bounded by the chunk and the longest line. One thread.
 */
import { ChunkReader } from './chunk-reader.ts'
import type { StoredFile } from './stored-file.ts'

/** A line longer than this is no row of a recording; it is skipped without being kept. */
export const lineBytesMax = 64 * 1024

const newline = 0x0a

/** What {@link RecordedLines.takeCarried} answers in place of a line beyond {@link lineBytesMax}. */
export const tooLong = Symbol('too long')

export class RecordedLines {
  /** chunk[position … end − 1] are whole lines not yet read, the last newline included. The receiver moves `position`. */
  chunk: Buffer = Buffer.alloc(0)
  position = 0
  end = 0
  isAtEnd = false

  readonly #file: StoredFile
  #reader: ChunkReader | null = null
  /** The begin of a line whose end is in the next chunk; whole when #isCarriedWhole. */
  #carry = Buffer.alloc(1024)
  #carryBytes = 0
  #isCarryTooLong = false
  #isCarriedWhole = false

  constructor(file: StoredFile) {
    this.#file = file
  }

  /** Bytes of the file taken from the disk so far. */
  get bytesRead(): number {
    return this.isAtEnd ? this.#file.sizeBytes : (this.#reader?.bytesRead ?? 0)
  }

  /**
   * Reads the next chunk, or finds the end. Afterwards the carried line comes first, then the chunk's.
   * @throws {SignalboxError} `ERR_INPUT` naming the file when its bytes cannot be had.
   */
  async advance(): Promise<void> {
    this.#reader ??= new ChunkReader(this.#file)
    this.#keep(this.chunk, this.end, this.chunk.length)
    this.position = 0
    this.end = 0
    this.chunk = Buffer.alloc(0)
    const chunk = await this.#reader.next()
    if (chunk === null) {
      this.isAtEnd = true
      // The last line may lack its newline.
      this.#isCarriedWhole = this.#isCarrying()
      return
    }
    this.chunk = chunk
    if (this.#isCarrying()) {
      const first = chunk.indexOf(newline)
      if (first < 0) return // `end` is 0: all of it is kept at the next chunk
      this.#keep(chunk, 0, first)
      this.#isCarriedWhole = true
      this.position = first + 1
    }
    this.end = chunk.lastIndexOf(newline) + 1
  }

  /** The line that lay across chunks, without its newline; null when there is none, or it was taken. */
  takeCarried(): string | typeof tooLong | null {
    if (!this.#isCarriedWhole) return null
    const line = this.#isCarryTooLong ? tooLong : this.#carry.toString('utf8', 0, this.#carryBytes)
    this.#isCarriedWhole = false
    this.#carryBytes = 0
    this.#isCarryTooLong = false
    return line
  }

  /** The chunk's next line, without its newline, as text. Only while `position` is below `end`. */
  takeLine(): string | typeof tooLong {
    const start = this.position
    const lineEnd = this.chunk.indexOf(newline, start)
    this.position = lineEnd + 1
    return lineEnd - start > lineBytesMax ? tooLong : this.chunk.toString('utf8', start, lineEnd)
  }

  async close(): Promise<void> {
    this.chunk = Buffer.alloc(0)
    this.position = 0
    this.end = 0
    await this.#reader?.close()
  }

  #isCarrying(): boolean {
    return this.#carryBytes > 0 || this.#isCarryTooLong
  }

  /** Appends to the carried begin of a line; beyond the longest line it is forgotten. */
  #keep(chunk: Buffer, start: number, end: number): void {
    const bytes = this.#carryBytes + end - start
    if (this.#isCarryTooLong || bytes > lineBytesMax) {
      this.#isCarryTooLong = true
      this.#carryBytes = 0
      return
    }
    if (bytes > this.#carry.length) {
      const larger = Buffer.alloc(Math.min(lineBytesMax, 2 * bytes))
      this.#carry.copy(larger, 0, 0, this.#carryBytes)
      this.#carry = larger
    }
    chunk.copy(this.#carry, this.#carryBytes, start, end)
    this.#carryBytes = bytes
  }
}
