/**
 * What two threads of this machine lose by themselves: one hands on a time at each due instant, the other spins for it and does nothing
 * else. No channel, no stage, no allocation. What keeps a core from its thread (the kernel, the host, a helper of V8) delays what is due
 * meanwhile here as it does in a pipeline, so no pipeline's tail can be below this one's.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { monotonicNs } from '../../dist/base/clock.js'
import { Histogram } from '../../dist/base/histogram.js'
import { figuresOf, paced } from './pace.mjs'

const [countAt, words] = [0, 2]
const endOfCount = -1

/** Hands on a time every `intervalNs` for `seconds`: how long after it was due the other has it. */
export async function twoThreads(seconds, intervalNs) {
  const memory = new SharedArrayBuffer(words * 4 + 8)
  const [counts, times] = [new Int32Array(memory, 0, words), new Float64Array(memory, words * 4, 1)]
  const worker = new Worker(new URL(import.meta.url), { workerData: memory })
  const figures = new Promise((resolve) => worker.once('message', resolve))
  await new Promise((resolve) => worker.once('online', resolve))
  const send = (dueNs) => {
    times[0] = dueNs
    Atomics.add(counts, countAt, 1)
  }
  await paced({ warmSeconds: 0, seconds, intervalNs, send, begin: () => undefined })
  Atomics.store(counts, countAt, endOfCount)
  return figures
}

function spin(memory) {
  const [counts, times] = [new Int32Array(memory, 0, words), new Float64Array(memory, words * 4, 1)]
  const late = new Histogram()
  for (let seen = Atomics.load(counts, countAt); seen !== endOfCount; ) {
    const count = Atomics.load(counts, countAt)
    if (count === seen) continue
    seen = count
    if (count !== endOfCount) late.record(monotonicNs() - times[0])
  }
  parentPort.postMessage(figuresOf(late))
}

if (!isMainThread) spin(workerData)
