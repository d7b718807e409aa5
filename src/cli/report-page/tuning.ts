/** What concerns the weights and the simulation rather than single events: weights now against the optimal ones, calibration. Pure. */
import { type NumberedWeightSet, weightSetText } from '../../domain/weight-set.ts'
import { type Calibration, type ComponentName, componentNames, type ReportFigures } from '../../learn/report-figures.ts'
import { html, type Markup } from '../../observe/page/markup.ts'
import { barOf, percent, type Scale, scaleOf, shareOf } from './bars.ts'
import { countOf, money, moneyText, nameText, signedMoneyText, weightText } from './words.ts'

export type ComponentWeights = Readonly<Record<ComponentName, number>>

/** The last search for weights. */
export interface TunedWeights {
  /** Each in [0, 1]. */
  readonly current: ComponentWeights
  readonly optimal: ComponentWeights
  /** P&L of the optimal less that of the current ones over the same entries, in the quote currency. */
  readonly improvement: number
}

export function weightsSection(
  { weights }: ReportFigures,
  tuned: TunedWeights | null,
  inForce: NumberedWeightSet | null,
): Markup {
  const current = tuned?.current ?? weights
  if (current === null) return html``
  const about =
    tuned === null
      ? html`Those of the last arbitration. Optimal ones are not known: <code>signalbox tune</code> searches for them.`
      : html`Projected improvement, had the weights been the optimal ones: <b>${money(tuned.improvement, signedMoneyText(tuned.improvement))}</b>, in sample.`
  const scale: Scale = { min: 0, max: scaleOf([...Object.values(current), ...Object.values(tuned?.optimal ?? {})]).max }
  const heads = tuned === null ? ['weight'] : ['current', 'optimal', 'change']
  return html`<section class="breakdown">
<h3>${tuned === null ? 'Weights' : 'Weights, current and optimal'}</h3>
<p class="about">${about}${inForce === null ? null : html` In force: ${weightSetText(inForce)}.`}</p>
${tuned === null ? null : legend()}
<table class="bars weights">
<caption class="unseen">Weights of the components</caption>
<colgroup><col class="name">${heads.map(() => html`<col class="middle">`)}<col></colgroup>
<thead><tr><th scope="col">component</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}<td></td></tr></thead>
<tbody>${componentNames.map((name) => weightRow(name, current, tuned?.optimal ?? null, scale))}</tbody>
</table>
</section>`
}

function legend(): Markup {
  return html`<p class="legend" aria-hidden="true"><span class="key current">current</span><span class="key optimal">optimal</span></p>`
}

function weightRow(
  name: ComponentName,
  current: ComponentWeights,
  optimal: ComponentWeights | null,
  scale: Scale,
): Markup {
  const cells =
    optimal === null
      ? [weightText(current[name])]
      : [weightText(current[name]), weightText(optimal[name]), changeText(current[name], optimal[name])]
  return html`<tr><th scope="row">${nameText(name)}</th>${cells.map((cell) => html`<td>${cell}</td>`)}<td class="bar">${barOf(current[name], scale, 'current')}${optimal === null ? null : barOf(optimal[name], scale, 'optimal')}</td></tr>`
}

function changeText(current: number, optimal: number): string {
  const points = Number(((optimal - current) * 100).toFixed(1))
  if (points === 0) return 'same'
  return points > 0 ? `+${points}` : `−${-points}`
}

export function calibrationSection({ count, bias, spread }: Calibration): Markup {
  return html`<section class="breakdown">
<h3>Calibration of the simulation</h3>
<p class="about">What the simulation said of selected events, less what they really earned.</p>
${bias === null ? html`<p class="none">No selected event has both outcomes.</p>` : html`<p class="said">${calibrationSentence(count, bias, spread)}</p>${calibrationScale(bias, spread)}`}
</section>`
}

function calibrationSentence(count: number, bias: number, spread: number | null): Markup {
  const of = `Over ${countOf(count, 'event')} with both outcomes the simulation`
  const deviation = spread === null ? '' : `; standard deviation ${moneyText(spread)}`
  if (bias === 0) return html`${of} was right on average${deviation}.`
  return html`${of} said <b>${moneyText(Math.abs(bias))} ${bias > 0 ? 'more' : 'less'}</b> than they earned, on average${deviation}.`
}

/** The mean and one deviation to both sides, with 0 in the middle. */
function calibrationScale(bias: number, spread: number | null): Markup {
  const reach = Math.abs(bias) + (spread ?? 0)
  if (reach === 0) return html``
  const scale: Scale = { min: -reach * 1.1, max: reach * 1.1 }
  const low = shareOf(bias - (spread ?? 0), scale)
  const high = shareOf(bias + (spread ?? 0), scale)
  return html`<div class="calibration" aria-hidden="true">
<span class="spread" style="left: ${percent(low)}; width: ${percent(high - low)}"></span><span class="zero"></span><span class="mean" style="left: ${percent(shareOf(bias, scale))}"></span>
<span class="end low">simulation said less</span><span class="end zero-name">0</span><span class="end high">said more</span>
</div>`
}
