/** Where the cost came from: by component, rule, regime and type, and what the filters took out. Pure. */
import {
  type ComponentFigures,
  componentNames,
  type FilterName,
  type GroupFigures,
  type ReasonFigures,
  type ReportFigures,
} from '../../learn/report-figures.ts'
import type { Markup } from '../../observe/page/markup.ts'
import { type BarRow, barTable } from './bars.ts'
import { countText, money, nameText, percentText } from './words.ts'

const filterNotes: Readonly<Record<FilterName, string>> = {
  unfinished:
    'its outcome, or that of the one it would have displaced, is not known or never was (its strategy declined it, it was never filled, the run ended)',
  inadmissible: 'a rule forbade it: under “What each rule cost”, or “What rules kept out” where nothing was selected',
  invalidated: 'it ended invalidated: rightly rejected',
  low_priority: 'its raw priority score is below 0.5',
}

export function byComponent({ byComponent }: ReportFigures): Markup {
  return barTable({
    title: 'Cost by component',
    about: 'Rejected events that had more of a component than the selected one, and what they would have earned more.',
    heads: ['component', ['events', 'won'], 'cost'],
    rows: componentNames.map((name) => componentRow(name, byComponent[name])),
    color: 'cost',
    none: '',
  })
}

function componentRow(name: string, { count, winRate, opportunityCost }: ComponentFigures): BarRow {
  const cells = [countText(count), winRate === null ? '–' : percentText(winRate)]
  return { name: nameText(name), cells, value: opportunityCost, text: money(opportunityCost) }
}

export function byReason({ byReason }: ReportFigures): Markup {
  return barTable({
    title: 'What each rule cost',
    about:
      'Events by the rule that rejected them, those that were not admissible too, and what they would have earned more.',
    heads: ['rule', ['events'], 'cost'],
    rows: greatestFirst([...byReason].map(([name, figures]) => reasonRow(name, figures))),
    color: 'cost',
    none: 'No rule rejected anything.',
  })
}

export function byKeptOut({ keptOut }: ReportFigures): Markup | null {
  if (keptOut.size === 0) return null
  return barTable({
    title: 'What rules kept out',
    about:
      'Events that a rule forbade while nothing was selected, and what they would have earned, losses taken off. Each counts once, at its first such rejection; those traded later are left out. Negative: losses avoided.',
    heads: ['rule', ['events'], 'P&L'],
    rows: greatestFirst(
      [...keptOut].map(([name, { count, pnl }]) => {
        return { name: nameText(name), cells: [countText(count)], value: pnl, text: money(pnl) }
      }),
    ),
    color: 'kept-out',
    none: '',
  })
}

function reasonRow(name: string, { count, opportunityCost }: ReasonFigures): BarRow {
  return { name: nameText(name), cells: [countText(count)], value: opportunityCost, text: money(opportunityCost) }
}

export function byRegime({ byRegime }: ReportFigures): Markup {
  return groupTable(
    'Cost by regime',
    'regime',
    'Arbitrations by the market regime in which they were decided.',
    byRegime,
  )
}

export function byType({ byType }: ReportFigures): Markup {
  const about = 'Arbitrations that rejected an event of a type, and what events of that type would have earned more.'
  return groupTable('Cost by type', 'type', about, byType)
}

function groupTable(title: string, head: string, about: string, groups: ReadonlyMap<string, GroupFigures>): Markup {
  const rows = [...groups].map(([name, { missedPnl, inversionRate, resolved }]): BarRow => {
    const cells = [countText(resolved), inversionRate === null ? '–' : percentText(inversionRate)]
    return { name: nameText(name), cells, value: missedPnl, text: money(missedPnl) }
  })
  return barTable({
    title,
    about,
    heads: [head, ['resolved', 'inverted'], 'missed'],
    rows: greatestFirst(rows),
    color: 'cost',
    none: 'Nothing is resolved.',
  })
}

export function byFilter({ filtered }: ReportFigures): Markup {
  const rows = [...filtered].map(([name, count]): BarRow => {
    return { name: nameText(name), note: filterNotes[name], cells: [], value: count, text: countText(count) }
  })
  return barTable({
    title: 'What the filters took out',
    about: 'Rejected events that the figures above do not count, over all arbitrations read.',
    heads: ['filter', [], 'events'],
    rows: greatestFirst(rows),
    color: 'filtered',
    isWide: true,
    none: 'Nothing: every rejected event counts.',
  })
}

/** Of equal ones, as they came. */
function greatestFirst(rows: readonly BarRow[]): BarRow[] {
  return [...rows].sort((one, other) => other.value - one.value)
}
