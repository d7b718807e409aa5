/** What the page is about: the recordings, their span, settings that are not the defaults, and counts. */
import type { EventsPage } from '../page-data.ts'
import { element } from './elements.ts'
import { durationText, nameText, numberText, spanText } from './texts.ts'

export function pageHeading(page: EventsPage, types: readonly string[]): HTMLElement {
  const malformed = Object.entries(page.malformed)
  const records = `${numberText(page.records, 0)} records`
  const bad = malformed.map(([kind, count]) => `${nameText(kind)} ${numberText(count, 0)}`).join(', ')
  return element(
    'header',
    { class: 'page-heading' },
    element('h1', {}, page.title),
    element(
      'dl',
      { class: 'about' },
      ...row('span', `${spanText(page.firstMs, page.lastMs)} UTC (${durationText(page.lastMs - page.firstMs)})`),
      ...row('records', malformed.length === 0 ? `${records}, none malformed` : `${records}; malformed: ${bad}`),
      ...row('files', files(page.files)),
      ...row('settings', page.settings.length === 0 ? 'all at their defaults' : page.settings.join('; ')),
    ),
    page.events.length === 0 ? null : counts(page, types),
    page.whyNotAllDrawn === null ? null : element('p', { class: 'not-all' }, page.whyNotAllDrawn),
  )
}

function row(name: string, value: string | Node): Node[] {
  return [element('dt', {}, name), element('dd', {}, value)]
}

/** A few are named; many are counted, and named when asked for. */
function files(names: readonly string[]): string | Node {
  if (names.length <= 2) return names.join(', ')
  const list = element('ul', {}, ...names.map((name) => element('li', {}, name)))
  return element('details', {}, element('summary', {}, `${names.length} files`), list)
}

function counts(page: EventsPage, types: readonly string[]): HTMLElement {
  const cell = (count: number): HTMLElement => element('td', {}, count === 0 ? '·' : String(count))
  const head = page.symbols.map(({ symbol }) => element('th', { scope: 'col' }, symbol))
  const rows = types.map((type) => {
    const ofType = page.events.filter((event) => event.type === type)
    const cells = page.symbols.map((_, index) => cell(ofType.filter((event) => event.symbol === index).length))
    return element('tr', {}, element('th', { scope: 'row' }, nameText(type)), ...cells, cell(ofType.length))
  })
  const table = element(
    'table',
    {},
    element('thead', {}, element('tr', {}, element('td'), ...head, element('th', { scope: 'col' }, 'all'))),
    element('tbody', {}, ...rows),
  )
  return element('div', { class: 'counts' }, table)
}
