import { describe, expect, test } from 'vitest'
import { SignalboxError } from '../../../src/base/errors.ts'
import { parseInput, parseLossless } from '../../../src/domain/lossless-json.ts'
import { mergePolicySources } from '../../../src/domain/policy-codec.ts'
import type { Scenario } from '../../../src/domain/scenario.ts'
import { openScenario, parseScenario } from '../../../src/domain/scenario-codec.ts'

const event = {
  event_id: 'cascade_BTC_1',
  event_type: 'LIQUIDATION_CASCADE',
  symbol: 'BTC',
  lifecycle_state: 'ACTIVE',
  priority_score: 0.85,
  detected_at_ns: 100,
  regime_alignment: 1,
  expected_value: 0.8,
}
const position = { event_id: 'open', event_type: 'FAILED_HUNT', symbol: 'ETH', capital: 12.34 }
const base = { now_ns: 200, capital: 10000, candidates: [event] }

function parse(json: unknown): Scenario {
  const raw = openScenario(json, 'scenario.json: ')
  return parseScenario(raw, mergePolicySources([{ override: raw.policy, path: 'scenario.json: policy' }]))
}

const withEvent = (changes: Record<string, unknown>): Record<string, unknown> => ({
  ...base,
  candidates: [event, { ...event, event_id: 'second', ...changes }],
})

describe('scenario codec', () => {
  test('scenario: the smallest one, and what is left out', () => {
    expect(parse(base)).toEqual({
      nowNs: 200n,
      capitalMinor: 1_000_000,
      regime: null,
      tradingState: 'ACTIVE',
      stateAgeMs: 0,
      openPositions: [],
      candidates: [
        {
          eventId: 'cascade_BTC_1',
          eventType: 'LIQUIDATION_CASCADE',
          symbol: 'BTC',
          side: null,
          lifecycleState: 'ACTIVE',
          priorityScore: 0.85,
          regimeAlignment: 1,
          expectedValue: 0.8,
          detectedAtNs: 100n,
          waitingSinceNs: 100n,
          expiresAtNs: null,
          capitalRequiredMinor: 0,
          lotCapitalMinor: 0,
        },
      ],
      lastExecutedType: null,
      deficitsMinor: new Map(),
    })
  })

  test('scenario: null means left out for every optional key', () => {
    const nulls = {
      regime: null,
      trading_state: null,
      state_age_ms: null,
      open_positions: null,
      history: null,
      policy: null,
    }
    const optional = { side: null, waiting_since_ns: null, expires_at_ns: null, capital_required: null }
    expect(
      parse({ ...base, ...nulls, candidates: [{ ...event, ...optional, reward_risk: null, win_rate: null }] }),
    ).toEqual(parse(base))
    const history = { last_executed_type: null, deficits: { FAILED_HUNT: null } }
    expect(parse({ ...base, history })).toEqual(parse(base))
  })

  test('scenario: 19 digits of nanoseconds survive, as a number and as text', () => {
    for (const now of ['1737442838123456789', '"1737442838123456789"']) {
      const scenario = parse(parseLossless(`{"now_ns": ${now}, "capital": 1, "candidates": []}`))
      expect(scenario.nowNs).toBe(1_737_442_838_123_456_789n)
    }
  })

  test('scenario: regime_alignment left out is the table’s value', () => {
    const { regime_alignment: _, ...rest } = event
    expect(parse({ ...base, regime: 'sideways', candidates: [rest] }).candidates[0]!.regimeAlignment).toBe(0.4)
  })

  test('scenario: reward_risk and win_rate stand for expected_value, by the policy’s rule (E11)', () => {
    const { expected_value: _, ...rest } = event
    const candidates = [{ ...rest, reward_risk: 2, win_rate: 0.4 }]
    expect(parse({ ...base, candidates }).candidates[0]!.expectedValue).toBe(0.8)
    const expectancy = parse({ ...base, candidates, policy: { expected_value: 'expectancy' } })
    expect(expectancy.candidates[0]!.expectedValue).toBeCloseTo(0.2 / 1.2, 12)
  })

  test('scenario: an unknown last executed type counts as none', () => {
    expect(parse({ ...base, history: { last_executed_type: 'NOVA' } }).lastExecutedType).toBe(null)
    expect(parse({ ...base, history: { last_executed_type: 'FAILED_HUNT' } }).lastExecutedType).toBe('FAILED_HUNT')
  })

  test('scenario: money becomes cents exactly', () => {
    const amounts: [number, number][] = [
      [0.01, 1],
      [0.29, 29],
      [6053.51, 605_351],
      [35_184_372_088_831.99, 3_518_437_208_883_199],
      [90_071_992_547_409, 9_007_199_254_740_900],
    ]
    for (const [amount, minor] of amounts) expect(parse({ ...base, capital: amount }).capitalMinor).toBe(minor)
    expect(parse({ ...base, history: { deficits: { FAILED_HUNT: -0.5 } } }).deficitsMinor.get('FAILED_HUNT')).toBe(-50)
  })

  test('scenario: money that was read from text keeps every cent, up to the last one', () => {
    const read = (capital: string): number =>
      parse(parseInput(`{"now_ns": 1, "capital": ${capital}, "candidates": []}`)).capitalMinor
    expect(read('40000000000000.50')).toBe(4_000_000_000_000_050)
    expect(read('80000000000000.01')).toBe(8_000_000_000_000_001)
    expect(read('90071992547409.91')).toBe(Number.MAX_SAFE_INTEGER)
    expect(read('1.10000000000000000000')).toBe(110)
    expect(() => read('90071992547409.92')).toThrow(
      'must be money in 0 … 90071992547409.91 with at most 2 decimals, got',
    )
    expect(() => read('1.0000000000000001')).toThrow('with at most 2 decimals, got 1.0000000000000001')
  })

  test('scenario: a deficit that a decision could move beyond 2^53 is refused where the deficit queue is on', () => {
    const scenario = (queue: string) => ({
      ...base,
      capital: 90_071_992_547_409,
      policy: { fair_queue: queue },
      history: { deficits: { FAILED_HUNT: 1 } },
    })
    expect(parse(scenario('round_robin')).deficitsMinor.get('FAILED_HUNT')).toBe(100)
    expect(() => parse(scenario('deficit'))).toThrow(
      'history.deficits.FAILED_HUNT: with the capital it leaves the exact range',
    )
  })

  test('scenario: what buys a lot may be said; the greatest amount says that nothing does', () => {
    const lotOf = (lot: string): number =>
      parse(parseInput(JSON.stringify(withEvent({})).replaceAll('"symbol"', `"lot_capital":${lot},"symbol"`)))
        .candidates[1]!.lotCapitalMinor
    expect([lotOf('0'), lotOf('0.66'), lotOf('90071992547409.90'), lotOf('90071992547409.91'), lotOf('null')]).toEqual([
      0,
      66,
      Number.MAX_SAFE_INTEGER - 1,
      Number.POSITIVE_INFINITY,
      0,
    ])
  })

  test('scenario: other numbers may have more digits than a double keeps', () => {
    const text = JSON.stringify(base).replace('"priority_score":0.85', '"priority_score":0.8500000000000000000001')
    expect(text).toContain('0.8500000000000000000001')
    const { candidates } = parse(parseInput(text))
    expect(candidates[0]!.priorityScore).toBe(0.85)
    const asFloat = JSON.stringify({ ...base, now_ns: 0 }).replace('"now_ns":0', '"now_ns":1781707700000000000.0')
    expect(() => parse(parseInput(asFloat))).toThrow('got 1781707700000000000.0')
  })

  const refusals: [unknown, string][] = [
    [[], 'scenario.json: must be an object, got a list'],
    [{ ...base, now: 1 }, 'scenario.json: now: unknown key'],
    [{ capital: 1, candidates: [] }, 'scenario.json: now_ns: must be an integer of nanoseconds'],
    [{ ...base, now_ns: 1.5 }, 'scenario.json: now_ns: '],
    [{ ...base, now_ns: 1e18 }, 'scenario.json: now_ns: '],
    [{ ...base, now_ns: -1 }, 'scenario.json: now_ns: '],
    [{ ...base, now_ns: 2n ** 63n }, 'scenario.json: now_ns: '],
    [{ ...base, now_ns: '12x' }, 'scenario.json: now_ns: '],
    [{ ...base, capital: null }, 'scenario.json: capital: must be money in 0 … '],
    [{ ...base, capital: -1 }, 'scenario.json: capital: must be money in 0 … '],
    [{ ...base, capital: 1.001 }, 'with at most 2 decimals, got 1.001'],
    [{ ...base, capital: 1e-11 }, 'with at most 2 decimals, got 1e-11'],
    [{ ...base, capital: 1e14 }, 'scenario.json: capital: must be money'],
    [{ ...base, capital: Number.NaN }, 'scenario.json: capital: must be money'],
    [
      { ...base, regime: 'boom' },
      'scenario.json: regime: must be one of expansion, contraction, trend, sideways, got "boom"',
    ],
    [{ ...base, trading_state: 'OFF' }, 'scenario.json: trading_state: must be one of ACTIVE, REDUCING, HALTED'],
    [{ ...base, state_age_ms: -1 }, 'scenario.json: state_age_ms: must be a number ≥ 0'],
    [{ ...base, candidates: null }, 'scenario.json: candidates: must be a list, got null'],
    [{ ...base, candidates: [5] }, 'scenario.json: candidates[0]: must be an object, got 5'],
    [{ ...base, open_positions: [{ ...position, capital: -1 }] }, 'scenario.json: open_positions[0].capital: '],
    [
      { ...base, open_positions: [{ ...position, event_type: 'NOVA' }] },
      'open_positions[0].event_type: "NOVA" is not an event type',
    ],
    [
      { ...base, open_positions: [position, position] },
      'open_positions[1].event_id: "open" is the id of open_positions[0]',
    ],
    [{ ...base, history: { last: 'x' } }, 'scenario.json: history.last: unknown key'],
    [
      { ...base, history: { deficits: { NOVA: 1 } } },
      'scenario.json: history.deficits.NOVA: "NOVA" is not an event type',
    ],
    [
      { ...base, policy: { fair_queue: 'deficit' }, capital: 9e13, history: { deficits: { FAILED_HUNT: 9e13 } } },
      'history.deficits.FAILED_HUNT: with the capital',
    ],
    [{ ...base, policy: { weights: 1 } }, 'scenario.json: policy.weights: must be an object, got 1'],
    [
      withEvent({ event_id: 'cascade_BTC_1' }),
      'candidates[1].event_id: "cascade_BTC_1" is the id of candidates[0] already',
    ],
    [withEvent({ event_id: '' }), 'candidates[1].event_id: must be text of 1 … 63 bytes of UTF-8, got ""'],
    [withEvent({ event_id: 'é'.repeat(32) }), 'candidates[1].event_id: must be text of 1 … 63 bytes'],
    [withEvent({ event_id: '\ud800' }), 'candidates[1].event_id: must be text of 1 … 63 bytes'],
    [withEvent({ event_type: 'NOVA' }), 'candidates[1].event_type: "NOVA" is not an event type of the policy'],
    [withEvent({ symbol: '' }), 'candidates[1].symbol: must be text'],
    [withEvent({ side: 'up' }), 'candidates[1].side: must be one of long, short'],
    [withEvent({ lifecycle_state: 'active' }), 'candidates[1].lifecycle_state: must be one of TRIGGERED'],
    [
      withEvent({ priority_score: 1.2 }),
      'scenario.json: candidates[1].priority_score: must be a number in 0 … 1, got 1.2',
    ],
    [withEvent({ priority_score: null }), 'candidates[1].priority_score: must be a number in 0 … 1, got null'],
    [withEvent({ regime_alignment: -0.1 }), 'candidates[1].regime_alignment: must be a number in 0 … 1'],
    [
      withEvent({ regime_alignment: null }),
      'candidates[1].regime_alignment: must be given, or the scenario must have a regime',
    ],
    [withEvent({ expected_value: 2 }), 'candidates[1].expected_value: must be a number in 0 … 1'],
    [withEvent({ expected_value: null }), 'candidates[1].expected_value: an event needs its expected_value, or'],
    [withEvent({ expected_value: null, win_rate: 0.5 }), 'candidates[1].reward_risk: an event needs'],
    [withEvent({ expected_value: null, reward_risk: 2 }), 'candidates[1].win_rate: an event needs'],
    [withEvent({ reward_risk: -1 }), 'candidates[1].reward_risk: must be a number ≥ 0'],
    [withEvent({ win_rate: 1.5 }), 'candidates[1].win_rate: must be a number in 0 … 1'],
    [withEvent({ detected_at_ns: 0.5 }), 'candidates[1].detected_at_ns: must be an integer'],
    [withEvent({ waiting_since_ns: true }), 'candidates[1].waiting_since_ns: must be an integer'],
    [withEvent({ expires_at_ns: 'soon' }), 'candidates[1].expires_at_ns: must be an integer'],
    [withEvent({ capital_required: 0.001 }), 'candidates[1].capital_required: must be money'],
    [withEvent({ colour: 'red' }), 'candidates[1].colour: unknown key'],
  ]

  test.each(refusals.map(([json, message]) => ({ json, message })))(
    'scenario: refused: $message',
    ({ json, message }) => {
      let thrown: unknown
      try {
        parse(json)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(SignalboxError)
      expect((thrown as SignalboxError).code).toBe('ERR_INPUT')
      expect((thrown as SignalboxError).message).toContain(message)
    },
  )

  test('scenario: a regime without a value for the type is refused', () => {
    const { regime_alignment: _, ...rest } = event
    const candidates = [{ ...rest, event_type: 'BASIS' }]
    const policy = { types: { BASIS: { tier: 2 } } }
    expect(() => parse({ ...base, policy, regime: 'trend', candidates })).toThrow(
      "candidates[0].regime_alignment: must be given: the policy's regime_table has no trend for BASIS",
    )
  })
})
