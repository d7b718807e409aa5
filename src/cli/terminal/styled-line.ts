/** One line of the terminal as pieces of text with a style each: cut to the width first, coloured after. Pure. */

export type Style = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'warn'

export interface Piece {
  readonly text: string
  readonly style: Style
}

export type StyledLine = readonly Piece[]

const escapes: Readonly<Record<Style, readonly [string, string]>> = {
  plain: ['', ''],
  bold: ['\u001b[1m', '\u001b[22m'],
  dim: ['\u001b[2m', '\u001b[22m'],
  good: ['\u001b[32m', '\u001b[39m'],
  bad: ['\u001b[31m', '\u001b[39m'],
  warn: ['\u001b[33m', '\u001b[39m'],
}

export function piece(text: string, style: Style = 'plain'): Piece {
  return { text, style }
}

/** A money or price difference: green above 0, red below. */
export function signed(text: string, value: number): Piece {
  return piece(text, value > 0 ? 'good' : value < 0 ? 'bad' : 'plain')
}

export function widthOf(line: StyledLine): number {
  return line.reduce((width, { text }) => width + text.length, 0)
}

/** `left`, then as many of `parts` as fit into `columns`, `gap` apart: what comes last goes first. */
export function fitting(left: StyledLine, parts: readonly StyledLine[], gap: string, columns: number): StyledLine {
  let line = left
  for (const part of parts) {
    const longer = widthOf(line) === 0 ? part : [...line, piece(gap), ...part]
    if (widthOf(longer) > columns) break
    line = longer
  }
  return line
}

/** `left` and `right` at the two ends of the line; `right` is cut, its last pieces first, where both do not fit. */
export function ends(left: StyledLine, right: StyledLine, columns: number): StyledLine {
  const room = columns - widthOf(left) - 2
  const fits = right.filter((_, index) => widthOf(right.slice(0, index + 1)) <= room)
  const first = right[0]
  const shown = fits.length > 0 || first === undefined ? fits : [piece(cell(first.text, room), first.style)]
  if (room < 4) return left
  return [...left, piece(' '.repeat(columns - widthOf(left) - widthOf(shown))), ...shown]
}

/** `text` in exactly `width` places, a cut shown by `…`. */
export function cell(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  if (text.length > width) return `${text.slice(0, Math.max(0, width - 1))}…`
  return side === 'left' ? text.padEnd(width) : text.padStart(width)
}

/** What a venue says may hold anything: no control character reaches the terminal. */
const control = /\p{Cc}/gu

/** The line as it is written: at most `columns` wide, cut with `…`, coloured if `isColoured`. */
export function rendered(line: StyledLine, columns: number, isColoured: boolean): string {
  let room = widthOf(line) > columns ? columns - 1 : columns
  const ending = widthOf(line) > columns ? '…' : ''
  let result = ''
  for (const { text, style } of line) {
    const part = text.slice(0, room).replace(control, ' ')
    room -= part.length
    const [begin, end] = isColoured ? escapes[style] : escapes.plain
    if (part !== '') result += `${begin}${part}${end}`
  }
  return result + ending
}
