import { describe, expect, test } from 'vitest'
import { SignalboxError } from '../../../src/base/errors.ts'
import { parseLossless } from '../../../src/domain/lossless-json.ts'
import { defaultPolicy } from '../../../src/domain/policy.ts'
import { mergePolicySources, parsePolicy, parsePolicyOverride } from '../../../src/domain/policy-codec.ts'
import { policyJson, policyJsonText } from '../../../src/domain/policy-json.ts'

const own = (count: number): Record<string, { tier: number }> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`T${at}`, { tier: 1 }]))

describe('policy codec', () => {
  test('policy: nothing, {} and null are the defaults', () => {
    for (const json of [undefined, null, {}]) expect(parsePolicy(json, 'policy')).toEqual(defaultPolicy)
  })

  test('policy: nested objects merge key by key, also the rows of the regime table', () => {
    const policy = parsePolicy(
      {
        weights: { freshness: 0.5 },
        tiers: { FAILED_HUNT: 1 },
        interlock: { scope: 'symbol' },
        age_boost: { cap: 0.1 },
        regime_table: { FAILED_HUNT: { trend: 0.9 } },
      },
      'policy',
    )
    expect(policy.weights).toEqual({ ...defaultPolicy.weights, freshness: 0.5 })
    expect(policy.tiers).toEqual({ ...defaultPolicy.tiers, FAILED_HUNT: 1 })
    expect(policy.interlock).toEqual({ ...defaultPolicy.interlock, scope: 'symbol' })
    expect(policy.ageBoost).toEqual({ cap: 0.1, horizonS: 120 })
    expect(policy.regimeTable.FAILED_HUNT).toEqual({ ...defaultPolicy.regimeTable.FAILED_HUNT, trend: 0.9 })
    expect(policy.regimeTable.FUNDING_SNAPBACK).toEqual(defaultPolicy.regimeTable.FUNDING_SNAPBACK)
  })

  test('policy: capital_slots and compatible replace', () => {
    const pair = ['LIQUIDATION_CASCADE', 'FAILED_HUNT']
    expect(parsePolicy({ interlock: { compatible: [pair] } }, 'policy').interlock?.compatible).toEqual([pair])
    const sources = [{ capital_slots: { FAILED_HUNT: 0.5 } }, { capital_slots: { '*': 0.25 } }].map((json) => ({
      override: parsePolicyOverride(json, 'policy'),
      path: 'policy',
    }))
    expect(mergePolicySources(sources).capitalSlots).toEqual({ '*': 0.25 })
  })

  test('policy: null turns four keys off and is left out everywhere else', () => {
    const off = parsePolicy({ interlock: null, age_boost: null, max_wait_s: null, capital_slots: null }, 'policy')
    expect([off.interlock, off.ageBoost, off.maxWaitS, off.capitalSlots]).toEqual([null, null, null, null])
    const left = { selection: null, weights: null, tiers: { FAILED_HUNT: null }, types: null, leverage: null }
    expect(parsePolicy({ ...left, regime_table: { FAILED_HUNT: null } }, 'policy')).toEqual(defaultPolicy)
    expect(parsePolicy({ weights: { freshness: null }, interlock: { scope: null } }, 'policy')).toEqual(defaultPolicy)
  })

  test('policy: an object over null merges with the defaults', () => {
    const sources = [
      { interlock: null, age_boost: null, max_wait_s: null },
      { interlock: { scope: 'symbol' }, age_boost: { cap: 0.2 }, max_wait_s: 7 },
    ].map((json) => ({ override: parsePolicyOverride(json, 'policy'), path: 'policy' }))
    const policy = mergePolicySources(sources)
    expect(policy.interlock).toEqual({ ...defaultPolicy.interlock, scope: 'symbol' })
    expect(policy.ageBoost).toEqual({ cap: 0.2, horizonS: 120 })
    expect(policy.maxWaitS).toBe(7)
  })

  test('policy: a declared type has its tier from types or from tiers, and both say the same', () => {
    for (const json of [{ types: { BASIS: { tier: 2 } } }, { types: { BASIS: {} }, tiers: { BASIS: 2 } }]) {
      const policy = parsePolicy(json, 'policy')
      expect([policy.tiers.BASIS, policy.types.BASIS?.tier]).toEqual([2, 2])
    }
    expect(parsePolicy({ types: { constructor: { tier: 3 } } }, 'policy').types).toEqual({ constructor: { tier: 3 } })
    expect(() => parsePolicy({ types: { constructor: {} } }, 'policy')).toThrow('policy.types.constructor.tier: ')
  })

  test('policy: a key that two sources have is wrong in the last one', () => {
    const source = (json: unknown, path: string) => ({ override: parsePolicyOverride(json, path), path })
    const declared = source({ types: { BASIS: { tier: 2 } } }, 's.json: policy')
    expect(mergePolicySources([declared, source({ tiers: { BASIS: 1 } }, 'p.json: ')]).types.BASIS).toEqual({ tier: 1 })
    expect(() => mergePolicySources([declared, source({ tiers: { NOVA: 1 } }, 'p.json: ')])).toThrow(
      'p.json: tiers.NOVA: ',
    )
  })

  test('policy: shares sum to at most 1 in whole millionths', () => {
    const thirds = { LIQUIDATION_CASCADE: 0.333333, FAILED_HUNT: 0.333333, '*': 0.333334 }
    expect(parsePolicy({ capital_slots: thirds }, 'policy').capitalSlots).toEqual(thirds)
    expect(() => parsePolicy({ capital_slots: { ...thirds, '*': 0.333335 } }, 'policy')).toThrow(
      'policy.capital_slots: the shares must sum to at most 1, got 1.000001',
    )
  })

  test('policy: 32 types are the most, the built-in ones included', () => {
    expect(Object.keys(parsePolicy({ types: own(28) }, 'policy').types)).toHaveLength(28)
    expect(() => parsePolicy({ types: own(29) }, 'policy')).toThrow('policy.types: a policy has at most 32 types')
  })

  test('policy: as text it is read back as the same policy, numbers beyond 2^53 too', () => {
    const large = { max_wait_s: 1e20, age_boost: { horizon_s: 2 ** 60 }, leverage: 1e300, weights: { freshness: 0.1 } }
    for (const policy of [defaultPolicy, parsePolicy(large, 'policy')]) {
      expect(parsePolicy(parseLossless(policyJsonText(policy)), 'policy')).toEqual(policy)
    }
    expect(policyJsonText(defaultPolicy)).toBe(JSON.stringify(policyJson(defaultPolicy)))
  })

  const refusals: [unknown, string][] = [
    [5, 'policy: must be an object, got 5'],
    [[], 'policy: must be an object, got a list'],
    [{ selektion: 'score' }, 'policy.selektion: unknown key; selection is one'],
    [JSON.parse('{"types":{"__proto__":{"tier":2}}}'), 'policy.types.__proto__: the key is not allowed'],
    [{ selection: 'best' }, 'policy.selection: must be one of score, hierarchy, portfolio, got "best"'],
    [{ weights: { priority: 1 } }, 'policy.weights.priority: unknown key'],
    [{ weights: { freshness: -0.1 } }, 'policy.weights.freshness: must be a number ≥ 0, got -0.1'],
    [
      { weights: { freshness: Number.POSITIVE_INFINITY } },
      'policy.weights.freshness: must be a number ≥ 0, got Infinity',
    ],
    [{ weights: { freshness: '1' } }, 'policy.weights.freshness: must be a number ≥ 0, got "1"'],
    [{ weights: { freshness: 2n ** 64n } }, 'policy.weights.freshness: must be a number ≥ 0, got 18446744073709551616'],
    [
      { weights: { freshness: 1e308, priority_score: 1e308 } },
      'policy.weights: the weights and age_boost.cap must have a finite sum',
    ],
    [{ freshness_horizon_s: 0 }, 'policy.freshness_horizon_s: must be a number > 0, got 0'],
    [{ expected_value: 'sharpe' }, 'policy.expected_value: must be one of payoff, expectancy'],
    [{ tiers: { FAILED_HUNT: 0 } }, 'policy.tiers.FAILED_HUNT: must be an integer in 1 … 1000000, got 0'],
    [{ tiers: { FAILED_HUNT: 1.5 } }, 'policy.tiers.FAILED_HUNT: must be an integer'],
    [{ tiers: { NOVA: 1 } }, 'policy.tiers.NOVA: "NOVA" is not an event type of this policy'],
    [{ interlock: { scope: 'world' } }, 'policy.interlock.scope: must be one of account, symbol'],
    [{ interlock: { compatible: [['FAILED_HUNT']] } }, 'policy.interlock.compatible[0]'],
    [
      { interlock: { compatible: [['FAILED_HUNT', 'NOVA']] } },
      'policy.interlock.compatible: "NOVA" is not an event type',
    ],
    [{ max_open_positions: 0 }, 'policy.max_open_positions: must be an integer ≥ 1, got 0'],
    [{ max_positions_per_symbol: 1.5 }, 'policy.max_positions_per_symbol: must be an integer ≥ 1, got 1.5'],
    [{ age_boost: { horizon_s: 0 } }, 'policy.age_boost.horizon_s: must be a number > 0'],
    [{ max_wait_s: -1 }, 'policy.max_wait_s: must be a number ≥ 0'],
    [{ fair_queue: 'wfq' }, 'policy.fair_queue: must be one of off, round_robin, deficit'],
    [{ fair_queue_quantum: 0 }, 'policy.fair_queue_quantum: must be a number > 0 and ≤ 1, got 0'],
    [{ capital_slots: { NOVA: 0.1 } }, 'policy.capital_slots.NOVA: "NOVA" is not an event type'],
    [{ capital_slots: { '*': 1.1 } }, 'policy.capital_slots.*: must be a number in 0 … 1, got 1.1'],
    [{ capital_slots_borrow: 'all' }, 'policy.capital_slots_borrow: must be one of none, idle'],
    [{ allocation: 'equal' }, 'policy.allocation: must be one of proportional, floor, need'],
    [{ risk_per_trade: 0 }, 'policy.risk_per_trade: must be a number > 0 and ≤ 1'],
    [{ leverage: 0.5 }, 'policy.leverage: must be a number ≥ 1'],
    [{ min_priority_score: 2 }, 'policy.min_priority_score: must be a number in 0 … 1'],
    [{ entry: 'now' }, 'policy.entry: must be one of decision, completing'],
    [{ max_state_age_ms: -1 }, 'policy.max_state_age_ms: must be a number ≥ 0'],
    [{ decision_interval_ms: 0 }, 'policy.decision_interval_ms: must be a number > 0'],
    [{ types: { BASIS: {} } }, 'policy.types.BASIS.tier: the type has no tier'],
    [{ types: { BASIS: { tier: 1, color: 'red' } } }, 'policy.types.BASIS.color: unknown key'],
    [{ types: { FAILED_HUNT: { tier: 1 } } }, 'policy.types.FAILED_HUNT: FAILED_HUNT is built in'],
    [{ types: { '*': { tier: 1 } } }, 'policy.types.*: the name of a type is'],
    [{ types: { '': { tier: 1 } } }, 'policy.types'],
    [{ types: { 'a\nb': { tier: 0 } } }, 'policy.types["a\\nb"].tier: must be an integer'],
    [{ regime_table: { NOVA: {} } }, 'policy.regime_table.NOVA: "NOVA" is not an event type'],
    [{ regime_table: { FAILED_HUNT: { boom: 1 } } }, 'policy.regime_table.FAILED_HUNT.boom: unknown key'],
    [
      { regime_table: { FAILED_HUNT: { trend: 2 } } },
      'policy.regime_table.FAILED_HUNT.trend: must be a number in 0 … 1',
    ],
  ]

  test.each(refusals.map(([json, message]) => ({ json, message })))(
    'policy: refused: $message',
    ({ json, message }) => {
      let thrown: unknown
      try {
        parsePolicy(json, 'policy')
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(SignalboxError)
      expect((thrown as SignalboxError).code).toBe('ERR_INPUT')
      expect((thrown as SignalboxError).message).toContain(message)
    },
  )
})
