import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { reportFolder } from '../../../../src/cli/report/folder-report.ts'
import { reportText, trendText } from '../../../../src/cli/report/report-text.ts'
import type { WeekFigures } from '../../../../src/learn/report-figures.ts'
import { reportJson } from '../../../../src/learn/report-json.ts'
import { wilsonInterval } from '../../../../src/learn/statistics.ts'
import { drawnEntries, entryLine, linesText, rejectedLine, selectedLine } from '../../../support/counterfactuals.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

function folderOf(text: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'counterfactuals-000001.ndjson'), text)
  return folder
}

function week(count: number, resolved: number): WeekFigures {
  const rate = resolved === 0 ? null : count / resolved
  return { resolved, missedPnl: 0, inversions: { count, rate, ci95: wilsonInterval(count, resolved), chance: 0.5 } }
}

describe('report text', () => {
  test.each([60, 80, 200])(
    'report text: no line is wider than %d columns, and there is colour only where asked',
    (columns) => {
      const report = reportFolder(folderOf(linesText(drawnEntries(9, 200))))
      const text = reportText({ ...report, journal: 'out' }, { columns, isColoured: false })
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns)
      expect(text).not.toContain('\u001b')
      expect(reportText(report, { columns, isColoured: true })).toContain('\u001b[1m')
    },
  )

  test('report text: a folder that is being written is reported as it is, its unfinished line left out', () => {
    const whole = drawnEntries(9, 50)
    const folder = folderOf(`${linesText(whole)}{"arbitration_id":`)
    const { figures, skipped, text } = reportFolder(folder)
    expect(skipped).toBe(0)
    expect(reportJson(figures)).toEqual(reportJson(reportFolder(folderOf(linesText(whole))).figures))
    expect(text).toContain('SCORE INVERSIONS')
  })

  test('report text: a name from the file takes no control of the terminal', () => {
    const lines = drawnEntries(9, 50).map((line) => ({ ...line, regime: '\u001b[2Jx' }))
    expect(reportFolder(folderOf(linesText(lines))).text).not.toContain('\u001b')
  })

  test('report text: what of the cost was traded in another arbitration is said, beside the greatest event too', () => {
    const lines = [
      entryLine(1, [selectedLine('a', 10)], [rejectedLine('b', 60, 10)]),
      entryLine(2, [selectedLine('b', 40)], []),
      entryLine(
        3,
        [],
        [rejectedLine('c', -9, 0, { reason: 'interlocked', admissible: false, filtered: 'inadmissible' })],
      ),
    ]
    const text = reportFolder(folderOf(linesText(lines))).text.replaceAll(/\s+/g, ' ')
    for (const said of [
      'Total 50.00 (last 2 min; this week 50.00); of it, 50.00 on events that were traded in another arbitration',
      'Average per arbitration 50.00, over the 1 resolved one',
      'b of arb_20250121_070038_000001; traded later)',
      'Each event counts once, at its first such rejection; those traded later are left out.',
      'interlocked 1 -9.00',
    ])
      expect(text).toContain(said)
    expect(reportFolder(folderOf(linesText(lines.slice(0, 1)))).text).not.toContain('traded')
  })

  test('report text: the trend is that of the specification, and says where it is noise', () => {
    expect(trendText(week(180, 1_000), week(250, 1_000))).toBe('Decreasing (18% this week, was 25% last week)')
    expect(trendText(week(10, 40), week(9, 50))).toBe(
      'Increasing (25% this week, was 18% last week; within noise: their intervals overlap)',
    )
    expect(trendText(week(1, 5), week(0, 0))).toContain('nothing resolved in the week before')
    expect(trendText(week(0, 0), week(1, 5))).toContain('nothing is resolved in the last seven days')
  })
})
