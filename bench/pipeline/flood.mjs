/**
 * How many records of 128 bytes a second come over when their senders do nothing but send: the receiver takes them in batches and adds
 * them up, and the sums are checked. A sample is a round of many records, from the first that came to the last, by the record.
 */
import { once } from 'node:events'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { Channel } from '../../dist/channel/channel.js'
import { ratioAtLeast } from '../bars.mjs'
import { percentilesOf } from '../statistics.mjs'
import { byHand, numbers, payloads } from './records.mjs'

const rounds = 20
const batchRecords = 64
const clock = performance.now.bind(performance)
/** Of a round: most channels, those whose threads park a lot, and MessagePort. */
const roundRecords = { many: 500_000, some: 40_000, port: 20_000 }

const cases = {
  MessagePort: againstMessagePort,
  'capacity 10': (isQuick) => alone('capacity 10', { capacity: 10 }, roundRecords.some, isQuick),
  '4 senders': (isQuick) => alone('4 senders, spinUs 0', { senders: 4, spinUs: 0 }, roundRecords.some, isQuick),
  'drop-oldest': (isQuick) => alone('drop-oldest: a send', { whenFull: 'drop-oldest' }, roundRecords.many, isQuick),
  conflate: (isQuick) => alone('conflate, one key: a send', { whenFull: 'conflate' }, roundRecords.many, isQuick),
  numbersCodec: (isQuick) => alone('numbersCodec', { codec: 'numbers' }, roundRecords.many, isQuick),
}

export function measure(argument, isQuick) {
  return cases[argument](isQuick)
}

async function againstMessagePort(isQuick) {
  const { port1: port, port2 } = new MessageChannel()
  const senders = await Senders.start({ port: port2 }, [port2])
  const many = new Flood((count) => senders.flood(count, 'floodMany'), roundRecords.many)
  const single = new Flood((count) => senders.flood(count), roundRecords.many)
  const names = Object.keys(payloads)
  const events = names.map((name) => new Flood((count) => senders.floodPort(port, name, count), roundRecords.port))
  const polled = names.map((name) => new Flood((count) => senders.floodPolled(port, name, count), roundRecords.port))
  await inTurns([many, single, ...events, ...polled], isQuick)
  await senders.end()
  port.close()
  const ports = [...events, ...polled]
  const value = Math.min(...ports.map((flood) => flood.percentiles.p50))
  const floor = { name: 'MessagePort, the fastest below', value }
  const row = many.row('channel flood, 128 B, 64 a send', floor, value / many.percentiles.p50, [ratioAtLeast(15)])
  const oneByOne = single.row('channel flood, 128 B, one a send', floor, value / single.percentiles.p50)
  const named = (how, all) => names.map((name, at) => all[at].row(`MessagePort flood, ${name}${how}`))
  return [row, oneByOne, ...named('', events), ...named(', polled', polled)]
}

async function alone(name, options, count, isQuick) {
  const senders = await Senders.start(options)
  const flood = new Flood((records) => senders.flood(records), count)
  await inTurns([flood], isQuick)
  const rows = [flood.row(`channel flood, ${name}`)]
  if (senders.isLossy) rows.push(senders.receivedRow(`of them received, ${name.split(':')[0]}`))
  await senders.end()
  return rows
}

async function inTurns(kinds, isQuick) {
  for (const kind of kinds) await kind.warmUp(isQuick)
  for (let round = 0; round < rounds; round += 1) for (const kind of kinds) await kind.takeRound(round)
}

/** Rounds of one kind. */
class Flood {
  #samples = new Float64Array(rounds)
  #percentiles = null

  /** @param take - Has so many records sent. Resolves to the time from the first to the last of them, milliseconds. */
  constructor(take, count) {
    this.take = take
    this.count = count
  }

  async warmUp(isQuick) {
    const endMs = clock() + (isQuick ? 400 : 2_000)
    while (clock() < endMs) await this.take(this.count)
  }

  async takeRound(round) {
    this.#samples[round] = ((await this.take(this.count)) * 1e6) / this.count
  }

  get percentiles() {
    this.#percentiles ??= percentilesOf(this.#samples)
    return this.#percentiles
  }

  row(name, floor = null, ratio = null, bars = []) {
    const throughput = 1e9 / this.percentiles.p50
    return { name, unit: 'ns', samples: rounds, ...this.percentiles, throughput_per_s: throughput, floor, ratio, bars }
  }
}

/** The threads that send, and this thread's end of their channel. */
class Senders {
  #workers
  #channel
  #receiver
  #batch

  static async start(
    { codec = 'by hand', whenFull = 'block', capacity = 1_024, senders = 1, ...rest },
    transferList = [],
  ) {
    const { port, ...options } = rest
    const made = new Senders()
    const used = codec === 'numbers' ? numbers : byHand
    made.#channel = Channel.create({ name: 'flood', whenFull, capacity, senders, ...options }, used)
    const workerData = { back: made.#channel.descriptor, codec, port }
    const start = () => new Worker(new URL('./channel-worker.mjs', import.meta.url), { workerData, transferList })
    made.#workers = Array.from({ length: senders }, start)
    made.#receiver = made.#channel.receiver(used)
    made.#batch = made.#receiver.batch(batchRecords)
    await Promise.all(made.#workers.map((worker) => once(worker, 'message')))
    return made
  }

  get isLossy() {
    return this.#channel.descriptor.options.whenFull !== 'block'
  }

  async flood(count, job = 'flood') {
    const done = this.#begin(job, count / this.#workers.length)
    const senders = this.#workers.length
    const tookMs = receiveMany(this.#receiver, this.#batch, count, senders, this.isLossy)
    await done
    return tookMs
  }

  async floodPort(port, payload, count) {
    const done = this.#begin('floodPort', count, payload)
    const tookMs = await receiveEvents(port, payloads[payload], count)
    await done
    return tookMs
  }

  async floodPolled(port, payload, count) {
    const done = this.#begin('floodPort', count, payload)
    const tookMs = receivePolled(port, payloads[payload], count)
    await done
    return tookMs
  }

  receivedRow(name) {
    const { sent, received } = this.#channel.counters
    const share = (received * 100) / sent
    const nothing = { p99: null, p999: null, throughput_per_s: null, floor: null, ratio: null, bars: [] }
    return { name, unit: '%', samples: sent, ...nothing, p50: share, max: share }
  }

  async end() {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  /** @returns When all of them are done. */
  async #begin(job, count, payload) {
    const done = this.#workers.map((worker) => once(worker, 'message'))
    for (const worker of this.#workers) worker.postMessage({ job, count, payload })
    await Promise.all(done)
  }
}

/** Until the last record of each sender has come, which no policy loses. @returns Milliseconds from the first to the last. */
function receiveMany(receiver, batch, count, senders, isLossy) {
  const last = count / senders
  let [began, received, sum, ended] = [0, 0, 0, 0]
  while (ended < senders) {
    const taken = receiver.receive(batch)
    if (taken === 0) receiver.wait()
    else if (received === 0) began = clock()
    for (let index = 0; index < taken; index += 1) {
      const record = batch[index]
      sum += record.score
      if (record.sequence === last) ended += 1
    }
    received += taken
  }
  const tookMs = clock() - began
  if (!isLossy) requireSum(sum, count, senders)
  return tookMs
}

function receiveEvents(port, { sequenceOf }, count) {
  return new Promise((resolve, reject) => {
    let [began, received, sum] = [0, 0, 0]
    const take = (message) => {
      if (received === 0) began = clock()
      received += 1
      sum += sequenceOf(message)
      if (received < count) return
      const tookMs = clock() - began
      port.off('message', take)
      if (sum === sumTo(count)) resolve(tookMs)
      else reject(new Error(`MessagePort: ${sum} in all`))
    }
    port.on('message', take)
  })
}

function receivePolled(port, { sequenceOf }, count) {
  let [began, received, sum] = [0, 0, 0]
  while (received < count) {
    const taken = receiveMessageOnPort(port)
    if (taken === undefined) continue
    if (received === 0) began = clock()
    received += 1
    sum += sequenceOf(taken.message)
  }
  const tookMs = clock() - began
  requireSum(sum, count, 1)
  return tookMs
}

const sumTo = (last) => (last * (last + 1)) / 2

function requireSum(sum, count, senders) {
  if (sum !== sumTo(count / senders) * senders) throw new Error(`the records received add up to ${sum}`)
}
