// @ts-check
import { wilsonInterval } from '../dist/learn/statistics.js'

/**
 * What is made of samples: percentiles of one process, then medians and spread over the processes, and whether a bar holds. Pure.
 *
 * @typedef {'p50' | 'p99' | 'max' | 'throughput_per_s' | 'ratio' | 'p99_over_p50' | 'share'} Judged
 * @typedef {{ readonly of: Judged, readonly atMost?: number, readonly atLeast?: number, readonly below?: number, readonly text: string }} Bar
 *
 * @typedef {object} Measured What one process found out about one row.
 * @property {string} name
 * @property {string} unit
 * @property {number} samples
 * @property {number | null} p50
 * @property {number | null} p99
 * @property {number | null} p999
 * @property {number | null} max
 * @property {number | null} throughput_per_s
 * @property {{ readonly name: string, readonly value: number } | null} floor
 * @property {number | null} ratio Against the floor, within this process.
 * @property {{ readonly hits: number, readonly trials: number }} [share] How many of so many, for rows that count: those of all processes are added up.
 * @property {readonly Bar[]} bars All must hold.
 *
 * @typedef {object} Row What is printed.
 * @property {string} suite
 * @property {string} name
 * @property {string} unit
 * @property {number | null} p50
 * @property {number | null} p99
 * @property {number | null} p999
 * @property {number | null} max
 * @property {number | null} throughput_per_s
 * @property {{ readonly name: string, readonly value: number } | null} floor
 * @property {number | null} ratio
 * @property {string | null} must
 * @property {boolean | null} holds
 * @property {number} samples All processes together.
 * @property {number} runs Fresh processes.
 * @property {readonly [number, number]} [ci95] Of a share over all processes, percents.
 * @property {{ readonly of: string, readonly min: number, readonly max: number }} spread Of the judged value, or of what the row is about.
 */

/**
 * The value that `fraction` of the samples do not pass: one of the samples, never something between two.
 *
 * @param {ArrayLike<number>} sorted Ascending, at least one.
 * @param {number} fraction In (0, 1].
 */
export function percentile(sorted, fraction) {
  return /** @type {number} */ (sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)])
}

/** @param {Float64Array} samples Is left as it was. */
export function percentilesOf(samples) {
  const sorted = samples.slice().sort()
  return {
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    max: percentile(sorted, 1),
  }
}

/**
 * The middle value; of an even number the mean of the two in the middle. Null where no process has one.
 *
 * @param {readonly (number | null)[]} values
 */
export function median(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b)
  if (sorted.length === 0) return null
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * One row of what several fresh processes measured. Ratios were taken within each: a machine that is slow for one process is slow
 * for its floor too, and the median of the ratios is not the ratio of the medians.
 *
 * @param {string} suite
 * @param {readonly Measured[]} runs At least one, all of the same row.
 * @returns {Row}
 */
export function rowOf(suite, runs) {
  const [first] = runs
  const { name, unit, bars } = first
  const hits = runs.reduce((sum, run) => sum + (run.share?.hits ?? 0), 0)
  const trials = runs.reduce((sum, run) => sum + (run.share?.trials ?? 0), 0)
  const share = trials === 0 ? null : (100 * hits) / trials
  /** @param {Judged | 'p999'} key */
  const middle = (key) => (key === 'share' ? share : median(runs.map((run) => valueIn(run, key))))
  const about = bars[0]?.of ?? (first.p50 === null ? 'throughput_per_s' : 'p50')
  const judged = runs.map((run) => valueIn(run, about)).filter((value) => value !== null)
  const floorValue = median(runs.map((run) => run.floor?.value ?? null))
  return {
    suite,
    name,
    unit,
    p50: share ?? middle('p50'),
    p99: middle('p99'),
    p999: middle('p999'),
    max: middle('max'),
    throughput_per_s: middle('throughput_per_s'),
    floor: first.floor === null || floorValue === null ? null : { name: first.floor.name, value: floorValue },
    ratio: middle('ratio'),
    must: bars.length === 0 ? null : bars.map((bar) => bar.text).join(', '),
    holds: bars.length === 0 ? null : bars.every((bar) => isKept(bar, middle(bar.of))),
    samples: runs.reduce((sum, run) => sum + run.samples, 0),
    runs: runs.length,
    ...(share === null ? {} : { ci95: percentsOf(wilsonInterval(hits, trials)) }),
    spread: { of: about, min: Math.min(...judged), max: Math.max(...judged) },
  }
}

/**
 * @param {Measured} run
 * @param {Judged | 'p999'} key
 */
function valueIn(run, key) {
  if (key === 'share') return run.p50
  if (key !== 'p99_over_p50') return run[key]
  return run.p99 === null || run.p50 === null ? null : run.p99 / run.p50
}

/**
 * @param {Bar} bar
 * @param {number | null} value
 */
function isKept(bar, value) {
  if (value === null) return false
  if (bar.atMost !== undefined && value > bar.atMost) return false
  if (bar.below !== undefined && value >= bar.below) return false
  return bar.atLeast === undefined || value >= bar.atLeast
}

/** @param {readonly [number, number] | null} interval @returns {readonly [number, number]} */
function percentsOf(interval) {
  if (interval === null) throw new Error('an interval of nothing was asked for')
  return [100 * interval[0], 100 * interval[1]]
}
