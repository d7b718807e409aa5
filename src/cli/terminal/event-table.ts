/** Events for a person at a terminal: one line an event, a heading for each UTC day. Pure: histories in, lines out. */
import type { Timeline } from '../../domain/units.ts'
import { type EventHistory, endOf, kindOf } from '../event-history.ts'
import type { Paint } from './paint.ts'

export interface TableLayout {
  readonly timeline: Timeline
  /** Of the recordings: until then an event without an end was live. */
  readonly lastNs: number
  readonly columns: number
  readonly paint: Paint
}

/** What stands for how an event ended. */
const legend = '✓ completed   ✕ invalidated   – expired   … live when the recording ended'

/** From here on a line has room for the type's whole name. */
const wideColumns = 110
/** Numbers of the evidence that one line shows, at most. */
const evidenceMax = 3
const evidenceWidthMin = 12

/** Between columns; a narrow terminal has one space only, so that the evidence has more. */
const gapFor = (columns: number): number => (columns < 100 ? 1 : 2)

/** The lines; the evidence takes what the other columns leave of `layout.columns`, 12 characters at least. */
export function eventTable(histories: readonly EventHistory[], layout: TableLayout): string[] {
  const { paint } = layout
  const gap = gapFor(layout.columns)
  const rows = histories.map((history) => rowOf(history, layout))
  const heads = ['UTC', 'symbol', 'type', 'side', 'score', 'fired by', 'end', 'move']
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row.cells[column]!.length)))
  const others = widths.reduce((sum, width) => sum + width, 0) - widths[evidenceColumn]! + gap * (heads.length - 1)
  const evidenceWidth = Math.max(evidenceWidthMin, layout.columns - others)
  const texts = histories.map(({ event }) => evidenceText(event.evidence, evidenceWidth))
  widths[evidenceColumn] = Math.min(
    evidenceWidth,
    Math.max(heads[evidenceColumn]!.length, ...texts.map(({ length }) => length)),
  )

  const lines: string[] = []
  let day = ''
  for (const [index, row] of rows.entries()) {
    if (row.day !== day) {
      day = row.day
      if (lines.length > 0) lines.push('')
      lines.push(paint.bold(day), paint.dim(lineOf(heads, widths, gap)))
    }
    const cells = row.cells.with(evidenceColumn, texts[index]!)
    const line = lineOf(cells, widths, gap)
    const moveAt = line.length - row.cells.at(-1)!.length
    const color = row.favour > 0 ? paint.green : row.favour < 0 ? paint.red : paint.dim
    lines.push(line.slice(0, moveAt) + color(line.slice(moveAt)))
  }
  lines.push('', paint.dim(legend))
  return lines
}

const evidenceColumn = 5
const rightAligned = new Set([4, 7])

interface Row {
  readonly day: string
  readonly cells: readonly string[]
  /** > 0: the price went the event's way. */
  readonly favour: number
}

function rowOf(history: EventHistory, { timeline, lastNs, columns }: TableLayout): Row {
  const { event } = history
  const at = new Date(timeline.toUnixMs(event.detectedAtNs)).toISOString()
  const newest = history.changes.at(-1)!
  const end = endOf(history)
  const move = newest.lastTicks / event.referenceTicks - 1
  const mark = end === null ? '…' : end.cause === 'expiry' ? '–' : end.state === 'COMPLETED' ? '✓' : '✕'
  return {
    day: at.slice(0, 10),
    favour: (event.side === 'long' ? 1 : -1) * move,
    cells: [
      at.slice(11, 19),
      event.symbol,
      columns >= wideColumns ? event.eventType : kindOf(event),
      event.side,
      event.priorityScore.toFixed(2),
      '',
      `${mark} ${aliveText(((end?.atNs ?? lastNs) - event.detectedAtNs) / 1e9)}`,
      percentText(move),
    ],
  }
}

function lineOf(cells: readonly string[], widths: readonly number[], gap: number): string {
  const aligned = cells.map((cell, column) =>
    rightAligned.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
  )
  return aligned.join(' '.repeat(gap))
}

/** 4.2s, 1m40s, 2h05m */
function aliveText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  const two = (count: number): string => String(count).padStart(2, '0')
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`
  return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`
}

/** +0.27% */
function percentText(fraction: number): string {
  const text = (fraction * 100).toFixed(2)
  if (Number(text) === 0) return '0.00%'
  return `${fraction > 0 ? '+' : ''}${text}%`.replace('-', '−')
}

/** The first numbers of the evidence that fit, in the detector's order; the first one always, cut if need be. */
function evidenceText(evidence: Readonly<Record<string, number>>, width: number): string {
  let text = ''
  let count = 0
  let labelBefore = ''
  for (const [name, value] of Object.entries(evidence)) {
    const { label, number } = shortEvidence(name, value)
    // The same thing in another unit: move −4.6σ −55bp.
    const part = label === labelBefore ? number : `${label} ${number}`
    if (text !== '' && text.length + 1 + part.length > width) continue
    text += text === '' ? part : ` ${part}`
    labelBefore = label
    count += 1
    if (count === evidenceMax) break
  }
  return text.slice(0, width)
}

/** Units that evidence carries at the end of its name, and how a person writes them behind the number. */
const units: readonly (readonly [RegExp, string])[] = [
  [/_sigmas$/, 'σ'],
  [/_bp$/, 'bp'],
  [/_ratio$/, '×'],
  [/_ratio(?=_)/, '×'],
  [/_s$/, 's'],
]

/** `move_sigmas` −5.213 → move, −5.2σ */
function shortEvidence(name: string, value: number): { label: string; number: string } {
  const unit = units.find(([pattern]) => pattern.test(name))
  const label = (unit === undefined ? name : name.replace(unit[0], '')).replaceAll('_', ' ')
  const size = Math.abs(value)
  const digits =
    size !== 0 && size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(size >= 100 ? 3 : 2)))
  return { label, number: `${digits.replaceAll('-', '−')}${unit?.[1] ?? ''}` }
}
