/** What the benches make of samples: percentiles, medians and spread over processes, ratios, and whether a bar holds. */
import { describe, expect, test } from 'vitest'
import { p50AtMost, ratioAtLeast, ratioAtMost, tailAtMost, throughputAtLeast } from '../../../bench/bars.mjs'
import { type Measured, median, percentile, percentilesOf, rowOf } from '../../../bench/statistics.mjs'
import { Random } from '../../../src/base/random.ts'

const quiet: Measured = {
  name: 'call',
  unit: 'ns',
  samples: 100,
  p50: 10,
  p99: 20,
  p999: 30,
  max: 40,
  throughput_per_s: 1e8,
  floor: null,
  ratio: null,
  bars: [],
}

describe('bench statistics', () => {
  test('bench statistics: a percentile is the least sample that so many do not pass', () => {
    const sorted = Array.from({ length: 100 }, (_, index) => index + 1)
    expect([0.001, 0.01, 0.5, 0.501, 0.99, 0.999, 1].map((fraction) => percentile(sorted, fraction))).toEqual([
      1, 1, 50, 51, 99, 100, 100,
    ])
    expect(percentile([7], 0.5)).toBe(7)
  })

  test('bench statistics: percentiles do not depend on the order of the samples, and leave them as they were', () => {
    const random = new Random(11)
    const samples = Float64Array.from({ length: 1_001 }, () => random.fraction())
    const before = samples.slice()
    const sorted = samples.slice().sort()
    expect(percentilesOf(samples)).toEqual({
      p50: sorted[500],
      p99: sorted[990],
      p999: sorted[999],
      max: sorted[1_000],
    })
    expect(samples).toEqual(before)
  })

  test('bench statistics: a median passes over what was not measured, and is null when nothing was', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1])).toBe(2.5)
    expect(median([null, 5])).toBe(5)
    expect(median([null])).toBeNull()
  })

  test('bench statistics: a row has medians over the processes and the spread of its p50', () => {
    const row = rowOf('suite', [quiet, { ...quiet, p50: 12, p99: 90 }, { ...quiet, p50: 11, max: 1_000 }])
    expect(row).toMatchObject({
      suite: 'suite',
      name: 'call',
      p50: 11,
      p99: 20,
      p999: 30,
      max: 40,
      samples: 300,
      runs: 3,
    })
    expect(row).toMatchObject({ must: null, holds: null, spread: { of: 'p50', min: 10, max: 12 } })
  })

  test('bench statistics: the ratio is the median of those within a process, not a ratio of medians', () => {
    const floored = (p50: number, value: number): Measured => ({
      ...quiet,
      p50,
      floor: { name: 'floor', value },
      ratio: p50 / value,
      bars: [ratioAtMost(1.5)],
    })
    // Two slow processes, slow for both; medians across them would say 40 ÷ 10.
    const row = rowOf('suite', [floored(10, 10), floored(40, 40), floored(44, 4)])
    expect(row.ratio).toBe(1)
    expect(row).toMatchObject({
      floor: { name: 'floor', value: 10 },
      holds: true,
      spread: { of: 'ratio', min: 1, max: 11 },
    })
  })

  test('bench statistics: the spread is of what the first bar judges', () => {
    const runs = [quiet, { ...quiet, throughput_per_s: 9e7 }].map((run) => ({
      ...run,
      bars: [throughputAtLeast(1_000)],
    }))
    expect(rowOf('suite', runs).spread).toEqual({ of: 'throughput_per_s', min: 9e7, max: 1e8 })
  })

  test.each([
    [p50AtMost(10), true, 'p50 ≤ 10 ns'],
    [p50AtMost(9), false, 'p50 ≤ 9 ns'],
    [p50AtMost(12_000), true, 'p50 ≤ 12 µs'],
    [tailAtMost(2), true, 'p99 ≤ 2 × p50'],
    [tailAtMost(1.9), false, 'p99 ≤ 1.9 × p50'],
    [throughputAtLeast(1e8), true, '≥ 100,000,000 / s'],
    [throughputAtLeast(1e8 + 1), false, '≥ 100,000,001 / s'],
    [ratioAtLeast(1), false, '≥ 1 ×'],
  ] as const)('bench statistics: of a call of 10 ns, %j is %s', (bar, holds, must) => {
    expect(rowOf('suite', [{ ...quiet, bars: [bar] }])).toMatchObject({ must, holds })
  })

  test('bench statistics: of several bars one that does not hold is enough', () => {
    expect(rowOf('suite', [{ ...quiet, bars: [p50AtMost(10), tailAtMost(1)] }])).toMatchObject({
      must: 'p50 ≤ 10 ns, p99 ≤ 1 × p50',
      holds: false,
    })
  })
})
