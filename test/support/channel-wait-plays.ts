/** Plays of threads that wait for any of several channels, or for room; for `channel-waits-model.test.ts`. */
import { alone, type Play } from './interleavings.ts'
import { codec, type Stage, type Stepped, type Steps } from './stepped-channel.ts'

export type MakePlay = (stage: Stage) => () => Play

function must(isSo: boolean, message: string): void {
  if (!isSo) throw new Error(message)
}

function* receiveInto(end: Stepped, received: number[]): Steps<void> {
  const into = end.batch(2)
  const count = yield* end.receive(into)
  for (let index = 0; index < count; index += 1) received.push(into[index]!.value)
}

function* sendAndClose(end: Stepped, values: readonly number[]): Steps<void> {
  for (const value of values) yield* end.send({ value })
  yield* end.close()
}

/** How the receiver waits, turn by turn: for any of its channels, or for the one with that number. */
type Turns = readonly ('any' | 'any, async' | 0 | 1)[]

/**
 * A lane channel and one that conflates, with one bell. The receiver waits as `turns` say, round and round, and empties both whenever it
 * is awake: so news of the one are there while it waits for the other.
 */
const oneBell =
  (turns: Turns): MakePlay =>
  (stage) =>
  () => {
    const records = stage.channel({ whenFull: 'block', capacity: 1 })
    const channels = [records, stage.channel({ whenFull: 'conflate' }, records)]
    const senders = channels.map((channel) => alone(channel.sender(codec)))
    const receivers = channels.map((channel) => alone(channel.receiver(codec)))
    const received: number[][] = [[], []]
    // One that conflates says that it may have news until it has looked.
    alone(receiveInto(receivers[1]!, received[1]!))
    return {
      threads: [
        sendAndClose(senders[0]!, [1, 2]),
        sendAndClose(senders[1]!, [11]),
        (function* () {
          for (let turn = 0; ; turn += 1) {
            const how = turns[turn % turns.length]!
            if (how === 'any') yield* stage.waitForAny(receivers)
            else if (how === 'any, async') yield* stage.waitForAnyAsync(receivers)
            else yield* receivers[how]!.wait()
            let ends = 0
            for (const [at, receiver] of receivers.entries()) {
              yield* receiveInto(receiver, received[at]!)
              if (yield* receiver.get_isAtEnd()) ends += 1
            }
            if (ends === receivers.length) return
          }
        })(),
      ],
      audit() {
        must(received[0]!.join() === '1,2', `received ${received[0]}`)
        must(received[1]!.join() === '11', `received ${received[1]}`)
      },
    }
  }

/** A channel ends while the other stays open and silent: the receiver must hear of the end, once, and then of what comes by the other. */
const anEnd =
  (closing: 0 | 1): MakePlay =>
  (stage) =>
  () => {
    const first = stage.channel({ whenFull: 'block', capacity: 1 })
    const channels = [first, stage.channel({ whenFull: 'block', capacity: 1 }, first)]
    const receivers = channels.map((channel) => alone(channel.receiver(codec)))
    const sender = alone(channels[1 - closing]!.sender(codec))
    const received: number[] = []
    const heard = new Int32Array(new SharedArrayBuffer(4))
    const atomics = stage.machine.atomics.stepped as unknown as {
      store(words: Int32Array, at: number, value: number): Steps<void>
      wait(words: Int32Array, at: number, value: number): Steps<void>
      notify(words: Int32Array, at: number): Steps<void>
    }
    let falses = 0
    return {
      threads: [
        channels[closing]!.close(),
        (function* () {
          // Says nothing before the other's end was heard.
          yield* atomics.wait(heard, 0, 0)
          yield* sendAndClose(sender, [7])
        })(),
        (function* () {
          while (!(yield* receivers[1 - closing]!.get_isAtEnd())) {
            if (yield* stage.waitForAny(receivers)) {
              yield* receiveInto(receivers[1 - closing]!, received)
              continue
            }
            falses += 1
            yield* atomics.store(heard, 0, 1)
            yield* atomics.notify(heard, 0)
          }
        })(),
      ],
      audit: () => must(received.join() === '7' && falses <= 2, `received ${received} after ${falses} ends`),
    }
  }

/** A sender dies anywhere, perhaps with the flag in its hand; the other channel's news wait for the death to be confirmed at most. */
const aSenderDies =
  (of: 0 | 1): MakePlay =>
  (stage) =>
  () => {
    const first = stage.channel({ whenFull: 'block', capacity: 1 })
    const channels = [first, stage.channel({ whenFull: 'block', capacity: 1 }, first)]
    const receivers = channels.map((channel) => alone(channel.receiver(codec)))
    const sender = alone(channels[1 - of]!.sender(codec))
    const received: number[] = []
    return {
      mortal: 1,
      threads: [
        (function* () {
          const mortal = yield* channels[of]!.sender(codec)
          yield* mortal.send({ value: 1 })
        })(),
        (function* () {
          yield* sender.send({ value: 7 })
        })(),
        (function* () {
          while (!received.includes(7)) {
            yield* stage.waitForAny(receivers)
            for (const receiver of receivers) yield* receiveInto(receiver, received)
          }
        })(),
        (function* () {
          yield* stage.machine.endOf(0)
          yield* channels[of]!.freeOwner(1)
        })(),
      ],
      audit: () => must(received.includes(7) && received.length <= 2, `received ${received}`),
    }
  }

/** Waits for room before each send, which then may not wait. */
const forRoom: MakePlay = (stage) => () => {
  const channel = stage.channel({ whenFull: 'block', capacity: 1 })
  const sender = alone(channel.sender(codec))
  const receiver = alone(channel.receiver(codec))
  const received: number[] = []
  return {
    threads: [
      (function* () {
        for (const value of [1, 2, 3]) {
          must(yield* sender.waitForRoom(), 'no room')
          must(yield* sender.send({ value }, 0), 'the room was gone')
        }
        yield* sender.close()
      })(),
      (function* () {
        while (yield* receiver.wait()) yield* receiveInto(receiver, received)
      })(),
    ],
    audit() {
      const { refused, sent } = channel.counters
      must(received.join() === '1,2,3' && refused === 0 && sent === 3, `received ${received}, refused ${refused}`)
    },
  }
}

/** The receiver leaves while the sender waits for room. */
const forRoomInVain: MakePlay = (stage) => () => {
  const channel = stage.channel({ whenFull: 'block', capacity: 1 })
  const sender = alone(channel.sender(codec))
  const receiver = alone(channel.receiver(codec))
  alone(sender.send({ value: 1 }))
  let refusal = ''
  return {
    threads: [
      (function* () {
        try {
          yield* sender.waitForRoom()
        } catch (thrown) {
          refusal = (thrown as { code: string }).code
        }
      })(),
      receiver.close(),
    ],
    audit: () => must(refusal === 'ERR_CLOSED', `refusal ${refusal}`),
  }
}

/** Plays by what they show; those for room are of two threads. */
export const waitPlays: Readonly<Record<string, MakePlay>> = {
  'for any': oneBell(['any']),
  'for any and for the one with the bell, in turns': oneBell(['any', 0]),
  'for any and for the one that conflates, in turns': oneBell(['any', 1]),
  'for each in turns': oneBell([0, 1]),
  'for any, on an event loop': oneBell(['any, async']),
  'for any, and the one with the bell ends': anEnd(0),
  'for any, and another ends': anEnd(1),
  'for any, and a sender of the one with the bell dies': aSenderDies(0),
  'for any, and a sender of another dies': aSenderDies(1),
  'for room': forRoom,
  'for room, and the receiver leaves': forRoomInVain,
}
