/**
 * Whole decisions on their way to whoever shows them: binary, over a channel that drops the oldest. Nothing depends on them; what acts on
 * a decision gets it by the inbox, without loss (`flow-thread.ts`).
 */
import type { Codec } from '../channel/codec.ts'
import { RecordSlab } from '../decide/record-slab.ts'
import { DecisionMade } from '../domain/decision-made.ts'
import { type DecisionRecordNames, decisionHeader } from '../domain/decision-record.ts'
import type { DecisionReserved, Grant } from '../domain/message.ts'
import { reservationStatuses } from '../domain/reservation.ts'

/** Of a record; the few decisions that are longer (a hundred candidates) are not shown. */
const recordMax = 4_096

/** A decision's record and the statuses of its members, as indices. */
export interface ShownDecision {
  record: Float64Array
  length: number
  statuses: number[]
}

/** @param positionsMax - Members at most. */
export function telemetryCodec(positionsMax: number): Codec<ShownDecision> {
  const head = 2 + positionsMax
  const records = new RecordSlab()
  return {
    size: head + recordMax,
    write({ record, length, statuses }, values, at) {
      values[at] = length
      values[at + 1] = statuses.length
      for (let index = 0; index < statuses.length; index += 1) values[at + 2 + index] = statuses[index]!
      for (let index = 0; index < length; index += 1) values[at + head + index] = record[index]!
    },
    read(values, at, into) {
      // What is dropped while it is read may be of two decisions; it is thrown away then, whatever it says.
      const length = countOf(values[at]!, recordMax)
      const count = countOf(values[at + 1]!, positionsMax)
      into.length = length
      into.statuses = new Array<number>(count)
      for (let index = 0; index < count; index += 1) into.statuses[index] = values[at + 2 + index]!
      into.record = records.take(length)
      for (let index = 0; index < length; index += 1) into.record[index] = values[at + head + index]!
    },
    create: () => ({ record: new Float64Array(), length: 0, statuses: [] }),
  }
}

/** A count of what may be of two decisions: any number, and within its range. */
function countOf(value: number, max: number): number {
  return value >= 0 ? Math.min(max, Math.floor(value)) : 0
}

const noGrants: readonly Grant[] = []

/** As it is sent; null: it is too long to be shown. */
export function shownOf({ decision, statuses }: DecisionReserved): ShownDecision | null {
  if (decision.length > recordMax) return null
  const numbers = new Array<number>(statuses.length)
  for (let index = 0; index < statuses.length; index += 1)
    numbers[index] = reservationStatuses.indexOf(statuses[index]!)
  return { record: decision.record, length: decision.length, statuses: numbers }
}

/** The message as who shows it knows it: the whole decision, without its grants, which were acted on elsewhere. */
export function reservedOf({ record, length, statuses }: ShownDecision, names: DecisionRecordNames): DecisionReserved {
  return {
    kind: 'reserved',
    decision: new DecisionMade(record, length, record[decisionHeader.atNs]!, 0, [], names),
    statuses: statuses.map((status) => reservationStatuses[status]!),
    grants: noGrants,
  }
}
