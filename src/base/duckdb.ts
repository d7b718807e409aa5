/**
 * DuckDB, which reads Parquet and runs SQL: an optional library of 70 MB, loaded when somebody asks for either and not before. Nobody
 * else imports it. Main thread, DuckDB's own threads behind it.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { inputError, messageOf } from './errors.ts'

export type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api'
export type DuckDbLibrary = Pick<typeof import('@duckdb/node-api'), 'DuckDBInstance'>

/** Who needs it, for the line that says it is missing. */
export interface DuckDbNeed {
  /** A file, or a command. */
  readonly field: string
  /** What it does there: `Parquet is read`. */
  readonly work: string
}

export interface DuckDbOptions {
  /** What it may hold in memory; beyond it, it goes to the disk. What it hands out is held a chunk at a time. Default 128 MB. */
  readonly memoryMb?: number
}

/** Sessions of one process get folders of their own: DuckDB's spill files have fixed names. */
let sessions = 0

/** @throws {SignalboxError} `ERR_INPUT`: one line with the command that installs it. */
export async function loadDuckDb(
  { field, work }: DuckDbNeed,
  importLibrary: () => Promise<DuckDbLibrary> = () => import('@duckdb/node-api'),
): Promise<DuckDbLibrary> {
  try {
    return await importLibrary()
  } catch (thrown) {
    const why = isAbsent(thrown) ? 'is not installed' : `cannot be loaded (${messageOf(thrown).split('\n')[0]})`
    throw inputError(field, `${work} by DuckDB, which ${why}; npm install @duckdb/node-api`)
  }
}

function isAbsent(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
}

/** A database in memory. */
export class DuckDbSession {
  readonly #instance: DuckDBInstance
  #isClosed = false

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance
  }

  /** @throws {SignalboxError} `ERR_INPUT` as {@link loadDuckDb}. */
  static async open(need: DuckDbNeed, { memoryMb = 128 }: DuckDbOptions = {}): Promise<DuckDbSession> {
    const { DuckDBInstance } = await loadDuckDb(need)
    sessions += 1
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${memoryMb}MB`,
      temp_directory: join(tmpdir(), `signalbox-duckdb-${process.pid}-${sessions}`),
      threads: '1', // one order of evaluation; the files are small
      autoinstall_known_extensions: 'false', // Parquet and JSON are built in: nothing is fetched
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
