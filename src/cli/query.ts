/** `signalbox query JOURNAL [SQL] [--format F] [--out F]`: SQL over a journal's views, read-only; without SQL, what views there are. */
import { Command } from 'commander'
import { inputError } from '../base/errors.ts'
import { JournalDatabase } from '../query/journal-database.ts'
import { JournalSource } from '../query/journal-source.ts'
import { journalViews } from '../query/views.ts'
import { Interrupt } from './interrupt.ts'
import { csvFormat } from './query/csv-format.ts'
import { jsonFormat } from './query/json-format.ts'
import { ResultFile } from './query/result-file.ts'
import type { RowFormat } from './query/row-format.ts'
import { tableFormat } from './query/table-format.ts'
import { viewList, viewRows } from './query/view-list.ts'
import { paintFor } from './terminal/paint.ts'

const formats = ['table', 'json', 'csv', 'parquet'] as const
type FormatName = (typeof formats)[number]

interface Options {
  readonly format?: string
  readonly out?: string
}

/** The command, for `main.ts` to add. */
export function queryCommand(): Command {
  const views = journalViews.map(({ name, about }) => `  ${name.padEnd(17)}a row is ${about}`)
  return new Command('query')
    .description('SQL over a journal, read-only; without SQL, its views and their columns')
    .argument('<journal>', 'a journal folder, or one file of counterfactual entries')
    .argument('[sql]', 'one SELECT (DuckDB’s dialect)')
    .option(
      '--format <format>',
      'table, json (an array, a row a line), csv or parquet; default: as --out ends, else table',
    )
    .option('--out <file>', 'write the answer there; a file that has something in it is not overwritten')
    .addHelpText(
      'after',
      `\nViews:\n${views.join('\n')}\n\nExample:\n  $ signalbox query out "SELECT event_type, count(*) FROM candidates WHERE is_selected GROUP BY ALL"`,
    )
    .action(async (journal: string, sql: string | undefined, options: Options) => {
      const format = formatOf(options)
      if (sql === undefined) await list(journal, format, options.out)
      else await query(journal, sql, format, options.out)
    })
}

function formatOf({ format, out }: Options): FormatName {
  const found = formats.find(
    (name) => name === (format ?? /\.(json|csv|parquet)$/i.exec(out ?? '')?.[1]?.toLowerCase()),
  )
  if (format !== undefined && found === undefined) {
    throw inputError('--format', `must be ${formats.join(', ')}, got ${JSON.stringify(format)}`)
  }
  if (found === 'parquet' && out === undefined) throw inputError('--format', 'parquet needs --out FILE')
  return found ?? 'table'
}

async function query(journal: string, sql: string, format: FormatName, out: string | undefined): Promise<void> {
  const file = out === undefined ? null : ResultFile.open(out)
  const interrupt = new Interrupt()
  let database: JournalDatabase | null = null
  try {
    database = await JournalDatabase.open(journal, {
      signal: interrupt.requested,
      report: (line) => process.stderr.write(`signalbox: ${line}\n`),
      ...(format === 'parquet' ? { parquetPath: file!.partPath } : {}),
    })
    if (format === 'parquet') await database.writeParquet(sql)
    else await answer(database, sql, rowFormatOf(format, file === null), sinkOf(file, interrupt.requested))
    interrupt.requested.throwIfAborted()
    file?.commit()
  } catch (thrown) {
    if (!interrupt.isRequested) throw thrown
    if (interrupt.wasInterrupted) process.exitCode = 130
  } finally {
    database?.close()
    file?.discard()
    interrupt.dispose()
  }
}

type Sink = (text: string) => Promise<void>

async function answer(database: JournalDatabase, sql: string, format: RowFormat, write: Sink): Promise<void> {
  const found = await database.ask(sql)
  await write(format.begin(found.columns))
  for (let chunk = await database.next(found); chunk !== null; chunk = await database.next(found)) {
    await write(format.rows(chunk.getRows()))
  }
  await write(format.end())
}

async function list(journal: string, format: FormatName, out: string | undefined): Promise<void> {
  new JournalSource(journal)
  if (format === 'parquet') throw inputError('--format', 'the list of views is a table, json or csv')
  const file = out === undefined ? null : ResultFile.open(out)
  try {
    const write = sinkOf(file, new AbortController().signal)
    if (format === 'table') {
      await write(viewList(file === null ? widthOf(process.stdout) : Number.POSITIVE_INFINITY))
    } else {
      const rows = rowFormatOf(format, false)
      const { columns, values } = viewRows()
      await write(`${rows.begin(columns)}${rows.rows(values)}${rows.end()}`)
    }
    file?.commit()
  } finally {
    file?.discard()
  }
}

function rowFormatOf(format: Exclude<FormatName, 'parquet'>, isOnStandardOutput: boolean): RowFormat {
  if (format === 'json') return jsonFormat()
  if (format === 'csv') return csvFormat()
  const isTerminal = isOnStandardOutput && process.stdout.isTTY === true
  return tableFormat({
    columns: isOnStandardOutput ? widthOf(process.stdout) : Number.POSITIVE_INFINITY,
    paint: paintFor(isTerminal, process.env.NO_COLOR),
  })
}

/** What does not fit is cut on a terminal only, or where COLUMNS asks for it. */
function widthOf(stream: NodeJS.WriteStream): number {
  const width = stream.isTTY === true ? stream.columns : Number(process.env.COLUMNS ?? Number.NaN)
  return Number.isInteger(width) && width > 0 ? width : Number.POSITIVE_INFINITY
}

function sinkOf(file: ResultFile | null, signal: AbortSignal): Sink {
  return async (text) => {
    signal.throwIfAborted()
    if (text === '') return
    if (file !== null) file.write(text)
    else if (!process.stdout.write(text)) await drained(process.stdout, signal)
  }
}

/** What is wrong with the stream is for `broken-output.ts`, which aborts. */
function drained(stream: NodeJS.WriteStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // A stream that has failed holds the process no longer, and the signal is still on its way.
    const alive = setInterval(() => undefined, 60_000)
    const end = (): void => {
      clearInterval(alive)
      stream.off('drain', end)
      signal.removeEventListener('abort', end)
      if (signal.aborted) reject(signal.reason)
      else resolve()
    }
    stream.on('drain', end)
    signal.addEventListener('abort', end)
  })
}
