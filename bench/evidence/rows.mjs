/** Rows of the evidence: how many of so many markets, in percents. */

const nothing = { p99: null, p999: null, max: null, throughput_per_s: null, floor: null, ratio: null }

/** @param bars - Of `share`, in percents. */
export function shareRow(name, hits, trials, bars = []) {
  return { ...nothing, name, unit: '%', samples: trials, p50: (100 * hits) / trials, share: { hits, trials }, bars }
}

export const shareAtMost = (percents) => ({ of: 'share', atMost: percents, text: `≤ ${percents} %` })
export const shareAtLeast = (percents) => ({ of: 'share', atLeast: percents, text: `≥ ${percents} %` })

/** A figure of one process that is no share. @param bars - Of `p50`. */
export function figureRow(name, unit, value, samples, bars = []) {
  return { ...nothing, name, unit, samples, p50: value, bars }
}

/** Seeds of a process are its own: run 0's begin at the base. */
export function seedOf(base, run, market) {
  return base + run * 100_000 + market
}
