/**
 * What lies in the inbox of a free-running thread: a message for its stages, or a command of the run's thread, which is answered with
 * `done`. And the two small channels beside it: market records to the state, its updates to others. Each record carries its intended
 * time, monotonic nanoseconds; NaN: not measured.
 *
 * FLOW-3  A box's task is one of {@link flowTasks}.
 */
import { invariant } from '../base/assert.ts'
import type { Codec } from '../channel/codec.ts'
import { createMarketRecord, type MarketRecord, type RecordKind } from '../domain/market.ts'
import type { StateUpdate } from '../domain/message.ts'
import type { WireBox } from './wire-codec.ts'
import { marketDoubles, readRecord, readState, writeRecord, writeState } from './wire-market.ts'

/** `flush`: take in and run all that was sent here before; `stop`: let a stage drain. Then say `done`. */
export const flowTasks = ['message', 'flush', 'stop', 'done'] as const
export type FlowTask = (typeof flowTasks)[number]

export interface FlowBox {
  task: FlowTask
  /** Of a command and its answer: its number. */
  command: number
  /** Of `stop`: the stage's index and the time. */
  stage: number
  atNs: number
  /** Of `message`. */
  intendedNs: number
  /** Of `message`. Else out of date. */
  readonly wire: WireBox
}

const head = 5

/** @param wire - Of messages. */
export function flowCodec(wire: Codec<WireBox>): Codec<FlowBox> {
  return {
    size: head + wire.size,
    write(box, values, at) {
      values[at] = flowTasks.indexOf(box.task)
      values[at + 1] = box.stage
      values[at + 2] = box.atNs
      values[at + 3] = box.intendedNs
      values[at + 4] = box.command
      if (box.task === 'message') wire.write(box.wire, values, at + head)
    },
    read(values, at, into) {
      const task = flowTasks[values[at]!]
      invariant(task !== undefined, 'FLOW-3', `a box of task ${values[at]}`)
      into.task = task
      into.stage = values[at + 1]!
      into.atNs = values[at + 2]!
      into.intendedNs = values[at + 3]!
      into.command = values[at + 4]!
      if (task === 'message') wire.read(values, at + head, into.wire)
    },
    create: () => ({ task: 'done', command: 0, stage: 0, atNs: 0, intendedNs: Number.NaN, wire: wire.create() }),
  }
}

/** A market record on its way to the state. */
export interface RecordBox {
  record: MarketRecord
  /** False: it warms the state up, and nobody hears of it. */
  isHeard: boolean
  intendedNs: number
}

export const recordCodec: Codec<RecordBox> = {
  size: marketDoubles + 2,
  write({ record, isHeard, intendedNs }, values, at) {
    writeRecord(record, values, at)
    values[at + marketDoubles] = isHeard ? 1 : 0
    values[at + marketDoubles + 1] = intendedNs
  },
  read(values, at, into) {
    readRecord(values[at]! as RecordKind, values, at, into.record)
    into.isHeard = values[at + marketDoubles] === 1
    into.intendedNs = values[at + marketDoubles + 1]!
  },
  create: () => ({ record: createMarketRecord(), isHeard: true, intendedNs: Number.NaN }),
}

/** A symbol's state has moved. */
export interface UpdateBox {
  update: StateUpdate
  intendedNs: number
}

const stateDoubles = 4

export const updateCodec: Codec<UpdateBox> = {
  size: stateDoubles + 1,
  write({ update, intendedNs }, values, at) {
    writeState(update, values, at)
    values[at + stateDoubles] = intendedNs
  },
  read(values, at, into) {
    readState(values, at, into.update)
    into.intendedNs = values[at + stateDoubles]!
  },
  create: () => ({ update: { kind: 'state', symbolIndex: 0, atNs: 0, stateVersion: 0 }, intendedNs: Number.NaN }),
}
