/** Which of the hourly tables a Parquet file holds: told by its columns, whatever it is called. Start of a run; main thread. */
import { type DuckDbNeed, DuckDbSession } from '../../../base/duckdb.ts'
import { inputError, messageOf } from '../../../base/errors.ts'
import { type ParquetFormat, parquetColumns, seriesColumns } from './columns.ts'
import { columnsQuery } from './query.ts'

const textColumns: ReadonlySet<string> = new Set(['venue', 'coin', 'side'])
const numberType = /^(DOUBLE|FLOAT|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(.*\))$/

/** @throws {SignalboxError} `ERR_INPUT` naming the file: no Parquet, of other columns, or DuckDB is not installed. */
export async function recogniseParquet(path: string): Promise<ParquetFormat> {
  const session = await DuckDbSession.open(parquetNeed(path))
  try {
    const types = new Map((await session.rows(columnsQuery(path))) as [string, string][])
    const format = formatOf(path, [...types.keys()])
    for (const column of [...seriesColumns, ...parquetColumns[format]]) requireType(path, column, types.get(column)!)
    return format
  } catch (error) {
    throw toParquetError(path, error)
  } finally {
    session.close()
  }
}

/** Who needs DuckDB, for the line that says it is missing. */
export function parquetNeed(path: string): DuckDbNeed {
  return { field: path, work: 'Parquet is read' }
}

/** What DuckDB said about a file, as one line that names it. */
export function toParquetError(path: string, error: unknown): Error {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_INPUT') return error
  return inputError(path, `cannot be read as Parquet (${messageOf(error).split('\n')[0]})`)
}

function formatOf(path: string, names: readonly string[]): ParquetFormat {
  const has = (column: string): boolean => names.includes(column)
  const formats = (Object.keys(parquetColumns) as ParquetFormat[]).filter((format) => parquetColumns[format].every(has))
  if (formats.length === 1 && seriesColumns.every(has)) return formats[0]!
  const tables = Object.values(parquetColumns).map((columns) => columns.join(' '))
  throw inputError(
    path,
    `its columns (${names.join(' ')}) are none of the known tables; expected ${seriesColumns.join(' ')} and one of: ${tables.join('; ')}`,
  )
}

function requireType(path: string, column: string, type: string): void {
  const expected = column === 'timestamp' ? 'TIMESTAMP' : textColumns.has(column) ? 'VARCHAR' : 'a number'
  const isExpected = expected === 'a number' ? numberType.test(type) : type.startsWith(expected)
  if (!isExpected) throw inputError(path, `its column ${column} is ${type}, expected ${expected}`)
}
