/**
 * What `tune` says: the weights that a search found, whether they are believed, and the step that follows; over all arbitrations and regime by
 * regime. Pure: seeded.
 */
import type { TuningRules } from '../../domain/tuning-rules.ts'
import { type ArbitrationSet, ofRegime } from './arbitration-set.ts'
import { effectiveSample } from './effective-sample.ts'
import { type Judgement, judgeWeights } from './judgement.ts'
import { pnlUnder } from './trial-series.ts'
import type { Lattice, WholeWeights } from './weight-lattice.ts'
import { searchFrom, type WeightSearch } from './weight-search.ts'
import { stepTowards } from './weight-step.ts'

export interface Tuned {
  readonly search: WeightSearch
  /** In percents. */
  readonly current: WholeWeights
  readonly judgement: Judgement
  /** `keep`: some gate was not passed. */
  readonly recommendation: 'keep' | 'step'
  /** Shares of 1; null: keep. */
  readonly next: WholeWeights | null
}

export interface Tuning extends Tuned {
  readonly entries: number
  readonly leftOut: number
  /**
   * By name, those without one under `null`. A regime may step only where all arbitrations say step: asked by themselves, five samples would
   * find something five times as often.
   */
  readonly byRegime: Readonly<Record<string, RegimeTuning>>
}

export interface RegimeTuning {
  readonly entries: number
  /** Independent arbitrations. */
  readonly effective: number
  /** Null: too few to be searched; the overall weights hold. */
  readonly tuned: Tuned | null
}

/**
 * @param search - What was found over all of `set`.
 * @param trials - The lattice that was searched; of a fine one a coarser that stands for it.
 * @param current - In percents.
 * @param currentOf - The weights in a regime, in percents.
 */
export function tuningOf(
  set: ArbitrationSet,
  search: WeightSearch,
  trials: Lattice,
  current: WholeWeights,
  currentOf: (regime: string) => WholeWeights,
  rules: TuningRules,
): Tuning {
  const all = tunedOf(set, search, trials, current, rules, true)
  const byRegime = Object.fromEntries(
    set.regimes.map((regime) => [
      regime,
      regimeTuningOf(ofRegime(set, regime), trials, currentOf(regime), rules, all.recommendation === 'step'),
    ]),
  )
  return { ...all, entries: set.count, leftOut: set.leftOut, byRegime }
}

function regimeTuningOf(
  set: ArbitrationSet,
  trials: Lattice,
  current: WholeWeights,
  rules: TuningRules,
  mayStep: boolean,
): RegimeTuning {
  const effective = effectiveSample(pnlUnder(set, current))
  if (effective < rules.minEffective) return { entries: set.count, effective, tuned: null }
  const search = searchFrom(set, trials, current)
  return { entries: set.count, effective, tuned: tunedOf(set, search, trials, current, rules, mayStep) }
}

function tunedOf(
  set: ArbitrationSet,
  search: WeightSearch,
  trials: Lattice,
  current: WholeWeights,
  rules: TuningRules,
  mayStep: boolean,
): Tuned {
  const judgement = judgeWeights(set, trials, current, search.weights, rules)
  const isStep = mayStep && judgement.decidedBy === null
  return {
    search,
    current,
    judgement,
    recommendation: isStep ? 'step' : 'keep',
    next: isStep ? stepTowards(current, search.weights, rules) : null,
  }
}
