/** The summary of a run for people: a label and a text a line, wrapped at words to the terminal's width. Pure. */
import type { Instrument } from '../../domain/instrument.ts'
import {
  type ChannelSummary,
  countText,
  durationText,
  moneyText,
  type Summary,
  timeText,
  waitText,
} from '../../summary.ts'
import { Page } from '../explain/page.ts'
import { latencyNotes, latencyTable } from './latency-table.ts'

/** More symbols than this are counted, not named. */
const symbolsShownMax = 12
/** More strategies in workers than this are counted, not told. */
const strategiesShownMax = 12

/** A label, '' where it is that of the line before, and what is said under it. */
type Said = readonly [label: string, text: string]

/**
 * The summary as aligned lines.
 *
 * @param columns - Of the terminal; a text that is longer goes on below its own beginning. Infinity: one line a text.
 */
export function summaryLines(summary: Summary, instruments: readonly Instrument[], columns: number): string[] {
  const ofRun: Said[] = [
    ...inputTexts(summary, instruments),
    ...decisionTexts(summary),
    ...entryTexts(summary),
    ...strategyTexts(summary.strategies ?? []),
    ...moneyTexts(summary),
  ]
  const ofMachine = machineTexts(summary)
  if (summary.journal !== null) ofMachine.push(['journal', summary.journal], ...whyTexts(summary, summary.journal))
  const width = Math.max(...[...ofRun, ...ofMachine].map(([label]) => label.length))
  const headOf = (label: string): string => `  ${label.padEnd(width)}  `
  const linesOf = ([label, text]: Said): string[] => wrapped(headOf(label), text, columns)
  const table = latencyTable(summary, columns - headOf('').length)
  return [
    ...ofRun.flatMap(linesOf),
    ...table.map((row, index) => headOf(index === 0 ? 'latency' : '') + row),
    ...latencyNotes(summary).flatMap((note) => linesOf(['', note])),
    ...ofMachine.flatMap(linesOf),
  ]
}

/** How wide a stream's lines may be; where nobody told, they are not wrapped, so that a file has one line a text. */
export function columnsOf(stream: NodeJS.WriteStream): number {
  const columns = stream.isTTY === true ? stream.columns : Number.NaN
  return columns > 0 ? columns : Number.POSITIVE_INFINITY
}

function wrapped(head: string, text: string, columns: number): string[] {
  const page = new Page({ columns, isColoured: false })
  page.words(text, head.length)
  const [first, ...rest] = page.text.split('\n')
  return [head + first!.slice(head.length), ...rest]
}

function inputTexts(summary: Summary, instruments: readonly Instrument[]): Said[] {
  const from = summary.first_ns === null ? 'none' : timeText(summary.first_ns)
  const to = summary.last_ns === null ? '' : ` to ${timeText(summary.last_ns)} UTC`
  const events = Object.entries(summary.events).map(([type, symbols]) => {
    const counts = Object.entries(symbols).map(([symbol, count]) => `${symbol} ${count}`)
    return `${type}: ${counts.join(', ')}`
  })
  return [
    ['records', `${countText(summary.records)}  (${from}${to})`],
    ['malformed', countsText(summary.malformed)],
    ...(summary.left_out === undefined ? [] : [['left out', countsText(summary.left_out)] as const]),
    ...listed('events', events.length === 0 ? [`none on ${symbolsText(instruments)}`] : events),
  ]
}

function decisionTexts(summary: Summary): Said[] {
  const service = Object.entries(summary.service).map(([type, { competed, served, wait }]) => {
    const waits = wait === null ? '' : `, waited ${waitText(wait.mean_ns)} on average, ${waitText(wait.max_ns)} at most`
    return `${type}: ${countText(served)} of ${countText(competed)} events selected${waits}`
  })
  const { events: held, total_ns: heldNs, max_ns: heldMaxNs } = summary.holder_waits
  const holders =
    held === 0
      ? 'nobody waited for a lower tier’s position'
      : `${countText(held)} waited for a lower tier’s position, ${waitText(heldNs)} in all, ${waitText(heldMaxNs)} at most`
  return [
    [
      'decisions',
      `${countText(summary.decisions)}, ${countText(summary.multi_event_decisions)} between two or more events; ${countText(summary.selected)} selected`,
    ],
    ...(summary.weights_version === undefined
      ? []
      : [['weights', `version ${summary.weights_version} at the end`] as const]),
    ...(summary.decisions === 0 ? [] : [['turned down', countsText(summary.rejections)] as const]),
    ...listed('service', service),
    [
      'fairness',
      `${countText(summary.starvation_events)} starved, ${countText(summary.priority_inversions)} priority inversions; ${holders}`,
    ],
  ]
}

function entryTexts(summary: Summary): Said[] {
  const { granted, lost, denied, denied_by, error } = summary.reservations
  const limits = Object.entries(denied_by).filter(([, count]) => count > 0)
  const by = limits.length === 0 ? '' : ` (${countsText(Object.fromEntries(limits))})`
  const { declined, submitted, opened, refused } = summary.orders
  const orders = [`${submitted} sent`, `${opened} filled`, `${refused.beyond_limit} refused by their limit`]
  if (refused.beyond_margin > 0) orders.push(`${refused.beyond_margin} by their margin`)
  if (refused.end_of_data > 0) orders.push(`${refused.end_of_data} not arrived at the end`)
  return [
    ['reservations', `${granted} granted, ${lost} lost, ${denied} denied${by}, ${error} failed`],
    ['entries', `${orders.join(', ')}; ${declined} ${declined === 1 ? 'grant' : 'grants'} declined`],
  ]
}

/** Those that traded most first; the others are counted. */
function strategyTexts(strategies: NonNullable<Summary['strategies']>): Said[] {
  const most = [...strategies].sort((one, other) => other.trades - one.trades || other.claims - one.claims)
  const texts = most.slice(0, strategiesShownMax).map((one) => {
    const refused = byReason(one.refused)
    const dismissed = byReason(one.dismissed)
    const times = one.asked === 1 ? 'once' : `${countText(one.asked)} times`
    const race = `asked ${times}, ${countText(one.claims)} claims, ${countText(one.granted)} granted, ${refused.count} refused${refused.why}`
    const faults = [
      [one.unsent, 'given back unsent'],
      [dismissed.count, `dismissed${dismissed.why}`],
      [one.invalid, 'claims of nonsense'],
      [one.threw, 'exceptions'],
      [one.unfilled, 'not filled'],
    ] as const
    const told = faults.flatMap(([count, what]) => (count === 0 ? [] : [`, ${countText(count)} ${what}`])).join('')
    const end = one.why === null ? '' : ` (${one.state}: ${one.why})`
    return `${one.name}: ${race}${told}; ${countText(one.trades)} trades, P&L ${moneyText(one.pnl)}${end}`
  })
  const more = strategies.length - texts.length
  return listed('strategies', more === 0 ? texts : [...texts, `and ${more} more`])
}

/** How many, and of what: ` (MAX_POSITIONS 2)`. */
function byReason(counts: Readonly<Record<string, number>>): { readonly count: number; readonly why: string } {
  const told = Object.entries(counts).filter(([, count]) => count > 0)
  const why = told.map(([reason, count]) => `${reason} ${countText(count)}`).join(', ')
  return { count: told.reduce((sum, [, count]) => sum + count, 0), why: why === '' ? '' : ` (${why})` }
}

function moneyTexts({ trades, pnl, fees, funding, equity, sharpe }: Summary): Said[] {
  return [
    ['trades', countText(trades)],
    ['P&L', `${moneyText(pnl)} (fees ${moneyText(fees)}, funding ${moneyText(funding)})`],
    [
      'equity',
      `${moneyText(equity.start)} → ${moneyText(equity.end)}, deepest drawdown ${moneyText(equity.max_drawdown)}`,
    ],
    ['Sharpe', sharpe === null ? 'says nothing below 30 trades' : `${sharpe.toFixed(3)} per trade`],
  ]
}

function machineTexts(summary: Summary): Said[] {
  return [
    [
      'rate',
      `${countText(summary.records_per_s)} records/s over ${summary.seconds.toFixed(1)} s, ${summary.backend} backend`,
    ],
    ['memory', `${countText(summary.peak_rss_mb)} MB at its peak`],
    ...threadTexts(summary),
  ]
}

/** What went between threads, and that it arrived. */
function threadTexts({ channels, conflated_within = 0, undelivered = 0 }: Summary): Said[] {
  if (channels === undefined) return []
  const lossless = Object.entries(channels).filter(
    ([name]) => !name.startsWith('state to') && name !== 'decisions shown',
  )
  const sum = (all: readonly [string, ChannelSummary][], key: keyof ChannelSummary): number =>
    all.reduce((total, [, counters]) => total + counters[key], 0)
  const messages = lossless.filter(([name]) => name !== 'records')
  const lost = sum(lossless, 'sent') - sum(lossless, 'received') + undelivered
  const conflated = sum(Object.entries(channels), 'conflated') + conflated_within
  return [
    [
      'threads',
      `${countText(channels.records?.received ?? 0)} records (the warm-up’s with them) and ${countText(sum(messages, 'received'))} messages between them, ${countText(lost)} lost; ${countText(conflated)} state updates merged into newer ones; senders waited ${durationText(sum(lossless, 'blocked_ns'))} for room`,
    ],
  ]
}

/** How to ask, where a person will: nothing was selected, or something that should have been entered was not. */
function whyTexts(summary: Summary, journal: string): Said[] {
  const isSilent = summary.decisions > 0 && summary.selected === 0
  if (!isSilent && summary.orders.declined === 0 && summary.starvation_events === 0) return []
  const folder = /^[\w./+-]+$/.test(journal) ? journal : `'${journal.replaceAll("'", "'\\''")}'`
  return [['why', `signalbox explain ${folder} ID, an event_id or arbitration_id of its decisions-… files`]]
}

/** Several texts under one label. */
function listed(label: string, texts: readonly string[]): Said[] {
  return texts.map((text, index) => [index === 0 ? label : '', text])
}

function symbolsText(instruments: readonly Instrument[]): string {
  const shown = instruments.slice(0, symbolsShownMax).map(({ symbol }) => symbol)
  const more = instruments.length - shown.length
  return `${shown.join(' ')}${more === 0 ? '' : ` and ${more} more`}`
}

/** What was counted, by its name. */
function countsText(counts: Readonly<Record<string, number>>): string {
  const texts = Object.entries(counts).map(([name, count]) => `${name} ${countText(count)}`)
  return texts.length === 0 ? 'none' : texts.join(', ')
}
