/** Properties of the what-if, judged by the oracle (`what-if-check.ts`). fast-check prints the seed of a failure. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideScenario } from '../../../src/decide/from-scenario.ts'
import { whatIf } from '../../../src/decide/what-if.ts'
import { type Case, cases, singleChoices, untruths } from './what-if-check.ts'

/** Checks all that was turned down in random cases; returns how much there was to be checked. */
function check(
  arbitrary: fc.Arbitrary<Case>,
  numRuns: number,
): { readonly exact: number; readonly scanned: number; readonly remedies: number } {
  let exact = 0
  let scanned = 0
  let remedies = 0
  fc.assert(
    fc.property(arbitrary, ({ scenario, policy }) => {
      for (const { eventId } of decideScenario(scenario, policy).rejected) {
        const found = whatIf(scenario, policy, eventId)!
        expect(untruths(scenario, policy, found)).toEqual([])
        exact += found.changes.filter(({ search }) => search === 'bisection').length
        scanned += found.changes.filter(({ search }) => search === 'scan').length
        remedies += found.remedies.length
      }
    }),
    { numRuns },
  )
  return { exact, scanned, remedies }
}

describe('what if: properties', () => {
  test('what if: a change wins and a step less does not; remedies do as they say', () => {
    const { scanned, remedies } = check(cases(5), 150)
    expect(Math.min(scanned, remedies)).toBeGreaterThan(50)
  })

  test('what if: where one is chosen, no nearer change wins, all beyond it win, and what is futile never wins', () => {
    const { exact } = check(singleChoices(5), 300)
    expect(exact).toBeGreaterThan(200)
  })
})
