/**
 * One end of a frame ring in a thread of its own. `send`: frames of seeded lengths, each its number and then number × 1000 + index;
 * `publish-first`: the same with HEAD stored before the payload, a fault that the receiver must see. `receive`: checks them.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Random } from '../../../dist/base/random.js'
import { FrameConsumer, FrameProducer } from '../../../dist/channel/frame-ring.js'

const { job, memory, frames, seed } = workerData

function lengths() {
  const random = new Random(seed)
  return () => random.integer(1, 60)
}

function send(isFaulty) {
  const producer = new FrameProducer(memory)
  const nextLength = lengths()
  for (let number = 1; number <= frames; number += 1) {
    const length = nextLength()
    const start = producer.claim(length)
    if (isFaulty) producer.commit(1, length)
    producer.payload[start] = number
    for (let index = 1; index < length; index += 1) producer.payload[start + index] = number * 1000 + index
    if (!isFaulty) producer.commit(1, length)
  }
  producer.close()
  return { wrong: 0, received: 0 }
}

function receive() {
  const consumer = new FrameConsumer(memory)
  const nextLength = lengths()
  let wrong = 0
  let received = 0
  while (consumer.wait(Number.POSITIVE_INFINITY)) {
    for (let frame = consumer.tryReceive(); frame !== null; frame = consumer.tryReceive()) {
      received += 1
      const { start, length } = frame
      if (length !== nextLength() || consumer.payload[start] !== received) wrong += 1
      for (let index = 1; index < length; index += 1) {
        if (consumer.payload[start + index] !== received * 1000 + index) wrong += 1
      }
      // Room is given back after every few, so that the producer waits often.
      if (received % 3 === 0) consumer.release()
    }
    consumer.release()
  }
  return { wrong, received }
}

parentPort.postMessage(job === 'receive' ? receive() : send(job === 'publish-first'))
