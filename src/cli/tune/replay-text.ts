/** What the whole engine earned with either weights, beside what the re-scoring says. Pure. */
import { countText, unitsText } from '../explain/figures.ts'
import type { Page } from '../explain/page.ts'
import { headed, table } from '../report/table-text.ts'
import { signedMoney } from './gate-texts.ts'
import type { Replayed, ReplayFigures, TuneResult } from './tune-result.ts'

export function writeReplayed(page: Page, { tuning }: TuneResult, { files, current, found }: Replayed): void {
  headed(
    page,
    'WHOLE ENGINE',
    `${countText(files, 'recording')} replayed with either weights: other weights change capital and positions, hence later choices`,
  )
  const count = (value: number): string => value.toLocaleString('en-US')
  const counted = (name: string, of: (figures: ReplayFigures) => number): string[] => {
    const by = of(found) - of(current)
    return [name, count(of(current)), count(of(found)), by > 0 ? `+${count(by)}` : count(by)]
  }
  const money = (name: string, of: (figures: ReplayFigures) => number): string[] => {
    return [name, unitsText(of(current)), unitsText(of(found)), signedMoney(of(found) - of(current))]
  }
  table(page, {
    heads: ['', 'current', 'found', 'difference'],
    rows: [
      counted('Decisions', ({ decisions }) => decisions),
      counted('Trades', ({ trades }) => trades),
      money('P&L', ({ pnl }) => pnl),
      money('Equity at the end', ({ equity }) => equity.end),
      money('Deepest drawdown', ({ equity }) => equity.max_drawdown),
    ],
  })
  const { totalPnl, currentTotalPnl } = tuning.search
  page.words(
    `The re-scoring said ${signedMoney(totalPnl - currentTotalPnl)} over the journal's arbitrations, each by itself; the whole engine says ${signedMoney(found.pnl - current.pnl)} over these recordings.`,
  )
}
