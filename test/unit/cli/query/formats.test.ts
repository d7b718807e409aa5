import { describe, expect, it } from 'vitest'
import { csvFormat } from '../../../../src/cli/query/csv-format.ts'
import { jsonFormat } from '../../../../src/cli/query/json-format.ts'
import type { RowFormat } from '../../../../src/cli/query/row-format.ts'
import { tableFormat } from '../../../../src/cli/query/table-format.ts'
import { noPaint } from '../../../../src/cli/terminal/paint.ts'
import type { AnswerColumn } from '../../../../src/query/answer.ts'

function textOf(format: RowFormat, columns: readonly AnswerColumn[], rows: readonly (readonly unknown[])[]): string {
  return format.begin(columns) + format.rows(rows.slice(0, 1)) + format.rows(rows.slice(1)) + format.end()
}

const columnsOf = (types: Readonly<Record<string, string>>): AnswerColumn[] =>
  Object.entries(types).map(([name, type]) => ({ name, type }))
const inTable = (columns: number): RowFormat => tableFormat({ columns, paint: noPaint })
const linesOf = (text: string): string[] => text.trimEnd().split('\n')

describe('formats', () => {
  it('formats: JSON is one array, integers of any size as digits, and what is no number in JSON null', () => {
    const columns = columnsOf({ id: 'VARCHAR', at: 'BIGINT', score: 'DOUBLE' })
    const rows = [
      ['a"\n😀', 1737442838123456789n, 0.1],
      [null, -5n, Number.NaN],
    ]
    const text = textOf(jsonFormat(), columns, rows)
    expect(text).toBe(
      '[\n{"id":"a\\"\\n😀","at":1737442838123456789,"score":0.1},\n{"id":null,"at":-5,"score":null}\n]\n',
    )
    expect(textOf(jsonFormat(), columns, [])).toBe('[]\n')
  })

  it('formats: in JSON columns of one name get names of their own', () => {
    const columns = ['a', 'a', 'a_2', 'a'].map((name) => ({ name, type: 'INTEGER' }))
    expect(Object.entries(JSON.parse(textOf(jsonFormat(), columns, [[1, 2, 3, 4]]))[0])).toEqual([
      ['a', 1],
      ['a_3', 2],
      ['a_2', 3],
      ['a_4', 4],
    ])
  })

  it('formats: CSV quotes what needs it, tells null from an empty text, and ends lines with CRLF', () => {
    const columns = columnsOf({ 'a,b': 'VARCHAR', n: 'BIGINT' })
    const rows = [
      ['say "x", y', 1737442838123456789n],
      ['two\nlines', null],
      ['', 0n],
    ]
    expect(textOf(csvFormat(), columns, rows)).toBe(
      '"a,b",n\r\n"say ""x"", y",1737442838123456789\r\n"two\nlines",\r\n"",0\r\n',
    )
  })

  it('formats: a table aligns numbers at the right and counts its rows', () => {
    const columns = columnsOf({ symbol: 'VARCHAR', pnl: 'DECIMAL(18,2)', n: 'BIGINT', list: 'DECIMAL(18,2)[]' })
    const text = textOf(inTable(80), columns, [
      ['BTC', '-12.50', 3n, 'x'],
      ['漢字', '100.00', 12n, null],
    ])
    expect(linesOf(text)).toEqual([
      'symbol     pnl   n  list',
      '──────  ──────  ──  ────',
      'BTC     -12.50   3  x',
      '漢字    100.00  12  –',
      '(2 rows)',
    ])
    expect(linesOf(textOf(inTable(80), columns, [])).at(-1)).toBe('(0 rows)')
    expect(linesOf(textOf(inTable(80), columns.slice(0, 1), [['x']])).at(-1)).toBe('(1 row)')
  })

  it('formats: a table never passes the terminal, cuts texts and no number, and names the columns that it leaves out', () => {
    const columns = columnsOf({ id: 'VARCHAR', ns: 'BIGINT', other: 'VARCHAR', more: 'BIGINT' })
    const rows = [['i'.repeat(60), 1737442838123456789n, 'o'.repeat(60), 1737442838123456788n]]
    for (let width = 1; width <= 200; width += 1) {
      const lines = linesOf(textOf(inTable(width), columns, rows))
      const body = lines.slice(0, 3)
      for (const line of width < 50 ? body : lines) expect(line.length).toBeLessThanOrEqual(width)
      if (width < 50) continue
      const digits = body[2]!.match(/\d+/g) ?? []
      for (const number of digits) expect(number).toMatch(/^173744283812345678[89]$/)
      const left = ['ns', 'other', 'more'].filter((name) => !body[0]!.split(/ +/).includes(name))
      const notes = lines.slice(3).join(' ')
      if (left.length > 0) expect(notes).toContain(`(1 row) (no room for ${left.join(', ')}:`)
      else expect(notes).toBe('(1 row)')
    }
  })

  it('formats: no control character reaches the terminal', () => {
    const text = textOf(inTable(80), columnsOf({ 'a\u001b[1m': 'VARCHAR' }), [['x\u001b[31m\ny\u0007']])
    expect(text.replace(/\n/g, '')).not.toMatch(/\p{Cc}/u)
    expect(linesOf(text).length).toBe(4)
  })

  it('formats: a table shows a thousand rows and says how many there are', () => {
    const rows = Array.from({ length: 2_500 }, (_, at) => [BigInt(at)])
    const lines = linesOf(textOf(inTable(80), columnsOf({ n: 'BIGINT' }), rows))
    expect(lines.length).toBe(1_003)
    expect(lines.at(-1)).toBe('(2,500 rows, the first 1,000 shown; --format csv has all)')
  })
})
