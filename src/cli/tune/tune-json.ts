/** The result of `tune` as JSON (CONTRACTS "tune --json"): the contract's keys in its order, then what else is known. Pure. */
import { regimes } from '../../domain/regime.ts'
import { tuningJson } from '../../domain/tuning-codec.ts'
import type { NumberedWeightSet } from '../../domain/weight-set.ts'
import { weightSetJson } from '../../domain/weight-set-codec.ts'
import { type ComponentName, componentNames } from '../../learn/report-figures.ts'
import { shown, shownOrNull } from '../../learn/shown-number.ts'
import { gateNames, type Judgement } from '../../learn/tuning/judgement.ts'
import type { NextWeights } from '../../learn/tuning/next-weights.ts'
import type { RegimeTuning, Tuned } from '../../learn/tuning/tuning.ts'
import type { WalkForward } from '../../learn/tuning/walk-forward.ts'
import type { WholeWeights } from '../../learn/tuning/weight-lattice.ts'
import { standingJson } from './challenge-text.ts'
import type { Application, Replayed, ReplayFigures, TuneFindings } from './tune-result.ts'

type Json = Readonly<Record<string, unknown>>
type WeightsJson = Readonly<Record<ComponentName, number>>

const secondsPerDay = 86_400

/** Numbers to 15 significant digits; what is not known is null. */
export function tuneJson(result: TuneFindings): Json {
  const { tuning, rules, search, span, inForce, next, standing, replayed, application } = result
  const { judgement } = tuning
  return {
    current: percentJson(tuning.current),
    in_sample: inSampleJson(tuning),
    entries: tuning.entries,
    left_out: tuning.leftOut,
    combinations: tuning.search.combinations,
    walk_forward: walkForwardJson(judgement.walkForward),
    bootstrap: {
      ci95: judgement.ci95 === null ? null : judgement.ci95.map(shown),
      block_length: shown(judgement.blockLength),
      resamples: rules.resamples,
      seed: rules.seed,
    },
    pbo: shownOrNull(judgement.pbo),
    deflated_sharpe: shownOrNull(judgement.deflatedSharpe),
    by_regime: Object.fromEntries(
      Object.entries(tuning.byRegime).map(([name, regime]) => [name, regimeJson(name, regime, result)]),
    ),
    gates: gatesJson(judgement),
    recommendation: tuning.recommendation,
    next: next === null ? null : nextJson(next),
    decided_by: judgement.decidedBy,
    search,
    days: span === null ? null : shown((span.toSeconds - span.fromSeconds) / secondsPerDay),
    changed: judgement.changed,
    effective: shown(judgement.effective),
    trials: judgement.trials,
    effective_trials: shownOrNull(judgement.effectiveTrials),
    reality_check: shownOrNull(judgement.realityP),
    effect: shownOrNull(judgement.effect),
    rules: tuningJson(rules),
    in_force: inForce === null ? null : weightSetJson(inForce),
    ...(standing === null ? {} : { comparison: standingJson(standing) }),
    ...(replayed === null ? {} : { replayed: replayedJson(replayed) }),
    ...(application === null ? {} : applicationJson(application)),
  }
}

/** What `tune --rollback --json` prints. */
export function rollbackJson(from: NumberedWeightSet, to: NumberedWeightSet): Json {
  return { rolled_back: weightSetJson(from), in_force: weightSetJson(to) }
}

function inSampleJson({ search }: Tuned): Json {
  const { weights, totalPnl, currentTotalPnl } = search
  return {
    weights: percentJson(weights),
    total_pnl: shown(totalPnl),
    current_total_pnl: shown(currentTotalPnl),
    improvement: shown(totalPnl - currentTotalPnl),
  }
}

function walkForwardJson({ folds, arbitrations, currentPnl, improvement }: WalkForward): Json {
  return {
    folds: folds.map((fold) => ({
      weights: fold.weights === null ? null : percentJson(fold.weights),
      trained: fold.trained,
      purged: fold.purged,
      tested: fold.tested,
      current_total_pnl: shown(fold.currentPnl),
      improvement: shown(fold.improvement),
    })),
    arbitrations,
    current_total_pnl: shown(currentPnl),
    improvement: shownOrNull(improvement),
  }
}

function gatesJson({ gates }: Judgement): Json {
  return Object.fromEntries(
    gateNames.map((name) => {
      const { passed, value, threshold } = gates[name]
      return [name, { passed, value: shownOrNull(value), threshold: shown(threshold) }]
    }),
  )
}

/** Of too few arbitrations to be searched only the gate `sample` is known, and it decides. */
function regimeJson(
  name: string,
  { entries, effective, tuned }: RegimeTuning,
  { tuning, currentByRegime, next, rules }: TuneFindings,
): Json {
  const own = Object.hasOwn(currentByRegime, name) ? currentByRegime[name]! : tuning.current
  const stepped = next?.byRegime[name as keyof NextWeights['byRegime']]
  const sample = { passed: false, value: shown(effective), threshold: rules.minEffective }
  return {
    entries,
    effective: shown(effective),
    current: percentJson(own),
    in_sample: tuned === null ? null : inSampleJson(tuned),
    gates: tuned === null ? { sample } : gatesJson(tuned.judgement),
    decided_by: tuned === null ? 'sample' : tuned.judgement.decidedBy,
    recommendation: tuned?.recommendation ?? 'keep',
    next: stepped === undefined ? null : { weights: sharesJson(stepped) },
  }
}

function nextJson({ weights, byRegime }: NextWeights): Json {
  const stepping = regimes.flatMap((regime) => {
    const shares = byRegime[regime]
    return shares === undefined ? [] : [[regime, sharesJson(shares)] as const]
  })
  return { weights: sharesJson(weights), by_regime: Object.fromEntries(stepping) }
}

function replayedJson({ files, current, found }: Replayed): Json {
  const figuresJson = ({ weights, ...figures }: ReplayFigures): Json => ({ weights: sharesJson(weights), ...figures })
  return { files, current: figuresJson(current), found: figuresJson(found) }
}

function applicationJson(application: Application): Json {
  if (application.status === 'applied') return { applied: weightSetJson(application.set) }
  return { applied: null, refused: application.why }
}

function percentJson(weights: WholeWeights): WeightsJson {
  const [priority, freshness, alignment, expected] = weights
  return sharesJson([priority / 100, freshness / 100, alignment / 100, expected / 100])
}

function sharesJson(weights: WholeWeights): WeightsJson {
  return Object.fromEntries(componentNames.map((name, at) => [name, shown(weights[at]!)])) as WeightsJson
}
