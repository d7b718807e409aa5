/** The policy's `tuning` from JSON (snake_case), each key with its range, and as JSON. Pure; any thread; cold. */
import type { z } from 'zod'
import { integerIn, numberAbove, numberFrom, numberIn, objectOf } from './border.ts'
import type { TuningRules } from './tuning-rules.ts'

export const tuningSchema = objectOf({
  step: numberAbove(0, 1).nullish(),
  step_cap: numberAbove(0, 1).nullish(),
  step_every_days: numberIn(0, 36_500).nullish(),
  min_effective: numberFrom(2).nullish(),
  folds: integerIn(2, 50).nullish(),
  embargo_s: numberFrom(0).nullish(),
  resamples: integerIn(100, 100_000).nullish(),
  block_length: numberFrom(1).nullish(),
  seed: integerIn(0, 4_294_967_295).nullish(),
  cscv_parts: integerIn(4, 16)
    .refine((parts) => parts % 2 === 0, { error: 'must be even' })
    .nullish(),
  max_pbo: numberIn(0, 1).nullish(),
  min_deflated_sharpe: numberIn(0, 1).nullish(),
  max_reality_p: numberIn(0, 1).nullish(),
  change_cost: numberFrom(0).nullish(),
  min_effect: numberFrom(0).nullish(),
  false_promotion: numberAbove(0, 1).nullish(),
  signal: numberAbove(0, 10).nullish(),
  give_up_at: numberAbove(1).nullish(),
  challenge_max: integerIn(1, Number.MAX_SAFE_INTEGER).nullish(),
})

/** `base` with the keys that are given; a `block_length` of null is one: the sample says. */
export function mergeTuningRules(
  base: TuningRules,
  given: z.infer<typeof tuningSchema> | null | undefined,
): TuningRules {
  if (given == null) return base
  return {
    step: given.step ?? base.step,
    stepCap: given.step_cap ?? base.stepCap,
    stepEveryDays: given.step_every_days ?? base.stepEveryDays,
    minEffective: given.min_effective ?? base.minEffective,
    folds: given.folds ?? base.folds,
    embargoS: given.embargo_s ?? base.embargoS,
    resamples: given.resamples ?? base.resamples,
    blockLength: given.block_length === undefined ? base.blockLength : given.block_length,
    seed: given.seed ?? base.seed,
    cscvParts: given.cscv_parts ?? base.cscvParts,
    maxPbo: given.max_pbo ?? base.maxPbo,
    minDeflatedSharpe: given.min_deflated_sharpe ?? base.minDeflatedSharpe,
    maxRealityP: given.max_reality_p ?? base.maxRealityP,
    changeCost: given.change_cost ?? base.changeCost,
    minEffect: given.min_effect ?? base.minEffect,
    falsePromotion: given.false_promotion ?? base.falsePromotion,
    signal: given.signal ?? base.signal,
    giveUpAt: given.give_up_at ?? base.giveUpAt,
    challengeMax: given.challenge_max ?? base.challengeMax,
  }
}

/** Every key written out. */
export function tuningJson(rules: TuningRules): Readonly<Record<string, number | null>> {
  return {
    step: rules.step,
    step_cap: rules.stepCap,
    step_every_days: rules.stepEveryDays,
    min_effective: rules.minEffective,
    folds: rules.folds,
    embargo_s: rules.embargoS,
    resamples: rules.resamples,
    block_length: rules.blockLength,
    seed: rules.seed,
    cscv_parts: rules.cscvParts,
    max_pbo: rules.maxPbo,
    min_deflated_sharpe: rules.minDeflatedSharpe,
    max_reality_p: rules.maxRealityP,
    change_cost: rules.changeCost,
    min_effect: rules.minEffect,
    false_promotion: rules.falsePromotion,
    signal: rules.signal,
    give_up_at: rules.giveUpAt,
    challenge_max: rules.challengeMax,
  }
}
