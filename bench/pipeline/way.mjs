/**
 * How long a record takes through the stages of a live engine: from when it was meant to be sent until the reservation that it caused is
 * answered. Open loop: record k is due at k times the interval, whatever became of those before. Latencies are those that the engine
 * keeps in its region (a histogram of 64 buckets a power of two: at most 1.6 % too high).
 *
 * `spread` is set against the same stages, the same plan, on `MessagePort`s (`port-pipeline.mjs`), in the same process, in turns.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonicNs } from '../../dist/base/clock.js'
import { collectAlone } from '../../dist/base/collections.js'
import { Engine } from '../../dist/engine.js'
import { p50AtMost, ratioAtLeast } from '../bars.mjs'
import { config, instruments, Market, timeline } from './market.mjs'
import { figuresOf, paced } from './pace.mjs'
import { PortPipeline } from './port-pipeline.mjs'
import { twoThreads } from './two-threads.mjs'

const detectorModule = new URL('./drill.mjs', import.meta.url)
const eventNsPerRecord = 10e6

export function measure(argument, isQuick) {
  // As `signalbox run` does; the ports have it too.
  collectAlone()
  return { compact, spread, throughput }[argument](isQuick)
}

/** The bar's row, and how many times as long the same takes on ports. 20,000 records a second, 5,000 decisions. */
async function compact(isQuick) {
  const intervalNs = 50_000
  const { mine, theirs } = await inTurns('compact', intervalNs, isQuick)
  const least = await twoThreads(isQuick ? 1 : 9, intervalNs)
  const floor = { name: 'the same stages on MessagePort', value: theirs.p50 }
  return [
    { ...rowOf('state update to reservation, compact', mine), bars: [p50AtMost(10_000), p99AtMost(60_000)] },
    { ...rowOf('the same stages on MessagePort, compact', theirs), bars: [] },
    { ...rowOf('compact against MessagePort', mine), floor, ratio: theirs.p50 / mine.p50, bars: [] },
    { ...rowOf('two threads that only hand on a time', least), bars: [] },
  ]
}

/** 2,000 records a second, 500 decisions. On fewer cores than threads each hand-over wakes somebody, on ports as on channels. */
async function spread(isQuick) {
  const { mine, theirs } = await inTurns('spread', 500_000, isQuick)
  const floor = { name: 'the same stages on MessagePort', value: theirs.p50 }
  return [
    {
      ...rowOf('state update to reservation, spread', mine),
      ...{ floor, ratio: theirs.p50 / mine.p50, bars: [ratioAtLeast(8)] },
    },
    { ...rowOf('the same stages on MessagePort, spread', theirs), bars: [] },
  ]
}

/** Engine and ports in turns, one at a time: each has the machine for itself. */
async function inTurns(topology, intervalNs, isQuick) {
  const all = { mine: [], theirs: [] }
  for (let round = 0; round < (isQuick ? 1 : 3); round++) {
    for (const [Kind, key] of [
      [FlowEngine, 'mine'],
      [PortPipeline, 'theirs'],
    ]) {
      const pipeline = await Kind.open(topology, detectorModule)
      // What is rare on the way is compiled late: it takes many events to be hot.
      await pipeline.flood(isQuick ? 20_000 : 300_000)
      all[key].push(await pipeline.paced(...(isQuick ? [0.5, 1] : [5, 3]), intervalNs))
      await pipeline.end()
    }
  }
  return { mine: merged(all.mine), theirs: merged(all.theirs) }
}

/**
 * As fast as they go, until all is at rest: records a second through all stages, once what they run is compiled. Ports hold nobody back: what waits
 * there lies in memory, so theirs are fewer.
 */
async function throughput(isQuick) {
  const warm = isQuick ? 15_000 : 400_000
  const records = isQuick ? 60_000 : 1_200_000
  const rounds = isQuick ? 1 : 3
  const mine = []
  const theirs = []
  for (let round = 0; round < rounds; round++) {
    for (const [Kind, into, count] of [
      [FlowEngine, mine, records],
      [PortPipeline, theirs, isQuick ? records : records / 3],
    ]) {
      const pipeline = await Kind.open('spread', detectorModule)
      await pipeline.flood(warm)
      into.push(await pipeline.flood(count))
      await pipeline.end()
    }
  }
  const [ours, floorNs] = [middle(mine), middle(theirs)]
  const floor = { name: 'the same stages on MessagePort', value: floorNs }
  const row = { unit: 'ns', samples: records * rounds, p99: null, p999: null, max: null }
  return [
    {
      ...{ ...row, name: 'records through all stages, spread', p50: ours, throughput_per_s: 1e9 / ours, floor },
      ratio: floorNs / ours,
      bars: [ratioAtLeast(8)],
    },
    {
      ...row,
      name: 'the same stages on MessagePort, flood',
      p50: floorNs,
      throughput_per_s: 1e9 / floorNs,
      floor: null,
      ratio: null,
      bars: [],
    },
  ]
}

const middle = (values) => values.sort((one, other) => one - other)[values.length >> 1]

const p99AtMost = (ns) => ({ of: 'p99', atMost: ns, text: `p99 ≤ ${ns / 1_000} µs` })

function rowOf(name, { p50, p99, p999, max, count }) {
  return { name, unit: 'ns', samples: count, p50, p99, p999, max, throughput_per_s: null, floor: null, ratio: null }
}

/** Of rounds: the middle of each figure. */
function merged(all) {
  const of = (key) => middle(all.map((figures) => figures[key]))
  const count = all.reduce((sum, figures) => sum + figures.count, 0)
  return { p50: of('p50'), p99: of('p99'), p999: of('p999'), max: of('max'), count }
}

/** A live engine on free-running threads. */
export class FlowEngine {
  #market = new Market()

  static async open(topology) {
    const engine = new FlowEngine()
    engine.engine = new Engine({
      ...{ config, instruments, timeline, topology, monotonicNs, backend: 'native', journal: null, mode: 'live' },
      detectorModule,
      report: (line) => process.stderr.write(`${line}\n`),
    })
    await engine.engine.start()
    engine.#market.warmUp((record) => engine.engine.warmUp(record))
    return engine
  }

  /** Latencies of `seconds` at this pace, after `warmSeconds` of it. */
  async paced(warmSeconds, seconds, intervalNs) {
    const histogram = this.engine.region.histogram('reservation')
    let before
    const begin = () => {
      before = histogram.copy()
    }
    const send = (intendedNs) => this.send(intendedNs)
    // As a live run takes in behind each batch of its feed.
    const poll = () => this.engine.takeIn()
    await paced({ warmSeconds, seconds, intervalNs, send, begin, poll })
    this.engine.figures()
    return figuresOf(histogram.since(before))
  }

  /** Nanoseconds a record. */
  async flood(records) {
    const beganNs = monotonicNs()
    for (let sent = 0; sent < records; sent++) {
      this.send(monotonicNs())
      if (sent % 64 !== 63) continue
      await nextTurn()
      // As a live run holds its feed back.
      while (this.engine.flow.isCongested) await nextTurn()
    }
    this.engine.figures()
    return (monotonicNs() - beganNs) / records
  }

  send(intendedNs) {
    const record = this.#market.trade(eventNsPerRecord)
    const { board } = this.engine.flow
    board.tellTime(record.atNs, intendedNs)
    board.tellFeedAlive(intendedNs)
    this.engine.process(record, intendedNs)
  }

  async end() {
    this.engine.stop()
    this.engine.close()
    await nextTurn()
  }
}
