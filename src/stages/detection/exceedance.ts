/** The squashes that the built-in detectors make priority scores of. Pure; any thread. */

/**
 * How far evidence passes its threshold: 0 at the threshold (or below), 1/2 at twice, 2/3 at three times, towards 1. Monotone,
 * without a scale to choose, so that scores of different detectors compare.
 *
 * @param value - Of the evidence, ≥ 0.
 * @param threshold - That it had to reach, > 0, in the same unit.
 */
export function exceedance(value: number, threshold: number): number {
  return value > threshold ? 1 - threshold / value : 0
}

/**
 * How far a share passes its threshold: 0 at the threshold (or below), 1 at a share of 1.
 *
 * @param share - At most 1.
 * @param threshold - That it had to reach, in [0, 1].
 */
export function headroom(share: number, threshold: number): number {
  return threshold < 1 ? Math.min(1, Math.max(0, (share - threshold) / (1 - threshold))) : 0
}
