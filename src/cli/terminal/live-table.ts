/**
 * A live run on a terminal: the whole screen as lines, from the model and a few figures. Each section keeps its place while the
 * terminal keeps its size, so that the eye finds things again. Pure.
 */
import { type Instrument, toPrice, toQuantity } from '../../domain/instrument.ts'
import type { PositionSettled } from '../../domain/message.ts'
import { nsPerSecond, toMoney } from '../../domain/units.ts'
import { countText, moneyText } from '../../summary.ts'
import { decisionLine, decisionTitle } from './decision-rows.ts'
import { isWide, type LiveLayout } from './live-layout.ts'
import { clockText, refusalText, shortName } from './live-lines.ts'
import type { EventRow, LiveModel, PositionRow } from './live-model.ts'
import { cell, ends, fitting, piece, rendered, type StyledLine, signed } from './styled-line.ts'

/** What the header and the last line say. */
export interface LiveFigures {
  readonly nowNs: number
  readonly feed: string
  /** How much of a playback has been played, 0 … 1; null for a real market. */
  readonly played: number | null
  readonly recordsPerS: number
  readonly equityMinor: number
  readonly pnlMinor: number
  readonly trades: number
  readonly wins: number
  /** Entries that the venue did not fill. */
  readonly refused: number
  /** What was measured, by name. */
  readonly latencies: readonly { readonly name: string; readonly text: string }[]
  readonly backend: string
  readonly isAdmitting: boolean
  readonly tradingState: string
  /** The last line that a person should know of; '' for none. */
  readonly notice: string
  /** The last traded price of a symbol in ticks; NaN before the first trade. */
  readonly lastTicks: (symbolIndex: number) => number
}

/** Header, four titles, the last line. */
const fixedRows = 8
const barWidth = 8

/** The screen: `layout.rows` lines, none wider than `layout.columns`. */
export function screenOf(model: LiveModel, figures: LiveFigures, layout: LiveLayout): string[] {
  const left = Math.max(4, layout.rows - fixedRows)
  const positions = Math.max(1, Math.round(left * 0.13))
  const events = Math.max(1, Math.round(left * 0.33))
  const decisions = Math.max(1, Math.round(left * 0.3))
  const trades = Math.max(1, left - events - decisions - positions)
  const lines: StyledLine[] = [
    ...headerOf(figures, layout),
    eventTitle(layout),
    ...section(model.eventsInOrder(), events, 'nothing is happening', (row) => eventLine(row, figures, layout)),
    decisionTitle(layout),
    ...section(model.decisions, decisions, 'none yet', (row) => decisionLine(row, layout), 'older'),
    title('POSITIONS', layout),
    ...section([...model.positions.values()], positions, 'flat', (row) => positionLine(row, figures, layout)),
    title('TRADES', layout),
    ...section(model.settled, trades, 'none yet', (row) => settledLine(row, layout), 'older'),
    figures.notice === ''
      ? [piece('Ctrl-C closes what is open, prints the summary and ends', 'dim')]
      : [piece(figures.notice, 'warn')],
  ]
  return lines.slice(0, layout.rows).map((line) => rendered(line, layout.columns, layout.isColoured))
}

/** `rows` lines: the items, or how many more there are (older ones go unsaid), or that there are none. */
function section<Item>(
  items: readonly Item[],
  rows: number,
  none: string,
  lineOf: (item: Item) => StyledLine,
  beyond: 'counted' | 'older' = 'counted',
): StyledLine[] {
  const isOver = items.length > rows && beyond === 'counted'
  const lines = items.slice(0, isOver ? rows - 1 : rows).map(lineOf)
  if (isOver) lines.push([piece(`    and ${items.length - rows + 1} more`, 'dim')])
  if (items.length === 0) lines.push([piece(`    ${none}`, 'dim')])
  while (lines.length < rows) lines.push([])
  return lines
}

function headerOf(figures: LiveFigures, layout: LiveLayout): StyledLine[] {
  const { timeline, columns } = layout
  const day = new Date(timeline.toUnixMs(figures.nowNs)).toISOString().slice(0, 10)
  const played =
    figures.played === null
      ? []
      : [piece(`  ${bar(figures.played)} ${`${Math.floor(figures.played * 100)}`.padStart(3)} % played`, 'dim')]
  const feed = piece(`feed ${figures.feed}`, figures.feed === 'subscribed' ? 'good' : 'warn')
  const money: StyledLine[] = [
    [piece('equity '), piece(moneyText(toMoney(figures.equityMinor)), 'bold')],
    [piece('P&L '), signed(moneyText(toMoney(figures.pnlMinor)), figures.pnlMinor)],
    [piece(tradesText(figures))],
    [piece('entries '), piece(figures.tradingState, figures.isAdmitting ? 'good' : 'bad')],
  ]
  const measured: StyledLine[] = [
    ...figures.latencies.map(({ name, text }): StyledLine => [piece(`${name} ${text}`, 'dim')]),
    [piece(`${countText(figures.recordsPerS)} records/s`, 'dim')],
    [piece(`${figures.backend} backend`, 'dim')],
  ]
  return [
    ends(
      [piece('signalbox', 'bold'), piece(`  ${day} ${clockText(timeline, figures.nowNs)} UTC`)],
      [feed, ...played],
      columns,
    ),
    fitting([], money, '   ', columns),
    fitting([], measured, '   ', columns),
  ]
}

function tradesText({ trades, wins, refused }: LiveFigures): string {
  const text = `${countText(trades)} trade${trades === 1 ? '' : 's'}, ${countText(wins)} won`
  return refused === 0 ? text : `${text}, ${countText(refused)} refused`
}

function title(text: string, layout: LiveLayout): StyledLine {
  return [piece(text, 'bold'), piece(` ${'─'.repeat(Math.max(0, layout.columns - text.length - 1))}`, 'dim')]
}

function eventCells(
  layout: LiveLayout,
  cells: readonly [string, string, string, string, string, string, string],
): string {
  const [rank, name, side, state, score, fresh, age] = cells
  return [
    cell(rank, 2, 'right'),
    cell(name, isWide(layout) ? 36 : 18),
    cell(side, 5),
    cell(state, 10),
    cell(score, 5, 'right'),
    isWide(layout) ? cell(fresh, barWidth + 5) : cell(fresh, 5, 'right'),
    cell(age, 5, 'right'),
  ].join(' ')
}

function eventTitle(layout: LiveLayout): StyledLine {
  const heads = eventCells(layout, ['#', 'EVENT', 'SIDE', 'STATE', 'SCORE', 'FRESH', 'AGE'])
  return [piece(`${heads}  VERDICT`, 'bold')]
}

function eventLine(row: EventRow, figures: LiveFigures, layout: LiveLayout): StyledLine {
  const { event, state, score, rank, verdict } = row
  const ageS = Math.max(0, (figures.nowNs - event.detectedAtNs) / nsPerSecond)
  const freshness = Math.max(0, 1 - ageS / layout.freshnessHorizonS)
  const freshText = isWide(layout) ? `${bar(freshness)} ${freshness.toFixed(2)}` : freshness.toFixed(2)
  const text = eventCells(layout, [
    verdict === 'held' ? '●' : rank === 0 ? '–' : String(rank),
    isWide(layout) ? event.eventId : shortName(event.eventId, event.symbol),
    event.side,
    state,
    Number.isNaN(score) ? '–' : score.toFixed(3),
    freshText,
    `${ageS.toFixed(0)} s`,
  ])
  const isOurs = verdict === 'selected' || verdict === 'held'
  return [piece(text, rank === 0 && !isOurs ? 'dim' : 'plain'), piece(`  ${verdict}`, isOurs ? 'good' : 'dim')]
}

function positionLine(row: PositionRow, figures: LiveFigures, layout: LiveLayout): StyledLine {
  const { position, state } = row
  const { event, capitalMinor } = position.grant.member
  const instrument = layout.instruments[event.symbolIndex]!
  const { side, stopTicks, targetTicks } = position.plan
  const left = [
    '   ',
    cell(side, 5),
    cell(`${toQuantity(instrument, position.order.quantityLots)} ${event.symbol}`, 17),
    cell(moneyText(toMoney(capitalMinor)), 12, 'right'),
    ` ${cell(state, 9)}`,
  ].join(' ')
  const stop = priceText(instrument, stopTicks)
  const target = priceText(instrument, targetTicks)
  const room = Math.min(40, layout.columns - left.length - stop.length - target.length - 3)
  if (room < 5) return [piece(left)]
  const progress = (figures.lastTicks(event.symbolIndex) - stopTicks) / (targetTicks - stopTicks)
  return [piece(`${left} `), piece(stop, 'bad'), piece(` ${gauge(progress, room)} `), piece(target, 'good')]
}

function settledLine(row: PositionSettled, layout: LiveLayout): StyledLine {
  const { position, outcome, refusal, atNs } = row
  const { event } = position.grant.member
  const instrument = layout.instruments[event.symbolIndex]!
  const when = piece(clockText(layout.timeline, outcome?.exitAtNs ?? atNs), 'dim')
  const who = ` ${cell(shortName(event.eventId, event.symbol), 18)} ${cell(position.plan.side, 5)} `
  if (outcome === null) {
    const why = refusal === null ? '' : `  ${refusalText(refusal, position.order, instrument)}`
    return [when, piece(who), piece('refused', 'warn'), piece(why, 'dim')]
  }
  const prices = cell(`${priceText(instrument, outcome.entryTicks)} → ${priceText(instrument, outcome.exitTicks)}`, 20)
  return [
    when,
    piece(`${who}${prices} ${cell(outcome.exitReason, 15)} `),
    signed(cell(moneyText(toMoney(outcome.pnlMinor)), 8, 'right'), outcome.pnlMinor),
  ]
}

function priceText(instrument: Instrument, ticks: number): string {
  return toPrice(instrument, ticks).toFixed(instrument.priceDecimals)
}

/** `fraction` of {@link barWidth} places, in eighths. */
function bar(fraction: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * barWidth * 8)
  const full = '█'.repeat(Math.floor(eighths / 8))
  const part = eighths % 8 === 0 ? '' : ' ▏▎▍▌▋▊▉'[eighths % 8]!
  return `${full}${part}`.padEnd(barWidth, '·')
}

/** Where the price is between the stop (0) and the target (1). */
function gauge(progress: number, width: number): string {
  const places = width - 2
  const inner = '─'.repeat(places)
  if (Number.isNaN(progress)) return `├${inner}┤`
  const at = Math.min(places - 1, Math.max(0, Math.floor(progress * places)))
  return `├${inner.slice(0, at)}●${inner.slice(at + 1)}┤`
}
