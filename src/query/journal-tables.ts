/**
 * Fills the tables that stand for views from a journal's lines, some thousands at a time. The lines come from our own reader, so a torn
 * end, a foreign line and a gap are found as everywhere, and DuckDB opens no file; it parses the JSON into typed columns, each
 * integer and each cent as it was written. One thread.
 */
import type { DuckDBConnection } from '../base/duckdb.ts'
import type { JournalProblem } from '../journal/reader.ts'
import type { JournalText } from './journal-source.ts'
import { completedText, exactText } from './line-text.ts'
import type { LineShape, SeriesShape, View } from './view.ts'

/** What is handed to DuckDB at once. */
const batchChars = 8 * 1024 * 1024
const batchLines = 20_000

type Problem = Pick<JournalProblem, 'file' | 'line' | 'message'>

export interface FillOptions {
  /** Takes what is no line of the series, named with file and line. */
  readonly onProblem: (problem: Problem) => void
  /** Looked at between two batches: throws where the work is to end. */
  readonly check: () => void
}

/** An empty table for a view: the same columns whatever the journal holds. */
export function createTable({ name, columns }: View): string {
  return `CREATE TABLE ${name} (${columns.map((column) => `${column.name} ${column.type}`).join(', ')})`
}

/** Fills the tables of `views`, which all come from the series `lines`. */
export async function fillTables(
  connection: DuckDBConnection,
  lines: SeriesShape,
  views: readonly View[],
  source: Iterable<JournalText | JournalProblem>,
  options: FillOptions,
): Promise<void> {
  const loading = new Loading(connection, lines, views, options)
  await loading.begin()
  for (const read of source) {
    if (read.kind === 'problem') loading.addProblem(read, read.message)
    else if (loading.add(read)) await loading.flush()
  }
  await loading.flush()
  await loading.end()
}

class Loading {
  readonly #connection: DuckDBConnection
  readonly #lines: SeriesShape
  readonly #views: readonly View[]
  readonly #options: FillOptions
  #batch: JournalText[] = []
  #problems: Problem[] = []
  #chars = 0
  /** The line's number in the whole series. */
  #place = 0

  constructor(connection: DuckDBConnection, lines: SeriesShape, views: readonly View[], options: FillOptions) {
    this.#connection = connection
    this.#lines = lines
    this.#views = views
    this.#options = options
  }

  async begin(): Promise<void> {
    await this.#run('CREATE TABLE loading_lines (place BIGINT, text VARCHAR)')
    for (const view of this.#views) if (view.isReplacing === true) await this.#run(createReplacing(view))
  }

  /** Told with the batch, in the order of the lines. */
  addProblem({ file, line }: Pick<JournalText, 'file' | 'line'>, message: string): void {
    this.#problems.push({ file, line, message })
  }

  /** True: the batch is full. */
  add(line: JournalText): boolean {
    this.#batch.push(line)
    this.#chars += line.text.length
    return this.#chars >= batchChars || this.#batch.length >= batchLines
  }

  async flush(): Promise<void> {
    this.#options.check()
    const batch = this.#batch
    this.#batch = []
    this.#chars = 0
    const first = this.#place
    this.#place += batch.length
    if (batch.length > 0) await this.#load(batch, first)
    const problems = this.#problems.sort(byPlace)
    this.#problems = []
    for (const problem of problems) this.#options.onProblem(problem)
  }

  async #load(batch: readonly JournalText[], first: number): Promise<void> {
    await this.#parse(
      batch.map(({ text }) => exactText(text)),
      first,
    )
    await this.#complete(batch, first)
    await this.#insert()
  }

  async end(): Promise<void> {
    for (const view of this.#views) if (view.isReplacing === true) await this.#replace(view)
    await this.#run('DROP TABLE loading_lines')
    await this.#run('DROP TABLE IF EXISTS parsed')
  }

  async #parse(texts: readonly (string | null)[], first: number): Promise<void> {
    await this.#run('DELETE FROM loading_lines')
    const appender = await this.#connection.createAppender('loading_lines')
    texts.forEach((text, index) => {
      if (text === null) return
      appender.appendBigInt(BigInt(first + index))
      appender.appendVarchar(text)
      appender.endRow()
    })
    appender.closeSync()
    const { shape, optional } = this.#lines
    const more = Object.entries(optional).map(
      ([key, type]) =>
        `, CASE WHEN contains(text, '"${key}"') THEN from_json(text, '${jsonShape({ [key]: type })}').${key} END AS ${key}`,
    )
    await this.#run(
      `CREATE OR REPLACE TABLE parsed AS
       SELECT place, TRY(from_json_strict(text, '${jsonShape(shape)}')) AS entry${more.join('')} FROM loading_lines`,
    )
  }

  /** Gives lines that lack something a second try, and names those that are none of this series. */
  async #complete(batch: readonly JournalText[], first: number): Promise<void> {
    const failed = await this.#places('entry IS NULL')
    if (failed.length > 0) {
      const { shape } = this.#lines
      const texts = batch.map<string | null>(() => null)
      for (const place of failed) texts[place - first] = completedText(exactText(batch[place - first]!.text), shape)
      await this.#run('CREATE TABLE loading_whole AS SELECT * FROM parsed WHERE entry IS NOT NULL')
      await this.#parse(texts, first)
      const tried = new Set(await this.#places('entry IS NOT NULL'))
      await this.#run('INSERT INTO parsed SELECT * FROM loading_whole')
      await this.#run('DROP TABLE loading_whole')
      for (const place of failed) if (!tried.has(place)) await this.#name(batch[place - first]!)
    }
    const lacking = this.#lines.required.map((key) => `entry.${key} IS NULL`).join(' OR ')
    for (const place of await this.#places(`entry IS NOT NULL AND (${lacking})`)) {
      const line = batch[place - first]!
      const keys = `${this.#lines.required.slice(0, -1).join(', ')} and ${this.#lines.required.at(-1)!}`
      this.addProblem(line, `is no line of ${this.#lines.series}: it needs ${keys}`)
    }
    await this.#run(`DELETE FROM parsed WHERE entry IS NULL OR ${lacking}`)
  }

  async #places(where: string): Promise<number[]> {
    const reader = await this.#connection.runAndReadAll(`SELECT place FROM parsed WHERE ${where} ORDER BY place`)
    return reader.getRows().map(([place]) => Number(place))
  }

  /** What DuckDB says of the line by itself. */
  async #name(line: JournalText): Promise<void> {
    const { series, shape } = this.#lines
    const text = completedText(exactText(line.text), shape)
    try {
      if (text !== null) {
        await this.#connection.run(`SELECT from_json_strict($1::VARCHAR, '${jsonShape(shape)}')`, [text])
      }
      this.addProblem(line, 'is not a JSON object')
    } catch (thrown) {
      const said = (thrown as Error).message.replace(/^[\w ]+ Error: /, '').split('\n')[0]!
      this.addProblem(line, `is no line of ${series} (${said.length <= 120 ? said : `${said.slice(0, 119)}…`})`)
    }
  }

  async #insert(): Promise<void> {
    for (const view of this.#views) {
      const columns = view.columns.map(({ name, from }) => `${from} AS ${name}`).join(', ')
      if (view.isReplacing !== true) {
        await this.#run(`INSERT INTO ${view.name} SELECT ${columns} ${view.rows}`)
        continue
      }
      await this.#run(`INSERT INTO loading_${view.name} SELECT ${columns}, place, ordinal ${view.rows}`)
      await this.#run(`INSERT INTO loading_entries SELECT entry.arbitration_id, place FROM parsed`)
    }
  }

  /** Of each arbitration the last line's rows, in the place of the first. */
  async #replace({ name, columns }: View): Promise<void> {
    await this.#run(
      `INSERT INTO ${name} SELECT ${columns.map((column) => `r.${column.name}`).join(', ')}
       FROM loading_${name} r JOIN (
         SELECT min(place) AS first, max(place) AS last FROM loading_entries GROUP BY arbitration_id
       ) k ON r.place = k.last ORDER BY k.first, r.ordinal`,
    )
    await this.#run(`DROP TABLE loading_${name}`)
    await this.#run('DROP TABLE loading_entries')
  }

  async #run(sql: string): Promise<void> {
    await this.#connection.run(sql)
  }
}

/** Files are named by the count of their rotation, which has as many digits in all of them but the very last. */
function byPlace(one: Problem, other: Problem): number {
  return (
    one.file.length - other.file.length ||
    (one.file < other.file ? -1 : one.file > other.file ? 1 : one.line - other.line)
  )
}

function createReplacing({ name, columns }: View): string {
  const types = columns.map((column) => `${column.name} ${column.type}`).join(', ')
  return `CREATE TABLE loading_entries (arbitration_id VARCHAR, place BIGINT);
    CREATE TABLE loading_${name} (${types}, place BIGINT, ordinal BIGINT)`
}

/** As DuckDB's `from_json` takes it; the names are ours, so nothing needs quoting. */
function jsonShape(shape: LineShape): string {
  return JSON.stringify(shape)
}
