/** Waiting for any of several channels, and for room, seen from one thread: what is told when, what is counted, what is refused. */
import { once } from 'node:events'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { Channel } from '../../src/channel/channel.ts'
import { type ChannelDescriptor, type ChannelOptions, channelWord } from '../../src/channel/channel-memory.ts'
import { numbersCodec } from '../../src/channel/codec.ts'
import type { Receiver } from '../../src/channel/receiver.ts'
import { waitForAny, waitForAnyAsync } from '../../src/channel/wait.ts'

const codec = numbersCodec(['value'])
type Value = { value: number }
const invalid = (field: string) => expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', field })
const closed = expect.objectContaining({ code: 'ERR_CLOSED' })
const claimed = expect.objectContaining({ code: 'ERR_CHANNEL_CLAIMED' })

const open: Channel[] = []
afterEach(() => {
  for (const channel of open.splice(0)) channel.close()
})

function made(options: Partial<ChannelOptions> = {}, bell?: Channel): Channel {
  const shared = bell === undefined ? {} : { bell }
  const channel = Channel.create({ name: 'test', whenFull: 'block', spinUs: 0, ...options }, codec, shared)
  open.push(channel)
  return channel
}

/** An inbox with the bell, a channel of states and one of records that share it, and their ends. */
function three() {
  const inbox = made()
  const channels = [inbox, made({ whenFull: 'conflate' }, inbox), made({ whenFull: 'drop-oldest' }, inbox)] as const
  return { channels, senders: channels.map((channel) => channel.sender(codec)), receivers: channels.map(receiverOf) }
}

/** One that conflates may have something until it has looked: a receiver before it may have left it behind. */
function receiverOf(channel: Channel): Receiver<Value> {
  const receiver = channel.receiver(codec)
  expect(received(receiver)).toEqual([])
  return receiver
}

function received(receiver: Receiver<Value>): number[] {
  const into = receiver.batch(16)
  return into.slice(0, receiver.receive(into)).map(({ value }) => value)
}

/** As another message would bring it: the same memory, as another object. */
function again(descriptor: ChannelDescriptor): ChannelDescriptor {
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(descriptor)
  const { message } = receiveMessageOnPort(port2) as { readonly message: ChannelDescriptor }
  port1.close()
  return message
}

describe('waiting for any of several channels', () => {
  it('any: it is true as soon as one of them has something, whichever, and false when the time is over', async () => {
    const { senders, receivers } = three()
    expect(waitForAny(receivers, 0)).toBe(false)
    expect(waitForAny(receivers, 2)).toBe(false)
    expect(await waitForAnyAsync(receivers, 2)).toBe(false)
    for (const [at, sender] of senders.entries()) {
      sender.send({ value: at })
      expect(waitForAny(receivers)).toBe(true)
      expect(await waitForAnyAsync(receivers)).toBe(true)
      expect(receivers.map(({ hasNews }) => hasNews)).toEqual([0, 1, 2].map((other) => other === at))
      expect(received(receivers[at]!)).toEqual([at])
    }
  })

  it.each([0, 1, 2])('any: a wait on the event loop is woken by channel %i', async (at) => {
    const { senders, receivers } = three()
    const waiting = waitForAnyAsync(receivers)
    senders[at]!.send({ value: 7 })
    expect(await waiting).toBe(true)
    expect(received(receivers[at]!)).toEqual([7])
  })

  it('any: a wait for one is not ended by another’s news, and the next wait for any finds them', async () => {
    const { senders, receivers } = three()
    const one = receivers[0]!.waitAsync(5)
    senders[1]!.send({ value: 1 })
    expect(await one).toBe(false)
    const other = receivers[2]!.waitAsync()
    senders[0]!.send({ value: 0 })
    senders[2]!.send({ value: 2 })
    expect(await other).toBe(true)
    for (const at of [0, 1, 2]) {
      expect(waitForAny(receivers)).toBe(true)
      expect(received(receivers[at]!)).toEqual([at])
    }
  })

  it('any: an end is told once, by one false, behind its last records; when all have ended every wait is over at once', async () => {
    const { senders, receivers } = three()
    senders[0]!.send({ value: 1 })
    senders[0]!.close()
    expect(waitForAny(receivers)).toBe(true)
    expect(received(receivers[0]!)).toEqual([1])
    // The close came before this wait.
    expect(waitForAny(receivers)).toBe(false)
    expect(receivers.map(({ isAtEnd }) => isAtEnd)).toEqual([true, false, false])
    const waiting = waitForAnyAsync(receivers)
    senders[1]!.send({ value: 2 })
    expect(await waiting).toBe(true)
    expect(received(receivers[1]!)).toEqual([2])
    const lasting = waitForAnyAsync(receivers)
    senders[1]!.close()
    expect(await lasting).toBe(false)
    senders[2]!.close()
    for (let round = 0; round < 3; round += 1) expect(waitForAny(receivers)).toBe(false)
    expect(await waitForAnyAsync(receivers)).toBe(false)
  })

  it.each([
    ['a channel with the bell', 0],
    ['a channel that shares it', 1],
  ] as const)('any: %s wakes the waiter when it is closed, by others and by this thread', async (_, at) => {
    for (const close of ['channel', 'receiver'] as const) {
      const { channels, receivers } = three()
      const waiting = waitForAnyAsync(receivers)
      if (close === 'channel') channels[at].close()
      else receivers[at]!.close()
      expect(await waiting).toBe(false)
      expect(receivers[at]!.isAtEnd).toBe(true)
    }
  })

  it.each([0, 1])('any: a confirmed death rings the shared bell, channel %i', (at) => {
    const { channels } = three()
    const bell = new Int32Array(channels[0].descriptor.memory)
    const before = bell[channelWord.receiverBell]!
    channels[at]!.freeOwner(77)
    expect(bell[channelWord.receiverBell]).toBe(before + 1)
  })

  it('any: channels that came by different messages share their bell all the same', () => {
    const inbox = made()
    const states = made({ whenFull: 'conflate' }, inbox)
    const attached = [inbox, states].map(({ descriptor }) => Channel.attach(again(descriptor)))
    const receivers = attached.map(receiverOf)
    expect(waitForAny(receivers, 0)).toBe(false)
    states.sender(codec).send({ value: 5 })
    expect(waitForAny(receivers)).toBe(true)
    expect(() => waitForAny([...receivers, made().receiver(codec)])).toThrow(invalid('receivers'))
  })

  it('any: one receiver is as good as several, also without a bell of others', () => {
    const channel = made()
    const [sender, receiver] = [channel.sender(codec), channel.receiver(codec)]
    expect(waitForAny([receiver], 0)).toBe(false)
    sender.send({ value: 1 })
    expect(waitForAny([receiver, receiver])).toBe(true)
    sender.close()
    expect(received(receiver)).toEqual([1])
    expect(waitForAny([receiver])).toBe(false)
  })

  it('misuse: no receivers, none that are, other bells, a time that is none, an end that was closed', async () => {
    const { receivers } = three()
    const strange = made().receiver(codec)
    const refused: readonly (readonly Receiver<unknown>[])[] = [
      [],
      [receivers[0]!, strange],
      [strange, receivers[1]!],
      [receivers[0]!, {} as Receiver<unknown>],
      receivers[0] as unknown as Receiver<unknown>[],
    ]
    for (const wrong of refused) {
      expect(() => waitForAny(wrong, 0)).toThrow(invalid('receivers'))
      await expect(waitForAnyAsync(wrong, 0)).rejects.toThrow(invalid('receivers'))
    }
    for (const time of [-1, Number.NaN]) expect(() => waitForAny(receivers, time)).toThrow(invalid('timeoutMs'))
    receivers[1]!.close()
    expect(() => waitForAny(receivers, 0)).toThrow(closed)
    expect(() => receivers[1]!.bell).toThrow(closed)
    expect(waitForAny([receivers[0]!, receivers[2]!], 0)).toBe(false)
  })

  it('misuse: two waits at one bell, for whichever channels', async () => {
    const { senders, receivers } = three()
    const waiting = receivers[1]!.waitAsync()
    expect(() => receivers[0]!.wait(0)).toThrow(/waits already/)
    expect(() => waitForAny(receivers, 0)).toThrow(/waits already/)
    await expect(waitForAnyAsync(receivers, 0)).rejects.toThrow(/waits already/)
    await expect(receivers[2]!.waitAsync(0)).rejects.toThrow(/waits already/)
    senders[1]!.send({ value: 1 })
    expect(await waiting).toBe(true)
    expect(waitForAny(receivers, 0)).toBe(true)
  })

  it('misuse: a bell of a bell, what is no channel, memory that is none', () => {
    const inbox = made()
    const states = made({}, inbox)
    expect(() => made({}, states)).toThrow(invalid('bell'))
    expect(() => made({}, inbox.descriptor as unknown as Channel)).toThrow(invalid('bell'))
    for (const bell of [new SharedArrayBuffer(8), new ArrayBuffer(4_096) as unknown as SharedArrayBuffer]) {
      expect(() => Channel.attach({ ...states.descriptor, bell })).toThrow(invalid('bell'))
    }
    expect(inbox.descriptor.bell).toBe(undefined)
    expect(states.descriptor.bell).toBe(inbox.descriptor.memory)
  })

  it('misuse: receivers of one bell on two threads; when the one has ended, and that is confirmed, the other may', async () => {
    const inbox = made()
    const states = made({ whenFull: 'conflate' }, inbox)
    const script = `
      const { parentPort, workerData } = await import('node:worker_threads')
      const { Channel, numbersCodec } = await import(workerData.signalbox)
      Channel.attach(workerData.descriptor).receiver(numbersCodec(['value']))
      parentPort.postMessage('open')
      parentPort.once('message', () => parentPort.close())`
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
      workerData: { descriptor: states.descriptor, signalbox: new URL('../../dist/index.js', import.meta.url).href },
    })
    states.watchWorker(worker)
    await once(worker, 'message')
    expect(() => inbox.receiver(codec)).toThrow(claimed)
    expect(() => inbox.receiver(codec)).toThrow(/bell/)
    worker.postMessage('end')
    await once(worker, 'exit')
    expect(waitForAny([inbox.receiver(codec), receiverOf(states)], 0)).toBe(false)
  })
})

describe('waiting for room', () => {
  it('block: it waits until there is room and sends nothing; what it waited is counted, and nothing was refused', () => {
    const channel = made({ capacity: 1 })
    const [sender, receiver] = [channel.sender(codec), channel.receiver(codec)]
    expect(sender.waitForRoom()).toBe(true)
    expect(channel.counters).toMatchObject({ sent: 0, blocked: 0, blockedNs: 0 })
    sender.send({ value: 1 })
    expect(sender.waitForRoom(3)).toBe(false)
    expect(channel.counters).toMatchObject({ sent: 1, refused: 0, blocked: 1 })
    expect(channel.counters.blockedNs).toBeGreaterThanOrEqual(3_000_000)
    expect(received(receiver)).toEqual([1])
    expect(sender.waitForRoom()).toBe(true)
    expect(channel.counters).toMatchObject({ sent: 1, refused: 0, blocked: 1 })
    expect(sender.send({ value: 2 }, 0)).toBe(true)
  })

  it.each(['refuse', 'drop-oldest', 'conflate'] as const)(
    '%s: a send never waits, so there is nothing to wait for',
    (whenFull) => {
      const channel = made({ whenFull, ...(whenFull === 'conflate' ? {} : { capacity: 1 }) })
      const sender = channel.sender(codec)
      sender.send({ value: 1 })
      expect(sender.waitForRoom()).toBe(true)
      expect(channel.counters).toMatchObject({ sent: 1, refused: 0, blocked: 0, dropped: 0, conflated: 0 })
    },
  )

  it('misuse: a channel that was closed, a time that is none, a send that is pending', async () => {
    const channel = made({ capacity: 1 })
    const [sender, receiver] = [channel.sender(codec), channel.receiver(codec)]
    sender.send({ value: 1 })
    for (const time of [-1, Number.NaN]) expect(() => sender.waitForRoom(time)).toThrow(invalid('timeoutMs'))
    const sending = sender.sendAsync({ value: 2 })
    expect(() => sender.waitForRoom(0)).toThrow(/waits already/)
    expect(received(receiver)).toEqual([1])
    expect(await sending).toBe(true)
    receiver.close()
    expect(() => sender.waitForRoom(0)).toThrow(closed)
  })
})
