/**
 * The file of a page: written whole under another name beside it, then renamed, so that a reader sees the old page or the new one.
 * Opened before the work begins, so that a file that cannot be written costs nobody minutes.
 */
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { inputError, messageOf, SignalboxError } from '../base/errors.ts'
import { pageBeginning } from '../observe/page/document.ts'

export class PageFile {
  readonly #path: string
  readonly #temporary: string
  #descriptor: number | null

  private constructor(path: string, temporary: string, descriptor: number) {
    this.#path = path
    this.#temporary = temporary
    this.#descriptor = descriptor
  }

  /**
   * @throws {SignalboxError} `ERR_INPUT` naming the path: a folder, something that is no page (a recording that a shell's `*` put
   * here would be lost), or a place where nothing can be written.
   */
  static open(path: string): PageFile {
    requireReplaceable(path)
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
    try {
      return new PageFile(path, temporary, openSync(temporary, 'w'))
    } catch (thrown) {
      throw inputError(path, `cannot be written (${messageOf(thrown)})`)
    }
  }

  /** @throws {SignalboxError} `ERR_IO` naming the path; what was there before is unchanged. */
  write(text: string): void {
    const descriptor = this.#descriptor
    if (descriptor === null) throw new SignalboxError('ERR_CLOSED', `${this.#path}: written or discarded already`)
    try {
      writeFileSync(descriptor, text)
      fsyncSync(descriptor)
      closeSync(descriptor)
      this.#descriptor = null
      renameSync(this.#temporary, this.#path)
    } catch (thrown) {
      this.discard()
      rmSync(this.#temporary, { force: true })
      throw new SignalboxError('ERR_IO', `${this.#path}: cannot be written (${messageOf(thrown)})`, { cause: thrown })
    }
  }

  /** Leaves everything as it was. After `write` it does nothing. */
  discard(): void {
    if (this.#descriptor === null) return
    closeSync(this.#descriptor)
    this.#descriptor = null
    rmSync(this.#temporary, { force: true })
  }
}

function requireReplaceable(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (found.isDirectory()) throw inputError(path, 'is a folder; --html takes a file')
  if (!found.isFile()) throw inputError(path, 'is not a regular file; --html takes a file')
  if (found.size > 0 && !isPage(path)) {
    throw inputError(path, 'exists and is not a page that Signalbox wrote; --html would overwrite it')
  }
}

function isPage(path: string): boolean {
  const beginning = Buffer.alloc(Buffer.byteLength(pageBeginning))
  try {
    const descriptor = openSync(path, 'r')
    try {
      readSync(descriptor, beginning)
    } finally {
      closeSync(descriptor)
    }
  } catch (thrown) {
    throw inputError(path, `cannot be read (${messageOf(thrown)})`)
  }
  return beginning.toString('utf8') === pageBeginning
}
