/** `signalbox detect` as a person meets it: table, lines, page, and one clear line when something is wrong. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { root, signalbox } from '../support/command.ts'
import { temporaryFolder } from '../support/temporary.ts'

const sample = (name: string): string => join(root, 'samples', name)
const btc = sample('trades_BTC_20260617.jsonl.gz')
const contexts = sample('ctx_BTC_20260617.jsonl.gz')

/** The call fails with 2 and exactly one line on standard error that holds each of `words`. */
function expectOneLine(args: readonly string[], words: readonly string[]): void {
  const run = signalbox(args)
  expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
  for (const word of words) expect(run.stderr).toContain(word)
  expect(run.stderr).not.toMatch(/\n\s+at /)
  expect(run.stdout).toBe('')
  expect(run.status).toBe(2)
}

/** The first rows of the sample's BTC trades, uncompressed. */
function beginning(folder: string, rows: number): string {
  const file = join(folder, 'trades_BTC_20260617.jsonl')
  const lines = gunzipSync(readFileSync(btc)).toString('utf8').split('\n')
  writeFileSync(file, `${lines.slice(0, rows).join('\n')}\n`)
  return file
}

describe('detect', () => {
  it('prints a line an event, then counts by type and symbol, records, malformed and rate; no colours in a pipe', () => {
    const run = signalbox(['detect', btc, contexts])
    expect([run.status, run.stderr]).toEqual([0, ''])
    const lines = run.stdout.trimEnd().split('\n')
    const events = lines.filter((line) => /^\d\d:\d\d:\d\d /.test(line))
    expect(events.length).toBeGreaterThan(3)
    expect(events.find((line) => line.startsWith('18:0'))).toMatch(/ BTC +cascade +short +0\.\d\d move −\d/)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
    expect(run.stdout).not.toContain('\u001b')
    expect(run.stdout).toMatch(/^LIQUIDATION_CASCADE \(cascade\) +\d+: BTC \d+$/m)
    expect(run.stdout).toMatch(/^span +2026-06-17 14:00:\d\d to 2026-06-17 18:29:\d\d UTC$/m)
    expect(run.stdout).toMatch(/^malformed +none$/m)
    expect(run.stdout).toMatch(/^rate +[\d,]+ records\/s/m)
  })

  it('--json prints one object a line with the keys of the contract, and nothing else, with --html too', () => {
    const page = join(temporaryFolder(), 'events.html')
    const run = signalbox(['detect', btc, contexts, '--json', '--html', page])
    expect([run.status, run.stderr]).toEqual([0, ''])
    const lines = run.stdout.trimEnd().split('\n')
    for (const line of lines) {
      expect(Object.keys(JSON.parse(line) as object)).toEqual([
        'event_id',
        'event_type',
        'symbol',
        'side',
        'state',
        'at_ns',
        'priority_score',
        'evidence',
      ])
    }
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/)
  })

  it('too short a recording says that nothing is known yet, and still draws the price', () => {
    const folder = temporaryFolder()
    const page = join(folder, 'events.html')
    const run = signalbox(['detect', beginning(folder, 2_000), '--html', page])
    expect(run.status).toBe(0)
    expect(run.stdout).toMatch(/^no events: what is usual is not known before 600 s/)
    expect(readFileSync(page, 'utf8')).toContain('no events: what is usual')
    const json = signalbox(['detect', join(folder, 'trades_BTC_20260617.jsonl'), '--json'])
    expect([json.status, json.stdout]).toEqual([0, ''])
  })

  it('malformed rows are counted by kind, and --strict stops at the first', () => {
    const folder = temporaryFolder()
    const file = beginning(folder, 100)
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"ts":\nnot json\n`)
    expect(signalbox(['detect', file]).stdout).toMatch(/^malformed +json 2$/m)
    expectOneLine(['detect', file, '--strict'], [file, '101'])
  })

  it('a detector that the configuration leaves out sees nothing, and the page says so at its top', () => {
    const folder = temporaryFolder()
    const config = join(folder, 'config.json')
    const page = join(folder, 'events.html')
    writeFileSync(
      config,
      JSON.stringify({
        detectors: { snapback: null, hunt: null, cascade: { move_sigmas: 4, capital_required: 50.25 } },
      }),
    )
    const run = signalbox(['detect', btc, contexts, '--config', config, '--html', page])
    expect(run.stdout).not.toContain('FUNDING_SNAPBACK')
    expect(readFileSync(page, 'utf8')).toContain(
      '"settings":["detectors.snapback left out","detectors.hunt left out","detectors.cascade.move_sigmas 4","detectors.cascade.capital_required 50.25"]',
    )
  })
})

describe('detect: bad input', () => {
  it('a missing file, none at all, and an unknown option are named', () => {
    expectOneLine(['detect', 'nowhere/trades_BTC_1.jsonl'], ['nowhere/trades_BTC_1.jsonl'])
    expectOneLine(['detect'], ['files'])
    expectOneLine(['detect', btc, '--jsom'], ['--jsom'])
    expectOneLine(['detect', btc, '--config', 'nowhere.json'], ['nowhere.json'])
  })

  it('recordings without a record that can be read are refused', () => {
    const file = join(temporaryFolder(), 'trades_BTC_20260617.jsonl')
    writeFileSync(file, '')
    expectOneLine(['detect', file], ['no record'])
  })

  it('a page that cannot be written is named before the work begins: no folder, a folder, a recording in its place', () => {
    const folder = temporaryFolder()
    const recording = beginning(folder, 10)
    const before = readFileSync(recording, 'utf8')
    expectOneLine(['detect', btc, '--html', join(folder, 'none', 'events.html')], ['events.html', 'cannot be written'])
    expectOneLine(['detect', btc, '--html', '/proc/events.html'], ['/proc/events.html', 'cannot be written'])
    mkdirSync(join(folder, 'pages'))
    expectOneLine(['detect', btc, '--html', join(folder, 'pages')], ['pages', 'is a folder'])
    // `--html *.jsonl` makes the first recording the page.
    expectOneLine(['detect', btc, '--html', recording], [recording, 'is not a page'])
    expect(readFileSync(recording, 'utf8')).toBe(before)
    expect(readdirSync(folder).sort()).toEqual(['pages', 'trades_BTC_20260617.jsonl'])
  })

  it('a fault in the input leaves no page and no part of one', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'trades_BTC_20260617.jsonl.gz')
    writeFileSync(file, readFileSync(btc).subarray(0, 100_000))
    expectOneLine(['detect', file, '--html', join(folder, 'events.html')], [file])
    expect(readdirSync(folder)).toEqual(['trades_BTC_20260617.jsonl.gz'])
  })
})
