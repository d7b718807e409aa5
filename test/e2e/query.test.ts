/** `signalbox query` as a person meets it: formats, files, refusals, exit codes. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseLossless } from '../../src/domain/lossless-json.ts'
import { journalViews } from '../../src/query/views.ts'
import { mainPath, root, signalbox } from '../support/command.ts'
import { ask } from '../support/parquet.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { withoutDuckDb } from '../support/without-duckdb.ts'

/** A folder whose name needs care, with a few decisions of a recorded run in it. */
function journal(): string {
  const folder = join(temporaryFolder(), `it's a "journal" – 漢字`)
  mkdirSync(folder)
  copyFileSync(join(root, 'test/fixtures/query-decisions.ndjson'), join(folder, 'decisions-000001.ndjson'))
  return folder
}

function expectRefused(args: readonly string[], status: number, words: string): void {
  const run = signalbox(args)
  expect(run.stderr).toMatch(/^signalbox: [^\n]*\n$/)
  expect(run.stderr).toContain(words)
  expect([run.stdout, run.status]).toEqual(['', status])
}

const exact = 'SELECT timestamp_ns, time, arbitration_id, capital_allocated, selected FROM decisions'

describe('query: answers', () => {
  it('query: a table, JSON and CSV say the same, digit by digit', () => {
    const folder = journal()
    const one = `${exact} LIMIT 1`
    const id = 'arb_20260617_144716_000001'
    const json = signalbox(['query', folder, one, '--format', 'json'])
    expect([json.stderr, json.status]).toEqual(['', 0])
    expect(json.stdout).toContain('"timestamp_ns":1781707636068000000,"time":"2026-06-17T14:47:16.068Z"')
    expect(parseLossless(json.stdout)).toEqual([
      {
        timestamp_ns: 1781707636068000000n,
        time: '2026-06-17T14:47:16.068Z',
        arbitration_id: id,
        capital_allocated: 10_000,
        selected: ['cascade_AVAX_1781707636068'],
      },
    ])
    expect(signalbox(['query', folder, one, '--format', 'csv']).stdout).toBe(
      'timestamp_ns,time,arbitration_id,capital_allocated,selected\r\n' +
        `1781707636068000000,2026-06-17 14:47:16.068,${id},10000.00,"[""cascade_AVAX_1781707636068""]"\r\n`,
    )
    const table = signalbox(['query', folder, one]).stdout.split('\n')
    expect(table[2]).toBe(
      `1781707636068000000  2026-06-17 14:47:16.068  ${id}           10000.00  ["cascade_AVAX_1781707636068"]`,
    )
    expect(table[3]).toBe('(1 row)')
  })

  it('query: Parquet has the rows and the exact types, read back by another DuckDB', async () => {
    const folder = journal()
    const out = join(folder, "o'ut.parquet")
    const run = signalbox(['query', folder, `${exact} ORDER BY sequence DESC -- the newest first\n;`, '--out', out])
    expect([run.stdout, run.stderr, run.status]).toEqual(['', '', 0])
    const file = out.replaceAll("'", "''")
    expect(await ask(`SELECT column_name, column_type FROM (DESCRIBE FROM '${file}')`)).toEqual([
      ['timestamp_ns', 'BIGINT'],
      ['time', 'TIMESTAMP_NS'],
      ['arbitration_id', 'VARCHAR'],
      ['capital_allocated', 'DECIMAL(18,2)'],
      ['selected', 'VARCHAR[]'],
    ])
    const rows = await ask(
      `SELECT timestamp_ns::VARCHAR, epoch_ns(time)::VARCHAR, arbitration_id, capital_allocated::VARCHAR, len(selected) FROM '${file}'`,
    )
    const csv = signalbox([
      'query',
      folder,
      'SELECT timestamp_ns, epoch_ns(time), arbitration_id, capital_allocated, len(selected) FROM decisions ORDER BY sequence DESC',
      '--format',
      'csv',
    ])
    expect(rows.map((row) => row.join(','))).toEqual(csv.stdout.trim().split('\r\n').slice(1))
    expect(await ask(`SELECT DISTINCT compression FROM parquet_metadata('${file}')`)).toEqual([['ZSTD']])
  })

  it('query: --out takes the format of its ending, overwrites nothing, and leaves nothing behind', () => {
    const folder = journal()
    const out = join(folder, 'a.csv')
    expect(signalbox(['query', folder, 'SELECT 1 AS a', '--out', out]).status).toBe(0)
    expect(readFileSync(out, 'utf8')).toBe('a\r\n1\r\n')
    expectRefused(['query', folder, 'SELECT 2 AS a', '--out', out], 2, 'exists; --out would overwrite it')
    expectRefused(['query', folder, 'SELECT 1', '--out', folder], 2, 'is a folder')
    expectRefused(['query', folder, 'SELECT 1', '--out', join(folder, 'gone', 'a.csv')], 2, 'cannot be written')
    for (const name of ['b.csv', 'b.json', 'b.parquet', 'b.txt'])
      expectRefused(['query', folder, 'SELECT nope', '--out', join(folder, name)], 2, 'Binder Error')
    // What goes wrong only while it runs leaves no half file either.
    for (const name of ['c.csv', 'c.parquet'])
      expectRefused(
        ['query', folder, `SELECT CAST(arbitration_id AS INT) FROM decisions`, '--out', join(folder, name)],
        2,
        'Conversion Error',
      )
    expect(readdirSync(folder).sort()).toEqual(['a.csv', 'decisions-000001.ndjson'])
    expect(readFileSync(out, 'utf8')).toBe('a\r\n1\r\n')
  })

  it('query: without SQL it lists every view with its columns, also for programs', () => {
    const folder = journal()
    const list = signalbox(['query', folder]).stdout
    const csv = signalbox(['query', folder, '--format', 'csv']).stdout
    for (const { name, columns } of journalViews) {
      expect(list).toContain(`${name}: a row is `)
      for (const column of columns) {
        expect(list).toContain(`  ${column.name} `)
        expect(csv).toContain(`\r\n${name},${column.name},`)
      }
    }
    const help = signalbox(['query', '--help'])
    expect(help.stdout).toContain('Example:')
    for (const { name } of journalViews) expect(help.stdout).toContain(`  ${name} `)
  })
})

describe('query: what goes wrong', () => {
  it('query: damaged lines are named on standard error, and the answer stands', () => {
    const folder = journal()
    const file = join(folder, 'decisions-000001.ndjson')
    writeFileSync(file, `${readFileSync(file, 'utf8')}foreign\n{"torn`)
    const run = signalbox(['query', folder, 'SELECT count(*) AS n FROM decisions', '--format', 'csv'])
    expect([run.stdout, run.status]).toEqual(['n\r\n16\r\n', 0])
    expect(run.stderr).toBe(
      `signalbox: ${file}:17: is not a JSON object\nsignalbox: ${file}:18: is torn: it ends without a newline\n`,
    )
  })

  it('query: wrong calls are one line and 2', () => {
    const folder = journal()
    expectRefused(['query', join(folder, 'gone'), 'SELECT 1'], 2, 'there is no such file or folder')
    expectRefused(['query', join(folder, 'gone')], 2, 'there is no such file or folder')
    expectRefused(['query', temporaryFolder(), 'SELECT 1'], 2, 'is not a journal')
    expectRefused(['query', folder, 'SELECT 1', '--format', 'xml'], 2, 'must be table, json, csv, parquet')
    expectRefused(['query', folder, 'SELECT 1', '--format', 'parquet'], 2, 'parquet needs --out FILE')
    expectRefused(['query', folder, `COPY decisions TO '${temporaryFolder()}/a.csv'`], 2, 'COPY is refused')
    expectRefused(['query', folder, 'FROM nope'], 2, 'The views are decisions, ')
    expectRefused(['query'], 2, "missing required argument 'journal'")
  })

  it('query: without DuckDB it is one line with the command that installs it, and the list of views needs none', () => {
    const folder = journal()
    withoutDuckDb(() => {
      expectRefused(
        ['query', folder, 'SELECT 1'],
        2,
        'SQL is run by DuckDB, which is not installed; npm install @duckdb/node-api',
      )
      expect(signalbox(['query', folder]).status).toBe(0)
    })
  })

  it('query: who reads no further ends it without a word', () => {
    const run = spawnSync(
      'bash',
      [
        '-c',
        `"$0" "$1" query "$2" 'FROM range(10000000)' --format csv | head -2; echo "\${PIPESTATUS[0]}"`,
        process.execPath,
        mainPath,
        journal(),
      ],
      { encoding: 'utf8', timeout: 60_000 },
    )
    expect([run.stdout, run.stderr]).toEqual(['range\r\n0\r\n0\n', ''])
  })

  it('query: Ctrl-C ends a long query with 130, and no file is left', async () => {
    const folder = journal()
    const args = [mainPath, 'query', folder, 'SELECT range FROM range(100000000000)', '--out', join(folder, 'a.csv')]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk) => (said += String(chunk)))
    const part = (): string | undefined => readdirSync(folder).find((name) => name.endsWith('.part'))
    const hasBegun = (): boolean => part() !== undefined && readFileSync(join(folder, part()!)).length > 0
    while (!hasBegun()) await new Promise((resolve) => setImmediate(resolve))
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    expect([code, said, readdirSync(folder)]).toEqual([130, '', ['decisions-000001.ndjson']])
  })
})

describe('query: beside the report', () => {
  it('query: over the sample’s own counterfactuals SQL and the report say the same', () => {
    const folder = join(temporaryFolder(), 'out')
    const samples = readdirSync(join(root, 'samples')).filter((name) => name.endsWith('.jsonl.gz'))
    signalbox(['replay', ...samples.map((name) => join(root, 'samples', name)), '--journal', folder])
    const report = JSON.parse(signalbox(['report', folder, '--json']).stdout)
    const sql = `SELECT count(DISTINCT arbitration_id) AS arbitrations, count(DISTINCT arbitration_id) FILTER (is_resolved) AS resolved,
      coalesce(sum(greatest(opportunity_cost, 0)) FILTER (is_resolved AND NOT is_selected AND filtered IS NULL), 0) AS missed_pnl,
      count(*) FILTER (filtered = 'inadmissible') AS inadmissible FROM counterfactuals`
    const [row] = JSON.parse(signalbox(['query', folder, sql, '--format', 'json']).stdout)
    const { arbitrations, resolved, missed_pnl, filtered } = report
    expect(row.arbitrations).toBeGreaterThan(20)
    expect(row).toEqual({ arbitrations, resolved, missed_pnl, inadmissible: filtered.inadmissible ?? 0 })
  })
})
