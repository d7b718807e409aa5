/** One chart over days or weeks. The cursor snaps to a bucket and is shared by all; arrow keys move it where there is no pointer. */
import type { ReportBuckets } from '../report-page-data.ts'
import { bucketFacts, bucketTitle, monthDayText, yearText } from './bucket-card.ts'
import { Plot, type UPlot } from './chart-library.ts'
import { element } from './elements.ts'
import { drawRateLayer } from './rate-layer.ts'
import { shortText } from './texts.ts'
import type { Theme } from './theme.ts'

export type ChartKind = 'missed' | 'cumulative' | 'rate'

export interface BucketSetting {
  readonly buckets: ReportBuckets
  readonly rateLimit: number
  readonly theme: Theme
  /** The bucket at the cursor of this chart, with a place in the window; null when there is none. */
  readonly onPoint: (index: number | null, place: { readonly x: number; readonly y: number }) => void
}

const heights: Readonly<Record<ChartKind, number>> = { missed: 200, cumulative: 170, rate: 240 }
/** Widest bar, and least distance of two names on the axis, CSS pixels. */
const barWidthMax = 46
const nameWidth = 58
/** Buckets narrower than this have no dots on their line, CSS pixels. */
const dotRoom = 9
const syncKey = 'report'
/** Buckets from one name to the next: those before 10 times a power of ten. */
const nameSteps = [1, 2, 5]

export class BucketChart {
  readonly #kind: ChartKind
  readonly #setting: BucketSetting
  readonly #place: HTMLElement
  readonly #plot: UPlot
  /** What the keys point at, read out. */
  readonly #spoken = element('p', { class: 'unseen', 'aria-live': 'polite' })
  #isByKeys = false

  constructor(kind: ChartKind, place: HTMLElement, title: string, setting: BucketSetting) {
    this.#kind = kind
    this.#setting = setting
    this.#place = place
    const holder = element('div', { class: 'canvas', tabindex: '0', role: 'group' })
    holder.setAttribute(
      'aria-label',
      `${title}. Arrow keys go from ${setting.buckets.unit} to ${setting.buckets.unit}.`,
    )
    place.append(holder, this.#spoken)
    this.#plot = new Plot(this.#options(), this.#values(), holder)
    holder.addEventListener('keydown', (key) => this.#onKey(key))
    holder.addEventListener('blur', () => this.leave())
    this.#plot.over.addEventListener('mousemove', () => {
      this.#isByKeys = false
    })
    this.#plot.over.addEventListener('mouseleave', () => setting.onPoint(null, { x: 0, y: 0 }))
    new ResizeObserver(() => this.#plot.setSize({ width: place.clientWidth, height: heights[kind] })).observe(place)
  }

  redraw(): void {
    // Bars keep their colour with their path.
    this.#plot.redraw(true, true)
  }

  /** Takes the cursor away. */
  leave(): void {
    this.#isByKeys = false
    this.#moveAll(-10, -10)
    this.#setting.onPoint(null, { x: 0, y: 0 })
  }

  #values(): UPlot.AlignedData {
    const { buckets } = this.#setting
    return [buckets.fromMs.map((_, index) => index), [...buckets[this.#kind]]]
  }

  #options(): UPlot.Options {
    const { theme, buckets, rateLimit } = this.#setting
    const kind = this.#kind
    const axis: UPlot.Axis = {
      font: '11px system-ui, sans-serif',
      labelFont: '11px system-ui, sans-serif',
      labelSize: 18,
      stroke: () => theme.color('ink-2'),
      grid: { stroke: () => theme.color('grid'), width: 1 },
      ticks: { show: false },
    }
    return {
      width: this.#place.clientWidth,
      height: heights[kind],
      padding: [10, 12, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: () => [-0.5, buckets.fromMs.length - 0.5] },
        y: { range: (_plot, _min, max) => this.#range(max) },
      },
      series: [{}, this.#series()],
      axes: [
        {
          ...axis,
          label: buckets.unit === 'week' ? 'week, by its Monday (UTC)' : 'day (UTC)',
          size: 38,
          gap: 6,
          grid: { show: false },
          splits: (plot) => this.#namedBuckets(plot),
          values: (_plot, splits) => this.#bucketNames(splits),
        },
        {
          ...axis,
          label: kind === 'rate' ? 'share' : 'quote currency',
          size: 58,
          gap: 6,
          space: 28,
          values: (_plot, splits) => splits.map((value) => this.#valueName(value)),
        },
      ],
      cursor: {
        y: false,
        move: (plot, left, top) => [left < 0 ? left : plot.valToPos(plot.posToIdx(left), 'x'), top],
        drag: { x: false, y: false },
        points: { size: 9 },
        sync: { key: syncKey, scales: ['x', null] },
      },
      hooks: {
        drawAxes: kind === 'rate' ? [(plot) => drawRateLayer(plot, buckets, rateLimit, theme)] : [],
        setCursor: [() => this.#onCursor()],
      },
    }
  }

  #series(): UPlot.Series {
    const { theme } = this.#setting
    if (this.#kind === 'missed') {
      const fill = (): string => theme.color('cost')
      return {
        fill,
        stroke: fill,
        width: 0,
        points: { show: false },
        paths: Plot.paths.bars!({ size: [0.72, barWidthMax] }),
      }
    }
    const isRate = this.#kind === 'rate'
    const stroke = (): string => theme.color(isRate ? 'rate' : 'cost')
    if (!isRate) return { stroke, width: 2, fill: () => theme.color('cost-area'), points: { show: false } }
    const filter = (plot: UPlot): number[] => this.#dottedBuckets(plot)
    return { stroke, width: 2, points: { size: 7, stroke, fill: stroke, filter } }
  }

  /** From 0; rates at most to 1, and always with the limit. */
  #range(max: number | null): UPlot.Range.MinMax {
    if (this.#kind !== 'rate') return [0, max === null || max <= 0 ? 1 : max * 1.08]
    const { buckets, rateLimit } = this.#setting
    const shown = [...buckets.high, ...buckets.chance].filter((value) => value !== null)
    return [0, Math.min(1.02, Math.max(rateLimit, ...shown) * 1.08)]
  }

  #valueName(value: number): string {
    if (this.#kind === 'rate') return value > 1 ? '' : `${Math.round(value * 100)} %`
    // Longer ones have no room.
    if (value !== 0 && (value < 0.001 || value >= 1e13))
      return value.toExponential(1).replace('-', '−').replace('+', '')
    return shortText(value)
  }

  /** Buckets of the rate with a dot: all that have room, else those that no line goes to. */
  #dottedBuckets(plot: UPlot): number[] {
    const { rate } = this.#setting.buckets
    const isRoomy = plot.bbox.width / Plot.pxRatio / rate.length >= dotRoom
    const isKnown = (index: number): boolean => (rate[index] ?? null) !== null
    const all = rate.flatMap((_, index) => (isKnown(index) ? [index] : []))
    return isRoomy ? all : all.filter((index) => !isKnown(index - 1) && !isKnown(index + 1))
  }

  /** As many as have room for their names, at even steps. */
  #namedBuckets(plot: UPlot): number[] {
    const count = this.#setting.buckets.fromMs.length
    const room = Math.max(1, Math.floor(plot.bbox.width / Plot.pxRatio / nameWidth))
    const least = Math.ceil(count / room)
    const power = 10 ** Math.floor(Math.log10(least))
    const step = nameSteps.map((factor) => factor * power).find((each) => each >= least) ?? 10 * power
    return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step)
  }

  /** 15 Jan, with its year where one begins. */
  #bucketNames(splits: readonly number[]): string[] {
    const { fromMs } = this.#setting.buckets
    return splits.map((split, index) => {
      const ms = fromMs[split]!
      const before = fromMs[splits[index - 1] ?? -1]
      const isNewYear = before === undefined || yearText(before) !== yearText(ms)
      return isNewYear ? `${monthDayText(ms)}\n${yearText(ms)}` : monthDayText(ms)
    })
  }

  #onCursor(): void {
    const { over, cursor } = this.#plot
    // The others follow the one under the pointer or keys, which alone tells.
    if (this.#isByKeys || !over.matches(':hover')) return
    const index = cursor.left! < 0 ? null : (cursor.idx ?? null)
    const { left, top } = over.getBoundingClientRect()
    this.#setting.onPoint(index, { x: left + cursor.left!, y: top + cursor.top! })
  }

  /** The cursors of all charts, which are equally wide. */
  #moveAll(left: number, top: number): void {
    for (const plot of Plot.sync(syncKey).plots) plot.setCursor({ left, top })
  }

  #onKey(key: KeyboardEvent): void {
    const { buckets, onPoint } = this.#setting
    const newest = buckets.fromMs.length - 1
    const now = this.#isByKeys ? (this.#plot.cursor.idx ?? newest) : null
    const target = targetOf(key.key, now, newest)
    if (target === null) return
    key.preventDefault()
    this.#isByKeys = true
    const { over } = this.#plot
    const left = this.#plot.valToPos(target, 'x')
    this.#moveAll(left, over.clientHeight / 2)
    const box = over.getBoundingClientRect()
    onPoint(target, { x: box.left + left, y: box.top + over.clientHeight / 2 })
    const facts = bucketFacts(buckets, target).map(([name, value]) => `${name} ${value}`)
    this.#spoken.textContent = `${bucketTitle(buckets, target)}: ${facts.join(', ')}`
  }
}

/** @param now - The bucket that the keys point at; null: none yet. @returns Null for a key that says nothing here. */
function targetOf(key: string, now: number | null, newest: number): number | null {
  if (key === 'Home') return 0
  if (key === 'End') return newest
  if (key === 'ArrowLeft') return now === null ? newest : Math.max(0, now - 1)
  if (key === 'ArrowRight') return now === null ? 0 : Math.min(newest, now + 1)
  return null
}
