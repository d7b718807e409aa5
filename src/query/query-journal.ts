/** SQL over a journal for programs: the whole answer at once. */
import type { QueryAnswer, QueryOptions } from './answer.ts'
import { JournalDatabase } from './journal-database.ts'
import { type PlainValue, plainOf } from './value.ts'

/**
 * The answer of one SELECT over the views of a journal (`signalbox query JOURNAL` lists them). It reads the journal and nothing else, and
 * holds the answer in memory; what the statement reads may spill to the disk. Needs `@duckdb/node-api`. Does not block but on the disk.
 *
 * @param path - A journal folder, or one file of it; a file of another name is taken for counterfactual entries.
 * @throws {SignalboxError} `ERR_INPUT`: no journal, SQL that is wrong or does more than read, or DuckDB is not installed; `ERR_IO` where
 *   memory or disk do not suffice.
 */
export async function queryJournal(path: string, sql: string, options: QueryOptions = {}): Promise<QueryAnswer> {
  const database = await JournalDatabase.open(path, options)
  try {
    const answer = await database.ask(sql)
    const rows: PlainValue[][] = []
    for (let chunk = await database.next(answer); chunk !== null; chunk = await database.next(answer)) {
      for (const row of chunk.getRows()) rows.push(row.map(plainOf))
    }
    return { columns: answer.columns, rows }
  } finally {
    database.close()
  }
}
