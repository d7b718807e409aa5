/** The figures over time: places for the charts, which the page's script draws, and the same numbers in a table. Pure. */

import { badRate as rateLimit } from '../../learn/findings.ts'
import type { ReportFigures, TrendDay } from '../../learn/report-figures.ts'
import { html, type Markup } from '../../observe/page/markup.ts'
import type { ReportBuckets } from '../../observe/page/report-page-data.ts'
import { countOf, countText, interval, money, percentText } from './words.ts'

/** @param figures - With something resolved. */
export function overTime({ trend }: ReportFigures, buckets: ReportBuckets | null): Markup {
  if (buckets === null) {
    const day = trend.length === 0 ? null : html` All of it is of ${trend[0]!.day}.`
    return html`<section class="over-time"><h2>Over time</h2><p class="none">Charts over time begin with the second day.${day}</p></section>`
  }
  const { unit } = buckets
  const per = unit === 'week' ? 'per week, from Monday' : 'per day'
  return html`<section class="over-time">
<h2>Over time</h2>
<noscript><p class="none">The charts need a script; their numbers are in the table below.</p></noscript>
${chart('missed', `Opportunity cost ${per}`, 'quote currency', [['bar', 'missed P&L']])}
${chart('cumulative', 'Opportunity cost, cumulative', 'quote currency', [['area', 'missed P&L up to then']])}
${chart('rate', `Inversion rate ${per}`, 'share of resolved arbitrations', [
  ['rate', 'inversion rate'],
  ['band', '95 % interval (Wilson)'],
  ['chance', 'by chance'],
  ['limit', `${rateLimit * 100} %, the specification’s limit`],
])}
<details><summary>The numbers of ${countOf(trend.length, 'day')}</summary>${daysTable(trend)}</details>
</section>`
}

function chart(id: string, title: string, unit: string, keys: readonly (readonly [string, string])[]): Markup {
  return html`<figure class="chart" hidden>
<figcaption><h3>${title} <small>${unit}</small></h3><p class="legend">${keys.map(([kind, name]) => html`<span class="key ${kind}">${name}</span>`)}</p></figcaption>
<div class="plot" data-chart="${id}"></div>
</figure>`
}

function daysTable(trend: readonly TrendDay[]): Markup {
  let cumulative = 0
  const rows = trend.map(({ day, resolved, missedPnl, inversions: { count, rate, ci95, chance } }) => {
    cumulative += missedPnl
    const percents = [rate, chance].map((each) => (each === null ? '–' : percentText(each)))
    return html`<tr><th scope="row">${day}</th><td>${countText(resolved)}</td><td>${money(missedPnl)}</td><td>${money(cumulative)}</td><td>${countText(count)}</td><td>${percents[0]!}</td><td>${ci95 === null ? '–' : interval(ci95)}</td><td>${percents[1]!}</td></tr>
`
  })
  const heads = ['resolved', 'missed', 'cumulative', 'inversions', 'rate', '95 % interval', 'by chance']
  return html`<div class="scroller" tabindex="0" role="region" aria-label="Figures by day"><table class="days">
<caption class="unseen">Figures by UTC day, money in the quote currency</caption>
<thead><tr><th scope="col">day (UTC)</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`
}
