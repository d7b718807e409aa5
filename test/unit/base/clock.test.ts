import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { monotonicNs } from '../../../src/base/clock.ts'

/** A worker that reads its own clock, and has a worker of its own do so too. */
const reading = `
const { parentPort, workerData, Worker } = require('node:worker_threads')
import(workerData.clock).then(({ monotonicNs }) => {
  parentPort.postMessage(monotonicNs())
  if (workerData.depth === 0) return
  const worker = new Worker(workerData.source, { eval: true, workerData: { ...workerData, depth: workerData.depth - 1 } })
  worker.on('message', (reading) => parentPort.postMessage(reading))
})`

it('clock: monotonic times of a thread, of its workers and of theirs are of one clock', async () => {
  const clock = new URL('../../../dist/base/clock.js', import.meta.url).href
  const beforeNs = monotonicNs()
  const readings: number[] = []
  await new Promise<void>((resolve, reject) => {
    const worker = new Worker(reading, { eval: true, workerData: { clock, source: reading, depth: 2 } })
    worker.on('message', (ns: number) => void readings.push(ns))
    worker.on('error', reject)
    worker.on('exit', () => resolve())
  })
  expect(readings).toHaveLength(3)
  const all = [beforeNs, ...readings, monotonicNs()]
  expect(all).toEqual([...all].sort((one, other) => one - other))
  expect(new Set(all).size).toBe(5)
})
