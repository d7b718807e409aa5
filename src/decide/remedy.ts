/**
 * Remedies: what would have to be different about the rule that stands in an event's way, where the event's own numbers are not
 * what it fails by: a position gone, a rival gone, a limit of the policy raised, the engine's state another. Each is a whole
 * scenario and policy, to be decided like any other. Pure; any thread; cold.
 */
import type { RejectedEvent } from '../domain/decision.ts'
import type { Policy } from '../domain/policy.ts'
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

/** How many positions are each tried as the one that is gone. */
const positionsTriedMax = 16

/**
 * What to try against `rejected.reason`, the most natural first.
 *
 * @param index - Of the rejected candidate in the scenario.
 * @param selected - Who was selected, best rank first.
 */
export function remediesFor(
  scenario: Scenario,
  policy: Policy,
  index: number,
  rejected: RejectedEvent,
  selected: readonly string[],
): Remedy[] {
  const own = scenario.candidates[index]!
  const ground: Ground = { scenario, policy, own, index }
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
      return [
        inPolicy(ground, 'min_priority_score', policy.minPriorityScore, own.priorityScore, {
          minPriorityScore: own.priorityScore,
        }),
      ]
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
        ? [withoutRival(ground, blockedBy!), onePerSymbolMore(ground, selected)]
        : [
            withoutPosition(ground, blockedBy!),
            ...withoutAll(ground, (position) => position.symbol === own.symbol),
            ...(blockedBy === own.eventId ? [] : [onePerSymbolMore(ground, [])]),
          ]
    case 'max_open_positions':
      return admissible
        ? [onePositionMore(ground, selected.length), ...selected.toReversed().map((id) => withoutRival(ground, id))]
        : [
            ...scenario.openPositions
              .slice(0, positionsTriedMax)
              .map(({ eventId }) => withoutPosition(ground, eventId)),
            onePositionMore(ground, 0),
          ]
    case 'slot_budget_exhausted':
      return [
        ...withoutAll(ground, () => true),
        ...(policy.capitalSlotsBorrow === 'none'
          ? [inPolicy(ground, 'capital_slots_borrow', 'none', 'idle', { capitalSlotsBorrow: 'idle' })]
          : []),
        inPolicy(ground, 'capital_slots', policy.capitalSlots, null, { capitalSlots: null }),
      ]
    case 'insufficient_capital':
      return [
        ...scenario.openPositions.slice(0, positionsTriedMax).map(({ eventId }) => withoutPosition(ground, eventId)),
        ...withoutAll(ground, () => true),
        ...selected.map((id) => withoutRival(ground, id)),
        ...(policy.allocation === 'need'
          ? [inPolicy(ground, 'allocation', 'need', 'proportional', { allocation: 'proportional' })]
          : []),
      ]
    case 'fair_queue':
      return [
        inPolicy(ground, 'fair_queue', policy.fairQueue, 'off', { fairQueue: 'off' }),
        ...selected.map((id) => withoutRival(ground, id)),
      ]
    case 'starvation_bound':
      return [
        withoutRival(ground, blockedBy!),
        inPolicy(ground, 'max_wait_s', policy.maxWaitS, null, { maxWaitS: null }),
      ]
    case 'lower_score':
    case 'lower_tier':
      return selected.toReversed().map((id) => withoutRival(ground, id))
    case 'risk_limit':
      return []
  }
}

interface Ground {
  readonly scenario: Scenario
  readonly policy: Policy
  readonly own: ScenarioCandidate
  readonly index: number
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

/** All that block, where that is more than one. */
function withoutAll(ground: Ground, blocks: (position: Scenario['openPositions'][number]) => boolean): Remedy[] {
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

/** One slot more than are taken, by positions and by those selected. */
function onePositionMore(ground: Ground, selectedCount: number): Remedy {
  const to = ground.scenario.openPositions.length + selectedCount + 1
  return inPolicy(ground, 'max_open_positions', ground.policy.maxOpenPositions, to, { maxOpenPositions: to })
}

function onePerSymbolMore(ground: Ground, selected: readonly string[]): Remedy {
  const { scenario, policy, own } = ground
  const members = scenario.candidates.filter(({ eventId }) => selected.includes(eventId))
  const taken = [...scenario.openPositions, ...members].filter(({ symbol }) => symbol === own.symbol).length
  const to = taken + 1
  return inPolicy(ground, 'max_positions_per_symbol', policy.maxPositionsPerSymbol, to, { maxPositionsPerSymbol: to })
}

/** The two types declared compatible. */
function compatible(ground: Ground, other: string | undefined): Remedy[] {
  const { interlock } = ground.policy
  if (interlock === null || other === undefined) return []
  const to = [...interlock.compatible, [ground.own.eventType, other] as const]
  const change = { interlock: { ...interlock, compatible: to } }
  return [inPolicy(ground, 'interlock.compatible', interlock.compatible, [ground.own.eventType, other], change)]
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
