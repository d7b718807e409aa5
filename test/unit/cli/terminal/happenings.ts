/** Messages of a made-up run, as the live view hears them. */
import type { Decision, RankedCandidate, RejectionReason } from '../../../../src/domain/decision.ts'
import { DecisionMade } from '../../../../src/domain/decision-made.ts'
import type { LifecycleState, MarketEvent } from '../../../../src/domain/event.ts'
import type { DecisionReserved, EventChange, Position, PositionChange } from '../../../../src/domain/message.ts'
import type { ReservationStatus } from '../../../../src/domain/reservation.ts'
import { Timeline } from '../../../../src/domain/units.ts'

export const instruments = [
  { symbol: 'BTC', priceDecimals: 1, sizeDecimals: 5 },
  { symbol: 'DOGE', priceDecimals: 6, sizeDecimals: 0 },
]

export function eventOf(kind: string, symbolIndex: number, detectedAtNs = 0): MarketEvent {
  const { symbol } = instruments[symbolIndex]!
  return {
    eventId: `${kind}_${symbol}_${1_781_719_539_000 + detectedAtNs / 1e6}`,
    eventType: 'LIQUIDATION_CASCADE',
    typeIndex: 0,
    symbol,
    symbolIndex,
    side: 'short',
    detectedAtNs,
    waitingSinceNs: detectedAtNs,
    expiresAtNs: detectedAtNs + 120e9,
    priorityScore: 0.8,
    regime: 'expansion',
    regimeAlignment: 1,
    rewardRisk: 2,
    winRate: 0.4,
    expectedValue: 0.8,
    capitalRequiredMinor: 0,
    referenceTicks: 650_000,
    targetTicks: 640_000,
    stopTicks: 655_000,
    evidence: {},
  }
}

export function changed(event: MarketEvent, state: LifecycleState = 'TRIGGERED'): EventChange {
  return { kind: 'event', event, handle: 1, state, atNs: event.detectedAtNs, cause: 'detector', evidence: {} }
}

const noWeights = { priorityScore: 0, freshness: 0, regimeAlignment: 0, expectedValue: 0 }

/** What else a decision saw: the positions that were open, and who blocks each rejected event. */
interface Seen {
  readonly open?: readonly MarketEvent[]
  readonly blockedBy?: MarketEvent
}

/** A decision on `ranked`, of which the first `selectedCount` win and the others lose for `reason`. */
export function decided(
  ranked: readonly MarketEvent[],
  selectedCount: number,
  reason: RejectionReason = 'lower_score',
  statuses: readonly ReservationStatus[] = ranked.slice(0, selectedCount).map(() => 'SUCCESS'),
  seen: Seen = {},
): DecisionReserved {
  const candidates = ranked.map(
    ({ eventId, eventType, symbol }, index): RankedCandidate => ({
      eventId,
      eventType,
      symbol,
      raw: noWeights,
      weighted: noWeights,
      baseScore: 0,
      ageBonus: 0,
      score: 0.9 - index / 100,
      tier: 1,
      rank: index + 1,
    }),
  )
  const decision = {
    candidates,
    admissibleCount: ranked.length,
    selected: ranked.slice(0, selectedCount).map(({ eventId }) => eventId),
    selectionReason: selectedCount === 0 ? ('none_admissible' as const) : ('highest_score' as const),
    rejected: ranked.slice(selectedCount).map(({ eventId }) => ({
      eventId,
      reason,
      admissible: reason === 'lower_score',
      scoreDiff: null,
      blockedBy: seen.blockedBy?.eventId ?? null,
    })),
    allocations: [],
    capitalAllocatedMinor: 1_000_000,
    capitalUnallocatedMinor: 0,
  }
  return { kind: 'reserved', statuses, grants: [], decision: new ShownDecision(decision, seen.open ?? []) }
}

/** A decision that has no record: what is shown of it is given. */
class ShownDecision extends DecisionMade {
  readonly #shown: Decision
  readonly #open: readonly MarketEvent[]

  constructor(shown: Decision, open: readonly MarketEvent[]) {
    super(new Float64Array(), 0, 0, 0, [], { types: [], symbols: [], timeline: new Timeline(0), idOf: () => '' })
    this.#shown = shown
    this.#open = open
  }

  override get stamp(): DecisionMade['stamp'] {
    return { timestampNs: 1_781_719_334_000_000_000n, sequence: 12, weightsVersion: 1, stateVersion: 0 }
  }

  override get scenario(): DecisionMade['scenario'] {
    const openPositions = this.#open.map((event) => ({ ...event, capitalMinor: 0 }))
    return { openPositions } as unknown as DecisionMade['scenario']
  }

  override get decision(): Decision {
    return this.#shown
  }
}

export function positionOn(event: MarketEvent, token = 1): Position {
  return {
    grant: {
      member: { event, handle: 1, capitalMinor: 1_000_000 },
      token,
      sequence: 1,
      decidedAtNs: 0,
    },
    plan: {
      side: event.side,
      sizeFraction: 1,
      targetTicks: event.targetTicks,
      stopTicks: event.stopTicks,
      timeStopNs: 1,
    },
    order: { quantityLots: 15_385, limitTicks: event.referenceTicks, notionalMaxMinor: 1_000_000 },
  }
}

export function moved(position: Position, to: PositionChange['to']): PositionChange {
  return { kind: 'position', position, to, atNs: 0, outcome: null, refusal: null }
}
