/**
 * The only file that reads a clock. Everything else is handed a {@link Clock} or a time.
 * Any thread; a clock object belongs to the thread that made it.
 */
import { hrtime } from 'node:process'

/** One source of time. All times are integers in nanoseconds. */
export interface Clock {
  /** Wall time since the Unix epoch. Live: the machine's; replay: the newest record's. */
  wallNs(): bigint
  /** Time that never goes back and has no relation to the wall: leases, heartbeats, latencies. */
  monotonicNs(): number
}

const monotonicStart = hrtime.bigint()

/** Monotonic nanoseconds since this module was loaded; exact for 104 days. Reading it costs about 60 ns. */
export function monotonicNs(): number {
  return Number(hrtime.bigint() - monotonicStart)
}

/** The machine's clocks. */
export const systemClock: Clock = {
  wallNs: () => BigInt(Date.now()) * 1_000_000n,
  monotonicNs,
}
