/** All figures of one day or week in words: the tip at the cursor. */
import type { ReportBuckets } from '../report-page-data.ts'
import { element } from './elements.ts'
import { numberText, shortText } from './texts.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** 15 Jan, of a time in Unix milliseconds, UTC. */
export function monthDayText(ms: number): string {
  const date = new Date(ms)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]!}`
}

export function yearText(ms: number): string {
  return String(new Date(ms).getUTCFullYear())
}

/** Money as the page's tables have it, short where it is long. */
export function moneyText(units: number): string {
  const size = Math.abs(units)
  if (size !== 0 && size < 0.01) return units.toPrecision(2).replaceAll('-', '−')
  if (size >= 1e13) return units.toExponential(3).replace('+', '')
  return size >= 1e6 ? shortText(units, 4) : numberText(units, 2)
}

export function rateText(rate: number): string {
  return `${numberText(rate * 100, 1)} %`
}

/** What the figures of a bucket are called, and what they are. */
export function bucketFacts(buckets: ReportBuckets, index: number): [string, string][] {
  const [rate, low, high] = [buckets.rate[index] ?? null, buckets.low[index] ?? null, buckets.high[index] ?? null]
  const facts: [string, string][] = [
    ['missed', moneyText(buckets.missed[index]!)],
    ['cumulative', moneyText(buckets.cumulative[index]!)],
  ]
  if (rate === null) return [...facts, ['resolved', 'none']]
  facts.push(
    ['inversions', `${numberText(buckets.inversions[index]!, 0)} of ${numberText(buckets.resolved[index]!, 0)}`],
    ['rate', rateText(rate)],
  )
  if (low !== null && high !== null) facts.push(['95 % interval', `${numberText(low * 100, 1)} – ${rateText(high)}`])
  const chance = buckets.chance[index] ?? null
  if (chance !== null) facts.push(['by chance', rateText(chance)])
  return facts
}

export function bucketTitle({ unit, fromMs }: ReportBuckets, index: number): string {
  const day = `${monthDayText(fromMs[index]!)} ${yearText(fromMs[index]!)}`
  return unit === 'week' ? `week of ${day}` : day
}

export function bucketCard(buckets: ReportBuckets, index: number): HTMLElement {
  const facts = bucketFacts(buckets, index).flatMap(([name, value]) => [
    element('dt', {}, name),
    element('dd', {}, value),
  ])
  return element(
    'div',
    { class: 'bucket-card' },
    element('b', {}, bucketTitle(buckets, index)),
    element('dl', {}, ...facts),
  )
}
