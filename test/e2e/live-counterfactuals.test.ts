/** Counterfactuals of live runs: each decision has its entry, each trade its outcome there, also of runs that were killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mainPath, root, signalbox } from '../support/command.ts'
import { temporaryFolder } from '../support/temporary.ts'

interface Entry {
  readonly arbitration_id: string
  readonly selected: readonly { event_id: string; outcome: Outcome | null; simulated_outcome?: Outcome }[]
  readonly rejected: readonly { hypothetical_outcome: Outcome | null }[]
}
interface Outcome {
  readonly pnl: number
  readonly exit_reason: string
}

function linesOf<Line>(folder: string, series: string): Line[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${series}-`))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]))
}

/**
 * The folder's entries after replacement, checked against its decisions and trades.
 * @param wasKilled - The line of a trade that was closed then may be lost: it reaches the journal by another thread than its entry.
 */
function checkFolder(folder: string, wasKilled: boolean): readonly Entry[] {
  const entries = new Map(linesOf<Entry>(folder, 'counterfactuals').map((entry) => [entry.arbitration_id, entry]))
  for (const { arbitration_id, selected } of linesOf<{ arbitration_id: string; selected: string[] }>(
    folder,
    'decisions',
  )) {
    if (selected.length > 0) expect([...entries.keys()]).toContain(arbitration_id)
  }
  const said = [...entries.values()].flatMap(({ arbitration_id, selected }) =>
    selected.flatMap(({ event_id, outcome }) => (outcome === null ? [] : [[`${arbitration_id} ${event_id}`, outcome]])),
  )
  const trades = linesOf<{ arbitration_id: string; event_id: string; outcome: Outcome }>(folder, 'trades')
  const earned = Object.fromEntries(trades.map((trade) => [`${trade.arbitration_id} ${trade.event_id}`, trade.outcome]))
  expect(Object.fromEntries(said)).toMatchObject(earned)
  if (!wasKilled) expect(said).toHaveLength(trades.length)
  return [...entries.values()]
}

describe('counterfactuals, live', () => {
  it.each(['inline', 'compact', 'spread'])(
    '%s: the model says of every trade what the paper venue says',
    (topology) => {
      const folder = join(temporaryFolder(), 'journal')
      const run = signalbox([
        'demo',
        '--time-scale',
        '600',
        '--topology',
        topology,
        '--journal',
        folder,
        '--json',
        '--exit',
      ])
      expect(run.status).toBe(0)
      const entries = checkFolder(folder, false)
      expect(existsSync(join(folder, 'tracking.open'))).toBe(false)
      const selected = entries.flatMap((entry) => entry.selected)
      for (const { outcome, simulated_outcome } of selected) {
        if (outcome !== null && outcome.exit_reason !== 'end_of_data') expect(simulated_outcome).toEqual(outcome)
      }
      expect(selected.length).toBeGreaterThan(3)
      expect(entries.flatMap(({ rejected }) => rejected).some((one) => one.hypothetical_outcome !== null)).toBe(true)
    },
  )

  it('runs that are killed leave decisions without an entry, which the next run writes; nothing is written twice', async () => {
    const folder = join(temporaryFolder(), 'journal')
    const args = ['demo', '--time-scale', '600', '--journal', folder, '--exit']
    let decided = 0
    for (const decisions of [3, 6, 9]) {
      const child = spawn(process.execPath, [mainPath, ...args], { cwd: root })
      let seen = ''
      child.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString()
        if ((seen.match(/^\S+ +decision/gm) ?? []).length >= decisions) child.kill('SIGKILL')
      })
      await once(child, 'close')
      decided += decisions
      expect(existsSync(join(folder, 'tracking.open'))).toBe(true)
    }
    const last = signalbox([...args, '--json'])
    expect(last.status).toBe(0)
    const entries = checkFolder(folder, true)
    expect(entries.length).toBeGreaterThan(decided / 2)
    const written = linesOf<Entry>(folder, 'counterfactuals').map(({ arbitration_id }) => arbitration_id)
    expect(new Set(written).size).toBe(written.length)
    expect(existsSync(join(folder, 'tracking.open'))).toBe(false)
  })
})
