/** Prices at a distance, for targets and stops. Pure; any thread. */

/**
 * The price `fraction` of `ticks` away, rounded to a tick, at least one tick away, at least 1 and below 2^53.
 *
 * @param direction - +1 upwards, −1 downwards.
 */
export function ticksBeyond(ticks: number, direction: number, fraction: number): number {
  const beyond = ticks + direction * Math.max(1, Math.round(ticks * fraction))
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(1, beyond))
}
