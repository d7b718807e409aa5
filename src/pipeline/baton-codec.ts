/**
 * What lies in a thread's inbox in lockstep: a message for its stages, or the baton with what its next holder is to do first. Whoever has
 * the baton runs; the others wait at their inboxes.
 *
 * LOCK-2  A box's task is one of {@link batonTasks}.
 */
import { invariant } from '../base/assert.ts'
import type { Codec } from '../channel/codec.ts'
import type { WireBox } from './wire-codec.ts'

/**
 * With the baton: go on; show the record in the box to the state, heard or not; run a stage's due time or its stop; tell figures; listen to
 * what was told beside the channels (a failure, figures).
 */
export const batonTasks = ['message', 'goOn', 'show', 'warmUp', 'idle', 'stop', 'tell', 'told'] as const
export type BatonTask = (typeof batonTasks)[number]

export interface BatonBox {
  task: BatonTask
  /** Of `idle` and `stop`: the stage's index and the time. */
  stage: number
  atNs: number
  /** When what is in the box was to happen, on the clock that the threads share; NaN: not measured. */
  intendedNs: number
  /** Of `message`, `show` and `warmUp`: what it is about. Else out of date. */
  readonly wire: WireBox
}

const head = 4

/** @param wire - Of what boxes hold beside the baton. */
export function batonCodec(wire: Codec<WireBox>): Codec<BatonBox> {
  return {
    size: head + wire.size,
    write(box, values, at) {
      values[at] = batonTasks.indexOf(box.task)
      values[at + 1] = box.stage
      values[at + 2] = box.atNs
      values[at + 3] = box.intendedNs
      if (hasWire(box.task)) wire.write(box.wire, values, at + head)
    },
    read(values, at, into) {
      const task = batonTasks[values[at]!]
      invariant(task !== undefined, 'LOCK-2', `a box of task ${values[at]}`)
      into.task = task
      into.stage = values[at + 1]!
      into.atNs = values[at + 2]!
      into.intendedNs = values[at + 3]!
      if (hasWire(task)) wire.read(values, at + head, into.wire)
    },
    create: () => ({ task: 'goOn', stage: 0, atNs: 0, intendedNs: Number.NaN, wire: wire.create() }),
  }
}

function hasWire(task: BatonTask): boolean {
  return task === 'message' || task === 'show' || task === 'warmUp'
}
