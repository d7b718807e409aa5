/** Two explanations, letter by letter: a change of a word or a figure is seen here. The journal is made, so that it is always the same. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explain, explanationText } from '../../src/cli/explain.ts'
import { root } from '../support/command.ts'
import { type EventOfJournal, writeJournal } from '../support/journal-of.ts'
import { temporaryFolder } from '../support/temporary.ts'

const now = 1_781_719_200_000_000_000n
const s = 1_000_000_000n

function candidate(id: string, type: string, symbol: string, priority: number, ago: bigint): Record<string, unknown> {
  return {
    event_id: id,
    event_type: type,
    symbol,
    side: 'short',
    lifecycle_state: 'ACTIVE',
    priority_score: priority,
    detected_at_ns: now - ago * s,
    waiting_since_ns: now - ago * s,
    expires_at_ns: now + 600n * s,
    regime_alignment: 0.8,
    expected_value: 0.5,
  }
}

const cascade = candidate('cascade_BTC_1', 'LIQUIDATION_CASCADE', 'BTC', 0.85, 3n)
const snapback = candidate('snapback_ETH_1', 'FUNDING_SNAPBACK', 'ETH', 0.7, 20n)
const hunt = candidate('hunt_SOL_1', 'FAILED_HUNT', 'SOL', 0.6, 140n)

const scenarios = [
  { now_ns: now, capital: 10_000, regime: 'trend', candidates: [cascade, snapback] },
  {
    now_ns: now + 2n * s,
    capital: 10_000,
    regime: 'trend',
    open_positions: [{ event_id: 'cascade_BTC_1', event_type: 'LIQUIDATION_CASCADE', symbol: 'BTC', capital: 10_000 }],
    candidates: [snapback, hunt],
  },
  { now_ns: now + 9n * s, capital: 10_012.5, regime: 'trend', candidates: [snapback, hunt] },
]

const events: EventOfJournal[] = [
  {
    eventId: 'snapback_ETH_1',
    eventType: 'FUNDING_SNAPBACK',
    symbol: 'ETH',
    changes: [
      ['TRIGGERED', now - 20n * s, { funding_sigmas: 3.25, premium_bp: 4 }],
      ['ACTIVE', now - 12n * s, { premium_bp: 1.5 }],
      ['INVALIDATED', now + 600n * s, { expired: 1 }],
    ],
  },
]

function page(id: string): string {
  const folder = temporaryFolder()
  writeJournal(folder, scenarios, events)
  const lines: string[] = []
  const text = explanationText(
    explain(folder, id, (line) => lines.push(line)),
    { columns: 80, isColoured: false },
  )
  expect(lines).toEqual([])
  return `${text}\n`
}

const golden = (name: string): string => readFileSync(join(root, 'test/fixtures', name), 'utf8')

describe('explain: golden', () => {
  it('explain: a decision, letter by letter', () => {
    expect(page('arb_20260617_180009_000003')).toBe(golden('explain-arbitration.txt'))
  })

  it('explain: an event, letter by letter', () => {
    expect(page('snapback_ETH_1')).toBe(golden('explain-event.txt'))
  })
})
