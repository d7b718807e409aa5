/**
 * A journal under SQL: DuckDB in memory with a table a view, filled when a statement names it, and shut off from files, network,
 * extensions and its own settings before any of the person's SQL is looked at. What does not fit into its memory spills into a
 * folder of its own among the temporary files, removed on `close`. One thread; does not block but on the journal's disk.
 */
import { type DuckDBConnection, type DuckDBDataChunk, DuckDbSession } from '../base/duckdb.ts'
import { inputError, messageOf, SignalboxError } from '../base/errors.ts'
import type { AnswerColumn, QueryOptions } from './answer.ts'
import { JournalSource } from './journal-source.ts'
import { createTable, fillTables } from './journal-tables.ts'
import { oneLine, tablesOf } from './statement.ts'
import type { View } from './view.ts'
import { journalViews } from './views.ts'

const memoryMb = 512
const interruptEveryMs = 20
/** What is wrong with lines is told one by one up to here, then counted. */
const problemsTold = 20

export interface JournalDatabaseOptions extends QueryOptions {
  /** The one file that `writeParquet` may write. */
  readonly parquetPath?: string
}

/** Some thousand rows. */
export type AnswerChunk = Pick<DuckDBDataChunk, 'rowCount' | 'getRows'>

/** Its rows come a chunk at a time, until the next question. */
export interface Answer {
  readonly columns: readonly AnswerColumn[]
  readonly fetchChunk: () => Promise<AnswerChunk | null>
}

export class JournalDatabase {
  readonly #source: JournalSource
  readonly #session: DuckDbSession
  readonly #connection: DuckDBConnection
  readonly #options: JournalDatabaseOptions
  readonly #filled = new Set<string>()
  readonly #onAbort = (): void => this.#interrupt()
  #again: NodeJS.Timeout | null = null
  #problems = 0

  private constructor(
    source: JournalSource,
    session: DuckDbSession,
    connection: DuckDBConnection,
    options: JournalDatabaseOptions,
  ) {
    this.#source = source
    this.#session = session
    this.#connection = connection
    this.#options = options
    options.signal?.addEventListener('abort', this.#onAbort)
  }

  /**
   * @param path - A journal folder, or one file of it; a file of another name is taken for counterfactual entries.
   * @throws {SignalboxError} `ERR_INPUT`: nothing is there, or DuckDB is not installed.
   */
  static async open(path: string, options: JournalDatabaseOptions = {}): Promise<JournalDatabase> {
    const source = new JournalSource(path)
    const session = await DuckDbSession.open({ field: 'query', work: 'SQL is run' }, { memoryMb })
    try {
      const connection = await session.connect()
      for (const view of journalViews) await connection.run(createTable(view))
      await lock(connection, options.parquetPath)
      return new JournalDatabase(source, session, connection, options)
    } catch (thrown) {
      session.close()
      throw thrown
    }
  }

  /**
   * The answer to one statement that only reads.
   *
   * @throws {SignalboxError} `ERR_INPUT` with one line: what DuckDB says of the SQL, or why it is refused; `ERR_IO` where memory or
   *   disk does not suffice.
   */
  async ask(sql: string): Promise<Answer> {
    return this.#guard(async () => {
      await this.#prepare(sql)
      this.#options.signal?.throwIfAborted()
      const result = await this.#connection.stream(sql)
      const types = result.columnTypes()
      const columns = result.columnNames().map((name, index) => ({ name, type: String(types[index]) }))
      return { columns, fetchChunk: () => result.fetchChunk() }
    })
  }

  /** The next rows of an answer, or null at its end. @throws as {@link ask}. */
  async next(answer: Answer): Promise<AnswerChunk | null> {
    const chunk = await this.#guard(answer.fetchChunk)
    return chunk === null || chunk.rowCount === 0 ? null : chunk
  }

  /** Writes the answer to the file that `open` was given, types as they are, compressed with zstd. @returns its rows. @throws as {@link ask}. */
  async writeParquet(sql: string): Promise<number> {
    const { parquetPath: path } = this.#options
    if (path === undefined) throw new SignalboxError('ERR_INVALID_ARGUMENT', 'parquetPath: was not given to open')
    return this.#guard(async () => {
      await this.#prepare(sql)
      // The statement goes in as a text of its own, so no bracket or comment in it can end before it does.
      const result = await this.#connection.run(
        `COPY (SELECT * FROM query(${quoted(sql)})) TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`,
      )
      return result.rowsChanged
    })
  }

  /** Tells how many problems were not told one by one. Idempotent. */
  close(): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    if (this.#again !== null) clearInterval(this.#again)
    if (this.#problems > problemsTold) {
      this.#options.report?.(`${this.#problems - problemsTold} more lines of the journal were left out`)
      this.#problems = 0
    }
    this.#connection.closeSync()
    this.#session.close()
  }

  /** Judges the statement, on empty tables first, so that what is wrong with it is told before anything is read. */
  async #prepare(sql: string): Promise<void> {
    const tables = await tablesOf(this.#connection, sql)
    const prepared = await this.#connection.prepare(sql)
    const { parameterCount } = prepared
    prepared.destroySync()
    if (parameterCount > 0) throw inputError('SQL', 'has parameters, and query has no values for them')
    const named = journalViews.filter(({ name }) => tables.has(name) && !this.#filled.has(name))
    for (const lines of new Set(named.map((view) => view.lines))) {
      const views = named.filter((view) => view.lines === lines)
      await this.#fill(views)
    }
  }

  async #fill(views: readonly View[]): Promise<void> {
    const { lines } = views[0]!
    await fillTables(this.#connection, lines, views, this.#source.lines(lines.series), {
      check: () => this.#options.signal?.throwIfAborted(),
      onProblem: ({ file, line, message }) => {
        this.#problems += 1
        if (this.#problems <= problemsTold)
          this.#options.report?.(`${line === 0 ? file : `${file}:${line}`}: ${message}`)
      },
    })
    for (const { name } of views) this.#filled.add(name)
  }

  /** Again and again until `close`: an interruption is forgotten by a statement that begins just then. */
  #interrupt(): void {
    this.#connection.interrupt()
    this.#again ??= setInterval(() => this.#connection.interrupt(), interruptEveryMs)
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      this.#options.signal?.throwIfAborted()
      return await work()
    } catch (thrown) {
      this.#options.signal?.throwIfAborted()
      if (thrown instanceof SignalboxError) throw thrown
      const message = oneLine(messageOf(thrown))
      if (/^(Out of Memory|IO|Internal|Fatal) Error/.test(message)) {
        throw new SignalboxError('ERR_IO', `query: ${message}`, { cause: thrown })
      }
      throw inputError('SQL', isUnknownTable.test(message) ? `${message.replace(guess, '')} ${viewNames}` : message)
    }
  }
}

const isUnknownTable = /^Catalog Error: Table with name .* does not exist!/
const guess = / Did you mean "[^"]*"\?$/
const viewNames = `The views are ${journalViews.map(({ name }) => name).join(', ')}`

/** From here on it reads and writes no file but `parquetPath`, loads nothing, and keeps its settings. */
async function lock(connection: DuckDBConnection, parquetPath: string | undefined): Promise<void> {
  const settings = [
    `allowed_paths = [${parquetPath === undefined ? '' : quoted(parquetPath)}]`,
    'enable_external_access = false',
    'allow_community_extensions = false',
    "TimeZone = 'UTC'",
    'lock_configuration = true',
  ]
  for (const setting of settings) await connection.run(`SET ${setting}`)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
