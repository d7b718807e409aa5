/** What became of an event, on journals that were made for it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { EventJson } from '../../../../src/cli/explain/event-explanation.ts'
import { explain, explanationText } from '../../../../src/cli/explain.ts'
import { type EventOfJournal, writeJournal } from '../../../support/journal-of.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const now = 1_781_719_200_000_000_000n
const s = 1_000_000_000n

function candidate(id: string, priority: number): Record<string, unknown> {
  return {
    event_id: id,
    event_type: 'LIQUIDATION_CASCADE',
    symbol: id.toUpperCase(),
    lifecycle_state: 'ACTIVE',
    priority_score: priority,
    detected_at_ns: now - s,
    expires_at_ns: now + 1000n * s,
    regime_alignment: 0.5,
    expected_value: 0.5,
  }
}

const both = [candidate('a', 0.9), candidate('b', 0.5)]
const life: EventOfJournal[] = ['a', 'b'].map((eventId) => ({
  eventId,
  eventType: 'LIQUIDATION_CASCADE',
  symbol: eventId.toUpperCase(),
  changes: [['TRIGGERED', now - s, { move_bp: 12 }]],
}))
const at = (seconds: number, candidates: unknown[]) => ({
  now_ns: now + BigInt(seconds) * s,
  capital: 10_000,
  policy: { max_wait_s: null },
  candidates,
})
const trade =
  '{"event_id":"a","arbitration_id":"arb_20260617_180000_000001","symbol":"A","side":"short","quantity":1,"capital":10000,"fees":4.5,"funding":0,"outcome":{"entry_price":100,"exit_price":99,"pnl":95.5,"hold_time_ms":1500,"exit_reason":"target_hit"}}'

function explained(folder: string, id: string): EventJson {
  const explanation = explain(folder, id, (line) => {
    throw new Error(line)
  })
  if (explanation.kind !== 'event') throw new Error(explanation.kind)
  return explanation
}

describe('event explanation', () => {
  test('event explanation: a traded event names its decision and its trade', () => {
    const folder = temporaryFolder()
    writeJournal(folder, [at(0, both)], life, [trade])
    const a = explained(folder, 'a')
    expect(a.outcome).toBe('traded')
    expect(a.sentence).toContain('arb_20260617_180000_000001')
    expect(a.trade).toMatchObject({ pnl: 95.5, exit_reason: 'target_hit' })
    expect(a.decisions[0]).toMatchObject({ verdict: 'selected', reservation_status: 'SUCCESS', what_if: null })
  })

  test('event explanation: a rejected event says what it would have come to, by the last counterfactual', () => {
    const folder = temporaryFolder()
    writeJournal(folder, [at(0, both)], life)
    const line = (cost: number): string =>
      `{"arbitration_id":"arb_20260617_180000_000001","rejected":[{"event_id":"b","hypothetical_outcome":{"entry_price":1,"exit_price":2,"pnl":7,"hold_time_ms":5,"exit_reason":"stop_hit"},"opportunity_cost":${cost},"filtered":null}]}\n`
    writeFileSync(join(folder, 'counterfactuals-000001.ndjson'), line(1) + line(2))
    const b = explained(folder, 'b')
    expect(b.outcome).toBe('rejected')
    expect(b.hypothetical).toMatchObject({ pnl: 7, opportunity_cost: 2 })
    expect(b.decisions[0]!.what_if!.smallest!.of).toBe('priority_score')
  })

  test('event explanation: of very many decisions the first and last are kept, the rest counted, and changes searched where the reason turned', () => {
    const folder = temporaryFolder()
    // Another rival each time, so that each decision is one of its own.
    const scenarios = Array.from({ length: 230 }, (_, index) =>
      at(index, [candidate(`rival_${index}`, 0.95), candidate('b', 0.5)]),
    )
    writeJournal(folder, scenarios, life)
    const b = explained(folder, 'b')
    expect(b.decisions).toHaveLength(100)
    expect(b.decisions_left_out).toBe(130)
    expect(b.decisions.filter(({ what_if: whatIf }) => whatIf !== null)).toHaveLength(6)
    const text = explanationText(b, { columns: 80, isColoured: false })
    expect(text).toContain('230 decisions')
    expect(text).toContain('… 130 decisions left out …')
  })

  test('event explanation: an event that no decision had is explained by its life', () => {
    const folder = temporaryFolder()
    writeJournal(folder, [at(0, [candidate('a', 0.9)])], life)
    expect(explained(folder, 'b')).toMatchObject({ outcome: 'never_decided', decisions: [], symbol: 'B' })
  })

  test('event explanation: decisions that turned it down in the same way are named with the first of them', () => {
    const folder = temporaryFolder()
    const rivals = ['x', 'y', 'y', 'y', 'z']
    const scenarios = rivals.map((rival, index) => at(index, [candidate(rival, 0.95), candidate('b', 0.5)]))
    writeJournal(folder, scenarios, life)
    const b = explained(folder, 'b')
    expect(b.decisions.map(({ as_before: asBefore }) => asBefore)).toEqual([false, false, true, true, false])
    const text = explanationText(b, { columns: 80, isColoured: false })
    expect(text).toContain('  At arb_20260617_180001_000002, and 2 more like it: 000003, 000004\n')
    expect(text).toContain('  At arb_20260617_180004_000005\n')
  })

  test('event explanation: decisions of which no changes were searched are counted', () => {
    const folder = temporaryFolder()
    const scenarios = Array.from({ length: 9 }, (_, index) =>
      at(index, [candidate(`rival_${index}`, 0.95), candidate('b', 0.5)]),
    )
    writeJournal(folder, scenarios, life)
    const text = explanationText(explained(folder, 'b'), { columns: 80, isColoured: false })
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      '3 decisions before these turned it down in other ways; no changes of them were searched.',
    )
  })
})
