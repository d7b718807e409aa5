/**
 * The statistics of the gates against an independent reference (`test/support/gates-reference.py`, standard library: exact fractions, 700
 * decimal digits for the normal). `gates.fixtures.json` holds its inputs, all of them integers or exactly representable, and its results.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ArbitrationSet } from '../../../../src/learn/tuning/arbitration-set.ts'
import { deflatedSharpe, expectedMaximum, trialsOfMaximum } from '../../../../src/learn/tuning/deflated-sharpe.ts'
import { effectiveSample } from '../../../../src/learn/tuning/effective-sample.ts'
import { normalCdf, normalQuantile } from '../../../../src/learn/tuning/normal.ts'
import { overfittingProbability } from '../../../../src/learn/tuning/overfitting.ts'
import { realityCheck } from '../../../../src/learn/tuning/reality-check.ts'
import {
  blockLengthOf,
  bootstrapInterval,
  StationaryBootstrap,
} from '../../../../src/learn/tuning/stationary-bootstrap.ts'
import { walkForward } from '../../../../src/learn/tuning/walk-forward.ts'
import { trialsOf } from '../../../support/made-up-arbitrations.ts'

const reference = JSON.parse(readFileSync(new URL('gates.fixtures.json', import.meta.url), 'utf8'))

/** The greatest of so many numbers as the paper has it (its equation 1), which is what the reference takes. */
function paperMaximum(trials: number): number {
  const euler = 0.5772156649015329
  if (trials <= 1) return 0
  return (1 - euler) * normalQuantile(1 - 1 / trials) + euler * normalQuantile(1 - 1 / (trials * Math.E))
}

/** Apart by less than so many parts of the greater. */
function expectNear(value: number, expected: number, share: number): void {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(share * Math.max(Math.abs(expected), Number.MIN_VALUE))
}

describe('the normal distribution', () => {
  it('is right to 1e-15 at twenty points, and to 1e-8 of itself in the lower tail (series, 700 digits)', () => {
    for (const [z, p] of reference.cdf) {
      expect(Math.abs(normalCdf(z) - p)).toBeLessThan(1e-15)
      expectNear(normalCdf(z), p, 1e-8)
    }
    expect([normalCdf(Number.NEGATIVE_INFINITY), normalCdf(0), normalCdf(Number.POSITIVE_INFINITY)]).toEqual([
      0, 0.5, 1,
    ])
    expect(normalCdf(Number.NaN)).toBeNaN()
  })

  it('is inverted to 2e-15 at twenty points, at the seams of the approximation too (bisection and Newton, 700 digits)', () => {
    for (const [p, z] of reference.quantile)
      expect(Math.abs(normalQuantile(p) - z)).toBeLessThan(2e-15 * Math.max(1, -z, z))
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
    expect(normalQuantile(Number.NaN)).toBeNaN()
  })
})

describe('the effective sample', () => {
  it('is that of the initial monotone sequence (exact fractions) on noise, on autoregressions, on a trend', () => {
    for (const [name, expected] of Object.entries<number>(reference.effective)) {
      expectNear(effectiveSample(Float64Array.from(reference.series[name])), expected, 1e-12)
    }
  })

  it('is nothing without a spread, without two observations, or of what is not a number', () => {
    for (const series of [[], [1], [2, 2, 2, 2], [0, 0, 0], [1, Number.NaN, 2]]) {
      expect(effectiveSample(Float64Array.from(series))).toBe(0)
    }
  })

  it('does not change with the scale or the place of the series', () => {
    const series = Float64Array.from<number>(reference.series.ar5)
    const expected = reference.effective.ar5
    for (const [scale, place] of [
      [1024, 0],
      [-1 / 1024, 0],
      [1, 65_536],
      [1e60, 0],
      [1e-60, 0],
    ] as const) {
      expectNear(effectiveSample(series.map((value) => value * scale + place)), expected, 1e-9)
    }
  })
})

describe('the block length', () => {
  it('is that of Politis and White as corrected in 2009 (exact fractions) on noise, on autoregressions, on a trend', () => {
    for (const [name, { b }] of Object.entries<{ b: number }>(reference.block)) {
      expectNear(blockLengthOf(Float64Array.from(reference.series[name])), b, 1e-11)
    }
  })

  it('is within one and the lesser of a third of the series and three roots of it', () => {
    for (const count of [8, 9, 20, 81, 100, 400]) {
      const walk = Float64Array.from({ length: count }, (_, at) => at * at)
      const most = Math.ceil(Math.min(3 * Math.sqrt(count), count / 3))
      expect(blockLengthOf(walk)).toBeLessThanOrEqual(most)
      expect(blockLengthOf(walk)).toBeGreaterThanOrEqual(1)
    }
  })

  it('is one where nothing can be said: no spread, fewer than eight observations, what is not a number', () => {
    for (const series of [[], [1], [1, 2, 3, 4, 5, 6, 7], new Array(50).fill(3), new Array(50).fill(Number.NaN)]) {
      expect(blockLengthOf(Float64Array.from(series))).toBe(1)
    }
  })
})

describe('the stationary bootstrap', () => {
  // P(the next is j's neighbour) = 1 − p + p ÷ n, of any other p ÷ n, p = 1 ÷ length: hence the second moments of the multiplicities, exactly.
  it('has each observation once on average, and neighbours together as often as the mean block length says', () => {
    const resamples = 40_000
    for (const { n, L, values } of reference.moments) {
      const bootstrap = new StationaryBootstrap(n, L, 5)
      const mean = new Float64Array(n)
      const together = new Float64Array(n)
      for (let resample = 0; resample < resamples; resample += 1) {
        const times = bootstrap.next()
        expect(times.reduce((sum: number, value: number) => sum + value, 0)).toBe(n)
        for (let at = 0; at < n; at += 1) {
          mean[at] = mean[at]! + times[at]! / resamples
          for (let apart = 0; apart < n; apart += 1) {
            together[apart] = together[apart]! + (times[at]! * times[(at + apart) % n]!) / resamples / n
          }
        }
      }
      for (let at = 0; at < n; at += 1) {
        expect(Math.abs(mean[at]! - 1)).toBeLessThan(0.02)
        expect(Math.abs(together[at]! - values[at])).toBeLessThan(0.015)
      }
    }
  })

  it('turns the series only, where the blocks never end, and takes each anew, where they are of one', () => {
    expect([...new StationaryBootstrap(7, 1e300, 3).next()]).toEqual([1, 1, 1, 1, 1, 1, 1])
    const two = new StationaryBootstrap(2, 1, 3)
    const both = Array.from({ length: 10_000 }, () => two.next()[0] === 1).filter(Boolean).length
    expect(Math.abs(both / 10_000 - 0.5)).toBeLessThan(0.02)
  })

  it('has an interval as the normal distribution has it: the mean ± 1.96 of its exact bootstrap deviation', () => {
    for (const { series, L, sd, low, high } of reference.interval) {
      const values = Float64Array.from<number>(reference.series[series])
      const interval = bootstrapInterval(values, { resamples: 20_000, blockLength: L, seed: 11 })
      expect(Math.abs(interval[0] - low) / sd).toBeLessThan(0.15)
      expect(Math.abs(interval[1] - high) / sd).toBeLessThan(0.15)
      expect(Math.abs((interval[1] - interval[0]) / (high - low) - 1)).toBeLessThan(0.03)
    }
  })

  it('says the same of the same seed, another of another', () => {
    const values = Float64Array.from<number>(reference.series.white)
    const of = (seed: number): readonly [number, number] =>
      bootstrapInterval(values, { resamples: 200, blockLength: 3, seed })
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })
})

describe('the probability of overfitting', () => {
  it('is that of all halves, counted one by one (exact fractions), with 4 and 6 parts, also of unequal length', () => {
    for (const name of ['B', 'C']) {
      for (const parts of [4, 6]) {
        // Of B in four parts two trials are equally good inside: which of them is taken is not the paper's.
        if (name === 'B' && parts === 4) continue
        expectNear(
          overfittingProbability(trialsOf(reference.matrices[name]), parts)!,
          reference.pbo[name][parts].half,
          1e-14,
        )
      }
    }
    expectNear(overfittingProbability(trialsOf(reference.matrices.A), 4)!, reference.pbo.A[4].half, 1e-14)
  })

  it('is a half where all trials are one, none where one is best everywhere, 5 in 6 where the halves contradict', () => {
    expect(
      overfittingProbability(
        trialsOf([
          [1, 2, 3, 4],
          [1, 2, 3, 4],
        ]),
        4,
      ),
    ).toBe(0.5)
    expect(
      overfittingProbability(
        trialsOf([
          [2, 2, 2, 2],
          [1, 1, 1, 1],
          [0, 0, 0, 0],
        ]),
        4,
      ),
    ).toBe(0)
    // Of six halves four contradict; two are equal inside and outside, a half each.
    expect(
      overfittingProbability(
        trialsOf([
          [3, 1, -1, -3],
          [-3, -1, 1, 3],
        ]),
        4,
      ),
    ).toBeCloseTo(5 / 6, 14)
  })

  it('cannot be said of one trial, or of fewer stretches than parts', () => {
    expect(overfittingProbability(trialsOf([[1, 2, 3, 4]]), 4)).toBeNull()
    expect(
      overfittingProbability(
        trialsOf([
          [1, 2, 3],
          [3, 2, 1],
        ]),
        4,
      ),
    ).toBeNull()
  })
})

describe('the deflated Sharpe ratio', () => {
  it('is that of the formula (exact moments, 700 digits) on a normal, a skewed and a nearly flat series', () => {
    for (const { series, effective, trials, p } of reference.dsr) {
      const values = Float64Array.from<number>(reference.dsrSeries[series])
      expectNear(deflatedSharpe(values, effective, paperMaximum(trials)), p, 1e-12)
    }
  })

  it('falls with more trials and with fewer independent observations', () => {
    const series = Float64Array.from<number>(reference.dsrSeries.normal)
    const of = (effective: number, trials: number): number => deflatedSharpe(series, effective, expectedMaximum(trials))
    expect(of(60, 2)).toBeGreaterThan(of(60, 5))
    expect(of(60, 5)).toBeGreaterThan(of(60, 76))
    expect(of(60, 5)).toBeGreaterThan(of(30, 5))
  })

  it('is 0 of what has no spread or is not worth two observations', () => {
    expect(deflatedSharpe(Float64Array.from([2, 2, 2, 2]), 4, 1)).toBe(0)
    expect(deflatedSharpe(new Float64Array(4), 4, 1)).toBe(0)
    expect(deflatedSharpe(Float64Array.from([5]), 5, 1)).toBe(0)
    expect(deflatedSharpe(Float64Array.from([1, 2, 3]), 1.9, 1)).toBe(0)
  })

  it('the greatest of so many numbers, whole or not, is the true one (Simpson), rises from 0 at one, and is inverted', () => {
    let before = 0
    for (const [trials, , truth] of reference.expectedMaximum) {
      const maximum = expectedMaximum(trials)
      expect(Math.abs(maximum - truth)).toBeLessThan(1e-9)
      expect(maximum).toBeGreaterThanOrEqual(before)
      expectNear(trialsOfMaximum(maximum), trials, 1e-6)
      before = maximum
    }
  })
})

describe('the reality check', () => {
  it('has the p of all resamples, each with its probability (exact fractions), no two of them equal to the sample', () => {
    const resamples = 40_000
    for (const { rows, L, p, strictly } of reference.reality) {
      if (p !== strictly) continue
      const value = realityCheck(trialsOf(rows), { resamples, blockLength: L, seed: 3 }).p
      expect(Math.abs(value - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / resamples))
    }
  })

  it('is 1 where no trial is better in the sample, and never 0', () => {
    const rules = { resamples: 100, blockLength: 1, seed: 3 }
    expect(
      realityCheck(
        trialsOf([
          [-1, 1, -2],
          [0, 0, 0],
        ]),
        rules,
      ).p,
    ).toBe(1)
    expect(realityCheck(trialsOf([[0, 0, 0]]), rules).p).toBe(1)
    const clear = Array.from({ length: 40 }, (_, at) => 100 + (at % 3))
    expect(realityCheck(trialsOf([clear]), rules).p).toBe(1 / 101)
  })

  it('does not change with the unit, and does with a trial that swings as the best does', () => {
    const rules = { resamples: 2_000, blockLength: 2, seed: 3 }
    const rows: number[][] = reference.matrices.C
    const p = realityCheck(trialsOf(rows), rules).p
    expect(realityCheck(trialsOf(rows.map((row) => row.map((value) => value * 1024))), rules).p).toBe(p)
    expect(realityCheck(trialsOf(rows.slice(0, 1)), rules).p).not.toBe(p)
  })
})

describe('walk-forward', () => {
  /** One arbitration a stretch, at 100, 200, … s, each over after `lasts`. */
  function setOf(count: number, lasts: readonly number[]): ArbitrationSet {
    const atSeconds = Float64Array.from({ length: count }, (_, at) => 100 * (at + 1))
    return {
      ...{ count, first: Int32Array.from({ length: count + 1 }, (_, at) => at), leftOut: 0, regimes: ['trend'] },
      raw: [0, 1, 2, 3].map(() => new Float64Array(count)) as unknown as ArbitrationSet['raw'],
      ...{ ageBonus: new Float64Array(count), pnl: new Float64Array(count), selected: new Int32Array(count) },
      ...{ atSeconds, endsSeconds: atSeconds.map((at, index) => at + lasts[index % lasts.length]!) },
      regime: new Uint16Array(count),
    }
  }
  const rows = [
    [5, 1, -9, 0, 2, 2, -1, 4],
    [0, 3, 1, 1, -2, 6, 7, -3],
  ]
  const current = [40, 30, 20, 10] as const

  it('tests what was best before, and only that (counted by hand)', () => {
    // Four parts of two: before the first test 6 : 3, then −3 : 5, then 1 : 9.
    const { folds, improvement, arbitrations } = walkForward(
      setOf(8, [1]),
      trialsOf(rows),
      { folds: 3, embargoS: 0 },
      current,
    )
    expect(folds.map(({ trained, purged, tested, improvement: gain }) => [trained, purged, tested, gain])).toEqual([
      [2, 0, 2, -9],
      [4, 0, 2, 4],
      [6, 0, 2, 4],
    ])
    expect([improvement, arbitrations]).toEqual([-1, 6])
  })

  it('does not train with what was not over when the test began, or only within the embargo', () => {
    // Every second one lasts 150 s: the last before each test is not over.
    const purged = walkForward(setOf(8, [1, 150]), trialsOf(rows), { folds: 3, embargoS: 0 }, current)
    expect(purged.folds.map(({ trained, purged: out }) => [trained, out])).toEqual([
      [1, 1],
      [3, 1],
      [5, 1],
    ])
    const exact = walkForward(setOf(8, [100]), trialsOf(rows), { folds: 3, embargoS: 0 }, current)
    expect(exact.folds.map(({ purged: out }) => out)).toEqual([0, 0, 0])
    const embargo = walkForward(setOf(8, [100]), trialsOf(rows), { folds: 3, embargoS: 1 }, current)
    expect(embargo.folds.map(({ purged: out }) => out)).toEqual([1, 1, 1])
    const none = walkForward(setOf(8, [100]), trialsOf(rows), { folds: 3, embargoS: 1e6 }, current)
    expect([none.improvement, none.folds[0]!.weights]).toEqual([0, null])
  })

  it('is not said of fewer stretches than parts', () => {
    expect(walkForward(setOf(3, [1]), trialsOf([[1, 2, 3]]), { folds: 3, embargoS: 0 }, current).improvement).toBeNull()
  })
})
