/** The rules of a decision in words: one sentence for what was selected and one for each that was not. Pure. */
import { maxWaitNsOf } from '../../decide/choice.ts'
import type { Decision, RankedCandidate, RejectedEvent } from '../../domain/decision.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Scenario, ScenarioCandidate, ScenarioPosition } from '../../domain/scenario.ts'
import { countText, moneyText, scoreText, secondsText } from './figures.ts'
import type { DecisionInput } from './journal-folder.ts'

/** A decision and what it was taken on, where the journal still has that: then the sentences have the numbers. */
export interface RuleGround {
  readonly decision: Decision
  readonly input: DecisionInput | null
}

/** Why these were selected, or nobody. */
export function selectionSentence({ decision, input }: RuleGround): string {
  const { selected, selectionReason, candidates, admissibleCount } = decision
  const winner = candidates.find(({ eventId }) => eventId === selected[0])
  const others = countText(candidates.length - admissibleCount, 'other')
  switch (selectionReason) {
    case 'none_admissible':
      return admissibleCount === 0
        ? 'No event was admissible: a rule kept each of them out.'
        : 'The chosen could not use what it was allocated, so nobody was selected.'
    case 'only_candidate':
      return candidates.length === 1
        ? 'It was the only event.'
        : `It was the only admissible event; a rule kept the ${others} out.`
    case 'highest_score':
      return `Of ${countText(admissibleCount, 'admissible event')} it had the highest score, ${scoreText(winner!.score)}.`
    case 'highest_tier':
      return `Of ${countText(admissibleCount, 'admissible event')} it was of the best tier, ${winner!.tier}, and in that tier the highest by priority score, ${scoreText(winner!.raw.priorityScore)}.`
    case 'starvation_bound': {
      const overdue = overdueOf(decision, input)
      if (overdue === null) return 'It had waited longer than the bound, and so it goes first, whatever the scores.'
      return `${overdue.eventId} had waited ${secondsText(overdue.waitNs)}, the bound is ${secondsText(overdue.boundNs)}: who has waited longer goes first, whatever the scores.`
    }
    case 'fair_queue':
      return `The fair queue served ${winner!.eventType}: ${turnOf(decision, input)}; within the type the best rank wins.`
    case 'portfolio':
      return `Of all compatible sets that the free slots allow it has the greatest total score, over ${countText(admissibleCount, 'admissible event')}.`
  }
}

function turnOf(decision: Decision, input: DecisionInput | null): string {
  const { deficitsMinor } = decision
  if (deficitsMinor !== undefined) return 'its deficit was the greatest'
  const last = input?.scenario.lastExecutedType ?? null
  return last === null ? 'it was its turn' : `it comes next in turn after ${last}`
}

/** Whom the starvation bound put first. */
function overdueOf(
  decision: Decision,
  input: DecisionInput | null,
): { readonly eventId: string; readonly waitNs: bigint; readonly boundNs: bigint } | null {
  if (input === null) return null
  const boundNs = maxWaitNsOf(input.policy)
  const members = input.scenario.candidates.filter(({ eventId }) => decision.selected.includes(eventId))
  const [longest] = members.sort((a, b) => (waitNsOf(input.scenario, a) > waitNsOf(input.scenario, b) ? -1 : 1))
  if (longest === undefined || boundNs === Number.POSITIVE_INFINITY) return null
  return { eventId: longest.eventId, waitNs: waitNsOf(input.scenario, longest), boundNs: BigInt(boundNs) }
}

/** How long a candidate has waited at its decision; never below 0. */
export function waitNsOf(scenario: Scenario, candidate: ScenarioCandidate): bigint {
  return candidate.waitingSinceNs < scenario.nowNs ? scenario.nowNs - candidate.waitingSinceNs : 0n
}

/** What stands in the way of an event, by its id. */
export interface Blocker {
  readonly eventId: string
  /** null: the journal does not say. */
  readonly what: 'position' | 'candidate' | null
  readonly eventType: string | null
  readonly symbol: string | null
}

export function blockerOf({ decision, input }: RuleGround, rejected: RejectedEvent): Blocker | null {
  const eventId = rejected.blockedBy
  if (eventId === null) return null
  const position = input?.scenario.openPositions.find((one) => one.eventId === eventId)
  const candidate = decision.candidates.find((one) => one.eventId === eventId)
  // Whoever is admissible was only blocked by others that are; its own position, and every other, makes it inadmissible.
  const isPosition = !rejected.admissible && (position !== undefined || candidate === undefined)
  const one = isPosition ? position : candidate
  return {
    eventId,
    what: isPosition ? 'position' : 'candidate',
    eventType: one?.eventType ?? null,
    symbol: one?.symbol ?? null,
  }
}

function blockerText(blocker: Blocker): string {
  const kind = blocker.what === 'position' ? 'the open position' : 'the selected'
  const of = blocker.eventType === null ? '' : ` (${blocker.eventType}, ${blocker.symbol})`
  return `${kind} ${blocker.eventId}${of}`
}

/** Why this one was not selected. */
export function rejectionSentence(ground: RuleGround, rejected: RejectedEvent): string {
  const { decision, input } = ground
  const own = decision.candidates.find(({ eventId }) => eventId === rejected.eventId)!
  const winner = decision.candidates.find(({ eventId }) => eventId === decision.selected[0]) ?? null
  const json = input?.scenario.candidates.find(({ eventId }) => eventId === rejected.eventId)
  const policy = input?.policy ?? null
  const blocker = blockerOf(ground, rejected)
  const by = blocker === null ? '' : blockerText(blocker)
  switch (rejected.reason) {
    case 'lower_score':
      return lowerScoreSentence(own, winner, rejected, policy)
    case 'lower_tier':
      return `Its tier is ${own.tier}; only the best tier present competes, and that is ${winner?.tier}.`
    case 'interlocked': {
      const scope = policy?.interlock?.scope === 'symbol' ? ' on one symbol' : ''
      return `The interlock: ${own.eventType} may not be held together with ${blocker?.eventType ?? 'another type'}${scope}; in its way is ${by}.`
    }
    case 'slot_taken': {
      if (blocker?.eventId === own.eventId) return 'Its own event has an open position already.'
      const most = policy === null ? 'its most positions' : countText(policy.maxPositionsPerSymbol, 'position')
      return `${own.symbol} holds ${most}, as many as the policy allows there; in its way is ${by}.`
    }
    case 'max_open_positions': {
      const open = input?.scenario.openPositions.map(({ eventId }) => eventId) ?? []
      const most = policy === null ? 'limit of positions' : `limit of ${countText(policy.maxOpenPositions, 'position')}`
      const taken = rejected.admissible ? [...open, ...decision.selected] : open
      return `The ${most} is reached${taken.length === 0 ? '' : `: ${listText(taken)}`}.`
    }
    case 'insufficient_capital':
      return capitalSentence(rejected, input, json)
    case 'slot_budget_exhausted':
      return `The pot of its type, ${potText(own.eventType, policy)}, has nothing left, or less than the ${moneyText(json?.capitalRequiredMinor ?? 0)} that it needs.`
    case 'not_actionable':
      return `It was ${json?.lifecycleState ?? 'over'}; only TRIGGERED, ACTIVE and COMPLETING may be acted on.`
    case 'expired': {
      const late = json?.expiresAtNs == null ? null : input!.scenario.nowNs - json.expiresAtNs
      return late === null ? 'It had expired.' : `It had expired ${secondsText(late)} before.`
    }
    case 'below_min_priority':
      return `Its priority score ${scoreText(own.raw.priorityScore)} is below the policy's least, ${policy?.minPriorityScore ?? 'min_priority_score'}.`
    case 'stale_state':
      return input === null
        ? 'The state was too old to decide on.'
        : `The state was ${input.scenario.stateAgeMs} ms old; the policy decides on at most ${input.policy.maxStateAgeMs} ms.`
    case 'fair_queue':
      return winner === null
        ? 'It ranks higher, but the fair queue served another type, and what it served was then dropped in allocation.'
        : `It ranks higher, but the fair queue served ${winner.eventType}: ${turnOf(decision, input)}.`
    case 'starvation_bound': {
      const overdue = overdueOf(decision, input)
      const waits = overdue === null ? '' : `, ${secondsText(overdue.waitNs)} against ${secondsText(overdue.boundNs)},`
      return `${by.charAt(0).toUpperCase()}${by.slice(1)} had waited longer than the bound${waits} and goes first, whatever the scores.`
    }
    case 'halted':
      return `Trading was ${input?.scenario.tradingState ?? 'not ACTIVE'}; only ACTIVE admits entries.`
    case 'risk_limit':
      return 'Its allocation, or what its stop may lose, does not buy one lot.'
  }
}

function lowerScoreSentence(
  own: RankedCandidate,
  winner: RankedCandidate | null,
  rejected: RejectedEvent,
  policy: Policy | null,
): string {
  if (winner === null)
    return 'Another was chosen before it and then dropped in the allocation, after which nobody else is chosen.'
  const { scoreDiff } = rejected
  if (policy?.selection === 'hierarchy') {
    const tie = own.raw.priorityScore === winner.raw.priorityScore
    const priorities = `${scoreText(own.raw.priorityScore)} against ${scoreText(winner.raw.priorityScore)}`
    return `In its tier ${tie ? 'priority scores are equal and the better rank' : 'the higher priority score'} goes first: ${priorities} of ${winner.eventId}.`
  }
  const scores = `${scoreText(own.score)} against ${scoreText(winner.score)} of ${winner.eventId}`
  if (policy?.selection === 'portfolio') return `It is not in the set with the greatest total score: ${scores}.`
  if (scoreDiff === 0) {
    return `The scores are equal, ${scores}; then priority score, tier, earlier detection and id decide, in this order.`
  }
  return scoreDiff === null
    ? `It has the lower score: ${scores}.`
    : `It has the lower score: ${scores}, ${Number(scoreDiff.toPrecision(4))} less.`
}

function capitalSentence(
  rejected: RejectedEvent,
  input: DecisionInput | null,
  json: ScenarioCandidate | undefined,
): string {
  if (input === null) return 'The capital did not suffice.'
  const heldMinor = heldBy(input.scenario.openPositions)
  const availableMinor = Math.max(0, input.scenario.capitalMinor - heldMinor)
  const needMinor = json?.capitalRequiredMinor ?? 0
  if (rejected.admissible) {
    return `With all that were chosen in its pot the shares did not suffice for everybody; the worst-ranked goes first, and it needs ${moneyText(needMinor)}.`
  }
  if (availableMinor === 0) {
    return `Nothing is available: open positions hold ${moneyText(heldMinor)} of ${moneyText(input.scenario.capitalMinor)}.`
  }
  if (availableMinor < needMinor) return `It needs ${moneyText(needMinor)}; ${moneyText(availableMinor)} is available.`
  return 'The allocation gives each what it needs, and it says that it needs nothing.'
}

export function heldBy(positions: readonly ScenarioPosition[]): number {
  return positions.reduce((sum, position) => sum + position.capitalMinor, 0)
}

function potText(eventType: string, policy: Policy | null): string {
  const slots = policy?.capitalSlots
  if (slots == null) return eventType
  if (Object.hasOwn(slots, eventType)) return `${eventType} (${slots[eventType]} of the capital)`
  return Object.hasOwn(slots, '*') ? `* (${slots['*']} of the capital)` : 'none: no pot is named for it'
}

/** At most four of them by name. */
export function listText(ids: readonly string[]): string {
  const named = ids.slice(0, 4).join(', ')
  return ids.length <= 4 ? named : `${named} and ${ids.length - 4} more`
}

const statusSentences: Readonly<Record<string, string>> = {
  SUCCESS: 'reserved',
  EVENT_CLAIMED: 'refused: the event was reserved, spent or over by then',
  INTERLOCKED: 'refused: a position of an incompatible type was there by then',
  SLOT_TAKEN: 'refused: the symbol was full by then',
  MAX_POSITIONS: 'refused: the account was full by then',
  NO_CAPITAL: 'refused: the capital was gone by then',
  STALE_TOKEN: 'refused: its token was out of date',
  NOT_ATTEMPTED: 'not attempted',
}

/** What became of a reservation. */
export function statusSentence(status: string): string {
  return statusSentences[status] ?? status
}
