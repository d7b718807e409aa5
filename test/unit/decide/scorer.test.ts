import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SignalboxError } from '../../../src/base/errors.ts'
import { Arbiter } from '../../../src/decide/arbiter.ts'
import { type CandidateInput, CandidateSet } from '../../../src/decide/candidate-set.ts'
import { writeDecisionRecord } from '../../../src/decide/decision-writer.ts'
import { viewScenario } from '../../../src/decide/from-scenario.ts'
import { materialize } from '../../../src/decide/materialize.ts'
import { PositionSet } from '../../../src/decide/position-set.ts'
import type { Scorer } from '../../../src/decide/scorer.ts'
import type { Decision } from '../../../src/domain/decision.ts'
import { decisionRecordSize, readDecisionRecord } from '../../../src/domain/decision-record.ts'
import { parseLossless } from '../../../src/domain/lossless-json.ts'
import { eventTypesOf } from '../../../src/domain/policy.ts'
import { mergePolicySources } from '../../../src/domain/policy-codec.ts'
import { openScenario, parseScenario } from '../../../src/domain/scenario-codec.ts'
import { Timeline } from '../../../src/domain/units.ts'
import { scenarios, textOf } from '../../property/decide/scenarios.ts'
import { account, candidate, fill, policyOf, symbols } from './support.ts'

const second = 1_000_000_000

/** The built-in rule, written as a user would. */
const weightedSum: Scorer = (components, weights) =>
  weights.priorityScore * components.priorityScore +
  weights.freshness * components.freshness +
  weights.regimeAlignment * components.regimeAlignment +
  weights.expectedValue * components.expectedValue

function decideWith(
  scorer: Scorer,
  inputs: readonly CandidateInput[],
  policyJson: Record<string, unknown> = {},
  nowS = 0,
): Decision {
  const policy = policyOf(policyJson)
  const types = eventTypesOf(policy)
  const candidates = fill(new CandidateSet(8), inputs)
  const positions = new PositionSet(0)
  const arbiter = new Arbiter(policy, types, 8, { scorer })
  const view = arbiter.decide(candidates, positions, { ...account, nowNs: nowS * second })
  return materialize(view, candidates, positions, { types, symbols })
}

/** What a call throws. */
function faultOf(scorer: Scorer): SignalboxError {
  try {
    decideWith(scorer, [candidate('good', { priorityScore: 1 }), candidate('odd', { priorityScore: 0 })])
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SignalboxError)
    return thrown as SignalboxError
  }
  throw new Error('nothing was thrown')
}

describe('scorer', () => {
  test('scorer: the weighted sum as a scorer decides as the built-in one, bit by bit, whatever the policy', () => {
    fc.assert(
      fc.property(scenarios(7), (json) => {
        const raw = openScenario(parseLossless(textOf(json), 's'), '')
        const policy = mergePolicySources([{ override: raw.policy, path: 'policy' }])
        const { view, candidates, positions, account: state, names } = viewScenario(parseScenario(raw, policy), policy)
        const arbiter = new Arbiter(policy, names.types, candidates.capacity, { scorer: weightedSum })
        const own = materialize(arbiter.decide(candidates, positions, state), candidates, positions, names)
        expect(own).toEqual(materialize(view, candidates, positions, names))
      }),
      { numRuns: 1_500 },
    )
  })

  test('scorer: it ranks and chooses, the age bonus comes on top, and the weighted components are told all the same', () => {
    const inputs = [
      candidate('strong', { priorityScore: 0.9, detectedAtNs: 0, waitingSinceNs: 0 }),
      candidate('weak', { priorityScore: 0.1, detectedAtNs: 0, waitingSinceNs: 0 }),
    ]
    const decision = decideWith(({ priorityScore }) => 1 - priorityScore, inputs, {}, 12)
    expect(decision.selected).toEqual(['weak'])
    const [first, last] = decision.candidates
    expect([first!.baseScore, first!.ageBonus, first!.score]).toEqual([0.9, 0.1, 1])
    expect(first!.weighted).toEqual({
      priorityScore: 0.4 * 0.1,
      freshness: 0.3 * (1 - 12 / 60),
      regimeAlignment: 0,
      expectedValue: 0,
    })
    expect(decision.rejected[0]!.scoreDiff).toBeCloseTo(first!.score - last!.score, 12)
  })

  test('scorer: a portfolio shares its capital by what the scorer said', () => {
    const inputs = ['a', 'b'].map((id, at) => candidate(id, { symbolIndex: at, priorityScore: (at + 1) / 4 }))
    const policy = { selection: 'portfolio', max_open_positions: 2, age_boost: null }
    const decision = decideWith(({ priorityScore }) => priorityScore, inputs, policy)
    expect(decision.allocations).toEqual([
      { eventId: 'b', capitalMinor: 666_667 },
      { eventId: 'a', capitalMinor: 333_333 },
    ])
  })

  test('scorer: what it is told of each event', () => {
    const told: unknown[] = []
    const event = candidate('a', {
      typeIndex: 4,
      symbolIndex: 3,
      priorityScore: 0.5,
      regimeAlignment: 0.25,
      expectedValue: 0.75,
      detectedAtNs: -15 * second,
      waitingSinceNs: -20 * second,
    })
    decideWith(
      (components, weights, context) => {
        told.push({ ...components }, weights, { ...context })
        return 1
      },
      [event],
      { types: { BASIS: { tier: 7 } } },
    )
    expect(told).toEqual([
      { priorityScore: 0.5, freshness: 0.75, regimeAlignment: 0.25, expectedValue: 0.75 },
      policyOf({}).weights,
      { typeIndex: 4, tier: 7, symbolIndex: 3, ageNs: 15 * second, waitNs: 20 * second },
    ])
  })

  test('scorer: other weights of the weight stage reach it', () => {
    const policy = policyOf({})
    const arbiter = new Arbiter(policy, eventTypesOf(policy), 8, { scorer: (_, weights) => weights.freshness })
    arbiter.useWeights({ ...policy.weights, freshness: 0.7 })
    const view = arbiter.decide(fill(new CandidateSet(8), [candidate('a')]), new PositionSet(0), account)
    expect(view.baseScore[0]).toBe(0.7)
  })

  test('scorer: what it writes into its arguments harms no later decision', () => {
    const policy = policyOf({})
    const before = structuredClone(policy.weights)
    const arbiter = new Arbiter(policy, eventTypesOf(policy), 8, {
      scorer: (components, weights) => {
        const given = weights.freshness
        Object.assign(weights, { freshness: Number.NaN, priorityScore: 7 })
        Object.assign(components, { priorityScore: Number.NaN })
        return given
      },
    })
    const set = fill(new CandidateSet(8), [candidate('a'), candidate('b')])
    for (let decision = 0; decision < 2; decision += 1) {
      const view = arbiter.decide(set, new PositionSet(0), account)
      expect([view.baseScore[0], view.baseScore[1]]).toEqual([before.freshness, before.freshness])
      expect(view.weightedPriority[0]).toBe(before.priorityScore * 0.5)
    }
    expect(policy.weights).toEqual(before)
  })

  test('scorer: an odd thing that it throws is a fault like any other', () => {
    for (const odd of [Object.create(null), { toString: null }, 1n, new Error('two\n  lines')]) {
      const decide = (): unknown =>
        decideWith(() => {
          throw odd
        }, [candidate('a')])
      expect(decide).toThrow(/^the scorer threw for the event a: [^\n]+$/)
      expect(decide).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field: 'scorer' }))
    }
  })

  test('scorer: the decision’s record keeps what it said', () => {
    const policy = policyOf({})
    const types = eventTypesOf(policy)
    const candidates = fill(new CandidateSet(8), [candidate('a', { handle: 1 })])
    const positions = new PositionSet(0)
    const view = new Arbiter(policy, types, 8, { scorer: () => 42.5 }).decide(candidates, positions, account)
    const record = new Float64Array(decisionRecordSize(types.length, 0, 1))
    const stamp = { sequence: 1, weightsVersion: 1, stateVersion: 1, weights: policy.weights, regime: -1 }
    writeDecisionRecord(record, 0, view, candidates, positions, account, stamp)
    const names = { types, symbols, timeline: new Timeline(0), idOf: () => 'a' }
    const { decision } = readDecisionRecord(record, 0, names)
    expect(decision).toEqual(materialize(view, candidates, positions, { types, symbols }))
    expect(decision.candidates[0]!.baseScore).toBe(42.5)
  })

  test('scorer: −0 is 0, and the greatest doubles are scores', () => {
    expect(Object.is(decideWith(() => -0, [candidate('a')]).candidates[0]!.score, 0)).toBe(true)
    const huge = decideWith(
      ({ priorityScore }) => (priorityScore > 0.5 ? Number.MAX_VALUE : 1e300),
      [candidate('a', { priorityScore: 0.1 }), candidate('b', { priorityScore: 0.9 })],
    )
    expect(huge.selected).toEqual(['b'])
  })

  const wrong: [string, unknown][] = [
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-0.1', -0.1],
    ['undefined', undefined],
    ['string', '1'],
    ['bigint', 1n],
    ['object', Promise.resolve(1)],
  ]
  test.each(wrong)('scorer: %s is no base score: the event and the value are named', (shown, value) => {
    const fault = faultOf(({ priorityScore }) => (priorityScore === 0 ? (value as number) : 1))
    expect(fault.code).toBe('ERR_INVALID_ARGUMENT')
    expect(fault.message).toBe(`the scorer gave ${shown} for the event odd; a base score is a finite number ≥ 0`)
    expect(fault.field).toBe('scorer')
    expect(fault.value).toBe(value)
  })

  test('scorer: one whose bonus carries it beyond all numbers is refused too', () => {
    const policy = { age_boost: { cap: 1e308, horizon_s: 1e-300 } }
    const late = candidate('late', { detectedAtNs: 0, waitingSinceNs: 0 })
    expect(() => decideWith(() => Number.MAX_VALUE, [late], policy, 1)).toThrow(
      /^the scorer gave 1\.79.* for the event late;/,
    )
  })

  test('scorer: what it throws is wrapped with the event, and the next decision is as good as any', () => {
    const fault = faultOf(({ priorityScore }) => {
      if (priorityScore === 0) throw new RangeError('too odd')
      return 1
    })
    expect(fault.message).toBe('the scorer threw for the event odd: too odd')
    expect(fault.cause).toBeInstanceOf(RangeError)
    const policy = policyOf({})
    let isBroken = true
    const arbiter = new Arbiter(policy, eventTypesOf(policy), 8, { scorer: () => (isBroken ? Number.NaN : 1) })
    const set = fill(new CandidateSet(8), [candidate('a')])
    expect(() => arbiter.decide(set, new PositionSet(0), account)).toThrow(SignalboxError)
    isBroken = false
    expect(arbiter.decide(set, new PositionSet(0), account).memberCount).toBe(1)
  })

  test('scorer: what is no function is misuse', () => {
    const policy = policyOf({})
    expect(() => new Arbiter(policy, eventTypesOf(policy), 8, { scorer: 'sum' as never })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field: 'scorer' }),
    )
  })
})
