/** Properties of the decision, through `arbitrate`: text in, text out. fast-check prints the seed of a failure. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitrate } from '../../../src/cli/arbitrate.ts'
import { oracle } from './oracle.ts'
import { scenarios, textOf } from './scenarios.ts'

interface Entry {
  candidates: { event_id: string; score: number; rank: number }[]
  admissible_count: number
  selected: string[]
  selection_reason: string
  rejected_events: { score_diff: number | null }[]
  allocations: { event_id: string; capital: number; reservation_status: string }[]
  capital_allocated: number
  capital_unallocated: number
  deficits?: Record<string, number>
}

const decide = (scenario: unknown): Entry => JSON.parse(arbitrate(textOf(scenario), 'scenario.json')) as Entry

/** Cents from the shortest text of an amount, which has at most two decimals. */
function minor(money: number): bigint {
  const [units, cents = ''] = String(money).split('.')
  return BigInt(units + cents.padEnd(2, '0'))
}

/** A printed number has 12 significant digits. */
const printed = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(12)))

describe('arbitrate: properties', () => {
  test('a naive second arbiter comes to the same decision', () => {
    fc.assert(
      fc.property(scenarios(7), (scenario) => {
        const entry = decide(scenario)
        const expected = oracle(scenario)
        expect(entry.candidates.map((candidate) => candidate.event_id)).toEqual(expected.ranked)
        expect(entry.candidates.map((candidate) => candidate.rank)).toEqual(expected.ranked.map((_, at) => at + 1))
        expect(entry.candidates.map((candidate) => candidate.score)).toEqual(expected.scores.map(printed))
        expect(entry.admissible_count).toBe(expected.admissible_count)
        expect(entry.selection_reason).toBe(expected.selection_reason)
        expect(entry.selected).toEqual(expected.selected)
        const diffs = expected.rejected_events.map((event) => ({ ...event, score_diff: printed(event.score_diff) }))
        expect(entry.rejected_events).toEqual(diffs)
        const allocations = expected.allocations.map((one) => ({ ...one, reservation_status: 'NOT_ATTEMPTED' }))
        expect(entry.allocations).toEqual(allocations)
        expect(entry.capital_allocated).toBe(expected.capital_allocated)
        expect(entry.capital_unallocated).toBe(expected.capital_unallocated)
        expect(entry.deficits).toEqual(expected.deficits)
      }),
      { numRuns: 6000 },
    )
  })

  test('the order of the candidates in the input never changes a byte', () => {
    const withOrder = scenarios(9).chain((scenario) =>
      fc.tuple(
        fc.constant(scenario),
        fc.shuffledSubarray(scenario.candidates, { minLength: scenario.candidates.length }),
      ),
    )
    fc.assert(
      fc.property(withOrder, ([scenario, candidates]) => {
        const shuffled = textOf({ ...scenario, candidates })
        expect(arbitrate(shuffled, '')).toBe(arbitrate(textOf(scenario), ''))
      }),
      { numRuns: 1000 },
    )
  })

  test('allocated and unallocated sum to what is available, to the cent (E15)', () => {
    fc.assert(
      fc.property(scenarios(9), (scenario) => {
        const held = scenario.open_positions.reduce((sum, position) => sum + minor(position.capital), 0n)
        const capital = minor(scenario.capital)
        const available = capital > held ? capital - held : 0n
        const entry = decide(scenario)
        const allocated = entry.allocations.reduce((sum, allocation) => sum + minor(allocation.capital), 0n)
        expect(allocated).toBe(minor(entry.capital_allocated))
        expect(allocated + minor(entry.capital_unallocated)).toBe(available)
      }),
      { numRuns: 1000 },
    )
  })

  test('nobody is left without a reason, and nobody has two fates', () => {
    fc.assert(
      fc.property(scenarios(9), (scenario) => {
        const entry = decide(scenario)
        expect(entry.selected.length + entry.rejected_events.length).toBe(scenario.candidates.length)
        expect(entry.selected.length === 0).toBe(entry.selection_reason === 'none_admissible')
      }),
      { numRuns: 500 },
    )
  })
})
