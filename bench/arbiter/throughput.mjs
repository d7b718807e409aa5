/** Decisions a second at 8 candidates: with the binary record, and with reservation and release through a native region too. */
import Benchmark from 'benchmark'
import { createFrameRing } from '../../dist/channel/frame-ring.js'
import { eventRecordFields } from '../../dist/domain/event-record.js'
import { defaultPolicy } from '../../dist/domain/policy.js'
import { limitsOf } from '../../dist/engine-limits.js'
import { Region } from '../../dist/region/region.js'
import { throughputAtLeast } from '../bars.mjs'
import { percentilesOf } from '../statistics.mjs'
import { capitalMinor, decidingInto, drawSets, types } from './decisions.mjs'

const candidateCount = 8
const ringDoubles = 2 ** 16
const nsPerSecond = 1e9
const leaseUntilNs = 1e15

const cases = {
  record: { name: 'decisions, 8 candidates, record', leastPerSecond: 500_000, decider: () => recording(false) },
  reservation: { name: 'the same, reserved and released', leastPerSecond: 300_000, decider: reserving },
}

export function measure(argument, isQuick) {
  const { name, leastPerSecond, decider } = cases[argument]
  const decide = decider()
  let sum = 0
  const benchmark = new Benchmark(name, () => {
    sum += decide()
  })
  // The first cycles warm up; benchmark takes its samples after them.
  benchmark.options.minSamples = isQuick ? 20 : 50
  benchmark.options.maxTime = isQuick ? 1 : 4
  const endMs = performance.now() + (isQuick ? 300 : 2_000)
  while (performance.now() < endMs) sum += decide()
  benchmark.run()
  if (benchmark.error !== undefined || sum === 0) throw benchmark.error ?? new Error('nothing was decided')
  const { stats } = benchmark
  const percentiles = percentilesOf(Float64Array.from(stats.sample, (seconds) => seconds * nsPerSecond))
  return [
    {
      name,
      unit: 'ns',
      samples: stats.sample.length,
      ...percentiles,
      throughput_per_s: 1 / stats.mean,
      floor: null,
      ratio: null,
      bars: [throughputAtLeast(leastPerSecond)],
    },
  ]
}

function recording(isSelecting) {
  return decidingInto(createFrameRing(ringDoubles), drawSets(candidateCount, { isSelecting }), candidateCount)
}

/** After each decision the winner is reserved in the ledger and given back. Its handle is the one that the region gave its event. */
function reserving() {
  const snapshots = []
  const region = Region.create({ snapshots, events: { types, fields: eventRecordFields } }, { backend: 'native' })
  region.reservations.setLimits(limitsOf(defaultPolicy, types, capitalMinor))
  const sets = drawSets(candidateCount, { isSelecting: true })
  for (const { candidates } of sets) {
    for (let at = 0; at < candidates.count; at++) {
      const made = region.events.register(candidates.ids[at], candidates.typeIndex[at], candidates.symbolIndex[at])
      candidates.handle[at] = made.handle
    }
  }
  const ring = createFrameRing(ringDoubles)
  const { reservations } = region
  const request = { handle: 0, capitalMinor: 0, leaseUntilNs }
  return decidingInto(ring, sets, candidateCount, (view, candidates) => {
    request.handle = candidates.handle[view.winner]
    request.capitalMinor = view.allocationMinor[view.winner]
    const reserved = reservations.reserve(request)
    if (!reserved.ok || !reservations.release(reserved.token).ok) throw new Error(`refused: ${reserved.refusal}`)
  })
}
