/**
 * An answer as a table for people: aligned, numbers at the right, cut to the terminal. Text gives way first; a number is whole or its
 * column is left out and named below, for half a number is another number. Holds what it shows, 1,000 rows at most. Pure.
 */
import type { AnswerColumn } from '../../query/answer.ts'
import { textOf } from '../../query/value.ts'
import { countText } from '../../summary.ts'
import type { Paint } from '../terminal/paint.ts'
import { cellText, fitted, widthOf } from './cell-width.ts'
import type { RowFormat } from './row-format.ts'

export interface TableLayout {
  /** How many places a line may have; infinite: as many as it needs. */
  readonly columns: number
  readonly paint: Paint
}

const rowsShownMax = 1_000
/** Ids of decisions, which begin alike, fit whole. */
const textWidthMin = 26
const gap = '  '
const numberType = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM|DOUBLE|FLOAT|DECIMAL\(\d+, ?\d+\))$/

export function tableFormat(layout: TableLayout): RowFormat {
  let columns: readonly AnswerColumn[] = []
  const shown: string[][] = []
  let count = 0
  return {
    begin(found) {
      columns = found
      return ''
    },
    rows(rows) {
      count += rows.length
      for (const row of rows.slice(0, rowsShownMax - shown.length)) {
        shown.push(row.map((value) => cellText(textOf(value) ?? '–')))
      }
      return ''
    },
    end: () => tableText(columns, shown, count, layout),
  }
}

function tableText(
  columns: readonly AnswerColumn[],
  rows: readonly (readonly string[])[],
  count: number,
  { columns: places, paint }: TableLayout,
): string {
  const heads = columns.map(({ name }) => cellText(name))
  const isNumber = columns.map(({ type }) => numberType.test(type))
  const widths = fittedWidths(
    heads.map((head, at) => rows.reduce((most, row) => Math.max(most, widthOf(row[at]!)), widthOf(head))),
    isNumber,
    places,
  )
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, at) => fitted(cells[at]!, width, isNumber[at] ? 'right' : 'left'))
      .join(gap)
      .trimEnd()
  const left = heads.slice(widths.length)
  const notes = [rowsNote(count, rows.length)]
  if (left.length > 0) notes.push(`no room for ${left.join(', ')}: name fewer columns, or --format csv`)
  const lines = [
    paint.bold(line(heads)),
    paint.dim(widths.map((width) => '─'.repeat(width)).join(gap)),
    ...rows.map(line),
    ...notes.flatMap((note) => wrapped(`(${note})`, places)).map((note) => paint.dim(note)),
  ]
  return `${lines.join('\n')}\n`
}

function wrapped(text: string, places: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && widthOf(line) + 1 + widthOf(word) <= places) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Widths of the columns that are shown, which are the first so many. */
function fittedWidths(needed: readonly number[], isNumber: readonly boolean[], places: number): number[] {
  const widths: number[] = []
  for (const [at, width] of needed.entries()) {
    widths.push(width)
    if (totalOf(widths) <= places) continue
    narrow(widths, isNumber, places)
    if (totalOf(widths) <= places || at === 0) continue
    widths.pop()
    break
  }
  if (totalOf(widths) > places) return [Math.max(1, places)]
  return widened(widths, needed, places)
}

/** The widest texts give way to one another's width, down to the least. */
function narrow(widths: number[], isNumber: readonly boolean[], places: number): void {
  for (let over = totalOf(widths) - places; over > 0; over -= 1) {
    let widest = -1
    for (const [at, width] of widths.entries()) {
      if (!isNumber[at] && width > textWidthMin && (widest < 0 || width > widths[widest]!)) widest = at
    }
    if (widest < 0) return
    widths[widest]! -= 1
  }
}

/** What a column that was left out made room for goes back to those that gave way for it, the narrowest first. */
function widened(widths: readonly number[], needed: readonly number[], places: number): number[] {
  const result = [...widths]
  for (let room = places - totalOf(result); room > 0; room -= 1) {
    let narrowest = -1
    for (const [at, width] of result.entries()) {
      if (width < needed[at]! && (narrowest < 0 || width < result[narrowest]!)) narrowest = at
    }
    if (narrowest < 0) break
    result[narrowest]! += 1
  }
  return result
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap.length * Math.max(0, widths.length - 1)
}

function rowsNote(count: number, shown: number): string {
  const rows = count === 1 ? '1 row' : `${countText(count)} rows`
  return shown === count ? rows : `${rows}, the first ${countText(shown)} shown; --format csv has all`
}
