/** What a channel promises, seen from one thread: order, what full means, counts, the end, and what is refused. */
import { afterEach, describe, expect, it } from 'vitest'
import { Channel } from '../../src/channel/channel.ts'
import { type ChannelOptions, laneWord, laneWordAt, type WhenFull } from '../../src/channel/channel-memory.ts'
import { type Codec, numbersCodec } from '../../src/channel/codec.ts'
import type { Receiver } from '../../src/channel/receiver.ts'
import type { Sender } from '../../src/channel/sender.ts'

const codec = numbersCodec(['key', 'value'])
interface Stamp {
  key: number
  value: number
}
const stamp = (value: number, key = 0): Stamp => ({ key, value })
const invalid = (field: string) => expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field })
const closed = expect.objectContaining({ code: 'ERR_CLOSED' })
const claimed = expect.objectContaining({ code: 'ERR_CHANNEL_CLAIMED' })

const open: Channel[] = []
afterEach(() => {
  for (const channel of open.splice(0)) channel.close()
})

function made(options: Partial<ChannelOptions> & { whenFull: WhenFull }): Channel {
  const channel = Channel.create({ name: 'test', spinUs: 0, ...options }, codec)
  open.push(channel)
  return channel
}

function pair(options: Partial<ChannelOptions> & { whenFull: WhenFull }) {
  const channel = made(options)
  return { channel, sender: channel.sender(codec, ({ key }) => key), receiver: channel.receiver(codec) }
}

function received(receiver: Receiver<Stamp>, max = 16): number[] {
  const into = receiver.batch(max)
  return into.slice(0, receiver.receive(into)).map(({ value }) => value)
}

const sendAll = (sender: Sender<Stamp>, values: readonly number[]): boolean[] =>
  values.map((value) => sender.send(stamp(value), 0))

describe('channel contract', () => {
  it.each(['block', 'refuse', 'drop-oldest'] as const)(
    '%s: records come once, in order, in batches of any size',
    (whenFull) => {
      const { channel, sender, receiver } = pair({ whenFull, capacity: 5 })
      for (let round = 0; round < 20; round += 1) {
        sendAll(
          sender,
          [1, 2, 3, 4].map((value) => round * 10 + value),
        )
        expect(receiver.hasNews).toBe(true)
        expect(received(receiver, 3)).toEqual([round * 10 + 1, round * 10 + 2, round * 10 + 3])
        expect(received(receiver, 3)).toEqual([round * 10 + 4])
        expect(received(receiver, 3)).toEqual([])
        expect(receiver.hasNews).toBe(false)
      }
      expect(channel.counters).toMatchObject({ sent: 80, received: 80, waiting: 0, refused: 0, dropped: 0 })
    },
  )

  it('block: a channel is full at its capacity, and a send whose time is over is refused and counted', () => {
    const { channel, sender, receiver } = pair({ whenFull: 'block', capacity: 3 })
    expect(sendAll(sender, [1, 2, 3, 4])).toEqual([true, true, true, false])
    expect(sender.hasRoom).toBe(false)
    expect(channel.counters).toMatchObject({ sent: 3, waiting: 3, refused: 1, blocked: 1 })
    expect(sender.send(stamp(5), 3)).toBe(false)
    expect(channel.counters.blockedNs).toBeGreaterThanOrEqual(3_000_000)
    expect(received(receiver, 1)).toEqual([1])
    expect(sender.send(stamp(6))).toBe(true)
    expect(received(receiver)).toEqual([2, 3, 6])
  })

  it('block: many are sent at once, in their order, as far as there is room, and the rest when there is', () => {
    const { channel, sender, receiver } = pair({ whenFull: 'block', capacity: 3 })
    const many = [1, 2, 3, 4, 5].map((value) => stamp(value))
    expect(sender.sendMany(many, 2)).toBe(2)
    expect(sender.sendMany(many, 5, 0)).toBe(1)
    expect(received(receiver)).toEqual([1, 2, 1])
    expect(channel.counters).toMatchObject({ sent: 3, received: 3, refused: 1 })
    expect(() => sender.sendMany(many, 6)).toThrow(invalid('count'))
    expect(sender.sendMany([])).toBe(0)
  })

  it('refuse: of many at once the first that finds no room ends the sending', () => {
    const { channel, sender, receiver } = pair({ whenFull: 'refuse', capacity: 3 })
    expect(sender.sendMany([1, 2, 3, 4, 5].map((value) => stamp(value)))).toBe(3)
    expect(channel.counters).toMatchObject({ sent: 3, refused: 1 })
    expect(received(receiver)).toEqual([1, 2, 3])
  })

  it.each(['drop-oldest', 'conflate'] as const)('%s: many at once are as many one by one', (whenFull) => {
    const many = [1, 2, 3, 4, 5].map((value) => stamp(value))
    const capacity = whenFull === 'conflate' ? {} : { capacity: 3 }
    const [one, other] = [pair({ whenFull, ...capacity }), pair({ whenFull, ...capacity })]
    for (const record of many) one.sender.send(record)
    expect(other.sender.sendMany(many)).toBe(5)
    expect(received(other.receiver)).toEqual(received(one.receiver))
    expect(other.channel.counters).toEqual(one.channel.counters)
  })

  it('refuse: a send to a full channel returns false at once and is counted', () => {
    const { channel, sender, receiver } = pair({ whenFull: 'refuse', capacity: 2 })
    expect([1, 2, 3].map((value) => sender.send(stamp(value)))).toEqual([true, true, false])
    expect(channel.counters).toMatchObject({ sent: 2, refused: 1, blocked: 0, blockedNs: 0 })
    expect(received(receiver)).toEqual([1, 2])
  })

  it('drop-oldest: the oldest make room, the newest are received, and the dropped are counted', () => {
    const { channel, sender, receiver } = pair({ whenFull: 'drop-oldest', capacity: 3 })
    sendAll(sender, [1, 2, 3, 4, 5, 6, 7])
    expect(sender.hasRoom).toBe(true)
    expect(channel.counters).toMatchObject({ sent: 7, dropped: 4, waiting: 3 })
    expect(received(receiver)).toEqual([5, 6, 7])
    expect(channel.counters).toMatchObject({ received: 3, waiting: 0 })
  })

  it('conflate: of each key the latest is received, once, and what it replaced is counted', () => {
    const { channel, sender, receiver } = pair({ whenFull: 'conflate', keys: 70 })
    for (const [key, value] of [
      [69, 1],
      [3, 2],
      [69, 3],
      [40, 4],
      [3, 5],
    ] as const)
      sender.send(stamp(value, key))
    expect(channel.counters).toMatchObject({ sent: 5, conflated: 2, waiting: 3 })
    expect(received(receiver, 2)).toEqual([5, 4])
    sender.send(stamp(6, 3))
    expect(received(receiver).sort()).toEqual([3, 6])
    expect(received(receiver)).toEqual([])
    expect(receiver.hasNews).toBe(false)
    expect(channel.counters).toMatchObject({ sent: 6, received: 4, conflated: 2, waiting: 0 })
  })

  it('several senders: their records come in the order of the sends, whoever sent them', () => {
    const channel = made({ whenFull: 'block', capacity: 4, senders: 3 })
    const senders = [channel.sender(codec), channel.sender(codec), channel.sender(codec)]
    const receiver = channel.receiver(codec)
    const order = [2, 0, 0, 1, 2, 1, 0, 2]
    for (const [at, who] of order.entries()) senders[who]!.send(stamp(at))
    expect(received(receiver, 5)).toEqual([0, 1, 2, 3, 4])
    expect(received(receiver, 5)).toEqual([5, 6, 7])
    expect(() => channel.sender(codec)).toThrow(claimed)
    senders[1]!.close()
    channel.sender(codec).send(stamp(9))
    expect(received(receiver)).toEqual([9])
  })

  it('positions and tickets may pass 2^32', () => {
    const channel = made({ whenFull: 'block', capacity: 3, senders: 2 })
    const words = new Int32Array(channel.descriptor.memory)
    for (const lane of [0, 1]) {
      words[laneWordAt(lane, laneWord.head)] = -2
      words[laneWordAt(lane, laneWord.tail)] = -2
    }
    words[48] = 2 ** 31 - 3
    const [one, other] = [channel.sender(codec), channel.sender(codec)]
    const receiver = channel.receiver(codec)
    for (let round = 0; round < 10; round += 1) {
      one.send(stamp(round))
      other.send(stamp(round + 0.5))
      expect(received(receiver)).toEqual([round, round + 0.5])
    }
  })

  it('end: what was sent before the close is received, then wait returns false and the receiver is at the end', async () => {
    const { channel, sender, receiver } = pair({ whenFull: 'block', capacity: 3 })
    sendAll(sender, [1, 2])
    sender.close()
    sender.close()
    expect(channel.isClosed).toBe(true)
    expect(receiver.isAtEnd).toBe(false)
    expect(receiver.wait()).toBe(true)
    expect(received(receiver)).toEqual([1, 2])
    expect(receiver.isAtEnd).toBe(true)
    expect(receiver.wait()).toBe(false)
    expect(await receiver.waitAsync()).toBe(false)
    expect(() => sender.send(stamp(3))).toThrow(closed)
    expect(() => channel.sender(codec)).toThrow(closed)
  })

  it('end: one of several senders may close and the channel goes on', () => {
    const channel = made({ whenFull: 'block', senders: 2 })
    const [one, other] = [channel.sender(codec), channel.sender(codec)]
    const receiver = channel.receiver(codec)
    one.send(stamp(1))
    one.close()
    expect(channel.isClosed).toBe(false)
    other.send(stamp(2))
    expect(received(receiver)).toEqual([1, 2])
    expect(() => one.send(stamp(3))).toThrow(closed)
  })

  it('end: a receiver that closes tells its senders, and throws from then on', () => {
    const { channel, sender, receiver } = pair({ whenFull: 'block' })
    receiver.close()
    receiver.close()
    expect(() => sender.send(stamp(1))).toThrow(closed)
    expect(() => receiver.receive(receiver.batch(1))).toThrow(closed)
    expect(() => receiver.wait(0)).toThrow(closed)
    expect(channel.isClosed).toBe(true)
  })

  it('wait: the time is over without a record, and the wait says so', async () => {
    const { receiver, sender } = pair({ whenFull: 'block' })
    expect(receiver.wait(2)).toBe(false)
    expect(await receiver.waitAsync(2)).toBe(false)
    expect(receiver.isAtEnd).toBe(false)
    sender.send(stamp(1))
    expect(receiver.wait(0)).toBe(true)
    expect(await receiver.waitAsync(0)).toBe(true)
  })

  it('event loops: a receiver is woken by a later send, a sender by room', async () => {
    const { channel, sender, receiver } = pair({ whenFull: 'block', capacity: 1 })
    const waiting = receiver.waitAsync()
    sender.send(stamp(1))
    expect(await waiting).toBe(true)
    const sending = sender.sendAsync(stamp(2))
    const third = sender.sendAsync(stamp(3))
    await expect(third).rejects.toThrow(/waits already/)
    expect(received(receiver)).toEqual([1])
    expect(await sending).toBe(true)
    expect(received(receiver)).toEqual([2])
    expect(channel.counters).toMatchObject({ sent: 2, blocked: 1 })
  })

  it('event loops: a send whose time is over is refused', async () => {
    const { channel, sender } = pair({ whenFull: 'block', capacity: 1 })
    expect(await sender.sendAsync(stamp(1))).toBe(true)
    expect(await sender.sendAsync(stamp(2), 1)).toBe(false)
    expect(channel.counters).toMatchObject({ sent: 1, refused: 1 })
  })

  it('codec: what it throws reaches the sender, and nothing was sent', () => {
    const faulty: Codec<Stamp> = {
      ...codec,
      write(record, values, at) {
        if (record.value < 0) throw new RangeError('negative')
        codec.write(record, values, at)
      },
    }
    const channel = made({ whenFull: 'block', capacity: 1 })
    const sender = channel.sender(faulty)
    expect(() => sender.send(stamp(-1))).toThrow('negative')
    expect(channel.counters.sent).toBe(0)
    expect(sender.send(stamp(1), 0)).toBe(true)
    const receiver = channel.receiver(codec)
    expect(received(receiver)).toEqual([1])
    const wide = made({ whenFull: 'block' })
    expect(() => wide.sender(faulty).sendMany([stamp(1), stamp(2), stamp(-1), stamp(3)])).toThrow('negative')
    expect(received(wide.receiver(codec))).toEqual([1, 2])
  })

  it('codec: records of numbers come back as they are, NaN, −0 and infinities included', () => {
    const { sender, receiver } = pair({ whenFull: 'block' })
    const values = [Number.NaN, -0, Number.NEGATIVE_INFINITY, 2 ** 53, 5e-324]
    for (const value of values) sender.send(stamp(value, 1))
    expect(received(receiver)).toEqual(values)
  })

  it.each([
    [{ name: '' }, 'name'],
    [{ whenFull: 'drop' as WhenFull }, 'channel test: whenFull'],
    [{ capacity: 0 }, 'channel test: capacity'],
    [{ capacity: 65_537 }, 'channel test: capacity'],
    [{ senders: 129 }, 'channel test: senders'],
    [{ keys: 2 }, 'channel test: keys'],
    [{ spinUs: -1 }, 'channel test: spinUs'],
    [{ spinUs: Number.NaN }, 'channel test: spinUs'],
    [{ whenFull: 'conflate' as WhenFull, senders: 2 }, 'channel test: senders'],
  ])('misuse: %j is refused by name', (options, field) => {
    expect(() => made({ whenFull: 'block', ...options })).toThrow(invalid(field))
  })

  it('misuse: a key that is none, a codec of another size, memory of another channel, a second receiver', () => {
    const { channel, sender } = pair({ whenFull: 'conflate', keys: 2 })
    for (const key of [-1, 2, 0.5, Number.NaN]) {
      expect(() => sender.send(stamp(1, key))).toThrow(invalid('channel test: key'))
    }
    expect(channel.counters.sent).toBe(0)
    const wide = numbersCodec(['a', 'b', 'c'])
    expect(() => channel.receiver(wide)).toThrow(invalid('codec'))
    expect(() => channel.sender(wide, () => 0)).toThrow(invalid('codec'))
    expect(() => channel.sender(codec)).toThrow(invalid('keyOf'))
    const { descriptor } = channel
    expect(() => Channel.attach({ ...descriptor, memory: new SharedArrayBuffer(64) })).toThrow(invalid('memory'))
    expect(() => channel.receiver(codec)).toThrow(claimed)
    expect(() => numbersCodec([])).toThrow(invalid('fields.length'))
    expect(() => numbersCodec(['a', 'a'])).toThrow(invalid('fields'))
    for (const size of [0, 16_385, 1.5]) {
      expect(() => Channel.create({ name: 'test', whenFull: 'block' }, { size })).toThrow(
        invalid('channel test: codec.size'),
      )
    }
  })
})
