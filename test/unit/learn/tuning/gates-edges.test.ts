/** The edges of the gates' statistics, each beside the right value and how it was obtained. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../../src/base/random.ts'
import { defaultTuningRules } from '../../../../src/domain/tuning-rules.ts'
import type { ArbitrationSet } from '../../../../src/learn/tuning/arbitration-set.ts'
import { deflatedSharpe, expectedMaximum } from '../../../../src/learn/tuning/deflated-sharpe.ts'
import { effectiveSample } from '../../../../src/learn/tuning/effective-sample.ts'
import { judgeWeights } from '../../../../src/learn/tuning/judgement.ts'
import { overfittingProbability } from '../../../../src/learn/tuning/overfitting.ts'
import { realityCheck } from '../../../../src/learn/tuning/reality-check.ts'
import { blockLengthOf } from '../../../../src/learn/tuning/stationary-bootstrap.ts'
import { trialSeriesOf } from '../../../../src/learn/tuning/trial-series.ts'
import { gridLattice } from '../../../../src/learn/tuning/weight-lattice.ts'
import { trialsOf } from '../../../support/made-up-arbitrations.ts'

const reference = JSON.parse(readFileSync(new URL('gates.fixtures.json', import.meta.url), 'utf8'))

/** Two candidates each; the outcome follows the first component a little, and the outcomes of neighbours resemble one another. */
function longSet(count: number): ArbitrationSet {
  const random = new Random(8)
  const rows = 2 * count
  const raw = [0, 1, 2, 3].map(() => Float64Array.from({ length: rows }, () => random.fraction()))
  let level = 0
  const pnl = Float64Array.from({ length: rows }, (_, row) => {
    if (row % 2 === 0) level = 0.8 * level + random.fraction() - 0.5
    return level * (raw[0]![row]! - raw[1]![row]!)
  })
  const atSeconds = Float64Array.from({ length: count }, (_, at) => 60 * at)
  return {
    ...{ count, first: Int32Array.from({ length: count + 1 }, (_, at) => 2 * at), leftOut: 0, regimes: ['trend'] },
    raw: raw as unknown as ArbitrationSet['raw'],
    ...{ ageBonus: new Float64Array(rows), pnl, selected: new Int32Array(count), atSeconds },
    ...{ endsSeconds: atSeconds.map((at) => at + 30), regime: new Uint16Array(count) },
  }
}

describe('edges of the gates', () => {
  it('the deflated Sharpe ratio takes the independent observations of the series whose Sharpe ratio it is', () => {
    const set = longSet(8_000)
    const [current, found] = [[40, 30, 20, 10] as const, [50, 20, 10, 20] as const]
    const series = trialSeriesOf(set, gridLattice, current, found)
    const judged = series.differences[series.judged]!
    const { deflatedSharpe: value, effectiveTrials } = judgeWeights(set, gridLattice, current, found, {
      ...defaultTuningRules,
      resamples: 100,
    })
    expect(series.count).toBe(2_000)
    expect(value).toBeCloseTo(deflatedSharpe(judged, effectiveSample(judged), expectedMaximum(effectiveTrials!)), 4)
  })

  it('a block length that is given in arbitrations is one of as many stretches as hold them', () => {
    const { blockLength } = judgeWeights(longSet(8_000), gridLattice, [40, 30, 20, 10], [50, 20, 10, 20], {
      ...defaultTuningRules,
      resamples: 100,
      blockLength: 40,
    })
    expect(blockLength).toBeCloseTo(10, 9)
  })

  it('of trials equally good inside, all count for their part (exact fractions, half by half), whichever is first', () => {
    for (const [name, parts] of [
      ['A', 6],
      ['B', 4],
      ['D', 4],
      ['D', 6],
    ] as const) {
      const rows: number[][] = reference.matrices[name]
      expect(overfittingProbability(trialsOf(rows), parts)).toBeCloseTo(reference.pbo[name][parts].averaged, 12)
      expect(overfittingProbability(trialsOf(rows.toReversed()), parts)).toBeCloseTo(
        reference.pbo[name][parts].averaged,
        12,
      )
    }
  })

  it('trials equal outside are equal there though their sums are rounded (7 ÷ 12 counted in tenths, as integers)', () => {
    const tenths = [
      [6, 8, 0, 0],
      [8, 4, 0, 0],
      [5, 4, 0, 0],
    ]
    const units = tenths.map((row) => row.map((value) => value / 10))
    expect(overfittingProbability(trialsOf(units), 4)).toBe(overfittingProbability(trialsOf(tenths), 4))
  })

  it('a resample that just reaches the sample counts (48 of all 256 resamples, counted; 36 exceed it)', () => {
    const p = realityCheck(trialsOf([[-3, -1, 5, 8]]), { resamples: 20_000, blockLength: 1, seed: 1 }).p
    expect(Math.abs(p - 48 / 256)).toBeLessThan(0.012)
  })

  it('a series without spread has none though its mean is rounded', () => {
    expect(deflatedSharpe(new Float64Array(10).fill(0.1), 10, 5)).toBe(0)
    expect(effectiveSample(new Float64Array(10).fill(0.1))).toBe(0)
  })

  it('the block length is a number, and the same, in any unit', () => {
    const series = Float64Array.from<number>(reference.series.ar5)
    for (const unit of [1e-90, 1e80]) {
      expect(blockLengthOf(series.map((value) => value * unit))).toBeCloseTo(reference.block.ar5.b, 9)
    }
  })

  it('a trial that never differs changes nothing in the reality check', () => {
    const rules = { resamples: 100, blockLength: 1, seed: 1 }
    const even = [1, 1, 1, 1]
    expect(realityCheck(trialsOf([even, [0, 0, 0, 0]]), rules).p).toBe(realityCheck(trialsOf([even]), rules).p)
  })
})
