/** The page of events: puts its parts together and lets them hear each other. */
import type { EventsPage, PageEvent, PageInstrument } from '../page-data.ts'
import { element } from './elements.ts'
import { EventCards } from './event-card.ts'
import { beganMs, endedMs } from './event-ends.ts'
import { EventList } from './event-list.ts'
import { pageHeading } from './page-heading.ts'
import { Selection } from './selection.ts'
import { SymbolChart } from './symbol-chart.ts'
import { areOnDays, durationText, spanText } from './texts.ts'
import { Theme } from './theme.ts'
import { Tip } from './tip.ts'
import { Zoom } from './zoom.ts'

const page = JSON.parse(document.getElementById('page-data')!.textContent!) as EventsPage
const types = Theme.order([...new Set(page.events.map((event) => event.type))])
const theme = new Theme(types)
const zoom = new Zoom(page.firstMs, page.lastMs)
const selection = new Selection(page.events)
const instruments: readonly PageInstrument[] = [...page.symbols, ...page.undrawn]
const hasDays = areOnDays(page.firstMs, page.lastMs)
const cards = new EventCards(instruments, theme, page.lastMs, hasDays)
const tip = new Tip()

const range = element('p', { class: 'range', 'aria-live': 'polite' })
const resetButton = element('button', { type: 'button', class: 'reset', title: 'Esc, or a double click' }, 'show all')
const detail = element('section', { class: 'detail', 'aria-label': 'Selected event' })
const charts = element('div', { class: 'charts' })
const list = new EventList(page, instruments, types, selection, theme, pick)
const side = element('aside', {}, detail, list.root)
const toolbar = element('nav', { class: 'toolbar', 'aria-label': 'View' }, list.filters, range, resetButton)
document.body.append(pageHeading(page, types), toolbar, element('main', {}, charts, side))

/** By symbol; made when it is first shown. */
const chartOf = new Map<number, SymbolChart>()
const priceHeight = page.symbols.length === 1 ? 420 : page.symbols.length === 2 ? 300 : 230

function chartsWidth(): number {
  return Math.max(320, charts.clientWidth)
}

/** Around the event: as much before and after as tells where it came from and what became of it. */
function pick(event: PageEvent): void {
  const began = beganMs(event)
  const ended = endedMs(event, page.lastMs)
  const margin = Math.min(600_000, Math.max(90_000, (ended - began) * 0.6))
  selection.select(event)
  zoom.show(began - margin, ended + margin)
  chartOf.get(event.symbol)?.root.scrollIntoView({ block: 'nearest' })
}

function showCharts(): void {
  for (const [index, symbol] of page.symbols.entries()) {
    const isShown = selection.isSymbolShown(index)
    let chart = chartOf.get(index)
    if (chart === undefined && isShown) {
      const events = page.events.filter((event) => event.symbol === index)
      chart = new SymbolChart(
        symbol,
        events,
        {
          theme,
          zoom,
          selection,
          types,
          hasDays,
          lastMs: page.lastMs,
          priceHeight,
          onPick: pick,
          // What the side panel shows already is not said twice.
          onHover: (event, place) =>
            tip.show(event === null || event === selection.selected ? null : cards.card(event, 'short'), place),
        },
        chartsWidth(),
      )
      chartOf.set(index, chart)
      const next = [...chartOf].filter(([other]) => other > index).sort(([one], [other]) => one - other)[0]
      charts.insertBefore(chart.root, next === undefined ? null : next[1].root)
    }
    if (chart !== undefined) chart.root.hidden = !isShown
  }
}

function showDetail(): void {
  const { selected } = selection
  const hint = 'Choose an event in the list or in a chart: its evidence, lifecycle and times are shown here.'
  detail.replaceChildren(selected === null ? element('p', { class: 'hint' }, hint) : cards.card(selected, 'full'))
}

function showRange(): void {
  range.textContent = zoom.isFull
    ? 'the whole recording; drag over a chart to zoom'
    : `${spanText(zoom.min, zoom.max)} UTC (${durationText(zoom.max - zoom.min)})`
  resetButton.disabled = zoom.isFull
}

function reset(): void {
  selection.select(null)
  zoom.reset()
}

selection.onChange(() => {
  showCharts()
  showDetail()
  list.reveal()
  for (const chart of chartOf.values()) chart.redraw()
})
zoom.onChange(() => {
  showRange()
  tip.show(null, { x: 0, y: 0 })
  for (const chart of chartOf.values()) chart.showReadout()
})
theme.onChange(() => {
  for (const chart of chartOf.values()) chart.redraw()
})
charts.addEventListener('mouseleave', () => tip.show(null, { x: 0, y: 0 }))
resetButton.addEventListener('click', reset)
document.addEventListener('keydown', (key) => {
  if (key.key === 'Escape') reset()
})
new ResizeObserver(() => {
  for (const chart of chartOf.values()) chart.resize(chartsWidth())
}).observe(charts)

// What stays below the toolbar has to know how many lines it takes.
new ResizeObserver(() => {
  document.documentElement.style.setProperty('--toolbar-height', `${toolbar.offsetHeight}px`)
}).observe(toolbar)

detail.hidden = page.events.length === 0
showCharts()
showDetail()
showRange()
