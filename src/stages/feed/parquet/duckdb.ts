/**
 * DuckDB, which reads Parquet: an optional library of 70 MB, loaded when a Parquet file is given and not before. Nobody else
 * imports it. Start of a run and its sources; main thread, DuckDB's own threads behind it.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { inputError, messageOf } from '../../../base/errors.ts'

export type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api'
export type DuckDbLibrary = Pick<typeof import('@duckdb/node-api'), 'DuckDBInstance'>

/** What DuckDB may hold while it sorts; beyond it, it goes to the disk. What it hands out is held a chunk at a time. */
const memoryLimit = '128MB'

/** Sessions of one process get folders of their own: DuckDB's spill files have fixed names. */
let sessions = 0

/**
 * @param path - The file that needs it, for the message.
 * @throws {SignalboxError} `ERR_INPUT`: one line with the command that installs it.
 */
export async function loadDuckDb(
  path: string,
  importLibrary: () => Promise<DuckDbLibrary> = () => import('@duckdb/node-api'),
): Promise<DuckDbLibrary> {
  try {
    return await importLibrary()
  } catch (thrown) {
    const why = isAbsent(thrown) ? 'is not installed' : `cannot be loaded (${messageOf(thrown).split('\n')[0]})`
    throw inputError(path, `Parquet is read by DuckDB, which ${why}; npm install @duckdb/node-api`)
  }
}

function isAbsent(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
}

/** A database in memory that only reads files. */
export class DuckDbSession {
  readonly #instance: DuckDBInstance
  #isClosed = false

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance
  }

  /** @throws {SignalboxError} `ERR_INPUT` as {@link loadDuckDb}. */
  static async open(path: string): Promise<DuckDbSession> {
    const { DuckDBInstance } = await loadDuckDb(path)
    sessions += 1
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: memoryLimit,
      temp_directory: join(tmpdir(), `signalbox-duckdb-${process.pid}-${sessions}`),
      threads: '1', // one order of evaluation; the files are small
      autoinstall_known_extensions: 'false', // Parquet is built in: nothing is fetched
      autoload_known_extensions: 'false',
    })
    return new DuckDbSession(instance)
  }

  /** A result that is streamed lasts until its connection's next query, so each stream has a connection of its own. */
  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect()
  }

  /** All rows of a small answer. */
  async rows(sql: string): Promise<unknown[][]> {
    const connection = await this.connect()
    try {
      return (await connection.runAndReadAll(sql)).getRows()
    } finally {
      connection.closeSync()
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#instance.closeSync()
  }
}
