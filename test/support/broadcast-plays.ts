/** Plays of waiters and announcers at one eventcount; for `channel-waits-model.test.ts`. */
import type { MakePlay } from './channel-wait-plays.ts'
import type { Stage, SteppedBroadcast, Steps } from './stepped-channel.ts'

function must(isSo: boolean, message: string): void {
  if (!isSo) throw new Error(message)
}

/** What changes, and the announcements of it. */
function changing(stage: Stage) {
  const broadcast = stage.broadcast()
  const words = new Int32Array(new SharedArrayBuffer(4))
  const { load, add } = stage.machine.atomics.stepped as unknown as {
    load(words: Int32Array, at: number): Steps<number>
    add(words: Int32Array, at: number, value: number): Steps<number>
  }
  return {
    broadcast,
    *change(times: number): Steps<void> {
      for (let change = 0; change < times; change += 1) {
        yield* add(words, 0, 1)
        yield* broadcast.announce()
      }
    },
    /** Waits until there were so many changes, as the head of broadcast.ts shows it. */
    *until(changes: number, how: 'wait' | 'waitAsync' = 'wait'): Steps<void> {
      for (let seen = yield* broadcast.now(); (yield* load(words, 0)) < changes; ) {
        const now = yield* broadcast[how](seen)
        must(now !== seen, 'the wait ended before its time, and nothing had been announced')
        seen = now
      }
    },
  }
}

function waitersOf({ descriptor }: SteppedBroadcast): number {
  return new Int32Array(descriptor.memory)[16]!
}

const announced =
  (how: 'wait' | 'waitAsync', changes: readonly number[]): MakePlay =>
  (stage) =>
  () => {
    const { broadcast, change, until } = changing(stage)
    const all = changes.reduce((sum, count) => sum + count, 0)
    const waiters = changes.length === 1 ? [until(all, how), until(all, how)] : [until(all, how)]
    return {
      threads: [...waiters, ...changes.map((count) => change(count))],
      audit: () => must(waitersOf(broadcast) === 0, `${waitersOf(broadcast)} are counted as waiting`),
    }
  }

/** A waiter dies anywhere: the other hears of everything all the same. */
const aWaiterDies: MakePlay = (stage) => () => {
  const { broadcast, change, until } = changing(stage)
  return {
    mortal: 1,
    threads: [until(2), until(2), change(2)],
    audit: () => must([0, 1].includes(waitersOf(broadcast)), `${waitersOf(broadcast)} are counted as waiting`),
  }
}

/** An announcer dies anywhere; whoever learns of it announces. */
const anAnnouncerDies: MakePlay = (stage) => () => {
  const { broadcast, change, until } = changing(stage)
  return {
    mortal: 1,
    threads: [
      change(1),
      until(1),
      (function* () {
        const isDead = yield* stage.machine.endOf(0)
        yield* broadcast.announce()
        if (isDead) yield* change(1)
      })(),
    ],
    audit: () => must(waitersOf(broadcast) === 0, `${waitersOf(broadcast)} are counted as waiting`),
  }
}

/** What is written before the announcement is read behind it, without atomics of its own. */
const plainChange: MakePlay = (stage) => () => {
  const { machine } = stage
  const broadcast = stage.broadcast()
  const values = machine.checked(new Float64Array(1))
  const read: number[] = []
  function* reader(): Steps<void> {
    yield* broadcast.wait(0)
    read.push(values[0]!)
  }
  return {
    threads: [
      reader(),
      reader(),
      (function* () {
        values[0] = 7
        yield* broadcast.announce()
      })(),
    ],
    audit: () => must(read.join() === '7,7', `read ${read}`),
  }
}

export const broadcastPlays: Readonly<Record<string, MakePlay>> = {
  'two waiters, one announcer': announced('wait', [2]),
  'two waiters on event loops, one announcer': announced('waitAsync', [2]),
  'one waiter, two announcers': announced('wait', [1, 1]),
  'a waiter that dies': aWaiterDies,
  'an announcer that dies': anAnnouncerDies,
  'a change without atomics of its own': plainChange,
}
