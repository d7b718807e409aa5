/**
 * The codec by which messages between stages cross threads. A slot is as large as the longest message, and of it only what a message
 * needs is written and read. Its first double is the kind: a market record's own, or one of {@link wireKinds}.
 *
 * WIRE-1  What is read is what was written: its kind is known, its counts and indices are in their ranges.
 * WIRE-2  A `position` never crosses: order and outcome are on one thread; a claim and its end are at home there too.
 * WIRE-3  Of a decision that crossed nothing is read but its header and its members.
 *
 * For channels of `block` or `refuse`. With `drop-oldest` a slot may be written over while it is read; a number that is thrown away later
 * harms nobody, but half a message of these breaks WIRE-1.
 */
import { invariant, requireInteger } from '../base/assert.ts'
import { SignalboxError } from '../base/errors.ts'
import type { Codec } from '../channel/codec.ts'
import { RecordSlab } from '../decide/record-slab.ts'
import { createMarketRecord, type MarketRecord, type RecordKind, recordKinds } from '../domain/market.ts'
import type { PipelineMessage, StateUpdate } from '../domain/message.ts'
import { layout } from '../region/layout.ts'
import { EventMemory } from './event-memory.ts'
import {
  decisionMessageDoubles,
  headerNames,
  putDecision,
  putReserved,
  takeDecision,
  takeReserved,
} from './wire-decision.ts'
import {
  eventMessageDoubles,
  putChange,
  putDeclined,
  putDetected,
  putFailed,
  putTransition,
  takeChange,
  takeDeclined,
  takeDetected,
  takeFailed,
  takeTransition,
  type WireNames,
} from './wire-event.ts'
import { marketDoubles, readRecord, readState, writeRecord, writeState } from './wire-market.ts'
import { WireSlot } from './wire-slot.ts'
import { putSettled, settledDoubles, takeSettled } from './wire-trade.ts'

export type { WireNames } from './wire-event.ts'

/** What crosses between threads: what stages say to each other, and market records. */
export type WireMessage = PipelineMessage | MarketRecord

/** A record of the channel: the message that was read. Reused by the receiver; see {@link wireCodec}. */
export interface WireBox {
  message: WireMessage
}

type RareMessage = Exclude<PipelineMessage, StateUpdate>
/** Those of order's own thread. */
type HomeKind = 'position' | 'claim' | 'dismissed'

/** Behind the kinds of market records, 1 … 4. */
const wireKinds = {
  state: 5,
  detected: 6,
  transition: 7,
  failed: 8,
  event: 9,
  decision: 10,
  reserved: 11,
  recovered: 12,
  declined: 13,
  settled: 14,
} as const satisfies Readonly<Record<Exclude<PipelineMessage['kind'], HomeKind>, number>>

/** A receiver's box, with what the hot kinds are read into. */
class OwnBox implements WireBox {
  readonly record = createMarketRecord()
  readonly update: StateUpdate = { kind: 'state', symbolIndex: 0, atNs: 0, stateVersion: 0 }
  message: WireMessage = this.record
}

/**
 * A codec of messages. Each end has its own; it belongs to the thread that made it.
 *
 * **Sending.** Any box will do, the same one for all. A market record or a state allocates nothing. Refused as `ERR_INVALID_ARGUMENT` is
 * what would not come back as it is: an event's id of no or more than 63 bytes, type or symbol that are not those of their index, more
 * than 32 numbers of evidence, names of more than 63 bytes, more than `positionsMax` members, statuses or grants, a grant of no member of
 * its decision. A reason of more than 4,000 bytes and a failure's message of more than 1,000 are cut behind a whole character.
 *
 * **Receiving.** `message` of a market record or a state is the box's own, filled anew by each read: who keeps it copies it. All else may be
 * kept, and must not be changed: messages are fresh, an event and its evidence are the same objects as before where they are the same. Numbers come
 * back bit by bit (a NaN as some NaN). Left behind are the evidence of events in decisions, grants and positions (an empty object), a decision's
 * record but for its header, and all of an error but code and message.
 *
 * @param names - The run's types and symbols, the same on both ends.
 * @param positionsMax - Of the ledger, 1 … 256: so many members has a decision at most.
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for `positionsMax` out of its range. `write` also `ERR_INVARIANT` for a `position`
 *   (WIRE-2); `read` for what no message is (WIRE-1), and `ERR_INVALID_ARGUMENT` for a box that `create` did not make.
 */
export function wireCodec(names: WireNames, positionsMax: number): Codec<WireBox> {
  requireInteger('positionsMax', positionsMax, 1, layout.slotsMaxMax)
  const slot = new WireSlot()
  const recordNames = headerNames(names)
  const reading = { ...names, changed: new EventMemory(), selected: new EventMemory(), records: new RecordSlab() }

  function putRare(message: RareMessage): void {
    switch (message.kind) {
      case 'detected':
        putDetected(slot, message, names)
        break
      case 'transition':
        putTransition(slot, message)
        break
      case 'failed':
        putFailed(slot, message, names)
        break
      case 'event':
        putChange(slot, message, names)
        break
      case 'decision':
        putDecision(slot, message, names, positionsMax)
        break
      case 'reserved':
        putReserved(slot, message, names, positionsMax)
        break
      case 'recovered':
        slot.put(message.count)
        break
      case 'declined':
        putDeclined(slot, message)
        break
      case 'settled':
        putSettled(slot, message, names)
        break
    }
  }

  function takeRare(kind: number): RareMessage {
    switch (kind) {
      case wireKinds.detected:
        return takeDetected(slot, names)
      case wireKinds.transition:
        return takeTransition(slot)
      case wireKinds.failed:
        return takeFailed(slot, names)
      case wireKinds.event:
        return takeChange(slot, reading)
      case wireKinds.decision:
        return takeDecision(slot, reading, recordNames, positionsMax)
      case wireKinds.reserved:
        return takeReserved(slot, reading, recordNames, positionsMax)
      case wireKinds.recovered:
        return { kind: 'recovered', count: slot.take() }
      case wireKinds.declined:
        return takeDeclined(slot)
      case wireKinds.settled:
        return takeSettled(slot, reading)
      default:
        invariant(false, 'WIRE-1', `a message is of no known kind: ${kind}`)
    }
  }

  function writeRare(message: RareMessage, values: Float64Array, at: number): void {
    const { kind } = message
    const isAtHome = kind === 'position' || kind === 'claim' || kind === 'dismissed'
    invariant(!isAtHome, 'WIRE-2', `a ${kind} was to cross threads`)
    const number = wireKinds[kind]
    invariant(number !== undefined, 'WIRE-1', `a message is of no known kind: ${kind}`)
    values[at] = number
    slot.begin(values, at + 1)
    putRare(message)
  }

  return {
    size: 1 + Math.max(marketDoubles - 1, eventMessageDoubles, settledDoubles, decisionMessageDoubles(positionsMax)),
    create: () => new OwnBox(),
    write({ message }, values, at) {
      const { kind } = message
      if (typeof kind === 'number') writeRecord(message as MarketRecord, values, at)
      else if (kind === 'state') {
        values[at] = wireKinds.state
        writeState(message as StateUpdate, values, at)
      } else writeRare(message as RareMessage, values, at)
    },
    read(values, at, into) {
      if (!(into instanceof OwnBox)) throw foreignBox()
      const told = values[at]!
      const kind = told | 0
      if (kind === told && kind >= recordKinds.context && kind <= recordKinds.book) {
        readRecord(kind as RecordKind, values, at, into.record)
        into.message = into.record
      } else if (told === wireKinds.state) {
        readState(values, at, into.update)
        into.message = into.update
      } else {
        slot.begin(values, at + 1)
        into.message = takeRare(told)
      }
    },
  }
}

function foreignBox(): SignalboxError {
  return new SignalboxError('ERR_INVALID_ARGUMENT', 'the codec reads into boxes of its own: receiver.batch(count)', {
    field: 'into',
  })
}
