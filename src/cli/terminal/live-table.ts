/** A live run on a terminal: the whole screen as lines, from the model and a few figures. Pure. */
import { type Instrument, toPrice, toQuantity } from '../../domain/instrument.ts'
import { nsPerSecond, type Timeline, toMoney } from '../../domain/units.ts'
import { moneyText } from '../../summary.ts'
import { clockText, decisionText, refusalText } from './live-lines.ts'
import type { LiveModel } from './live-model.ts'

/** What the header says. */
export interface LiveFigures {
  readonly nowNs: number
  readonly status: string
  readonly records: number
  readonly recordsPerS: number
  readonly capitalMinor: number
  readonly pnlMinor: number
  readonly trades: number
  /** Entries that the venue did not fill. */
  readonly refused: number
  readonly latency: string
  readonly tradingState: string
}

export interface LiveLayout {
  readonly instruments: readonly Instrument[]
  readonly timeline: Timeline
  readonly freshnessHorizonS: number
  readonly columns: number
  readonly rows: number
}

const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`
const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`
const green = (text: string): string => `\u001b[32m${text}\u001b[39m`
const red = (text: string): string => `\u001b[31m${text}\u001b[39m`
const signed = (text: string, value: number): string => (value > 0 ? green(text) : value < 0 ? red(text) : text)

/** The screen, at most `layout.rows` lines, none wider than `layout.columns`. */
export function screenOf(model: LiveModel, figures: LiveFigures, layout: LiveLayout): string[] {
  const { instruments, timeline } = layout
  const lines: string[] = []
  const add = (text: string, style: (text: string) => string = (plain) => plain): void => {
    lines.push(style(text.slice(0, layout.columns)))
  }
  const day = new Date(timeline.toUnixMs(figures.nowNs)).toISOString().slice(0, 10)
  add(`signalbox  ${day} ${clockText(timeline, figures.nowNs)} UTC  ${figures.status}`, bold)
  add(
    `${figures.records.toLocaleString('en-US')} records, ${figures.recordsPerS.toLocaleString('en-US')}/s   capital ${moneyText(toMoney(figures.capitalMinor))}   P&L ${moneyText(toMoney(figures.pnlMinor))} in ${figures.trades} trades, ${figures.refused} refused   entries ${figures.tradingState}`,
  )
  add(figures.latency, dim)
  add('')
  add(
    `${'#'.padStart(2)} ${'EVENT'.padEnd(34)} ${'SIDE'.padEnd(5)} ${'STATE'.padEnd(10)} ${'SCORE'.padStart(6)} ${'FRESH'.padStart(6)} ${'AGE'.padStart(6)}  LAST VERDICT`,
    bold,
  )
  const events = [...model.events.values()].sort((one, other) => (one.rank || 99) - (other.rank || 99))
  for (const { event, state, score, rank, verdict } of events.slice(0, 10)) {
    const ageS = (figures.nowNs - event.detectedAtNs) / nsPerSecond
    const freshness = Math.max(0, 1 - ageS / layout.freshnessHorizonS)
    const scoreText = Number.isNaN(score) ? '–' : score.toFixed(3)
    add(
      `${String(rank || '–').padStart(2)} ${event.eventId.padEnd(34)} ${event.side.padEnd(5)} ${state.padEnd(10)} ${scoreText.padStart(6)} ${freshness.toFixed(2).padStart(6)} ${`${ageS.toFixed(0)} s`.padStart(6)}  ${verdict}`,
    )
  }
  if (events.length === 0) add('   nothing is happening', dim)
  if (events.length > 10) add(`   and ${events.length - 10} more`, dim)
  add('')
  add('DECISIONS', bold)
  for (const decision of model.decisions) {
    add(`   ${clockText(timeline, decision.decision.atNs)}  ${decisionText(decision)}`)
  }
  if (model.decisions.length === 0) add('   none yet', dim)
  add('')
  add('POSITIONS', bold)
  for (const { position, state } of model.positions.values()) {
    const { event, capitalMinor } = position.grant.member
    const instrument = instruments[event.symbolIndex]!
    const plan = `target ${toPrice(instrument, position.plan.targetTicks)}, stop ${toPrice(instrument, position.plan.stopTicks)}`
    add(
      `   ${position.plan.side.padEnd(5)} ${toQuantity(instrument, position.order.quantityLots)} ${event.symbol} of ${moneyText(toMoney(capitalMinor))}, ${state}, ${plan}`,
    )
  }
  if (model.positions.size === 0) add('   flat', dim)
  for (const { position, outcome, refusal } of model.settled) {
    const { event } = position.grant.member
    const instrument = instruments[event.symbolIndex]!
    if (refusal !== null) {
      const why = refusalText(refusal, position.order, instrument)
      add(`   refused ${event.symbol.padEnd(4)} ${position.plan.side.padEnd(5)} ${why}`)
    }
    if (outcome === null) continue
    const prices = `${toPrice(instrument, outcome.entryTicks)} → ${toPrice(instrument, outcome.exitTicks)}`
    const pnl = moneyText(toMoney(outcome.pnlMinor))
    add(
      `   closed ${event.symbol.padEnd(4)} ${position.plan.side.padEnd(5)} ${prices}, ${outcome.exitReason}, ${pnl}`,
      (text) => signed(text, outcome.pnlMinor),
    )
  }
  return lines.slice(0, layout.rows)
}
