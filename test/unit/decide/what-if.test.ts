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

  test('what if: a portfolio is full by all that were chosen, those too that allocation then dropped', () => {
    const hunt = (id: string, priority: number) =>
      candidate(id, { event_type: 'FAILED_HUNT', priority_score: priority })
    const snapback = (id: string, priority: number) =>
      candidate(id, { event_type: 'FUNDING_SNAPBACK', priority_score: priority, capital_required: 3000 })
    const policy = {
      selection: 'portfolio',
      max_open_positions: 3,
      capital_slots: { FAILED_HUNT: 0.5, FUNDING_SNAPBACK: 0.5 },
    }
    const rivals = [hunt('a', 0.9), snapback('b1', 0.8), snapback('b2', 0.7), hunt('c', 0.6)]
    const { remedies } = ask('c', rivals, { policy })!
    expect(remedies.map(({ key, gone, from, to, wins }) => [key ?? gone[0], from, to, wins])).toEqual([
      ['max_open_positions', 3, 4, true],
      ['b2', null, null, true],
      ['b1', null, null, true],
      ['a', null, null, true],
    ])
  })

  test('what if: a symbol is full by the chosen that was then dropped', () => {
    const policy = { selection: 'portfolio', max_open_positions: 3, interlock: null }
    const rivals = [
      candidate('a', { priority_score: 0.9, capital_required: 8000 }),
      candidate('b', { priority_score: 0.8, capital_required: 8000, symbol: 'S' }),
      candidate('c', { priority_score: 0.7, symbol: 'S' }),
    ]
    const { remedies } = ask('c', rivals, { policy })!
    expect(remedies.map(({ key, gone, to }) => [key ?? gone[0], to])).toEqual([
      ['b', null],
      ['max_positions_per_symbol', 2],
    ])
  })

  test('what if: compatibility is offered as the whole list that the policy would have', () => {
    const policy = { max_open_positions: 3, interlock: { compatible: [['FAILED_HUNT', 'FUNDING_SNAPBACK']] } }
    const found = ask('b', [candidate('b')], { open_positions: [position('p', 'FAILED_HUNT')], policy })!
    const { from, to } = found.remedies.find(({ key }) => key === 'interlock.compatible')!
    expect(from).toEqual([['FAILED_HUNT', 'FUNDING_SNAPBACK']])
    expect(to).toEqual([
      ['FAILED_HUNT', 'FUNDING_SNAPBACK'],
      ['LIQUIDATION_CASCADE', 'FAILED_HUNT'],
    ])
    const changed = { ...policy, interlock: { compatible: to } }
    expect(ask('b', [candidate('b')], { open_positions: [position('p', 'FAILED_HUNT')], policy: changed })).toBeNull()
  })

  test.each([
    [{ FAILED_HUNT: 0.6 }, { FAILED_HUNT: 0.6, LIQUIDATION_CASCADE: 0.4 }],
    [{ FAILED_HUNT: 1 }, { FAILED_HUNT: 0.5, LIQUIDATION_CASCADE: 0.5 }],
  ])('what if: a type without a pot in %o is offered one, and no loan, which it could not take', (slots, to) => {
    const { remedies } = ask('b', [candidate('b')], { policy: { capital_slots: slots } })!
    expect(remedies.map(({ key, to: value, wins }) => [key, value, wins])).toEqual([
      ['capital_slots', to, true],
      ['capital_slots', null, true],
    ])
  })

  test('what if: the one position that holds the pot is offered as the one to be gone', () => {
    const setting = {
      policy: { capital_slots: { '*': 0.5 }, max_open_positions: 3, interlock: null },
      open_positions: [position('p', 'FAILED_HUNT', 5000)],
    }
    expect(ask('b', [candidate('b')], setting)!.remedies[0]).toMatchObject({ gone: ['p'], wins: true })
  })

  test('what if: the least priority score is offered in the fewest digits that admit nobody else', () => {
    const policy = { min_priority_score: 0.9 }
    const least = (...others: number[]) =>
      ask(
        'b',
        [
          candidate('b', { priority_score: 0.7869960562676132 }),
          ...others.map((p) => candidate(`o${p}`, { priority_score: p })),
        ],
        { policy },
      )!.remedies[0]
    expect(least()).toMatchObject({ to: 0.78, wins: true })
    expect(least(0.785)).toMatchObject({ to: 0.786, wins: true })
    expect(least(0.787)).toMatchObject({ to: 0.78, wins: false })
  })
})
