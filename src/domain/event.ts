/** Events: what the detectors find, what the arbiter ranks. Pure; any thread. */
import type { Regime } from './regime.ts'

/** The built-in types in the order of their default tiers; an index into the run's types begins with them. */
export const builtInEventTypes = [
  'LIQUIDATION_CASCADE',
  'FAILED_HUNT',
  'FUNDING_SNAPBACK',
  'INVENTORY_DISTRIBUTION',
] as const

/** How many types one policy may declare, the built-in ones included. */
export const eventTypesMax = 32

/** The lifecycle. The numbers are what the event table stores; they only grow. */
export const lifecycle = { TRIGGERED: 0, ACTIVE: 1, COMPLETING: 2, COMPLETED: 3, INVALIDATED: 4 } as const
export type LifecycleState = keyof typeof lifecycle
export const lifecycleNames = ['TRIGGERED', 'ACTIVE', 'COMPLETING', 'COMPLETED', 'INVALIDATED'] as const

/** TRIGGERED, ACTIVE and COMPLETING may be acted on. */
export function isActionable(state: number): boolean {
  return state <= lifecycle.COMPLETING
}

/** Forward only; skipping forward is legal; COMPLETED and INVALIDATED are final. */
export function isLegalTransition(from: number, to: number): boolean {
  return from <= lifecycle.COMPLETING && to > from && to <= lifecycle.INVALIDATED
}

export type Side = 'long' | 'short'

/** How many bytes of UTF-8 an event id may have; at least 1. */
export const eventIdBytesMax = 63

/**
 * One event as its detector registered it. Everything here is fixed at registration; only the lifecycle state changes
 * afterwards, and it lives in the event table.
 */
export interface MarketEvent {
  /** `<kind>_<symbol>_<detected ms>`; never reused. */
  readonly eventId: string
  readonly eventType: string
  /** Index into the run's event types. */
  readonly typeIndex: number
  readonly symbol: string
  readonly symbolIndex: number
  readonly side: Side
  readonly detectedAtNs: number
  /** Since when it has waited for capital: its detection, unless something else says so. */
  readonly waitingSinceNs: number
  /** From then on it is not actionable; the registry invalidates it. */
  readonly expiresAtNs: number
  /** How clearly the evidence stands out, in [0, 1]; each detector says what its number means. */
  readonly priorityScore: number
  /** The regime of the symbol at detection and how well the type suits it, in [0, 1] (the policy's regime table). */
  readonly regime: Regime
  readonly regimeAlignment: number
  /** Distance to target ÷ distance to stop, ≥ 0. */
  readonly rewardRisk: number
  /** Prior probability that the target is reached first, in [0, 1]. */
  readonly winRate: number
  /** The score's component, in [0, 1]: from `rewardRisk` and `winRate` by the policy's rule (ERRATA E11). */
  readonly expectedValue: number
  /** The least capital with which acting on it makes sense, minor units. */
  readonly capitalRequiredMinor: number
  /** The price when it was detected, and where the idea is right or wrong, in ticks. */
  readonly referenceTicks: number
  readonly targetTicks: number
  readonly stopTicks: number
  /** The numbers that fired it, by name. */
  readonly evidence: Readonly<Record<string, number>>
}
