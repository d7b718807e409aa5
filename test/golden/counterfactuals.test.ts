/** The four recorded days: replay, then report; the tracked side is the journal's trades, and tracking changes nothing else. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { signalbox } from '../support/command.ts'
import { describeWithShared, sharedRoot } from '../support/shared.ts'
import { temporaryFolder } from '../support/temporary.ts'

interface Entry {
  readonly arbitration_id: string
  readonly selected: readonly { event_id: string; outcome: Outcome | null; simulated_outcome?: Outcome }[]
  readonly rejected: readonly { reason: string; admissible: boolean; hypothetical_outcome: Outcome | null }[]
}
interface Outcome {
  readonly pnl: number
  readonly exit_reason: string
}

const tracked = { policy: { decision_interval_ms: 100 } }
/** Several positions at a time, and the other rule of entry. */
const several = {
  policy: { max_open_positions: 3, interlock: null, entry: 'completing', selection: 'portfolio' },
}

function replay(files: readonly string[], config: object): string {
  const folder = join(temporaryFolder(), 'journal')
  const path = join(temporaryFolder(), 'config.json')
  writeFileSync(path, JSON.stringify(config))
  const run = signalbox(['replay', ...files, '--config', path, '--journal', folder, '--json'])
  expect([run.stderr, run.status]).toEqual(['', 0])
  return folder
}

function linesOf<Line>(folder: string, series: string): Line[] {
  const text = readFileSync(join(folder, `${series}-000001.ndjson`), 'utf8')
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]))
}

describeWithShared('counterfactuals of the recorded days', () => {
  it.each(['20260614', '20260617', '20260620', '20260621'])(
    '%s: replay and report run end to end; the selected side is the trades to the minor unit',
    (day) => {
      const folderOf = join(sharedRoot!, 'data', 'hyperliquid')
      const files = readdirSync(folderOf)
        .filter((name) => name.includes(day))
        .map((name) => join(folderOf, name))
      for (const config of [tracked, several]) {
        const folder = replay(files, config)
        const trades = linesOf<{ event_id: string; arbitration_id: string; outcome: Outcome }>(folder, 'trades')
        const earned = new Map(trades.map((trade) => [`${trade.arbitration_id} ${trade.event_id}`, trade.outcome]))
        const entries = linesOf<Entry>(folder, 'counterfactuals')
        const known = entries.flatMap(({ arbitration_id, selected }) =>
          selected.flatMap(({ event_id, outcome, simulated_outcome }) =>
            outcome === null ? [] : [{ key: `${arbitration_id} ${event_id}`, outcome, simulated_outcome }],
          ),
        )
        expect(new Map(known.map(({ key, outcome }) => [key, outcome]))).toEqual(earned)
        expect(known).toHaveLength(trades.length)
        for (const { outcome, simulated_outcome } of known) {
          if (outcome.exit_reason !== 'end_of_data') expect(simulated_outcome).toEqual(outcome)
        }
        // In cents: the sums are exact.
        const cents = (outcomes: readonly Outcome[]): number =>
          outcomes.reduce((sum, { pnl }) => sum + Math.round(pnl * 100), 0)
        expect(cents(known.map(({ outcome }) => outcome))).toBe(cents([...earned.values()]))
        const decisions = linesOf<{ arbitration_id: string; selected: string[] }>(folder, 'decisions')
        const withEntry = new Set(entries.map(({ arbitration_id }) => arbitration_id))
        expect(withEntry.size).toBe(entries.length)
        for (const { arbitration_id, selected } of decisions) {
          if (selected.length > 0) expect(withEntry).toContain(arbitration_id)
        }
        const report = signalbox(['report', folder, '--json'])
        expect([report.stderr, report.status]).toEqual(['', 0])
        const figures = JSON.parse(report.stdout)
        expect(figures.arbitrations).toBe(entries.length)
        expect(report.stdout).not.toContain('NaN')
      }
    },
  )

  it('tracking on or off changes no byte of any other series', () => {
    const folderOf = join(sharedRoot!, 'data', 'hyperliquid')
    const files = readdirSync(folderOf)
      .filter((name) => name.includes('20260617'))
      .map((name) => join(folderOf, name))
    for (const config of [tracked, several]) {
      const [on, off] = [true, false].map((isOn) => replay(files, { ...config, counterfactuals: { tracked: isOn } }))
      for (const series of ['events', 'inputs', 'decisions', 'trades', 'refusals']) {
        const [one, other] = [on!, off!].map((folder) => readFileSync(join(folder, `${series}-000001.ndjson`), 'utf8'))
        expect([series, one === other]).toEqual([series, true])
      }
      expect(linesOf(on!, 'counterfactuals').length).toBeGreaterThan(50)
      expect(linesOf(off!, 'counterfactuals')).toEqual([])
    }
  })
})
