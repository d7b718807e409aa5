/** Prices at a distance, for targets and stops. Pure; any thread. */

/**
 * The price `fraction` of `ticks` away, rounded to a tick, at least one tick away and at least 1.
 *
 * @param direction - +1 upwards, −1 downwards.
 */
export function ticksBeyond(ticks: number, direction: number, fraction: number): number {
  return Math.max(1, ticks + direction * Math.max(1, Math.round(ticks * fraction)))
}
