/** An open loop, and what its latencies were meanwhile. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonicNs } from '../../dist/base/clock.js'

/** How often the event loop turns, which has timers and ports. Each turn allocates. */
const turnEveryNs = 1e6
const restMs = 0.15
const pillow = new Int32Array(new SharedArrayBuffer(4))

/** The figures of a histogram that a bench shows. */
export function figuresOf(histogram) {
  const at = (fraction) => histogram.percentile(fraction)
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: histogram.max, count: histogram.count }
}

/**
 * Calls `send` at every due time, with that time; turns the event loop now and then. `begin` is called after `warmSeconds` of it, in the same
 * loop so that no code is entered anew, and it goes on for `seconds`.
 *
 * @param poll - Takes in what the others said, while it is waited for the next record; never waits.
 */
export async function paced({ warmSeconds, seconds, intervalNs, send, begin, poll = () => undefined }) {
  const beganNs = monotonicNs() + 1e6
  const warm = Math.round((warmSeconds * 1e9) / intervalNs)
  const count = warm + Math.round((seconds * 1e9) / intervalNs)
  const perTurn = Math.max(1, Math.round(turnEveryNs / intervalNs))
  for (let sent = 0; sent < count; ) {
    if (sent === warm) begin()
    // The turn that it begins in ends before it.
    const records = Math.min(perTurn, (sent < warm ? warm : count) - sent)
    sendThrough(beganNs + sent * intervalNs, records, intervalNs, send, poll)
    sent += records
    await nextTurn()
  }
}

/** Those of one turn: in a function that is no coroutine, whose numbers need no memory. */
function sendThrough(firstNs, count, intervalNs, send, poll) {
  for (let index = 0; index < count; index++) {
    const dueNs = firstNs + index * intervalNs
    // Where there is time, the core is left to those who have work.
    const leftMs = (dueNs - monotonicNs()) / 1e6
    if (leftMs > restMs) Atomics.wait(pillow, 0, 0, leftMs - restMs / 2)
    spinUntil(dueNs, poll)
    send(dueNs)
  }
}

const looksPerPoll = 16
/** What a poll and the looks behind it take, as measured; in memory that no write allocates. */
const nsPerPoll = new Float64Array(1).fill(500)

/** Spins by polls and looks at memory, which allocate nothing: most of what is left, then the clock, which does, until it is due. */
function spinUntil(dueNs, poll) {
  let nowNs = monotonicNs()
  while (nowNs < dueNs) {
    const polls = Math.ceil((0.75 * (dueNs - nowNs)) / nsPerPoll[0])
    for (let left = polls; left > 0; left--) {
      poll()
      for (let looks = 0; looks < looksPerPoll; looks++) Atomics.load(pillow, 0)
    }
    const beganNs = nowNs
    nowNs = monotonicNs()
    // A poll that took something in took longer than those to come.
    nsPerPoll[0] = Math.max(50, Math.min(nsPerPoll[0] * 1.02, (nowNs - beganNs) / polls))
  }
}
