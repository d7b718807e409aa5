/**
 * One end of a channel in a thread of its own. `send`: `count` records, numbered from `from`, of this sender. `receive`: until the
 * end, and checks them: whole, and of each sender in order; says what it had. `receive-any`: the same of several channels with one bell.
 * A record is sender, number, and both again.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Channel } from '../../../dist/channel/channel.js'
import { waitForAny } from '../../../dist/channel/wait.js'

const {
  descriptor,
  descriptors,
  job,
  who = 0,
  from = 1,
  count = 0,
  pauseEvery = 0,
  gate,
  isRoomFirst,
  inTurns,
} = workerData

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
    if (isRoomFirst && !(sender.waitForRoom() && sender.hasRoom))
      throw new Error('room was waited for, and there is none')
    if (sender.send({ who, number })) sent += 1
    if (pauseEvery > 0 && number % pauseEvery === 0) pause()
  }
  if (gate === undefined) sender.close()
  return { sent }
}

/** What came by a channel. */
function checked(receiver, { whenFull }) {
  const batch = receiver.batch(16)
  const newest = new Map()
  let [received, torn, backwards] = [0, 0, 0]
  return {
    receive() {
      const had = receiver.receive(batch)
      for (let index = 0; index < had; index += 1) {
        const { who: sender, number, isWhole } = batch[index]
        received += 1
        if (!isWhole) torn += 1
        // With `conflate` each key has its own order.
        const line = whenFull === 'conflate' ? number % 5 : sender
        if (number <= (newest.get(line) ?? 0)) backwards += 1
        newest.set(line, number)
      }
      return had
    },
    had: () => ({ received, torn, backwards, newest: Object.fromEntries(newest) }),
  }
}

function receive() {
  const receiver = Channel.attach(descriptor).receiver(codec)
  parentPort.postMessage('ready')
  const came = checked(receiver, descriptor.options)
  while (receiver.wait()) {
    const had = came.receive()
    if (pauseEvery > 0 && had > 0 && came.had().received % pauseEvery === 0) pause()
  }
  return came.had()
}

/** With `inTurns` for any and for the next one, one after another: news of all are there while it waits for one. */
function receiveAny() {
  const receivers = descriptors.map((each) => Channel.attach(each).receiver(codec))
  const came = receivers.map((receiver, at) => checked(receiver, descriptors[at].options))
  parentPort.postMessage('ready')
  for (let turn = 0; !receivers.every(({ isAtEnd }) => isAtEnd); turn += 1) {
    if (!inTurns || turn % 2 === 0) waitForAny(receivers)
    else receivers[((turn - 1) / 2) % receivers.length].wait()
    for (const channel of came) channel.receive()
  }
  return came.map(({ had }) => had())
}

const jobs = { send, receive, 'receive-any': receiveAny }
parentPort.postMessage(jobs[job]())
