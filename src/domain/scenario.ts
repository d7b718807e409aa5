/**
 * A scenario: everything that one decision depends on, as `arbitrate` reads it and the journal's `inputs-…` keep it.
 * Values; any thread. `scenario-codec.ts` reads it from JSON and refuses what is wrong by key.
 */
import type { TradingState } from './decision.ts'
import type { LifecycleState, Side } from './event.ts'
import type { Regime } from './regime.ts'

/** A position that is open when the decision is taken. */
export interface ScenarioPosition {
  readonly eventId: string
  readonly eventType: string
  readonly symbol: string
  readonly capitalMinor: number
}

/** One competing event. Times in Unix nanoseconds. */
export interface ScenarioCandidate {
  readonly eventId: string
  readonly eventType: string
  readonly symbol: string
  /** Not needed for the decision; null where nobody said it. */
  readonly side: Side | null
  readonly lifecycleState: LifecycleState
  readonly priorityScore: number
  readonly regimeAlignment: number
  readonly expectedValue: number
  readonly detectedAtNs: bigint
  readonly waitingSinceNs: bigint
  /** null: never. */
  readonly expiresAtNs: bigint | null
  readonly capitalRequiredMinor: number
  /** The least allocation that buys a lot, as sizing found it: less is a `risk_limit`. 0: nothing asks; Infinity: no allocation does. */
  readonly lotCapitalMinor: number
}

/** The input of one decision beside the policy. Every name of a type is one of the policy's. */
export interface Scenario {
  readonly nowNs: bigint
  readonly capitalMinor: number
  readonly regime: Regime | null
  readonly tradingState: TradingState
  readonly stateAgeMs: number
  /** In the order of the list: the first that blocks is the one that is named. */
  readonly openPositions: readonly ScenarioPosition[]
  readonly candidates: readonly ScenarioCandidate[]
  /** null: nothing was executed yet, or a type that the policy does not know. */
  readonly lastExecutedType: string | null
  /** The deficit queue's memory by type; a type that is not there has 0. */
  readonly deficitsMinor: ReadonlyMap<string, number>
}
