/**
 * The files that a person names: what each must be called, and that it is there. Start of a run; main thread.
 *
 * `trades_<SYMBOL>_<anything>.jsonl[.gz]` holds trades, `ctx_<SYMBOL>_<anything>.jsonl[.gz]` contexts; the rest of the name,
 * by custom the UTC day, only orders files. Whether a file is gzip is told by its name.
 */
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { inputError, messageOf } from '../../base/errors.ts'

/** What a recording's rows look like. The numbers are the tie order of the merge, after time. */
export const recordingFormats = { hyperliquid_contexts: 1, hyperliquid_trades: 2 } as const
export type RecordingFormat = keyof typeof recordingFormats

export interface RecordingFile {
  /** As the person gave it, for messages. */
  readonly path: string
  /** Its last part: the tie order of the merge. */
  readonly name: string
  readonly format: RecordingFormat
  /** Whose rows it holds; null: several symbols', each row names its own. */
  readonly symbol: string | null
  readonly isGzip: boolean
  /** On disk, compressed. */
  readonly sizeBytes: number
}

const namePattern = /^(trades|ctx)_([A-Za-z0-9@:.-]{1,16})_.+\.jsonl(\.gz)?$/

/**
 * Checks every path and returns the files in the order of the merge's ties: format, symbol (several: first), name, in byte order; the order of the
 * arguments never matters.
 * @throws {SignalboxError} `ERR_INPUT` naming the file: another name, absent, unreadable, not a file, given twice (under any
 *   path, or compressed and uncompressed side by side).
 */
export async function findRecordings(paths: readonly string[]): Promise<RecordingFile[]> {
  const found: { file: RecordingFile; folder: string }[] = []
  const givenAs = new Map<string, string>()
  for (const path of paths) {
    const name = basename(path)
    const match = namePattern.exec(name)
    const described = await describePath(path)
    if (match === null) {
      throw inputError(
        path,
        'is not the name of a recording; expected trades_<SYMBOL>_….jsonl[.gz] or ctx_<SYMBOL>_….jsonl[.gz]',
      )
    }
    // The same inode under another name is the same file; so is its uncompressed twin in the same folder.
    const real = await realpath(path)
    const folder = dirname(real)
    for (const identity of [`inode ${described.inode}`, `stem ${folder}/${name.replace(/\.gz$/, '')}`]) {
      const before = givenAs.get(identity)
      if (before !== undefined) {
        throw inputError(path, before === path ? 'is given twice' : `is the same recording as ${before}`)
      }
      givenAs.set(identity, path)
    }
    const file: RecordingFile = {
      path,
      name,
      format: match[1] === 'trades' ? 'hyperliquid_trades' : 'hyperliquid_contexts',
      symbol: match[2]!,
      isGzip: match[3] !== undefined,
      sizeBytes: described.sizeBytes,
    }
    found.push({ file, folder })
  }
  found.sort(
    (a, b) =>
      recordingFormats[a.file.format] - recordingFormats[b.file.format] ||
      compareBytes(a.file.symbol ?? '', b.file.symbol ?? '') ||
      compareBytes(a.file.name, b.file.name) ||
      compareBytes(a.folder, b.folder),
  )
  return found.map(({ file }) => file)
}

async function describePath(path: string): Promise<{ inode: string; sizeBytes: number }> {
  try {
    const status = await stat(path, { bigint: true })
    if (status.isDirectory()) throw inputError(path, 'is a folder; name the recordings in it')
    if (!status.isFile()) throw inputError(path, 'is not a regular file')
    return { inode: `${status.dev}:${status.ino}`, sizeBytes: Number(status.size) }
  } catch (error) {
    throw toInputError(path, error)
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

/** Byte order of the UTF-8 forms. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
