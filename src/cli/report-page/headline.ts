/** The figures at the head of the report's page, as cards. Pure. */

import { badRate as rateLimit } from '../../learn/findings.ts'
import type { Interval, ReportFigures, WeekFigures } from '../../learn/report-figures.ts'
import { html, type Markup, type Part } from '../../observe/page/markup.ts'
import { barOf, percent, scaleOf } from './bars.ts'
import {
  countOf,
  countText,
  interval,
  momentText,
  money,
  moneyText,
  nameText,
  percentText,
  signedMoneyText,
} from './words.ts'

/** @param figures - With something resolved. */
export function headline(figures: ReportFigures): Markup {
  const { missedPnl, tradedLater, signedOpportunityCost, averagePerArbitration, resolved, regret } = figures
  return html`<section class="cards" aria-label="Headline figures">
${card(
  'Missed P&L',
  money(missedPnl),
  html`all that rejected events would have earned more than the selected one; gains and losses together ${money(signedOpportunityCost, signedMoneyText(signedOpportunityCost))}${tradedLater.count === 0 ? null : html`; of it, ${money(tradedLater.missedPnl)} on events that were traded in another arbitration`}`,
)}
${card(
  'Average per arbitration',
  averagePerArbitration === null ? '–' : money(averagePerArbitration),
  `missed, over ${countOf(resolved, 'resolved arbitration')}`,
)}
${largest(figures)}
${inversionRate(figures)}
${weeks(figures)}
${card(
  'Regret',
  money(regret.total),
  html`the best rejected event of each arbitration only, since one alone could have been taken${regret.mean === null ? null : html`; ${money(regret.mean)} on average`}`,
)}
${baselines(figures)}
</section>`
}

function card(title: string, figure: Part, note: Part, kind = ''): Markup {
  return html`<div class="card ${kind}"><h2>${title}</h2><p class="figure">${figure}</p><div class="note">${note}</div></div>`
}

function largest({ maxSingle }: ReportFigures): Markup {
  const title = 'Largest single miss'
  // What did worse than the selected one was not missed.
  if (maxSingle === null || maxSingle.cost <= 0) return card(title, 'none', 'no rejected event would have earned more')
  const { cost, eventId, arbitrationId, eventType, symbol, timestampNs, isTradedLater } = maxSingle
  return card(
    title,
    money(cost),
    html`<b>${symbol}</b> ${nameText(eventType)}<br>${momentText(timestampNs)} UTC${isTradedLater ? ' · traded later' : null}<br><small class="id">${eventId}<br>in ${arbitrationId}</small>`,
  )
}

function inversionRate({ inversions, resolved }: ReportFigures): Markup {
  const { rate, ci95, chance, count } = inversions
  if (rate === null) return card('Inversion rate', '–', 'nothing resolved')
  const words = html`${countText(count)} of ${countOf(resolved, 'arbitration')}${ci95 === null ? null : html`; 95 % interval ${interval(ci95)}`}
<p class="legend">${chance === null ? null : html`<span class="key tick-chance">by chance ${percentText(chance)}</span>`}<span class="key tick-limit">limit ${percentText(rateLimit)}</span></p>`
  return card('Inversion rate', percentText(rate), html`${gauge(rate, ci95, chance)}${words}`)
}

/** From 0 to 100 %: the interval, the rate, chance, and the specification's limit. The words beside it say the same. */
function gauge(rate: number, ci95: Interval | null, chance: number | null): Markup {
  const band =
    ci95 === null
      ? null
      : html`<span class="interval" style="left: ${percent(ci95[0])}; width: ${percent(ci95[1] - ci95[0])}"></span>`
  const mark = (kind: string, at: number, title: string): Markup =>
    html`<span class="mark ${kind}" style="left: ${percent(at)}" title="${title}"></span>`
  return html`<span class="gauge" aria-hidden="true">${band}${chance === null ? null : mark('chance', chance, `by chance ${percentText(chance)}`)}${mark('limit', rateLimit, `the specification’s limit, ${percentText(rateLimit)}`)}${mark('rate', rate, percentText(rate))}</span>`
}

function weeks({ thisWeek, lastWeek }: ReportFigures): Markup {
  const was = lastWeek.resolved === 0 ? null : html`, ${money(lastWeek.missedPnl)} in the week before`
  const figure = thisWeek.resolved === 0 ? '–' : money(thisWeek.missedPnl)
  return card('Last seven days', figure, html`missed${was}<br>${trendSentence(thisWeek, lastWeek)}`)
}

/** How the inversion rate went from one week to the next, and whether that says anything. */
export function trendSentence(thisWeek: WeekFigures, lastWeek: WeekFigures): string {
  const now = thisWeek.inversions
  const before = lastWeek.inversions
  if (now.rate === null) return 'nothing resolved in these days'
  const rate = `inversion rate ${percentText(now.rate)}`
  if (before.rate === null) return `${rate}; nothing resolved in the week before`
  if (percentText(now.rate) === percentText(before.rate)) return `${rate}, as in the week before`
  const way = now.rate < before.rate ? 'decreasing' : 'increasing'
  const areApart =
    now.ci95 !== null && before.ci95 !== null && (now.ci95[1] < before.ci95[0] || before.ci95[1] < now.ci95[0])
  const doubt = areApart ? '' : '; the intervals overlap, it may be chance'
  return `${rate}, ${way} (was ${percentText(before.rate)})${doubt}`
}

function baselines({ baselines, resolved }: ReportFigures): Markup {
  const rows: readonly (readonly [string, number])[] = [
    ['selected', baselines.selected],
    ['random', baselines.random],
    ['first come', baselines.firstCome],
  ]
  const scale = scaleOf(rows.map(([, value]) => value))
  const bars = rows.map(
    ([name, value]) =>
      html`<tr><th scope="row">${name}</th><td>${barOf(value, scale, name === 'selected' ? 'own' : '')}</td><td>${money(value, signedMoneyText(value))}</td></tr>`,
  )
  const better = Math.max(baselines.random, baselines.firstCome)
  const lead = baselines.selected - better
  const words =
    lead >= 0
      ? `the selection earned ${moneyText(lead)} more than the better of the two`
      : `the selection earned ${moneyText(-lead)} less than the better of the two`
  return html`<div class="card wide"><h2>Against simpler rules</h2><table class="baselines"><caption class="unseen">P&amp;L of three ways to choose</caption><tbody>${bars}</tbody></table><div class="note">P&amp;L over ${countOf(resolved, 'arbitration')} had it been chosen so; ${words}</div></div>`
}
