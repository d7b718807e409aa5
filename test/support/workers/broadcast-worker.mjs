/**
 * One of many at a broadcast, in a thread of its own. `announce`: adds `count` times to the word and announces each. `wait`: until the word
 * has come to `until`; says how often a wait returned. `sleep`: waits for what never comes.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Broadcast } from '../../../dist/channel/broadcast.js'

const { descriptor, words, job, count = 0, until = 0 } = workerData
const broadcast = Broadcast.attach(descriptor)

const jobs = {
  announce() {
    for (let change = 0; change < count; change += 1) {
      Atomics.add(words, 0, 1)
      broadcast.announce()
    }
    return count
  },
  wait() {
    let waits = 0
    for (let seen = broadcast.now(); Atomics.load(words, 0) < until; waits += 1) {
      const now = broadcast.wait(seen)
      if (now === seen) throw new Error('the wait ended before its time')
      seen = now
    }
    return waits
  },
  sleep() {
    for (let seen = broadcast.now(); ; ) seen = broadcast.wait(seen)
  },
}
parentPort.postMessage('ready')
parentPort.postMessage(jobs[job]())
