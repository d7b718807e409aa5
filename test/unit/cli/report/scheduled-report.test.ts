/** The report that a live run writes now and then; the built one, because a worker runs what was built. */
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import type * as Built from '../../../../src/cli/report/scheduled-report.ts'
import { entryLine, linesText, rejectedLine, selectedLine } from '../../../support/counterfactuals.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const built = new URL('../../../../dist/cli/report/scheduled-report.js', import.meta.url)
const { ScheduledReport } = (await import(built.href)) as typeof Built

const weekMs = 604_800_000
const startMs = Date.UTC(2026, 5, 14, 7, 30)

function setUp(folder = temporaryFolder()) {
  const lines = [entryLine(1, [selectedLine('cascade_BTC', 150)], [rejectedLine('snapback_ETH', 300, 150)])]
  writeFileSync(join(folder, 'counterfactuals-000001.ndjson'), linesText(lines))
  const said: string[] = []
  const clock = { ms: startMs }
  const report = (line: string): void => void said.push(line)
  const scheduled = new ScheduledReport({ folder, everyMs: weekMs, wallMs: () => clock.ms, report })
  onTestFinished(() => scheduled.stop())
  /** Looks, and waits for the report that this begins. */
  const write = async (): Promise<void> => {
    const begun = once(process, 'worker') as Promise<[Worker]>
    scheduled.look()
    const [worker] = await begun
    await once(worker, 'exit')
  }
  const reports = (): string[] => readdirSync(folder).filter((name) => name.startsWith('report-'))
  return { folder, said, clock, scheduled, write, reports }
}

describe('scheduled report', () => {
  it('is written as text, JSON and page when it is due, and said', async () => {
    const { folder, said, clock, scheduled, write, reports } = setUp()
    clock.ms = startMs + weekMs - 1
    scheduled.look()
    expect(reports()).toEqual([])
    clock.ms = startMs + weekMs
    await write()
    const name = 'report-20260621-073000'
    expect(reports()).toEqual([`${name}.html`, `${name}.json`, `${name}.txt`])
    expect(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))).toMatchObject({ missed_pnl: 150 })
    expect(readFileSync(join(folder, `${name}.txt`), 'utf8')).toContain('Total                    150.00')
    expect(readFileSync(join(folder, `${name}.html`), 'utf8')).toMatch(/^<!doctype html>/i)
    expect(said).toEqual([`the report of 1 arbitrations is in ${join(folder, name)}.txt, .json and .html`])
    scheduled.look()
    expect(reports()).toHaveLength(3)
  })

  it('a run that is started anew goes on with the schedule of the folder', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'report-20260610-073000.json'), '{}')
    const { clock, scheduled, write, reports } = setUp(folder)
    scheduled.look()
    expect(reports()).toHaveLength(1)
    clock.ms = Date.UTC(2026, 5, 17, 7, 30)
    await write()
    expect(reports()).toContain('report-20260617-073000.json')
  })

  it('what keeps it from being written is said, and the run goes on', async () => {
    const { folder, said, clock, write } = setUp()
    writeFileSync(join(folder, 'counterfactuals-000002.ndjson'), '{"foreign": true}\n')
    clock.ms = startMs + weekMs
    // A file in the place of the folder that is read.
    const { rmSync } = await import('node:fs')
    rmSync(folder, { recursive: true })
    await write()
    expect(said[0]).toMatch(/^no report was written: /)
  })
})
