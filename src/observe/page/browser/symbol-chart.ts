/** A symbol's charts, one below the other: price with its events, net flow, open interest, funding. */
import type { PageEvent, PageSymbol } from '../page-data.ts'
import { Plot, type UPlot } from './chart-library.ts'
import { element } from './elements.ts'
import { EventLayer } from './event-layer.ts'
import { createPanel, outerHeight, type PanelOptions, stepText } from './panel.ts'
import type { Selection } from './selection.ts'
import { type HeldSeries, type SymbolSeries, seriesOf } from './symbol-series.ts'
import { momentText, numberText, shortStepText, shortText, signedText } from './texts.ts'
import type { Theme } from './theme.ts'
import type { Zoom } from './zoom.ts'

export interface ChartSetting {
  readonly theme: Theme
  readonly zoom: Zoom
  readonly selection: Selection
  /** All types of the page. */
  readonly types: readonly string[]
  /** The page is of more than one day. */
  readonly hasDays: boolean
  readonly lastMs: number
  readonly priceHeight: number
  /** The event under the cursor, with the cursor's place in the window; null when there is none. */
  readonly onHover: (event: PageEvent | null, place: { readonly x: number; readonly y: number }) => void
  readonly onPick: (event: PageEvent) => void
}

const smallHeight = 46
const contextPad = 0.15
/** A context holds until the next one. */
const stepped = Plot.paths.stepped!({ align: 1 })

export class SymbolChart {
  readonly root: HTMLElement
  readonly #setting: ChartSetting
  readonly #series: SymbolSeries
  readonly #layer: EventLayer
  readonly #readout = element('output', { class: 'readout' })
  readonly #plots: { readonly plot: UPlot; readonly options: PanelOptions }[] = []

  constructor(symbol: PageSymbol, events: readonly PageEvent[], setting: ChartSetting, width: number) {
    this.#setting = setting
    this.#series = seriesOf(symbol)
    const { types, selection, theme, lastMs } = setting
    this.#layer = new EventLayer(symbol, events, types, selection, theme, lastMs)
    const heading = element('h2', {}, symbol.symbol, this.#readout)
    this.root = element('section', { class: 'symbol', 'aria-label': symbol.symbol }, heading)
    const { openInterest, funding } = this.#series
    // What was never told has no panel.
    const hasInterest = openInterest.at.length > 0
    const hasFunding = funding.at.length > 0
    this.#add(null, this.#pricePanel(width))
    this.#add('net buying, 60 s', this.#flowPanel(width, !hasInterest && !hasFunding))
    if (hasInterest) this.#add('open interest', this.#heldPanel(width, openInterest, !hasFunding, shortStepText))
    if (hasFunding) {
      const percentText = (value: number, step: number): string => stepText(value, step, 4)
      this.#add('funding, % an hour', this.#heldPanel(width, funding, true, percentText))
    }
    this.#showReadout(null)
  }

  /** Draws again: the selection, a filter or the colours changed. */
  redraw(): void {
    for (const { plot } of this.#plots) plot.redraw(false, true)
    // Target and stop of the selected event may lie outside of what is shown.
    const { zoom } = this.#setting
    this.#plots[0]!.plot.setScale('x', { min: zoom.min, max: zoom.max })
  }

  resize(width: number): void {
    for (const { plot, options } of this.#plots) plot.setSize({ width, height: outerHeight(options) })
  }

  showReadout(): void {
    this.#showReadout(this.#plots[0]!.plot.cursor.idx ?? null)
  }

  destroy(): void {
    for (const { plot } of this.#plots) {
      this.#setting.zoom.remove(plot)
      plot.destroy()
    }
  }

  #add(title: string | null, options: PanelOptions): void {
    const holder = element(
      'div',
      { class: 'panel' },
      title === null ? null : element('span', { class: 'panel-title' }, title),
    )
    this.root.append(holder)
    this.#plots.push({ plot: createPanel(options, holder), options })
  }

  #pricePanel(width: number): PanelOptions {
    const { theme, zoom, priceHeight, onHover, onPick } = this.#setting
    const { at, high, low, last } = this.#series
    const layer = this.#layer
    const edge = { stroke: () => theme.color('range-edge'), width: 1, points: { show: false } }
    return {
      width,
      height: priceHeight,
      data: [at, high, low, last],
      series: [edge, edge, { stroke: () => theme.color('line'), width: 1.25, points: { show: false } }],
      bands: [{ series: [1, 2], fill: () => theme.color('range') }],
      hasTimes: false,
      hasTitle: false,
      valueText: (value, step) => (at.length === 0 ? '' : stepText(value, step)),
      range: (plot, min, max) => this.#priceRange(plot, min, max),
      theme,
      zoom,
      hooks: {
        drawAxes: [(plot) => layer.drawSpans(plot)],
        draw: [(plot) => layer.drawMarks(plot)],
        setCursor: [
          (plot) => {
            this.#showReadout(plot.cursor.idx ?? null)
            // Only the chart under the pointer has an event of its own; the others follow it.
            if (plot.cursor.event === undefined || !plot.over.matches(':hover')) return
            const { clientX, clientY } = plot.cursor.event
            const found = layer.eventAt(plot, plot.cursor.left!)
            plot.over.style.cursor = found === null ? 'crosshair' : 'pointer'
            onHover(found, { x: clientX, y: clientY })
          },
        ],
      },
      onClick: (plot) => {
        const found = layer.eventAt(plot, plot.cursor.left!)
        if (found !== null) onPick(found)
      },
    }
  }

  #priceRange(plot: UPlot, min: number | null, max: number | null): UPlot.Range.MinMax {
    if (this.#series.at.length === 0) return [0, 1]
    const extra = this.#layer.pricesToShow()
    const near = this.#series.last[plot.valToIdx((plot.scales.x!.min! + plot.scales.x!.max!) / 2)] ?? 1
    const lowest = Math.min(min ?? near, ...extra)
    const highest = Math.max(max ?? near, ...extra)
    const span = highest - lowest || highest * 0.001
    // The lanes of the events keep their room above the highest price.
    const free = Math.max(0.4, 1 - (this.#layer.lanesHeight + 14) / this.#setting.priceHeight)
    return [lowest - span * 0.08, lowest + span / free + span * 0.02]
  }

  #flowPanel(width: number, hasTimes: boolean): PanelOptions {
    const { theme, zoom } = this.#setting
    const { at, flow } = this.#series
    const side = (name: 'buy' | 'sell'): UPlot.Series => ({
      stroke: () => theme.color(name),
      fill: () => theme.color(`${name}-fill`),
      width: 1,
      points: { show: false },
    })
    return {
      width,
      height: smallHeight + 10,
      data: [
        at,
        flow.map((value) => (value === null ? null : Math.max(0, value))),
        flow.map((value) => (value === null ? null : Math.min(0, value))),
      ],
      series: [side('buy'), side('sell')],
      hasTimes,
      hasTitle: true,
      valueText: (value) => (at.length === 0 ? '' : moneyText(value)),
      range: (_plot, min, max) => {
        const size = Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0)) || 1
        return [-size * 1.1, size * 1.1]
      },
      named: (_min, max) => [-roundBelow(max), 0, roundBelow(max)],
      theme,
      zoom,
    }
  }

  #heldPanel(width: number, held: HeldSeries, hasTimes: boolean, valueText: PanelOptions['valueText']): PanelOptions {
    const { theme, zoom } = this.#setting
    return {
      width,
      height: smallHeight,
      data: [held.at, held.values],
      series: [{ stroke: () => theme.color('ink-2'), width: 1.25, points: { show: false }, paths: stepped }],
      hasTimes,
      hasTitle: true,
      valueText,
      range: (_plot, min, max) => {
        if (min === null || max === null) return [0, 1]
        const pad = (max - min || Math.abs(max) || 1) * contextPad
        return [min - pad, max + pad]
      },
      // Lowest and highest of what is shown: more has no room.
      named: (min, max) => {
        const pad = ((max - min) * contextPad) / (1 + 2 * contextPad)
        return [min + pad, max - pad]
      },
      theme,
      zoom,
    }
  }

  /** The values at the cursor; without one, how far the price went in what is shown. */
  #showReadout(index: number | null): void {
    const { at, last, low, high, flow, priceDecimals } = this.#series
    const price = (value: number): string => numberText(value, priceDecimals)
    const time = index === null ? undefined : at[index]
    if (index === null || time === undefined || last[index] == null) {
      this.#readout.textContent = this.#spanReadout(price)
      return
    }
    const parts = [momentText(time, this.#setting.hasDays), price(last[index]!)]
    if (low[index] !== high[index]) parts.push(`${price(low[index]!)} – ${price(high[index]!)}`)
    if (flow[index] != null) parts.push(`net ${moneyText(flow[index]!)}`)
    const openInterest = heldAt(this.#series.openInterest, time)
    const funding = heldAt(this.#series.funding, time)
    if (openInterest != null) parts.push(`OI ${numberText(openInterest, 0)}`)
    if (funding != null) parts.push(`funding ${numberText(funding, 5)} %`)
    this.#readout.textContent = parts.join('   ')
  }

  #spanReadout(price: (value: number) => string): string {
    const { at, last } = this.#series
    const { min, max } = this.#setting.zoom
    const first = last.find((value, index) => value !== null && at[index]! >= min)
    const newest = last.findLast((value, index) => value !== null && at[index]! <= max)
    if (first == null || newest == null) return 'no trades here'
    return `${price(first)} → ${price(newest)}   ${signedText((newest / first - 1) * 100, 2)} %`
  }
}

/** 1, 2 or 5 times a power of ten, at most `value`. */
function roundBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const factor = value / power
  return power * (factor >= 5 ? 5 : factor >= 2 ? 2 : 1)
}

/** From thousands of the quote currency. */
function moneyText(kilo: number): string {
  return shortText(kilo * 1000)
}

/** What was told last by then; nothing before it was told, or in a silence. */
function heldAt({ at, values }: HeldSeries, time: number): number | null | undefined {
  return values[lastAtOrBefore(at, time)]
}

function lastAtOrBefore(times: readonly number[], time: number): number {
  let least = 0
  let most = times.length
  while (least < most) {
    const middle = (least + most) >> 1
    if (times[middle]! <= time) least = middle + 1
    else most = middle
  }
  return least - 1
}
