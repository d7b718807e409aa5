/**
 * What if: for an event that a decision turned down, the nearest change that would have had it selected, found and verified
 * by deciding again. Pure; any thread; cold (`explain`).
 *
 * What a lot costs is no part of a scenario: an event counts as selected when it is given capital that is at least what it needs.
 *
 * WHATIF-1: of every change that is returned, the real core selected the event with it, and did not with one step less of it.
 */
import type { Decision, RejectedEvent, RejectionReason, SelectionReason } from '../domain/decision.ts'
import type { Policy } from '../domain/policy.ts'
import type { Scenario } from '../domain/scenario.ts'
import { minorPerUnit } from '../domain/units.ts'
import { chosenOf } from './chosen-set.ts'
import type { DecisionView } from './decision-view.ts'
import { selectionReasonOf } from './decision-view.ts'
import { decideScenario, viewScenario } from './from-scenario.ts'
import { type Lever, type LeverGround, type LeverName, type LeverSide, leverNames, leverOf } from './lever.ts'
import { type Remedy, remediesFor } from './remedy.ts'
import { bisectSteps, scanSteps } from './step-search.ts'

/** The nearest step of one lever at which the event is selected. */
export interface Change {
  readonly lever: LeverName
  /** Steps from the scenario's value; negative to less of it. */
  readonly step: bigint
  readonly from: number | bigint
  readonly to: number | bigint
  /** One step nearer to `from`, where it still loses; `from` itself where `to` is the first step. */
  readonly short: number | bigint
  readonly selectionReason: SelectionReason
  /** What the event would have been given. */
  readonly capitalMinor: number
  /** How it was found: `bisection` is exact; a `scan` may have passed over something nearer. */
  readonly search: 'bisection' | 'scan'
  /** In points of the component, for those that are one (freshness among them); null for the others. */
  readonly componentDelta: number | null
}

/** A lever along which the event is nowhere selected. */
export interface FutileLever {
  readonly lever: LeverName
  /** `rule`: the reason of the rejection does not look at it. */
  readonly search: 'bisection' | 'scan' | 'rule'
}

/** What became of the event under a remedy. */
export interface TriedRemedy extends Remedy {
  readonly wins: boolean
  /** With which reason it would have been selected; null where it would not. */
  readonly selectionReason: SelectionReason | null
  /** What it would have been given; 0 where it does not win. */
  readonly capitalMinor: number
  /** What would have turned it down then; null where nothing would. */
  readonly rejected: RejectedEvent | null
  /** Who would have been selected. */
  readonly selected: readonly string[]
}

export interface WhatIf {
  readonly eventId: string
  /** One for each lever that can do it, in the order of `leverNames`. */
  readonly changes: readonly Change[]
  readonly futile: readonly FutileLever[]
  /**
   * Of the changes of a component the one that moves it least, of waiting time where it is the only one; null: none can do it. One that
   * would be given less than a unit of money only where there is no other.
   */
  readonly smallest: Change | null
  readonly remedies: readonly TriedRemedy[]
  /** Where neither a lever nor a remedy does it alone: the first remedy that leads on, and the component that does the rest. */
  readonly together: { readonly remedy: TriedRemedy; readonly change: Change } | null
}

/** How many remedies are tried; where more than so many positions block, the first of them stand for the others. */
const remediesMax = 24

const components: readonly LeverName[] = [
  'priority_score',
  'freshness',
  'regime_alignment',
  'expected_value',
  'waiting_time',
]

/** Which levers a rule looks at that keeps an event from being admissible. Every other lever cannot move its verdict. */
const leversOfRule: Readonly<Partial<Record<RejectionReason, readonly LeverName[]>>> = {
  halted: [],
  stale_state: [],
  not_actionable: [],
  expired: ['decision_time'],
  below_min_priority: ['priority_score'],
  interlocked: [],
  slot_taken: [],
  max_open_positions: [],
  // Decision time: whoever expires frees a pot to lend.
  slot_budget_exhausted: ['capital_required', 'decision_time', 'capital'],
  insufficient_capital: ['capital_required', 'decision_time', 'capital'],
}

/**
 * What would have had `eventId` selected.
 *
 * @returns null where the decision selects it, or it is no candidate.
 */
export function whatIf(scenario: Scenario, policy: Policy, eventId: string): WhatIf | null {
  const decision = decideScenario(scenario, policy)
  const rejected = decision.rejected.find((event) => event.eventId === eventId)
  if (rejected === undefined) return null
  const found = searchLevers(scenario, policy, rejected, leverNames)
  const index = indexOf(scenario, eventId)
  const remedies = remediesFor(scenario, policy, index, rejected, chosenOf(decision))
    .slice(0, remediesMax)
    .map((remedy) => tryRemedy(remedy, eventId))
  return { eventId, ...found, remedies, together: searchTogether(found.changes, remedies) }
}

function searchTogether(changes: readonly Change[], remedies: readonly TriedRemedy[]): WhatIf['together'] {
  if (changes.length > 0 || remedies.some((remedy) => remedy.wins)) return null
  for (const remedy of remedies) {
    const { smallest } = searchLevers(remedy.scenario, remedy.policy, remedy.rejected!, components)
    if (smallest !== null) return { remedy, change: smallest }
  }
  return null
}

function tryRemedy(remedy: Remedy, eventId: string): TriedRemedy {
  const decision = decideScenario(remedy.scenario, remedy.policy)
  const wins = decision.selected.includes(eventId)
  return {
    ...remedy,
    wins,
    selectionReason: wins ? decision.selectionReason : null,
    capitalMinor: decision.allocations.find((one) => one.eventId === eventId)?.capitalMinor ?? 0,
    rejected: decision.rejected.find((event) => event.eventId === eventId) ?? null,
    selected: decision.selected,
  }
}

interface Found {
  readonly changes: readonly Change[]
  readonly futile: readonly FutileLever[]
  readonly smallest: Change | null
}

function searchLevers(scenario: Scenario, policy: Policy, rejected: RejectedEvent, names: readonly LeverName[]): Found {
  const index = indexOf(scenario, rejected.eventId)
  const { view } = viewScenario(scenario, policy)
  const ground: LeverGround = { scenario, policy, index, scores: Array.from(view.score.subarray(0, view.count)) }
  const looksAt = rejected.admissible ? leverNames : (leversOfRule[rejected.reason] ?? leverNames)
  const changes: Change[] = []
  const futile: FutileLever[] = []
  for (const name of names) {
    if (!looksAt.includes(name)) {
      futile.push({ lever: name, search: 'rule' })
      continue
    }
    const lever = leverOf(name, ground)
    const change = searchLever(lever, ground)
    if (change !== null) changes.push(change)
    else {
      const isExact = (lever.more?.isMonotone ?? true) && (lever.less?.isMonotone ?? true)
      futile.push({ lever: name, search: isExact ? 'bisection' : 'scan' })
    }
  }
  return { changes, futile, smallest: smallestOf(changes.filter(isWorthIt)) ?? smallestOf(changes) }
}

/** Whether the event would have been given at least a unit of money: less is nothing to act with. */
export function isWorthIt({ capitalMinor }: { readonly capitalMinor: number }): boolean {
  return capitalMinor >= minorPerUnit
}

function smallestOf(changes: readonly Change[]): Change | null {
  const ofComponent = changes.filter(({ componentDelta }) => componentDelta !== null)
  const smallest = ofComponent.reduce<Change | null>(
    (least, change) => (least === null || change.componentDelta! < least.componentDelta! ? change : least),
    null,
  )
  // Waiting has no unit in common with the others: it is named where none of them can do it.
  return smallest ?? changes.find(({ lever }) => lever === 'waiting_time') ?? null
}

/** The nearer of what the two directions hold. */
function searchLever(lever: Lever, ground: LeverGround): Change | null {
  const viewAt = (step: bigint): DecisionView => viewScenario(lever.at(step), ground.policy).view
  const winsAt = (step: bigint): boolean => isSelected(viewAt(step), ground.index)
  const more = searchSide(lever.more, winsAt)
  const less = searchSide(lever.less, (step) => winsAt(-step))
  if (more === null && less === null) return null
  const isMore = less === null || (more !== null && more <= less)
  const step = isMore ? more! : -less
  const side = isMore ? lever.more! : lever.less!
  const winning = viewAt(step)
  return {
    lever: lever.name,
    step,
    from: lever.valueAt(0n),
    to: lever.valueAt(step),
    short: lever.valueAt(isMore ? step - 1n : step + 1n),
    selectionReason: selectionReasonOf(winning.selectionReason),
    capitalMinor: winning.allocationMinor[ground.index]!,
    search: side.isMonotone ? 'bisection' : 'scan',
    componentDelta: componentDeltaOf(lever, step, ground),
  }
}

function searchSide(side: LeverSide | null, wins: (step: bigint) => boolean): bigint | null {
  if (side === null) return null
  return side.isMonotone ? bisectSteps(side.last, wins) : scanSteps(side.last, side.notable, wins)
}

function componentDeltaOf(lever: Lever, step: bigint, ground: LeverGround): number | null {
  switch (lever.name) {
    case 'priority_score':
    case 'regime_alignment':
    case 'expected_value':
      return Math.abs(Number(lever.valueAt(step)) - Number(lever.valueAt(0n)))
    case 'freshness': {
      const freshnessAt = (scenario: Scenario): number =>
        viewScenario(scenario, ground.policy).view.freshness[ground.index]!
      return Math.abs(freshnessAt(lever.at(step)) - freshnessAt(lever.at(0n)))
    }
    default:
      return null
  }
}

function indexOf(scenario: Scenario, eventId: string): number {
  return scenario.candidates.findIndex((candidate) => candidate.eventId === eventId)
}

function isSelected(view: DecisionView, index: number): boolean {
  for (let member = 0; member < view.memberCount; member++) if (view.members[member] === index) return true
  return false
}

/** Whether two decisions say the same of everybody: who was selected, with what, and why the others were not. */
export function isSameDecision(a: Decision, b: Decision): boolean {
  return (
    a.selectionReason === b.selectionReason &&
    a.selected.join('\n') === b.selected.join('\n') &&
    a.allocations.every((one, at) => one.capitalMinor === b.allocations[at]!.capitalMinor) &&
    a.rejected.length === b.rejected.length &&
    a.rejected.every(({ eventId, reason, blockedBy }, at) => {
      const other = b.rejected[at]!
      return eventId === other.eventId && reason === other.reason && blockedBy === other.blockedBy
    })
  )
}
