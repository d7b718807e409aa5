import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/base/random.ts'
import { instrumentOf } from '../../../../src/domain/instrument.ts'
import { seriesOf } from '../../../../src/observe/page/browser/symbol-series.ts'
import { PriceTrack } from '../../../../src/observe/page/price-track.ts'
import { excerptOf, pageSymbolOf } from '../../../../src/observe/page/track-excerpt.ts'

const dayMs = 86_400_000

/** A day of trades on a random walk, one about every second. */
function walkedDay(seed: number): PriceTrack {
  const random = new Random(seed)
  const track = new PriceTrack(250, 2 ** 18)
  let price = 650_000
  for (let at = 0; at < dayMs; at += 1 + Math.floor(random.fraction() * 2_000)) {
    price += Math.round((random.fraction() - 0.5) * 40)
    track.addTrade(at, price, Math.round((random.fraction() - 0.5) * 1e6))
  }
  return track
}

describe('excerpt', () => {
  it('is coarse over the day and fine around what happened, within its number of points, times ascending', () => {
    const track = walkedDay(1)
    const windows = [
      { from: 30_000_000, until: 30_600_000 },
      { from: 70_000_000, until: 70_300_000 },
    ]
    const excerpt = excerptOf(track, windows, [], 4_000)
    expect(excerpt.length).toBeLessThanOrEqual(4_000)
    for (let index = 1; index < excerpt.length; index += 1) {
      expect(excerpt[index]!.at).toBeGreaterThan(excerpt[index - 1]!.at)
    }
    const inside = excerpt.filter(({ at }) => at >= 30_000_000 && at <= 30_600_000).length
    const outside = excerpt.filter(({ at }) => at >= 50_000_000 && at <= 50_600_000).length
    expect(inside).toBeGreaterThan(outside * 10)
    const whole = [...track.merged(0, track.count, 1)]
    expect(Math.min(...excerpt.map(({ low }) => low))).toBe(Math.min(...whole.map(({ low }) => low)))
    expect(Math.max(...excerpt.map(({ high }) => high))).toBe(Math.max(...whole.map(({ high }) => high)))
    expect(excerpt.at(-1)!.last).toBe(whole.at(-1)!.last)
  })

  it("around the events of others it is coarser than around the symbol's own, and finer than elsewhere", () => {
    const track = walkedDay(3)
    const hour = 3_600_000
    const others = Array.from({ length: 40 }, (_, index) => ({
      from: index * hour * 0.5,
      until: (index * 0.5 + 0.2) * hour,
    }))
    const own = [{ from: 22 * hour, until: 22.5 * hour }, others[3]!]
    const excerpt = excerptOf(track, own, others, 6_000)
    expect(excerpt.length).toBeLessThanOrEqual(6_000)
    const inHalfHour = (fromHour: number): number =>
      excerpt.filter(({ at }) => at >= fromHour * hour && at < (fromHour + 0.2) * hour).length
    expect(inHalfHour(22)).toBeGreaterThan(2 * inHalfHour(10))
    expect(inHalfHour(1.5)).toBeGreaterThan(2 * inHalfHour(10))
    expect(inHalfHour(10)).toBeGreaterThan(inHalfHour(20.5))
    for (let index = 1; index < excerpt.length; index += 1) {
      expect(excerpt[index]!.at).toBeGreaterThan(excerpt[index - 1]!.at)
    }
  })

  it('windows over the whole day are as fine as the points allow, and no finer', () => {
    const excerpt = excerptOf(walkedDay(2), [{ from: 0, until: dayMs }], [], 3_000)
    expect(excerpt.length).toBeLessThanOrEqual(3_000)
    expect(excerpt.length).toBeGreaterThan(1_000)
  })

  it('what fits is shown as it is; nothing is an empty excerpt', () => {
    const track = new PriceTrack(250, 64)
    expect(excerptOf(track, [{ from: 0, until: 9 }], [], 10)).toEqual([])
    for (const [at, price] of [
      [0, 5],
      [1_000, 6],
      [9_000, 7],
    ] as const)
      track.addTrade(at, price, 0)
    expect(excerptOf(track, [], [], 10).map(({ at, last }) => [at, last])).toEqual([
      [0, 5],
      [1_000, 6],
      [9_000, 7],
    ])
  })
})

describe('columns of the page', () => {
  const instrument = instrumentOf('BTC')

  it('the page reads back the prices, times and contexts that were written', () => {
    const track = new PriceTrack(250, 64)
    track.addTrade(1_000, 660_000, -30_000)
    track.addTrade(1_100, 659_990, -20_000)
    track.addTrade(1_150, 660_005, -20_000)
    track.addContext(2_000, 3_100_000_000, -4.3e-5)
    track.addTrade(60_000, 660_100, Number.NaN)
    const epochMs = Date.UTC(2026, 5, 17)
    const page = pageSymbolOf(instrument, epochMs, track.width, excerptOf(track, [], [], 100))
    const series = seriesOf(JSON.parse(JSON.stringify(page)) as typeof page)
    expect(series.at).toEqual([epochMs + 1_000, epochMs + 60_000])
    expect([series.last, series.low, series.high]).toEqual([
      [66_000.5, 66_010],
      [65_999, 66_010],
      [66_000.5, 66_010],
    ])
    // −0.3 BTC at 66,000: −19.8 thousand.
    expect(series.flow).toEqual([-19.8, null])
    // A context holds while the symbol is seen.
    expect(series.openInterest).toEqual({ at: [epochMs + 2_000, epochMs + 60_000], values: [31_000, 31_000] })
    expect(series.funding.at).toEqual([epochMs + 2_000, epochMs + 60_000])
    for (const value of series.funding.values) expect(value).toBeCloseTo(-0.0043, 12)
  })

  it('the line breaks where nothing at all was seen for three minutes, and not where only trades were rare', () => {
    const track = new PriceTrack(250, 64)
    track.addTrade(0, 100, 0)
    track.addContext(120_000, 5, 0)
    track.addTrade(240_000, 101, 0)
    track.addTrade(500_000, 102, 0)
    const series = seriesOf(pageSymbolOf(instrument, 0, track.width, excerptOf(track, [], [], 100)))
    expect(series.at).toEqual([0, 240_000, 370_000, 500_000])
    expect(series.last).toEqual([10, 10.1, null, 10.2])
  })
})
