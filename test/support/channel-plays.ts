/** Small plays on a channel, each a few threads over the channel's own sources, turned into steps; for `channel-model.test.ts`. */
import { alone, type Play, type Thread } from './interleavings.ts'
import { codec, type Stage, type Stepped } from './stepped-channel.ts'

function must(isSo: boolean, message: string): void {
  if (!isSo) throw new Error(message)
}

function* sendAll(end: Stepped, values: readonly number[], sent: number[]): Generator<unknown, void, unknown> {
  for (const value of values) if (yield* end.send({ value })) sent.push(value)
}

/** Receives until the channel is at its end. */
function* receiveAll(end: Stepped, batch: number, received: number[]): Generator<unknown, void, unknown> {
  const into = end.batch(batch)
  while (yield* end.wait()) {
    const count = yield* end.receive(into)
    for (let index = 0; index < count; index += 1) received.push(into[index]!.value)
  }
}

const isGrowing = (values: readonly number[]): boolean =>
  values.every((value, at) => at === 0 || values[at - 1]! < value)

export type MakePlay = (stage: Stage) => () => Play

const oneSender =
  (whenFull: 'block' | 'refuse' | 'drop-oldest', capacity: number, batch: number): MakePlay =>
  (stage) =>
  () => {
    const channel = stage.channel({ whenFull, capacity })
    const sender = alone(channel.sender(codec))
    const receiver = alone(channel.receiver(codec))
    const [sent, received]: number[][] = [[], []]
    return {
      threads: [
        (function* () {
          yield* sendAll(sender, [1, 2, 3], sent)
          yield* sender.close()
        })(),
        receiveAll(receiver, batch, received),
      ],
      audit() {
        const { dropped, refused } = channel.counters
        must(isGrowing(received), `received ${received}`)
        must(
          received.every((value) => sent.includes(value)),
          `sent ${sent}, received ${received}`,
        )
        must(sent.length === received.length + dropped, `sent ${sent}, received ${received}, dropped ${dropped}`)
        must(sent.length + refused === 3, `sent ${sent}, refused ${refused}`)
        must(whenFull !== 'block' || sent.length === 3, `sent ${sent}`)
        must(whenFull !== 'drop-oldest' || received.at(-1) === 3, `the newest was dropped: ${received}`)
      },
    }
  }

const inChunks: MakePlay = (stage) => () => {
  const channel = stage.channel({ whenFull: 'block', capacity: 2 })
  const sender = alone(channel.sender(codec))
  const receiver = alone(channel.receiver(codec))
  const received: number[] = []
  let sent = 0
  return {
    threads: [
      (function* () {
        sent = yield* sender.sendMany([1, 2, 3, 4, 5].map((value) => ({ value })))
        yield* sender.close()
      })(),
      receiveAll(receiver, 2, received),
    ],
    audit: () => must(sent === 5 && received.join() === '1,2,3,4,5', `sent ${sent}, received ${received}`),
  }
}

const severalSenders: MakePlay = (stage) => () => {
  const channel = stage.channel({ whenFull: 'block', capacity: 2, senders: 2 })
  const [one, other] = [alone(channel.sender(codec)), alone(channel.sender(codec))]
  const receiver = alone(channel.receiver(codec))
  const flag = new Int32Array(new SharedArrayBuffer(4))
  const atomics = stage.machine.atomics.stepped
  const load = atomics.load as unknown as (words: Int32Array, at: number) => Generator<unknown, number, unknown>
  const store = atomics.store as unknown as (words: Int32Array, at: number, value: number) => Thread
  const received: number[] = []
  const over = new Int32Array(new SharedArrayBuffer(4))
  const add = atomics.add as unknown as (
    words: Int32Array,
    at: number,
    value: number,
  ) => Generator<unknown, number, unknown>
  function* end(): Generator<unknown, void, unknown> {
    if ((yield* add(over, 0, 1)) === 1) yield* channel.close()
  }
  return {
    threads: [
      (function* () {
        yield* sendAll(other, [10], [])
        // 20 says that 1 had been sent before.
        const knows = yield* load(flag, 0)
        yield* sendAll(other, [knows === 1 ? 20 : 11], [])
        yield* end()
      })(),
      (function* () {
        yield* sendAll(one, [1], [])
        yield* store(flag, 0, 1)
        yield* end()
      })(),
      receiveAll(receiver, 2, received),
    ],
    audit() {
      const of = (values: readonly number[]): number[] => received.filter((value) => values.includes(value))
      must(received.length === 3 && received.includes(1), `received ${received}`)
      must(isGrowing(of([10, 11, 20])), `received ${received}`)
      must(!received.includes(20) || received.indexOf(1) < received.indexOf(20), `effect before cause: ${received}`)
    },
  }
}

const latest: MakePlay = (stage) => () => {
  const channel = stage.channel({ whenFull: 'conflate', keys: 2 })
  const sender = alone(channel.sender(codec, ({ value }) => value % 2))
  const receiver = alone(channel.receiver(codec))
  const received: number[] = []
  return {
    threads: [
      (function* () {
        yield* sendAll(sender, [1, 2, 3], [])
        yield* sender.close()
      })(),
      receiveAll(receiver, 1, received),
    ],
    audit() {
      const { conflated } = channel.counters
      const odd = received.filter((value) => value % 2 === 1)
      must(isGrowing(odd) && odd.at(-1) === 3, `received ${received}`)
      must(received.filter((value) => value === 2).length === 1, `received ${received}`)
      must(received.length + conflated === 3, `received ${received}, conflated ${conflated}`)
    },
  }
}

const receiverLeaves: MakePlay = (stage) => () => {
  const channel = stage.channel({ whenFull: 'block', capacity: 1 })
  const sender = alone(channel.sender(codec))
  const receiver = alone(channel.receiver(codec))
  const sent: number[] = []
  let refusal = ''
  return {
    threads: [
      (function* () {
        try {
          yield* sendAll(sender, [1, 2, 3, 4], sent)
        } catch (thrown) {
          refusal = (thrown as { code: string }).code
        }
      })(),
      (function* () {
        yield* receiver.receive(receiver.batch(1))
        yield* receiver.close()
      })(),
    ],
    audit: () => must(refusal === 'ERR_CLOSED' && sent.length < 4, `sent ${sent}, refusal ${refusal}`),
  }
}

const onEventLoops: MakePlay = (stage) => () => {
  const channel = stage.channel({ whenFull: 'block', capacity: 1 })
  const sender = alone(channel.sender(codec))
  const receiver = alone(channel.receiver(codec))
  const received: number[] = []
  return {
    threads: [
      (function* () {
        for (const value of [1, 2, 3]) yield* sender.sendAsync({ value })
        yield* sender.close()
      })(),
      (function* () {
        const into = receiver.batch(2)
        while (yield* receiver.waitAsync()) {
          const count = yield* receiver.receive(into)
          for (let index = 0; index < count; index += 1) received.push(into[index]!.value)
        }
      })(),
    ],
    audit: () => must(received.join() === '1,2,3', `received ${received}`),
  }
}

/** A sender dies anywhere; its successor takes its lane when the death is confirmed, and goes on. */
const senderDies: MakePlay = (stage) => () => {
  const channel = stage.channel({ whenFull: 'block', capacity: 1 })
  const { machine } = stage
  // Opened by the thread itself: the lane is that thread's.
  const [sent, received]: number[][] = [[], []]
  const receiver = alone(channel.receiver(codec))
  return {
    mortal: 1,
    threads: [
      (function* () {
        const sender = yield* channel.sender(codec)
        yield* sendAll(sender, [1, 2, 3], sent)
      })(),
      receiveAll(receiver, 2, received),
      (function* () {
        yield* machine.endOf(0)
        yield* channel.freeOwner(1)
        const successor = yield* channel.sender(codec)
        yield* sendAll(successor, [8, 9], sent)
        yield* successor.close()
      })(),
    ],
    audit() {
      must(isGrowing(received), `received ${received}`)
      // What was sent before the death is there; of the one that was being sent, either.
      must(
        sent.every((value) => received.includes(value)),
        `sent ${sent}, received ${received}`,
      )
      must(received.length <= sent.length + 1, `sent ${sent}, received ${received}`)
    },
  }
}

/** A receiver dies anywhere; what it had not taken its successor gets. */
const receiverDies =
  (whenFull: 'block' | 'drop-oldest' | 'conflate'): MakePlay =>
  (stage) =>
  () => {
    const channel = stage.channel({ whenFull, ...(whenFull === 'conflate' ? {} : { capacity: 1 }) })
    const { machine } = stage
    const sender = alone(channel.sender(codec))
    const [sent, received, later]: number[][] = [[], [], []]
    return {
      mortal: 1,
      threads: [
        (function* () {
          const receiver = yield* channel.receiver(codec)
          yield* receiveAll(receiver, 1, received)
        })(),
        (function* () {
          yield* sendAll(sender, [1, 2, 3], sent)
          yield* sender.close()
        })(),
        (function* () {
          if (!(yield* machine.endOf(0))) return
          yield* channel.freeOwner(1)
          const successor = yield* channel.receiver(codec)
          yield* receiveAll(successor, 1, later)
        })(),
      ],
      audit() {
        const all = [...received, ...later]
        must(isGrowing(all), `received ${received}, then ${later}`)
        // One may have been in the hand of the dead.
        const missing = 3 - all.length - channel.counters.dropped - channel.counters.conflated
        must(missing >= 0 && missing <= (machine.isDead[0] === true ? 1 : 0), `received ${received}, then ${later}`)
      },
    }
  }

/** A sender dies anywhere, and nobody comes after it: what it had sent must wake the receiver all the same. */
const lastSenderDies: MakePlay = (stage) => () => {
  const channel = stage.channel({ whenFull: 'block', capacity: 1 })
  const receiver = alone(channel.receiver(codec))
  let count = 0
  return {
    mortal: 1,
    threads: [
      (function* () {
        const sender = yield* channel.sender(codec)
        yield* sendAll(sender, [1], [])
      })(),
      (function* () {
        yield* receiver.wait()
        count = yield* receiver.receive(receiver.batch(1))
      })(),
      (function* () {
        yield* stage.machine.endOf(0)
        yield* channel.freeOwner(1)
        // It died before it sent anything: somebody else does.
        if (!(yield* receiver.get_hasNews())) yield* sendAll(yield* channel.sender(codec), [8], [])
      })(),
    ],
    audit: () => must(count === 1, `received ${count}`),
  }
}

/** Plays by what they show; those of two threads come first. */
export const plays: Readonly<Record<string, MakePlay>> = {
  'block, one slot': oneSender('block', 1, 1),
  'block, two slots, batches': oneSender('block', 2, 2),
  'block, in chunks': inChunks,
  refuse: oneSender('refuse', 1, 1),
  'drop-oldest, one slot': oneSender('drop-oldest', 1, 1),
  'drop-oldest, two slots, batches': oneSender('drop-oldest', 2, 2),
  'conflate, two keys': latest,
  'several senders': severalSenders,
  'a receiver that leaves': receiverLeaves,
  'ends on event loops': onEventLoops,
  'a sender that dies': senderDies,
  'the last sender dies': lastSenderDies,
  'a receiver that dies, block': receiverDies('block'),
  'a receiver that dies, drop-oldest': receiverDies('drop-oldest'),
  'a receiver that dies, conflate': receiverDies('conflate'),
}
