/** The clock of the open loop, on a thread of its own as a socket is: says that records are due, whatever has become of those before. */
import { parentPort, workerData } from 'node:worker_threads'
import { monotonicNs } from '../../dist/base/clock.js'

const { beganNs, intervalNs, stop } = workerData
const ending = new Int32Array(stop)

for (let due = 0; Atomics.load(ending, 0) === 0; ) {
  const waitNs = beganNs + due * intervalNs - monotonicNs()
  if (waitNs > 0) Atomics.wait(ending, 0, 0, waitNs / 1e6)
  else {
    due = Math.floor((monotonicNs() - beganNs) / intervalNs) + 1
    parentPort.postMessage(due)
  }
}
