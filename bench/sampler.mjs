// @ts-check
/**
 * Takes samples of a call. Why not `benchmark` for these rows: it gives one mean a cycle, so no percentile of calls; it cannot take
 * target and floor in turns; and it has no open loop.
 *
 * Each sampler gets a function generated for it alone: two calls through one call site make the engine's inline caches polymorphic,
 * and an empty Node-API call then reads 20 ns instead of 9. The loops allocate nothing: samples go into arrays made before.
 *
 * @typedef {() => number} Call What is measured. Its result is summed and kept, so that no call can be dropped as unused.
 * @typedef {(call: Call, samples: Float64Array, first: number, count: number, arg: number, now: () => number) => number} Loop
 */
import { performance } from 'node:perf_hooks'
import { percentilesOf } from './statistics.mjs'

/** Calls in a batch: reading the clock, about 55 ns, is spread over so many that it is less than 0.1 ns of each. */
export const batchCalls = 1_000

/** Rounds in which targets take turns: what slows the machine for a while slows all of them. */
const rounds = 20

/** What every process must have done before it measures: shorter, and p99 of a small decision is 12 × its p50. */
const warmUpMs = { full: 2_000, quick: 400 }

/** Nobody reads it; what is written to it cannot be optimised away. */
export let sink = 0

const batches = `
  let sum = 0
  for (let sample = first; sample < first + count; sample++) {
    const began = now()
    for (let call1 = 0; call1 < arg; call1++) sum += call()
    samples[sample] = ((now() - began) * 1e6) / arg
  }
  return sum`

/** From the intended time on: what is late because the call before it took long, or because the thread was taken away, counts. */
const openLoop = `
  let sum = 0
  let due = now() + arg
  for (let sample = first; sample < first + count; sample++) {
    while (now() < due);
    sum += call()
    samples[sample] = (now() - due) * 1e6
    due += arg
  }
  return sum`

/** @param {string} body @returns {Loop} */
function generated(body) {
  return /** @type {Loop} */ (new Function('call', 'samples', 'first', 'count', 'arg', 'now', `'use strict'${body}`))
}

/** `performance.now` in nanosecond steps, bound once; `hrtime` would allocate a bigint in the loop. Milliseconds. */
const machineClock = performance.now.bind(performance)

/** One call and its samples. */
export class Target {
  /** @param {Call} call @param {string} body @param {number} arg @param {number} count @param {() => number} clock */
  constructor(call, body, arg, count, clock) {
    this.call = call
    this.arg = arg
    this.clock = clock
    this.samples = new Float64Array(count)
    this.loop = generated(body)
    this.taken = 0
  }

  /** @param {number} count */
  take(count) {
    sink += this.loop(this.call, this.samples, this.taken, count, this.arg, this.clock)
    this.taken += count
  }

  /** @param {boolean} isQuick */
  warmUp(isQuick) {
    const endMs = this.clock() + (isQuick ? warmUpMs.quick : warmUpMs.full)
    const chunk = Math.min(this.samples.length, 200)
    while (this.clock() < endMs) sink += this.loop(this.call, this.samples, 0, chunk, this.arg, this.clock)
  }
}

/**
 * For calls below 1 µs: each sample is the mean of a batch of {@link batchCalls}.
 *
 * @param {Call} call
 * @param {{ isQuick: boolean, calls?: number, count?: number, clock?: () => number }} options
 */
export function batched(call, { isQuick, calls = batchCalls, count = isQuick ? 200 : 2_000, clock = machineClock }) {
  return new Target(call, batches, calls, count, clock)
}

/**
 * For calls of 1 µs and more: one call each `intervalNs`, from the time at which it was meant to begin.
 *
 * @param {Call} call
 * @param {{ isQuick: boolean, intervalNs: number, count?: number, clock?: () => number }} options
 */
export function openLooped(call, { isQuick, intervalNs, count = isQuick ? 4_000 : 40_000, clock = machineClock }) {
  return new Target(call, openLoop, intervalNs / 1e6, count, clock)
}

/**
 * Warms each target up, then samples all of them in turns.
 *
 * @param {readonly Target[]} targets
 * @param {boolean} isQuick
 */
export function sampleInTurns(targets, isQuick) {
  for (const target of targets) target.warmUp(isQuick)
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) target.take(target.samples.length / rounds)
  }
}

/**
 * One after the other, each with its warm-up and then without a pause: for targets that share code, where the second would spoil the
 * first one's caches, and for open loops, which would begin anew each turn and forget what was late.
 *
 * @param {readonly Target[]} targets
 * @param {boolean} isQuick
 */
export function sampleInOrder(targets, isQuick) {
  for (const target of targets) {
    target.warmUp(isQuick)
    target.take(target.samples.length)
  }
}

/**
 * A row of a target, against a floor where there is one.
 *
 * @param {string} name
 * @param {Target} target
 * @param {{ floor?: { name: string, value: number } | null, ratio?: number | null, bars?: readonly import('./statistics.mjs').Bar[] }} [options]
 * @returns {import('./statistics.mjs').Measured}
 */
export function measured(name, target, { floor = null, ratio = null, bars = [] } = {}) {
  const percentiles = percentilesOf(target.samples)
  return {
    name,
    unit: 'ns',
    samples: target.samples.length,
    ...percentiles,
    throughput_per_s: 1e9 / percentiles.p50,
    floor,
    ratio: ratio ?? (floor === null ? null : percentiles.p50 / floor.value),
    bars,
  }
}

/** @param {Target} target */
export function p50Of(target) {
  return percentilesOf(target.samples).p50
}
