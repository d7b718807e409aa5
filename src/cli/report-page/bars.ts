/**
 * Bars in tables: a name, its numbers, and a bar beside the last of them. They need no script, names of any length wrap, and each
 * bar's number is written out. Pure.
 */
import { html, type Markup, type Part } from '../../observe/page/markup.ts'

export interface BarRow {
  readonly name: string
  /** A few words below the name. */
  readonly note?: string
  /** One for each of the table's middle columns. */
  readonly cells: readonly string[]
  readonly value: number
  readonly text: Part
}

export interface BarTable {
  readonly title: string
  /** What is counted, in a sentence. */
  readonly about: Part
  /** Heads: of the names, of the middle columns, of the bars. */
  readonly heads: readonly [string, readonly string[], string]
  /** In the order in which they are shown. */
  readonly rows: readonly BarRow[]
  /** The class that colours the bars. */
  readonly color: string
  /** Takes the page's whole width. */
  readonly isWide?: boolean
  /** Instead of a table, when there are no rows. */
  readonly none: string
}

/** Rows that stand open; the rest is behind a click. */
const rowsOpen = 10

export function barTable(table: BarTable): Markup {
  const { title, about, rows, none, isWide } = table
  const kind = isWide === true ? 'breakdown wide' : 'breakdown'
  if (rows.length === 0) {
    return html`<section class="${kind}"><h3>${title}</h3><p class="about">${about}</p><p class="none">${none}</p></section>`
  }
  const scale = scaleOf(rows.map(({ value }) => value))
  const rest = rows.slice(rowsOpen)
  return html`<section class="${kind}">
<h3>${title}</h3>
<p class="about">${about}</p>
${tableOf(table, title, rows.slice(0, rowsOpen), scale)}
${rest.length === 0 ? null : html`<details><summary>${rest.length} more</summary>${tableOf(table, `${title}, continued`, rest, scale)}</details>`}
</section>`
}

function tableOf(table: BarTable, caption: string, rows: readonly BarRow[], scale: Scale): Markup {
  const [name, middle, bar] = table.heads
  return html`<table class="bars ${table.color}">
<caption class="unseen">${caption}</caption>
<colgroup><col class="name">${middle.map(() => html`<col class="middle">`)}<col class="bar"></colgroup>
<thead><tr><th scope="col">${name}</th>${middle.map((head) => html`<th scope="col">${head}</th>`)}<th scope="col">${bar}</th></tr></thead>
<tbody>${rows.map((row) => rowOf(row, scale))}</tbody>
</table>`
}

function rowOf({ name, note, cells, value, text }: BarRow, scale: Scale): Markup {
  return html`<tr><th scope="row">${name}${note === undefined ? null : html`<small>${note}</small>`}</th>${cells.map((cell) => html`<td>${cell}</td>`)}<td class="bar"><span class="of-bar">${barOf(value, scale)}<span class="value">${text}</span></span></td></tr>
`
}

/** From the least value or 0, to the greatest or 0. */
export interface Scale {
  readonly min: number
  readonly max: number
}

export function scaleOf(values: readonly number[]): Scale {
  return values.reduce((scale, value) => ({ min: Math.min(scale.min, value), max: Math.max(scale.max, value) }), {
    min: 0,
    max: 0,
  })
}

/** From 0 to the value; what the value is stands beside it, so it is hidden from readers of the screen. */
export function barOf(value: number, scale: Scale, kind = ''): Markup {
  const zero = shareOf(0, scale)
  const at = shareOf(value, scale)
  const fill =
    value === 0
      ? null
      : html`<span class="fill ${kind}" style="left: ${percent(Math.min(zero, at))}; width: ${percent(Math.abs(at - zero))}"></span>`
  const origin = scale.min < 0 ? html`<span class="origin" style="left: ${percent(zero)}"></span>` : null
  return html`<span class="track" aria-hidden="true">${fill}${origin}</span>`
}

/** Where on the scale, in [0, 1]; a scale of no length has all at 0. */
export function shareOf(value: number, { min, max }: Scale): number {
  // Divided first, so that a scale from −10^308 to 10^308 has a length.
  const size = Math.max(Math.abs(min), Math.abs(max))
  return size === 0 || max === min ? 0 : (value / size - min / size) / (max / size - min / size)
}

export function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`
}
