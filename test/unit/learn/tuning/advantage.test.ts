import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/base/random.ts'
import { AdvantageTest, logIncrement } from '../../../../src/learn/tuning/advantage-test.ts'
import { AdvantageWatch } from '../../../../src/learn/tuning/advantage-watch.ts'
import { RunningScale } from '../../../../src/learn/tuning/running-scale.ts'
import { roughlyNormal } from '../../../support/made-up-arbitrations.ts'

interface Outcome {
  readonly value: number
  readonly chance: number
}

/** A distribution of a few values with a mean of 0 and a variance of 1: skewed, wide, of any shape. */
function madeUpDistribution(random: Random): Outcome[] {
  const values = Array.from(
    { length: random.integer(2, 5) },
    () => (random.fraction() - 0.5) * 10 ** random.integer(0, 3),
  )
  const weights = values.map(() => random.fraction() ** 4 + 1e-6)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const mean = values.reduce((total, value, at) => total + (value * weights[at]!) / sum, 0)
  const variance = values.reduce((total, value, at) => total + ((value - mean) ** 2 * weights[at]!) / sum, 0)
  return values.map((value, at) => ({ value: (value - mean) / Math.sqrt(variance), chance: weights[at]! / sum }))
}

/** The mean of what one difference multiplies the evidence by. */
function meanFactor(distribution: readonly Outcome[], log: (value: number) => number): number {
  return distribution.reduce((mean, { value, chance }) => mean + chance * Math.exp(log(value)), 0)
}

describe('advantage test', () => {
  it('no difference with a mean of 0 makes evidence on average, however skewed and wide it is', () => {
    const random = new Random(11)
    let nearest = 0
    for (let made = 0; made < 20_000; made += 1) {
      const distribution = madeUpDistribution(random)
      const lambda = 10 ** (random.fraction() * 3 - 2.5)
      const factor = meanFactor(distribution, (value) => logIncrement(lambda, value, 1))
      expect(factor).toBeLessThanOrEqual(1 + 1e-12)
      nearest = Math.max(nearest, factor)
    }
    expect(nearest).toBeGreaterThan(0.99)
  })

  it('canary: with the square of the difference alone, or the variance alone, some would', () => {
    const random = new Random(12)
    const made = Array.from({ length: 5_000 }, () => madeUpDistribution(random))
    const squareAlone = (value: number): number => 0.5 * value - (0.25 * value * value) / 6
    const varianceAlone = (value: number): number => 0.5 * value - (0.25 * 2) / 6
    expect(made.some((distribution) => meanFactor(distribution, squareAlone) > 1.01)).toBe(true)
    expect(made.some((distribution) => meanFactor(distribution, varianceAlone) > 1.01)).toBe(true)
  })

  it('a real advantage is found, and p never goes up again', () => {
    const random = new Random(13)
    const before = Float64Array.from({ length: 300 }, () => 50 * roughlyNormal(random))
    const test = new AdvantageTest(new RunningScale(before))
    let last = 1
    for (let at = 0; at < 2_000; at += 1) {
      test.observe(50 * (roughlyNormal(random) + 0.15))
      expect(test.p).toBeLessThanOrEqual(last)
      last = test.p
    }
    expect(test.p).toBeLessThan(1e-6)
  })

  it('where nothing is known of the spread the first difference says nothing, and equal choices never do', () => {
    const test = new AdvantageTest(new RunningScale(new Float64Array(0)))
    test.observe(1_000_000)
    expect(test.p).toBe(1)
    const same = new AdvantageTest(new RunningScale(new Float64Array(50)))
    for (let at = 0; at < 100; at += 1) same.observe(0)
    expect(same.p).toBe(1)
  })

  it('it is the same in cents and in dollars', () => {
    const random = new Random(14)
    const before = Float64Array.from({ length: 100 }, () => roughlyNormal(random))
    const [dollars, cents] = [1, 100].map(
      (unit) => new AdvantageTest(new RunningScale(before.map((one) => one * unit))),
    )
    for (let at = 0; at < 200; at += 1) {
      const difference = roughlyNormal(random) + 0.1
      dollars!.observe(difference)
      cents!.observe(100 * difference)
    }
    expect(cents!.logValue).toBeCloseTo(dollars!.logValue, 9)
  })

  it('differences that go together count as fewer', () => {
    const random = new Random(15)
    let last = 0
    const alike = Float64Array.from({ length: 400 }, () => {
      last = 0.7 * last + roughlyNormal(random)
      return last
    })
    const scale = new RunningScale(alike)
    // (1 + 0.7) ÷ (1 − 0.7) is what such a series has in the long run.
    expect(scale.inefficiency).toBeGreaterThan(3)
    expect(scale.inefficiency).toBeLessThan(9)
    const alone = new RunningScale(Float64Array.from({ length: 400 }, () => roughlyNormal(random)))
    expect(alone.inefficiency).toBeLessThan(1.5)
  })
})

describe('advantage watch', () => {
  const known = (): RunningScale => {
    const random = new Random(16)
    return new RunningScale(Float64Array.from({ length: 200 }, () => roughlyNormal(random)))
  }

  it('an advantage that turned is seen soon, also when it held for long', () => {
    const random = new Random(17)
    const watch = new AdvantageWatch(known(), 0.15)
    for (let at = 0; at < 1_000; at += 1) watch.observe(roughlyNormal(random) + 0.3)
    expect(watch.logValue).toBeLessThan(Math.log(60))
    let seen = 0
    while (watch.logValue < Math.log(60)) {
      watch.observe(roughlyNormal(random) - 0.3)
      seen += 1
    }
    expect(seen).toBeLessThan(150)
  })

  it('canary: without beginning anew, what was good for long would hide that it turned', () => {
    let hidden = 0
    let kept = 0
    const difference = (good: boolean): number => (good ? 0.3 : -0.3)
    for (let at = 0; at < 1_150; at += 1) {
      const log = logIncrement(0.3, 0.15 - difference(at < 1_000), 1)
      hidden += log
      kept = Math.max(0, kept) + log
    }
    expect(hidden).toBeLessThan(0)
    expect(kept).toBeGreaterThan(Math.log(60))
  })
})
