import { describe, expect, test } from 'vitest'
import { rendered } from '../../../../src/cli/terminal/styled-line.ts'
import { signedMoney } from '../../../../src/cli/tune/gate-texts.ts'
import type { TuneResult } from '../../../../src/cli/tune/tune-result.ts'
import { answerText, tuneText } from '../../../../src/cli/tune/tune-text.ts'
import { weightLines } from '../../../../src/cli/tune/weight-bars.ts'
import { drawnEntries } from '../../../support/counterfactuals.ts'
import { tunableEntries } from '../../../support/tunable-journal.ts'
import { folderOf, resultOf } from '../../../support/tune-results.ts'

const named = (result: TuneResult): TuneResult => ({ ...result, journal: 'out' })
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')
const figures = {
  weights: [0.4, 0.3, 0.2, 0.1] as const,
  ...{ decisions: 1_597, selected: 33, trades: 309, pnl: -1_741.66, fees: 1_750.78, funding: -0.32, sharpe: null },
  equity: { start: 10_000, end: 8_258.34, max_drawdown: 1_741.66 },
}
const replayed = { files: 40, current: figures, found: { ...figures, trades: 307, pnl: -1_723.23 } }

describe('tune text', () => {
  test.each([60, 80, 120, 200])(
    'tune text: no line is wider than %d columns, and there is colour only where asked',
    (columns) => {
      for (const entries of [tunableEntries(1, 400, 1), tunableEntries(1, 80, 0), drawnEntries(9, 200), []]) {
        const result = { ...named(resultOf(folderOf(entries))), replayed }
        const text = tuneText(result, { columns, isColoured: false })
        expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns)
        expect(text).not.toContain('\u001b')
        expect(text).not.toMatch(/NaN|Infinity|undefined|-0\.00/)
        expect(tuneText(result, { columns, isColoured: true })).toContain('\u001b[1m')
      }
    },
  )

  test('tune text: a journal whose weights could be better: what was found, that it held, and how to take the step', () => {
    const text = tuneText(named(resultOf(folderOf(tunableEntries(1, 400, 1)))), { columns: 120, isColoured: false })
    for (const said of [
      'Searched: the grid, 76 combinations, over 400 arbitrations, 2025-01-21 07:00 to 2025-01-29 14:30 UTC.',
      'Priority score    30% (was 40%)  ',
      '░',
      'Freshness         35% (was 30%)  ',
      '▓',
      '+3,570.74 total over 400 arbitrations in 8.3 days (+244.2%)',
      '✓ walk-forward     +2,949.08  > 0',
      'step=0.1, step_cap=0.05',
    ])
      expect(text).toContain(said)
    expect(text).not.toContain('✗')
    expect(flat(text)).toContain('Step: 40/30/20/10 → 39/30.5/19/11.5 (priority/freshness/regime/value)')
    expect(text.trimEnd().endsWith('`signalbox tune out --apply` takes it.')).toBe(true)
  })

  test('tune text: a journal of luck: each gate with its figure, and the first that was not passed is the reason', () => {
    const result = named(resultOf(folderOf(tunableEntries(1, 400, 0))))
    const text = tuneText(result)
    const marks = [...text.matchAll(/^ {2}([✓✗]) (\S+(?: \S+)?) +(\S+) {2}([>≥≤]) (\S+)/gm)].map(([, mark]) => mark)
    expect(marks).toHaveLength(8)
    expect(text).toContain('✗ walk-forward     -284.15  > 0')
    expect(answerText(result)).toBe(
      'Keep the current weights: walk-forward -284.15 (must be > 0): out of sample, weights that such a search finds do not earn more.',
    )
    expect(flat(text)).toContain(answerText(result))
  })

  test('tune text: too few arbitrations are told as what they are', () => {
    const few = named(resultOf(folderOf(tunableEntries(1, 5, 1))))
    expect(answerText(few)).toMatch(/^Keep the current weights: (improvement|sample) /)
    expect(tuneText(few)).toContain('not known')
    const none = tuneText(named(resultOf(folderOf([]).concat('/counterfactuals-000001.ndjson'))))
    expect(flat(none)).toContain(
      'Keep the current weights: there is no arbitration that other weights could decide anew.',
    )
  })

  test('tune text: the whole engine stands beside the re-scoring', () => {
    const text = tuneText({ ...named(resultOf(folderOf(tunableEntries(1, 80, 0)))), replayed })
    expect(text).toMatch(/P&L +-1,741\.66 +-1,723\.23 +\+18\.43/)
    expect(text).toMatch(/Trades +309 +307 +-2/)
    expect(flat(text)).toContain('the whole engine says +18.43 over these recordings.')
  })

  test('tune text: a name from the file takes no control of the terminal', () => {
    const entries = tunableEntries(1, 100, 0).map((line) => ({ ...line, regime: '\u001b[2Jx' }))
    expect(tuneText(resultOf(folderOf(entries)))).not.toContain('\u001b')
  })

  test('weight bars: of a change something is seen, however small, and nothing where there is none', () => {
    const lines = weightLines([40, 30, 20, 10], [39.9, 30.1, 20, 10], 80).map((line) => rendered(line, 80, false))
    expect(lines[0]).toMatch(/Priority score {4}39\.9% \(was 40%\) {2}█+░$/)
    expect(lines[1]).toMatch(/Freshness {9}30\.1% \(was 30%\) {2}█+▓$/)
    expect(lines[2]).toMatch(/Regime alignment {2}20% \(same\) +█+$/)
  })

  test('gate figures: money that is not nothing does not look like it', () => {
    expect([0, 0.0042, -0.00031, 12.345, -1_234.5, 1e-12].map(signedMoney)).toEqual([
      ...['0.00', '+0.0042', '-0.00031', '+12.35', '-1,234.50', '0.00'],
    ])
  })
})
