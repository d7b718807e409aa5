/**
 * How long one record of 128 bytes takes to another thread: half of a round trip, one trip at a time. Each trip begins when the one
 * before was over, so the clock is read once a trip: about 27 ns of each figure are the clock's, and were left in.
 */
import { once } from 'node:events'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { Channel } from '../../dist/channel/channel.js'
import { p50AtMost, ratioAtLeast } from '../bars.mjs'
import { percentilesOf } from '../statistics.mjs'
import { byHand, payloads, recordOf } from './records.mjs'

const rounds = 20
const clock = performance.now.bind(performance)
/** Half of a trip, from milliseconds. */
const nsPerTripMs = 1e6 / 2

export function measure(argument, isQuick) {
  return { spinning, parked, 'event loop': eventLoop }[argument](isQuick)
}

async function spinning(isQuick) {
  const { port1: port, port2 } = new MessageChannel()
  const { port1: polledPort, port2: polledPort2 } = new MessageChannel()
  const peer = await Peer.start(10_000, { port: port2, polledPort: polledPort2 }, [port2, polledPort2])
  const channel = new Trips((samples, at, count) => peer.trips(samples, at, count), isQuick ? 40_000 : 1_000_000)
  const ports = Object.values(payloads).map((payload) => {
    return new Trips((samples, at, count) => portTrips(port, payload, samples, at, count), isQuick ? 2_000 : 10_000)
  })
  const polled = Object.values(payloads).map((payload) => {
    const take = async (samples, at, count) => {
      const done = peer.begin('echoPolled', count + 1)
      polledTrips(polledPort, payload, samples, at, count)
      await done
    }
    return new Trips(take, isQuick ? 2_000 : 4_000)
  })
  await inTurns([channel, ...ports, ...polled], isQuick)
  await peer.end()
  port.close()
  polledPort.close()
  const value = Math.min(...ports.map((trips) => trips.percentiles.p50))
  const floor = { name: 'MessagePort, the faster of both', value }
  const bars = [p50AtMost(600), ratioAtLeast(50)]
  const named = (how, all) =>
    Object.keys(payloads).map((payload, at) => all[at].row(`MessagePort hop, ${payload}${how}`))
  return [
    channel.row('channel hop, 128 B, both ends spinning', floor, value / channel.percentiles.p50, bars),
    ...named('', ports),
    ...named(', polled', polled),
  ]
}

async function parked(isQuick) {
  const peer = await Peer.start(0)
  const trips = new Trips((samples, at, count) => peer.trips(samples, at, count), isQuick ? 2_000 : 10_000)
  await inTurns([trips], isQuick)
  await peer.end()
  return [trips.row('channel hop, 128 B, both ends parked')]
}

async function eventLoop(isQuick) {
  const peer = await Peer.start(0)
  const trips = new Trips((samples, at, count) => peer.tripsOnEventLoops(samples, at, count), isQuick ? 2_000 : 10_000)
  await inTurns([trips], isQuick)
  await peer.end()
  return [trips.row('channel hop, 128 B, to an event loop')]
}

/** A kind of trip and its samples. */
class Trips {
  #taken = 0
  #percentiles = null

  /** @param take - Takes so many samples, into `samples` from `at` on. */
  constructor(take, count) {
    this.take = take
    this.samples = new Float64Array(count)
  }

  async warmUp(isQuick) {
    const endMs = clock() + (isQuick ? 400 : 2_000)
    while (clock() < endMs) await this.take(this.samples, 0, this.samples.length / rounds)
  }

  async takeRound() {
    const count = this.samples.length / rounds
    await this.take(this.samples, this.#taken, count)
    this.#taken += count
  }

  get percentiles() {
    this.#percentiles ??= percentilesOf(this.samples)
    return this.#percentiles
  }

  row(name, floor = null, ratio = null, bars = []) {
    const { length } = this.samples
    return { name, unit: 'ns', samples: length, ...this.percentiles, throughput_per_s: null, floor, ratio, bars }
  }
}

async function inTurns(kinds, isQuick) {
  for (const kind of kinds) await kind.warmUp(isQuick)
  for (let round = 0; round < rounds; round += 1) for (const kind of kinds) await kind.takeRound()
}

/** The thread at the other end, and this thread's ends of the two channels. */
class Peer {
  #worker
  #sender
  #receiver
  #batch
  #record = recordOf(0)

  static async start(spinUs, data = {}, transferList = []) {
    const peer = new Peer()
    const there = Channel.create({ name: 'there', whenFull: 'block', spinUs }, byHand)
    const back = Channel.create({ name: 'back', whenFull: 'block', spinUs }, byHand)
    const workerData = { there: there.descriptor, back: back.descriptor, ...data }
    peer.#worker = new Worker(new URL('./channel-worker.mjs', import.meta.url), { workerData, transferList })
    peer.#sender = there.sender(byHand)
    peer.#receiver = back.receiver(byHand)
    peer.#batch = peer.#receiver.batch(1)
    await once(peer.#worker, 'message')
    return peer
  }

  /** Lets the other thread begin a job. @returns When it is done. */
  begin(job, count) {
    const done = once(this.#worker, 'message')
    this.#worker.postMessage({ job, count })
    return done
  }

  async trips(samples, at, count) {
    const done = this.begin('echo', count + 1)
    channelTrips(this.#sender, this.#receiver, this.#batch, this.#record, samples, at, count)
    await done
  }

  async tripsOnEventLoops(samples, at, count) {
    const [sender, receiver, batch, record] = [this.#sender, this.#receiver, this.#batch, this.#record]
    const done = this.begin('echoFromEventLoop', count + 1)
    let before = 0
    for (let trip = -1; trip < count; trip += 1) {
      stamp(record, trip)
      sender.send(record)
      while (receiver.receive(batch) === 0) await receiver.waitAsync()
      requireSame(batch[0].score, trip)
      const now = clock()
      if (trip >= 0) samples[at + trip] = (now - before) * nsPerTripMs
      before = now
    }
    await done
  }

  async end() {
    await this.#worker.terminate()
  }
}

/** The first trip, number −1, finds the other thread ready, and is not timed. */
function channelTrips(sender, receiver, batch, record, samples, at, count) {
  let before = 0
  for (let trip = -1; trip < count; trip += 1) {
    stamp(record, trip)
    sender.send(record)
    while (receiver.receive(batch) === 0) receiver.wait()
    requireSame(batch[0].score, trip)
    const now = clock()
    if (trip >= 0) samples[at + trip] = (now - before) * nsPerTripMs
    before = now
  }
}

function polledTrips(port, { create, write, sequenceOf }, samples, at, count) {
  const message = create(0)
  let before = 0
  for (let trip = -1; trip < count; trip += 1) {
    write(message, trip)
    port.postMessage(message)
    let received
    while (received === undefined) received = receiveMessageOnPort(port)
    requireSame(sequenceOf(received.message), trip)
    const now = clock()
    if (trip >= 0) samples[at + trip] = (now - before) * nsPerTripMs
    before = now
  }
}

/** Both ends on their event loops, where the other thread answers at once. */
function portTrips(port, { create, write, sequenceOf }, samples, at, count) {
  return new Promise((resolve) => {
    const message = create(0)
    let trip = -1
    let before = 0
    const answered = (answer) => {
      requireSame(sequenceOf(answer), trip)
      const now = clock()
      if (trip >= 0) samples[at + trip] = (now - before) * nsPerTripMs
      before = now
      trip += 1
      if (trip < count) return post()
      port.off('message', answered)
      resolve()
    }
    const post = () => {
      write(message, trip)
      port.postMessage(message)
    }
    port.on('message', answered)
    post()
  })
}

function stamp(record, sequence) {
  record.sequence = sequence
  record.score = sequence
}

function requireSame(found, sent) {
  if (found !== sent) throw new Error(`${found} came back for ${sent}`)
}
