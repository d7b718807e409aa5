/** CSV as RFC 4180 has it: a header, CRLF, quotes where they are needed. Null is nothing, an empty string is `""`. Pure. */
import { textOf } from '../../query/value.ts'
import type { RowFormat } from './row-format.ts'

export function csvFormat(): RowFormat {
  return {
    begin: (columns) => lineOf(columns.map(({ name }) => name)),
    rows: (rows) => rows.map((row) => lineOf(row.map(textOf))).join(''),
    end: () => '',
  }
}

function lineOf(cells: readonly (string | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

function cellOf(text: string | null): string {
  if (text === null) return ''
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
