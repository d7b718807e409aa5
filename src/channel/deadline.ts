/** When a wait ends, on the monotonic clock. Any thread. */
import { monotonicNs } from '../base/clock.ts'
import { nsPerMs } from '../domain/units.ts'

/** @returns Nanoseconds; Infinity: never. */
export function deadlineOf(timeoutMs: number): number {
  return timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : monotonicNs() + timeoutMs * nsPerMs
}

/** @returns Milliseconds; 0 or less: the time is over. */
export function leftOf(deadlineNs: number): number {
  return deadlineNs === Number.POSITIVE_INFINITY ? deadlineNs : (deadlineNs - monotonicNs()) / nsPerMs
}
