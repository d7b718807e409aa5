import { describe, expect, test } from 'vitest'
import { decideScenario } from '../../../src/decide/from-scenario.ts'
import { type WhatIf, whatIf } from '../../../src/decide/what-if.ts'
import { mergePolicySources } from '../../../src/domain/policy-codec.ts'
import { openScenario, parseScenario } from '../../../src/domain/scenario-codec.ts'

const now = 1_737_442_838_123_456_789n

/** Detected and waiting since ten seconds; a score of 0.25 + 0.4 × priority + the age bonus. */
function candidate(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    event_id: id,
    event_type: 'LIQUIDATION_CASCADE',
    symbol: id.toUpperCase(),
    lifecycle_state: 'ACTIVE',
    priority_score: 0.5,
    detected_at_ns: now - 10_000_000_000n,
    regime_alignment: 0,
    expected_value: 0,
    ...more,
  }
}

interface Setting {
  readonly policy?: Record<string, unknown>
  readonly [key: string]: unknown
}

function ask(eventId: string, candidates: readonly unknown[], setting: Setting = {}): WhatIf | null {
  const raw = openScenario({ now_ns: now, capital: 10_000, candidates, ...setting }, '')
  const policy = mergePolicySources([{ override: raw.policy, path: 'policy' }])
  return whatIf(parseScenario(raw, policy), policy, eventId)
}

const changeOf = (found: WhatIf | null, lever: string) => found!.changes.find((change) => change.lever === lever)
const position = (id: string, type: string, capital = 0) => ({ event_id: id, event_type: type, symbol: 'X', capital })

describe('what if', () => {
  test('what if: a lower score wins from the rival’s priority score on, where the id decides the tie', () => {
    const rivals = [candidate('a', { priority_score: 0.7 }), candidate('b')]
    const change = changeOf(ask('b', rivals), 'priority_score')!
    // Equal in all but the id, `a` goes first; so one step more.
    expect(change).toMatchObject({ from: 0.5, to: 0.700000001, short: 0.7, search: 'bisection' })
    expect(change.capitalMinor).toBe(1_000_000)
    expect(changeOf(ask('b', [candidate('c', { priority_score: 0.7 }), candidate('b')]), 'priority_score')!.to).toBe(
      0.7,
    )
  })

  test('what if: the smallest change is that of the component that moves least', () => {
    const rivals = [candidate('a', { priority_score: 0.55 }), candidate('b')]
    const found = ask('b', rivals)!
    expect(found.smallest!.lever).toBe('priority_score')
    expect(found.changes.map(({ lever }) => lever)).toContain('freshness')
    // 0.02 of score are a tenth of regime alignment (weight 0.2) and a fifteenth of freshness (0.3).
    expect(changeOf(found, 'regime_alignment')!.to).toBeCloseTo(0.1, 6)
    expect(Number(changeOf(found, 'freshness')!.to)).toBeCloseTo(Number(now - 6_000_000_000n), -3)
  })

  test('what if: the winner and a stranger have none', () => {
    expect(ask('a', [candidate('a', { priority_score: 0.7 }), candidate('b')])).toBeNull()
    expect(ask('z', [candidate('a')])).toBeNull()
  })

  test('what if: against the starvation bound only waiting longer helps, by one nanosecond', () => {
    const overdue = candidate('a', { waiting_since_ns: now - 130_000_000_000n, priority_score: 0.9 })
    const found = ask('b', [overdue, candidate('b')])!
    const change = changeOf(found, 'waiting_time')!
    expect(change.to).toBe(now - 130_000_000_001n)
    expect(change.short).toBe(now - 130_000_000_000n)
    expect(change.selectionReason).toBe('starvation_bound')
    expect(found.smallest).toBe(change)
  })

  test('what if: no number of the event’s own moves the interlock; the position gone does, and so does compatibility', () => {
    const found = ask('b', [candidate('b')], {
      open_positions: [position('p', 'FAILED_HUNT')],
      policy: { max_open_positions: 3 },
    })!
    expect(found.changes).toEqual([])
    expect(found.futile.every(({ search }) => search === 'rule')).toBe(true)
    expect(found.remedies.map(({ kind, gone, key, wins }) => [kind, gone, key, wins])).toEqual([
      ['without_position', ['p'], null, true],
      ['policy', [], 'interlock.compatible', true],
    ])
  })

  test('what if: one position gone is not enough where two block', () => {
    const found = ask('b', [candidate('b')], {
      open_positions: [position('p', 'FAILED_HUNT'), position('q', 'FAILED_HUNT')],
      policy: { max_open_positions: 3 },
    })!
    expect(found.remedies.map(({ kind, wins }) => [kind, wins])).toEqual([
      ['without_position', false],
      ['without_positions', true],
      ['policy', true],
    ])
    expect(found.remedies[0]!.rejected).toMatchObject({ reason: 'interlocked', blockedBy: 'q' })
  })

  test('what if: where a remedy only leads to a lost contest, the component that does the rest is named', () => {
    const rivals = [candidate('a', { priority_score: 0.9 }), candidate('b')]
    const found = ask('b', rivals, { open_positions: [position('p', 'LIQUIDATION_CASCADE')] })!
    expect(found.changes).toEqual([])
    expect(found.remedies.some(({ wins }) => wins)).toBe(false)
    expect(found.together!.remedy).toMatchObject({ kind: 'without_position', gone: ['p'] })
    expect(found.together!.change).toMatchObject({ lever: 'priority_score', to: 0.900000001 })
  })

  test('what if: a need beyond what is available wins at what is available, or with the capital for it', () => {
    const found = ask('b', [candidate('b', { capital_required: 12_000 })])!
    expect(changeOf(found, 'capital_required')).toMatchObject({ to: 1_000_000, short: 1_000_001, search: 'bisection' })
    expect(changeOf(found, 'capital')).toMatchObject({ to: 1_200_000, short: 1_199_999, search: 'scan' })
  })

  test.each([
    ['halted', { trading_state: 'HALTED' }, 'trading_state'],
    ['stale_state', { state_age_ms: 1001 }, 'state_age_ms'],
    ['below_min_priority', { policy: { min_priority_score: 0.6 } }, 'min_priority_score'],
  ])('what if: against %s the remedy names %o', (reason, setting, key) => {
    const raw = openScenario({ now_ns: now, capital: 10_000, candidates: [candidate('b')], ...setting }, '')
    const policy = mergePolicySources([{ override: raw.policy, path: 'policy' }])
    const scenario = parseScenario(raw, policy)
    expect(decideScenario(scenario, policy).rejected[0]!.reason).toBe(reason)
    const [remedy] = whatIf(scenario, policy, 'b')!.remedies
    expect(remedy).toMatchObject({ key, wins: true })
  })

  test('what if: an expired event would have won before its expiry', () => {
    const found = ask('b', [candidate('b', { expires_at_ns: now - 5n })])!
    expect(changeOf(found, 'decision_time')).toMatchObject({ to: now - 6n, short: now - 5n })
  })

  test('what if: in a portfolio more score may lose what less of it had, so the outcome is scanned in both directions', () => {
    // `a` needs 6,000 of 10,000: while b's share leaves it that, both are held; then b, the worse ranked, is dropped.
    const policy = { selection: 'portfolio', max_open_positions: 2, age_boost: null, weights: { freshness: 0 } }
    const a = candidate('a', { priority_score: 0.9, capital_required: 6000 })
    const at = (score: number) => ask('b', [a, candidate('b', { priority_score: score })], { policy })
    expect(at(0.59)).toBeNull()
    const found = at(0.62)!
    const change = changeOf(found, 'priority_score')!
    expect(change.search).toBe('scan')
    expect(change.to).toBeCloseTo(0.6, 5)
    expect(Number(change.short) - Number(change.to)).toBeCloseTo(1e-9, 12)
    expect(at(0.91)).toBeNull()
  })
})
