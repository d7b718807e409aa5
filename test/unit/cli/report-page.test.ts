import { describe, expect, it } from 'vitest'
import { barOf, scaleOf } from '../../../src/cli/report-page/bars.ts'
import { bucketsOf } from '../../../src/cli/report-page/buckets.ts'
import { trendSentence } from '../../../src/cli/report-page/headline.ts'
import { moneyText } from '../../../src/cli/report-page/words.ts'
import { reportPage } from '../../../src/cli/report-page.ts'
import { defaultPolicy } from '../../../src/domain/policy.ts'
import { policyWeightSet } from '../../../src/domain/weight-set.ts'
import type { TrendDay, WeekFigures } from '../../../src/learn/report-figures.ts'
import {
  crowdedFigures,
  fullFigures,
  inversions,
  pageInput,
  singleFigures,
  trendOf,
  unresolvedFigures,
} from '../../support/made-up-report.ts'

/** What a reader without styles and scripts gets. */
function textOf(page: string): string {
  return page
    .replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('\u00a0', ' ')
    .replace(/\s+/g, ' ')
}

const day = (text: string, resolved: number, count: number, missedPnl: number): TrendDay => {
  return { day: text, resolved, inversions: inversions(count, resolved, 0.5), missedPnl }
}

describe('page of the report', () => {
  it('says every figure in its markup, so that it is read without its script', () => {
    const text = textOf(reportPage(pageInput(fullFigures())))
    for (const words of [
      'Missed P&amp;L 803.50',
      'of it, 80.35 on events that were traded in another arbitration',
      'Of 271 arbitrations, 61 are not resolved: 40 selected nothing, 9 had no rejected event that counts and 12 lack',
      'Average per arbitration 3.83',
      'Each counts once, at its first such rejection; those traded later are left out. Negative: losses avoided.',
      'Largest single miss 200.50 ETH Funding snapback 2026-01-18 07:20 UTC · traded later snapback_ETH_1768720838123',
      'Inversion rate 13.8 % 29 of 210 arbitrations',
      'by chance 55.0 %',
      'Regret 562.45',
      'selected +2,412.40 random +1,105.10 first come −320.75',
      'had it been chosen so; the selection earned 1,307.30 more',
      'Scoring is within',
      'consider a greater freshness weight',
      'lower score 188 901.50',
      'freshness 122 27.0 % 918.25',
      'Liquidation cascade 92 16.0 % 420.00',
      'expansion 88 21.0 % 802.50',
      'invalidated it ended invalidated: rightly rejected 120',
      'priority score 40 % 35 % −5',
      'regime alignment 20 % 20 % same',
      '+350.00',
      'the simulation said 1.85 more than they earned',
      '2025-12-30 13 49.50 49.50 1 7.7 % 1.4 – 33.3 % 52.0 %',
    ]) {
      expect(text).toContain(words)
    }
  })

  it('of nothing resolved it says so, and draws nothing', () => {
    for (const [count, words] of [
      [0, 'no counterfactual entries'],
      [12, 'None of 12 arbitrations is resolved'],
    ] as const) {
      const page = reportPage(pageInput(unresolvedFigures(count), { tuned: null, findings: [], verdict: 'Nothing.' }))
      expect(textOf(page)).toContain(words)
      expect(page).not.toMatch(/NaN|Infinity|null %|undefined|data-chart|uPlot/)
      if (count > 0) {
        expect(textOf(page)).toContain('12 are not resolved: 12 selected nothing.')
        expect(textOf(page)).toContain('What rules kept out')
      }
    }
  })

  it('what rules kept out is no cost: its bars are neutral', () => {
    const page = reportPage(pageInput(fullFigures()))
    const [, kept] = page.split('What rules kept out</h3>')
    expect(kept).toMatch(/^[^§]*?<table class="bars kept-out">/)
    expect(page).not.toMatch(/\.kept-out/)
  })

  it('one arbitration is a page without charts over time', () => {
    const page = reportPage(pageInput(singleFigures(), { tuned: null }))
    expect(textOf(page)).toContain('Charts over time begin with the second day. All of it is of 2026-01-18.')
    expect(textOf(page)).toContain('1 of 1 arbitration;')
    expect(page).not.toMatch(/NaN|Infinity|undefined|data-chart/)
  })

  it('names the weight set in force and why it is; its words are text', () => {
    const inForce = {
      ...policyWeightSet(defaultPolicy.weights),
      ...{ version: 3, at: '2026-06-17T18:00:00Z', reason: '<b>better</b>', returnsTo: null },
    }
    const page = reportPage(pageInput(fullFigures(), { inForce }))
    expect(textOf(page)).toContain('In force: weights 3: priority 0.4, freshness 0.3, regime 0.2, expected value 0.1')
    expect(page).not.toContain('<b>better')
    expect(textOf(reportPage(pageInput(fullFigures())))).not.toContain('In force')
  })

  it('ten groups stand open, the other ninety behind a click; names from the input are text', () => {
    const page = reportPage(pageInput(crowdedFigures(), { journal: '<script>alert(1)</script>"' }))
    expect(page.match(/<summary>90 more<\/summary>/g)).toHaveLength(3)
    expect(page).not.toContain('<script>alert(1)')
    expect(page).not.toContain('<img')
  })

  it('the greatest and least of money are told without NaN, and bars stay within their tracks', () => {
    for (const scale of [1e-300, 1e-8, 1e14, 1e304]) {
      const page = reportPage(pageInput(fullFigures(trendOf(5, 0, scale), scale)))
      expect(page).not.toMatch(/NaN|Infinity/)
      for (const [, width] of page.matchAll(/width: ([\d.e+-]+)%/g)) expect(Number(width)).toBeLessThanOrEqual(100)
    }
  })
})

describe('figures of the page in words', () => {
  it.each([
    [0, '0.00'],
    [-320.754, '−320.75'],
    [1234567.891, '1,234,567.89'],
    [2.5e9, '2.5\u00a0bn'],
    [-3.25e12, '−3.25\u00a0tn'],
    [4.5e16, '4.500e16'],
    [0.01, '0.01'],
    [0.0042, '0.0042'],
    [0.0000031, '0.0000031'],
    [3.1e-9, '3.1e−9'],
  ])('money of %d is %s', (units, text) => {
    expect(moneyText(units)).toBe(text)
  })

  const week = (count: number, resolved: number): WeekFigures => {
    return { resolved, missedPnl: 0, inversions: inversions(count, resolved) }
  }
  it.each([
    ['nothing resolved in these days', week(0, 0), week(1, 4)],
    ['inversion rate 18.0 %; nothing resolved in the week before', week(9, 50), week(0, 0)],
    ['inversion rate 18.0 %, as in the week before', week(9, 50), week(9, 50)],
    [
      'inversion rate 18.0 %, decreasing (was 25.0 %); the intervals overlap, it may be chance',
      week(9, 50),
      week(10, 40),
    ],
    ['inversion rate 90.0 %, increasing (was 10.0 %)', week(900, 1000), week(100, 1000)],
  ])('trend: %s', (sentence, now, before) => {
    expect(trendSentence(now, before).replaceAll('\u00a0', ' ')).toBe(sentence)
  })

  it('a bar of a loss goes left of where 0 is, one of nothing is not there', () => {
    const scale = scaleOf([300, -100, 0])
    expect(barOf(-100, scale).text).toContain('left: 0%; width: 25%')
    expect(barOf(300, scale).text).toContain('left: 25%; width: 75%')
    expect(barOf(0, scale).text).not.toContain('fill')
  })
})

describe('buckets of the charts', () => {
  it('a day without entries is there: nothing missed, no rate', () => {
    const buckets = bucketsOf([day('2026-01-15', 4, 1, 10), day('2026-01-17', 2, 2, 5)])!
    expect(buckets.unit).toBe('day')
    expect(buckets.fromMs.map((ms) => new Date(ms).toISOString().slice(0, 10))).toEqual([
      '2026-01-15',
      '2026-01-16',
      '2026-01-17',
    ])
    expect([buckets.missed, buckets.cumulative]).toEqual([
      [10, 0, 5],
      [10, 10, 15],
    ])
    expect([buckets.rate, buckets.chance]).toEqual([
      [0.25, null, 1],
      [0.5, null, 0.5],
    ])
    // Wilson, of 1 of 4.
    expect([buckets.low[0], buckets.high[0], buckets.low[1]]).toEqual([
      expect.closeTo(0.0456, 4),
      expect.closeTo(0.6994, 4),
      null,
    ])
  })

  it('more than 92 days are weeks from Monday, and lose nothing', () => {
    const trend = trendOf(1000, 9)
    const buckets = bucketsOf(trend)!
    expect(buckets.unit).toBe('week')
    expect(new Set(buckets.fromMs.map((ms) => new Date(ms).getUTCDay()))).toEqual(new Set([1]))
    expect(buckets.fromMs[0]).toBeLessThanOrEqual(Date.parse(trend[0]!.day))
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
    expect(sum(buckets.resolved)).toBe(sum(trend.map(({ resolved }) => resolved)))
    expect(sum(buckets.missed)).toBeCloseTo(sum(trend.map(({ missedPnl }) => missedPnl)), 6)
    expect(bucketsOf(trendOf(92))!.unit).toBe('day')
  })

  it('one day is nothing to draw over time', () => {
    expect([bucketsOf([]), bucketsOf(trendOf(1))]).toEqual([null, null])
  })
})
