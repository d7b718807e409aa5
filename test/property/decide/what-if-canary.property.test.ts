/** The properties of the what-if can fail: a search that is one step off, in either direction, is found by them. */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { decideScenario } from '../../../src/decide/from-scenario.ts'
import { whatIf } from '../../../src/decide/what-if.ts'
import { cases, untruths } from './what-if-check.ts'

const off = vi.hoisted(() => ({ steps: 0n }))

vi.mock('../../../src/decide/step-search.ts', async (original) => {
  const search = await original<typeof import('../../../src/decide/step-search.ts')>()
  const shifted =
    <Args extends [bigint, ...unknown[]]>(find: (...args: Args) => bigint | null) =>
    (...args: Args): bigint | null => {
      const found = find(...args)
      const step = found === null ? null : found + off.steps
      return step === null || step < 1n || step > args[0] ? found : step
    }
  return { ...search, bisectSteps: shifted(search.bisectSteps), scanSteps: shifted(search.scanSteps) }
})

const sample = fc.sample(cases(4), { numRuns: 60, seed: 20_250_121 })

function faults(): string[] {
  return sample.flatMap(({ scenario, policy }) =>
    decideScenario(scenario, policy).rejected.flatMap(({ eventId }) =>
      untruths(scenario, policy, whatIf(scenario, policy, eventId)!),
    ),
  )
}

test('what-if canary: the search as it is has no fault in the sample', () => {
  off.steps = 0n
  expect(faults()).toEqual([])
})

test('what-if canary: a search that goes one step too far is found', () => {
  off.steps = 1n
  expect(faults().some((fault) => fault.endsWith('wins already'))).toBe(true)
})

test('what-if canary: a search that stops one step short is found', () => {
  off.steps = -1n
  expect(faults().some((fault) => fault.endsWith('does not win'))).toBe(true)
})
