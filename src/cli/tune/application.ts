/** `--apply` and `--rollback`: the journal's numbered weight sets, one step on or one back. Blocks on the disk. */
import { challengeLine } from '../../domain/challenge.ts'
import { type NumberedWeightSet, policyWeightsVersion } from '../../domain/weight-set.ts'
import { appendWeightSetAfter } from '../../journal/weight-appender.ts'
import { sharesOf } from '../../learn/tuning/adaptation.ts'
import { policyWeightsOf, setAfter } from '../../learn/tuning/next-weights.ts'
import { unitsText } from '../explain/figures.ts'
import { percent, refusalText, signedMoney } from './gate-texts.ts'
import type { Application, TuneResult } from './tune-result.ts'

const msPerDay = 86_400_000

/**
 * Takes the step that the result recommends as a new numbered set, or says why not.
 *
 * @param sets - The journal's, oldest first; the last one is the result's `inForce`.
 * @param nowMs - Wall time, Unix milliseconds.
 * @throws {SignalboxError} as `appendWeightSetAfter`.
 */
export function applyStep(result: TuneResult, sets: readonly NumberedWeightSet[], nowMs: number): Application {
  const { journal, tuning, rules, inForce, next, replayed } = result
  const refused = (why: string, remedy: string): Application => ({ status: 'refused', why, remedy })
  const { decidedBy, gates } = tuning.judgement
  if (next === null) {
    const why = decidedBy === null ? 'no step is recommended' : refusalText(decidedBy, gates[decidedBy], rules)
    return refused(why, 'let more arbitrations come, or keep the current weights')
  }
  const dueMs = nextStepMs(sets, rules.stepEveryDays, nowMs)
  if (nowMs < dueMs) {
    return refused(
      `the last step is less than ${rules.stepEveryDays} days old`,
      `ask again from ${new Date(dueMs).toISOString().slice(0, 16)}Z on, or set tuning.step_every_days in the policy`,
    )
  }
  if (replayed !== null && replayed.found.pnl < replayed.current.pnl) {
    const less = unitsText(replayed.current.pnl - replayed.found.pnl)
    return refused(
      `over the recordings the whole engine earns ${less} less with the found weights`,
      'keep the current weights',
    )
  }
  const set = appendWeightSetAfter(journal, inForce?.version ?? 0, {
    ...setAfter(next, inForce),
    reason: reasonOf(result),
    at: new Date(nowMs).toISOString(),
    base: policyWeightsOf(sharesOf(tuning.current)),
    also: (added) => [watchLine(result, added)],
  })
  if (set === null) return refused('another weight set was appended meanwhile', 'look at it, then ask again')
  return { status: 'applied', set }
}

/** So that a run whose adaptation is on gives the step up when the advantage has gone. */
function watchLine({ tuning, inForce, newestNs }: TuneResult, { version, at }: NumberedWeightSet): string {
  return challengeLine({
    kind: 'adopted',
    champion: inForce?.weights ?? policyWeightsOf(sharesOf(tuning.current)),
    challenger: policyWeightsOf(sharesOf(tuning.search.weights)),
    version,
    afterNs: newestNs,
    at,
    reason: `in force as version ${version}`,
  })
}

/** When the next step may be taken; −∞: at once. Rollbacks are no steps, and what is dated later than now is no date. */
export function nextStepMs(sets: readonly NumberedWeightSet[], everyDays: number, nowMs: number): number {
  // The policy's own weights are what held before: nobody stepped to them.
  const steps = sets.filter(
    ({ version, returnsTo, at }) => version !== policyWeightsVersion && returnsTo === null && Date.parse(at) <= nowMs,
  )
  const last = steps.at(-1)
  return last === undefined ? Number.NEGATIVE_INFINITY : Date.parse(last.at) + everyDays * msPerDay
}

function reasonOf({ tuning, search, rules }: TuneResult): string {
  const { totalPnl, currentTotalPnl } = tuning.search
  const forward = tuning.judgement.walkForward.improvement
  const outside = forward === null ? '' : `, ${signedMoney(forward)} out of sample`
  return `tune: ${percent(rules.step)} of the way to the best of the ${search}, ${signedMoney(totalPnl - currentTotalPnl)} in sample${outside} over ${tuning.entries} arbitrations`
}
