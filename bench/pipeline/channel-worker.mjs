/**
 * The other thread of the channel's cases: does one job at a time, as often as it is told, and says when it is done. Which ends and ports it
 * has is in `workerData`.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Channel } from '../../dist/channel/channel.js'
import { byHand, numbers, payloads, recordOf } from './records.mjs'

const { there, back, port, polledPort, codec: codecName } = workerData
const codec = codecName === 'numbers' ? numbers : byHand
// Of an echo both; of a flood one.
const receiver = there === undefined ? null : Channel.attach(there).receiver(codec)
const sender = back === undefined ? null : Channel.attach(back).sender(codec)
const batch = receiver?.batch(1)

/** Each record goes back as it came. */
function echo(count) {
  for (let trip = 0; trip < count; trip += 1) {
    while (receiver.receive(batch) === 0) receiver.wait()
    sender.send(batch[0])
  }
}

async function echoFromEventLoop(count) {
  for (let trip = 0; trip < count; trip += 1) {
    while (receiver.receive(batch) === 0) await receiver.waitAsync()
    sender.send(batch[0])
  }
}

function echoPolled(count) {
  for (let trip = 0; trip < count; trip += 1) {
    let received
    while (received === undefined) received = receiveMessageOnPort(polledPort)
    polledPort.postMessage(received.message)
  }
}

function flood(count) {
  const record = recordOf(0)
  for (let sequence = 1; sequence <= count; sequence += 1) {
    record.sequence = sequence
    record.score = sequence
    sender.send(record)
  }
}

/** The same, 64 records at a time. */
function floodMany(count) {
  const records = Array.from({ length: 64 }, () => recordOf(0))
  let sequence = 0
  while (sequence < count) {
    let filled = 0
    for (; filled < records.length && sequence < count; filled += 1) {
      sequence += 1
      records[filled].sequence = sequence
      records[filled].score = sequence
    }
    sender.sendMany(records, filled)
  }
}

function floodPort(count, payload) {
  const { create, write } = payloads[payload]
  const message = create(0)
  for (let sequence = 1; sequence <= count; sequence += 1) {
    write(message, sequence)
    port.postMessage(message)
  }
}

const jobs = { echo, echoFromEventLoop, echoPolled, flood, floodMany, floodPort }

port?.on('message', (message) => port.postMessage(message))
parentPort.on('message', async ({ job, count, payload }) => {
  await jobs[job](count, payload)
  parentPort.postMessage('done')
})
parentPort.postMessage('ready')
