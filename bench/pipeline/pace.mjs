/** An open loop, and what its latencies were meanwhile. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonicNs } from '../../dist/base/clock.js'

/** Records between two turns of the event loop, which takes in what the others said. */
const recordsPerTurn = 4
const restMs = 0.15
const pillow = new Int32Array(new SharedArrayBuffer(4))

/** A histogram of the region, from now on. */
export class Since {
  #histogram
  #before

  constructor(histogram) {
    this.#histogram = histogram
    this.#before = histogram.copy()
  }

  since() {
    const since = this.#histogram.since(this.#before)
    const at = (fraction) => since.percentile(fraction)
    return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: since.max, count: since.count }
  }
}

/** Calls `send` at every due time, with that time; turns the event loop in between. */
export async function paced(seconds, intervalNs, send) {
  const beganNs = monotonicNs() + 1e6
  const count = Math.round((seconds * 1e9) / intervalNs)
  for (let sent = 0; sent < count; sent++) {
    const dueNs = beganNs + sent * intervalNs
    if (sent % recordsPerTurn === 0) await nextTurn()
    // Where there is time, the core is left to those who have work.
    const leftMs = (dueNs - monotonicNs()) / 1e6
    if (leftMs > restMs) Atomics.wait(pillow, 0, 0, leftMs - restMs / 2)
    // By a clock that allocates nothing: the loop reads it a thousand times a record.
    const dueMs = performance.now() + (dueNs - monotonicNs()) / 1e6
    while (performance.now() < dueMs);
    send(dueNs)
  }
}
