/** Parquet for tests: files made of SQL, and questions about files that do not go through the code under test. */
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/** Answers a question in SQL; bigints come as numbers. */
export async function ask<Row extends unknown[]>(sql: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const rows = (await connection.runAndReadAll(sql)).getRows()
    return rows.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value)) as Row)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Writes the answer of a question as a Parquet file and returns its path. */
export async function writeParquet(folder: string, name: string, select: string): Promise<string> {
  const path = join(folder, name)
  await ask(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`)
  return path
}

/** One value of SQL: NULL, a number, text, or a time of Unix milliseconds as a TIMESTAMPTZ. */
export type Cell = null | number | string | Date

/** A table of literal rows, for {@link writeParquet}. `types` casts each column, so that a table of nulls has its type. */
export function tableOf(types: Readonly<Record<string, string>>, rows: readonly (readonly Cell[])[]): string {
  const names = Object.keys(types)
  const columns = names.map((name) => `"${name}"::${types[name]} AS "${name}"`).join(', ')
  const values = rows.map((row) => `(${row.map(literalOf).join(', ')})`).join(', ')
  return `SELECT ${columns} FROM (VALUES ${values}) AS told(${names.map((name) => `"${name}"`).join(', ')})`
}

function literalOf(cell: Cell): string {
  if (cell === null) return 'NULL'
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : `'${cell}'::DOUBLE`
  if (typeof cell === 'string') return `'${cell.replaceAll("'", "''")}'`
  return `make_timestamptz(${cell.getTime() * 1000})`
}

const series = { timestamp: 'TIMESTAMPTZ', venue: 'VARCHAR', coin: 'VARCHAR' }

/** The columns of the four hourly tables. */
export const hourlyTables = {
  candles: { ...series, o: 'DOUBLE', h: 'DOUBLE', l: 'DOUBLE', c: 'DOUBLE', v: 'DOUBLE' },
  funding: { ...series, funding_rate: 'DOUBLE' },
  openInterest: { ...series, oi_usd: 'DOUBLE' },
  liquidations: { ...series, side: 'VARCHAR', size_usd: 'DOUBLE', price: 'DOUBLE' },
} as const
