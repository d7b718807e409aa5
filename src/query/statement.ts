/**
 * What a person's SQL may be: one statement that only reads, of what is there. DuckDB's own parser tells its tree, and the tree says
 * every function and table that it names, so nothing is guessed from the text. Asks DuckDB; no state.
 */
import type { DuckDBConnection } from '../base/duckdb.ts'
import { inputError } from '../base/errors.ts'

/** What is said of all that is refused. */
const readsOnly = 'query only reads: SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, SHOW'

/**
 * Functions that give tables and touch nothing: no file, no setting, no other statement. `enable_logging` and its like would act from
 * within a SELECT, and what reads files would fail later and less clearly.
 */
const tableFunctions: ReadonlySet<string> = new Set([
  'unnest',
  'range',
  'generate_series',
  'repeat',
  'repeat_row',
  'json_each',
  'json_tree',
  'summary',
  'duckdb_columns',
  'duckdb_functions',
  'duckdb_keywords',
  'duckdb_settings',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'pragma_table_info',
  'pragma_version',
])

/**
 * The tables that the statement names, in lower case, its own WITH names among them.
 *
 * @throws {SignalboxError} `ERR_INPUT` with one line: no SQL, not one statement, one that does more than read, or a function that does.
 */
export async function tablesOf(connection: DuckDBConnection, sql: string): Promise<ReadonlySet<string>> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql])
  const tree = JSON.parse(String(reader.getRows()[0]![0])) as Readonly<Record<string, unknown>>
  if (tree.error === true) {
    if (tree.error_type === 'not implemented') throw inputError('SQL', refusalOf(sql))
    throw inputError('SQL', `Parser Error: ${oneLine(String(tree.error_message))}`)
  }
  const statements = Array.isArray(tree.statements) ? tree.statements : []
  if (statements.length === 0) throw inputError('SQL', 'is empty; without SQL, query lists the views')
  if (statements.length > 1) throw inputError('SQL', `has ${statements.length} statements; query takes one`)
  const tables = new Set<string>()
  visit(statements, tables)
  return tables
}

/** What DuckDB said, as one line: without its picture of the place. */
export function oneLine(message: string): string {
  const lines = message.split('\n').map((line) => line.trim())
  const picture = lines.findIndex((line) => /^LINE \d+:/.test(line))
  return (picture < 0 ? lines : lines.slice(0, picture)).filter((line) => line !== '').join(' ')
}

function refusalOf(sql: string): string {
  const word = /^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()*([a-z]+)/i.exec(sql)?.[1]?.toUpperCase()
  if (word === 'PIVOT') return 'PIVOT needs its values named: ON column IN (…)'
  return word === undefined || readsOnly.includes(word) ? readsOnly : `${word} is refused; ${readsOnly}`
}

function visit(node: unknown, tables: Set<string>): void {
  if (Array.isArray(node)) {
    for (const part of node) visit(part, tables)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const { type, table_name: table, function: called } = node as Readonly<Record<string, unknown>>
  if (typeof table === 'string') tables.add(table.toLowerCase())
  if (type === 'TABLE_FUNCTION') requireHarmless(called)
  for (const part of Object.values(node)) visit(part, tables)
}

function requireHarmless(called: unknown): void {
  const name = (called as { readonly function_name?: unknown } | null)?.function_name
  if (typeof name === 'string' && tableFunctions.has(name.toLowerCase())) return
  throw inputError('SQL', `${String(name)}() is refused; query reads the journal's views and nothing else`)
}
