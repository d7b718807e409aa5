import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/base/random.ts'
import { Arbiter } from '../../../src/decide/arbiter.ts'
import { CandidateSet } from '../../../src/decide/candidate-set.ts'
import { materialize } from '../../../src/decide/materialize.ts'
import { PositionSet } from '../../../src/decide/position-set.ts'
import { quantizeExactly } from '../../../src/decide/quantum.ts'
import { eventTypesOf } from '../../../src/domain/policy.ts'
import { account, candidate, decide, fill, policyOf, reasonsOf, symbols } from './support.ts'

const hour = 3_600_000_000_000

describe('arbiter', () => {
  test('arbiter: E10 breaks a tie by priority score, tier, detection, id in byte order', () => {
    const flat = policyOf({ weights: { priority_score: 0, freshness: 0, regime_alignment: 1, expected_value: 0 } })
    const decision = decide(flat, [
      candidate('\u{1f600}', { typeIndex: 1, detectedAtNs: -5 }),
      candidate('￿', { typeIndex: 1, detectedAtNs: -5 }),
      candidate('later', { typeIndex: 1, detectedAtNs: -4 }),
      candidate('tier', { typeIndex: 0, detectedAtNs: -4 }),
      candidate('priority', { typeIndex: 3, detectedAtNs: 0, priorityScore: 0.6 }),
    ])
    expect(decision.candidates.map((one) => one.eventId)).toEqual(['priority', 'tier', '￿', '\u{1f600}', 'later'])
  })

  test('arbiter: a detection in the future counts as now, for score and rank', () => {
    const decision = decide(policyOf({}), [
      candidate('b', { detectedAtNs: 5 * hour, waitingSinceNs: 5 * hour }),
      candidate('a', { detectedAtNs: 6 * hour, waitingSinceNs: 6 * hour }),
      candidate('c'),
    ])
    expect(decision.candidates.map((one) => [one.eventId, one.raw.freshness, one.ageBonus])).toEqual([
      ['a', 1, 0],
      ['b', 1, 0],
      ['c', 1, 0],
    ])
  })

  test('arbiter: one object decides again and again as a new one does, whatever it decided before', () => {
    const policy = policyOf({ selection: 'portfolio', max_open_positions: 3, interlock: null })
    const types = eventTypesOf(policy)
    const arbiter = new Arbiter(policy, types, 8)
    const set = new CandidateSet(8)
    const positions = new PositionSet(0)
    const few = [candidate('x', { symbolIndex: 1 }), candidate('y', { symbolIndex: 2, priorityScore: 0.1 })]
    const many = Array.from({ length: 8 }, (_, at) => candidate(`m${at}`, { symbolIndex: at, typeIndex: at % 4 }))
    const run = (inputs: typeof few): string => {
      const view = arbiter.decide(fill(set, inputs), positions, account)
      return JSON.stringify(materialize(view, set, positions, { types, symbols }))
    }
    const first = run(few)
    const second = run(many)
    expect(run(few)).toBe(first)
    expect(run(many)).toBe(second)
    expect(first).toBe(JSON.stringify(decide(policy, few)))
  })

  test('arbiter: new weights hold from the next decision on', () => {
    const policy = policyOf({})
    const arbiter = new Arbiter(policy, eventTypesOf(policy), 2)
    const set = fill(new CandidateSet(2), [
      candidate('priority', { priorityScore: 1 }),
      candidate('regime', { priorityScore: 0, regimeAlignment: 1 }),
    ])
    const positions = new PositionSet(0)
    expect(set.ids[arbiter.decide(set, positions, account).winner]).toBe('priority')
    arbiter.useWeights({ priorityScore: 0.1, freshness: 0, regimeAlignment: 0.2, expectedValue: 0 })
    expect(set.ids[arbiter.decide(set, positions, account).winner]).toBe('regime')
  })

  test('arbiter: the deficit queue forgets the types without an admissible candidate, and writes only the view', () => {
    const policy = policyOf({ fair_queue: 'deficit' })
    const set = fill(new CandidateSet(1), [candidate('a', { typeIndex: 1 })])
    const deficitsMinor = Float64Array.of(70, 80, -90, 0)
    const arbiter = new Arbiter(policy, eventTypesOf(policy), 1)
    const view = arbiter.decide(set, new PositionSet(0), { ...account, deficitsMinor })
    expect([...view.deficitsMinor]).toEqual([0, 80 + 100_000 - 1_000_000, 0, 0])
    expect([...deficitsMinor]).toEqual([70, 80, -90, 0])
  })

  test('arbiter: an empty set is decided: none admissible, nothing allocated', () => {
    const decision = decide(policyOf({}), [])
    expect(decision.selectionReason).toBe('none_admissible')
    expect(decision.capitalUnallocatedMinor).toBe(1_000_000)
  })

  test('arbiter: more candidates than its capacity are refused', () => {
    const policy = policyOf({})
    const arbiter = new Arbiter(policy, eventTypesOf(policy), 1)
    const set = fill(new CandidateSet(2), [candidate('a'), candidate('b')])
    expect(() => arbiter.decide(set, new PositionSet(0), account)).toThrow('candidates must be at most 1, got 2')
    expect(() => set.add(candidate('c'))).toThrow('at most 2 candidates')
  })

  test('arbiter: a type without a tier is refused at construction', () => {
    expect(() => new Arbiter(policyOf({}), ['NOVA'], 1)).toThrow('no tier for the type NOVA')
  })

  test('arbiter: times that differ by a nanosecond at an age of 200 years keep their order', () => {
    const set = fill(new CandidateSet(2), [candidate('later'), candidate('earlier')])
    const age = -(2 ** 62)
    for (const [at, rest] of [1, 0].entries()) {
      set.detectedAtNs[at] = age
      set.waitingSinceNs[at] = age
      set.detectedAtRestNs[at] = rest
      set.waitingSinceRestNs[at] = rest
    }
    const policy = policyOf({})
    const view = new Arbiter(policy, eventTypesOf(policy), 2).decide(set, new PositionSet(0), account)
    expect([...view.order]).toEqual([1, 0])
    expect(view.winner).toBe(1)
  })
})

describe('arbiter: risk limit', () => {
  test('risk limit: a member whose share buys no lot is dropped, and the others share anew', () => {
    const policy = policyOf({ selection: 'portfolio', max_open_positions: 3, interlock: null, max_wait_s: null })
    const decision = decide(policy, [
      candidate('a', { symbolIndex: 1 }),
      candidate('b', { symbolIndex: 2, lotCapitalMinor: 400_000 }),
      candidate('c', { symbolIndex: 3, lotCapitalMinor: 600_000 }),
    ])
    // A third each at first: c goes (worst-ranked of the two below their lot), then a half is enough for b.
    expect(decision.allocations).toEqual([
      { eventId: 'a', capitalMinor: 500_000 },
      { eventId: 'b', capitalMinor: 500_000 },
    ])
    expect(decision.rejected).toEqual([
      { eventId: 'c', reason: 'risk_limit', admissible: true, scoreDiff: 0, blockedBy: null },
    ])
  })

  test('risk limit: Infinity never buys a lot; with nobody left none was admissible', () => {
    const decision = decide(policyOf({}), [
      candidate('a', { lotCapitalMinor: Number.POSITIVE_INFINITY }),
      candidate('b', { priorityScore: 0.1 }),
    ])
    expect(decision.selectionReason).toBe('none_admissible')
    expect(decision.selected).toEqual([])
    expect(reasonsOf(decision)).toEqual({ a: 'risk_limit', b: 'lower_score' })
    expect(decision.rejected[1]!.scoreDiff).toBe(null)
    expect(decision.capitalUnallocatedMinor).toBe(1_000_000)
  })

  test('risk limit: a deficit queue whose choice buys no lot changes no deficit', () => {
    const policy = policyOf({ fair_queue: 'deficit' })
    expect(decide(policy, [candidate('a', { lotCapitalMinor: 2_000_000 })]).deficitsMinor).toBe(undefined)
    expect(decide(policy, [candidate('a')]).deficitsMinor).toEqual({ LIQUIDATION_CASCADE: 100_000 - 1_000_000 })
  })
})

describe('arbiter: portfolio', () => {
  test('portfolio: an overdue event brings better-ranked company of score 0 along, never worse-ranked', () => {
    const policy = policyOf({
      selection: 'portfolio',
      interlock: null,
      max_open_positions: 4,
      age_boost: null,
      max_wait_s: 60,
      weights: { priority_score: 0, freshness: 0, regime_alignment: 0, expected_value: 0 },
      allocation: 'need',
    })
    const old = -61_000_000_000
    const inputs = ['a', 'b', 'c'].map((id, at) => candidate(id, { symbolIndex: at, capitalRequiredMinor: 1 }))
    const overdue = { ...inputs[1]!, waitingSinceNs: old }
    const decision = decide(policy, [inputs[0]!, overdue, inputs[2]!])
    expect(decision.selected).toEqual(['a', 'b'])
    expect(reasonsOf(decision)).toEqual({ c: 'lower_score' })
  })

  test('portfolio: without a positive score the best-ranked goes alone', () => {
    const policy = policyOf({
      selection: 'portfolio',
      interlock: null,
      max_open_positions: 4,
      weights: { priority_score: 0, freshness: 0, regime_alignment: 0, expected_value: 0 },
    })
    const decision = decide(policy, [candidate('b', { symbolIndex: 1 }), candidate('a')])
    expect(decision.selected).toEqual(['a'])
    expect(decision.selectionReason).toBe('portfolio')
  })

  test('portfolio: a limit far beyond 2^31 positions is no limit', () => {
    const huge = 9_007_199_254_740_991
    const base = { selection: 'portfolio', max_open_positions: huge, max_positions_per_symbol: huge }
    const inputs = ['a', 'b', 'c'].map((id) => candidate(id))
    for (const interlock of [null, { scope: 'account' }, { scope: 'symbol' }]) {
      expect(decide(policyOf({ ...base, interlock }), inputs).selected).toEqual(['a', 'b', 'c'])
    }
  })

  test.each(['account', 'symbol'])('portfolio: sums beyond 2^53 are compared exactly in scope %s', (scope) => {
    const policy = policyOf({
      selection: 'portfolio',
      interlock: { scope, compatible: [] },
      max_open_positions: 4,
      max_positions_per_symbol: 4,
      weights: { priority_score: 2 ** 17, freshness: 0, regime_alignment: 0, expected_value: 0 },
    })
    const random = new Random(20_250_121)
    let hidden = 0
    for (let round = 0; round < 2000; round++) {
      // Two pairs that exclude each other, of neighbouring scores: 14.6 quanta apart, while doubles of their sums are 32 apart.
      const steps = [0, 1, 2, 3].map(() => random.integer(-4, 4))
      const inputs = steps.map((step, at) =>
        candidate(`e${at}`, { typeIndex: at < 2 ? 0 : 1, priorityScore: 0.9 + step * 2 ** -53 }),
      )
      const q = inputs.map((input) => quantizeExactly(input.priorityScore * 2 ** 17))
      const [first, second] = [q[0]! + q[1]!, q[2]! + q[3]!]
      if (first === second) continue
      if (Number(first) === Number(second)) hidden++
      expect([...decide(policy, inputs).selected].sort()).toEqual(first > second ? ['e0', 'e1'] : ['e2', 'e3'])
    }
    expect(hidden).toBeGreaterThan(50)
  })

  test.each(['account', 'symbol'])('portfolio: exact on 320 candidates of 32 types in scope %s', (scope) => {
    // Types in groups of three that exclude each other: 118,098 maximal cliques, the most that 32 types can have. In scope
    // `account` no two share a symbol, so the best set holds of each group the type with the greatest sum. In scope `symbol`
    // one candidate of each type stands on each symbol, which has 10 places for 11 groups: the best 10 of the groups' best.
    const own = Array.from({ length: 28 }, (_, at) => `T${String(at).padStart(2, '0')}`)
    const types = eventTypesOf(policyOf({ types: Object.fromEntries(own.map((type) => [type, { tier: 5 }])) }))
    const group = (type: number): number => Math.min(Math.floor(type / 3), 10)
    const pairs = types.flatMap((a, i) => types.flatMap((b, j) => (i < j && group(i) !== group(j) ? [[a, b]] : [])))
    const policy = policyOf({
      selection: 'portfolio',
      types: Object.fromEntries(own.map((type) => [type, { tier: 5 }])),
      interlock: { scope, compatible: pairs },
      max_open_positions: 320,
      max_positions_per_symbol: 10,
      max_wait_s: null,
      age_boost: null,
      weights: { priority_score: 1, freshness: 0, regime_alignment: 0, expected_value: 0 },
    })
    const inputs = Array.from({ length: 320 }, (_, at) =>
      candidate(`e${String(at).padStart(3, '0')}`, {
        typeIndex: at % 32,
        symbolIndex: scope === 'symbol' ? Math.floor(at / 32) : at,
        priorityScore: ((at * 7919) % 997) / 1000,
      }),
    )
    const bestOfGroups = (of: readonly (typeof inputs)[number][]): number[] => {
      const sums = new Map<number, number>()
      for (const { typeIndex } of of) {
        const sum = of.filter((one) => one.typeIndex === typeIndex).reduce((total, one) => total + one.priorityScore, 0)
        sums.set(group(typeIndex), Math.max(sums.get(group(typeIndex)) ?? 0, sum))
      }
      return [...sums.values()].sort((a, b) => b - a)
    }
    const total = (sums: readonly number[]): number => sums.reduce((sum, one) => sum + one, 0)
    const decision = decide(policy, inputs)
    const chosen = inputs.filter((one) => decision.selected.includes(one.eventId))
    const sum = total(chosen.map((one) => one.priorityScore))
    const parts =
      scope === 'symbol' ? symbols.slice(0, 10).map((_, at) => inputs.slice(at * 32, at * 32 + 32)) : [inputs]
    const places = scope === 'symbol' ? 10 : 11
    expect(sum).toBeCloseTo(total(parts.map((of) => total(bestOfGroups(of).slice(0, places)))), 9)
  })
})

describe('candidate set', () => {
  test.each([
    ['priorityScore', 80],
    ['priorityScore', Number.NaN],
    ['regimeAlignment', -0.1],
    ['expectedValue', Number.POSITIVE_INFINITY],
    ['typeIndex', -1],
    ['symbolIndex', -1],
    ['lifecycleState', 'ACTIVE'],
    ['lifecycleState', 5],
    ['detectedAtNs', Number.NaN],
    ['waitingSinceNs', undefined],
    ['expiresAtNs', Number.NaN],
    ['capitalRequiredMinor', -1],
    ['lotCapitalMinor', Number.NaN],
  ])('candidate set: a %s of %s is refused by name', (field, value) => {
    const set = new CandidateSet(2)
    expect(() => set.add({ ...candidate('a'), [field]: value })).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARGUMENT',
        field,
        message: expect.stringContaining(`${field} of a `),
      }),
    )
    expect(set.count).toBe(0)
  })

  test('arbiter: a type that it was made without is refused', () => {
    const policy = policyOf({})
    const set = fill(new CandidateSet(1), [candidate('a', { typeIndex: 99 })])
    expect(() => new Arbiter(policy, eventTypesOf(policy), 1).decide(set, new PositionSet(0), account)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field: 'typeIndex' }),
    )
  })
})
