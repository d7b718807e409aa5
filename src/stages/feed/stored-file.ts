/** A file as the operating system has it: that it is there, which one it is, how its bytes are packed. Start of a run; main thread. */
import { open, realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { inputError, messageOf } from '../../base/errors.ts'

export interface StoredFile {
  /** As the person gave it, for messages. */
  readonly path: string
  /** Its last part: the tie order of the merge. */
  readonly name: string
  /** Told by the name (`.gz`), or else by its first bytes. */
  readonly isGzip: boolean
  /** On disk, compressed. */
  readonly sizeBytes: number
}

/** A file's place and identity: two with one inode, or with one stem, are the same recording. */
export interface FileIdentity {
  readonly folder: string
  readonly inode: string
  readonly stem: string
}

/** @throws {SignalboxError} `ERR_INPUT` naming the file: absent, unreadable, not a regular file. */
export async function describeFile(path: string): Promise<{ file: StoredFile; identity: FileIdentity }> {
  const name = basename(path)
  try {
    const status = await stat(path, { bigint: true })
    if (status.isDirectory()) throw inputError(path, 'is a folder; name the recordings in it')
    if (!status.isFile()) throw inputError(path, 'is not a regular file')
    const folder = dirname(await realpath(path))
    return {
      file: { path, name, isGzip: name.endsWith('.gz') || (await beginsAsGzip(path)), sizeBytes: Number(status.size) },
      identity: { folder, inode: `${status.dev}:${status.ino}`, stem: `${folder}/${name.replace(/\.gz$/, '')}` },
    }
  } catch (error) {
    throw toInputError(path, error)
  }
}

const gzipMagic = [0x1f, 0x8b]

async function beginsAsGzip(path: string): Promise<boolean> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(gzipMagic.length), 0, gzipMagic.length, 0)
    return bytesRead === gzipMagic.length && gzipMagic.every((byte, index) => buffer[index] === byte)
  } finally {
    await handle.close()
  }
}

/** What the operating system said about a file, as one line that names it. */
export function toInputError(path: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ERR_INPUT') return error as Error
  if (code === 'ENOENT' || code === 'ENOTDIR') return inputError(path, 'no such file')
  if (code === 'EACCES' || code === 'EPERM') return inputError(path, 'may not be read (permission denied)')
  return inputError(path, `cannot be read (${messageOf(error)})`)
}
