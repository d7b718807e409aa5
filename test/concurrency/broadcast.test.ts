/** An eventcount between real threads: whoever waits hears of every change in the end, whoever announces, and whoever ends meanwhile. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { Broadcast } from '../../src/channel/broadcast.ts'

const waitersWord = 16

function start(broadcast: Broadcast, words: Int32Array, data: object) {
  const worker = new Worker(new URL('../support/workers/broadcast-worker.mjs', import.meta.url), {
    workerData: { descriptor: broadcast.descriptor, words, ...data },
  })
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

function made() {
  const broadcast = Broadcast.create()
  const memory = new Int32Array(broadcast.descriptor.memory)
  return {
    broadcast,
    words: new Int32Array(new SharedArrayBuffer(4)),
    waiting: () => Atomics.load(memory, waitersWord),
  }
}

it('broadcast: two announcers and three waiters, one of them on an event loop: each hears of the last change', async () => {
  const { broadcast, words, waiting } = made()
  const count = 20_000
  const waiters = [1, 2].map(() => start(broadcast, words, { job: 'wait', until: 2 * count }))
  for (const { ready } of waiters) await ready
  const announcers = [1, 2].map(() => start(broadcast, words, { job: 'announce', count }))
  for (let seen = broadcast.now(); Atomics.load(words, 0) < 2 * count; ) seen = await broadcast.waitAsync(seen)
  await Promise.all([...announcers, ...waiters].map(({ done }) => done))
  expect(broadcast.now()).toBe(2 * count)
  expect(waiting()).toBe(0)
})

it('broadcast: each change is waited for before the next: none is missed by either waiter', async () => {
  const { broadcast, words } = made()
  for (let round = 1; round <= 20; round += 1) {
    const waiters = [1, 2].map(() => start(broadcast, words, { job: 'wait', until: round }))
    for (const { ready } of waiters) await ready
    Atomics.add(words, 0, 1)
    broadcast.announce()
    await Promise.all(waiters.map(({ done }) => done))
  }
})

it('broadcast: waiters that are ended while they wait stay counted, and the others hear of all the same', async () => {
  const { broadcast, words, waiting } = made()
  const sleepers = [1, 2].map(() => start(broadcast, words, { job: 'sleep' }))
  await until(() => waiting() === 2)
  for (const { worker } of sleepers) await worker.terminate()
  const waiter = start(broadcast, words, { job: 'wait', until: 3 })
  await until(() => waiting() === 3)
  for (let change = 0; change < 3; change += 1) {
    Atomics.add(words, 0, 1)
    broadcast.announce()
  }
  expect(await waiter.done).toBeGreaterThan(0)
  expect(waiting()).toBe(2)
})
