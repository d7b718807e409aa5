/**
 * One look of adaptation at a journal's folder: what `learn/tuning/adaptation.ts` decides is done, as lines of its `weights.ndjson`, which the
 * running engine looks at. Blocks for as long as reading the journal and a search take: a worker's work.
 */
import { type Challenge, type ChallengeVerdict, challengeEndLine, challengeLine } from '../../domain/challenge.ts'
import { losslessText } from '../../domain/lossless-text.ts'
import type { Policy, Weights } from '../../domain/policy.ts'
import { type NumberedWeightSet, policyWeightsVersion, type WeightSet, weightSetText } from '../../domain/weight-set.ts'
import { readTuningHistory } from '../../journal/challenges.ts'
import { appendWeightSetAfter, appendWeightsLine, rollbackWeightSet } from '../../journal/weight-appender.ts'
import { readWeightSets } from '../../journal/weight-sets.ts'
import { readCounterfactuals } from '../../learn/entry-reader.ts'
import { lastNsOf } from '../../learn/report.ts'
import { type AdaptationAction, type AdaptationMode, nextAction, sharesOf } from '../../learn/tuning/adaptation.ts'
import type { Duel } from '../../learn/tuning/duel.ts'
import { policyWeightsOf, setAfter } from '../../learn/tuning/next-weights.ts'
import { nextStepMs } from '../tune/application.ts'
import { refusalText, signedMoney } from '../tune/gate-texts.ts'
import { tuneJson } from '../tune/tune-json.ts'
import type { TuneResult } from '../tune/tune-result.ts'

export interface AdaptationRules {
  readonly policy: Policy
  readonly mode: AdaptationMode
  readonly everyMs: number
}

/**
 * @param nowMs - Wall time, Unix milliseconds.
 * @returns One line for people on what was done; null: nothing was.
 * @throws {SignalboxError} `ERR_INPUT` or `ERR_IO` for the folder's files.
 */
export function adaptFolder(folder: string, { policy, mode, everyMs }: AdaptationRules, nowMs: number): string | null {
  const { entries } = readCounterfactuals(folder, { live: true })
  const sets = readWeightSets(folder)
  const { challenge, searchedMs } = readTuningHistory(folder)
  const action = nextAction({
    ...{ entries, policy, mode, sets, challenge },
    isSearchDue: searchedMs === null || nowMs >= searchedMs + everyMs,
    isStepDue: nowMs >= nextStepMs(sets, policy.tuning.stepEveryDays),
  })
  const inForce = sets.at(-1) ?? null
  const current = inForce?.weights ?? policy.weights
  const at = new Date(nowMs).toISOString()
  const afterNs = lastNsOf(entries) ?? 0n
  const endLine = (verdict: ChallengeVerdict, why: string): string => challengeEndLine(verdict, at, why)
  const lineFrom = (kind: Challenge['kind'], champion: Weights, challenger: Weights, version: number, reason: string) =>
    challengeLine({ kind, champion, challenger, version, afterNs, at, reason })
  /** Null: another set came in between, and the next look sees it. */
  const adopt = (set: Omit<WeightSet, 'version'>, champion: Weights, challenger: Weights, reason: string) =>
    appendWeightSetAfter(folder, inForce?.version ?? 0, {
      ...{ ...set, reason, at, base: policy.weights },
      also: ({ version }) => [lineFrom('adopted', champion, challenger, version, `in force as version ${version}`)],
    })

  switch (action.kind) {
    case 'wait':
      return null
    case 'supersede':
      appendWeightsLine(folder, endLine('superseded', 'another weight set came into force'))
      return null
    case 'give_up': {
      const why = duelText(action.duel)
      const ended = endLine('given_up', why)
      if (!action.isAdopted) {
        appendWeightsLine(folder, ended)
        return `the challenger is given up: ${why}`
      }
      const rolled = rollbackWeightSet(folder, at, { version: challenge!.version, also: [ended] })
      if (rolled.status === 'ok') return `weights ${rolled.set.version}, rolled back to ${rolled.set.returnsTo}: ${why}`
      appendWeightsLine(folder, ended)
      return `the weights in force are no better than those before them, and are not rolled back: ${rolled.why}`
    }
    case 'promote': {
      const { champion, challenger } = challenge!
      const set = adopt(
        { weights: challenger, byRegime: {} },
        champion,
        challenger,
        `promoted: ${duelText(action.duel)}`,
      )
      return set === null ? null : weightSetText(set)
    }
    case 'keep':
      note(folder, action, policy, inForce, at)
      return keptText(action)
    case 'step': {
      note(folder, action, policy, inForce, at)
      const { search, entries: count } = action.tuning
      const gain = signedMoney(search.totalPnl - search.currentTotalPnl)
      const found = policyWeightsOf(sharesOf(search.weights))
      const reason = `adaptation: a step, ${gain} in sample over ${count} arbitrations`
      const set = adopt(setAfter(action.next, inForce), current, found, reason)
      return set === null ? null : weightSetText(set)
    }
    case 'challenge': {
      note(folder, action, policy, inForce, at)
      const version = inForce?.version ?? policyWeightsVersion
      const reason = `the best of ${action.tuning.entries} arbitrations`
      appendWeightsLine(folder, lineFrom('shadow', current, action.weights, version, reason))
      return `a challenger decides in shadow: ${action.tuning.search.weights.join(' / ')} %`
    }
  }
}

type Searched = Extract<AdaptationAction, { readonly request: unknown }>

/** The search's result, as `tune` notes it. */
function note(
  folder: string,
  action: Searched,
  { tuning: rules }: Policy,
  inForce: NumberedWeightSet | null,
  at: string,
): void {
  const { tuning, request } = action
  const { set } = request
  const result: TuneResult = {
    ...{
      journal: folder,
      search: 'grid',
      tuning,
      currentByRegime: request.currentByRegime,
      rules,
      skipped: 0,
      inForce,
    },
    span: set.count === 0 ? null : { fromSeconds: set.atSeconds[0]!, toSeconds: set.atSeconds[set.count - 1]! },
    next: action.kind === 'step' ? action.next : null,
    ...{ standing: null, replayed: null, application: null },
  }
  appendWeightsLine(folder, losslessText({ ...tuneJson(result), at }))
}

function keptText({ tuning }: Searched): string {
  const { decidedBy, gates } = tuning.judgement
  const why = decidedBy === null ? 'a step is recommended, and none is due' : refusalText(decidedBy, gates[decidedBy])
  return `the weights are kept: ${why}`
}

function duelText({ arbitrations, champion, challenger, p, against }: Duel): string {
  const gain = signedMoney(challenger.totalPnl - champion.totalPnl)
  const evidence = `p ${Number(p.toPrecision(2))}, evidence against it ${Number(against.toPrecision(2))}`
  return `${gain} beside the champion over ${arbitrations} arbitrations (${evidence})`
}
