/**
 * One look of adaptation at a journal's folder: what `learn/tuning/adaptation.ts` decides is done, as lines of its `weights.ndjson`, which the
 * running engine looks at. Blocks for as long as reading the journal and a search take: a worker's work.
 */
import { type Challenge, challengeEndLine, challengeLine } from '../../domain/challenge.ts'
import { losslessText } from '../../domain/lossless-text.ts'
import type { Policy, Weights } from '../../domain/policy.ts'
import { type NumberedWeightSet, policyWeightsVersion, type WeightSet, weightSetText } from '../../domain/weight-set.ts'
import { adaptationMark, readTuningHistory } from '../../journal/challenges.ts'
import {
  appendWeightSetAfter,
  appendWeightsLine,
  appendWeightsLines,
  rollbackWeightSet,
} from '../../journal/weight-appender.ts'
import { scanWeightSets } from '../../journal/weight-sets.ts'
import { readCounterfactuals } from '../../learn/entry-reader.ts'
import type { EntryStore } from '../../learn/entry-store.ts'
import { type AdaptationAction, type AdaptationMode, nextAction, sharesOf } from '../../learn/tuning/adaptation.ts'
import type { Duel } from '../../learn/tuning/duel.ts'
import { policyWeightsOf, setAfter } from '../../learn/tuning/next-weights.ts'
import { nextStepMs } from '../tune/application.ts'
import { refusalText, signedMoney } from '../tune/gate-texts.ts'
import { tuneJson } from '../tune/tune-json.ts'
import { spanOf, type TuneFindings } from '../tune/tune-result.ts'

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
  const { sets } = scanWeightSets(folder)
  const { challenge, searchedMs, faults } = readTuningHistory(folder)
  const action = nextAction({
    ...{ entries, policy, mode, sets, challenge },
    // A clock that ran ahead once must not stop it for good.
    isSearchDue: searchedMs === null || searchedMs > nowMs || nowMs >= searchedMs + everyMs,
    isStepDue: nowMs >= nextStepMs(sets, policy.tuning.stepEveryDays, nowMs),
  })
  const inForce = sets.at(-1) ?? null
  const current = inForce?.weights ?? policy.weights
  const at = new Date(nowMs).toISOString()
  const afterNs = newestNsOf(entries)
  const lineFrom = (kind: Challenge['kind'], champion: Weights, challenger: Weights, version: number, reason: string) =>
    challengeLine({ kind, champion, challenger, version, afterNs, at, reason })
  /** Null: another set came in between, and the next look sees it. */
  const adopt = (
    set: Omit<WeightSet, 'version'>,
    champion: Weights,
    challenger: Weights,
    reason: string,
    notes: readonly string[],
  ) =>
    appendWeightSetAfter(folder, inForce?.version ?? 0, {
      ...{ ...set, reason, at, base: policy.weights },
      also: ({ version }) => [
        ...notes,
        lineFrom('adopted', champion, challenger, version, `in force as version ${version}`),
      ],
    })

  switch (action.kind) {
    case 'wait':
      return faults.length === 0 ? null : `passed over: ${faults.at(-1)}`
    case 'give_up': {
      const why = duelText(action.duel)
      const ended = challengeEndLine(challenge!, at, why)
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
        [],
      )
      return set === null ? null : weightSetText(set)
    }
    case 'keep':
      appendWeightsLine(folder, noteOf(action, policy, inForce, at))
      return keptText(action, policy, inForce)
    case 'step': {
      const { search, entries: count } = action.tuning
      const gain = signedMoney(search.totalPnl - search.currentTotalPnl)
      const found = policyWeightsOf(sharesOf(search.weights))
      const reason = `adaptation: a step, ${gain} in sample over ${count} arbitrations`
      const set = adopt(setAfter(action.next, inForce), current, found, reason, [noteOf(action, policy, inForce, at)])
      return set === null ? null : weightSetText(set)
    }
    case 'challenge': {
      const version = inForce?.version ?? policyWeightsVersion
      const reason = `the best of ${action.tuning.entries} arbitrations`
      const note = noteOf(action, policy, inForce, at)
      appendWeightsLines(folder, [note, lineFrom('shadow', current, action.weights, version, reason)])
      return `a challenger decides in shadow: ${action.tuning.search.weights.join(' / ')} %`
    }
  }
}

type Searched = Extract<AdaptationAction, { readonly request: unknown }>

/** The search's result, as `tune` notes it, and by whom. */
function noteOf(action: Searched, { tuning: rules }: Policy, inForce: NumberedWeightSet | null, at: string): string {
  const { tuning, request } = action
  const findings: TuneFindings = {
    ...{ search: 'grid', tuning, currentByRegime: request.currentByRegime, rules, span: spanOf(request.set), inForce },
    ...{ next: action.kind === 'step' ? action.next : null, standing: null, replayed: null, application: null },
  }
  return losslessText({ ...tuneJson(findings), at, by: adaptationMark })
}

function keptText({ tuning }: Searched, { tuning: rules }: Policy, inForce: NumberedWeightSet | null): string {
  const { decidedBy, gates } = tuning.judgement
  const own = Object.keys(inForce?.byRegime ?? {})
  if (decidedBy !== null) return `the weights are kept: ${refusalText(decidedBy, gates[decidedBy], rules)}`
  const why = own.length > 0 ? `the set in force has weights of its own in ${own.join(', ')}` : 'none is due'
  return `the weights are kept: others would be better, and ${why}`
}

/** Of the last entry in place order: one whose clock ran ahead must not hide all that come. */
function newestNsOf(entries: EntryStore): bigint {
  return entries.count === 0 ? 0n : entries.timestampNs(entries.count - 1)
}

function duelText({ arbitrations, champion, challenger, p, against }: Duel): string {
  const gain = signedMoney(challenger.totalPnl - champion.totalPnl)
  const evidence = `p ${Number(p.toPrecision(2))}, evidence against it ${Number(against.toPrecision(2))}`
  return `${gain} beside the champion over ${arbitrations} arbitrations (${evidence})`
}
