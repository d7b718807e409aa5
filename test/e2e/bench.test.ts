/** `npm run bench`: one object of the documented form, and a call that is wrong. What the figures are is nobody's business here. */
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { root } from '../support/command.ts'

const rowKeys = [
  ...['suite', 'name', 'unit', 'p50', 'p99', 'p999', 'max', 'throughput_per_s', 'floor', 'ratio', 'must', 'holds'],
  ...['samples', 'runs', 'spread'],
]
const figures = ['p50', 'p99', 'p999', 'max', 'throughput_per_s', 'ratio'] as const
type Row = Record<(typeof figures)[number], number | null> & {
  readonly suite: string
  readonly name: string
  readonly unit: string
  readonly must: string | null
  readonly holds: boolean | null
  readonly samples: number
  readonly runs: number
  readonly spread: { readonly of: string; readonly min: number; readonly max: number }
}

function bench(args: readonly string[]) {
  // npm's own lines about what it runs are not the bench's output.
  return spawnSync('npm', ['run', '--silent', 'bench', '--', ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 110_000,
  })
}

describe('bench', () => {
  test('bench: arbiter --quick --json prints one object: the environment, and rows that are whole', () => {
    const { status, stdout, stderr } = bench(['arbiter', '--quick', '--json'])
    expect(status, stderr).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const { environment, rows, ...rest } = JSON.parse(stdout) as {
      environment: Record<string, unknown>
      rows: Row[]
    }
    expect(rest).toEqual({})
    expect(Object.keys(environment)).toEqual(['cpu', 'cores', 'node', 'os', 'compiler', 'commit', 'date'])
    expect(rows.map((row) => row.name)).toEqual([
      'decision and record, 3 candidates',
      'decision and record, 100 candidates',
      'adding numbers for as long, the same loop',
      'decisions, 8 candidates, record',
      'the same, reserved and released',
      'allocated a decision, 8 candidates',
      'journal lines (decisions and inputs)',
      'journal lines, by CPU time',
      'ring in use, sender faster than the disk',
      'ring in use, 10,000 decisions a second',
    ])
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(rowKeys)
      expect(row).toMatchObject({ suite: 'arbiter', runs: 2, floor: null })
      for (const key of figures) expect(row[key] === null || Number.isFinite(row[key])).toBe(true)
      expect(row.p50 !== null || row.throughput_per_s !== null).toBe(true)
      expect(row.spread.min).toBeLessThanOrEqual(row.spread.max)
      expect(row.samples).toBeGreaterThan(0)
      const hasBar = !['journal lines, by CPU time', 'adding numbers for as long, the same loop'].includes(row.name)
      expect([typeof row.must, row.holds !== null]).toEqual(hasBar ? ['string', true] : ['object', false])
    }
  })

  test.each([[['nosuch']], [['arbiter', 'channel']], [['--loud']]])(
    'bench: %j is refused in one line, with 2',
    (args) => {
      const { status, stdout, stderr } = bench(args)
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^bench: .*\n$/)
      if (!args[0]!.startsWith('--'))
        expect(stderr).toContain('there are: arbiter, counterfactual, evidence, pipeline, region, replay')
    },
  )
})
