/** Arbitrations made up by hand or at random, for what is learnt from them. */
import type { Random } from '../../src/base/random.ts'
import type { ArbitrationSet } from '../../src/learn/tuning/arbitration-set.ts'
import type { TrialSeries } from '../../src/learn/tuning/trial-series.ts'

export interface MadeUpCandidate {
  readonly raw: readonly [number, number, number, number]
  readonly pnl: number
}

export interface MadeUpArbitration {
  /** In the order of ERRATA E10 behind the score. */
  readonly candidates: readonly MadeUpCandidate[]
  /** Default: ten minutes after the one before. */
  readonly atSeconds?: number
  /** Default 60. */
  readonly holdSeconds?: number
  /** Default `trend`. */
  readonly regime?: string
}

export function arbitrationSet(arbitrations: readonly MadeUpArbitration[]): ArbitrationSet {
  const rows = arbitrations.flatMap(({ candidates }) => candidates)
  const first = new Int32Array(arbitrations.length + 1)
  for (const [at, { candidates }] of arbitrations.entries()) first[at + 1] = first[at]! + candidates.length
  const atSeconds = Float64Array.from(arbitrations, (one, at) => one.atSeconds ?? 1_781_600_000 + at * 600)
  const regimes = [...new Set(arbitrations.map(({ regime }) => regime ?? 'trend'))]
  const component = (at: 0 | 1 | 2 | 3): Float64Array => Float64Array.from(rows, ({ raw }) => raw[at])
  return {
    count: arbitrations.length,
    first,
    raw: [component(0), component(1), component(2), component(3)],
    ageBonus: new Float64Array(rows.length),
    pnl: Float64Array.from(rows, ({ pnl }) => pnl),
    selected: new Int32Array(arbitrations.length),
    atSeconds,
    endsSeconds: atSeconds.map((seconds, at) => seconds + (arbitrations[at]!.holdSeconds ?? 60)),
    regime: Uint16Array.from(arbitrations, ({ regime }) => regimes.indexOf(regime ?? 'trend')),
    regimes,
    leftOut: 0,
  }
}

/**
 * Two candidates: the first has all of the priority score, the second all of the expected value. Weights on the one choose the first, weights on
 * the other the second.
 */
export function twoSided(first: number, second: number): MadeUpArbitration {
  return {
    candidates: [
      { raw: [1, 0, 0, 0], pnl: first },
      { raw: [0, 0, 0, 1], pnl: second },
    ],
  }
}

/** Standard normal, by the sum of twelve uniform numbers. */
export function roughlyNormal(random: Random): number {
  let sum = -6
  for (let at = 0; at < 12; at += 1) sum += random.fraction()
  return sum
}

/** Trials of a row of differences each, a stretch an arbitration; the first is judged. */
export function trialsOf(rows: readonly (readonly number[])[]): TrialSeries {
  const count = rows[0]!.length
  return {
    count,
    starts: Int32Array.from({ length: count + 1 }, (_, at) => at),
    current: new Float64Array(count),
    differences: rows.map((row) => Float64Array.from(row)),
    weights: rows.map((_, trial) => [40 + trial, 30, 20, 10 - trial] as const),
    judged: 0,
    isJudgedApart: false,
  }
}
