/**
 * Bytes that a decision with its record allocates: what the heap grows by over a million of them while no collection runs. The
 * young generation is made large enough (suites.mjs); a collection all the same is an error, not a figure.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { createFrameRing } from '../../dist/channel/frame-ring.js'
import { decidingInto, drawSets } from './decisions.mjs'

const ringDoubles = 2 ** 16
/** The least object has 16 bytes, so below this fewer than one decision in 16 makes one; the runtime itself writes down some 100 KB. */
const noneBelow = 1
const attemptsMax = 5

export async function measure(candidateCount, isQuick) {
  const decide = decidingInto(createFrameRing(ringDoubles), drawSets(candidateCount), candidateCount)
  const count = isQuick ? 200_000 : 1_000_000
  decideTimes(decide, count)
  let collections = 0
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length
  })
  let grown = Number.NaN
  // A collection that the runtime finds time for by itself spoils an attempt, not the measurement.
  for (let attempt = 0; Number.isNaN(grown); attempt++) {
    if (attempt === attemptsMax) throw new Error('a collection ran in every attempt: the young generation is too small')
    globalThis.gc()
    await setTimeout(10)
    collections = 0
    observer.observe({ entryTypes: ['gc'] })
    const before = process.memoryUsage().heapUsed
    decideTimes(decide, count)
    const after = process.memoryUsage().heapUsed
    // Entries reach the observer by the event loop.
    await setTimeout(10)
    observer.disconnect()
    if (collections === 0) grown = after - before
  }
  const bytes = grown / count
  return [
    {
      name: `allocated a decision, ${candidateCount} candidates`,
      unit: 'B',
      samples: count,
      p50: bytes,
      p99: null,
      p999: null,
      max: null,
      throughput_per_s: null,
      floor: null,
      ratio: null,
      bars: [{ of: 'p50', below: noneBelow, text: `none (< ${noneBelow} B)` }],
    },
  ]
}

function decideTimes(decide, count) {
  let sum = 0
  for (let decision = 0; decision < count; decision++) sum += decide()
  if (sum === 0) throw new Error('nothing was decided')
}
