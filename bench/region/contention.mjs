/** A region with two threads at it, each on a core of its own where there are two: torn reads, retries, and a ledger that both hammer. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { percentilesOf } from '../statistics.mjs'
import { racing, reservingPairs } from './contention-loops.mjs'
import { createRegion, registerMany, snapshotOf } from './regions.mjs'

const bytes = 1_024
const words = bytes / 8
const wordsWanted = 1e9
const none = { p50: null, p99: null, p999: null, max: null, throughput_per_s: null, floor: null, ratio: null, bars: [] }
const share = (name, samples, value, bars = []) => ({ name, unit: '%', samples, ...none, p50: value, max: value, bars })

export function measure(what, isQuick) {
  return what === 'snapshot' ? snapshot(isQuick) : ledger(isQuick)
}

function start(region, workerData) {
  const stop = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(new URL('./contention-worker.mjs', import.meta.url), {
    workerData: { descriptor: region.descriptor, stop: stop.buffer, ...workerData },
  })
  region.watchWorker(worker)
  const result = once(worker, 'message').then(([message]) => message)
  return {
    stop,
    end() {
      Atomics.store(stop, 0, 1)
      return result
    },
  }
}

async function snapshot(isQuick) {
  const full = await reading(0, isQuick ? 1e7 : wordsWanted, isQuick)
  const paced = await reading(100_000, 0, isQuick)
  const alone = await publishing(isQuick)
  const torn = { of: 'max', atMost: 0, text: `none in ${wordsWanted.toExponential(0)} words` }
  const retries = { of: 'max', below: 0.1, text: 'max < 0.1 %' }
  const perSecond = (name, value) => ({ name, unit: 'ns', samples: 1, ...none, throughput_per_s: value })
  return [
    {
      name: 'words read torn, writer at full speed',
      unit: 'words',
      samples: full.words,
      ...none,
      p50: full.torn,
      max: full.torn,
      bars: [torn],
    },
    share('reads that began again, a publish each 100 µs', paced.reads, (paced.retried * 100) / paced.reads, [retries]),
    share('reads that began again, writer at full speed', full.reads, (full.retried * 100) / full.reads),
    perSecond('publish, 1 KiB, nobody reads', alone),
    perSecond('publish, 1 KiB, one reader', full.publishes),
  ]
}

/** Reads beside a writer: so many words, or for a while. A read is torn when not all of its words are those of its version. */
async function reading(everyNs, wordCount, isQuick) {
  const schema = snapshotOf(bytes)
  const region = createRegion({ snapshots: [schema] })
  const reader = region.reader(schema)
  const writer = start(region, { job: 'publish', everyNs })
  while (reader.read() === 0) await new Promise((resolve) => setImmediate(resolve))
  const endMs = performance.now() + (isQuick ? 300 : 3_000)
  let [reads, retried, torn] = [0, 0, 0]
  while (wordCount > 0 ? reads * words < wordCount : performance.now() < endMs) {
    for (let call = 0; call < 1_000; call += 1) {
      const version = reader.read()
      if (reader.attempts > 1) retried += 1
      if (version > 0) torn += tornWords(reader)
    }
    reads += 1_000
  }
  const { perSecond } = await writer.end()
  return { reads, retried, torn, words: reads * words, publishes: perSecond }
}

function tornWords({ head, rows }) {
  const [version] = head
  let torn = 0
  for (let row = 0; row < rows.length; row += 1) {
    const values = rows[row]
    for (let field = 0; field < values.length; field += 1) if (values[field] !== version) torn += 1
  }
  return torn
}

async function publishing(isQuick) {
  const region = createRegion({ snapshots: [snapshotOf(bytes)] })
  const writer = start(region, { job: 'publish', everyNs: 0 })
  await new Promise((resolve) => setTimeout(resolve, isQuick ? 300 : 2_000))
  return (await writer.end()).perSecond
}

async function ledger(isQuick) {
  const region = createRegion({ positionsMax: 64 })
  const { reservations } = region
  const limits = { maxOpenPositions: 64, maxPositionsPerSymbol: 64, interlock: null, pots: null }
  reservations.setLimits({ ...limits, capitalMinor: 1_000_000_000 })
  const { handles } = registerMany(region, isQuick ? 100 : 2_000)
  const other = start(region, { job: 'reserve', handles: handles.slice(1, 2) })
  const endMs = performance.now() + (isQuick ? 300 : 3_000)
  const here = reservingPairs(region, handles.slice(0, 1), () => performance.now() > endMs)
  const there = await other.end()
  const incomplete = here.incomplete + there.incomplete
  const pairs = here.pairs + there.pairs
  const complete = { of: 'max', atMost: 0, text: 'every operation completes' }
  const racer = start(region, { job: 'race', handles: handles.slice(2) })
  const mine = racing(region, handles.slice(2), racer.stop)
  const theirs = await racer.end()
  const attempts = mine.attempts + theirs.attempts
  const wins = mine.wins + theirs.wins
  if (wins !== handles.length - 2) throw new Error(`${wins} winners of ${handles.length - 2} events`)
  const distribution = (name, samples) => ({
    name,
    unit: 'ns',
    samples: samples.length,
    ...none,
    ...percentilesOf(samples),
  })
  return [
    distribution('reserve + release, two threads at one ledger', here.samples),
    {
      name: 'of them not completed',
      unit: 'pairs',
      samples: pairs,
      ...none,
      p50: incomplete,
      max: incomplete,
      bars: [complete],
    },
    distribution('reserve, 100 strategies race for each event', mine.samples),
    share('of them refused: another had the event', attempts, ((attempts - wins) * 100) / attempts),
  ]
}
