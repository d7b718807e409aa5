/** The lossless mode: the stages on one thread, on two and on six write the same journal, byte for byte, and count the same. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root, signalbox } from '../support/command.ts'
import { describeWithShared } from '../support/shared.ts'
import { temporaryFolder } from '../support/temporary.ts'

const sample = readdirSync(join(root, 'samples'))
  .filter((name) => name.endsWith('.jsonl.gz'))
  .map((name) => join(root, 'samples', name))

interface Replayed {
  readonly journal: Readonly<Record<string, string>>
  readonly summary: Readonly<Record<string, unknown>>
}

/** The journal's files by name, and the summary without what differs from run to run: of latencies it has how often each was measured. */
function replay(topology: string, files: readonly string[], ...options: readonly string[]): Replayed {
  const folder = join(temporaryFolder(), topology)
  const run = signalbox(['replay', ...files, '--journal', folder, '--topology', topology, '--json', ...options])
  expect(run.stderr).toBe('')
  expect(run.status).toBe(0)
  const { latency, seconds, records_per_s, peak_rss_mb, journal, ...summary } = JSON.parse(run.stdout)
  expect([latency.decision.p50_ns > 0, latency.record.p50_ns > 0, seconds > 0, records_per_s > 0]).not.toContain(false)
  expect([peak_rss_mb > 0, journal]).toEqual([true, folder])
  const latencies = Object.entries(latency as Record<string, { count: number; p50_ns: number }>)
  const measured = latencies.map(([name, { count, p50_ns }]) => [name, count, p50_ns > 0])
  const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson'))
  return {
    summary: { ...summary, measured },
    journal: Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
  }
}

/** Compared by lines: what differs is then shown. */
function expectSame(one: Replayed, other: Replayed): void {
  expect(other.summary).toEqual(one.summary)
  expect(Object.keys(other.journal)).toEqual(Object.keys(one.journal))
  for (const [name, text] of Object.entries(one.journal)) {
    expect([name, other.journal[name] === text ? text.length : other.journal[name]!.split('\n')]).toEqual([
      name,
      other.journal[name] === text ? text.length : text.split('\n'),
    ])
  }
}

it('topologies: the sample gives the same journal and the same summary in inline, compact and spread', () => {
  const inline = replay('inline', sample)
  expect(Object.keys(inline.journal).length).toBeGreaterThanOrEqual(4)
  const way = ['state', 'detection', 'registry', 'arbitration', 'reservation', 'order', 'record', 'decision']
  expect((inline.summary.measured as [string, number, boolean][]).map(([name]) => name)).toEqual(way)
  for (const topology of ['compact', 'spread']) expectSame(inline, replay(topology, sample))
})

it('topologies: several positions at a time, capital slots that lend and a fair queue are the same on threads', () => {
  const policy = join(temporaryFolder(), 'policy.json')
  const rules = { interlock: null, max_open_positions: 4, max_wait_s: 20, min_priority_score: 0.1 }
  writeFileSync(
    policy,
    JSON.stringify({
      ...rules,
      selection: 'portfolio',
      capital_slots: { LIQUIDATION_CASCADE: 0.5, '*': 0.5 },
      capital_slots_borrow: 'idle',
    }),
  )
  const options = ['--policy', policy, '--to', '2026-06-17T17:30Z']
  const inline = replay('inline', sample, ...options)
  expect((inline.summary.reservations as { granted: number }).granted).toBeGreaterThan(10)
  expectSame(inline, replay('compact', sample, ...options))
  expectSame(inline, replay('spread', sample, ...options))
})

describeWithShared('topologies on recorded days', (shared) => {
  it('topologies: a recorded day gives the same journal in compact, and its busiest hours in spread', () => {
    const day = readdirSync(join(shared, 'data/hyperliquid'))
      .filter((name) => /^(trades|ctx)_(BTC|ETH|SOL)_20260617/.test(name))
      .map((name) => join(shared, 'data/hyperliquid', name))
    expect(day).toHaveLength(6)
    expectSame(replay('inline', day), replay('compact', day))
    // On fewer cores than threads a baton wakes whom it goes to, which takes its time.
    const busiest = ['--from', '2026-06-17T17:30Z', '--to', '2026-06-17T19:00Z']
    expectSame(replay('inline', day, ...busiest), replay('spread', day, ...busiest))
  })
})
