/** `npm start`: the sample through a real WebSocket into the live engine, and out with a summary. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mainPath, root, signalbox } from '../support/command.ts'
import { temporaryFolder } from '../support/temporary.ts'

interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
}

/** Runs the command; `onOutput` sees the output as it grows and may act on the process. */
function start(
  args: readonly string[],
  onOutput: (stdout: string, pid: number) => void = () => undefined,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [mainPath, ...args], { cwd: root })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      onOutput(stdout, child.pid!)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.on('close', (status) => resolve({ stdout, stderr, status }))
  })
}

/** The open position was closed at the last price, the journal has it, and nobody holds the folder. */
function expectClosed(folder: string): void {
  const trades = readdirSync(folder).filter((name) => name.startsWith('trades-'))
  expect(readFileSync(join(folder, trades[0]!), 'utf8')).toContain('"exit_reason"')
  expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([])
}

describe('demo', () => {
  it('demo: decides between several actionable events, trades, prints the summary and ends with 0', async () => {
    const folder = temporaryFolder()
    const run = await start(['demo', '--time-scale', '240', '--journal', folder])
    expect(run.status).toBe(0)
    expect(run.stdout).toMatch(/decision {2}[2-9] events: \S+ [\d.]+ before/)
    expect(run.stdout).toContain('Summary')
    expect(run.stdout).toMatch(/decisions +\d+, [1-9]\d* between two or more events/)
    const decisions = readdirSync(folder).filter((name) => name.startsWith('decisions-'))
    expect(readFileSync(join(folder, decisions[0]!), 'utf8')).toContain('"reservation_status":"SUCCESS"')
  })

  it('demo: with --loop the sample goes on behind its end until SIGINT, which ends it with 0 and its summary', async () => {
    const folder = temporaryFolder()
    let isTold = false
    const args = ['demo', '--loop', '--time-scale', '1200', '--journal', folder]
    const run = await start(args, (stdout, pid) => {
      // The sample ends at 18:30.
      if (isTold || !/^(18:[345]|19:|2\d:)\S+ +decision/m.test(stdout)) return
      isTold = true
      process.kill(pid, 'SIGINT')
    })
    expect([isTold, run.status]).toEqual([true, 0])
    expect(run.stdout).toMatch(/Summary\n +records .* to 2026-06-17 (18:[345]|19:|2\d:)/)
    expect(run.stdout).toMatch(/malformed +none/)
    expectClosed(folder)
    const events = readdirSync(folder).filter((name) => name.startsWith('events-'))
    const triggered = readFileSync(join(folder, events[0]!), 'utf8').match(/"event_id":"[^"]+"(?=.*"TRIGGERED")/g)!
    expect(new Set(triggered).size).toBe(triggered.length)
  })

  it('demo: --loop and --exit do not go together', () => {
    const refused = signalbox(['demo', '--loop', '--exit'])
    expect(refused.status).toBe(2)
    expect(refused.stderr).toBe("signalbox: option '--loop' cannot be used with option '--exit'\n")
  })

  it('run: when nobody reads its output any more it drains, closes the journal and ends with 0', async () => {
    const folder = temporaryFolder()
    const child = spawn(process.execPath, [mainPath, 'demo', '--time-scale', '60', '--journal', folder], { cwd: root })
    let stdout = ''
    const ended = new Promise<number | null>((resolve) => {
      child.on('close', (status) => resolve(status))
    })
    child.stderr.resume()
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      if (stdout.includes('open ')) child.stdout.destroy()
    })
    expect(await ended).toBe(0)
    expectClosed(folder)
  })

  it('run: when nobody reads its happenings on standard error any more it drains too, and its summary is whole', async () => {
    const folder = temporaryFolder()
    const args = ['demo', '--json', '--time-scale', '60', '--journal', folder]
    const child = spawn(process.execPath, [mainPath, ...args], { cwd: root })
    let [stdout, stderr] = ['', '']
    const ended = new Promise<number | null>((resolve) => {
      child.on('close', (status) => resolve(status))
    })
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
      if (stderr.includes('open ')) child.stderr.destroy()
    })
    expect(await ended).toBe(0)
    expect((JSON.parse(stdout) as { trades: number }).trades).toBeGreaterThan(0)
    expectClosed(folder)
  })

  it('run: standard output on a full disk drains, says so once and ends with 1', async () => {
    const folder = temporaryFolder()
    const full = openSync('/dev/full', 'w')
    const args = [mainPath, 'demo', '--time-scale', '60', '--journal', folder]
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', full, 'pipe'] })
    closeSync(full)
    let stderr = ''
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    const status = await new Promise<number | null>((resolve) => {
      child.on('close', resolve)
    })
    expect(stderr.match(/standard output cannot be written \(ENOSPC\)/g)).toHaveLength(1)
    expect(status).toBe(1)
    expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([])
  })

  it('run: SIGTERM drains, closes the journal and ends with 0', async () => {
    const folder = temporaryFolder()
    let isTold = false
    const run = await start(['demo', '--time-scale', '60', '--journal', folder], (stdout, pid) => {
      if (isTold || !stdout.includes('open ')) return
      isTold = true
      process.kill(pid, 'SIGTERM')
    })
    expect(run.status).toBe(0)
    expect(run.stdout).toContain('Summary')
    expectClosed(folder)
  })
})
