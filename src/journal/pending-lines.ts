/**
 * The lines of an appender that are in memory and not acknowledged yet, as bytes, in order, split by the file they go to.
 * One thread; no I/O. In steady state it allocates nothing: one buffer is filled and emptied.
 */

const newline = 0x0a
/** A UTF-16 unit takes at most three bytes of UTF-8. */
const bytesPerUnitMax = 3

/** Consecutive lines that go to one file. */
export interface Segment {
  /** Whether its first line opens the next file. */
  opensFile: boolean
  bytes: number
  lines: number
}

export class PendingLines {
  readonly #bufferBytes: number
  readonly #bytesMax: number
  readonly #rotateBytes: number
  #buffer: Buffer
  /** The lines are `#buffer[#start … #end − 1]`; the last segment is the one that grows. */
  #start = 0
  #end = 0
  #segments: Segment[] = [{ opensFile: false, bytes: 0, lines: 0 }]
  #lines = 0
  /** Size of the file that the next line goes to, pending lines included. */
  #projectedBytes: number

  /** @param fileBytes - Size of the file that the first line goes to. */
  constructor(bufferBytes: number, bytesMax: number, rotateBytes: number, fileBytes: number) {
    this.#bufferBytes = bufferBytes
    this.#bytesMax = bytesMax
    this.#rotateBytes = rotateBytes
    this.#buffer = Buffer.alloc(bufferBytes)
    this.#projectedBytes = fileBytes
  }

  get lines(): number {
    return this.#lines
  }

  get bytes(): number {
    return this.#end - this.#start
  }

  get buffer(): Buffer {
    return this.#buffer
  }

  /** Where in `buffer` the first segment begins. */
  get start(): number {
    return this.#start
  }

  /** The lines that are to be written next; the only one, perhaps empty, when `isLast`. */
  get first(): Segment {
    return this.#segments[0]!
  }

  get isLast(): boolean {
    return this.#segments.length === 1
  }

  /** Whether the line surely fits behind the others as the buffer is. */
  hasRoomFor(line: string | Buffer): boolean {
    const bytesMax = typeof line === 'string' ? line.length * bytesPerUnitMax : line.length
    return this.#end + bytesMax + 1 <= this.#buffer.length
  }

  /** The same for an exact size, newline included. */
  hasRoomForBytes(lineBytes: number): boolean {
    return this.#end + lineBytes <= this.#buffer.length
  }

  /** Makes room for so many bytes by moving the lines to the front and growing; false when that would pass the bound. */
  tryMakeRoom(lineBytes: number): boolean {
    const pending = this.bytes
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end)
      this.#start = 0
      this.#end = pending
    }
    const neededBytes = pending + lineBytes
    if (neededBytes <= this.#buffer.length) return true
    if (neededBytes > this.#bytesMax) return false
    const grown = Buffer.alloc(Math.min(this.#bytesMax, Math.max(neededBytes, this.#buffer.length * 2)))
    this.#buffer.copy(grown, 0, 0, pending)
    this.#buffer = grown
    return true
  }

  /** Adds a line for which there is room, and its newline. */
  add(line: string | Buffer): void {
    const length = this.#put(line) + 1
    this.#buffer[this.#end + length - 1] = newline
    // The file of a line depends on the lines before it alone, never on when they were flushed: a replay's files are the same
    // run to run.
    if (this.#projectedBytes > 0 && this.#projectedBytes + length > this.#rotateBytes) {
      this.#segments.push({ opensFile: true, bytes: 0, lines: 0 })
      this.#projectedBytes = 0
    }
    const segment = this.#segments[this.#segments.length - 1]!
    segment.bytes += length
    segment.lines += 1
    this.#projectedBytes += length
    this.#lines += 1
    this.#end += length
  }

  #put(line: string | Buffer): number {
    if (typeof line === 'string') return this.#buffer.write(line, this.#end)
    this.#buffer.set(line, this.#end)
    return line.length
  }

  /** Lets go of the first segment's lines: they are acknowledged (JNL-3). */
  acknowledgeFirst(): void {
    const segment = this.first
    this.#start += segment.bytes
    this.#lines -= segment.lines
    segment.bytes = 0
    segment.lines = 0
    if (!this.isLast) this.#segments.shift()
    if (this.#start < this.#end) return
    this.#start = 0
    this.#end = 0
    // What grew while the disk refused is given back.
    if (this.#buffer.length > this.#bufferBytes) this.#buffer = Buffer.alloc(this.#bufferBytes)
  }
}
