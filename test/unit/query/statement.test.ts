import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { JournalDatabase } from '../../../src/query/journal-database.ts'
import { queryJournal } from '../../../src/query/query-journal.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const secret = 'nobody may read this'

/** A folder with an empty journal and a file beside it. */
function place(): { journal: string; beside: string; folder: string } {
  const folder = temporaryFolder()
  const journal = join(folder, 'decisions-000001.ndjson')
  const beside = join(folder, 'secret.csv')
  writeFileSync(journal, '')
  writeFileSync(beside, `${secret}\n`)
  return { journal, beside, folder }
}

/** What is said, which has to be one line of bad input; the folder is as it was. */
async function refusalOf(statement: (beside: string, folder: string) => string): Promise<string> {
  const { journal, beside, folder } = place()
  const before = readdirSync(folder)
  const thrown = await queryJournal(journal, statement(beside, folder)).then(
    ({ rows }) =>
      new Error(`answered ${JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`),
    (error: unknown) => error as Error & { code?: string },
  )
  expect(thrown).toMatchObject({ code: 'ERR_INPUT' })
  expect(thrown.message).toMatch(/^SQL: [^\n]+$/)
  expect(thrown.message).not.toContain(secret)
  expect(readdirSync(folder)).toEqual(before)
  return thrown.message
}

describe('statement: only what reads the views', () => {
  it('statement: whatever is no query is refused by its name', async () => {
    for (const statement of ['COPY decisions TO', 'ATTACH', 'SET threads =', 'INSTALL', 'LOAD', 'EXPORT DATABASE']) {
      const word = statement.split(' ')[0]!
      const sql = (_: string, folder: string): string => `${statement} '${join(folder, 'made')}'`
      expect(await refusalOf(sql)).toMatch(new RegExp(`^SQL: ${word} is refused; query only reads|^SQL: Parser Error`))
    }
    for (const sql of [
      'PRAGMA database_list',
      'CALL pragma_version()',
      'RESET threads',
      'CREATE TABLE t (a INT)',
      'INSERT INTO trades FROM trades',
      'UPDATE trades SET pnl = 0',
      'DELETE FROM trades',
      'DROP TABLE trades',
      'ALTER TABLE trades ADD COLUMN a INT',
      'EXPLAIN ANALYZE SELECT 1',
      'CHECKPOINT',
      'VACUUM',
      'USE memory',
      'BEGIN',
      'PREPARE p AS SELECT 1',
      '/* SELECT */ -- SELECT\n PRAGMA version',
    ]) {
      expect(await refusalOf(() => sql)).toMatch(/^SQL: [A-Z]+ is refused; query only reads: /)
    }
    expect(await refusalOf(() => 'WITH a AS (SELECT 1) DELETE FROM trades')).toMatch(/^SQL: query only reads: /)
  })

  it('statement: no other file is read, by any function, by its name, or anywhere inside', async () => {
    for (const from of [
      (file: string) => `read_csv('${file}')`,
      (file: string) => `read_text('${file}')`,
      (file: string) => `read_blob('${file}')`,
      (file: string) => `READ_JSON_AUTO('${file}')`,
      (file: string) => `read_parquet('${file}')`,
      (file: string) => `parquet_metadata('${file}')`,
      (file: string) => `sniff_csv('${file}')`,
      (file: string) => `glob('${file}')`,
      (file: string) => `'${file}'`,
      (file: string) => `"${file}"`,
      (file: string) => `query('FROM read_text(''${file}'')')`,
      (file: string) => `query_table('${file}')`,
      (file: string) => `json_execute_serialized_sql(json_serialize_sql('FROM read_text(''${file}'')'))`,
      () => `'http://127.0.0.1:9/a.csv'`,
    ]) {
      await refusalOf((beside) => `FROM ${from(beside)}`)
      await refusalOf((beside) => `SELECT (SELECT count(*) FROM ${from(beside)})`)
      await refusalOf((beside) => `WITH a AS (FROM ${from(beside)}) FROM decisions, a`)
      await refusalOf((beside) => `DESCRIBE FROM ${from(beside)}`)
    }
  })

  it('statement: a function that acts from within a SELECT is refused', async () => {
    for (const call of [
      `enable_logging(storage = 'file', storage_path = 'log')`,
      `enable_profiling(save_location = 'profile.json')`,
      'checkpoint()',
      'force_checkpoint()',
      'duckdb_extensions()',
      'duckdb_secrets()',
    ]) {
      expect(await refusalOf(() => `SELECT * FROM ${call}`)).toMatch(/\(\) is refused; query reads the journal's views/)
    }
  })

  it('statement: none, several, one with parameters and one that is wrong are told apart, each in one line', async () => {
    expect(await refusalOf(() => ' -- nothing\n')).toContain('is empty')
    expect(await refusalOf(() => 'SELECT 1; DROP TABLE trades')).toMatch(/^SQL: /)
    expect(await refusalOf(() => 'SELECT 1; SELECT 2')).toContain('has 2 statements')
    expect(await refusalOf(() => 'SELECT $1')).toContain('has parameters')
    expect(await refusalOf(() => 'SELEC 1')).toContain('syntax error at or near "SELEC"')
    expect(await refusalOf(() => 'SELECT nope FROM decisions')).toContain('"nope" not found in FROM clause!')
    expect(await refusalOf(() => 'FROM nope')).toContain('The views are decisions, candidates, ')
    expect(await refusalOf(() => `SELECT CAST('x' AS INT)`)).toContain('Conversion Error')
    expect(await refusalOf(() => 'PIVOT candidates ON symbol USING count(*)')).toContain('ON column IN (…)')
  })

  it('statement: what only reads is answered', async () => {
    const { journal } = place()
    for (const sql of [
      'SELECT 1;',
      'select 1 -- ;',
      '(SELECT 1)',
      'FROM range(3)',
      'VALUES (1)',
      'TABLE decisions',
      'DESCRIBE candidates',
      'SUMMARIZE trades',
      'SHOW TABLES',
      'WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 3) FROM t',
      'PIVOT candidates ON is_selected IN (true, false) USING count(*) GROUP BY symbol',
      'SELECT * FROM "Decisions" d JOIN CANDIDATES c USING (arbitration_id), unnest(d.selected)',
      `SELECT ${'1 + '.repeat(200)}1`,
    ]) {
      expect((await queryJournal(journal, sql)).columns.length).toBeGreaterThan(0)
    }
  })
})

describe('statement: behind the refusals DuckDB itself is shut off', () => {
  it('statement: files, extensions and settings are locked in the database', async () => {
    const { journal } = place()
    const sql = `SELECT name, value FROM duckdb_settings() WHERE name IN ('enable_external_access', 'lock_configuration',
      'autoinstall_known_extensions', 'autoload_known_extensions', 'allow_community_extensions', 'allowed_paths', 'threads') ORDER BY name`
    expect((await queryJournal(journal, sql)).rows).toEqual([
      ['allow_community_extensions', 'false'],
      ['allowed_paths', '[]'],
      ['autoinstall_known_extensions', 'false'],
      ['autoload_known_extensions', 'false'],
      ['enable_external_access', 'false'],
      ['lock_configuration', 'true'],
      ['threads', '1'],
    ])
  })

  it('statement: an answer ends with the signal', async () => {
    const { journal } = place()
    const abort = new AbortController()
    const database = await JournalDatabase.open(journal, { signal: abort.signal })
    try {
      const answer = database.ask('SELECT count(*) FROM range(100000000000) a, range(1000000) b')
      abort.abort()
      await expect(answer.then((found) => database.next(found))).rejects.toMatchObject({ name: 'AbortError' })
    } finally {
      database.close()
    }
  })
})
