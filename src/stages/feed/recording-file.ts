/**
 * The files that a person names: that each is there, is given once, and which recording it is. Start of a run; main thread.
 */
import { inputError } from '../../base/errors.ts'
import { type RecordingFormat, recogniseFormat, recordingFormats } from './recording-format.ts'
import { describeFile, type StoredFile } from './stored-file.ts'

export interface RecordingFile extends StoredFile {
  readonly format: RecordingFormat
  /** Whose rows it holds; null: several symbols', each row names its own. */
  readonly symbol: string | null
}

/**
 * Checks every path and returns the files in the order of the merge's ties: format, symbol (several: first), name, in byte order;
 * the order of the arguments never matters.
 * @throws {SignalboxError} `ERR_INPUT` naming the file: absent, unreadable, not a file, given twice (under any path, or compressed
 *   and uncompressed side by side), or no recording that is known.
 */
export async function findRecordings(paths: readonly string[]): Promise<RecordingFile[]> {
  const found: { file: RecordingFile; folder: string }[] = []
  const givenAs = new Map<string, string>()
  for (const path of paths) {
    const { file, identity } = await describeFile(path)
    // The same inode under another name is the same file; so is its uncompressed twin in the same folder.
    for (const key of [`inode ${identity.inode}`, `stem ${identity.stem}`]) {
      const before = givenAs.get(key)
      if (before !== undefined) {
        throw inputError(path, before === path ? 'is given twice' : `is the same recording as ${before}`)
      }
      givenAs.set(key, path)
    }
    found.push({ file: { ...file, ...(await recogniseFormat(file)) }, folder: identity.folder })
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

/** Byte order of the UTF-8 forms. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
