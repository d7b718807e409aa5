/** Made-up figures of a counterfactual report: consistent enough to be looked at, the same at every call. */
import type { ReportPageInput } from '../../src/cli/report-page.ts'
import type { GroupFigures, Inversions, ReportFigures, TrendDay, WeekFigures } from '../../src/learn/report-figures.ts'
import { componentNames } from '../../src/learn/report-figures.ts'
import { wilsonInterval } from '../../src/learn/statistics.ts'

const dayNs = 86_400_000_000_000n
/** 2026-01-18 07:20:38 UTC. */
export const lastNs = 1_768_720_838_123_456_789n

/** @param chance - Stays as it is given. */
export function inversions(count: number, of: number, chance = 0.55): Inversions {
  if (of === 0) return { count: 0, rate: null, ci95: null, chance: null }
  return { count, rate: count / of, ci95: wilsonInterval(count, of), chance }
}

/** @param gap - Each day of this number is missing; 0: none. */
export function trendOf(days: number, gap = 0, scale = 1): TrendDay[] {
  return Array.from({ length: days }, (_, index) => index)
    .filter((index) => gap === 0 || index % gap !== gap - 1)
    .map((index): TrendDay => {
      const ns = lastNs - BigInt(days - 1 - index) * dayNs
      const resolved = 6 + ((index * 7) % 11)
      const count = (index * 5) % 4
      return {
        day: new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10),
        resolved,
        inversions: inversions(count, resolved, 0.5 + (index % 5) / 50),
        missedPnl: count * scale * (12.5 + ((index * 37) % 50)),
      }
    })
}

function weekOf(days: readonly TrendDay[]): WeekFigures {
  const resolved = days.reduce((sum, day) => sum + day.resolved, 0)
  const count = days.reduce((sum, day) => sum + day.inversions.count, 0)
  return {
    resolved,
    missedPnl: days.reduce((sum, day) => sum + day.missedPnl, 0),
    inversions: inversions(count, resolved),
  }
}

const group = (missedPnl: number, inversionRate: number | null, resolved: number): GroupFigures => {
  return { missedPnl, inversionRate, resolved }
}

/** Three weeks of an ordinary journal. @param scale - Of all money. */
export function fullFigures(trend: readonly TrendDay[] = trendOf(21, 9), scale = 1): ReportFigures {
  const whole = weekOf(trend)
  const { resolved, missedPnl } = whole
  return {
    arbitrations: resolved + 61,
    resolved,
    unresolved: { noneSelected: 40, outcomeUnknown: 12, noRival: 9 },
    missedPnl,
    tradedLater: { count: 6, missedPnl: missedPnl * 0.1 },
    signedOpportunityCost: -1840.25 * scale,
    averagePerArbitration: missedPnl / resolved,
    maxSingle: {
      eventId: 'snapback_ETH_1768720838123',
      arbitrationId: 'arb_20260118_072038_000412',
      cost: 200.5 * scale,
      eventType: 'FUNDING_SNAPBACK',
      symbol: 'ETH',
      timestampNs: lastNs,
      isTradedLater: true,
    },
    inversions: whole.inversions,
    regret: { total: missedPnl * 0.7, mean: (missedPnl * 0.7) / resolved },
    baselines: { selected: 2412.4 * scale, random: 1105.1 * scale, firstCome: -320.75 * scale },
    byComponent: {
      priority_score: { count: 41, wins: 9, winRate: 9 / 41, opportunityCost: 214.5 * scale },
      freshness: { count: 122, wins: 33, winRate: 33 / 122, opportunityCost: 918.25 * scale },
      regime_alignment: { count: 18, wins: 2, winRate: 2 / 18, opportunityCost: 31 * scale },
      expected_value: { count: 0, wins: 0, winRate: null, opportunityCost: 0 },
    },
    byReason: new Map([
      ['lower_score', { count: 188, opportunityCost: 901.5 * scale }],
      ['interlocked', { count: 52, opportunityCost: 388.25 * scale }],
      ['insufficient_capital', { count: 31, opportunityCost: 120 * scale }],
      ['lower_tier', { count: 9, opportunityCost: 0 }],
    ]),
    byRegime: new Map([
      ['expansion', group(802.5 * scale, 0.21, 88)],
      ['trend', group(301 * scale, 0.11, 64)],
      ['range', group(0, 0, 12)],
    ]),
    byType: new Map([
      ['LIQUIDATION_CASCADE', group(420 * scale, 0.16, 92)],
      ['FUNDING_SNAPBACK', group(512.75 * scale, 0.24, 71)],
      ['FAILED_HUNT', group(98 * scale, 0.08, 40)],
    ]),
    filtered: new Map([
      ['unfinished', 14],
      ['inadmissible', 83],
      ['invalidated', 120],
      ['low_priority', 37],
    ]),
    trend,
    thisWeek: weekOf(trend.slice(-7)),
    lastWeek: weekOf(trend.slice(-14, -7)),
    exchanges: exchangesOf(scale),
    keptOut: new Map([
      ['max_open_positions', { count: 56, pnl: -123.4 * scale }],
      ['interlocked', { count: 14, pnl: 88.2 * scale }],
    ]),
    calibration: { count: 120, bias: 1.85 * scale, spread: 6.4 * scale },
    weights: { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 },
    firstNs: BigInt(Date.parse(trend[0]!.day)) * 1_000_000n,
    lastNs,
  }
}

/** @param arbitrations - Read, of which none is resolved. */
export function unresolvedFigures(arbitrations: number): ReportFigures {
  const none = { count: 0, wins: 0, winRate: null, opportunityCost: 0 }
  const week: WeekFigures = { resolved: 0, missedPnl: 0, inversions: inversions(0, 0) }
  return {
    arbitrations,
    resolved: 0,
    unresolved: { noneSelected: arbitrations, outcomeUnknown: 0, noRival: 0 },
    missedPnl: 0,
    tradedLater: { count: 0, missedPnl: 0 },
    signedOpportunityCost: 0,
    averagePerArbitration: null,
    maxSingle: null,
    inversions: inversions(0, 0),
    regret: { total: 0, mean: null },
    baselines: { selected: 0, random: 0, firstCome: 0 },
    byComponent: { priority_score: none, freshness: none, regime_alignment: none, expected_value: none },
    byReason: new Map(),
    byRegime: new Map(),
    byType: new Map(),
    filtered: arbitrations === 0 ? new Map() : new Map([['unfinished', arbitrations * 2]]),
    trend: [],
    thisWeek: week,
    lastWeek: week,
    exchanges: [],
    keptOut: arbitrations === 0 ? new Map() : new Map([['max_open_positions', { count: 4, pnl: -12.5 }]]),
    calibration: { count: 0, bias: null, spread: null },
    weights: arbitrations === 0 ? null : fullFigures().weights,
    firstNs: arbitrations === 0 ? null : lastNs,
    lastNs: arbitrations === 0 ? null : lastNs,
  }
}

/** Resolved arbitrations of one day: one. */
export function singleFigures(): ReportFigures {
  const [day] = trendOf(1)
  const trend = [{ ...day!, resolved: 1, missedPnl: 200.5, inversions: inversions(1, 1, 0.5) }]
  return {
    ...fullFigures(trend),
    arbitrations: 1,
    unresolved: { noneSelected: 0, outcomeUnknown: 0, noRival: 0 },
    tradedLater: { count: 0, missedPnl: 0 },
    maxSingle: { ...fullFigures().maxSingle!, isTradedLater: false },
    byReason: new Map([['lower_score', { count: 1, opportunityCost: 200.5 }]]),
    byRegime: new Map([['expansion', group(200.5, 1, 1)]]),
    byType: new Map([['FUNDING_SNAPBACK', group(200.5, 1, 1)]]),
    filtered: new Map(),
    lastWeek: { resolved: 0, missedPnl: 0, inversions: inversions(0, 0) },
    calibration: { count: 1, bias: -0.4, spread: null },
    firstNs: lastNs,
  }
}

/** A hundred groups whose names are long, unbroken or markup. */
export function crowdedFigures(): ReportFigures {
  const hostile = '</script><img src=x onerror="document.title=\'broken\'">'
  const nameOf = (index: number): string => {
    if (index === 0) return hostile
    return index % 3 === 0
      ? `UNBROKEN${'X'.repeat(70)}${index}`
      : `a regime that somebody named at some length, number ${index}`
  }
  const groups = Array.from({ length: 100 }, (_, index): [string, GroupFigures] => [
    nameOf(index),
    group((100 - index) * 12.5, index / 100, 200 - index),
  ])
  const full = fullFigures()
  return {
    ...full,
    maxSingle: { ...full.maxSingle!, eventId: hostile, symbol: hostile, eventType: `T${'Y'.repeat(60)}` },
    byRegime: new Map(groups),
    byType: new Map(groups),
    byReason: new Map(
      groups.map(([name, { missedPnl, resolved }]) => [name, { count: resolved, opportunityCost: missedPnl }]),
    ),
  }
}

export function pageInput(figures: ReportFigures, changes: Partial<ReportPageInput> = {}): ReportPageInput {
  return {
    journal: 'out',
    figures,
    verdict: 'Scoring is within the specification’s limit: the inversion rate is below 20 % and far below chance.',
    findings: [
      'Events with more freshness than the selected one won 27.0 % of the time and would have earned 918.25 more: consider a greater freshness weight.',
      'The rule lower_score cost the most, 901.50 over 188 events.',
    ],
    tuned: {
      current: { priority_score: 0.4, freshness: 0.3, regime_alignment: 0.2, expected_value: 0.1 },
      optimal: { priority_score: 0.35, freshness: 0.35, regime_alignment: 0.2, expected_value: 0.1 },
      improvement: 350,
    },
    inForce: null,
    ...changes,
  }
}

/** Every two components in both directions: 40 cases, 30 of them wins, of more freshness and less priority score; a few of the others. */
function exchangesOf(scale: number): ReportFigures['exchanges'] {
  return componentNames.flatMap((more) =>
    componentNames
      .filter((less) => less !== more)
      .map((less) => {
        const isMuch = more === 'freshness' && less === 'priority_score'
        const [count, wins] = isMuch ? [40, 30] : [4, 2]
        return { more, less, count, wins, winRate: wins / count, opportunityCost: wins * scale }
      }),
  )
}
