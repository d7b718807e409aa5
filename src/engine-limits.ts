/** What an engine's region and ledger are to hold and to enforce. Pure. */
import type { EngineConfig } from './config.ts'
import { eventRecordFields } from './domain/event-record.ts'
import { eventTypesOf, type Policy } from './domain/policy.ts'
import { potsOf } from './domain/pots.ts'
import { latencyNames } from './pipeline/stage-latency.ts'
import { layout } from './region/layout.ts'
import type { ReservationLimits } from './region/limits.ts'
import { participantsMaxDefault, type RegionSchema } from './region/schema.ts'
import { weightsSchema } from './stages/arbitration/weight-snapshot.ts'
import { hotSchema } from './stages/state/state-stage.ts'

/** What an engine's region holds. @param strategies - How many run in workers. */
export function regionSchemaOf(config: EngineConfig, symbols: readonly string[], strategies: number): RegionSchema {
  return {
    snapshots: [hotSchema(symbols), weightsSchema],
    events: { types: eventTypesOf(config.policy), fields: eventRecordFields, capacity: config.eventCapacity },
    positionsMax: config.positionsMax,
    histograms: latencyNames,
    ...(strategies === 0 ? {} : { participantsMax: participantsMaxOf(strategies) }),
  }
}

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
function participantsMaxOf(strategies: number): number {
  return Math.min(layout.participantsMax, participantsMaxDefault + strategies)
}
