/** The benches' sampler: each call is made as often as it says, and the samples are of it. Times are a clock of the test's own. */
import { describe, expect, test } from 'vitest'
import { batched, openLooped, sampleInOrder, sampleInTurns } from '../../../bench/sampler.mjs'

describe('bench sampler', () => {
  test('bench sampler: a batch is so many calls, and every sample is filled', () => {
    let nowMs = 0
    let calls = 0
    const call = () => {
      nowMs += 0.25
      return ++calls
    }
    const target = batched(call, { isQuick: true, calls: 10, count: 40, clock: () => nowMs })
    sampleInTurns([target], true)
    expect(calls % 10).toBe(0)
    expect([...target.samples]).toEqual(Array.from({ length: 40 }, () => 250_000))
  })

  test('bench sampler: a call in an open loop is late by what the one before it took', () => {
    let nowMs = 0
    // So that none of the slow ones is the last.
    let calls = 50
    // One call of a hundred takes 5 ms, every other one nothing; one is meant to begin every 0.1 ms.
    const target = openLooped(
      () => {
        calls += 1
        if (calls % 100 === 0) nowMs += 5
        return calls
      },
      { isQuick: true, intervalNs: 100_000, count: 400, clock: () => (nowMs += 0.000_1) },
    )
    sampleInOrder([target], true)
    // Those that were meant to begin while it ran are late too. A closed loop would know of four slow calls and no more.
    const late = [...target.samples].filter((sample) => sample > 1e6)
    expect(late.length).toBeGreaterThanOrEqual(4 * 40)
    expect(late.length).toBeLessThanOrEqual(4 * 42)
    expect(Math.max(...target.samples)).toBeLessThan(5.1e6)
  })

  test('bench sampler: each target has a loop of its own', () => {
    const [one, other] = [batched(() => 1, { isQuick: true }), batched(() => 2, { isQuick: true })]
    expect(one.loop).not.toBe(other.loop)
  })
})
