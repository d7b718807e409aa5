/** One chart of a symbol: what all of them have in common. Time below, values on the right, the cursor shared by all. */
import { Plot, type UPlot } from './chart-library.ts'
import { dayText, numberText } from './texts.ts'
import type { Theme } from './theme.ts'
import type { Zoom } from './zoom.ts'

const axisWidth = 72
const timeAxisHeight = 34
const titleHeight = 12
/** Less, in CSS pixels, is a click. */
const dragMin = 4
const dayMs = 86_400_000
const syncKey = 'signalbox'

export interface PanelOptions {
  readonly width: number
  /** Of the plotting area. */
  readonly height: number
  readonly data: UPlot.AlignedData
  readonly series: readonly UPlot.Series[]
  readonly bands?: UPlot.Band[]
  readonly hasTimes: boolean
  /** Room for a title above the values. */
  readonly hasTitle: boolean
  readonly range: UPlot.Range.Function
  /** Which values the axis names, of those it shows; left out: round ones. */
  readonly named?: (min: number, max: number) => number[]
  /** Text of a value on the axis; `step` is the least distance to another one. */
  readonly valueText: (value: number, step: number) => string
  readonly hooks?: UPlot.Hooks.Arrays
  readonly onClick?: (plot: UPlot) => void
  readonly theme: Theme
  readonly zoom: Zoom
}

/** As many decimals as tell two neighbours on the axis apart, and at least `decimalsMin`. */
export function stepText(value: number, step: number, decimalsMin = 0): string {
  return numberText(value, Math.max(decimalsMin, -Math.floor(Math.log10(step) + 1e-9)))
}

export function outerHeight(options: Pick<PanelOptions, 'height' | 'hasTimes' | 'hasTitle'>): number {
  return options.height + (options.hasTimes ? timeAxisHeight : 0) + (options.hasTitle ? titleHeight : 0)
}

export function createPanel(options: PanelOptions, target: HTMLElement): UPlot {
  const { theme, zoom, hasTimes, named } = options
  const axis: UPlot.Axis = {
    font: '11px system-ui, sans-serif',
    stroke: () => theme.color('ink-2'),
    grid: { stroke: () => theme.color('grid'), width: 1 },
    ticks: { show: false },
  }
  const plot = new Plot(
    {
      width: options.width,
      height: outerHeight(options),
      ms: 1,
      padding: [options.hasTitle ? 17 : 6, 0, hasTimes ? 0 : 6, 30],
      tzDate: (ms) => Plot.tzDate(new Date(ms), 'UTC'),
      legend: { show: false },
      scales: { x: { time: true, range: () => [zoom.min, zoom.max] }, y: { range: options.range } },
      series: [{}, ...options.series],
      bands: options.bands ?? [],
      axes: [
        {
          ...axis,
          size: hasTimes ? timeAxisHeight : 0,
          gap: 6,
          space: 70,
          values: (_plot, splits, _axis, _space, step) => (hasTimes ? timeTexts(splits, step) : splits.map(() => null)),
        },
        {
          ...axis,
          side: 1,
          size: axisWidth,
          gap: 6,
          space: options.height < 100 ? 20 : 34,
          values: (_plot, splits, _axis, _space, round) => {
            const step = named === undefined ? round : leastDistance(splits)
            return splits.map((value) => options.valueText(value, step))
          },
          ...(named === undefined ? {} : { splits: (_plot, _axis, min, max) => named(min, max) }),
        },
      ],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: dragMin },
        // Where the cursor is, everybody hears; what is dragged concerns the chart under it, which tells the zoom.
        sync: {
          key: syncKey,
          scales: ['x', null],
          filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' },
        },
        bind: {
          dblclick: () => () => {
            zoom.reset()
            return null
          },
        },
      },
      hooks: {
        ...options.hooks,
        setSelect: [
          (self) => {
            const { left, width } = self.select
            if (width < dragMin) return
            zoom.show(self.posToVal(left, 'x'), self.posToVal(left + width, 'x'))
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          },
        ],
      },
    },
    options.data,
    target,
  )
  if (options.onClick !== undefined) listenForClicks(plot, options.onClick)
  zoom.add(plot)
  return plot
}

/** A click is not the end of a drag. */
function listenForClicks(plot: UPlot, onClick: (plot: UPlot) => void): void {
  let pressedAt = Number.NaN
  plot.over.addEventListener('mousedown', (event) => {
    pressedAt = event.clientX
  })
  plot.over.addEventListener('mouseup', (event) => {
    if (Math.abs(event.clientX - pressedAt) < dragMin) onClick(plot)
    pressedAt = Number.NaN
  })
}

/** @param values - Ascending, two at least. */
function leastDistance(values: readonly number[]): number {
  return Math.min(...values.slice(1).map((value, index) => value - values[index]!))
}

/** UTC: hours and minutes, or finer; the day where it begins and at the left edge. */
function timeTexts(splits: readonly number[], step: number): string[] {
  return splits.map((ms, index) => {
    const before = splits[index - 1]
    const day = dayText(ms)
    const isNewDay = before === undefined || dayText(before) !== day
    if (step >= dayMs) return day.slice(5)
    const iso = new Date(ms).toISOString()
    const clock = step >= 60_000 ? iso.slice(11, 16) : step >= 1_000 ? iso.slice(11, 19) : iso.slice(11, 21)
    return isNewDay ? `${clock}\n${day}` : clock
  })
}
