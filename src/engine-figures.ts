/** What a run's stages counted, whichever thread they were on. Plain values. */
import type { Histogram } from './base/histogram.ts'
import type { RejectionReason } from './domain/decision.ts'
import type { Stages } from './stage-set.ts'
import type { HolderWaits, TypeService } from './stages/arbitration/arbitration-health.ts'
import type { ArbitrationCounters } from './stages/arbitration/arbitration-stage.ts'
import type { RegistryCounters } from './stages/registry/registry-stage.ts'
import type { ReservationCounters } from './stages/reservation/reservation-stage.ts'

/** Percentiles of a latency, nanoseconds. */
export interface LatencyFigures {
  readonly p50Ns: number
  readonly p99Ns: number
  readonly maxNs: number
}

/** `ArbitrationHealth` as it stands. */
export interface HealthFigures {
  readonly starvationEvents: number
  readonly priorityInversions: number
  readonly holderWaits: HolderWaits
  readonly rejections: ReadonlyMap<RejectionReason, number>
  readonly service: readonly TypeService[]
}

export interface EngineFigures {
  readonly registry: RegistryCounters
  readonly arbitration: ArbitrationCounters
  readonly health: HealthFigures
  readonly reservation: ReservationCounters
  readonly decisionLatency: LatencyFigures
}

export function latencyFiguresOf(histogram: Histogram): LatencyFigures {
  return { p50Ns: histogram.percentile(0.5), p99Ns: histogram.percentile(0.99), maxNs: histogram.max }
}

/** Of those of the stages that are here. */
export function figuresOf(stages: Partial<Stages>, decisionLatency: Histogram): Partial<EngineFigures> {
  const { registry, arbitration, reservation } = stages
  return {
    ...(registry === undefined ? {} : { registry: { ...registry.counters } }),
    ...(reservation === undefined
      ? {}
      : { reservation: { ...reservation.counters, deniedBy: { ...reservation.counters.deniedBy } } }),
    ...(arbitration === undefined
      ? {}
      : {
          arbitration: { ...arbitration.counters },
          health: healthFiguresOf(arbitration.health),
          decisionLatency: latencyFiguresOf(decisionLatency),
        }),
  }
}

function healthFiguresOf(health: HealthFigures): HealthFigures {
  const { starvationEvents, priorityInversions, holderWaits, rejections, service } = health
  return { starvationEvents, priorityInversions, holderWaits, rejections: new Map(rejections), service }
}
