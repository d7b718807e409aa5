/** A live run without a terminal: one plain line a happening. Pure: a message in, a line or nothing out. */
import { type Instrument, toPrice, toQuantity } from '../../domain/instrument.ts'
import type { DecisionReserved, PipelineMessage } from '../../domain/message.ts'
import type { EntryOrder, EntryRefusal } from '../../domain/order.ts'
import { type Timeline, toMoney } from '../../domain/units.ts'
import { moneyText } from '../../summary.ts'

/** The line of a message, or null for one that nobody waits for. */
export function lineOf(
  message: PipelineMessage,
  instruments: readonly Instrument[],
  timeline: Timeline,
): string | null {
  switch (message.kind) {
    case 'event': {
      const { event, state, cause } = message
      const price = toPrice(instruments[event.symbolIndex]!, event.referenceTicks)
      const what =
        state === 'TRIGGERED'
          ? `${event.side} at ${price}, priority ${event.priorityScore.toFixed(2)}, regime ${event.regime}`
          : cause === 'detector'
            ? ''
            : `(${cause})`
      return `${clockText(timeline, message.atNs)}  event     ${state.padEnd(11)} ${event.eventId} ${what}`.trimEnd()
    }
    case 'reserved':
      return `${clockText(timeline, message.decision.atNs)}  decision  ${decisionText(message)}  ${message.decision.arbitrationId}`
    case 'declined':
      return `${clockText(timeline, message.atNs)}  declined  ${message.eventId}: ${message.reason}`
    case 'position': {
      const { position, to } = message
      if (to !== 'open') return null
      const { event, capitalMinor } = position.grant.member
      const quantity = toQuantity(instruments[event.symbolIndex]!, position.order.quantityLots)
      const text = `${position.plan.side} ${quantity} ${event.symbol} of ${moneyText(toMoney(capitalMinor))} on ${event.eventId}`
      return `${clockText(timeline, message.atNs)}  open      ${text}`
    }
    case 'settled': {
      const { outcome, refusal, position } = message
      const { event } = position.grant.member
      if (refusal !== null) {
        const why = refusalText(refusal, position.order, instruments[event.symbolIndex]!)
        return `${clockText(timeline, message.atNs)}  refused   ${event.eventId} ${position.plan.side}: ${why}`
      }
      if (outcome === null) return null
      const text = `${event.eventId} ${outcome.exitReason}, P&L ${moneyText(toMoney(outcome.pnlMinor))}`
      return `${clockText(timeline, message.atNs)}  closed    ${text}`
    }
    default:
      return null
  }
}

/** Which events competed, who won, why, and what became of the reservation. */
export function decisionText(message: DecisionReserved): string {
  const { decision } = message.decision
  const count = decision.candidates.length
  const among = `${count} event${count === 1 ? '' : 's'}`
  if (decision.selected.length === 0) {
    const reasons = [...new Set(decision.rejected.map((rejected) => rejected.reason))].join(', ')
    return `${among}: nobody (${reasons})`
  }
  const named = ({ eventId, score }: (typeof decision.candidates)[number]): string => `${eventId} ${score.toFixed(3)}`
  const winners = decision.candidates.filter(({ eventId }) => decision.selected.includes(eventId))
  const runnerUp = decision.candidates.find(({ eventId }) => !decision.selected.includes(eventId))
  const before = runnerUp === undefined ? '' : ` before ${named(runnerUp)}`
  const became = [...new Set(message.statuses)].join(', ')
  return `${among}: ${winners.map(named).join(' + ')}${before}: ${decision.selectionReason}, ${became}`
}

/** An event as a table names it: its symbol and kind; `cascade_BTC_1781719539552` is `BTC cascade`. */
export function shortName(eventId: string, symbol: string): string {
  const end = eventId.indexOf(`_${symbol}_`)
  return `${symbol} ${end < 0 ? eventId : eventId.slice(0, end)}`
}

/** Why an entry was never filled. */
export function refusalText(refusal: EntryRefusal, order: EntryOrder, instrument: Instrument): string {
  const price = toPrice(instrument, refusal.priceTicks)
  switch (refusal.reason) {
    case 'beyond_limit':
      return `${price} is beyond its limit ${toPrice(instrument, order.limitTicks)}`
    case 'beyond_margin':
      return `at ${price} it is worth more than the ${moneyText(toMoney(order.notionalMaxMinor))} of its margin`
    case 'end_of_data':
      return 'the data ended before it arrived'
  }
}

/** hh:mm:ss of the event time, UTC. */
export function clockText(timeline: Timeline, atNs: number): string {
  return new Date(timeline.toUnixMs(atNs)).toISOString().slice(11, 19)
}
