// @ts-check
/**
 * The bars of DESIGN "Speed", as data that says its own text: what is printed is what is judged. Pure.
 *
 * @typedef {import('./statistics.mjs').Bar} Bar
 */

/** @param {number} ns @returns {Bar} */
export const p50AtMost = (ns) => ({ of: 'p50', atMost: ns, text: `p50 ≤ ${durationText(ns)}` })

/** @param {number} times @returns {Bar} */
export const tailAtMost = (times) => ({ of: 'p99_over_p50', atMost: times, text: `p99 ≤ ${times} × p50` })

/** @param {number} times @returns {Bar} */
export const ratioAtMost = (times) => ({ of: 'ratio', atMost: times, text: `≤ ${times} ×` })

/** @param {number} times @returns {Bar} */
export const ratioAtLeast = (times) => ({ of: 'ratio', atLeast: times, text: `≥ ${times} ×` })

/** @param {number} count @returns {Bar} */
export const throughputAtLeast = (count) => ({
  of: 'throughput_per_s',
  atLeast: count,
  text: `≥ ${count.toLocaleString('en-US')} / s`,
})

/** @param {number} ns */
function durationText(ns) {
  return ns < 1_000 ? `${ns} ns` : `${ns / 1_000} µs`
}
