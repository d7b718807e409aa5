/**
 * The policy: every rule of a decision as data, with the specification's defaults. Pure; any thread.
 * `policy-codec.ts` reads it from JSON (snake_case) and refuses what is wrong by key.
 */
import { SignalboxError } from '../base/errors.ts'
import { builtInEventTypes } from './event.ts'
import type { Regime } from './regime.ts'
import { defaultTuningRules, type TuningRules } from './tuning-rules.ts'

/** The score's weights; each ≥ 0; they need not sum to 1. */
export interface Weights {
  readonly priorityScore: number
  readonly freshness: number
  readonly regimeAlignment: number
  readonly expectedValue: number
}

export interface Policy {
  /** Which arbitration strategy of the specification's part 2 chooses. */
  readonly selection: 'score' | 'hierarchy' | 'portfolio'
  readonly weights: Weights
  /** Freshness falls from 1 to 0 over this many seconds; > 0. */
  readonly freshnessHorizonS: number
  /** How reward-to-risk and win rate make the expected-value component (ERRATA E11). */
  readonly expectedValue: 'payoff' | 'expectancy'
  /** Tier by type, 1 the highest. */
  readonly tiers: Readonly<Record<string, number>>
  /** Which types may be held together, and where that is asked; null: any. */
  readonly interlock: {
    readonly scope: 'account' | 'symbol'
    readonly compatible: readonly (readonly [string, string])[]
  } | null
  /** ≥ 1. */
  readonly maxOpenPositions: number
  /** ≥ 1. */
  readonly maxPositionsPerSymbol: number
  /** Bonus = min(cap, waiting ÷ horizonS); null: off. */
  readonly ageBoost: { readonly cap: number; readonly horizonS: number } | null
  /** An admissible event that has waited longer goes first (ERRATA E12); seconds; null: off. */
  readonly maxWaitS: number | null
  readonly fairQueue: 'off' | 'round_robin' | 'deficit'
  /** Share of the capital that each waiting type gains a decision, with the deficit queue; (0, 1]. */
  readonly fairQueueQuantum: number
  /** Guaranteed shares of the capital by type, `*` for all others; null: one pot. */
  readonly capitalSlots: Readonly<Record<string, number>> | null
  readonly capitalSlotsBorrow: 'none' | 'idle'
  readonly allocation: 'proportional' | 'floor' | 'need'
  /** Share of the capital that a stop may cost; (0, 1] (ERRATA E16). */
  readonly riskPerTrade: number
  /** ≥ 1. */
  readonly leverage: number
  /** Events below are not admitted; [0, 1]. */
  readonly minPriorityScore: number
  /** When a trade enters: at its decision, or when its event is COMPLETING (ERRATA E21). */
  readonly entry: 'decision' | 'completing'
  /** Older state is refused (`stale_state`), milliseconds. */
  readonly maxStateAgeMs: number
  /** While there is a candidate, a decision is taken at least so often, milliseconds. */
  readonly decisionIntervalMs: number
  /** A user's own types. */
  readonly types: Readonly<Record<string, { readonly tier: number }>>
  /** How well a type suits a regime, [0, 1]. */
  readonly regimeTable: Readonly<Record<string, Readonly<Partial<Record<Regime, number>>>>>
  /** How better weights are looked for; no decision depends on it. */
  readonly tuning: TuningRules
}

export const defaultPolicy: Policy = {
  selection: 'score',
  weights: { priorityScore: 0.4, freshness: 0.3, regimeAlignment: 0.2, expectedValue: 0.1 },
  freshnessHorizonS: 60,
  expectedValue: 'payoff',
  tiers: { LIQUIDATION_CASCADE: 1, FAILED_HUNT: 2, FUNDING_SNAPBACK: 3, INVENTORY_DISTRIBUTION: 4 },
  interlock: {
    scope: 'account',
    compatible: [
      ['FAILED_HUNT', 'FUNDING_SNAPBACK'],
      ['FUNDING_SNAPBACK', 'INVENTORY_DISTRIBUTION'],
    ],
  },
  maxOpenPositions: 1,
  maxPositionsPerSymbol: 1,
  ageBoost: { cap: 0.3, horizonS: 120 },
  maxWaitS: 120,
  fairQueue: 'off',
  fairQueueQuantum: 0.1,
  capitalSlots: null,
  capitalSlotsBorrow: 'none',
  allocation: 'proportional',
  riskPerTrade: 0.02,
  leverage: 1,
  minPriorityScore: 0,
  entry: 'decision',
  maxStateAgeMs: 1000,
  decisionIntervalMs: 100,
  types: {},
  regimeTable: {
    LIQUIDATION_CASCADE: { expansion: 1.0, trend: 0.8, sideways: 0.4, contraction: 0.2 },
    FAILED_HUNT: { expansion: 0.5, trend: 0.4, sideways: 1.0, contraction: 0.8 },
    FUNDING_SNAPBACK: { expansion: 1.0, trend: 0.8, sideways: 0.5, contraction: 0.4 },
    INVENTORY_DISTRIBUTION: { expansion: 0.3, trend: 0.5, sideways: 1.0, contraction: 0.7 },
  },
  tuning: defaultTuningRules,
}

/** All types of a policy: the built-in ones, then its own in the order of their declaration. */
export function eventTypesOf(policy: Policy): readonly string[] {
  return [...builtInEventTypes, ...Object.keys(policy.types)]
}

/**
 * A type's tier, 1 the highest.
 *
 * @throws {SignalboxError} `ERR_INVALID_ARGUMENT` for a type that the policy does not know.
 */
export function tierOf(policy: Policy, type: string): number {
  const tier = Object.hasOwn(policy.tiers, type) ? policy.tiers[type] : policy.types[type]?.tier
  if (tier !== undefined) return tier
  throw new SignalboxError('ERR_INVALID_ARGUMENT', `the policy has no tier for the type ${type}`, { field: 'types' })
}

/** The expected-value component from reward-to-risk and win rate (ERRATA E11), in [0, 1]. */
export function expectedValueOf(rule: Policy['expectedValue'], rewardRisk: number, winRate: number): number {
  if (rule === 'payoff') return Math.min(1, rewardRisk * winRate)
  const expectancy = rewardRisk * winRate - (1 - winRate)
  return expectancy > 0 ? expectancy / (1 + expectancy) : 0
}
