/**
 * The file of an answer: written whole under another name beside it, then renamed. Opened before the work begins, so that a file that
 * cannot be written costs nobody minutes. It never replaces anything: a result has no mark by which it could be told from a recording.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { inputError, messageOf, SignalboxError } from '../../base/errors.ts'

export class ResultFile {
  /** Absolute: where the answer is until `commit`. */
  readonly partPath: string
  readonly #path: string
  #descriptor: number | null

  private constructor(path: string, partPath: string, descriptor: number) {
    this.#path = path
    this.partPath = partPath
    this.#descriptor = descriptor
  }

  /** @throws {SignalboxError} `ERR_INPUT` naming the path: there is something already, or nothing can be written there. */
  static open(path: string): ResultFile {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) throw inputError(path, 'is a folder; --out takes a file')
    if (found !== undefined && !found.isFile()) throw inputError(path, 'is not a regular file; --out takes a file')
    if (found !== undefined && found.size > 0) throw inputError(path, 'exists; --out would overwrite it')
    const partPath = resolve(join(dirname(path), `.${basename(path)}.${process.pid}.part`))
    try {
      return new ResultFile(path, partPath, openSync(partPath, 'w'))
    } catch (thrown) {
      throw inputError(path, `cannot be written (${messageOf(thrown)})`)
    }
  }

  /** @throws {SignalboxError} `ERR_IO` naming the path. */
  write(text: string): void {
    this.#naming((descriptor) => writeFileSync(descriptor, text))
  }

  /** What was written, here or at `partPath` by somebody else, is the file from now on. @throws {SignalboxError} `ERR_IO` naming the path. */
  commit(): void {
    this.#naming((descriptor) => {
      fsyncSync(descriptor)
      closeSync(descriptor)
      this.#descriptor = null
      renameSync(this.partPath, this.#path)
    })
  }

  /** Leaves everything as it was. After `commit` it does nothing. */
  discard(): void {
    if (this.#descriptor === null) return
    closeSync(this.#descriptor)
    this.#descriptor = null
    rmSync(this.partPath, { force: true })
  }

  #naming(work: (descriptor: number) => void): void {
    if (this.#descriptor === null) throw new SignalboxError('ERR_CLOSED', `${this.#path}: written or discarded already`)
    try {
      work(this.#descriptor)
    } catch (thrown) {
      this.discard()
      rmSync(this.partPath, { force: true })
      throw new SignalboxError('ERR_IO', `${this.#path}: cannot be written (${messageOf(thrown)})`, { cause: thrown })
    }
  }
}
