import { describe, expect, it } from 'vitest'
import { instrumentOf } from '../../../../../src/domain/instrument.ts'
import { type SymbolSeries, seriesOf } from '../../../../../src/observe/page/browser/symbol-series.ts'
import { PriceTrack } from '../../../../../src/observe/page/price-track.ts'
import { excerptOf, pageSymbolOf } from '../../../../../src/observe/page/track-excerpt.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** As the page gets it. @param pointsMax - Fewer than there are records decimate them. */
function seriesFrom(fill: (track: PriceTrack) => void, pointsMax = 10_000): SymbolSeries {
  const track = new PriceTrack(250, 2 ** 16)
  fill(track)
  return seriesOf(pageSymbolOf(instrumentOf('BTC'), 0, track.width, excerptOf(track, [], [], pointsMax)))
}

const breaksOf = (column: readonly (number | null)[]): number => column.filter((value) => value === null).length

describe('lines of a symbol', () => {
  it('an hourly table is one line: price, open interest every hour, funding every eight hours beside it', () => {
    const series = seriesFrom((track) => {
      for (let hour = 0; hour < 720; hour += 1) {
        track.addTrade(hour * hourMs, 1_000 + hour, 0)
        track.addContext(hour * hourMs, 1e9 + hour, hour % 8 === 0 ? hour * 1e-8 : Number.NaN)
      }
    })
    expect(series.last).toHaveLength(720)
    expect(breaksOf(series.last)).toBe(0)
    expect(series.openInterest.values).toHaveLength(720)
    expect(breaksOf(series.openInterest.values)).toBe(0)
    // Ninety times told; the newest still holds in the last hour.
    expect(series.funding.at).toEqual([...Array.from({ length: 90 }, (_, index) => index * 8 * hourMs), 719 * hourMs])
    expect(breaksOf(series.funding.values)).toBe(0)
  })

  it('a table that misses two hours goes on, and breaks where it misses three', () => {
    const series = seriesFrom((track) => {
      for (let hour = 0; hour < 200; hour += 1) {
        if ((hour > 50 && hour < 53) || (hour > 100 && hour < 104)) continue
        track.addTrade(hour * hourMs, 1_000, 0)
        track.addContext(hour * hourMs, 1e9, 1e-5)
      }
    })
    const at = series.at.filter((_, index) => series.last[index] === null)
    expect(at).toEqual([102 * hourMs])
    expect(series.openInterest.at.filter((_, index) => series.openInterest.values[index] === null)).toEqual(at)
  })

  it('of a market that is watched every minute, four minutes of nothing are a break', () => {
    const series = seriesFrom((track) => {
      for (let minute = 0; minute < 600; minute += 1) {
        if (minute > 300 && minute < 304) continue
        track.addTrade(minute * minuteMs, 1_000, 0)
        track.addContext(minute * minuteMs + 30_000, 1e9, 1e-5)
      }
    })
    expect([breaksOf(series.last), breaksOf(series.openInterest.values), breaksOf(series.funding.values)]).toEqual([
      1, 1, 1,
    ])
  })

  it('two recordings days apart are not joined, however few their records', () => {
    const series = seriesFrom((track) => {
      for (const hour of [0, 96, 97, 192]) track.addTrade(hour * hourMs, 1_000, 0)
    })
    expect(breaksOf(series.last)).toBe(2)
  })

  it('decimated to buckets wider than a silence the line is still whole, and an outage that is wider still breaks it', () => {
    const series = seriesFrom((track) => {
      for (let minute = 0; minute < 20_000; minute += 1) {
        if (minute > 10_000 && minute < 10_060) continue
        track.addTrade(minute * minuteMs, 1_000, 0)
      }
    }, 4_000)
    expect(series.at.length).toBeLessThan(4_000)
    expect(series.at[1]! - series.at[0]!).toBeGreaterThan(180_000)
    expect(breaksOf(series.last)).toBe(1)
  })

  it('what was never told is no line, and what was told once holds to the end of a short recording', () => {
    const series = seriesFrom((track) => {
      track.addTrade(0, 1_000, 0)
      track.addContext(1_000, Number.NaN, 1e-5)
      track.addTrade(61_000, 1_001, 0)
    })
    expect(series.openInterest).toEqual({ at: [], values: [] })
    expect(series.funding.at).toEqual([1_000, 61_000])
  })
})
