import { describe, expect, test } from 'vitest'
import { bisectSteps, scanSteps } from '../../../src/decide/step-search.ts'

const from = (first: bigint) => (step: bigint) => step >= first

describe('step search', () => {
  test.each([1n, 2n, 3n, 999n, 1000n])(
    'step search: bisection finds the first of 1000 steps that wins, %d',
    (first) => {
      expect(bisectSteps(1000n, from(first))).toBe(first)
    },
  )

  test('step search: nothing wins, or there is no step', () => {
    expect(bisectSteps(1000n, () => false)).toBeNull()
    expect(bisectSteps(0n, () => true)).toBeNull()
    expect(scanSteps(1000n, [], () => false)).toBeNull()
    expect(scanSteps(0n, [], () => true)).toBeNull()
  })

  test('step search: bisection asks a logarithm of questions, a scan a bounded number, whatever the range', () => {
    let asked = 0
    const counting = (step: bigint): boolean => {
      asked++
      return step >= 2n ** 59n
    }
    expect(bisectSteps(2n ** 60n, counting)).toBe(2n ** 59n)
    expect(asked).toBeLessThan(64)
    asked = 0
    expect(scanSteps(2n ** 60n, [], counting)).toBe(2n ** 59n)
    expect(asked).toBeLessThan(400)
  })

  test('step search: a scan finds the edge before the first of its sample that wins, also where it loses again later', () => {
    const wins = (step: bigint): boolean => step >= 300_001n && step < 400_000n
    const found = scanSteps(1_000_000n, [], wins)!
    expect(found).toBe(300_001n)
  })

  test('step search: a win between two steps of the sample is found where it is notable, and not elsewhere', () => {
    const wins = (step: bigint): boolean => step === 300_001n
    expect(scanSteps(1_000_000n, [], wins)).toBeNull()
    expect(scanSteps(1_000_000n, [300_001n], wins)).toBe(300_001n)
    expect(scanSteps(300_000n, [300_001n, -5n, 0n], wins)).toBeNull()
  })
})
