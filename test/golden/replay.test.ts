/** Recorded market data → the exact journal: deterministic run to run, backend to backend, and its books add up. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { instrumentOf } from '../../src/domain/instrument.ts'
import { parseLossless } from '../../src/domain/lossless-json.ts'
import { root, signalbox } from '../support/command.ts'
import { nearestRank, recountHealth } from '../support/health-recount.ts'
import { describeWithShared, sharedRoot } from '../support/shared.ts'
import { temporaryFolder } from '../support/temporary.ts'

const sampleFiles = readdirSync(join(root, 'samples'))
  .filter((name) => name.endsWith('.jsonl.gz'))
  .map((name) => join(root, 'samples', name))

interface ReplaySummary {
  records: number
  decisions: number
  multi_event_decisions: number
  selected: number
  trades: number
  pnl: number
  fees: number
  funding: number
  equity: { start: number; end: number }
  /** Nanoseconds beyond 2^53. */
  last_ns: bigint
  starvation_events: number
  priority_inversions: number
  holder_waits: { events: number; total_ns: number; max_ns: number }
  rejections: Record<string, number>
  service: Record<
    string,
    { competed: number; served: number; wait: Record<'mean_ns' | 'p50_ns' | 'p99_ns' | 'max_ns', number> | null }
  >
  reservations: {
    granted: number
    lost: number
    denied: number
    denied_by: Record<string, number>
    error: number
  }
  orders: { declined: number; submitted: number; opened: number; refused: Record<string, number> }
  malformed: Record<string, number>
  events: Record<string, Record<string, number>>
  peak_rss_mb: number
  backend: string
}

function replay(files: readonly string[], folder: string, backend: string): ReplaySummary {
  const run = signalbox(['replay', ...files, '--journal', folder, '--backend', backend, '--json'])
  expect(run.stderr).toBe('')
  expect(run.status).toBe(0)
  return parseLossless(run.stdout, 'summary') as ReplaySummary
}

/** One digest of every journal file, names included. */
function digestOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith('.ndjson')) hash.update(name).update(readFileSync(join(folder, name)))
  }
  return hash.digest('hex')
}

interface JournalTrade {
  event_id: string
  arbitration_id: string
  symbol: string
  side: 'long' | 'short'
  quantity: number
  capital: number
  fees: number
  funding: number
  outcome: { pnl: number; entry_price: number; exit_price: number; exit_reason: string }
}

function linesOf<Line>(folder: string, series: string): Line[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${series}-`))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

const cents = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + Math.round(amount * 100), 0)

interface JournalRefusal {
  event_id: string
  arbitration_id: string
  side: 'long' | 'short'
  capital: number
  reason: string
  limit_price: number
  price: number | null
}

/** What a trade's quantity was worth at its entry, in ten-billionths of a minor unit: exact, whatever the symbol's grid. */
function entryWorth({ symbol, quantity, outcome }: JournalTrade): bigint {
  const { priceDecimals, sizeDecimals } = instrumentOf(symbol)
  const ticks = BigInt(Math.round(outcome.entry_price * 10 ** priceDecimals))
  const lots = BigInt(Math.round(quantity * 10 ** sizeDecimals))
  return ticks * lots * 100n * 10n ** BigInt(10 - priceDecimals - sizeDecimals)
}

interface JournalDecision {
  arbitration_id: string
  sequence: number
  candidates: { event_id: string; rank: number; score: number }[]
  admissible_count: number
  selected: string[]
  selection_reason: string
  rejected_events: { event_id: string; reason: string }[]
  allocations: { event_id: string; capital: number; reservation_status: string }[]
  capital_allocated: number
  capital_unallocated: number
}

/** Everything that must add up between summary, decisions, trades and refused entries of one journal; at leverage 1. */
function audit(summary: ReplaySummary, folder: string): void {
  const trades = linesOf<JournalTrade>(folder, 'trades')
  const decisions = linesOf<JournalDecision>(folder, 'decisions')
  const refusals = linesOf<JournalRefusal>(folder, 'refusals')
  const { declined, submitted, opened, refused } = summary.orders
  expect(trades).toHaveLength(summary.trades)
  expect(opened).toBe(summary.trades)
  expect(submitted).toBe(opened + refusals.length)
  expect(summary.reservations.granted).toBe(declined + submitted)
  for (const [reason, count] of Object.entries(refused)) {
    expect(refusals.filter((refusal) => refusal.reason === reason)).toHaveLength(count)
  }
  expect(refusals).toHaveLength(Object.values(refused).reduce((sum, count) => sum + count, 0))
  expect(decisions).toHaveLength(summary.decisions)
  expect(cents(trades.map((trade) => trade.outcome.pnl))).toBe(Math.round(summary.pnl * 100))
  expect(cents(trades.map((trade) => trade.fees))).toBe(Math.round(summary.fees * 100))
  expect(cents(trades.map((trade) => trade.funding))).toBe(Math.round(summary.funding * 100))
  expect(Math.round(summary.equity.end * 100) - Math.round(summary.equity.start * 100)).toBe(
    Math.round(summary.pnl * 100),
  )
  // Never twice: an event is entered once, filled or not, and only where a decision selected it and the ledger granted it.
  const entries = [...trades, ...refusals]
  expect(new Set(entries.map((entry) => entry.event_id)).size).toBe(entries.length)
  const byId = new Map(decisions.map((decision) => [decision.arbitration_id, decision]))
  for (const entry of entries) {
    const decision = byId.get(entry.arbitration_id)!
    expect(decision.selected).toContain(entry.event_id)
    const allocation = decision.allocations.find((member) => member.event_id === entry.event_id)!
    expect(allocation.reservation_status).toBe('SUCCESS')
    expect(entry.capital).toBe(allocation.capital)
  }
  // FILL-1 at the price of the fill itself, to the minor unit and below it.
  for (const trade of trades) {
    expect(entryWorth(trade) <= BigInt(Math.round(trade.capital * 100)) * 10n ** 10n, trade.event_id).toBe(true)
  }
  for (const { side, reason, limit_price, price } of refusals) {
    if (reason === 'beyond_limit') expect(side === 'long' ? price! > limit_price : price! < limit_price).toBe(true)
  }
  decisions.forEach((decision, index) => {
    expect(decision.sequence).toBe(index + 1)
    expect(decision.candidates.length).toBe(decision.selected.length + decision.rejected_events.length)
    expect(decision.candidates.map((candidate) => candidate.rank)).toEqual(
      decision.candidates.map((_, rank) => rank + 1),
    )
    expect(cents(decision.allocations.map((allocation) => allocation.capital))).toBe(
      Math.round(decision.capital_allocated * 100),
    )
  })
  const granted = decisions.reduce(
    (sum, decision) => sum + decision.allocations.filter((member) => member.reservation_status === 'SUCCESS').length,
    0,
  )
  expect(granted).toBe(summary.reservations.granted)
  expect(decisions.filter((decision) => decision.candidates.length > 1)).toHaveLength(summary.multi_event_decisions)
  auditHealth(summary, folder)
}

/** The health of arbitration in the summary is what its journal's lines say, read by somebody else. */
function auditHealth(summary: ReplaySummary, folder: string): void {
  const { reservations, service, ...recount } = recountHealth(folder, summary.last_ns)
  expect(summary).toMatchObject(recount)
  expect(summary.rejections).toEqual(recount.rejections)
  expect(summary.priority_inversions).toBe(0)
  const { granted, lost, denied, denied_by, error } = summary.reservations
  expect([granted, lost, error]).toEqual([reservations.granted, reservations.lost, 0])
  expect(Object.fromEntries(Object.entries(denied_by).filter(([, count]) => count > 0))).toEqual(reservations.denied_by)
  expect(Object.values(denied_by).reduce((sum, count) => sum + count, 0)).toBe(denied)
  expect(Object.keys(summary.service).sort()).toEqual(Object.keys(service).sort())
  for (const [type, { competed, served, wait }] of Object.entries(summary.service)) {
    const { waits, ...counted } = service[type]!
    expect({ competed, served }).toEqual(counted)
    if (wait === null) {
      expect(served).toBe(0)
      continue
    }
    expect(wait.max_ns).toBe(waits.at(-1))
    const mean = waits.reduce((sum, one) => sum + one, 0) / served
    expect(Math.abs(wait.mean_ns - mean)).toBeLessThanOrEqual(1)
    for (const [told, fraction] of [
      [wait.p50_ns, 0.5],
      [wait.p99_ns, 0.99],
    ] as const) {
      const exact = nearestRank(waits, fraction)
      expect(told).toBeGreaterThanOrEqual(exact)
      expect(told).toBeLessThanOrEqual(exact * (1 + 1 / 64) + 1)
    }
  }
}

describe('golden: the sample', () => {
  it('golden: the sample gives the same journal on both backends and in two runs, and its books add up', () => {
    const folders = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
    const [native] = ['native', 'native', 'js'].map((backend, index) => replay(sampleFiles, folders[index]!, backend))
    expect(new Set(folders.map(digestOf)).size).toBe(1)
    expect(native!.decisions).toBeGreaterThan(0)
    expect(native!.multi_event_decisions).toBeGreaterThan(0)
    expect(native!.trades).toBeGreaterThan(0)
    audit(native!, folders[0]!)
  })

  it('golden: the audit above sees a trade that was changed by one cent', () => {
    const folder = temporaryFolder()
    const summary = replay(sampleFiles, folder, 'auto')
    expect(() => audit({ ...summary, pnl: summary.pnl + 0.01 }, folder)).toThrow()
  })

  it('golden: the audit above sees an event’s wait that was changed by a nanosecond, and one that starved unseen', () => {
    const folder = temporaryFolder()
    const summary = replay(sampleFiles, folder, 'auto')
    const { holder_waits: waits } = summary
    const longer = { ...waits, total_ns: waits.total_ns + 1 }
    expect(() => audit({ ...summary, holder_waits: longer }, folder)).toThrow()
    expect(() => audit({ ...summary, starvation_events: summary.starvation_events + 1 }, folder)).toThrow()
  })

  it('golden: the audit above sees a trade that spent a little more than it was given', () => {
    const folder = temporaryFolder()
    const summary = replay(sampleFiles, folder, 'auto')
    const path = join(folder, 'trades-000001.ndjson')
    const lines = readFileSync(path, 'utf8').split('\n')
    const { symbol, quantity, capital, outcome } = JSON.parse(lines[0]!) as JournalTrade
    const { sizeDecimals } = instrumentOf(symbol)
    const lots = Math.floor((capital / outcome.entry_price) * 10 ** sizeDecimals) + 1
    lines[0] = lines[0]!.replace(`"quantity":${quantity},`, `"quantity":${lots / 10 ** sizeDecimals},`)
    writeFileSync(path, lines.join('\n'))
    expect(() => audit(summary, folder)).toThrow(/expected false to be true/)
  })

  it('golden: an entry limit of nothing refuses what the market runs away from, and the books still add up', () => {
    const folder = temporaryFolder()
    const config = join(temporaryFolder(), 'config.json')
    writeFileSync(config, '{"fill": {"entry_limit_bps": 0}}')
    const run = signalbox(['replay', ...sampleFiles, '--journal', folder, '--config', config, '--json'])
    expect(run.stderr).toBe('')
    const summary = parseLossless(run.stdout, 'summary') as ReplaySummary
    expect(summary.orders.refused.beyond_limit).toBeGreaterThan(0)
    audit(summary, folder)
  })

  it('golden: the order in which the files are named changes nothing', () => {
    const folders = [temporaryFolder(), temporaryFolder()]
    replay(sampleFiles, folders[0]!, 'auto')
    replay(sampleFiles.toReversed(), folders[1]!, 'auto')
    expect(digestOf(folders[0]!)).toBe(digestOf(folders[1]!))
  })

  it('replay: a policy changes decisions, and two positions at a time are both held', () => {
    const folder = temporaryFolder()
    const policy = join(root, 'test/fixtures/two-positions.policy.json')
    const run = signalbox(['replay', ...sampleFiles, '--journal', folder, '--policy', policy, '--json'])
    expect(run.stderr).toBe('')
    const summary = parseLossless(run.stdout, 'summary') as ReplaySummary
    audit(summary, folder)
    const decisions = linesOf<JournalDecision>(folder, 'decisions')
    expect(decisions.some((decision) => decision.selected.length === 2)).toBe(true)
  })
})

describeWithShared('golden: the recorded days', () => {
  it.each(['20260614', '20260617', '20260620', '20260621'])(
    'golden: %s gives the same journal twice and on both backends, reconciles, and stays below 500 MB',
    (day) => {
      const folder = join(sharedRoot!, 'data/hyperliquid')
      const files = readdirSync(folder)
        .filter((name) => /^(trades|ctx)_/.test(name) && name.includes(day))
        .map((name) => join(folder, name))
      expect(files).toHaveLength(10)
      const folders = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
      const [native] = ['native', 'native', 'js'].map((backend, index) => replay(files, folders[index]!, backend))
      expect(new Set(folders.map(digestOf)).size).toBe(1)
      expect(native!.peak_rss_mb).toBeLessThan(500)
      expect(native!.decisions).toBeGreaterThan(0)
      expect(native!.trades).toBeGreaterThan(0)
      expect(native!.malformed).toEqual({})
      audit(native!, folders[0]!)
    },
  )
})
