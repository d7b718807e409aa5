/** A what-if as the JSON of an explanation, each change with its sentence. Pure. */

import type { Change, TriedRemedy, WhatIf } from '../../decide/what-if.ts'
import { whatIf } from '../../decide/what-if.ts'
import type { Policy } from '../../domain/policy.ts'
import { nsPerSecond, toMoney } from '../../domain/units.ts'
import { exactScoreText, exactSecondsText, moneyText, scoreText, timeText } from './figures.ts'
import type { DecisionInput } from './journal-folder.ts'
import { listText } from './rule-words.ts'

export interface ChangeJson {
  /** What is changed: one of `leverNames`. */
  readonly of: string
  /** Components in [0, 1], times in Unix nanoseconds (`freshness`: of detection; `waiting_time`: since when), money. */
  readonly from: number | bigint
  readonly to: number | bigint
  /** One step less, which does not win. */
  readonly one_step_less: number | bigint
  readonly selection_reason: string
  /** What the event would have been given. */
  readonly capital: number
  readonly search: string
  readonly sentence: string
}

export interface RemedyJson {
  readonly kind: string
  readonly gone: readonly string[]
  readonly key: string | null
  readonly from: unknown
  readonly to: unknown
  readonly wins: boolean
  readonly selection_reason: string | null
  readonly capital: number
  readonly otherwise: { readonly reason: string; readonly blocked_by: string | null } | null
  readonly sentence: string
}

export interface WhatIfJson {
  /** The change of one component that moves it least; null: none could. */
  readonly smallest: ChangeJson | null
  readonly changes: readonly ChangeJson[]
  /** Along these the event is selected nowhere; `search` says how that is known. */
  readonly none: readonly { readonly of: string; readonly search: string }[]
  readonly remedies: readonly RemedyJson[]
  /** Where nothing does it alone: a remedy and the change that does the rest. */
  readonly together: { readonly remedy: RemedyJson; readonly change: ChangeJson } | null
  readonly sentence: string
}

/** What would have had a rejected event selected, in words; null where the decision on the input selects it. */
export function whatIfJson(input: DecisionInput, eventId: string): WhatIfJson | null {
  const found = whatIf(input.scenario, input.policy, eventId)
  if (found === null) return null
  const changes = found.changes.map((change) => changeJson(change, input))
  const remedies = found.remedies.map((remedy) => remedyJson(remedy))
  const smallest = found.smallest === null ? null : changes[found.changes.indexOf(found.smallest)]!
  const together =
    found.together === null
      ? null
      : {
          remedy: remedies[found.remedies.indexOf(found.together.remedy)]!,
          change: changeJson(found.together.change, found.together.remedy),
        }
  const none = found.futile.map(({ lever, search }) => ({ of: lever, search }))
  return { smallest, changes, none, remedies, together, sentence: verdict(found, smallest, together !== null) }
}

/** What an event has of its own that is scored; the rest is its need, and the account's. */
export function isComponent(lever: string): boolean {
  return lever !== 'capital_required' && lever !== 'decision_time' && lever !== 'capital'
}

function verdict(found: WhatIf, smallest: ChangeJson | null, hasTogether: boolean): string {
  if (smallest !== null) return `Smallest change of one component: ${smallest.sentence}`
  const isScanned = found.futile.some(({ lever, search }) => search === 'scan' && isComponent(lever))
  const seen = isScanned ? ' that was looked at' : ''
  const others = found.changes.length > 0 ? '; this would have' : ''
  const alone = `No change of one component alone${seen} would have won${others}.`
  if (found.changes.length > 0 || found.remedies.some(({ wins }) => wins)) return alone
  return hasTogether ? `${alone} Two together would have:` : alone
}

export function changeJson(
  change: Change,
  input: { readonly scenario: DecisionInput['scenario']; readonly policy: Policy },
): ChangeJson {
  const isMoney = change.lever === 'capital' || change.lever === 'capital_required'
  const shown = (value: number | bigint): number | bigint => (isMoney ? toMoney(Number(value)) : value)
  return {
    of: change.lever,
    from: shown(change.from),
    to: shown(change.to),
    one_step_less: shown(change.short),
    selection_reason: change.selectionReason,
    capital: toMoney(change.capitalMinor),
    search: change.search,
    sentence: `${changeSentence(change, input)}${change.selectionReason === 'starvation_bound' ? ', by the starvation bound' : ''}; it gets ${moneyText(change.capitalMinor)}.`,
  }
}

function changeSentence(
  { lever, from, to }: Change,
  { scenario, policy }: { readonly scenario: DecisionInput['scenario']; readonly policy: Policy },
): string {
  switch (lever) {
    case 'priority_score':
    case 'regime_alignment':
    case 'expected_value': {
      const [before, after] = [Number(from), Number(to)]
      const by = after - before
      return `${lever.replaceAll('_', ' ')} ${exactScoreText(after)} instead of ${exactScoreText(before)} (${by > 0 ? '+' : ''}${exactScoreText(by)})`
    }
    case 'freshness': {
      const by = BigInt(to) - BigInt(from)
      const fresh = (at: bigint): string =>
        scoreText(Math.max(0, 1 - Number(scenario.nowNs - at) / (policy.freshnessHorizonS * nsPerSecond)))
      return `freshness ${fresh(BigInt(to))} instead of ${fresh(BigInt(from))}: detected ${apart(by)}, at ${timeText(BigInt(to), scenario.nowNs)}`
    }
    case 'waiting_time': {
      const waited = (since: bigint): string => exactSecondsText(scenario.nowNs - since)
      return `waiting time ${waited(BigInt(to))} instead of ${waited(BigInt(from))}`
    }
    case 'capital_required':
      return `needing ${moneyText(Number(to))} instead of ${moneyText(Number(from))}`
    case 'decision_time':
      return `the same set decided ${apart(BigInt(to) - BigInt(from))}, at ${timeText(BigInt(to), scenario.nowNs)}`
    case 'capital':
      return `an account of ${moneyText(Number(to))} instead of ${moneyText(Number(from))}`
  }
}

function apart(ns: bigint): string {
  return ns < 0n ? `${exactSecondsText(-ns)} earlier` : `${exactSecondsText(ns)} later`
}

function remedyJson(remedy: TriedRemedy): RemedyJson {
  const { kind, gone, key, from, to, wins, selectionReason, capitalMinor, rejected } = remedy
  return {
    kind,
    gone,
    key,
    from: from instanceof Map ? null : from,
    to,
    wins,
    selection_reason: selectionReason,
    capital: toMoney(capitalMinor),
    otherwise: rejected === null ? null : { reason: rejected.reason, blocked_by: rejected.blockedBy },
    sentence: `${remedyText(remedy)}: ${wins ? `it wins and gets ${moneyText(capitalMinor)} (${selectionReason})` : stillText(remedy)}.`,
  }
}

function remedyText({ kind, gone, key, to }: TriedRemedy): string {
  switch (kind) {
    case 'without_position':
      return `Without the open position ${gone[0]}`
    case 'without_positions':
      return `Without the open positions ${listText(gone)}`
    case 'without_rival':
      return `Without ${gone[0]}`
    case 'policy':
      return key === 'interlock.compatible'
        ? `With ${(to as readonly (readonly string[])[]).at(-1)!.join(' and ')} declared compatible`
        : `With the policy's ${key} at ${to === null ? 'null' : typeof to === 'object' ? JSON.stringify(to) : to}`
    case 'state':
      return `With ${key} at ${to}`
    case 'event':
      return to === null ? `Without ${key}` : `With ${key} at ${to}`
  }
}

function stillText({ rejected, selected }: TriedRemedy): string {
  if (rejected === null) return 'it is no candidate'
  const { reason, blockedBy } = rejected
  const by = blockedBy ?? (rejected.admissible ? selected[0] : undefined)
  return `it still loses (${reason}${by === undefined ? '' : `, to ${by}`})`
}
