/** `signalbox tune` as a person calls it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mainPath, root, signalbox } from '../support/command.ts'
import { linesText } from '../support/counterfactuals.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { tunableEntries } from '../support/tunable-journal.ts'

const paying = linesText(tunableEntries(1, 400, 1))
const luck = linesText(tunableEntries(1, 400, 0))
const doge = ['trades', 'ctx'].map((kind) => join(root, 'samples', `${kind}_DOGE_20260617.jsonl.gz`))

function journalOf(text: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'counterfactuals-000001.ndjson'), text)
  return folder
}

const fileIn = (folder: string): string => join(folder, 'counterfactuals-000001.ndjson')
const notesOf = (folder: string): Record<string, unknown>[] =>
  readFileSync(join(folder, 'weights.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

describe('tune', () => {
  test('tune: prints what was found and the answer, notes the result in weights.ndjson, and report shows it', () => {
    const folder = journalOf(luck)
    const { status, stdout, stderr } = signalbox(['tune', folder])
    expect([status, stderr]).toEqual([0, ''])
    for (const said of ['OPTIMAL WEIGHTS', 'Priority score    30% (was 40%)', 'GATES', '✗ walk-forward'])
      expect(stdout).toContain(said)
    expect(flat(stdout)).toContain('Keep the current weights: walk-forward -284.15 (must be > 0)')
    expect(stdout).not.toContain('\u001b')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    const [note, ...others] = notesOf(folder)
    expect(others).toEqual([])
    const { at, ...result } = note!
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect(result).toEqual(JSON.parse(signalbox(['tune', fileIn(folder), '--json']).stdout))
    expect(flat(signalbox(['report', folder]).stdout)).toContain(
      'Priority score 40% → 30% Freshness 30% → 25% Regime alignment 20% → 25% Expected value 10% → 20%',
    )
  })

  test('tune: one file is searched as a folder is, and nothing is written beside it', () => {
    const folder = journalOf(luck)
    const { status, stdout } = signalbox(['tune', fileIn(folder), '--json'])
    expect(status).toBe(0)
    expect(stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(stdout)).toMatchObject({ entries: 400, combinations: 76, recommendation: 'keep' })
    expect(existsSync(join(folder, 'weights.ndjson'))).toBe(false)
  })

  test('tune: the result does not depend on the number of threads', () => {
    const file = fileIn(journalOf(paying))
    const [one, four] = ['1', '4'].map((threads) => signalbox(['tune', file, '--json', '--threads', threads]).stdout)
    expect(one).toContain('"recommendation":"step"')
    expect(four).toBe(one)
  })

  test('tune: --apply takes one step, not a second in the same week; --rollback goes back until there is nothing', () => {
    const folder = journalOf(paying)
    const applied = signalbox(['tune', folder, '--apply'])
    expect([applied.status, applied.stderr]).toEqual([0, ''])
    expect(flat(applied.stdout)).toContain('Applied: weights 2: priority 0.39, freshness 0.305')
    const again = signalbox(['tune', folder, '--apply', '--json'])
    expect(again.status).toBe(1)
    expect(again.stderr).toMatch(
      /^signalbox: nothing is applied: the last step is less than 7 days old; ask again .*\n$/,
    )
    expect(JSON.parse(again.stdout)).toMatchObject({ recommendation: 'step', applied: null, in_force: { version: 2 } })
    const versions = () => notesOf(folder).flatMap((line) => (line.version === undefined ? [] : [line.version]))
    expect(versions()).toEqual([1, 2])
    const back = signalbox(['tune', folder, '--rollback'])
    expect([back.status, back.stderr]).toEqual([0, ''])
    expect(back.stdout).toMatch(
      /from weights 2: priority 0\.39[\s\S]*\n {2}to weights 3: priority 0\.4, [\s\S]*rollback of version 2/,
    )
    const none = signalbox(['tune', folder, '--rollback'])
    expect([none.status, none.stdout]).toEqual([1, ''])
    expect(none.stderr).toMatch(/^signalbox: .*: nothing to roll back: .*\n$/)
    expect(versions()).toEqual([1, 2, 3])
  })

  test('tune: --apply where the gates say keep writes nothing but the result, and ends with 1', () => {
    const folder = journalOf(luck)
    const { status, stdout, stderr } = signalbox(['tune', folder, '--apply'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^signalbox: nothing is applied: walk-forward -284\.15 .*\n$/)
    expect(flat(stdout)).toContain('Not applied.')
    expect(notesOf(folder).map((line) => Object.hasOwn(line, 'version'))).toEqual([false])
  })

  test('tune: --policy has the thresholds of the gates, and its tuning is printed', () => {
    const file = fileIn(journalOf(paying))
    const policy = join(temporaryFolder(), 'policy.json')
    writeFileSync(policy, JSON.stringify({ tuning: { min_effective: 500, folds: 3 } }))
    const { stdout } = signalbox(['tune', file, '--json', '--policy', policy])
    const result = JSON.parse(stdout) as { walk_forward: { folds: unknown[] } }
    expect(result).toMatchObject({ decided_by: 'sample', rules: { min_effective: 500, folds: 3 } })
    expect(result.walk_forward.folds).toHaveLength(3)
  })

  test('tune: --data replays the whole engine with both weights, and says the same each time', () => {
    const file = fileIn(journalOf(luck))
    const call = () => signalbox(['tune', file, '--json', '--data', ...doge])
    const { status, stdout, stderr } = call()
    expect([status, stderr]).toEqual([0, ''])
    const { replayed } = JSON.parse(stdout) as { replayed: Record<'current' | 'found', Record<string, unknown>> }
    expect(replayed).toMatchObject({
      files: 2,
      current: { weights: { priority_score: 0.4 } },
      found: { weights: { priority_score: 0.3 } },
    })
    const replay = JSON.parse(signalbox(['replay', ...doge, '--json']).stdout) as Record<string, unknown>
    for (const key of ['decisions', 'selected', 'trades', 'pnl', 'fees', 'funding', 'equity', 'sharpe'])
      expect([key, replayed.current[key]]).toEqual([key, replay[key]])
    expect(call().stdout).toBe(stdout)
  })

  test('tune: lines that are no entries are named, and the others searched', () => {
    const folder = journalOf(`${luck}{"a":1}\n{"arbitration_id":"arb_2`)
    const { status, stdout, stderr } = signalbox(['tune', folder])
    expect(status).toBe(0)
    expect(stderr.split('\n').map((line) => line.replace(/^.*ndjson/, ''))).toEqual([
      ':401: arbitration_id: must be text, got nothing',
      ':402: is torn: it ends without a newline',
      '',
    ])
    expect(stdout).toContain('2 lines that are no entry left out.')
  })

  test('tune: where the folder takes no note, one line says so, and the result is printed all the same', () => {
    const folder = journalOf(luck)
    // Somebody on another host has the lock: nobody here may append, whoever he is.
    writeFileSync(join(folder, 'weights-elsewhere-1-unknown.lock'), '')
    const { status, stdout, stderr } = signalbox(['tune', folder])
    expect(status).toBe(0)
    expect(stdout).toContain('ANSWER')
    expect(stderr).toMatch(/^signalbox: the result is not noted: .*process 1 of elsewhere is appending.*\n$/)
    expect(existsSync(join(folder, 'weights.ndjson'))).toBe(false)
    const paid = journalOf(paying)
    writeFileSync(join(paid, 'weights-elsewhere-1-unknown.lock'), '')
    const applied = signalbox(['tune', paid, '--apply'])
    expect(applied.status).toBe(2)
    expect(flat(applied.stdout)).toContain('Step: 40/30/20/10 → 39/30.5/19/11.5')
  })

  test.each<[string, (folder: string) => string[]]>([
    ['--search: must be grid or simplex, got "all"', (folder) => [folder, '--search', 'all']],
    ['--threads: must be an integer 1 … 64, got "0"', (folder) => [folder, '--threads', '0']],
    ['--rollback: does not go with --apply', (folder) => [folder, '--apply', '--rollback']],
    ['--rollback: searches for nothing: leave --data out', (folder) => [folder, '--rollback', '--data', 'x']],
    ['--apply: needs a journal folder', (folder) => [fileIn(folder), '--apply']],
    ['--rollback: needs a journal folder', (folder) => [fileIn(folder), '--rollback']],
    ['nowhere: there is no such file or folder', () => ['nowhere']],
    ['is not a journal: it holds no counterfactuals', () => [temporaryFolder()]],
    ['nowhere.jsonl', (folder) => [folder, '--data', 'nowhere.jsonl']],
    ['policy.json: tuning.folds: must be an integer', (folder) => [folder, '--policy', badPolicy(folder)]],
  ])('tune: %s: one line, exit code 2, nothing written', (said, argsOf) => {
    const folder = journalOf(luck)
    const args = argsOf(folder)
    const { status, stdout, stderr } = signalbox(['tune', ...args])
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^signalbox: .*\n$/)
    expect(stderr).toContain(said)
  })

  test('tune: a wrong line of weights.ndjson is named and passed over, as a running engine does; a rollback is not stopped by it', () => {
    const folder = withSet(journalOf(luck), '{"version":2,"at":"2026-01-01T00:00:00Z","reason":"x"}')
    const { status, stderr } = signalbox(['tune', folder])
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(/^signalbox: passed over: .*weights\.ndjson:1: weights.*\n$/),
    ])
    const back = signalbox(['tune', folder, '--rollback'])
    expect([back.status, back.stdout]).toEqual([1, ''])
    expect(back.stderr).toContain('nothing to roll back')
  })

  test('tune: --rollback refuses what only a search would read', () => {
    const { status, stderr } = signalbox(['tune', journalOf(luck), '--rollback', '--policy', 'none.json'])
    expect([status, stderr]).toEqual([2, 'signalbox: --rollback: searches for nothing: leave --policy out\n'])
  })

  test('tune: --help has an example; an interrupt ends it with 130 and neither result nor note', async () => {
    expect(signalbox(['tune', '--help']).stdout).toContain('$ signalbox tune out --search simplex')
    // The first line is foreign, so that it says something as soon as it reads.
    const folder = journalOf(`hello\n${paying.repeat(100)}`)
    const child = spawn(process.execPath, [mainPath, 'tune', folder, '--search', 'simplex'], { cwd: root })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part
    })
    child.stderr.once('data', () => child.kill('SIGINT'))
    const [code] = (await once(child, 'close')) as [number | null]
    expect([code, output, existsSync(join(folder, 'weights.ndjson'))]).toEqual([130, '', false])
  })
})

function badPolicy(folder: string): string {
  const policy = join(folder, 'policy.json')
  writeFileSync(policy, '{"tuning": {"folds": 1.5}}')
  return policy
}

function withSet(folder: string, line: string): string {
  writeFileSync(join(folder, 'weights.ndjson'), `${line}\n`)
  return folder
}
