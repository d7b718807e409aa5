/** What a run's stages counted, whichever thread they were on. Plain values. */
import type { Histogram } from './base/histogram.ts'
import type { RejectionReason } from './domain/decision.ts'
import { type LatencyName, latencyNames } from './pipeline/stage-latency.ts'
import type { Region } from './region/region.ts'
import type { Stages } from './stage-set.ts'
import type { HolderWaits, TypeService } from './stages/arbitration/arbitration-health.ts'
import type { ArbitrationCounters } from './stages/arbitration/arbitration-stage.ts'
import type { RegistryCounters } from './stages/registry/registry-stage.ts'
import type { ReservationCounters } from './stages/reservation/reservation-stage.ts'

/** How often a latency was measured, and its percentiles, nanoseconds. */
export interface LatencyFigures {
  readonly count: number
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
  readonly latency: Readonly<Record<LatencyName, LatencyFigures>>
}

/** What the stages measured, whichever thread they are on. @param region - The engine's. */
export function latencyFiguresIn(region: Region): EngineFigures['latency'] {
  return Object.fromEntries(
    latencyNames.map((name) => [name, latencyFiguresOf(region.histogram(name))]),
  ) as EngineFigures['latency']
}

function latencyFiguresOf(histogram: Histogram): LatencyFigures {
  const { count, max } = histogram
  return { count, p50Ns: histogram.percentile(0.5), p99Ns: histogram.percentile(0.99), maxNs: max }
}

/** Of those of the stages that are here. */
export function figuresOf(stages: Partial<Stages>): Partial<EngineFigures> {
  const { registry, arbitration, reservation } = stages
  return {
    ...(registry === undefined ? {} : { registry: { ...registry.counters } }),
    ...(reservation === undefined
      ? {}
      : { reservation: { ...reservation.counters, deniedBy: { ...reservation.counters.deniedBy } } }),
    ...(arbitration === undefined
      ? {}
      : { arbitration: { ...arbitration.counters }, health: healthFiguresOf(arbitration.health) }),
  }
}

function healthFiguresOf(health: HealthFigures): HealthFigures {
  const { starvationEvents, priorityInversions, holderWaits, rejections, service } = health
  return { starvationEvents, priorityInversions, holderWaits, rejections: new Map(rejections), service }
}
