/**
 * The page of `report --html`: what the rejected events would have earned, as one HTML text that loads nothing. All numbers stand in
 * its markup; its script (`observe/page/browser/report.page.ts`) only draws the charts over time. Pure but for the static parts of the
 * build, which it reads.
 */

import type { NumberedWeightSet } from '../domain/weight-set.ts'
import { badRate as rateLimit, unresolvedSentence } from '../learn/findings.ts'
import type { ReportFigures } from '../learn/report-figures.ts'
import { pageDocument } from '../observe/page/document.ts'
import { html, type Markup } from '../observe/page/markup.ts'
import { builtAsset, chartLibrary } from '../observe/page/page-assets.ts'
import type { ReportCharts } from '../observe/page/report-page-data.ts'
import { byComponent, byFilter, byKeptOut, byReason, byRegime, byType } from './report-page/breakdowns.ts'
import { bucketsOf } from './report-page/buckets.ts'
import { headline } from './report-page/headline.ts'
import { overTime } from './report-page/over-time.ts'
import { calibrationSection, type TunedWeights, weightsSection } from './report-page/tuning.ts'
import { countOf, countText, dayText } from './report-page/words.ts'

export interface ReportPageInput {
  /** Its name, as a person gave it. */
  readonly journal: string
  readonly figures: ReportFigures
  /** One sentence. */
  readonly verdict: string
  /** Sentences about the entries read, hence in sample; none: nothing was found. */
  readonly findings: readonly string[]
  /** Null: no weights were tuned. */
  readonly tuned: TunedWeights | null
  /** The journal's newest weight set; null: it has none. */
  readonly inForce: NumberedWeightSet | null
}

const styles = ['shell.css', 'report.css', 'report-charts.css', 'report-bars.css']

/** @throws {SignalboxError} `ERR_IO` when a part of the build is missing. */
export function reportPage(input: ReportPageInput): string {
  const { figures, journal } = input
  const charts: ReportCharts = { buckets: figures.resolved === 0 ? null : bucketsOf(figures.trend), rateLimit }
  const library = chartLibrary()
  return pageDocument({
    title: `Counterfactual report of ${journal} · Signalbox`,
    styles: [library.style, ...styles.map(builtAsset)],
    scripts: charts.buckets === null ? [] : [library.script, builtAsset('report.page.js')],
    data: charts,
    body: bodyOf(input, charts),
  })
}

function bodyOf(input: ReportPageInput, { buckets }: ReportCharts): Markup {
  const { figures, tuned, inForce } = input
  if (figures.resolved === 0) {
    return html`${heading(input)}
<main>
${unresolved(figures)}
${verdict(input)}
${figures.arbitrations === 0 ? null : html`<div class="breakdowns">${byKeptOut(figures)}${weightsSection(figures, tuned, inForce)}${byFilter(figures)}</div>`}
</main>`
  }
  return html`${heading(input)}
<main>
${headline(figures)}
${verdict(input)}
${overTime(figures, buckets)}
<section><h2>Where it came from</h2>
<div class="breakdowns">
${byReason(figures)}
${byKeptOut(figures)}
${byComponent(figures)}
${byType(figures)}
${byRegime(figures)}
${weightsSection(figures, tuned, inForce)}
${calibrationSection(figures.calibration)}
${byFilter(figures)}
</div></section>
${reading()}
</main>`
}

function heading({ journal, figures }: ReportPageInput): Markup {
  const { arbitrations, resolved, firstNs, lastNs } = figures
  const days = firstNs === null || lastNs === null ? [] : [...new Set([dayText(firstNs), dayText(lastNs)])]
  const named = days.map((day, index) => html`${index === 0 ? ' · ' : ' – '}<span class="number">${day}</span>`)
  return html`<header class="report-heading">
<h1>What the rejected events would have earned</h1>
<p>Counterfactual report of <b>${journal}</b>${named}${days.length === 0 ? null : ' UTC'} · ${countOf(arbitrations, 'arbitration')}, ${countText(resolved)} resolved · money in the quote currency</p>${resolved === 0 || arbitrations === resolved ? null : html`<p>${unresolvedSentence(figures)}</p>`}
</header>`
}

function verdict({ verdict, findings }: ReportPageInput): Markup {
  const list =
    findings.length === 0
      ? null
      : html`<h3>Findings <small>in sample: of what happened, no promise of what will</small></h3><ul>${findings.map((finding) => html`<li>${finding}</li>`)}</ul>`
  return html`<section class="verdict"><h2>Verdict</h2><p class="sentence">${verdict}</p>${list}</section>`
}

function unresolved(figures: ReportFigures): Markup {
  const { arbitrations } = figures
  const why =
    arbitrations === 0
      ? 'The journal has no counterfactual entries: no arbitration has turned an event down yet.'
      : html`None of ${countOf(arbitrations, 'arbitration')} is resolved. One is when all that it selected has ended and the outcome of at least one rejected event, not taken out by a filter, is known. ${unresolvedSentence(figures)}`
  return html`<section class="unresolved"><h2>Nothing to compare yet</h2><p>${why}</p></section>`
}

/** What the words on the page mean. */
function reading(): Markup {
  const terms: readonly (readonly [string, string])[] = [
    [
      'resolved',
      'every selected event has its outcome, and at least one rejected event that no filter took out has one',
    ],
    [
      'opportunity cost',
      'what a rejected event would have earned, less what the selected event earned that it would have displaced',
    ],
    ['missed P&L', 'the sum of the positive opportunity costs; several rejected events of one arbitration all count'],
    ['inversion', 'an arbitration in which some rejected event would have earned more; it counts once'],
    ['by chance', 'the inversion rate of somebody who chooses at random: the mean of 1 − 1 ÷ (1 + rejected events)'],
    ['in sample', 'computed on the same entries that it is about; past outcomes fit themselves better than the future'],
  ]
  return html`<details class="reading"><summary>What the words mean</summary><dl>${terms.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`)}</dl></details>`
}
