/** The command line as a person meets it: one clear line when something is wrong, the contract's exit codes, no stack trace. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { mainPath, root, signalbox } from '../support/command.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { withoutDuckDb } from '../support/without-duckdb.ts'

const sample = (name: string): string => join(root, 'samples', name)
const btc = sample('trades_BTC_20260617.jsonl.gz')

/** The call fails with `status` and exactly one line on standard error that holds each of `words`. */
function expectOneLine(args: readonly string[], status: number, words: readonly string[], input = ''): void {
  const run = signalbox(args, input)
  expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
  for (const word of words) expect(run.stderr).toContain(word)
  expect(run.stderr).not.toMatch(/\n\s+at /)
  expect(run.stdout).toBe('')
  expect(run.status).toBe(status)
}

describe('nobody reads standard error', () => {
  it('the exit code of a wrong call stays, and so do the results of a replay', () => {
    const run = (args: string, rest: string) =>
      spawnSync('bash', ['-c', `"$0" "$1" ${args} 2> >(exec true) ${rest}`, process.execPath, mainPath, btc], {
        encoding: 'utf8',
        timeout: 60_000,
      })
    expect(run('replay nowhere.jsonl', '').status).toBe(2)
    const replay = run('replay "$2" --json', '')
    expect([replay.status, JSON.parse(replay.stdout)]).toEqual([0, expect.objectContaining({ malformed: {} })])
  })
})

describe('bad input', () => {
  it('replay: a missing file is named', () =>
    expectOneLine(['replay', 'nowhere/trades_BTC_1.jsonl'], 2, ['nowhere/trades_BTC_1.jsonl']))

  it('replay: a file of another name or format is named with what was expected', () => {
    const folder = temporaryFolder()
    expectOneLine(['replay', join(root, 'package.json')], 2, ['package.json', 'trades_'])
    const foreign = join(folder, 'trades_BTC_20260617.jsonl')
    writeFileSync(foreign, 'ts,px,sz\n1,2,3\n')
    expectOneLine(['replay', foreign], 2, [foreign])
  })

  it('replay: a Parquet file without DuckDB is one line with the command that installs it', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'candles.parquet')
    writeFileSync(file, 'PAR1')
    withoutDuckDb(() => {
      expectOneLine(['replay', file], 2, [file, 'DuckDB, which is not installed; npm install @duckdb/node-api'])
      // Nothing else needs it.
      expect(signalbox(['replay', sample('trades_DOGE_20260617.jsonl.gz'), '--json']).status).toBe(0)
    })
  })

  it('replay: a truncated gzip is named', () => {
    const folder = temporaryFolder()
    const cut = join(folder, 'trades_BTC_20260617.jsonl.gz')
    copyFileSync(btc, cut)
    truncateSync(cut, 100_000)
    expectOneLine(['replay', cut], 2, [cut])
  })

  it('replay: an unwritable journal folder, a file in its place, and a folder with entries are named', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'file')
    writeFileSync(file, '')
    expectOneLine(['replay', btc, '--journal', '/proc/signalbox'], 2, ['/proc/signalbox'])
    expectOneLine(['replay', btc, '--journal', file], 2, [file])
    const used = join(folder, 'used')
    mkdirSync(used)
    writeFileSync(join(used, 'decisions-000001.ndjson'), '{"sequence":1}\n')
    expectOneLine(['replay', btc, '--journal', used], 2, [used])
    expect(readdirSync(used)).toEqual(['decisions-000001.ndjson'])
  })

  it('replay: --strict stops at the first malformed record and names file and line', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'trades_BTC_20260617.jsonl')
    const good = '{"ts":1781719200000,"px":66000.0,"sz":0.5,"side":"B"}'
    writeFileSync(file, `${good}\n${good}\n${good.replace('0.5', '-1')}\n${good}\n`)
    expectOneLine(['replay', file, '--strict'], 2, [file, '3'])
    const run = signalbox(['replay', file, '--json'])
    expect(run.status).toBe(0)
    expect(Object.values((JSON.parse(run.stdout) as { malformed: Record<string, number> }).malformed)).toEqual([1])
  })

  it('replay: a journal that the disk refuses ends it with one line', () => {
    const journal = join(temporaryFolder(), 'out')
    const files = readdirSync(join(root, 'samples')).filter((name) => name.endsWith('.gz'))
    // No file may grow beyond 16 blocks: to the journal's thread it is a disk that is full.
    const script = 'ulimit -f 16; exec "$0" "$@"'
    const args = [mainPath, 'replay', ...files.map(sample), '--journal', journal]
    const run = spawnSync('sh', ['-c', script, process.execPath, ...args], { encoding: 'utf8', timeout: 60_000 })
    expect(run.stderr).toBe('signalbox: the journal cannot be written (EFBIG): make room and replay again\n')
    expect(run.status).toBe(1)
  })

  it('replay and detect: recordings of many symbols in which none is found are one line', () => {
    const orders = join(temporaryFolder(), 'orders.csv')
    const order = 'BTC,SELL,LIMIT,IOC,226,0.16815,0.17057,FILLED,226,226,1737908829829,38.0019'
    writeFileSync(orders, `${order}\n`)
    for (const command of ['replay', 'detect']) {
      expectOneLine([command, orders, '--from', '2030-01-01'], 2, [`${command}: the recordings hold no record`])
    }
    const packed = join(temporaryFolder(), 'orders.csv.gz')
    writeFileSync(packed, gzipSync(`${order}\n`).subarray(0, -9))
    expectOneLine(['replay', packed, '--from', '2030-01-01'], 2, [packed, 'truncated'])
  })

  it('replay: more symbols than a run holds are one line that says how many', () => {
    const orders = join(temporaryFolder(), 'orders.csv')
    const order = ',SELL,LIMIT,IOC,226,0.16815,0.17057,FILLED,226,226,1737908829829,38.0019\n'
    writeFileSync(orders, Array.from({ length: 700 }, (_, index) => `S${index}${order}`).join(''))
    expectOneLine(['replay', orders], 2, ['symbols: are 700', 'at most 564'])
    expect(signalbox(['replay', orders, '--symbols', 'S1,S2', '--json']).status).toBe(0)
  })

  it('arbitrate: a broken scenario names line or key', () => {
    expectOneLine(['arbitrate', '-'], 2, ['standard input'], '{"now_ns": 1,')
    expectOneLine(['arbitrate', '-'], 2, ['capitol'], '{"now_ns": 1, "capital": 5, "capitol": 5, "candidates": []}')
    expectOneLine(['arbitrate', 'nowhere.json'], 2, ['nowhere.json'])
  })

  it('config and policy: an unknown key is named with its file', () => {
    const folder = temporaryFolder()
    const config = join(folder, 'config.json')
    writeFileSync(config, '{"policy": {"wieghts": {}}}')
    expectOneLine(['replay', btc, '--config', config], 2, [config, 'policy.wieghts', 'unknown key'])
    writeFileSync(config, '{"capitol": 1}')
    expectOneLine(['run', '--config', config], 2, [config, 'capitol'])
    const policy = join(folder, 'policy.json')
    writeFileSync(policy, '{"max_open_positions": 0}')
    expectOneLine(['replay', btc, '--policy', policy], 2, [policy, 'max_open_positions'])
  })

  it('options: an unknown command, option or value is named', () => {
    expectOneLine(['replya'], 2, ['replya'])
    expectOneLine(['replay', btc, '--sped', '1'], 2, ['--sped'])
    expectOneLine(['replay', btc, '--backend', 'rust'], 2, ['--backend', 'rust'])
    expectOneLine(['replay', btc, '--topology', 'star'], 2, ['--topology', 'inline, compact, spread', 'star'])
    expectOneLine(['replay', btc, '--speed', 'fast'], 2, ['--speed', 'fast'])
    expectOneLine(['replay'], 2, ['files'])
    expectOneLine(['run', '--feed', 'http://example.org'], 2, ['--feed'])
  })
})

describe('arbitrate', () => {
  it('arbitrate: a time in another unit is decided on, and a note says so', () => {
    const text = (detectedAt: string) =>
      readFileSync(join(root, 'samples/scenario.json'), 'utf8').replace('1781719150000000000', detectedAt)
    for (const [detectedAt, note] of [
      ['1781719150000000000', ''],
      ['0', ''],
      [
        '1781719150000',
        'signalbox: note: standard input: candidates[1].detected_at_ns is 1781719150000, far from the other times; is it in nanoseconds?\n',
      ],
    ] as const) {
      const run = signalbox(['arbitrate', '-'], text(detectedAt))
      expect([run.status, run.stderr]).toEqual([0, note])
      expect(run.stdout).toContain('"candidates":[')
    }
  })
})

describe('help and doctor', () => {
  it.each(['run', 'replay', 'arbitrate', 'detect', 'explain', 'doctor', 'demo'])(
    '%s --help has one example',
    (command) => {
      const run = signalbox([command, '--help'])
      expect(run.status).toBe(0)
      expect(run.stdout.match(/Example:/g)).toHaveLength(1)
    },
  )

  it('doctor: says which backend serves, from where, and that both work', () => {
    const run = signalbox(['doctor', '--json'])
    expect(run.status).toBe(0)
    const report = JSON.parse(run.stdout) as {
      backend: string
      binary: string
      checks: { name: string; ok: boolean }[]
    }
    expect(report.backend).toBe('native')
    expect(report.binary).toContain('signalbox.node')
    expect(report.checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['shared memory', true],
      ['region on native', true],
      ['region on js', true],
    ])
  })

  it('backend: native that cannot be loaded is an error that names the fix, auto goes on with one notice', () => {
    const folder = temporaryFolder()
    const broken = join(folder, 'signalbox.node')
    writeFileSync(broken, 'not a library')
    const env = process.env.SIGNALBOX_NATIVE
    process.env.SIGNALBOX_NATIVE = broken
    try {
      expectOneLine(['replay', sample('trades_DOGE_20260617.jsonl.gz'), '--backend', 'native'], 1, [
        broken,
        'npm run build:gyp',
      ])
      const run = signalbox(['replay', sample('trades_DOGE_20260617.jsonl.gz'), '--json'])
      expect(run.status).toBe(0)
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
      expect((JSON.parse(run.stdout) as { backend: string }).backend).toBe('js')
    } finally {
      if (env === undefined) delete process.env.SIGNALBOX_NATIVE
      else process.env.SIGNALBOX_NATIVE = env
    }
  })
})

describe('arbitrate', () => {
  it('arbitrate: prints one journal entry', () => {
    const scenario = JSON.stringify({
      now_ns: '1737442838123456789',
      capital: 10_000,
      candidates: [
        {
          event_id: 'cascade_BTC_1',
          event_type: 'LIQUIDATION_CASCADE',
          symbol: 'BTC',
          side: 'short',
          lifecycle_state: 'COMPLETING',
          priority_score: 0.85,
          detected_at_ns: '1737442835123456789',
          regime_alignment: 1,
          expected_value: 0.8,
        },
      ],
    })
    const run = signalbox(['arbitrate', '-'], scenario)
    expect(run.status).toBe(0)
    expect(run.stdout).toContain('"timestamp":1737442838123456789,"arbitration_id":"arb_20250121_070038_000001"')
    expect(run.stdout).toContain('"score":0.93')
  })
})

describe('the sample', () => {
  it('the sample is at most 3 MB and says where it is from', () => {
    const names = readdirSync(join(root, 'samples'))
    const size = names.reduce((sum, name) => sum + readFileSync(sample(name)).length, 0)
    expect(size).toBeLessThan(3_000_000)
    expect(readFileSync(sample('README.md'), 'utf8')).toContain('commit')
  })
})
