/** The days of a report as the charts draw them: without gaps, and in weeks where days would be too many. Pure. */
import type { TrendDay } from '../../learn/report-figures.ts'
import { wilsonInterval } from '../../learn/statistics.ts'
import type { ReportBuckets } from '../../observe/page/report-page-data.ts'

const dayMs = 86_400_000
/** More are drawn as weeks: a day is then narrower than a person can point at. */
const daysMax = 92
/** Days from a Monday to 1970-01-01. */
const epochWeekday = 3

/** What one bucket adds up to. */
interface Sum {
  resolved: number
  missed: number
  inversions: number
  /** Σ chance × resolved. */
  chance: number
}

/** @param trend - Ascending. @returns Null when they are fewer than two days: nothing to draw over time. */
export function bucketsOf(trend: readonly TrendDay[]): ReportBuckets | null {
  if (trend.length < 2) return null
  const numbers = trend.map(({ day }) => Math.floor(Date.parse(day) / dayMs))
  const isDaily = numbers.at(-1)! - numbers[0]! < daysMax
  const length = isDaily ? 1 : 7
  const bucketOf = (day: number): number => (isDaily ? day : Math.floor((day + epochWeekday) / 7))
  const first = bucketOf(numbers[0]!)
  const sums = Array.from({ length: bucketOf(numbers.at(-1)!) - first + 1 }, (): Sum => {
    return { resolved: 0, missed: 0, inversions: 0, chance: 0 }
  })
  for (const [index, { resolved, missedPnl, inversions }] of trend.entries()) {
    const sum = sums[bucketOf(numbers[index]!) - first]!
    sum.resolved += resolved
    sum.missed += missedPnl
    sum.inversions += inversions.count
    sum.chance += (inversions.chance ?? 0) * resolved
  }
  const intervals = sums.map(({ inversions, resolved }) => wilsonInterval(inversions, resolved))
  let cumulative = 0
  return {
    unit: isDaily ? 'day' : 'week',
    fromMs: sums.map((_, index) => ((first + index) * length - (isDaily ? 0 : epochWeekday)) * dayMs),
    resolved: sums.map(({ resolved }) => resolved),
    missed: sums.map(({ missed }) => missed),
    cumulative: sums.map(({ missed }) => {
      cumulative += missed
      return cumulative
    }),
    inversions: sums.map(({ inversions }) => inversions),
    rate: sums.map(({ inversions, resolved }) => (resolved === 0 ? null : inversions / resolved)),
    low: intervals.map((interval) => interval?.[0] ?? null),
    high: intervals.map((interval) => interval?.[1] ?? null),
    chance: sums.map(({ chance, resolved }) => (resolved === 0 ? null : chance / resolved)),
  }
}
