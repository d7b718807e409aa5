/** The tables of the counterfactual report: components, reasons, regimes, types, filters, days. Pure. */
import { componentWords, percent } from '../../learn/findings.ts'
import {
  componentNames,
  type FilterName,
  filterNames,
  type GroupFigures,
  type ReportFigures,
} from '../../learn/report-figures.ts'
import { unitsText } from '../explain/figures.ts'
import type { Page } from '../explain/page.ts'
import { headed, plainText, table } from './table-text.ts'

const daysShownMax = 14
const groupsShownMax = 16

const filterWords: Readonly<Record<FilterName, string>> = {
  unfinished:
    'its outcome, or that of the one it would have displaced, is not known or never was (its strategy declined it, it was never filled, the run ended)',
  inadmissible: 'a rule forbade it: under "by reason", or "kept out" where nothing was selected',
  invalidated: 'it was invalidated: rightly rejected',
  low_priority: 'priority score below 0.5: likely luck',
}

export function writeComponents(page: Page, { byComponent, resolved }: ReportFigures): void {
  if (resolved === 0) return
  headed(page, 'BY COMPONENT', 'rejected events that had more of it than the selected one')
  const rows = componentNames.map((name) => {
    const { count, wins, winRate, opportunityCost } = byComponent[name]
    return [componentWords[name], numberText(count), numberText(wins), rateText(winRate), unitsText(opportunityCost)]
  })
  table(page, { heads: ['', 'rejected', 'better', 'rate', 'cost'], rows })
}

/** What each rule cost. */
export function writeReasons(page: Page, { byReason }: ReportFigures): void {
  if (byReason.size === 0) return
  headed(page, 'BY REASON', 'what each rule cost, events that it made inadmissible with them')
  const rows = [...byReason]
    .sort(([, one], [, other]) => other.opportunityCost - one.opportunityCost)
    .map(([reason, { count, opportunityCost }]) => [plainText(reason), numberText(count), unitsText(opportunityCost)])
  table(page, { heads: ['', 'rejected', 'cost'], rows })
}

/** What rules kept out where nothing was selected, hence displaced nothing. */
export function writeKeptOut(page: Page, { keptOut }: ReportFigures): void {
  if (keptOut.size === 0) return
  headed(
    page,
    'KEPT OUT',
    'while nothing was selected: what they would have earned, losses taken off. Each event counts once, at its first such rejection; those traded later are left out. Negative: losses avoided.',
  )
  const rows = [...keptOut]
    .sort(([, one], [, other]) => other.pnl - one.pnl)
    .map(([reason, { count, pnl }]) => [plainText(reason), numberText(count), unitsText(pnl)])
  table(page, { heads: ['', 'events', 'P&L'], rows })
}

export function writeGroups(page: Page, title: string, groups: ReadonlyMap<string, GroupFigures>): void {
  if (groups.size === 0) return
  page.heading(title)
  const sorted = [...groups].sort(([, one], [, other]) => other.missedPnl - one.missedPnl)
  const rows = sorted
    .slice(0, groupsShownMax)
    .map(([name, { resolved, inversionRate, missedPnl }]) => [
      name === 'null' ? 'not known' : plainText(name),
      numberText(resolved),
      rateText(inversionRate),
      unitsText(missedPnl),
    ])
  table(page, { heads: ['', 'resolved', 'inverted', 'cost'], rows })
  if (sorted.length > groupsShownMax) page.words(`and ${sorted.length - groupsShownMax} more`, 2, 'dim')
}

export function writeFilters(page: Page, { filtered, arbitrations }: ReportFigures): void {
  headed(page, 'FILTERS APPLIED', 'rejected events that each took out, of all arbitrations')
  if (filtered.size === 0) {
    page.words(`None, in all ${numberText(arbitrations)} arbitrations.`)
    return
  }
  for (const name of filterNames) {
    const count = filtered.get(name)
    if (count !== undefined) page.words(`${name.padEnd(13)} ${numberText(count)}: ${filterWords[name]}`)
  }
}

export function writeTrend(page: Page, { trend }: ReportFigures): void {
  if (trend.length === 0) return
  page.heading('BY DAY, UTC')
  const rows = trend
    .slice(-daysShownMax)
    .map(({ day, resolved, inversions, missedPnl }) => [
      day,
      numberText(resolved),
      rateText(inversions.rate),
      unitsText(missedPnl),
    ])
  table(page, { heads: ['', 'resolved', 'inverted', 'cost'], rows })
  if (trend.length > daysShownMax) page.words(`${trend.length - daysShownMax} earlier days are in --json.`, 2, 'dim')
}

function numberText(count: number): string {
  return count.toLocaleString('en-US')
}

function rateText(rate: number | null): string {
  return rate === null ? 'none' : percent(rate)
}
