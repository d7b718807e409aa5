/**
 * The only file that reads a clock. Everything else is handed a {@link Clock} or a time.
 * Any thread; a clock object belongs to the thread that made it.
 */
import { hrtime } from 'node:process'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'

/** One source of time. All times are integers in nanoseconds. */
export interface Clock {
  /** Wall time since the Unix epoch. Live: the machine's; replay: the newest record's. */
  wallNs(): bigint
  /** Time that never goes back and has no relation to the wall: leases, heartbeats, latencies. */
  monotonicNs(): number
}

const originKey = 'signalbox: where monotonicNs begins'

/** The clock's zero. Environment data goes to every Worker that a thread starts: they all have that of the thread that was first. */
function origin(): readonly [seconds: number, ns: number] {
  const known = getEnvironmentData(originKey)
  if (Array.isArray(known)) return known as [number, number]
  const now = hrtime()
  setEnvironmentData(originKey, now)
  return now
}

const [originSeconds, originNs] = origin()

/**
 * Monotonic nanoseconds since this module was first loaded; exact for 104 days. Reading it costs about 50 ns, and no memory where its caller
 * is hot: of the pair of numbers nothing is left then, while a bigint is made for each reading. Times of a thread and of the workers that
 * it starts may be compared.
 */
export function monotonicNs(): number {
  const now = hrtime()
  return (now[0] - originSeconds) * 1e9 + (now[1] - originNs)
}

/** The machine's clocks. */
export const systemClock: Clock = {
  wallNs: () => BigInt(Date.now()) * 1_000_000n,
  monotonicNs,
}
