/** A page of text for a terminal: wrapped to its width, coloured or not. One object a page; one thread. */

export interface PageLayout {
  readonly columns: number
  readonly isColoured: boolean
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'plain'

const codes: Readonly<Record<Style, readonly [number, number] | null>> = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  red: [31, 39],
  plain: null,
}

export class Page {
  readonly columns: number
  readonly #isColoured: boolean
  readonly #lines: string[] = []

  constructor({ columns, isColoured }: PageLayout) {
    this.columns = Math.max(60, columns)
    this.#isColoured = isColoured
  }

  /** A blank line and a heading. */
  heading(text: string): void {
    if (this.#lines.length > 0) this.#lines.push('')
    this.#lines.push(this.#styled(text, 'bold'))
  }

  /** One line as it is; the caller has seen to its width. */
  line(text: string, style: Style = 'plain'): void {
    this.#lines.push(this.#styled(text.trimEnd(), style))
  }

  /** Words, wrapped; lines after the first are indented by two more. */
  words(text: string, indent = 2, style: Style = 'plain'): void {
    let line = ' '.repeat(indent)
    let isEmpty = true
    for (const word of text.split(' ')) {
      if (!isEmpty && line.length + 1 + word.length > this.columns) {
        this.line(line, style)
        line = ' '.repeat(indent + 2)
        isEmpty = true
      }
      line += isEmpty ? word : ` ${word}`
      isEmpty = false
    }
    this.line(line, style)
  }

  get text(): string {
    return this.#lines.join('\n')
  }

  #styled(text: string, style: Style): string {
    const code = codes[style]
    return this.#isColoured && code !== null && text !== '' ? `\u001b[${code[0]}m${text}\u001b[${code[1]}m` : text
  }
}
