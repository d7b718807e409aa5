/** `npm start`: the sample through a real WebSocket into the live engine, and out with a summary. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mainPath, root } from '../support/command.ts'
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
    const trades = readdirSync(folder).filter((name) => name.startsWith('trades-'))
    expect(readFileSync(join(folder, trades[0]!), 'utf8')).toContain('"exit_reason"')
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
    // The open position was closed at the last price: it is in the journal.
    const trades = readdirSync(folder).filter((name) => name.startsWith('trades-'))
    expect(readFileSync(join(folder, trades[0]!), 'utf8')).toContain('"exit_reason"')
    expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([])
  })
})
