/** Reads the policy's `tuning` from JSON (snake_case), each key with its range. Pure; any thread; cold. */
import type { z } from 'zod'
import { integerIn, numberAbove, numberFrom, numberIn, objectOf } from './border.ts'
import type { TuningRules } from './tuning-rules.ts'

export const tuningSchema = objectOf({
  step: numberAbove(0, 1).nullish(),
  step_cap: numberAbove(0, 1).nullish(),
  step_every_days: numberFrom(0).nullish(),
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
  }
}
