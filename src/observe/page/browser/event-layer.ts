/** Draws events over a symbol's price and tells which one lies under the cursor. One per price chart. */
import type { PageEvent, PageSymbol } from '../page-data.ts'
import { Plot, type UPlot } from './chart-library.ts'
import { beganMs, endedMs, endMark } from './event-ends.ts'
import type { Selection } from './selection.ts'
import type { Theme } from './theme.ts'

/** In CSS pixels: height of a type's lane at the top, its gap, and the room that the marks need. */
const laneHeight = 5
const laneGap = 2
const markerSize = 7
const reachOfCursor = 9
/** A span narrower than this shows neither its steps nor target and stop: there is no room for them. */
const spanForSteps = 22

const stateLetters: Readonly<Record<string, string>> = { ACTIVE: 'A', COMPLETING: 'C' }

interface Placed {
  readonly event: PageEvent
  /** Canvas pixels. */
  readonly from: number
  readonly until: number
}

export class EventLayer {
  readonly #events: readonly PageEvent[]
  readonly #scale: number
  readonly #lanes: readonly string[]
  readonly #selection: Selection
  readonly #theme: Theme
  readonly #lastMs: number

  /** @param events - Of this symbol. @param lanes - All types of the page, so that a type has its lane on every chart. */
  constructor(
    symbol: PageSymbol,
    events: readonly PageEvent[],
    lanes: readonly string[],
    selection: Selection,
    theme: Theme,
    lastMs: number,
  ) {
    this.#events = events
    this.#scale = 10 ** symbol.priceDecimals
    this.#lanes = lanes
    this.#selection = selection
    this.#theme = theme
    this.#lastMs = lastMs
  }

  /** Room at the top for the lanes, CSS pixels. */
  get lanesHeight(): number {
    return this.#lanes.length * (laneHeight + laneGap) + laneGap
  }

  /** Prices that the chart has to show beside the line: target and stop of the selected event. */
  pricesToShow(): number[] {
    const { selected } = this.#selection
    if (selected === null || !this.#events.includes(selected)) return []
    return [selected.targetTicks / this.#scale, selected.stopTicks / this.#scale]
  }

  /** The event nearest to the cursor, or null. `left` in CSS pixels of the plotting area. */
  eventAt(plot: UPlot, left: number): PageEvent | null {
    const x = plot.bbox.left + left * Plot.pxRatio
    const reach = reachOfCursor * Plot.pxRatio
    let nearest: PageEvent | null = null
    let nearestDistance = Number.POSITIVE_INFINITY
    for (const { event, from, until } of this.#placed(plot)) {
      if (x < from - reach || x > until + reach) continue
      const distance = Math.abs(x - from)
      if (distance >= nearestDistance) continue
      nearest = event
      nearestDistance = distance
    }
    return nearest
  }

  /** Below the line: spans. */
  drawSpans(plot: UPlot): void {
    const { ctx, bbox } = plot
    this.#clipped(plot, () => {
      for (const { event, from, until } of this.#placed(plot)) {
        const isSelected = event === this.#selection.selected
        ctx.fillStyle = this.#theme.typeColor(event.type)
        ctx.globalAlpha = isSelected ? 0.24 : 0.13
        ctx.fillRect(from, bbox.top, Math.max(until - from, Plot.pxRatio), bbox.height)
        ctx.globalAlpha = 1
        const lane = this.#lanes.indexOf(event.type)
        const top = bbox.top + (laneGap + lane * (laneHeight + laneGap)) * Plot.pxRatio
        ctx.fillRect(from, top, Math.max(until - from, 2 * Plot.pxRatio), laneHeight * Plot.pxRatio)
      }
    })
  }

  /** Above the line: target and stop, steps, markers; the selected event last. */
  drawMarks(plot: UPlot): void {
    const { selected } = this.#selection
    const placed = [...this.#placed(plot)]
    this.#clipped(plot, () => {
      for (const each of placed) if (each.event !== selected) this.#drawEvent(plot, each, false)
      for (const each of placed) if (each.event === selected) this.#drawEvent(plot, each, true)
    })
  }

  *#placed(plot: UPlot): Generator<Placed> {
    const { min, max } = plot.scales.x!
    for (const event of this.#events) {
      if (!this.#selection.isTypeShown(event.type)) continue
      const began = beganMs(event)
      const ended = endedMs(event, this.#lastMs)
      if (ended < min! || began > max!) continue
      yield { event, from: plot.valToPos(began, 'x', true), until: plot.valToPos(ended, 'x', true) }
    }
  }

  #drawEvent(plot: UPlot, { event, from, until }: Placed, isSelected: boolean): void {
    if (until - from >= spanForSteps * Plot.pxRatio) {
      this.#drawLevel(plot, event.targetTicks, from, until, 'target', isSelected)
      this.#drawLevel(plot, event.stopTicks, from, until, 'stop', isSelected)
      this.#drawSteps(plot, event)
    }
    this.#drawTrigger(plot, event, from, isSelected)
  }

  #drawLevel(plot: UPlot, ticks: number, from: number, until: number, name: 'target' | 'stop', isNamed: boolean): void {
    const { ctx } = plot
    const ratio = Plot.pxRatio
    const y = Math.round(plot.valToPos(ticks / this.#scale, 'y', true)) + 0.5
    ctx.strokeStyle = this.#theme.color(name)
    ctx.lineWidth = 1.5 * ratio
    ctx.setLineDash(name === 'stop' ? [3 * ratio, 3 * ratio] : [])
    ctx.beginPath()
    ctx.moveTo(from, y)
    ctx.lineTo(until, y)
    ctx.stroke()
    ctx.setLineDash([])
    if (!isNamed) return
    ctx.fillStyle = this.#theme.color(name)
    ctx.font = `${11 * ratio}px system-ui, sans-serif`
    ctx.textAlign = 'right'
    ctx.textBaseline = 'middle'
    ctx.fillText(name, from - 5 * ratio, y)
  }

  /** A dot on the price at each later state, with its letter; the end has its mark. */
  #drawSteps(plot: UPlot, event: PageEvent): void {
    const { ctx } = plot
    const ratio = Plot.pxRatio
    ctx.font = `600 ${10 * ratio}px system-ui, sans-serif`
    ctx.textAlign = 'center'
    ctx.textBaseline = 'middle'
    for (const change of event.changes.slice(1)) {
      const x = plot.valToPos(change.atMs, 'x', true)
      const y = plot.valToPos(change.lastTicks / this.#scale, 'y', true)
      ctx.beginPath()
      ctx.arc(x, y, 7 * ratio, 0, 2 * Math.PI)
      ctx.fillStyle = this.#theme.color('surface')
      ctx.fill()
      ctx.lineWidth = 1.5 * ratio
      ctx.strokeStyle = this.#theme.typeColor(event.type)
      ctx.stroke()
      ctx.fillStyle = this.#theme.color('ink')
      ctx.fillText(stateLetters[change.state] ?? endMark(event), x, y + 0.5 * ratio)
    }
  }

  /** A triangle that points where the trade would go: below the price upwards for long, above it downwards for short. */
  #drawTrigger(plot: UPlot, event: PageEvent, x: number, isSelected: boolean): void {
    const { ctx } = plot
    const size = (isSelected ? markerSize + 2 : markerSize) * Plot.pxRatio
    const direction = event.side === 'long' ? 1 : -1
    const tip = plot.valToPos(event.referenceTicks / this.#scale, 'y', true) + direction * 3 * Plot.pxRatio
    ctx.beginPath()
    ctx.moveTo(x, tip)
    ctx.lineTo(x - size * 0.8, tip + direction * size * 1.5)
    ctx.lineTo(x + size * 0.8, tip + direction * size * 1.5)
    ctx.closePath()
    ctx.lineJoin = 'round'
    ctx.lineWidth = 3 * Plot.pxRatio
    ctx.strokeStyle = this.#theme.color('surface')
    ctx.stroke()
    ctx.fillStyle = this.#theme.typeColor(event.type)
    ctx.fill()
    if (!isSelected) return
    ctx.lineWidth = 1.5 * Plot.pxRatio
    ctx.strokeStyle = this.#theme.color('ink')
    ctx.stroke()
  }

  #clipped(plot: UPlot, draw: () => void): void {
    const { ctx, bbox } = plot
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    draw()
    ctx.restore()
  }
}
