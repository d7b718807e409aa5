/**
 * How better weights are looked for and when they are believed: the policy's `tuning`. It decides nothing by itself, so it is no part of a
 * scenario. Pure; any thread.
 */
export interface TuningRules {
  /** Share of the way to the best weights that one step goes; (0, 1]. */
  readonly step: number
  /** No weight changes by more in one step; (0, 1]. */
  readonly stepCap: number
  /** At most one step in so many days; 0 … 36,500. */
  readonly stepEveryDays: number
  /** Gate `sample`: arbitrations, autocorrelation taken off; ≥ 2. A regime below it keeps the overall weights. */
  readonly minEffective: number
  /** Walk-forward: tests in a row, 2 … 50. The sample is cut into one more part. */
  readonly folds: number
  /** Walk-forward: what was not over so many seconds before a test does not train; ≥ 0. */
  readonly embargoS: number
  /** Bootstraps: resamples, 100 … 100,000. */
  readonly resamples: number
  /** Bootstraps: mean length of a block, arbitrations, ≥ 1; null: from the sample itself. */
  readonly blockLength: number | null
  /** Bootstraps: of the random numbers; 0 … 2^32 − 1. */
  readonly seed: number
  /** Probability of overfitting: parts of the sample, even, 4 … 16. */
  readonly cscvParts: number
  /** Gate `overfitting`: at most; [0, 1]. */
  readonly maxPbo: number
  /** Gate `deflated_sharpe`: at least; [0, 1]. */
  readonly minDeflatedSharpe: number
  /** Gate `reality_check`: p at most; [0, 1]. */
  readonly maxRealityP: number
  /** Gate `effect`: what a choice that changes costs beyond its outcome, units of the quote currency, ≥ 0. Outcomes have fees and funding in them. */
  readonly changeCost: number
  /** Gate `effect`: the advantage an arbitration after costs, in standard deviations of the paired difference, more than; ≥ 0. */
  readonly minEffect: number
  /** Champion and challenger: how often a challenger that is no better may be promoted, however often one looks; (0, 1]. */
  readonly falsePromotion: number
  /** The advantage that new weights are taken for, in standard deviations of the paired difference an arbitration; (0, 10]. */
  readonly signal: number
  /** Evidence against that advantage at which a challenger, or a step taken, is given up; > 1. */
  readonly giveUpAt: number
  /** A challenger that is undecided after so many arbitrations is given up; ≥ 1. */
  readonly challengeMax: number
}

/**
 * Thresholds: each gate by itself is easier than its usual 5 %, since all of them must hold; what that comes to is measured by
 * `npm run bench -- evidence` (ARCHITECTURE, "Weights").
 */
export const defaultTuningRules: TuningRules = {
  step: 0.1,
  stepCap: 0.05,
  stepEveryDays: 7,
  minEffective: 30,
  folds: 5,
  embargoS: 600,
  resamples: 2_000,
  blockLength: null,
  seed: 1,
  cscvParts: 12,
  maxPbo: 0.1,
  minDeflatedSharpe: 0.7,
  maxRealityP: 0.2,
  changeCost: 0,
  minEffect: 0.02,
  falsePromotion: 0.05,
  signal: 0.15,
  giveUpAt: 60,
  challengeMax: 1_000,
}
