/** The counterfactual report as a page of text, line for line what the specification's dashboard shows and more. Pure. */
import { findingsOf, inversionVerdict, percent, unresolvedSentence } from '../../learn/findings.ts'
import type { JournalReport } from '../../learn/journal-report.ts'
import type { Interval, ReportFigures, WeekFigures } from '../../learn/report-figures.ts'
import { countText, timeText, unitsText } from '../explain/figures.ts'
import { Page, type PageLayout } from '../explain/page.ts'
import { writeComponents, writeFilters, writeGroups, writeKeptOut, writeReasons, writeTrend } from './report-tables.ts'
import { writeWeights } from './report-weights.ts'
import { facts, headed, plainText } from './table-text.ts'

/** @param layout - Where nobody told: 80 columns, no colours. */
export function reportText(report: JournalReport, layout: PageLayout = { columns: 80, isColoured: false }): string {
  const page = new Page(layout)
  const { figures } = report
  writeHead(page, report)
  if (figures.arbitrations === 0) {
    page.words('No entries: nothing to report.')
    return page.text
  }
  writeCost(page, figures)
  writeInversions(page, figures)
  writeWeights(page, report)
  writeFindings(page, figures)
  writeComponents(page, figures)
  writeReasons(page, figures)
  writeKeptOut(page, figures)
  writeGroups(page, 'BY REGIME', figures.byRegime)
  writeGroups(page, 'BY TYPE of the rejected event', figures.byType)
  writeBaselines(page, figures)
  writeFilters(page, figures)
  writeCalibration(page, figures)
  writeTrend(page, figures)
  return page.text
}

function writeHead(page: Page, { journal, figures, skipped, since, regime }: JournalReport): void {
  page.line(`COUNTERFACTUALS of ${plainText(journal)}`, 'bold')
  const { firstNs, lastNs, arbitrations, resolved } = figures
  if (firstNs !== null && lastNs !== null) {
    const span = `${timeText(firstNs).slice(0, 19)} to ${timeText(lastNs).slice(0, 19)} UTC`
    page.words(`${span}: ${countText(arbitrations, 'arbitration')}, ${resolved.toLocaleString('en-US')} resolved`)
  }
  if (since !== null) page.words(`Only since ${plainText(since)}.`)
  if (regime !== null) page.words(`Only of the regime ${plainText(regime)}.`)
  if (skipped > 0)
    page.words(`${countText(skipped, 'line')} that ${skipped === 1 ? 'is' : 'are'} no entry left out.`, 2, 'red')
  if (arbitrations > resolved) page.words(unresolvedSentence(figures), 2, resolved === 0 ? 'plain' : 'dim')
}

function writeCost(page: Page, figures: ReportFigures): void {
  const { missedPnl, tradedLater, averagePerArbitration, signedOpportunityCost, regret } = figures
  page.heading('OPPORTUNITY COST')
  const total = `${unitsText(missedPnl)} (${spanText(figures)}; this week ${unitsText(figures.thisWeek.missedPnl)})`
  const traded =
    tradedLater.count === 0
      ? ''
      : `; of it, ${unitsText(tradedLater.missedPnl)} on events that were traded in another arbitration`
  const average =
    averagePerArbitration === null
      ? 'none'
      : `${unitsText(averagePerArbitration)}, over the ${countText(figures.resolved, 'resolved one')}`
  facts(page, [
    ['Total', `${total}${traded}`],
    ['Average per arbitration', average],
    ['Max single event', maxSingleText(figures)],
    ['Signed, all rejected', signedText(signedOpportunityCost)],
    ['Regret, best rejected', `${unitsText(regret.total)}, ${moneyOrNone(regret.mean)} an arbitration`],
  ])
}

function maxSingleText({ maxSingle }: ReportFigures): string {
  if (maxSingle === null || maxSingle.cost <= 0) return 'none: no rejected event would have earned more'
  const { cost, symbol, eventType, timestampNs, eventId, arbitrationId, isTradedLater } = maxSingle
  const what = `${plainText(symbol)} ${plainText(eventType)} on ${timeText(timestampNs).slice(0, 10)}`
  const later = isTradedLater ? '; traded later' : ''
  return `${unitsText(cost)} (${what}: ${plainText(eventId)} of ${plainText(arbitrationId)}${later})`
}

function writeInversions(page: Page, figures: ReportFigures): void {
  const { count, rate, ci95, chance } = figures.inversions
  page.heading('SCORE INVERSIONS')
  facts(page, [
    [
      'Rate',
      rate === null
        ? 'none'
        : `${percent(rate)} (${count.toLocaleString('en-US')} of ${countText(figures.resolved, 'arbitration')})`,
    ],
    ['95% interval', ci95 === null ? 'none' : intervalText(ci95)],
    ['By chance', chance === null ? 'none' : percent(chance)],
    ['Trend', trendText(figures.thisWeek, figures.lastWeek)],
  ])
  page.words(inversionVerdict(figures))
}

/** Of the last seven days against the seven before them. */
export function trendText(thisWeek: WeekFigures, lastWeek: WeekFigures): string {
  const [now, before] = [thisWeek.inversions, lastWeek.inversions]
  if (now.rate === null) return 'none: nothing is resolved in the last seven days'
  if (before.rate === null) return `none: ${percent(now.rate)} this week, nothing resolved in the week before`
  const way = now.rate < before.rate ? 'Decreasing' : now.rate > before.rate ? 'Increasing' : 'Steady'
  const isWithinNoise = now.ci95![0] <= before.ci95![1] && before.ci95![0] <= now.ci95![1]
  const noise = way !== 'Steady' && isWithinNoise ? '; within noise: their intervals overlap' : ''
  return `${way} (${percent(now.rate)} this week, was ${percent(before.rate)} last week${noise})`
}

function writeFindings(page: Page, figures: ReportFigures): void {
  page.heading('FINDINGS')
  const findings = findingsOf(figures, unitsText)
  if (findings.length === 0) {
    page.words('None: nothing of 30 cases or more stands out from chance.', 2, 'dim')
    return
  }
  for (const { sentence } of findings) page.words(`- ${sentence}`)
  page.words('In-sample: the same entries that they are to explain. On others they were not tested.', 2, 'dim')
}

function writeBaselines(page: Page, { baselines, resolved }: ReportFigures): void {
  if (resolved === 0) return
  headed(page, 'BASELINES', 'P&L over the same arbitrations')
  facts(page, [
    ['Selected', unitsText(baselines.selected)],
    ['Random choice', `${unitsText(baselines.random)} (mean of all that count)`],
    ['First come', `${unitsText(baselines.firstCome)} (the earliest detected)`],
  ])
}

function writeCalibration(page: Page, { calibration }: ReportFigures): void {
  const { count, bias, spread } = calibration
  headed(page, 'CALIBRATION', 'simulated less real P&L of selected events')
  if (bias === null) {
    page.words('Not known: no selected event has both.', 2, 'dim')
    return
  }
  const spreadText = spread === null ? 'not known of one' : unitsText(spread)
  facts(page, [
    ['Bias', `${signedText(bias)} an event, over ${countText(count, 'event')}`],
    ['Spread', `${spreadText}${spread === null ? '' : ' (standard deviation)'}`],
  ])
}

/** How long it is from the first entry to the last. */
function spanText({ firstNs, lastNs }: ReportFigures): string {
  const hours = Number((lastNs! - firstNs!) / 1_000_000_000n) / 3_600
  if (hours < 1) return `last ${Math.max(1, Math.round(hours * 60))} min`
  return hours < 48 ? `last ${Math.round(hours)} h` : `last ${Math.round(hours / 24)} days`
}

function intervalText([low, high]: Interval): string {
  return `${percent(low)} … ${percent(high)}`
}

function moneyOrNone(units: number | null): string {
  return units === null ? 'none' : unitsText(units)
}

function signedText(units: number): string {
  return units > 0 ? `+${unitsText(units)}` : unitsText(units)
}
