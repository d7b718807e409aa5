/** A frame ring between two threads: every frame once, whole and in order, whoever has to wait. */
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { createFrameRing, FrameConsumer, FrameProducer } from '../../src/channel/frame-ring.ts'

const seed = 20261125

interface Result {
  readonly wrong: number
  readonly received: number
}

function start(job: string, memory: SharedArrayBuffer, frames: number): { worker: Worker; done: Promise<Result> } {
  const worker = new Worker(new URL('../support/workers/frame-ring-worker.mjs', import.meta.url), {
    workerData: { job, memory, frames, seed },
  })
  const done = new Promise<Result>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  return { worker, done }
}

async function run(sender: string, doubles: number, frames: number): Promise<Result> {
  const memory = createFrameRing(doubles)
  const receiver = start('receive', memory, frames)
  const sent = start(sender, memory, frames)
  await sent.done
  return await receiver.done
}

test('frame ring: a million frames cross two threads through a ring that is nearly always full', async () => {
  expect(await run('send', 1_024, 1_000_000)).toEqual({ wrong: 0, received: 1_000_000 })
})

test('frame ring: the same through a ring that is nearly always empty', async () => {
  expect(await run('send', 65_536, 1_000_000)).toEqual({ wrong: 0, received: 1_000_000 })
})

test('frame ring: a producer that publishes before it writes is caught (canary)', async () => {
  const { wrong, received } = await run('publish-first', 1_024, 1_000_000)
  expect(received).toBe(1_000_000)
  expect(wrong).toBeGreaterThan(0)
})

test('frame ring: a parked consumer is woken by a close, and a parked producer by a consumer that goes', async () => {
  const idle = createFrameRing(1_024)
  const receiver = start('receive', idle, 0)
  await untilParked(idle, 32)
  new FrameProducer(idle).close()
  expect(await receiver.done).toEqual({ wrong: 0, received: 0 })

  const full = createFrameRing(1_024)
  const sender = start('send', full, 1_000)
  await untilParked(full, 48)
  new FrameConsumer(full).close()
  await expect(sender.done).rejects.toMatchObject({ code: 'ERR_CLOSED' })
})

/** Until the end whose PARKED word this is waits; fails after ten seconds. */
async function untilParked(memory: SharedArrayBuffer, parked: number): Promise<void> {
  const control = new Int32Array(memory, 0, 64)
  const deadline = performance.now() + 10_000
  while (Atomics.load(control, parked) === 0) {
    if (performance.now() > deadline) throw new Error('nobody parked within ten seconds')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
