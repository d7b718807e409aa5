/** The comparison with the oracle can fail: each of these faults, put into one side's policy, is found. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitrate } from '../../../src/cli/arbitrate.ts'
import { oracle } from './oracle.ts'
import type { PolicyJson } from './scenarios.ts'
import { scenarios, textOf } from './scenarios.ts'

const faults: [string, (policy: PolicyJson) => Partial<PolicyJson>][] = [
  ['a bound that is a nanosecond off', ({ max_wait_s: wait }) => ({ max_wait_s: wait === 120 ? 120.000000001 : wait })],
  ['idle pots are not lent', () => ({ capital_slots_borrow: 'none' })],
  ['the wrong scope', ({ interlock }) => ({ interlock: interlock && { ...interlock, scope: 'account' } })],
  ['one slot less', ({ max_open_positions: max }) => ({ max_open_positions: Math.max(1, max - 1) })],
  ['one place on a symbol', () => ({ max_positions_per_symbol: 1 })],
  [
    'what is required is not set aside',
    ({ allocation: rule }) => ({ allocation: rule === 'floor' ? 'proportional' : rule }),
  ],
  ['no tiers', () => ({ tiers: {} })],
  ['a queue with another quantum', () => ({ fair_queue_quantum: 0.1 })],
]

/** One sample for all of them: making it is most of the work. */
const sample = fc.sample(scenarios(7), { numRuns: 4000, seed: 20_250_121 })

test.each(faults)('oracle canary: %s', (_, fault) => {
  const differs = sample.some((scenario) => {
    const faulty = { ...scenario, policy: { ...scenario.policy, ...fault(scenario.policy) } }
    const entry = JSON.parse(arbitrate(textOf(faulty), ''))
    const expected = oracle(scenario)
    const same = (key: 'selected' | 'selection_reason' | 'allocations' | 'deficits'): boolean =>
      JSON.stringify(entry[key], ['event_id', 'capital', ...Object.keys(entry.deficits ?? {})]) ===
      JSON.stringify(expected[key], ['event_id', 'capital', ...Object.keys(entry.deficits ?? {})])
    return !(same('selected') && same('selection_reason') && same('allocations') && same('deficits'))
  })
  expect(differs).toBe(true)
})
