/** The inputs of one decision as a scenario, from the arrays that it was taken on. Cold: once a decision that counts. */
import type { AccountState } from '../../decide/account.ts'
import type { CandidateSet } from '../../decide/candidate-set.ts'
import type { DecisionNames } from '../../decide/materialize.ts'
import type { PositionSet } from '../../decide/position-set.ts'
import { lifecycleNames, type Side } from '../../domain/event.ts'
import type { Regime } from '../../domain/regime.ts'
import type { Scenario } from '../../domain/scenario.ts'
import type { Timeline } from '../../domain/units.ts'

export interface ScenarioSources {
  /** Unix nanoseconds of the decision. */
  readonly nowNs: bigint
  readonly timeline: Timeline
  readonly names: DecisionNames
  readonly candidates: CandidateSet
  readonly positions: PositionSet
  readonly account: AccountState
  readonly regime: Regime | null
  readonly sideOf: (candidate: number) => Side | null
}

export function scenarioOf(sources: ScenarioSources): Scenario {
  const { timeline, names, candidates, positions, account } = sources
  const deficits = account.deficitsMinor
  return {
    nowNs: sources.nowNs,
    capitalMinor: account.capitalMinor,
    regime: sources.regime,
    tradingState: account.tradingState,
    stateAgeMs: account.stateAgeMs,
    openPositions: Array.from({ length: positions.count }, (_, at) => ({
      eventId: positions.eventIds[at]!,
      eventType: names.types[positions.typeIndex[at]!]!,
      symbol: names.symbols[positions.symbolIndex[at]!]!,
      capitalMinor: positions.capitalMinor[at]!,
    })),
    candidates: Array.from({ length: candidates.count }, (_, at) => ({
      eventId: candidates.ids[at]!,
      eventType: names.types[candidates.typeIndex[at]!]!,
      symbol: names.symbols[candidates.symbolIndex[at]!]!,
      side: sources.sideOf(at),
      lifecycleState: lifecycleNames[candidates.lifecycle[at]!]!,
      priorityScore: candidates.priorityScore[at]!,
      regimeAlignment: candidates.regimeAlignment[at]!,
      expectedValue: candidates.expectedValue[at]!,
      detectedAtNs: timeline.toUnixNs(candidates.detectedAtNs[at]!),
      waitingSinceNs: timeline.toUnixNs(candidates.waitingSinceNs[at]!),
      expiresAtNs: timeline.toUnixNs(candidates.expiresAtNs[at]!),
      capitalRequiredMinor: candidates.capitalRequiredMinor[at]!,
    })),
    lastExecutedType: names.types[account.lastExecutedTypeIndex] ?? null,
    deficitsMinor: new Map(
      names.types.flatMap((type, index) => {
        const minor = deficits?.[index] ?? 0
        return minor === 0 ? [] : [[type, minor] as const]
      }),
    ),
  }
}
