/**
 * One end of a channel in a thread of its own. `send`: `count` records, numbered from `from`, of this sender. `receive`: until the
 * end, and checks them: whole, and of each sender in order; says what it had. A record is sender, number, and both again.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Channel } from '../../../dist/channel/channel.js'

const { descriptor, job, who = 0, from = 1, count = 0, pauseEvery = 0, gate } = workerData

const codec = {
  size: 4,
  write(record, values, at) {
    values[at] = record.who
    values[at + 1] = record.number
    values[at + 2] = record.who * 7
    values[at + 3] = record.number * 7
  },
  read(values, at, into) {
    into.who = values[at]
    into.number = values[at + 1]
    into.isWhole = values[at + 2] === into.who * 7 && values[at + 3] === into.number * 7
  },
  create: () => ({ who: 0, number: 0, isWhole: true }),
}

/** Gives the core up for a moment: the other end gets ahead, or lags, wherever both share one. */
function pause() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.05)
}

function send() {
  const sender = Channel.attach(descriptor).sender(codec, (record) => record.number % 5)
  parentPort.postMessage('ready')
  let sent = 0
  for (let number = from; number < from + count; number += 1) {
    if (sender.send({ who, number })) sent += 1
    if (pauseEvery > 0 && number % pauseEvery === 0) pause()
  }
  if (gate === undefined) sender.close()
  return { sent }
}

function receive() {
  const receiver = Channel.attach(descriptor).receiver(codec)
  parentPort.postMessage('ready')
  const batch = receiver.batch(16)
  const newest = new Map()
  let [received, torn, backwards] = [0, 0, 0]
  while (receiver.wait()) {
    const had = receiver.receive(batch)
    for (let index = 0; index < had; index += 1) {
      const { who: sender, number, isWhole } = batch[index]
      received += 1
      if (!isWhole) torn += 1
      // With `conflate` each key has its own order.
      const line = descriptor.options.whenFull === 'conflate' ? number % 5 : sender
      if (number <= (newest.get(line) ?? 0)) backwards += 1
      newest.set(line, number)
    }
    if (pauseEvery > 0 && received % pauseEvery === 0) pause()
  }
  return { received, torn, backwards, newest: Object.fromEntries(newest) }
}

parentPort.postMessage(job === 'send' ? send() : receive())
