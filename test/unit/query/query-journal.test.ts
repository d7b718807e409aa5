import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decisionEntryOf } from '../../../src/journal/decision-entry.ts'
import { readJournal } from '../../../src/journal/reader.ts'
import { queryJournal } from '../../../src/query/query-journal.ts'
import { journalViews } from '../../../src/query/views.ts'
import { counterfactualLine } from '../../support/counterfactual-lines.ts'
import { describeWithShared } from '../../support/shared.ts'
import { temporaryFolder } from '../../support/temporary.ts'

/** A journal folder of these files. */
function journalOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** The rows, after nothing was reported. */
async function rowsOf(path: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const reported: string[] = []
  const { rows } = await queryJournal(path, sql, { report: (line) => reported.push(line) })
  expect(reported).toEqual([])
  return rows
}

const decision = (more: Readonly<Record<string, unknown>>, timestamp = '1737442838123456789'): string =>
  JSON.stringify({
    timestamp: 0,
    arbitration_id: 'arb_1',
    sequence: 1,
    weights_version: 1,
    state_version: 7,
    candidates: [],
    admissible_count: 0,
    selected: [],
    selection_reason: 'none_admissible',
    rejected_events: [],
    allocations: [],
    capital_allocated: 0,
    capital_unallocated: 0,
    reservation_status: 'NOT_ATTEMPTED',
    ...more,
  }).replace('"timestamp":0', `"timestamp":${timestamp}`)

const trade = (more: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    event_id: 'e',
    arbitration_id: 'arb_1',
    symbol: 'BTC',
    side: 'long',
    quantity: 0.00000001,
    capital: 100,
    fees: 0.01,
    funding: -0.02,
    outcome: {
      entry_price: 0.00001234,
      exit_price: 65_000.5,
      pnl: 0.1,
      hold_time_ms: 9_007_199_254_740_991,
      exit_reason: 'time_stop',
    },
    ...more,
  })

describe('query: what is exact', () => {
  it('query: a timestamp of 19 digits comes back digit by digit, as an integer and as a time', async () => {
    const stamps = ['1737442838123456789', '1737442838123456788', '9223372036854775806', '1', '-1']
    const folder = journalOf({ 'decisions-000001.ndjson': stamps.map((stamp) => `${decision({}, stamp)}\n`).join('') })
    const rows = await rowsOf(folder, 'SELECT timestamp_ns, time, epoch_ns(time) FROM decisions')
    expect(rows.map(([ns]) => ns)).toEqual(stamps.map(BigInt))
    expect(rows.map(([, , ns]) => ns)).toEqual(stamps.map(BigInt))
    expect(rows[0]![1]).toBe('2025-01-21T07:00:38.123456789Z')
  })

  it('query: money is exact to the cent, also where a double no longer tells cents apart', async () => {
    const amounts = [
      '90071992547409.91',
      '90071992547409.93',
      '-70368744177664.01',
      '0.1',
      '0.2',
      '-0.01',
      '9999999999999999.99',
    ]
    const lines = amounts.map((amount) => trade({ capital: 0 }).replace('"capital":0', `"capital":${amount}`))
    const rows = await rowsOf(
      journalOf({ 'trades-000001.ndjson': `${lines.join('\n')}\n` }),
      'SELECT capital FROM trades',
    )
    expect(rows.flat()).toEqual(amounts.map((amount) => (/\.\d$/.test(amount) ? `${amount}0` : amount)))
    const [sum] = await rowsOf(
      journalOf({ 'trades-000001.ndjson': `${lines.slice(3, 5).join('\n')}\n` }),
      'SELECT sum(capital) = 0.3 FROM trades',
    )
    expect(sum).toEqual([true])
  })

  it('query: ids are as they were written, whatever is in them', async () => {
    const ids = ['müßig 😀', 'a"b\\c\'d', '12345678901234567.5', 'tab\tnul\u0000', '"deficits"', '{"$1":?}']
    const text = ids.map((id) => `${decision({ arbitration_id: id, selected: [id] })}\n`).join('')
    const rows = await rowsOf(
      journalOf({ 'decisions-000001.ndjson': text }),
      'SELECT arbitration_id, selected FROM decisions',
    )
    expect(rows).toEqual(ids.map((id) => [id, [id]]))
  })

  it('query: prices, quantities and scores are the doubles of the journal', async () => {
    const folder = journalOf({ 'trades-000001.ndjson': `${trade({})}\n` })
    const rows = await rowsOf(
      folder,
      'SELECT quantity, entry_price, exit_price, pnl, hold_time_ms, funding, strategy FROM trades',
    )
    expect(rows).toEqual([[1e-8, 0.00001234, 65_000.5, '0.10', 9_007_199_254_740_991n, '-0.02', null]])
  })
})

describe('query: a journal that is not whole', () => {
  it('query: every view has its columns and types in a journal of no lines, of one series or of one empty file', async () => {
    for (const files of [
      { 'decisions-000001.ndjson': '' },
      { 'trades-000003.ndjson': `${trade({ strategy: 'own' })}\n` },
      { 'events-000001.ndjson': '', 'inputs-000001.ndjson': '\n\n' },
    ]) {
      const folder = journalOf(files)
      for (const { name, columns } of journalViews) {
        const answer = await queryJournal(folder, `FROM ${name}`)
        const types = answer.columns.map((column) => [column.name, column.type.replace(/"/g, '').replace(/, ?/g, ',')])
        expect(types).toEqual(columns.map((column) => [column.name, column.type.replace(/, ?/g, ',')]))
        expect(answer.rows.length).toBe(name === 'trades' && 'trades-000003.ndjson' in files ? 1 : 0)
      }
    }
  })

  it('query: torn, foreign and wrong lines are named with file and line, in order, and the others count', async () => {
    const folder = journalOf({
      'decisions-000001.ndjson': `${decision({ sequence: 1 })}\ngarbage\n[1]\n\n${decision({ arbitration_id: null })}\n`,
      'decisions-000002.ndjson': `${decision({ sequence: 'x' })}\n${decision({ sequence: 2 })}\n{"timesta`,
    })
    writeFileSync(
      join(folder, 'decisions-000004.ndjson'),
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
    )
    const reported: string[] = []
    const report = (line: string): void => void reported.push(line.replace(folder, '').replace(/^[\\/]/, ''))
    const { rows } = await queryJournal(folder, 'SELECT sequence FROM decisions', { report })
    expect(rows).toEqual([[1n], [2n]])
    expect(reported).toEqual([
      'decisions-000001.ndjson:2: is not a JSON object',
      'decisions-000001.ndjson:3: is not a JSON object',
      'decisions-000001.ndjson:5: is no line of decisions: it needs timestamp, arbitration_id, candidates and selected',
      'decisions-000002.ndjson:1: is no line of decisions (Failed to cast value to numerical: "x")',
      expect.stringMatching(/^decisions-000002\.ndjson:3: /),
      'decisions-000003.ndjson: is missing, though decisions-000004.ndjson is there',
      'decisions-000004.ndjson:1: is not UTF-8',
    ])
  })

  it('query: a torn end of the newest file is named, a whole one without its newline counts', async () => {
    const folder = journalOf({
      'decisions-000001.ndjson': `${decision({ sequence: 1 })}\n${decision({ sequence: 2 })}`,
    })
    expect(await rowsOf(folder, 'SELECT count(*) FROM decisions')).toEqual([[2n]])
    appendFileSync(join(folder, 'decisions-000001.ndjson'), `\n${decision({}).slice(0, 40)}`)
    const reported: string[] = []
    const { rows } = await queryJournal(folder, 'SELECT count(*) FROM decisions', {
      report: (line) => reported.push(line),
    })
    expect(rows).toEqual([[2n]])
    expect(reported).toEqual([expect.stringMatching(/decisions-000001\.ndjson:3: is torn: it ends without a newline$/)])
  })

  it('query: after twenty problems the rest are counted', async () => {
    const folder = journalOf({ 'trades-000001.ndjson': 'x\n'.repeat(30) })
    const reported: string[] = []
    await queryJournal(folder, 'FROM trades', { report: (line) => reported.push(line) })
    expect(reported.length).toBe(21)
    expect(reported.at(-1)).toBe('10 more lines of the journal were left out')
  })

  it('query: a line that lacks what other writers leave out counts, and has null there', async () => {
    const allocations = [{ event_id: 'e', capital: 10_000.25 }]
    const line = {
      timestamp: 5,
      arbitration_id: 'a',
      selected: ['e'],
      allocations,
      candidates: [{ event_id: 'e', rank: 1 }],
    }
    const folder = journalOf({
      'decisions-000001.ndjson': `${JSON.stringify(line)}\n${decision({ deficits: { A: 1.5 } })}\n`,
    })
    const rows = await rowsOf(folder, 'SELECT arbitration_id, capital_allocated, deficits FROM decisions')
    expect(rows).toEqual([
      ['a', null, null],
      ['arb_1', '0.00', { A: '1.50' }],
    ])
    const candidates = await rowsOf(
      folder,
      'SELECT event_id, is_selected, capital, score, reservation_status FROM candidates',
    )
    expect(candidates).toEqual([['e', true, '10000.25', null, null]])
  })

  it('query: what is no journal is said so', async () => {
    const folder = temporaryFolder()
    await expect(queryJournal(join(folder, 'gone'), 'SELECT 1')).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringContaining('there is no such file or folder'),
    })
    mkdirSync(join(folder, 'other'))
    await expect(queryJournal(join(folder, 'other'), 'SELECT 1')).rejects.toMatchObject({
      code: 'ERR_INPUT',
      message: expect.stringContaining('is not a journal'),
    })
  })
})

describe('query: counterfactuals', () => {
  const first = counterfactualLine({
    id: 'arb_1',
    selected: [{ id: 'a', pnl: 100 }],
    rejected: [{ id: 'b', pnl: null, filtered: 'unfinished' }],
  })
  const second = counterfactualLine({
    id: 'arb_2',
    selected: [
      { id: 'c', pnl: 5 },
      { id: 'd', pnl: -5 },
    ],
    rejected: [
      { id: 'e', pnl: 10, cost: 15 },
      { id: 'f', pnl: 20, cost: 25, filtered: 'low_priority' },
    ],
  })
  const replaced = counterfactualLine({
    id: 'arb_1',
    selected: [{ id: 'a', pnl: 100 }],
    rejected: [{ id: 'b', pnl: 300.25, cost: 200.25 }],
  })

  it('query: a later line of an arbitration replaces an earlier one, across rotations, and keeps its place', async () => {
    const folder = journalOf({
      'counterfactuals-000001.ndjson': `${first}\n${second}\n`,
      'counterfactuals-000002.ndjson': `${replaced}\n`,
    })
    const rows = await rowsOf(
      folder,
      'SELECT event_id, is_selected, is_displaced, pnl, opportunity_cost, filtered, is_resolved FROM counterfactuals',
    )
    expect(rows).toEqual([
      ['a', true, true, '100.00', null, null, true],
      ['b', false, false, '300.25', '200.25', null, true],
      ['c', true, false, '5.00', null, null, true],
      ['d', true, true, '-5.00', null, null, true],
      ['e', false, false, '10.00', '15.00', null, true],
      ['f', false, false, '20.00', '25.00', 'low_priority', true],
    ])
  })

  it('query: a replacing line without rejected events takes those of the earlier away', async () => {
    const emptied = counterfactualLine({ id: 'arb_2', selected: [], rejected: [] })
    const folder = journalOf({ 'counterfactuals-000001.ndjson': `${first}\n${second}\n${emptied}\n` })
    expect(await rowsOf(folder, 'SELECT event_id, is_resolved FROM counterfactuals')).toEqual([
      ['a', false],
      ['b', false],
    ])
  })

  it('query: an entry without a selected event is not resolved, as in the report', async () => {
    const entry = counterfactualLine({ id: 'arb_1', selected: [], rejected: [{ id: 'b', pnl: 1, cost: 1 }] })
    const folder = journalOf({ 'counterfactuals-000001.ndjson': `${entry}\n` })
    expect(await rowsOf(folder, 'SELECT is_resolved FROM counterfactuals')).toEqual([[false]])
  })

  it('query: a file of any name given alone is counterfactual entries, one of a series is that', async () => {
    const folder = journalOf({ 'mine.json': `${first}\n`, 'trades-000002.ndjson': `${trade({})}\n` })
    expect(await rowsOf(join(folder, 'mine.json'), 'SELECT count(*) FROM counterfactuals')).toEqual([[2n]])
    expect(await rowsOf(join(folder, 'mine.json'), 'SELECT count(*) FROM trades')).toEqual([[0n]])
    expect(await rowsOf(join(folder, 'trades-000002.ndjson'), 'SELECT count(*) FROM trades')).toEqual([[1n]])
  })
})

describeWithShared('query: the worked counterfactuals', (shared) => {
  const path = join(shared, 'vectors/counterfactual/worked.ndjson')
  const { report } = JSON.parse(readFileSync(join(shared, 'vectors/counterfactual/worked.expect.json'), 'utf8'))
  const counted = 'is_resolved AND NOT is_selected AND filtered IS NULL'
  const asNumbers = (rows: readonly (readonly unknown[])[]): unknown[][] =>
    rows.map((row) =>
      row.map((value) =>
        typeof value === 'bigint' || (typeof value === 'string' && /^-?\d/.test(value)) ? Number(value) : value,
      ),
    )

  it('query: sums over the view are the report’s figures', async () => {
    const [figures] = asNumbers(
      await rowsOf(
        path,
        `SELECT count(DISTINCT arbitration_id), count(DISTINCT arbitration_id) FILTER (is_resolved),
           sum(greatest(opportunity_cost, 0)) FILTER (${counted}), sum(opportunity_cost) FILTER (${counted}),
           count(DISTINCT arbitration_id) FILTER (${counted} AND opportunity_cost > 0),
           sum(pnl) FILTER (is_resolved AND is_displaced)
         FROM counterfactuals`,
      ),
    )
    const { arbitrations, resolved, missed_pnl, signed_opportunity_cost, inversions, baselines } = report
    const expected = [arbitrations, resolved, missed_pnl, signed_opportunity_cost, inversions.count, baselines.selected]
    expect(figures!.map((figure) => Math.round((figure as number) * 100))).toEqual(
      expected.map((figure) => Math.round(figure * 100)),
    )
  })

  it('query: what the filters took out, and the costs by reason and by regime, are the report’s', async () => {
    const filtered = await rowsOf(
      path,
      'SELECT filtered, count(*) FROM counterfactuals WHERE filtered IS NOT NULL GROUP BY 1',
    )
    expect(Object.fromEntries(asNumbers(filtered))).toEqual(report.filtered)
    const reasons = await rowsOf(
      path,
      `SELECT reason, count(*), sum(greatest(opportunity_cost, 0)) FROM counterfactuals
       WHERE is_resolved AND NOT is_selected AND (filtered IS NULL OR filtered = 'inadmissible') GROUP BY 1`,
    )
    const byReason = asNumbers(reasons).map(([reason, count, cost]) => [
      reason,
      { count, opportunity_cost: Math.round((cost as number) * 100) },
    ])
    const expected = Object.entries(
      report.by_reason as Record<string, { count: number; opportunity_cost: number }>,
    ).map(([reason, row]) => [reason, { count: row.count, opportunity_cost: Math.round(row.opportunity_cost * 100) }])
    expect(Object.fromEntries(byReason)).toEqual(Object.fromEntries(expected))
  })
})

describe('query: candidates', () => {
  it('query: candidates of a recorded run are those of its decisions, read by other means', async () => {
    const folder = temporaryFolder()
    copyFileSync(
      new URL('../../fixtures/query-decisions.ndjson', import.meta.url),
      join(folder, 'decisions-000001.ndjson'),
    )
    const rows = await rowsOf(
      folder,
      'SELECT arbitration_id, event_id, rank, score, is_selected, admissible, reason, score_diff, blocked_by, capital FROM candidates',
    )
    const expected: unknown[][] = []
    for (const read of readJournal(folder, 'decisions')) {
      if (read.kind === 'problem') throw new Error(read.message)
      const { arbitrationId, decision: made } = decisionEntryOf(read)
      for (const { eventId, rank, score } of made.candidates) {
        const rejected = made.rejected.find((one) => one.eventId === eventId)
        const allocation = made.allocations.find((one) => one.eventId === eventId)
        const isSelected = made.selected.includes(eventId)
        const capital = allocation === undefined ? null : (allocation.capitalMinor / 100).toFixed(2)
        expected.push([
          arbitrationId,
          eventId,
          rank,
          score,
          isSelected,
          isSelected || rejected!.admissible,
          rejected?.reason ?? null,
          rejected?.scoreDiff ?? null,
          rejected?.blockedBy ?? null,
          capital,
        ])
      }
    }
    expect(rows).toEqual(expected)
    expect(rows.length).toBeGreaterThan(10)
  })
})
