/** The arbiter under weights by regime against two arbiters that know none: the first finds the regime, the second has its weights. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arbiter } from '../../../src/decide/arbiter.ts'
import { viewScenario } from '../../../src/decide/from-scenario.ts'
import { materialize } from '../../../src/decide/materialize.ts'
import type { Scorer } from '../../../src/decide/scorer.ts'
import { eventTypesOf, type Policy, type Weights } from '../../../src/domain/policy.ts'
import { regimes } from '../../../src/domain/regime.ts'
import type { Scenario } from '../../../src/domain/scenario.ts'
import { cases } from './what-if-check.ts'

const weight = fc.constantFrom(0, 0.1, 0.25, 0.5, 1)
const someWeights = fc.record({
  priorityScore: weight,
  freshness: weight,
  regimeAlignment: weight,
  expectedValue: weight,
})
const byRegimes = fc.record(
  { expansion: someWeights, contraction: someWeights, trend: someWeights, sideways: someWeights },
  { requiredKeys: [] },
)

interface Setup {
  readonly scenario: Scenario
  readonly policy: Policy
  readonly weights: Weights
  readonly byRegime: Readonly<Partial<Record<(typeof regimes)[number], Weights>>>
  readonly regimeOf: readonly number[]
}
const setups: fc.Arbitrary<Setup> = fc
  .record({
    one: cases(7),
    weights: someWeights,
    byRegime: byRegimes,
    regimeOf: fc.array(fc.integer({ min: -1, max: regimes.length - 1 }), { minLength: 7, maxLength: 7 }),
  })
  .map(({ one, ...rest }) => ({ scenario: one.scenario, policy: one.policy, ...rest }))

/** The decision under these weights, whatever the regime; and the best of them all. */
function plainly({ scenario, policy }: Setup, weights: Weights, scorer?: Scorer) {
  const { candidates, positions, account, names } = viewScenario(scenario, policy)
  const options = scorer === undefined ? {} : { scorer }
  const arbiter = new Arbiter(policy, eventTypesOf(policy), Math.max(1, candidates.count), options)
  arbiter.useWeights(weights)
  const view = arbiter.decide(candidates, positions, account)
  return { decision: materialize(view, candidates, positions, names), best: view.count === 0 ? -1 : view.order[0]! }
}

function check(setup: Setup, scorer?: Scorer): boolean {
  const { scenario, policy, weights, byRegime, regimeOf } = setup
  const { candidates, positions, account, names } = viewScenario(scenario, policy)
  for (let at = 0; at < candidates.count; at += 1) candidates.regime[at] = regimeOf[at % regimeOf.length]!
  const options = scorer === undefined ? {} : { scorer }
  const arbiter = new Arbiter(policy, eventTypesOf(policy), Math.max(1, candidates.count), options)
  arbiter.useWeights(weights, byRegime)
  const { best } = plainly(setup, weights, scorer)
  const regime = best < 0 ? -1 : candidates.regime[best]!
  const own = byRegime[regimes[regime]!]
  // Twice: nothing of a decision stays for the next.
  for (let round = 0; round < 2; round += 1) {
    const view = arbiter.decide(candidates, positions, account)
    const decision = materialize(view, candidates, positions, names)
    expect(decision).toEqual(plainly(setup, own ?? weights, scorer).decision)
    expect(view.weights).toEqual(own ?? weights)
    expect(view.weightsRegime).toBe(own === undefined ? -1 : regime)
  }
  return own !== undefined
}

describe('weights by regime', () => {
  test('a decision is the one under the weights of the best candidate’s regime, or else the overall ones', () => {
    let withOwn = 0
    fc.assert(
      fc.property(setups, (setup) => {
        if (check(setup)) withOwn += 1
      }),
      { numRuns: 400 },
    )
    expect(withOwn).toBeGreaterThan(50)
  })

  test('a scorer of one’s own is handed the weights that the decision has', () => {
    const scorer: Scorer = ({ priorityScore, freshness }, weights) =>
      weights.priorityScore * (1 - priorityScore) + weights.freshness * freshness
    fc.assert(
      fc.property(setups, (setup) => {
        check(setup, scorer)
      }),
    )
  })

  test('canary: the regime of the best under the regime’s own weights would be another one now and then', () => {
    let differing = 0
    fc.assert(
      fc.property(setups, (setup) => {
        const { byRegime, regimeOf, weights } = setup
        const { best } = plainly(setup, weights)
        const own = best < 0 ? undefined : byRegime[regimes[regimeOf[best % regimeOf.length]!]!]
        if (own === undefined) return
        const after = plainly(setup, own).best
        if (regimeOf[after % regimeOf.length] !== regimeOf[best % regimeOf.length]) differing += 1
      }),
      { numRuns: 400 },
    )
    expect(differing).toBeGreaterThan(3)
  })
})
