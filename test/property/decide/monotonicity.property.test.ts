/**
 * Monotonicity: raising a component of a selected event, or letting it have waited longer, never makes it lose (LEVER-1); where the rules
 * do not allow that, the exception has a test of its own below. Idempotence: the same input decides the same bytes.
 * fast-check prints the seed of a failure.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitrate } from '../../../src/cli/arbitrate.ts'
import { Arbiter } from '../../../src/decide/arbiter.ts'
import { decideScenario, viewScenario } from '../../../src/decide/from-scenario.ts'
import { materialize } from '../../../src/decide/materialize.ts'
import { eventTypesOf } from '../../../src/domain/policy.ts'
import { policyJsonText } from '../../../src/domain/policy-json.ts'
import type { Scenario } from '../../../src/domain/scenario.ts'
import { decisionText, inputText } from '../../support/journal-text.ts'
import { scenarios, textOf } from './scenarios.ts'
import { type Case, cases, moved } from './what-if-check.ts'

const components = ['priority_score', 'regime_alignment', 'expected_value'] as const
const levers = [...components, 'waiting_time'] as const

/** How far a component is raised towards 1, or the beginning of the waiting is moved back over four minutes. */
const raise = fc.oneof(fc.constantFrom(1e-12, 0.1, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }))

function raised(scenario: Scenario, eventId: string, lever: (typeof levers)[number], by: number): Scenario {
  const event = scenario.candidates.find((candidate) => candidate.eventId === eventId)!
  const more = (value: number): number => Math.min(1, value + (1 - value) * by)
  switch (lever) {
    case 'priority_score':
      return moved(scenario, eventId, lever, more(event.priorityScore))
    case 'regime_alignment':
      return moved(scenario, eventId, lever, more(event.regimeAlignment))
    case 'expected_value':
      return moved(scenario, eventId, lever, more(event.expectedValue))
    case 'waiting_time':
      return moved(scenario, eventId, lever, event.waitingSinceNs - BigInt(Math.round(by * 240e9)))
  }
}

/** Raises each lever of each selected event; whoever then loses is an error. Returns how often that was tried. */
function check(arbitrary: fc.Arbitrary<Case>, numRuns: number, seed?: number): number {
  let tried = 0
  fc.assert(
    fc.property(arbitrary, raise, ({ scenario, policy }, by) => {
      for (const eventId of decideScenario(scenario, policy).selected) {
        for (const lever of levers) {
          tried += 1
          const { selected } = decideScenario(raised(scenario, eventId, lever, by), policy)
          expect(selected, `${eventId} with more ${lever}`).toContain(eventId)
        }
      }
    }),
    { numRuns, ...(seed === undefined ? {} : { seed }) },
  )
  return tried
}

const single = cases(7).filter(({ policy }) => policy.selection !== 'portfolio')

/** Nothing is demanded beyond a share and nobody is overdue, so nobody is dropped in another's place. */
const freeOfNeeds = cases(6)
  .filter(({ policy }) => policy.selection === 'portfolio' && policy.allocation !== 'need')
  .map(({ scenario, policy }) => ({
    policy: { ...policy, maxWaitS: null },
    scenario: { ...scenario, candidates: scenario.candidates.map((one) => ({ ...one, capitalRequiredMinor: 0 })) },
  }))

describe('monotonicity', () => {
  test('monotonicity: by score, hierarchy and both fair queues more never loses (LEVER-1)', () => {
    expect(check(single, 4_000)).toBeGreaterThan(2_000)
  })

  test('monotonicity: in a portfolio without needs of capital and without overdue events more never loses either', () => {
    expect(check(freeOfNeeds, 1_500)).toBeGreaterThan(2_000)
  })

  test('canary: in a portfolio with both the same check finds the exceptions by itself', () => {
    const portfolios = cases(6).filter(({ policy }) => policy.selection === 'portfolio')
    expect(() => check(portfolios, 4_000, 20_250_121)).toThrow(/^Property failed after/)
  })

  const now = 1_000_000_000_000
  const event = (event_id: string, priority_score: number, more: Record<string, unknown> = {}) => ({
    event_id,
    event_type: 'LIQUIDATION_CASCADE',
    symbol: event_id,
    lifecycle_state: 'ACTIVE',
    priority_score,
    regime_alignment: 0,
    expected_value: 0,
    detected_at_ns: now,
    ...more,
  })
  const selectedOf = (policy: unknown, candidates: unknown[]): string[] =>
    JSON.parse(arbitrate(JSON.stringify({ now_ns: now, capital: 100, policy, candidates }), 's.json')).selected

  test('exception: in a portfolio the share of who gains score grows, another falls below its need, and the worst-ranked is dropped', () => {
    const policy = {
      selection: 'portfolio',
      max_open_positions: 2,
      weights: { priority_score: 1, freshness: 0, regime_alignment: 0, expected_value: 0 },
    }
    const needy = event('needy', 0.5, { capital_required: 60 })
    expect(selectedOf(policy, [needy, event('modest', 0.3)])).toEqual(['needy', 'modest'])
    expect(selectedOf(policy, [needy, event('modest', 0.4)])).toEqual(['needy'])
  })

  test('exception: in a portfolio an overdue event is dropped last, so who takes its whole share by gaining score is dropped for it', () => {
    const policy = {
      selection: 'portfolio',
      max_open_positions: 2,
      age_boost: null,
      weights: { priority_score: 1, freshness: 0, regime_alignment: 0, expected_value: 0 },
    }
    const overdue = event('overdue', 0, { waiting_since_ns: now - 121e9 })
    expect(selectedOf(policy, [overdue, event('other', 0)])).toEqual(['other', 'overdue'])
    expect(selectedOf(policy, [overdue, event('other', 0.1)])).toEqual(['overdue'])
  })

  test('exception: fresher by a later detection loses a tie that the elder wins, where freshness weighs nothing (LEVER-2)', () => {
    const policy = { weights: { freshness: 0 } }
    const elder = (ago: number) => event('b', 0.5, { detected_at_ns: now - ago, waiting_since_ns: now })
    expect(selectedOf(policy, [event('c', 0.5), elder(10)])).toEqual(['b'])
    const other = event('a', 0.5, { detected_at_ns: now - 5, waiting_since_ns: now })
    expect(selectedOf(policy, [other, elder(10)])).toEqual(['b'])
    expect(selectedOf(policy, [other, elder(1)])).toEqual(['a'])
  })
})

describe('idempotence', () => {
  test('idempotence: the same text gives the same bytes, and so does its inputs line', () => {
    fc.assert(
      fc.property(scenarios(7), (json) => {
        const text = textOf(json)
        const line = arbitrate(text, '')
        expect(arbitrate(text, '')).toBe(line)
      }),
      { numRuns: 1_000 },
    )
    fc.assert(
      fc.property(cases(7), ({ scenario, policy }) => {
        // A line of the engine's always has an expiry; JSON's null means never.
        const input = inputText('arb', scenario, policyJsonText(policy))
        const stamp = { timestampNs: scenario.nowNs, sequence: 1, weightsVersion: 1, stateVersion: 0 }
        const decision = decideScenario(scenario, policy)
        const reservations = decision.selected.map(() => 'NOT_ATTEMPTED' as const)
        expect(arbitrate(input, '')).toBe(decisionText(decision, { ...stamp, reservations }))
      }),
      { numRuns: 1_000 },
    )
  })

  test('idempotence: an arbiter keeps nothing of the decisions that it took in between', () => {
    fc.assert(
      fc.property(cases(7), fc.array(cases(7), { maxLength: 3 }), ({ scenario, policy }, others) => {
        const types = eventTypesOf(policy)
        const arbiter = new Arbiter(policy, types, 7)
        const decide = (): string => {
          const { candidates, positions, account, names } = viewScenario(scenario, policy)
          return JSON.stringify(
            materialize(arbiter.decide(candidates, positions, account), candidates, positions, names),
          )
        }
        const first = decide()
        for (const other of others) {
          const foreign = viewScenario(other.scenario, other.policy)
          // Of another policy: only types that this arbiter knows too.
          if (foreign.names.types.length > types.length) continue
          arbiter.decide(foreign.candidates, foreign.positions, foreign.account)
        }
        expect(decide()).toBe(first)
      }),
      { numRuns: 800 },
    )
  })

  test('canary: a score that depends on how often it was asked is not the same twice', () => {
    const [{ scenario, policy }] = fc
      .sample(cases(7), { numRuns: 20, seed: 7 })
      .filter(({ scenario: { candidates } }) => candidates.length > 0) as [Case]
    const { candidates, positions, account, names } = viewScenario(scenario, policy)
    let calls = 0
    const arbiter = new Arbiter(policy, names.types, 7, { scorer: () => ++calls })
    const decide = (): string =>
      JSON.stringify(materialize(arbiter.decide(candidates, positions, account), candidates, positions, names))
    expect(decide()).not.toBe(decide())
  })
})
