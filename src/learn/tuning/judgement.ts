/**
 * Whether the weights that a search found are better than the current ones, or only look so: the gates of ERRATA E26. All must be passed; else the
 * current weights stay. Pure: seeded.
 */
import type { TuningRules } from '../../domain/tuning-rules.ts'
import type { Interval } from '../report-figures.ts'
import type { ArbitrationSet } from './arbitration-set.ts'
import { deflatedSharpe, trialsOfMaximum } from './deflated-sharpe.ts'
import { effectiveSample } from './effective-sample.ts'
import { overfittingProbability } from './overfitting.ts'
import { realityCheck } from './reality-check.ts'
import { choiceUnder } from './rescoring.ts'
import { blockLengthOf, bootstrapInterval } from './stationary-bootstrap.ts'
import { pnlUnder, type TrialSeries, trialSeriesOf } from './trial-series.ts'
import { type WalkForward, walkForward } from './walk-forward.ts'
import type { Lattice, WholeWeights } from './weight-lattice.ts'

/** In the order in which they decide: of those that are not passed the first is the reason. */
export const gateNames = [
  'improvement',
  'sample',
  'walk_forward',
  'bootstrap',
  'overfitting',
  'deflated_sharpe',
  'reality_check',
  'effect',
] as const
export type GateName = (typeof gateNames)[number]

export interface Gate {
  readonly passed: boolean
  /** Null: it cannot be said of so few arbitrations. */
  readonly value: number | null
  readonly threshold: number
}

export interface Judgement {
  readonly gates: Readonly<Record<GateName, Gate>>
  /** The first gate that was not passed; null: all were. */
  readonly decidedBy: GateName | null
  /** Independent arbitrations that the paired difference is worth. */
  readonly effective: number
  /** Arbitrations whose choice would change. */
  readonly changed: number
  readonly walkForward: WalkForward
  /** Of the difference an arbitration, units; null: there is no arbitration. */
  readonly ci95: Interval | null
  /** Mean length of the bootstraps' blocks, stretches. */
  readonly blockLength: number
  readonly pbo: number | null
  readonly deflatedSharpe: number | null
  /** Distinct trials, and how many independent ones they come to. */
  readonly trials: number
  readonly effectiveTrials: number | null
  readonly realityP: number | null
  /** Out of sample, an arbitration, costs taken off, units. */
  readonly effect: number | null
}

/** A judgement of fewer stretches would say nothing. */
export const stretchesMin = 8

/**
 * @param trials - The lattice that was searched; of a fine one a coarser that stands for it.
 * @param current - In percents, as they are.
 */
export function judgeWeights(
  set: ArbitrationSet,
  trials: Lattice,
  current: WholeWeights,
  found: WholeWeights,
  rules: TuningRules,
): Judgement {
  const currentPnl = pnlUnder(set, current)
  const foundPnl = pnlUnder(set, found)
  const difference = foundPnl.map((pnl, at) => pnl - currentPnl[at]!)
  const improvement = difference.reduce((sum, value) => sum + value, 0)
  const effective = effectiveSample(difference)
  const series = trialSeriesOf(set, trials, current, found)
  const isEnough = series.count >= Math.max(stretchesMin, rules.folds + 1)
  const forward = walkForward(set, series, rules, current)
  const judged = series.differences[series.judged]!
  const blockLength = isEnough ? blockLengthIn(series, set.count, rules) : 1
  const bootstrap = { resamples: rules.resamples, blockLength, seed: rules.seed }
  const interval = isEnough ? perArbitration(bootstrapInterval(judged, bootstrap), series, set.count) : null
  const pbo = isEnough ? overfittingProbability(series, rules.cscvParts) : null
  const reality = isEnough ? realityCheck(series, bootstrap) : null
  const stretches = effectiveSample(judged)
  // Of stretches that go together sums swing more widely: that is in the resamples, and in the effective sample.
  const luck = reality === null ? 0 : reality.luck * Math.sqrt(stretches / series.count)
  const sharpe = reality === null ? null : deflatedSharpe(judged, stretches, luck)
  const changed = changedChoices(set, current, found)
  const effect = effectOf(forward, changed / set.count, rules.changeCost)
  const deviation = Math.sqrt(difference.reduce((sum, value) => sum + value * value, 0) / Math.max(1, set.count))
  const gates: Record<GateName, Gate> = {
    improvement: above(improvement, 0),
    sample: atLeast(effective, rules.minEffective),
    walk_forward: above(forward.improvement, 0),
    bootstrap: above(interval?.[0] ?? null, 0),
    overfitting: atMost(pbo, rules.maxPbo),
    deflated_sharpe: atLeast(sharpe, rules.minDeflatedSharpe),
    reality_check: atMost(reality?.p ?? null, rules.maxRealityP),
    effect: above(effect, rules.minEffect * deviation),
  }
  return {
    gates,
    decidedBy: gateNames.find((name) => !gates[name].passed) ?? null,
    effective,
    changed,
    walkForward: forward,
    ci95: interval,
    blockLength,
    pbo,
    deflatedSharpe: sharpe,
    trials: series.differences.length,
    effectiveTrials: reality === null ? null : trialsOfMaximum(luck),
    realityP: reality?.p ?? null,
    effect,
  }
}

function changedChoices(set: ArbitrationSet, one: WholeWeights, other: WholeWeights): number {
  let changed = 0
  for (let arbitration = 0; arbitration < set.count; arbitration += 1) {
    if (choiceUnder(set, arbitration, one) !== choiceUnder(set, arbitration, other)) changed += 1
  }
  return changed
}

/** Mean length of a block, stretches. */
function blockLengthIn(series: TrialSeries, arbitrations: number, { blockLength }: TuningRules): number {
  if (blockLength === null) return blockLengthOf(series.differences[series.judged]!)
  return Math.max(1, (blockLength * series.count) / arbitrations)
}

/** What stretches say, an arbitration. */
function perArbitration([low, high]: Interval, { count }: TrialSeries, arbitrations: number): Interval {
  return [(low * count) / arbitrations, (high * count) / arbitrations]
}

function effectOf({ arbitrations, improvement }: WalkForward, changedShare: number, changeCost: number): number | null {
  if (improvement === null || arbitrations === 0) return null
  return improvement / arbitrations - changedShare * changeCost
}

function above(value: number | null, threshold: number): Gate {
  return { passed: value !== null && value > threshold, value, threshold }
}

function atLeast(value: number | null, threshold: number): Gate {
  return { passed: value !== null && value >= threshold, value, threshold }
}

function atMost(value: number | null, threshold: number): Gate {
  return { passed: value !== null && value <= threshold, value, threshold }
}
