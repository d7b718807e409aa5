/** `signalbox report` as a person calls it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mainPath, root, signalbox } from '../support/command.ts'
import { entryLine, linesText, rejectedLine, selectedLine } from '../support/counterfactuals.ts'
import { temporaryFolder } from '../support/temporary.ts'

const example = [
  entryLine(1, [selectedLine('cascade_BTC', 150)], [rejectedLine('snapback_ETH', 300, 150)]),
  entryLine(2, [selectedLine('cascade_BTC', 150)], [rejectedLine('snapback_ETH', null, 150)], { regime: null }),
]

function journalOf(text: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'counterfactuals-000001.ndjson'), text)
  return folder
}

describe('report', () => {
  test('report: the page names cost, the greatest event with its date, the rate with interval and chance, and what is missing', () => {
    const { status, stdout, stderr } = signalbox(['report', journalOf(linesText(example))])
    expect([status, stderr]).toEqual([0, ''])
    for (const said of [
      '2 arbitrations, 1 resolved',
      'Total                    150.00 (last 1 min; this week 150.00)',
      'Of 2 arbitrations, 1 is not resolved: 1 had no rejected',
      'Average per arbitration  150.00, over the 1 resolved one',
      'Max single event         150.00 (ETH FUNDING_SNAPBACK on 2025-01-21:',
      'Rate          100% (1 of 1 arbitration)',
      'Optimal ones are not known: `signalbox tune',
      'None: nothing of 30 cases or more stands out from chance.',
      'unfinished    1: its outcome, or that of the one it would have displaced',
    ])
      expect(stdout).toContain(said)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('But 20% lies within chance: a random choice')
    expect(stdout).not.toContain('\u001b')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110)
  })

  test('report: --json prints one object', () => {
    const { status, stdout } = signalbox(['report', journalOf(linesText(example)), '--json'])
    expect(status).toBe(0)
    expect(stdout.endsWith('}\n')).toBe(true)
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ arbitrations: 2, missed_pnl: 150, filtered: { unfinished: 1 } },
      ...{ unresolved: { none_selected: 0, no_rival: 1, outcome_unknown: 0 }, findings: [] },
    })
  })

  test('report: --regime null is taken whether or not some entry has none', () => {
    for (const [lines, said] of [
      [example, '1 arbitration, 0 resolved'],
      [example.slice(0, 1), 'No entries: nothing to report.'],
    ] as const) {
      const { status, stdout } = signalbox(['report', journalOf(linesText(lines)), '--regime', 'null'])
      expect(status).toBe(0)
      expect(stdout).toContain(said)
    }
  })

  test('report: a file of another series is refused by what it is', () => {
    const file = join(temporaryFolder(), 'decisions-000001.ndjson')
    writeFileSync(file, '{"arbitration_id":"arb"}\n')
    const { status, stdout, stderr } = signalbox(['report', file])
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toBe(`signalbox: ${file}: is a file of decisions; what is read here is counterfactuals\n`)
  })

  test('report: a foreign and a torn line are named and counted; --strict ends with 2 at the first', () => {
    const folder = journalOf(`${linesText(example)}{"a":1}\n{"arbitration_id":"arb_2`)
    const file = join(folder, 'counterfactuals-000001.ndjson')
    const lenient = signalbox(['report', folder])
    expect(lenient.status).toBe(0)
    expect(lenient.stderr.split('\n')).toEqual([
      `signalbox: ${file}:3: arbitration_id: must be text, got nothing`,
      `signalbox: ${file}:4: is torn: it ends without a newline`,
      '',
    ])
    expect(lenient.stdout).toContain('2 lines that are no entry left out.')
    const strict = signalbox(['report', folder, '--strict'])
    expect([strict.status, strict.stdout]).toEqual([2, ''])
    expect(strict.stderr).toBe(lenient.stderr.split('\n')[0]!.concat('\n'))
  })

  test.each<[string, readonly string[]]>([
    ['--since: must be 90d, 12h or a time', ['--since', 'soon']],
    ['--regime: must be one of expansion', ['--regime', 'bull']],
  ])('report: %s: one line, exit code 2', (said, args) => {
    const { status, stdout, stderr } = signalbox(['report', journalOf(linesText(example)), ...args])
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^signalbox: .*\n$/)
    expect(stderr).toContain(said)
  })

  test('report: the last result of tune stands beside the current weights, and says that it is in-sample', () => {
    const folder = journalOf(linesText(example))
    const current = { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 }
    const weights = { ...current, priority_score: 0.35, freshness: 0.35 }
    const tuned = { current, in_sample: { weights, total_pnl: 1_850, current_total_pnl: 1_500, improvement: 350 } }
    const lines = [
      { version: 1, weights, by_regime: {}, at: 1, reason: 'apply' },
      { ...tuned, recommendation: 'keep' },
    ]
    writeFileSync(join(folder, 'weights.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const { stdout } = signalbox(['report', folder])
    for (const said of [
      'Priority score    40% → 35%',
      'Freshness         30% → 35%',
      '+350.00 (+23%) if weights adjusted',
    ])
      expect(stdout).toContain(said)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('Recommendation of the search: keep the current')
  })

  test('report: --help has an example; an interrupt ends it with 130 and no page', async () => {
    expect(signalbox(['report', '--help']).stdout).toContain('$ signalbox report out --since 90d')
    // The first line is foreign, so that it says something as soon as it reads.
    const folder = journalOf(`hello\n${linesText([example[0]]).repeat(100_000)}`)
    const child = spawn(process.execPath, [mainPath, 'report', folder], { cwd: root })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part
    })
    child.stderr.once('data', () => child.kill('SIGINT'))
    const [code] = (await once(child, 'close')) as [number | null]
    expect([code, output]).toEqual([130, ''])
  })
})
