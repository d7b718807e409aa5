/** The rules of a decision in words: one sentence for what was selected and one for each that was not. Pure. */
import { maxWaitNsOf } from '../../decide/choice.ts'
import { chosenOf } from '../../decide/chosen-set.ts'
import type { Decision, RankedCandidate, RejectedEvent } from '../../domain/decision.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Scenario, ScenarioCandidate } from '../../domain/scenario.ts'
import { toMoney } from '../../domain/units.ts'
import { budgetSentence, capitalSentence, droppedSentence, riskSentence, setText } from './capital-words.ts'
import { apartTexts, countText, listText, scoreText, secondsText, unitsText } from './figures.ts'
import type { DecisionInput } from './journal-folder.ts'
import type { RuleGround } from './rule-ground.ts'

/** Why these were selected, or nobody. */
export function selectionSentence(ground: RuleGround): string {
  const isEmpty = ground.decision.selected.length === 0
  return `${choiceSentence(ground)}${isEmpty ? '' : droppedSentence(ground)}`
}

function choiceSentence({ decision, input }: RuleGround): string {
  const { selected, selectionReason, candidates, admissibleCount } = decision
  const winner = candidates.find(({ eventId }) => eventId === selected[0])
  const others = countText(candidates.length - admissibleCount, 'other')
  switch (selectionReason) {
    case 'none_admissible':
      return admissibleCount === 0
        ? 'No event was admissible: a rule kept each of them out.'
        : `${setText(chosenOf(decision))} was chosen and could not use what it was to be given, so nobody was selected.`
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
      return `Of all compatible sets that the free slots allow ${setText(chosenOf(decision))} has the greatest total score, over ${countText(admissibleCount, 'admissible event')}.`
  }
}

function turnOf(decision: Decision, input: DecisionInput | null): string {
  const compared = deficitsCompared(decision)
  if (compared !== null) {
    const deficits = Object.entries(compared).map(([type, minor]) => `${type} ${unitsText(toMoney(minor))}`)
    const most = Math.max(...Object.values(compared))
    const isTie = Object.values(compared).filter((minor) => minor === most).length > 1
    return `${isTie ? 'no deficit was greater, and equal ones go by tier' : 'its deficit was the greatest'} (${deficits.join(', ')})`
  }
  const last = input?.scenario.lastExecutedType ?? null
  return last === null ? 'it was its turn' : `it comes next in turn after ${last}`
}

/** The deficits that the queue compared, minor units by type: those after the decision, and what the served type paid. */
export function deficitsCompared(decision: Decision): Readonly<Record<string, number>> | null {
  const { deficitsMinor, candidates, selected, capitalAllocatedMinor } = decision
  if (deficitsMinor === undefined) return null
  const served = candidates.find(({ eventId }) => eventId === selected[0])?.eventType
  return Object.fromEntries(
    Object.entries(deficitsMinor).map(([type, minor]) => [
      type,
      type === served ? minor + capitalAllocatedMinor : minor,
    ]),
  )
}

/** Whom the starvation bound put first. */
function overdueOf(
  decision: Decision,
  input: DecisionInput | null,
): { readonly eventId: string; readonly waitNs: bigint; readonly boundNs: bigint } | null {
  if (input === null) return null
  const boundNs = maxWaitNsOf(input.policy)
  const chosen = chosenOf(decision)
  const members = input.scenario.candidates.filter(({ eventId }) => chosen.includes(eventId))
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

function blockerText({ eventId, what, eventType, symbol }: Blocker, { rejected, selected }: Decision): string {
  const of = eventType === null ? '' : `${eventType}, ${symbol}`
  if (what === 'position') return `the open position ${eventId}${of === '' ? '' : ` (${of})`}`
  if (selected.includes(eventId)) return `the selected ${eventId} (${of})`
  const dropped = rejected.find((one) => one.eventId === eventId)
  return `the chosen ${eventId} (${of}; dropped afterwards: ${dropped?.reason})`
}

/** Why this one was not selected. */
export function rejectionSentence(ground: RuleGround, rejected: RejectedEvent): string {
  const { decision, input } = ground
  const own = decision.candidates.find(({ eventId }) => eventId === rejected.eventId)!
  const winner = decision.candidates.find(({ eventId }) => eventId === decision.selected[0]) ?? null
  const json = input?.scenario.candidates.find(({ eventId }) => eventId === rejected.eventId)
  const policy = input?.policy ?? null
  const blocker = blockerOf(ground, rejected)
  const by = blocker === null ? '' : blockerText(blocker, decision)
  switch (rejected.reason) {
    case 'lower_score':
      return lowerScoreSentence(decision, own, winner, rejected, policy)
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
      const chosen = rejected.admissible ? chosenOf(decision) : []
      const dropped = chosen.filter((id) => !decision.selected.includes(id))
      const taken = [...open, ...chosen]
      const names = taken.length === 0 ? '' : ` by ${listText(taken, 8)}`
      const them = dropped.length === 1 ? 'which was' : 'which were'
      const after = dropped.length === 0 ? '' : `, counting ${listText(dropped, 8)}, ${them} dropped afterwards`
      return `The ${most} is reached${names}${after}.`
    }
    case 'insufficient_capital':
      return capitalSentence(ground, rejected)
    case 'slot_budget_exhausted':
      return budgetSentence(own, json?.capitalRequiredMinor ?? 0, policy)
    case 'not_actionable':
      return `It was ${json?.lifecycleState ?? 'over'}; only TRIGGERED, ACTIVE and COMPLETING may be acted on.`
    case 'expired': {
      const late = json?.expiresAtNs == null ? null : input!.scenario.nowNs - json.expiresAtNs
      return late === null ? 'It had expired.' : `It had expired ${secondsText(late)} before.`
    }
    case 'below_min_priority': {
      if (policy === null) return `Its priority score ${scoreText(own.raw.priorityScore)} is below the policy's least.`
      const [score, least] = apartTexts(own.raw.priorityScore, policy.minPriorityScore)
      return `Its priority score ${score} is below the policy's least, ${least}.`
    }
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
      return riskSentence(own, input)
  }
}

function lowerScoreSentence(
  decision: Decision,
  own: RankedCandidate,
  winner: RankedCandidate | null,
  rejected: RejectedEvent,
  policy: Policy | null,
): string {
  if (winner === null) {
    return `${setText(chosenOf(decision))} was chosen before it and then dropped when the capital was shared, after which nobody else is chosen.`
  }
  const { scoreDiff } = rejected
  if (policy?.selection === 'hierarchy') {
    const tie = own.raw.priorityScore === winner.raw.priorityScore
    const priorities = apartTexts(own.raw.priorityScore, winner.raw.priorityScore).join(' against ')
    return `In its tier ${tie ? 'priority scores are equal and the better rank' : 'the higher priority score'} goes first: ${priorities} of ${winner.eventId}.`
  }
  const scores = `${apartTexts(own.score, winner.score).join(' against ')} of ${winner.eventId}`
  if (policy?.selection === 'portfolio') {
    return `It is not in ${setText(chosenOf(decision))}, the set with the greatest total score: ${scores}.`
  }
  if (scoreDiff === 0) {
    return `The scores are equal, ${scores}; then priority score, tier, earlier detection and id decide, in this order.`
  }
  return scoreDiff === null
    ? `It has the lower score: ${scores}.`
    : `It has the lower score: ${scores}, ${Number(scoreDiff.toPrecision(4))} less.`
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
