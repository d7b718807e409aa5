/** Labels with texts, and tables with columns, on a page. Pure. */
import type { Page, Style } from '../explain/page.ts'
import { cell } from '../terminal/styled-line.ts'

/** Names come from files and may hold anything: no control character reaches the terminal. */
export function plainText(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}

/** A heading, and in words what stands under it. */
export function headed(page: Page, title: string, note: string): void {
  page.heading(title)
  page.words(note, 2, 'dim')
}

/** A label and what is said under it, wrapped below its own beginning. */
export function facts(page: Page, said: readonly (readonly [label: string, text: string])[]): void {
  const width = Math.max(...said.map(([label]) => label.length)) + 4
  for (const [label, text] of said) {
    let line = `  ${label}`.padEnd(width)
    let isEmpty = true
    for (const word of text.split(' ')) {
      if (!isEmpty && line.length + 1 + word.length > page.columns) {
        page.line(line)
        line = ' '.repeat(width)
        isEmpty = true
      }
      line += isEmpty ? word : ` ${word}`
      isEmpty = false
    }
    page.line(line)
  }
}

/** A table's first column is names, the others numbers. */
export interface Table {
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** As wide as its texts; names are cut where the page is too narrow. */
export function table(page: Page, { heads, rows }: Table): void {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]!.length)))
  const numbers = widths.slice(1).reduce((sum, width) => sum + width + 2, 0)
  const names = Math.max(8, Math.min(widths[0]!, page.columns - numbers - 2))
  const lineOf = (row: readonly string[], style: Style): void => {
    const cells = row.slice(1).map((text, column) => `  ${text.padStart(widths[column + 1]!)}`)
    page.line(`  ${cell(row[0]!, names)}${cells.join('')}`, style)
  }
  lineOf(heads, 'dim')
  for (const row of rows) lineOf(row, 'plain')
}
