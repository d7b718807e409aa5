/** Channels between real threads: every record whole, once and in order, whoever has to wait, and whoever ends when. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { freshSeed, Random } from '../../src/base/random.ts'
import { Channel } from '../../src/channel/channel.ts'
import type { ChannelOptions } from '../../src/channel/channel-memory.ts'

const seed = Number(process.env.SIGNALBOX_SEED ?? freshSeed())
const size = 4

interface Had {
  readonly received: number
  readonly torn: number
  readonly backwards: number
  readonly newest: Readonly<Record<string, number>>
}

/** A thread at one end; `done` is what it says last. */
function start(
  channel: Channel,
  data: object,
  others: readonly Channel[] = [],
): { worker: Worker; ready: Promise<unknown>; done: Promise<unknown> } {
  const worker = new Worker(new URL('../support/workers/channel-worker.mjs', import.meta.url), {
    workerData: { descriptor: channel.descriptor, ...data },
  })
  for (const each of [channel, ...others]) each.watchWorker(worker)
  const ready = once(worker, 'message')
  // Both may come in one turn of the loop, when it ends at once.
  const done = new Promise<unknown>((resolve, reject) => {
    worker.on('message', (said) => said === 'ready' || resolve(said))
    worker.once('error', reject)
  })
  done.catch(() => undefined)
  return { worker, ready, done }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

async function run(options: Omit<ChannelOptions, 'name'>, count: number, pauses: { sender: number; receiver: number }) {
  const channel = Channel.create({ name: 'threads', ...options }, { size })
  const receiver = start(channel, { job: 'receive', pauseEvery: pauses.receiver })
  const senders = Array.from({ length: options.senders ?? 1 }, (_, who) =>
    start(channel, { job: 'send', who, count, pauseEvery: pauses.sender }),
  )
  await Promise.all(senders.map(({ done }) => done))
  channel.close()
  const had = (await receiver.done) as Had
  return { had, counters: channel.counters }
}

describe(`channels between threads, seed ${seed}`, () => {
  it.each([
    ['a slow receiver', 0, 7, 0],
    ['a slow sender', 7, 0, 0],
    ['both at full speed, spinning', 0, 0, 50],
  ])('block: every record is received, whole and in order: %s', async (_, sender, receiver, spinUs) => {
    const count = sender + receiver > 0 ? 20_000 : 500_000
    const { had, counters } = await run({ whenFull: 'block', capacity: 10, spinUs }, count, { sender, receiver })
    expect(had).toEqual({ received: count, torn: 0, backwards: 0, newest: { 0: count } })
    expect(counters).toMatchObject({ sent: count, received: count, waiting: 0, refused: 0, dropped: 0 })
  })

  it('block: three senders and one receiver lose nothing and keep each sender’s order', async () => {
    const { had } = await run({ whenFull: 'block', capacity: 10, senders: 3, spinUs: 0 }, 60_000, {
      sender: 0,
      receiver: 0,
    })
    expect(had).toEqual({ received: 180_000, torn: 0, backwards: 0, newest: { 0: 60_000, 1: 60_000, 2: 60_000 } })
  })

  it.each(['drop-oldest', 'refuse', 'conflate'] as const)(
    '%s: a slow receiver gets whole records in order, and what it did not get was counted',
    async (whenFull) => {
      const keys = whenFull === 'conflate' ? 5 : 1
      const count = 200_000
      const { had, counters } = await run({ whenFull, capacity: 4, keys, spinUs: 0 }, count, { sender: 0, receiver: 3 })
      const { sent, received, refused, dropped, conflated } = counters
      expect(had).toMatchObject({ torn: 0, backwards: 0, received })
      expect([sent + refused, received + dropped + conflated]).toEqual([count, sent])
      expect(refused + dropped + conflated).toBeGreaterThan(0)
      // The newest is never the one that is given up.
      if (whenFull !== 'refuse') expect(Math.max(...Object.values(had.newest))).toBe(count)
    },
  )

  it('a sender that is ended at any point leaves a channel that its successor goes on with', async () => {
    const random = new Random(seed)
    const channel = Channel.create({ name: 'heirs', whenFull: 'block', capacity: 4, senders: 2, spinUs: 0 }, { size })
    const receiver = start(channel, { job: 'receive' })
    const rounds = 12
    for (let who = 0; who < rounds; who += 1) {
      const goal = channel.counters.sent + random.integer(1, 3_000)
      const victim = start(channel, { job: 'send', who, count: 1e9, gate: true })
      await victim.ready
      await until(() => channel.counters.sent >= goal)
      await victim.worker.terminate()
    }
    channel.close()
    const had = (await receiver.done) as Had
    expect(had).toMatchObject({ torn: 0, backwards: 0 })
    // Of each the numbers came one by one from 1: nothing was lost in between.
    const total = Object.values(had.newest).reduce((sum, newest) => sum + newest, 0)
    expect(had.received).toBe(total)
    expect(Object.keys(had.newest).length).toBe(rounds)
  })

  it('a receiver that is ended at any point loses what it had in hand at most, and its successor gets the rest', async () => {
    const random = new Random(seed)
    const channel = Channel.create({ name: 'heirs', whenFull: 'block', capacity: 16, spinUs: 0 }, { size })
    const sender = start(channel, { job: 'send', count: 1e9 })
    await sender.ready
    for (let round = 0; round < 12; round += 1) {
      const goal = channel.counters.received + random.integer(1, 3_000)
      const victim = start(channel, { job: 'receive' })
      await victim.ready
      await until(() => channel.counters.received >= goal)
      await victim.worker.terminate()
    }
    const last = start(channel, { job: 'receive' })
    await last.ready
    await sender.worker.terminate()
    channel.close()
    const had = (await last.done) as Had
    expect(had).toMatchObject({ torn: 0, backwards: 0 })
    const { sent, received, waiting } = channel.counters
    expect(waiting).toBeLessThanOrEqual(13 * 16)
    expect(received).toBeGreaterThan(sent - 13 * 16)
  })

  it('a receiver that never comes: the sender waits until the channel is closed, and is told then', async () => {
    const channel = Channel.create({ name: 'nobody', whenFull: 'block', capacity: 2, spinUs: 0 }, { size })
    const sender = start(channel, { job: 'send', count: 10 })
    const ended = once(sender.worker, 'error')
    await sender.ready
    await until(() => channel.counters.sent === 2)
    channel.close()
    const [thrown] = (await ended) as [{ code: string }]
    expect(thrown.code).toBe('ERR_CLOSED')
    expect(channel.counters).toMatchObject({ sent: 2, received: 0, waiting: 2 })
  })

  it.each([
    ['parking', 0],
    ['spinning', 50],
  ])(
    'any: a thread that waits for any of three channels and for one in turns gets all of each, %s',
    async (_, spinUs) => {
      const { channels, receiver } = waitingForAny(spinUs, true)
      const [inbox, states, records] = channels
      const senders = [
        start(inbox, { job: 'send', who: 1, count: 30_000, isRoomFirst: true }),
        start(states, { job: 'send', who: 2, count: 30_000 }),
        start(records, { job: 'send', who: 3, count: 30_000 }),
      ]
      await Promise.all(senders.map(({ done }) => done))
      const had = (await receiver.done) as readonly Had[]
      for (const each of had) expect(each).toMatchObject({ torn: 0, backwards: 0 })
      expect([had[0]!.received, had[2]!.received]).toEqual([30_000, 30_000])
      expect(Math.max(...Object.values(had[1]!.newest))).toBe(30_000)
      expect(inbox.counters).toMatchObject({ sent: 30_000, received: 30_000, refused: 0 })
    },
  )

  it('any: a sender that is ended at any point keeps no other channel’s records from the waiting thread', async () => {
    const random = new Random(seed)
    const { channels, receiver } = waitingForAny(0, false)
    const [inbox, states, records] = channels
    const lasting = start(inbox, { job: 'send', who: 1, count: 1e9, gate: true })
    await lasting.ready
    for (let who = 0; who < 8; who += 1) {
      const victims = [states, records].map((channel) => start(channel, { job: 'send', who, count: 1e9, gate: true }))
      for (const { ready } of victims) await ready
      const goal = inbox.counters.received + random.integer(1, 3_000)
      await until(() => inbox.counters.received >= goal)
      for (const { worker } of victims) await worker.terminate()
      // The one that lives goes on being received.
      await until(() => inbox.counters.received >= goal + 500)
    }
    await lasting.worker.terminate()
    for (const channel of channels) channel.close()
    const had = (await receiver.done) as readonly Had[]
    for (const at of [0, 2]) expect(had[at]).toMatchObject({ torn: 0, backwards: 0 })
    expect(had[1]!.torn).toBe(0)
    for (const at of [0, 2]) expect(channels[at]!.counters.waiting).toBeLessThanOrEqual(1)
  })

  it('room: a sender that waits for room is told when the channel is closed', async () => {
    const channel = Channel.create({ name: 'nobody', whenFull: 'block', capacity: 2, spinUs: 0 }, { size })
    const sender = start(channel, { job: 'send', count: 10, isRoomFirst: true })
    const ended = once(sender.worker, 'error')
    await sender.ready
    await until(() => channel.counters.sent === 2)
    channel.close()
    const [thrown] = (await ended) as [{ code: string }]
    expect(thrown.code).toBe('ERR_CLOSED')
    expect(channel.counters).toMatchObject({ sent: 2, refused: 0, waiting: 2 })
  })
})

/** An inbox that blocks, a channel of states and one of records, with one bell, and the thread that waits for them. */
function waitingForAny(spinUs: number, inTurns: boolean) {
  const inbox = Channel.create({ name: 'inbox', whenFull: 'block', capacity: 4, spinUs }, { size })
  const shared = { bell: inbox }
  const channels = [
    inbox,
    Channel.create({ name: 'states', whenFull: 'conflate', keys: 5, spinUs }, { size }, shared),
    Channel.create({ name: 'records', whenFull: 'block', capacity: 16, spinUs }, { size }, shared),
  ] as const
  const descriptors = channels.map(({ descriptor }) => descriptor)
  return { channels, receiver: start(inbox, { job: 'receive-any', descriptors, inTurns }, channels.slice(1)) }
}
