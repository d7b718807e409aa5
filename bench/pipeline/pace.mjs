/** An open loop, and what its latencies were meanwhile. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonicNs } from '../../dist/base/clock.js'

/** Records between two turns of the event loop, which takes in what the others said. */
const recordsPerTurn = 4
const restMs = 0.15
const pillow = new Int32Array(new SharedArrayBuffer(4))

/** The figures of a histogram that a bench shows. */
export function figuresOf(histogram) {
  const at = (fraction) => histogram.percentile(fraction)
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: histogram.max, count: histogram.count }
}

/**
 * Calls `send` at every due time, with that time; turns the event loop in between. `begin` is called after `warmSeconds` of it, in the same
 * loop so that no code is entered anew, and it goes on for `seconds`.
 */
export async function paced({ warmSeconds, seconds, intervalNs, send, begin }) {
  const beganNs = monotonicNs() + 1e6
  const warm = Math.round((warmSeconds * 1e9) / intervalNs)
  const count = warm + Math.round((seconds * 1e9) / intervalNs)
  for (let sent = 0; sent < count; sent++) {
    const dueNs = beganNs + sent * intervalNs
    if (sent === warm) begin()
    if (sent % recordsPerTurn === 0) await nextTurn()
    // Where there is time, the core is left to those who have work.
    const leftMs = (dueNs - monotonicNs()) / 1e6
    if (leftMs > restMs) Atomics.wait(pillow, 0, 0, leftMs - restMs / 2)
    spinUntil(dueNs)
    send(dueNs)
  }
}

/** Looks at memory a nanosecond, about; a clock read in between allocates, and a thousand of them a record are a scavenge. */
const looksPerNs = 1 / 16
const looksMin = 8

/** Spins by looks that allocate nothing: half of what is left, then the clock, until it is due. */
function spinUntil(dueNs) {
  for (let leftNs = dueNs - monotonicNs(); leftNs > 0; leftNs = dueNs - monotonicNs()) {
    for (let looks = Math.max(looksMin, leftNs * looksPerNs); looks > 0; looks--) Atomics.load(pillow, 0)
  }
}
