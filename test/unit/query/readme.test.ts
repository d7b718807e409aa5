/** What the README says of `query` is so: the views and their columns, and that its examples run. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { queryJournal } from '../../../src/query/query-journal.ts'
import { journalViews } from '../../../src/query/views.ts'
import { counterfactualLine } from '../../support/counterfactual-lines.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
const section = /\n### SQL\n([\s\S]*?)\n##+ /.exec(readme)![1]!

/** `a`, `b` TYPE; `c` TYPE, as pairs of name and type. */
function columnsIn(cell: string): string[][] {
  return cell.split('; ').flatMap((group) => {
    const [, names, type] = /^((?:`\w+`(?:, )?)+) (.*)$/.exec(group)!
    return [...names!.matchAll(/`(\w+)`/g)].map((name) => [name[1]!, type!])
  })
}

describe('query in the README', () => {
  it('readme: every view stands there with its columns and types, and no other', () => {
    const rows = [...section.matchAll(/^\| `(\w+)` \| (.*?) \| (.*) \|$/gm)]
    expect(rows.map(([, name, about, columns]) => [name, about, columnsIn(columns!)])).toEqual(
      journalViews.map(({ name, about, columns }) => [
        name,
        about,
        columns.map((column) => [column.name, column.type]),
      ]),
    )
  })

  it('readme: its examples run', async () => {
    const folder = temporaryFolder()
    const fixture = readFileSync(new URL('../../fixtures/query-decisions.ndjson', import.meta.url))
    writeFileSync(join(folder, 'decisions-000001.ndjson'), fixture)
    const entry = { id: 'arb_1', selected: [{ id: 'a', pnl: 1 }], rejected: [{ id: 'b', pnl: 3.5, cost: 2.5 }] }
    writeFileSync(join(folder, 'counterfactuals-000001.ndjson'), `${counterfactualLine(entry)}\n`)
    const examples = [...section.matchAll(/signalbox query \w+ "([^"]*)"/g)].map(([, sql]) => sql!)
    const answers = []
    for (const sql of examples.slice(0, 2)) answers.push(await queryJournal(folder, sql))
    expect(answers.map(({ columns }) => columns.map(({ name }) => name))).toEqual([
      ['event_type', 'trades', 'pnl', 'fees'],
      ['reason', 'events', 'missed'],
    ])
    expect(answers[1]!.rows).toEqual([['lower_score', 1n, '2.50']])
  })
})
