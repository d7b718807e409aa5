/** Current against optimal weights on the report's page, and what changing them promises. Pure. */
import { weightSetText } from '../../domain/weight-set.ts'
import { componentWords, percent } from '../../learn/findings.ts'
import type { JournalReport } from '../../learn/journal-report.ts'
import { componentNames } from '../../learn/report-figures.ts'
import { unitsText } from '../explain/figures.ts'
import type { Page } from '../explain/page.ts'
import { facts, plainText } from './table-text.ts'

export function writeWeights(page: Page, { journal, tuned, figures, inForce }: JournalReport): void {
  page.heading('OPTIMAL WEIGHTS, current → optimal')
  if (inForce !== null) page.words(`In force: ${plainText(weightSetText(inForce))}.`)
  if (tuned === null) {
    const { weights } = figures
    if (weights !== null) {
      page.words(
        `Current: ${componentNames.map((name) => `${componentWords[name]} ${percent(weights[name])}`).join(', ')}.`,
      )
    }
    page.words(`Optimal ones are not known: \`signalbox tune ${plainText(journal)}\` searches for them.`, 2, 'dim')
    return
  }
  facts(
    page,
    componentNames.map((name) => [
      capitalized(componentWords[name]),
      `${percent(tuned.current[name])} → ${percent(tuned.optimal[name])}`,
    ]),
  )
  page.heading('PROJECTED IMPROVEMENT')
  const { improvement, currentTotalPnl, entries, recommendation } = tuned
  const share =
    currentTotalPnl === 0 ? '' : ` (${signed(percent(improvement / Math.abs(currentTotalPnl)), improvement)})`
  const over = entries === null ? '' : ` over ${entries.toLocaleString('en-US')} arbitrations`
  page.words(`${signed(unitsText(improvement), improvement)}${share} if weights adjusted${over}`)
  const advice =
    recommendation === 'keep'
      ? 'Recommendation of the search: keep the current weights.'
      : recommendation === 'step'
        ? 'Recommendation of the search: one gradual step towards them.'
        : 'Whether it would last is not known.'
  page.words(`In-sample, the best of many trials. ${advice}`, 2, 'dim')
}

function signed(text: string, value: number): string {
  return value > 0 ? `+${text}` : text
}

function capitalized(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`
}
