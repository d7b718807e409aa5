/** What the capital had to do with a decision, in sentences: pots, needs, lots, and who was dropped for them. Pure. */
import { chosenOf, wasDropped } from '../../decide/chosen-set.ts'
import { potOf } from '../../decide/remedy.ts'
import type { RankedCandidate, RejectedEvent } from '../../domain/decision.ts'
import type { Policy } from '../../domain/policy.ts'
import type { Scenario, ScenarioPosition } from '../../domain/scenario.ts'
import { riskBudgetOf } from '../../fill/sizing.ts'
import { listText, moneyText } from './figures.ts'
import type { DecisionInput } from './journal-folder.ts'
import type { RuleGround } from './rule-ground.ts'

export function heldBy(positions: readonly ScenarioPosition[]): number {
  return positions.reduce((sum, position) => sum + position.capitalMinor, 0)
}

function availableOf({ capitalMinor, openPositions }: Scenario): number {
  return Math.max(0, capitalMinor - heldBy(openPositions))
}

/** One event by its id, several as a set. */
export function setText(ids: readonly string[]): string {
  return ids.length === 1 ? ids[0]! : `{${listText(ids, 8)}}`
}

/** Who of the chosen was dropped when the capital was shared, the worst-ranked first; '' where nobody was. */
export function droppedSentence({ decision }: RuleGround): string {
  const dropped = decision.rejected.filter(wasDropped).toReversed()
  const by = (reason: string): string[] => dropped.filter((one) => one.reason === reason).map(({ eventId }) => eventId)
  const [short, lotless] = [by('insufficient_capital'), by('risk_limit')]
  const order = short.length > 1 ? ', the worst-ranked first' : ''
  return [
    short.length === 0
      ? ''
      : ` It could not get its capital, so that ${wereDropped(short)}${order} (insufficient_capital).`,
    lotless.length === 0 ? '' : ` What it was to get bought no lot, so that ${wereDropped(lotless)} (risk_limit).`,
  ].join('')
}

function wereDropped(ids: readonly string[]): string {
  return `${listText(ids, 8)} ${ids.length === 1 ? 'was' : 'were'} dropped`
}

/** `insufficient_capital`. */
export function capitalSentence(ground: RuleGround, rejected: RejectedEvent): string {
  const { input } = ground
  if (input === null) return 'The capital did not suffice.'
  if (rejected.admissible) return sharingSentence(ground, rejected, input)
  const { scenario } = input
  const availableMinor = availableOf(scenario)
  const needMinor = needOf(scenario, rejected.eventId)
  if (availableMinor === 0) {
    return `Nothing is available: open positions hold ${moneyText(heldBy(scenario.openPositions))} of ${moneyText(scenario.capitalMinor)}.`
  }
  if (availableMinor < needMinor) return `It needs ${moneyText(needMinor)}; ${moneyText(availableMinor)} is available.`
  return 'The allocation gives each what it needs, and it says that it needs nothing.'
}

/** It was chosen, and then dropped for the others in its pot or for its own need. */
function sharingSentence(
  { decision }: RuleGround,
  rejected: RejectedEvent,
  { scenario, policy }: DecisionInput,
): string {
  const pots = new Map(decision.candidates.map(({ eventId, eventType }) => [eventId, potOf(policy, eventType)]))
  const pot = pots.get(rejected.eventId)!
  const sharers = chosenOf(decision).filter((id) => pots.get(id) === pot)
  const whole = pot === null ? moneyText(availableOf(scenario)) : `the pot ${potShareText(pot, policy)}`
  if (sharers.length === 1) {
    return `It was chosen, but of ${whole} there was less left than the ${moneyText(needOf(scenario, rejected.eventId))} that it needs.`
  }
  const needs = sharers.filter((id) => needOf(scenario, id) > 0).map((id) => `${id} ${moneyText(needOf(scenario, id))}`)
  const lack = needs.length === 0 ? 'a share' : `what it needs (${listText(needs, 8)})`
  return `${setText(sharers)} was chosen to share ${whole}, and not each would have got ${lack}; the worst-ranked is dropped first.`
}

function needOf({ candidates }: Scenario, eventId: string): number {
  return candidates.find((one) => one.eventId === eventId)?.capitalRequiredMinor ?? 0
}

/** `risk_limit`. A journal whose inputs say nothing of lots does not tell which of its two causes it was. */
export function riskSentence({ eventId, eventType }: RankedCandidate, input: DecisionInput | null): string {
  if (input === null) return 'It was chosen, but what it was to get, or what its stop may lose, buys no lot.'
  const { scenario, policy } = input
  const lotMinor = scenario.candidates.find((one) => one.eventId === eventId)?.lotCapitalMinor ?? 0
  const risk = moneyText(riskBudgetOf(scenario.capitalMinor, policy.riskPerTrade))
  if (lotMinor === Number.POSITIVE_INFINITY) {
    return `It was chosen, but its stop may lose at most ${risk}, and so no allocation buys a lot, or its symbol has not traded yet.`
  }
  const heldMinor = heldBy(scenario.openPositions)
  const held =
    heldMinor === 0 ? '' : `, since open positions hold ${moneyText(heldMinor)} of ${moneyText(scenario.capitalMinor)}`
  const pot = potOf(policy, eventType)
  const left =
    pot === null
      ? `At most ${moneyText(availableOf(scenario))} was left for it${held}`
      : `It spends of the pot ${potShareText(pot, policy)}`
  if (lotMinor > 0)
    return `It was chosen, but what it was to get buys no lot, which takes ${moneyText(lotMinor)}. ${left}.`
  return `It was chosen, but no lot could be bought for it. ${left}, and its stop may lose at most ${risk}; which of the two was too little, the journal does not say.`
}

/** `slot_budget_exhausted`. */
export function budgetSentence(own: RankedCandidate, needMinor: number, policy: Policy | null): string {
  if (policy === null) return 'The pot of its type had nothing left, or less than it needs.'
  const pot = potOf(policy, own.eventType)
  if (pot === null) return `No pot is named for ${own.eventType}, so it gets nothing.`
  const need = needMinor === 0 ? '' : `, or less than the ${moneyText(needMinor)} that it needs`
  return `The pot of its type, ${potShareText(pot, policy)}, has nothing left${need}.`
}

function potShareText(pot: string, policy: Policy): string {
  return `${pot} (${policy.capitalSlots![pot]} of the capital)`
}
