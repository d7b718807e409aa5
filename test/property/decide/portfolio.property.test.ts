/** The portfolio is exact: against every subset of up to 12 candidates. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitrate } from '../../../src/cli/arbitrate.ts'
import { oracle } from './oracle.ts'
import type { ScenarioJson } from './scenarios.ts'
import { scenarios, textOf } from './scenarios.ts'

/** The same scenario with hardly anything between the candidates and the choice. */
function forPortfolio(scenario: ScenarioJson): ScenarioJson {
  return {
    ...scenario,
    capital: 10_000,
    trading_state: 'ACTIVE',
    state_age_ms: 0,
    open_positions: scenario.open_positions.map((position) => ({ ...position, capital: 1 })),
    policy: { ...scenario.policy, selection: 'portfolio', capital_slots: null, min_priority_score: 0 },
    candidates: scenario.candidates.map(({ expires_at_ns: _, ...candidate }) => ({
      ...candidate,
      lifecycle_state: 'ACTIVE',
      capital_required: 1,
    })),
  }
}

/** Scores are whole tenths, so that sets of different types and sizes often have the same sum. */
function inTenths(scenario: ScenarioJson): ScenarioJson {
  const weights = { priority_score: 1, freshness: 0, regime_alignment: 0, expected_value: 0 }
  return {
    ...scenario,
    policy: { ...scenario.policy, weights, age_boost: null },
    candidates: scenario.candidates.map((candidate) => ({
      ...candidate,
      priority_score: Math.round(candidate.priority_score * 5) / 10,
    })),
  }
}

test.each([
  ['any scores', (scenario: ScenarioJson) => scenario],
  ['scores in tenths', inTenths],
])('portfolio: the best permitted set of up to 12 candidates, first by ranks on a tie: %s', (_, change) => {
  let severalMembers = 0
  fc.assert(
    fc.property(scenarios(12), (random) => {
      const scenario = change(forPortfolio(random))
      const entry = JSON.parse(arbitrate(textOf(scenario), '')) as ReturnType<typeof oracle>
      const expected = oracle(scenario)
      expect(entry.selected).toEqual(expected.selected)
      expect(entry.rejected_events.map((event) => [event.event_id, event.reason, event.blocked_by])).toEqual(
        expected.rejected_events.map((event) => [event.event_id, event.reason, event.blocked_by]),
      )
      if (entry.selected.length > 1) severalMembers++
    }),
    { numRuns: 800 },
  )
  expect(severalMembers).toBeGreaterThan(100)
})
