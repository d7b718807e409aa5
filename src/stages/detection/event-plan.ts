/**
 * A live event against its own plan: how far the price has come, and whether target, stop or time end it. What every built-in
 * detector asks first when it follows its event. Pure but for the advance; allocates nothing while nothing ends.
 */
import { nsPerSecond } from '../../domain/units.ts'
import type { DetectorContext, LiveEvent } from './detector.ts'

/** +1 when the event gains as the price rises, −1 when it gains as it falls. */
export function directionOf(live: LiveEvent): number {
  return live.side === 'long' ? 1 : -1
}

/** How far the price went in the event's favour since its detection, in units of `sigma` (a fraction); negative against it. */
export function progressSigmasOf(live: LiveEvent, lastTicks: number, sigma: number): number {
  return (directionOf(live) * (lastTicks - live.referenceTicks)) / (live.referenceTicks * sigma)
}

/** At least half of the way to the target is done. */
export function isHalfWay(live: LiveEvent, lastTicks: number): boolean {
  const half = (live.referenceTicks + live.targetTicks) / 2
  return directionOf(live) * (lastTicks - half) >= 0
}

/**
 * Ends the event where its plan says so: INVALIDATED at the stop, else COMPLETED at the target or `completeS` after detection.
 *
 * @returns True when the event has ended: nothing more may be said of it.
 */
export function endsByPlan(
  context: DetectorContext,
  live: LiveEvent,
  lastTicks: number,
  progressSigmas: number,
  completeS: number,
): boolean {
  const direction = directionOf(live)
  if (direction * (lastTicks - live.stopTicks) <= 0) {
    context.advance('INVALIDATED', { progress_sigmas: progressSigmas })
    return true
  }
  const aliveNs = context.nowNs - live.detectedAtNs
  if (direction * (lastTicks - live.targetTicks) < 0 && aliveNs < completeS * nsPerSecond) return false
  context.advance('COMPLETED', { progress_sigmas: progressSigmas, alive_s: aliveNs / nsPerSecond })
  return true
}
