import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Decision, DecisionStamp } from '../../../src/domain/decision.ts'
import { decisionLine } from '../../../src/journal/decision-line.ts'
import { moneyText, significant12 } from '../../../src/journal/json-number.ts'

const weights = { priorityScore: 0.1, freshness: 0.2, regimeAlignment: 0.3, expectedValue: 0.4 }
const one = {
  eventId: 'a',
  eventType: 'FAILED_HUNT',
  symbol: 'BTC',
  raw: weights,
  weighted: weights,
  baseScore: 1 / 3,
  ageBonus: 0,
  score: 0.1 + 0.2,
  tier: 2,
  rank: 1,
}
const decision: Decision = {
  candidates: [one, { ...one, eventId: 'é"\\\n', rank: 2 }],
  admissibleCount: 2,
  selected: ['a', 'é"\\\n'],
  selectionReason: 'portfolio',
  rejected: [{ eventId: 'c', reason: 'interlocked', admissible: true, scoreDiff: -1e-12, blockedBy: 'a' }],
  allocations: [
    { eventId: 'a', capitalMinor: 605_351 },
    { eventId: 'é"\\\n', capitalMinor: 394_649 },
  ],
  capitalAllocatedMinor: 1_000_000,
  capitalUnallocatedMinor: 1,
  deficitsMinor: { FAILED_HUNT: -905_000 },
}
const stamp: DecisionStamp = {
  timestampNs: 1_737_442_838_123_456_789n,
  sequence: 1_234_567,
  weightsVersion: 3,
  stateVersion: 4711,
  reservations: ['SUCCESS', 'NO_CAPITAL'],
}

describe('decision line', () => {
  test('decision line: one line of JSON with the keys in the order of the contract', () => {
    const line = decisionLine(decision, stamp)
    expect(line).not.toContain('\n')
    expect(line.startsWith('{"timestamp":1737442838123456789,"arbitration_id":"arb_20250121_070038_1234567",')).toBe(
      true,
    )
    const entry = JSON.parse(line)
    expect(Object.keys(entry)).toEqual([
      'timestamp',
      'arbitration_id',
      'sequence',
      'weights_version',
      'state_version',
      'candidates',
      'admissible_count',
      'selected',
      'selection_reason',
      'rejected_events',
      'allocations',
      'capital_allocated',
      'capital_unallocated',
      'deficits',
      'reservation_status',
    ])
    expect(Object.keys(entry.candidates[0])).toEqual([
      'event_id',
      'event_type',
      'symbol',
      'priority_score',
      'freshness',
      'regime_alignment',
      'expected_value',
      'components',
      'base_score',
      'age_bonus',
      'score',
      'tier',
      'rank',
    ])
    expect(entry.candidates[0].base_score).toBe(0.333333333333)
    expect(entry.candidates[0].score).toBe(0.3)
    expect(entry.selected).toEqual(['a', 'é"\\\n'])
    expect(entry.rejected_events).toEqual([
      { event_id: 'c', reason: 'interlocked', admissible: true, score_diff: -1e-12, blocked_by: 'a' },
    ])
    expect(entry.allocations).toEqual([
      { event_id: 'a', capital: 6053.51, reservation_status: 'SUCCESS' },
      { event_id: 'é"\\\n', capital: 3946.49, reservation_status: 'NO_CAPITAL' },
    ])
    expect(entry.capital_unallocated).toBe(0.01)
    expect(entry.deficits).toEqual({ FAILED_HUNT: -9050 })
    expect(entry.reservation_status).toBe('SUCCESS')
  })

  test('decision line: with nothing selected nothing was attempted', () => {
    const none: Decision = { ...decision, selected: [], allocations: [], selectionReason: 'none_admissible' }
    const entry = JSON.parse(decisionLine(none, { ...stamp, reservations: [] }))
    expect(entry.reservation_status).toBe('NOT_ATTEMPTED')
  })

  test('decision line: a status is owed for each selected event', () => {
    expect(() => decisionLine(decision, { ...stamp, reservations: [] })).toThrow('one reservation status for each')
  })

  test('decision line: any id is written so that it is read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (eventId) => {
        const line = decisionLine({ ...decision, selected: ['a', eventId] }, stamp)
        expect(JSON.parse(line).selected[1]).toBe(eventId)
      }),
    )
  })
})

describe('json number', () => {
  test('json number: 12 significant digits, the text that the platform would take a detour to', () => {
    const any = fc.oneof(
      { weight: 4, arbitrary: fc.double({ min: 0, max: 10, noNaN: true }) },
      { weight: 2, arbitrary: fc.double({ min: -1, max: 1e-5, noNaN: true }) },
      { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.integer({ min: -20_000, max: 20_000 }), fc.integer({ min: 0, max: 12 }))
          .map(([n, e]) => n / 10 ** e),
      },
      // Just around the numbers where a digit more or less is needed, and around halves of the last digit.
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.integer({ min: -13, max: 13 }), fc.integer({ min: -60, max: 60 }))
          .map(([e, ulps]) => 10 ** e * (1 + ulps * 2 ** -52)),
      },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 1e12 }).map((digits) => (digits + 0.5) / 1e12) },
    )
    fc.assert(
      fc.property(any, (value) => {
        expect(significant12(value)).toBe(String(Number(value.toPrecision(12))))
      }),
      { numRuns: 20_000 },
    )
  })

  test('json number: money is exact for every integer of cents', () => {
    expect([0, 1, 10, 99, 100, 605_351, -1, -250].map(moneyText)).toEqual([
      '0',
      '0.01',
      '0.1',
      '0.99',
      '1',
      '6053.51',
      '-0.01',
      '-2.5',
    ])
    fc.assert(
      fc.property(fc.maxSafeInteger(), (minor) => {
        const [units, cents = ''] = moneyText(Math.abs(minor)).split('.')
        expect(BigInt(units + cents.padEnd(2, '0'))).toBe(BigInt(Math.abs(minor)))
        expect(moneyText(minor).startsWith('-')).toBe(minor < 0)
      }),
    )
  })
})
