/**
 * What of a run is measured, each in a histogram of the region: the stages on a record's way, the whole way, and the decision by itself.
 * Any thread; each histogram has one that records.
 */
import type { Region } from '../region/region.ts'
import type { LatencyProbe } from './host.ts'
import { type StageName, stageNames } from './topology.ts'

/** The stages whose latency is kept, in the order of a record's way through them. */
export const measuredStages = [
  'state',
  'detection',
  'registry',
  'arbitration',
  'reservation',
  'order',
] as const satisfies readonly StageName[]

/** The region's histograms: beside the stages, `record` is received to all at rest, `decision` candidates read to decided. */
export const latencyNames = [...measuredStages, 'record', 'decision'] as const
export type LatencyName = (typeof latencyNames)[number]

/**
 * Records the latencies of the stages that the caller's thread runs.
 *
 * @param region - The thread's attachment; its schema has `latencyNames`.
 * @param monotonicNs - A clock that all threads of the pipeline share.
 */
export function latencyProbeOf(region: Region, monotonicNs: () => number): LatencyProbe {
  const kept = new Set<StageName>(measuredStages)
  const histograms = stageNames.map((name) => (kept.has(name) ? region.histogram(name) : null))
  return { monotonicNs, record: (stage, intendedNs) => histograms[stage]?.record(monotonicNs() - intendedNs) }
}
