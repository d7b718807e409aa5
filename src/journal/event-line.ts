/**
 * One lifecycle change of an event as one line of `events-NNNNNN.ndjson`, the same that `detect --json` prints (CONTRACTS
 * "Summary"). Pure; any thread.
 */
import { SignalboxError } from '../base/errors.ts'
import type { LifecycleState, MarketEvent } from '../domain/event.ts'
import { significant12 } from './json-number.ts'

/**
 * The change as JSON on one line, without the line's end. Evidence keeps the detector's order of names; numbers have 12
 * significant digits; a number of the evidence that could not be known (NaN) is null.
 *
 * @param state - What the event has become.
 * @param atNs - Unix nanoseconds of the change, written digit by digit (ERRATA E30).
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for an infinite number, which no detector may compute.
 */
export function eventLine(
  event: Pick<MarketEvent, 'eventId' | 'eventType' | 'symbol' | 'side' | 'priorityScore' | 'evidence'>,
  state: LifecycleState,
  atNs: bigint,
  reason?: string,
): string {
  let evidence = ''
  for (const name of Object.keys(event.evidence)) {
    evidence += `${evidence === '' ? '' : ','}${JSON.stringify(name)}:${numberText(name, event.evidence[name]!)}`
  }
  return (
    `{"event_id":${JSON.stringify(event.eventId)}` +
    `,"event_type":${JSON.stringify(event.eventType)}` +
    `,"symbol":${JSON.stringify(event.symbol)}` +
    `,"side":"${event.side}"` +
    `,"state":"${state}"` +
    `,"at_ns":${atNs}` +
    `,"priority_score":${numberText('priority_score', event.priorityScore)}` +
    `,"evidence":{${evidence}}` +
    `${reason === undefined ? '' : `,"reason":${JSON.stringify(reason)}`}}`
  )
}

function numberText(name: string, value: number): string {
  if (Number.isFinite(value)) return significant12(value)
  if (Number.isNaN(value)) return 'null'
  throw new SignalboxError('ERR_INVALID_ARGUMENT', `${name} of an event is ${value}`, { field: name, value })
}
