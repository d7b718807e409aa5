import { describe, expect, it } from 'vitest'
import { SpinBudget } from '../../../src/channel/spin-budget.ts'

const wholeNs = 200_000
const wakeNs = 30_000

/** A wait for what comes by itself, so long after the wait began. @returns True: the spin lasted until it came. */
function wait(budget: SpinBudget, comesNs: number): boolean {
  if (comesNs <= budget.ns) {
    budget.paid()
    return true
  }
  budget.parked(comesNs + wakeNs)
  return false
}

describe('a spin budget', () => {
  it('begins whole, and is nothing after a few waits that took longer', () => {
    const budget = new SpinBudget(wholeNs)
    expect(budget.ns).toBe(wholeNs)
    for (let waits = 0; waits < 7; waits += 1) wait(budget, 1e6)
    expect(budget.ns).toBe(0)
    for (let waits = 0; waits < 100; waits += 1) wait(budget, 1e6)
    expect(budget.ns).toBe(0)
  })

  it.each([5_000, 50_000, 100_000, 150_000])('after a stall waits of %d ns are spun again within a few', (comesNs) => {
    const budget = new SpinBudget(wholeNs)
    for (let waits = 0; waits < 100; waits += 1) wait(budget, 1e6)
    let waits = 1
    while (!wait(budget, comesNs)) waits += 1
    expect(waits).toBeLessThanOrEqual(5)
    // And from then on, all of them.
    for (let more = 0; more < 100; more += 1) expect(wait(budget, comesNs)).toBe(true)
  })

  it('beside an end that has no core until the spin is over, it spins no longer than two wake-ups take', () => {
    const budget = new SpinBudget(wholeNs)
    let spunNs = 0
    for (let waits = 0; waits < 1_100; waits += 1) {
      if (waits >= 100) spunNs += budget.ns
      budget.parked(budget.ns + wakeNs)
    }
    expect(spunNs / 1_000).toBeLessThan(2 * wakeNs)
  })

  it('of nothing is nothing', () => {
    const budget = new SpinBudget(0)
    budget.parked(0)
    budget.paid()
    expect([budget.ns, budget.isNever]).toEqual([0, true])
  })
})
