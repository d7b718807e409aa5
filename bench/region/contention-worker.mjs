/** The other thread of `contention.mjs`: publishes, hammers the ledger, or races for events, until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads'
import { Region } from '../../dist/region/region.js'
import { racing, reservingPairs } from './contention-loops.mjs'
import { snapshotOf } from './regions.mjs'

const { descriptor, job, everyNs, stop: stopMemory, handles } = workerData
const stop = new Int32Array(stopMemory)
const region = Region.attach(descriptor, { backend: 'native' })

if (job === 'publish') publish()
else if (job === 'reserve') parentPort.postMessage(reservingPairs(region, handles, () => Atomics.load(stop, 0) === 1))
else parentPort.postMessage(racing(region, handles, stop))

/** The same number everywhere: what a reader finds mixed is torn. */
function publish() {
  const snapshot = snapshotOf(1_024)
  const writer = region.claimWriter(snapshot)
  const clock = process.hrtime.bigint
  let count = 0
  let due = clock()
  const began = due
  while (Atomics.load(stop, 0) === 0) {
    if (everyNs > 0) {
      due += BigInt(everyNs)
      while (clock() < due) if (Atomics.load(stop, 0) === 1) break
    }
    count += 1
    writer.rowValues.fill(count)
    writer.head[0] = count
    writer.publish()
  }
  parentPort.postMessage({ count, perSecond: (count * 1e9) / Number(clock() - began) })
}
