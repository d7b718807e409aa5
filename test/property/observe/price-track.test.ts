/** Decimation against a naive oracle: whatever the width, lowest, highest and last trade of every bucket are the right ones. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MergedBucket, PriceTrack } from '../../../src/observe/page/price-track.ts'

interface Trade {
  readonly at: number
  readonly price: number
  readonly flow: number
}

const trades = fc
  .array(
    fc.record({
      step: fc.oneof(fc.nat(3), fc.nat(5_000)),
      price: fc.integer({ min: 1, max: 1_000 }),
      flow: fc.oneof(fc.constant(Number.NaN), fc.integer({ min: -50, max: 50 })),
    }),
    { minLength: 1, maxLength: 300 },
  )
  .map((steps) => {
    let at = 0
    return steps.map(({ step, price, flow }): Trade => {
      at += step
      return { at, price, flow }
    })
  })

/** The same by sorting trades into buckets of `width`. */
function naive(all: readonly Trade[], width: number, factor: number): MergedBucket[] {
  const buckets = new Map<number, Trade[]>()
  for (const trade of all) {
    const wide = Math.floor(trade.at / (width * factor))
    buckets.set(wide, [...(buckets.get(wide) ?? []), trade])
  }
  return [...buckets].map(([wide, members]) => {
    const numbers = members.map((trade) => Math.floor(trade.at / width))
    const prices = members.map((trade) => trade.price)
    const flows = members.map((trade) => trade.flow).filter((flow) => !Number.isNaN(flow))
    const middle = wide * factor + Math.floor(factor / 2)
    return {
      at: Math.min(Math.max(middle, numbers[0]!), numbers.at(-1)!) * width,
      width: width * factor,
      low: Math.min(...prices),
      high: Math.max(...prices),
      last: prices.at(-1)!,
      flow: flows.reduce((most, flow) => (Math.abs(flow) <= Math.abs(most) ? most : flow), flows[0] ?? Number.NaN),
      openInterest: Number.NaN,
      funding: Number.NaN,
    }
  })
}

type Merge = (track: PriceTrack, factor: number) => MergedBucket[]
const merge: Merge = (track, factor) => [...track.merged(0, track.count, factor)]

/** Fails for the first counterexample. */
function requireNaive(mergeBy: Merge): void {
  fc.assert(
    fc.property(trades, fc.integer({ min: 2, max: 64 }), fc.constantFrom(1, 2, 4, 16), (all, bucketsMax, factor) => {
      const track = new PriceTrack(1, bucketsMax)
      for (const { at, price, flow } of all) track.addTrade(at, price, flow)
      expect(track.count).toBeLessThanOrEqual(bucketsMax)
      const merged = mergeBy(track, factor)
      expect(merged).toEqual(naive(all, track.width, factor))
      expect(track.countMerged(0, track.count, factor)).toBe(merged.length)
    }),
    { seed: 20_260_617, numRuns: 400 },
  )
}

describe('price track', () => {
  it('at every width, lowest, highest, last and furthest flow of each bucket are those of its trades', () =>
    requireNaive(merge))

  it('canary: a merge that keeps only every other bucket is found', () => {
    expect(() => requireNaive((track, factor) => merge(track, factor).filter((_, index) => index % 2 === 0))).toThrow()
  })

  it('canary: a merge that takes the last price for the highest is found', () => {
    expect(() =>
      requireNaive((track, factor) => merge(track, factor).map((bucket) => ({ ...bucket, high: bucket.last }))),
    ).toThrow()
  })
})
