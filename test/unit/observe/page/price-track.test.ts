import { describe, expect, it } from 'vitest'
import { PriceTrack } from '../../../../src/observe/page/price-track.ts'

describe('price track', () => {
  it('a day of 800,000 trades in bounded memory keeps the spike of one of them', () => {
    const track = new PriceTrack(250, 4096)
    for (let trade = 0; trade < 800_000; trade += 1) track.addTrade(trade * 108, trade === 400_000 ? 990 : 1000, 0)
    expect(track.count).toBeLessThanOrEqual(4096)
    expect(track.width).toBe(32_000)
    const lows = [...track.merged(0, track.count, 16)].map((bucket) => bucket.low)
    expect(Math.min(...lows)).toBe(990)
    expect(lows.filter((low) => low === 990)).toHaveLength(1)
  })

  it('a context holds what it tells, and the newest of a bucket wins', () => {
    const track = new PriceTrack(100, 64)
    track.addContext(10, 500, Number.NaN)
    track.addContext(20, Number.NaN, 1e-5)
    track.addContext(30, 501, Number.NaN)
    track.addTrade(130, 7, Number.NaN)
    const [told, traded] = [...track.merged(0, 2, 1)]
    expect(told).toMatchObject({ openInterest: 501, funding: 1e-5, last: Number.NaN })
    expect(traded).toMatchObject({ openInterest: Number.NaN, last: 7, flow: Number.NaN })
  })

  it('a time that falls into an older bucket is counted to the newest', () => {
    const track = new PriceTrack(100, 64)
    track.addTrade(250, 5, 0)
    track.addTrade(199, 9, 0)
    expect([...track.merged(0, track.count, 1)]).toMatchObject([{ at: 200, high: 9, last: 9 }])
  })

  it('a width or a number of buckets outside its range is refused by name', () => {
    expect(() => new PriceTrack(0, 64)).toThrow(/width must be an integer in 1/)
    expect(() => new PriceTrack(1, 1)).toThrow(/bucketsMax must be an integer in 2/)
  })
})
