/** What an engine's region and ledger are to hold and to enforce. Pure. */
import type { Policy } from './domain/policy.ts'
import { potsOf } from './domain/pots.ts'
import { layout } from './region/layout.ts'
import type { ReservationLimits } from './region/limits.ts'
import { participantsMaxDefault } from './region/schema.ts'

/** What the ledger is to enforce of a policy. */
export function limitsOf(policy: Policy, types: readonly string[], capitalMinor: number): ReservationLimits {
  const interlock = policy.interlock
  return {
    capitalMinor,
    maxOpenPositions: policy.maxOpenPositions,
    maxPositionsPerSymbol: Math.min(policy.maxPositionsPerSymbol, 65_535),
    interlock:
      interlock === null
        ? null
        : {
            scope: interlock.scope,
            compatible: types.map((type) =>
              interlock.compatible.flatMap(([one, other]) =>
                one === type ? [types.indexOf(other)] : other === type ? [types.indexOf(one)] : [],
              ),
            ),
          },
    pots: potsOf(policy, types),
  }
}

/** Attachments of the region: the stages' threads, and one a strategy. */
export function participantsMaxOf(strategies: number): number {
  return Math.min(layout.participantsMax, participantsMaxDefault + strategies)
}
