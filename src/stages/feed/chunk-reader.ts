/**
 * Reads one recording's bytes, unpacked, in chunks that the receiver asks for: file and unzipper stand still in between, so a
 * file never holds more than about three chunks in memory. One thread (zlib works on its pool's).
 */
import { createReadStream, type ReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { inputError } from '../../base/errors.ts'
import { type StoredFile, toInputError } from './stored-file.ts'

const unpackedChunkBytes = 256 * 1024
const packedChunkBytes = 64 * 1024

export class ChunkReader {
  readonly #file: StoredFile
  readonly #stream: ReadStream
  readonly #chunks: AsyncIterator<Buffer>

  constructor(file: StoredFile) {
    this.#file = file
    this.#stream = createReadStream(file.path, { highWaterMark: file.isGzip ? packedChunkBytes : unpackedChunkBytes })
    if (!file.isGzip) {
      this.#chunks = this.#stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
      return
    }
    const gunzip = createGunzip({ chunkSize: unpackedChunkBytes })
    // The callback is the pipeline's; a failure of either stream reaches the receiver through the iterator below.
    pipeline(this.#stream, gunzip, () => {})
    this.#chunks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  /** Bytes taken from the disk so far. */
  get bytesRead(): number {
    return this.#stream.bytesRead
  }

  /**
   * The next chunk, or null at the end.
   * @throws {SignalboxError} `ERR_INPUT` naming the file: truncated or corrupt gzip, unreadable.
   */
  async next(): Promise<Buffer | null> {
    try {
      const { done, value } = await this.#chunks.next()
      if (done !== true) return value
    } catch (error) {
      throw describeFailure(this.#file, error)
    }
    // An unzipper that was given nothing ends in silence; zero bytes are a gzip file cut off at its first.
    if (this.#file.isGzip && this.#stream.bytesRead === 0) throw inputError(this.#file.path, truncated)
    return null
  }

  /** Lets go of the file, whatever is left of it. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
    this.#stream.destroy()
  }
}

const truncated = 'is truncated: the gzip data end before their end mark'

function describeFailure(file: StoredFile, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'Z_BUF_ERROR') return inputError(file.path, truncated)
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return inputError(file.path, `is not gzip, or corrupt (${(error as Error).message})`)
  }
  return toInputError(file.path, error)
}
