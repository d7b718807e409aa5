/** A what-if as the JSON of an explanation, each change with its sentence. Pure. */

import { wasDropped } from '../../decide/chosen-set.ts'
import type { Change, TriedRemedy, WhatIf } from '../../decide/what-if.ts'
import { isWorthIt, whatIf } from '../../decide/what-if.ts'
import type { Policy } from '../../domain/policy.ts'
import { nsPerSecond, toMoney } from '../../domain/units.ts'
import {
  apartTexts,
  besideText,
  differenceText,
  exactScoreText,
  exactSecondsText,
  listText,
  moneyText,
  timeText,
} from './figures.ts'
import type { DecisionInput } from './journal-folder.ts'

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
  readonly together: { readonly remedy: RemedyJson; readonly change: ChangeJson; readonly sentence: string } | null
  /** The first that a person should know: what `headlineOf` names. */
  readonly sentence: string
}

/** What would have had a rejected event selected, in words; null where the decision on the input selects it. */
export function whatIfJson(input: DecisionInput, eventId: string): WhatIfJson | null {
  const found = whatIf(input.scenario, input.policy, eventId)
  if (found === null) return null
  const changes = found.changes.map((change) => changeJson(change, input))
  const remedies = found.remedies.map((remedy) => remedyJson(remedy))
  const parts = {
    smallest: found.smallest === null ? null : changes[found.changes.indexOf(found.smallest)]!,
    changes,
    none: found.futile.map(({ lever, search }) => ({ of: lever, search })),
    remedies,
    together: found.together === null ? null : togetherJson(found.together, remedies, found.remedies),
  }
  return { ...parts, sentence: verdictOf(parts) }
}

function togetherJson(
  { remedy, change }: NonNullable<WhatIf['together']>,
  remedies: readonly RemedyJson[],
  tried: readonly TriedRemedy[],
): WhatIfJson['together'] {
  const both = `${remedyText(remedy)} and ${lowered(changeText(change, remedy))}`
  const alone = remedies[tried.indexOf(remedy)]!
  return {
    remedy: { ...alone, sentence: `Not enough alone: ${lowered(alone.sentence)}` },
    change: changeJson(change, remedy),
    sentence: `${both} ${gainText(change.capitalMinor, change.selectionReason)}.`,
  }
}

/** What an event has of its own that is scored; the rest is its need, and the account's. */
export function isComponent(lever: string): boolean {
  return lever !== 'capital_required' && lever !== 'decision_time' && lever !== 'capital'
}

/**
 * The one change or remedy to name first: the smallest change of a component, else a remedy, else another change; those by which the
 * event would get less than a unit of money only after all the others. null: nothing wins alone.
 */
export function headlineOf({
  smallest,
  changes,
  remedies,
}: Pick<WhatIfJson, 'smallest' | 'changes' | 'remedies'>): ChangeJson | RemedyJson | null {
  const all = [...(smallest === null ? [] : [smallest]), ...remedies.filter(({ wins }) => wins), ...changes]
  return all.find(({ capital }) => capital >= 1) ?? all[0] ?? null
}

function verdictOf(parts: Omit<WhatIfJson, 'sentence'>): string {
  const { smallest, none, together } = parts
  const headline = headlineOf(parts)
  if (headline === null) {
    const nothing = 'Nothing that was tried would have won'
    return together === null ? `${nothing}.` : `${nothing} alone. ${together.sentence}`
  }
  if (headline === smallest) return `The smallest change of one component: ${lowered(headline.sentence)}`
  if (smallest !== null) return headline.sentence
  // A sample is no proof that nothing else would have.
  const isSampled = none.some(({ of, search }) => search === 'scan' && isComponent(of))
  return `No change of one component alone${isSampled ? ' that was tried' : ''} would have won. ${headline.sentence}`
}

function lowered(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`
}

/** What an event would have been given; less than a unit is nothing to act with, and said so. */
function gainText(capitalMinor: number, reason: string): string {
  const gets = isWorthIt({ capitalMinor }) ? 'and gets' : 'but gets only'
  return `it wins ${gets} ${moneyText(capitalMinor)} (${reason})`
}

interface ChangeGround {
  readonly scenario: DecisionInput['scenario']
  readonly policy: Policy
}

export function changeJson(change: Change, ground: ChangeGround): ChangeJson {
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
    sentence: `${changeText(change, ground)} ${gainText(change.capitalMinor, change.selectionReason)}.`,
  }
}

const namedComponents = {
  priority_score: 'a priority score',
  regime_alignment: 'a regime alignment',
  expected_value: 'an expected value',
} as const

function changeText({ lever, from, to }: Change, { scenario, policy }: ChangeGround): string {
  switch (lever) {
    case 'priority_score':
    case 'regime_alignment':
    case 'expected_value': {
      const [before, after] = [Number(from), Number(to)]
      return `With ${namedComponents[lever]} of ${exactScoreText(after)} instead of ${besideText(before, after)} (${differenceText(after - before)})`
    }
    case 'freshness': {
      const fresh = (at: bigint): number =>
        Math.max(0, 1 - Number(scenario.nowNs - at) / (policy.freshnessHorizonS * nsPerSecond))
      const [after, before] = apartTexts(fresh(BigInt(to)), fresh(BigInt(from)))
      return `With a freshness of ${after} instead of ${before}, detected ${movedText(BigInt(from), BigInt(to), scenario.nowNs)},`
    }
    case 'waiting_time': {
      const waited = (since: bigint): string => exactSecondsText(scenario.nowNs - since)
      return `With a waiting time of ${waited(BigInt(to))} instead of ${waited(BigInt(from))}`
    }
    case 'capital_required':
      return `With a need of ${moneyText(Number(to))} instead of ${moneyText(Number(from))}`
    case 'decision_time':
      return `With the decision ${movedText(BigInt(from), BigInt(to), scenario.nowNs)},`
    case 'capital':
      return `With an account of ${moneyText(Number(to))} instead of ${moneyText(Number(from))}`
  }
}

/** How far a time moved, and where to if that shows in the milliseconds of a time. */
function movedText(from: bigint, to: bigint, nowNs: bigint): string {
  const by = to - from
  const apart = by < 0n ? `${exactSecondsText(-by)} earlier` : `${exactSecondsText(by)} later`
  const at = timeText(to, nowNs)
  return at === timeText(from, nowNs) ? apart : `${apart}, at ${at}`
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
    sentence: `${remedyText(remedy)} ${wins ? gainText(capitalMinor, selectionReason!) : stillText(remedy)}.`,
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
  // Who fails by capital loses to nobody.
  const by = blockedBy ?? (rejected.admissible && !wasDropped(rejected) ? selected[0] : undefined)
  return `it still loses (${reason}${by === undefined ? '' : `, to ${by}`})`
}
