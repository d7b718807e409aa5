/**
 * Remedies: what would have to be different about the rule that stands in an event's way, where the event's own numbers are not
 * what it fails by: a position gone, a rival gone, a limit of the policy raised, the engine's state another. Each is a whole
 * scenario and policy, to be decided like any other. Pure; any thread; cold.
 */
import type { RejectedEvent } from '../domain/decision.ts'
import type { Policy } from '../domain/policy.ts'
import { millionthsPerUnit, otherTypesSlot, toMillionths } from '../domain/policy-codec.ts'
import type { Scenario, ScenarioCandidate } from '../domain/scenario.ts'

/**
 * - `without_position`, `without_positions`: it, or all that block, were closed.
 * - `without_rival`: the other candidate were not there.
 * - `policy`: one key of the policy had another value.
 * - `state`: one key of the scenario beside the candidates had.
 * - `event`: one fixed property of the event itself had.
 */
export type RemedyKind = 'without_position' | 'without_positions' | 'without_rival' | 'policy' | 'state' | 'event'

export interface Remedy {
  readonly kind: RemedyKind
  /** Who would be gone: event ids. */
  readonly gone: readonly string[]
  /** Which key would differ, as in JSON, and to what; null where somebody would be gone. */
  readonly key: string | null
  readonly from: unknown
  readonly to: unknown
  readonly scenario: Scenario
  readonly policy: Policy
}

/** The pot of a type under `capital_slots`; null where no pot is for it: it has no budget then and cannot borrow. */
export function potOf({ capitalSlots }: Policy, eventType: string): string | null {
  if (capitalSlots === null) return null
  if (Object.hasOwn(capitalSlots, eventType)) return eventType
  return Object.hasOwn(capitalSlots, otherTypesSlot) ? otherTypesSlot : null
}

/** How many positions are each tried as the one that is gone. */
const positionsTriedMax = 16

/**
 * What to try against `rejected.reason`, the most natural first. None of them leaves the key at its value.
 *
 * @param index - Of the rejected candidate in the scenario.
 * @param chosen - Who was chosen before the capital was shared, best rank first (`chosenOf`).
 */
export function remediesFor(
  scenario: Scenario,
  policy: Policy,
  index: number,
  rejected: RejectedEvent,
  chosen: readonly string[],
): Remedy[] {
  const own = scenario.candidates[index]!
  const rivals = chosen.filter((id) => id !== own.eventId)
  return against({ scenario, policy, own, index, rivals }, rejected).filter(
    ({ key, from, to }) => key === null || from !== to,
  )
}

function against(ground: Ground, rejected: RejectedEvent): Remedy[] {
  const { scenario, policy, own, rivals } = ground
  const { blockedBy, admissible } = rejected
  switch (rejected.reason) {
    case 'halted':
      return [inState(ground, 'trading_state', scenario.tradingState, 'ACTIVE', { tradingState: 'ACTIVE' })]
    case 'stale_state': {
      const to = policy.maxStateAgeMs
      return [inState(ground, 'state_age_ms', scenario.stateAgeMs, to, { stateAgeMs: to })]
    }
    case 'not_actionable':
      return [ofEvent(ground, 'lifecycle_state', own.lifecycleState, 'ACTIVE', { lifecycleState: 'ACTIVE' })]
    case 'expired':
      return [ofEvent(ground, 'expires_at_ns', own.expiresAtNs, null, { expiresAtNs: null })]
    case 'below_min_priority':
      return [leastPriority(ground)]
    case 'interlocked':
      return admissible
        ? [withoutRival(ground, blockedBy!), ...compatible(ground, typeOf(scenario, blockedBy!))]
        : [
            withoutPosition(ground, blockedBy!),
            ...withoutAll(ground, (position) => isExcluded(policy, own, position)),
            ...compatible(ground, typeOf(scenario, blockedBy!)),
          ]
    case 'slot_taken':
      return admissible
        ? [withoutRival(ground, blockedBy!), onePerSymbolMore(ground, rivals)]
        : [
            withoutPosition(ground, blockedBy!),
            ...withoutAll(ground, (position) => position.symbol === own.symbol),
            ...(blockedBy === own.eventId ? [] : [onePerSymbolMore(ground, [])]),
          ]
    case 'max_open_positions':
      return admissible
        ? [onePositionMore(ground, rivals.length), ...worstFirst(ground)]
        : [...withoutEach(ground, () => true), onePositionMore(ground, 0)]
    case 'slot_budget_exhausted':
      return [
        ...(potOf(policy, own.eventType) !== null
          ? [
              ...withoutEach(ground, ({ eventType }) => potOf(policy, eventType) === potOf(policy, own.eventType)),
              ...withoutAll(ground, () => true),
              inPolicy(ground, 'capital_slots_borrow', policy.capitalSlotsBorrow, 'idle', {
                capitalSlotsBorrow: 'idle',
              }),
            ]
          : [potMore(ground)]),
        inPolicy(ground, 'capital_slots', policy.capitalSlots, null, { capitalSlots: null }),
      ]
    case 'insufficient_capital':
      return [
        ...withoutEach(ground, () => true),
        ...withoutAll(ground, () => true),
        ...rivals.map((id) => withoutRival(ground, id)),
        ...(policy.allocation === 'need'
          ? [inPolicy(ground, 'allocation', 'need', 'proportional', { allocation: 'proportional' })]
          : []),
      ]
    case 'fair_queue':
      return [
        inPolicy(ground, 'fair_queue', policy.fairQueue, 'off', { fairQueue: 'off' }),
        ...rivals.map((id) => withoutRival(ground, id)),
      ]
    case 'starvation_bound':
      return [
        withoutRival(ground, blockedBy!),
        inPolicy(ground, 'max_wait_s', policy.maxWaitS, null, { maxWaitS: null }),
      ]
    case 'lower_score':
    case 'lower_tier':
      return worstFirst(ground)
    case 'risk_limit':
      return own.lotCapitalMinor === Number.POSITIVE_INFINITY
        ? []
        : [
            ...withoutEach(ground, () => true),
            ...withoutAll(ground, () => true),
            ...rivals.map((id) => withoutRival(ground, id)),
          ]
  }
}

interface Ground {
  readonly scenario: Scenario
  readonly policy: Policy
  readonly own: ScenarioCandidate
  readonly index: number
  /** The others that were chosen, best rank first. */
  readonly rivals: readonly string[]
}

const nothingElse = { gone: [], key: null, from: null, to: null } as const

function inState(ground: Ground, key: string, from: unknown, to: unknown, change: Partial<Scenario>): Remedy {
  const scenario = { ...ground.scenario, ...change }
  return { ...nothingElse, kind: 'state', key, from, to, scenario, policy: ground.policy }
}

function inPolicy(ground: Ground, key: string, from: unknown, to: unknown, change: Partial<Policy>): Remedy {
  const policy = { ...ground.policy, ...change }
  return { ...nothingElse, kind: 'policy', key, from, to, scenario: ground.scenario, policy }
}

function ofEvent(ground: Ground, key: string, from: unknown, to: unknown, change: Partial<ScenarioCandidate>): Remedy {
  const candidates = ground.scenario.candidates.with(ground.index, { ...ground.own, ...change })
  const scenario = { ...ground.scenario, candidates }
  return { ...nothingElse, kind: 'event', key, from, to, scenario, policy: ground.policy }
}

function withoutPosition(ground: Ground, eventId: string): Remedy {
  return withoutPositions(ground, 'without_position', [eventId])
}

type Blocks = (position: Scenario['openPositions'][number]) => boolean

/** One by one, the first of those that block. */
function withoutEach(ground: Ground, blocks: Blocks): Remedy[] {
  const blocking = ground.scenario.openPositions.filter(blocks).slice(0, positionsTriedMax)
  return blocking.map(({ eventId }) => withoutPosition(ground, eventId))
}

/** All that block, where that is more than one. */
function withoutAll(ground: Ground, blocks: Blocks): Remedy[] {
  const gone = ground.scenario.openPositions.filter(blocks).map(({ eventId }) => eventId)
  return gone.length < 2 ? [] : [withoutPositions(ground, 'without_positions', gone)]
}

function withoutPositions(ground: Ground, kind: RemedyKind, gone: readonly string[]): Remedy {
  const openPositions = ground.scenario.openPositions.filter(({ eventId }) => !gone.includes(eventId))
  return { ...nothingElse, kind, gone, scenario: { ...ground.scenario, openPositions }, policy: ground.policy }
}

function withoutRival(ground: Ground, eventId: string): Remedy {
  const candidates = ground.scenario.candidates.filter((candidate) => candidate.eventId !== eventId)
  const scenario = { ...ground.scenario, candidates }
  return { ...nothingElse, kind: 'without_rival', gone: [eventId], scenario, policy: ground.policy }
}

/** Each of the chosen gone, the worst-ranked first: whose slot is the cheapest. */
function worstFirst(ground: Ground): Remedy[] {
  return ground.rivals.toReversed().map((id) => withoutRival(ground, id))
}

/** The event's own priority score with as few digits as admit nobody else, so that what is decided is the same. */
function leastPriority(ground: Ground): Remedy {
  const { scenario, policy, own } = ground
  const below = scenario.candidates.map(({ priorityScore }) => priorityScore).filter((one) => one < own.priorityScore)
  const next = Math.max(-1, ...below)
  let to = own.priorityScore
  for (let digits = 2; digits <= 12; digits++) {
    const shorter = Math.floor(own.priorityScore * 10 ** digits) / 10 ** digits
    if (shorter <= next || shorter > own.priorityScore) continue
    to = shorter
    break
  }
  return inPolicy(ground, 'min_priority_score', policy.minPriorityScore, to, { minPriorityScore: to })
}

/** One slot more than are taken, by positions and by the chosen. */
function onePositionMore(ground: Ground, chosenCount: number): Remedy {
  const to = ground.scenario.openPositions.length + chosenCount + 1
  return inPolicy(ground, 'max_open_positions', ground.policy.maxOpenPositions, to, { maxOpenPositions: to })
}

function onePerSymbolMore(ground: Ground, chosen: readonly string[]): Remedy {
  const { scenario, policy, own } = ground
  const members = scenario.candidates.filter(({ eventId }) => chosen.includes(eventId))
  const taken = [...scenario.openPositions, ...members].filter(({ symbol }) => symbol === own.symbol).length
  const to = taken + 1
  return inPolicy(ground, 'max_positions_per_symbol', policy.maxPositionsPerSymbol, to, { maxPositionsPerSymbol: to })
}

/** A pot for the event's type: of the share that no pot has, or else half of the greatest pot's. */
function potMore(ground: Ground): Remedy {
  const { policy, own } = ground
  const slots = policy.capitalSlots!
  const millionths = Object.entries(slots).map(([pot, share]) => [pot, toMillionths(share)] as const)
  const free = millionthsPerUnit - millionths.reduce((sum, [, share]) => sum + share, 0)
  const [greatest, most] = millionths.reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0])
  const half = Math.floor(most / 2)
  const to =
    free > 0
      ? { ...slots, [own.eventType]: free / millionthsPerUnit }
      : { ...slots, [greatest]: (most - half) / millionthsPerUnit, [own.eventType]: half / millionthsPerUnit }
  return inPolicy(ground, 'capital_slots', slots, to, { capitalSlots: to })
}

/** The two types declared compatible; the pair is the last of the list. */
function compatible(ground: Ground, other: string | undefined): Remedy[] {
  const { interlock } = ground.policy
  if (interlock === null || other === undefined) return []
  const to = [...interlock.compatible, [ground.own.eventType, other] as const]
  const change = { interlock: { ...interlock, compatible: to } }
  return [inPolicy(ground, 'interlock.compatible', interlock.compatible, to, change)]
}

function typeOf(scenario: Scenario, eventId: string): string | undefined {
  return [...scenario.openPositions, ...scenario.candidates].find((one) => one.eventId === eventId)?.eventType
}

/** Whether an open position's type excludes the candidate's, in scope. */
function isExcluded(
  policy: Policy,
  own: ScenarioCandidate,
  position: { readonly eventType: string; readonly symbol: string },
): boolean {
  const { interlock } = policy
  if (interlock === null || position.eventType === own.eventType) return false
  if (interlock.scope === 'symbol' && position.symbol !== own.symbol) return false
  return !interlock.compatible.some(
    ([a, b]) => (a === own.eventType && b === position.eventType) || (b === own.eventType && a === position.eventType),
  )
}
